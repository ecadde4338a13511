# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Numbers of links, as people read them."""

from __future__ import annotations

from collections.abc import Sequence

#: What a census that was not read from the database can say. Issues that the account does not see are not in it.
COMPLETE_AS_SEEN = "complete as this account sees it"

_NOT_COUNTED = "?"


def number(links: int | None) -> str:
    """A number of links; a mark where nobody has counted."""
    return _NOT_COUNTED if links is None else f"{links:,}"


def sum_of(numbers: Sequence[int | None]) -> str:
    """A sum of numbers, and a mark where a part of it was not counted: C(1,234), C(1,234+?), C(?)."""
    known = [each for each in numbers if each is not None]
    parts = [*([number(sum(known))] if known or not numbers else []), *({_NOT_COUNTED} if None in numbers else ())]
    return "+".join(parts)


def number_of(count: int, what: str) -> str:
    """A number of things: C(1 link), C(1,234 links)."""
    return f"{number(count)} {what}{'' if count == 1 else 's'}"
