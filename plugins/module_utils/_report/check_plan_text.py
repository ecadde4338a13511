# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check is about to ask, for people."""

from __future__ import annotations

import math
from collections.abc import Iterator

from .._progress import roughly
from .._proof.access import PACE
from .._proof.plan import CheckPlan, PairPlan
from .._text import aligned, names, wrapped
from .check_words import percent
from .numbers import number, number_of


def check_plan_text(plan: CheckPlan) -> list[str]:
    """How many links of each instance are checked, and how long that takes."""
    drawn, total = (sum(getattr(each, name) for each in plan.pairs) for name in ("drawn", "total"))
    how = (
        f"a sample of {number(drawn)} of {number_of(total, 'link')}"
        if drawn < total
        else f"all {number_of(total, 'link')}"
    )
    instances = list(dict.fromkeys((each.instance, each.product_url) for each in plan.pairs))
    rows = [_row(name, plan, url) for name, url in instances]
    most = max((plan.at_most(url) for _name, url in instances), default=0)
    # One more request looks up a hundred issues.
    takes = roughly(math.ceil(most * 1.01) / PACE) if most else "no time"
    allowed = percent(plan.max_missing) if plan.max_missing else "none"
    notes = [
        f"Of each pair, and of all together, {allowed} may be missing",
        f"The sites are asked at once. At {PACE:g} requests a second each that takes {takes}",
    ]
    head = ("instance", "links", "checked", "not yet", "issues")
    return [
        *wrapped(f"Links to check: {how}", others="  "),
        *aligned([head, *rows]),
        *(line for note in notes for line in wrapped(note, others="  ")),
    ]


def plan_warnings(plan: CheckPlan, option: str) -> Iterator[str]:
    """What a user should know before a check.

    :param option: what messages call the size of the sample.
    """
    if small := plan.too_small():
        needed = max(small.values())
        yield (
            f"The sample is too small for {names([*small], 3)}: even if none of these links is missing, it cannot show "
            f"that at most {percent(plan.max_missing)} are. Set {option} to {needed} or more, or to all"
        )


def _row(name: str, plan: CheckPlan, product_url: str) -> tuple[str, ...]:
    own: list[PairPlan] = [each for each in plan.pairs if each.product_url == product_url]
    sums = (sum(getattr(each, field) for each in own) for field in ("expected", "drawn", "not_yet"))
    return name, *map(number, sums), number(plan.at_most(product_url))
