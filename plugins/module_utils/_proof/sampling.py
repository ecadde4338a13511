# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many links may be missing where only a sample of them was checked: the exact bound, from the hypergeometric
distribution. The binomial one would be wrong: links are drawn without replacement, and it ignores how many there are.
"""

from __future__ import annotations

import math

#: Larger than any error of rounding. Without it, a probability that is exactly as large as the confidence allows would
#: sometimes count as larger.
_TOLERANCE = 1e-9


def bound(total: int, drawn: int, missing: int, confidence: float) -> int:
    """The most links that may be missing in all.

    If more were missing, a sample with no more than C(missing) would be less probable than C(1 - confidence).

    :param total: how many links there are.
    :param drawn: how many of them were checked.
    :param missing: how many of these are missing.
    :param confidence: from 0 to less than 1.
    """
    likely = (1 - confidence) * (1 + _TOLERANCE)
    low, high = missing, total - drawn + missing
    while low < high:
        middle = (low + high + 1) // 2
        if _at_most(missing, middle, total, drawn) > likely:
            low = middle
        else:
            high = middle - 1
    return low


def size_for(total: int, most: int, confidence: float) -> int:
    """How many links have to be checked, so that at most C(most) can be missing if none is seen to be missing."""
    low, high = 0, total
    while low < high:
        middle = (low + high) // 2
        if bound(total, middle, 0, confidence) <= most:
            high = middle
        else:
            low = middle + 1
    return low


def share_of_error(confidence: float, statements: int) -> float:
    """The confidence of each of several statements, so that all of them together have this one."""
    return 1 - (1 - confidence) / max(statements, 1)


def _at_most(seen: int, missing: int, total: int, drawn: int) -> float:
    """The probability that a sample has at most C(seen) of the links that are missing."""
    least = max(0, drawn - (total - missing))
    every = _ways(total, drawn)
    return math.fsum(
        math.exp(_ways(missing, each) + _ways(total - missing, drawn - each) - every)
        for each in range(least, min(seen, missing, drawn) + 1)
    )


def _ways(total: int, drawn: int) -> float:
    """The logarithm of the number of ways to draw some of several things."""
    return math.lgamma(total + 1) - math.lgamma(drawn + 1) - math.lgamma(total - drawn + 1)
