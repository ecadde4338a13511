# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repair, or an undo, has made of each link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypedDict, cast

from .._clock import to_text


class Fate(StrEnum):
    """What became of a link."""

    CREATED = "created"
    #: It was left as it is.
    SKIPPED = "skipped"
    #: It was removed again.
    UNDONE = "undone"
    FAILED = "failed"


class LinkResult(TypedDict):
    """One link, in the words of results."""

    instance: str
    destination: str
    issue: str
    target: str
    relationship: str
    url: str
    reason: str


class RepairResult(TypedDict):
    """The file C(link_repair.json)."""

    #: Whether links were removed, and not created.
    undo: bool
    #: RFC 3339 in UTC.
    begun_at: str
    ended_at: str
    created: list[LinkResult]
    skipped: list[LinkResult]
    failed_links: list[LinkResult]
    undone: list[LinkResult]


@dataclass(frozen=True)
class Outcome:
    """What became of one link. In check mode, what would become of it."""

    fate: Fate
    instance: str
    destination: str
    issue: str
    target: str
    relationship: str
    #: Where the link leads.
    url: str
    #: Why it was left, or what went wrong; of one that was created, what is worth knowing.
    reason: str = ""

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.issue} -> {self.target}"

    def as_result(self) -> LinkResult:
        """What results have of it."""
        return cast("LinkResult", {name: getattr(self, name) for name in LinkResult.__annotations__})


def repair_result(outcomes: Sequence[Outcome], undo: bool, begun_at: datetime, ended_at: datetime) -> RepairResult:
    """The outcomes of a run, in the words of results."""

    def all_of(fate: Fate) -> list[LinkResult]:
        return [each.as_result() for each in outcomes if each.fate is fate]

    return {
        "undo": undo,
        "begun_at": to_text(begun_at),
        "ended_at": to_text(ended_at),
        "created": all_of(Fate.CREATED),
        "skipped": all_of(Fate.SKIPPED),
        "failed_links": all_of(Fate.FAILED),
        "undone": all_of(Fate.UNDONE),
    }
