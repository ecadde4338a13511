# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of repairs: what was to be created, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self


class RepairState(StrEnum):
    """What became of a repair."""

    #: It was written down, and may have been sent.
    INTENDED = "intended"
    CREATED = "created"
    UNDONE = "undone"
    #: It was there already, or was given up before it was sent.
    NOT_CREATED = "not_created"


@dataclass(frozen=True)
class RepairLink:
    """A remote link that a repair creates."""

    server: str
    product_url: str
    destination_url: str
    issue: str
    target: str
    global_id: str
    relationship: str
    #: Where it leads.
    url: str


@dataclass(frozen=True)
class Repair(RepairLink):
    """One link that a repair created, or was to create."""

    number: int
    state: RepairState
    #: The id of the remote link at its site.
    link_id: int | None
    intended_at: datetime
    created_at: datetime | None
    undone_at: datetime | None


class Repairing:
    """The right to repair. One process at a time has it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        """Let others repair."""

    def intend(self, link: RepairLink) -> Repair:
        """Write down what is sent next. A repair of this link that was intended before goes on, as it was intended."""
        raise NotImplementedError

    def created(self, number: int, link_id: int) -> None:
        """The link is there."""
        raise NotImplementedError

    def not_created(self, number: int) -> None:
        """The link was there already, or was not sent."""
        raise NotImplementedError

    def undone(self, number: int) -> None:
        """The link was deleted, or is gone."""
        raise NotImplementedError

    def keep_alive(self) -> None:
        """Tell others that this process goes on."""
        raise NotImplementedError


class RepairStore:
    """The journal of all repairs. May be used by several threads."""

    def begin(self, lease: timedelta) -> Repairing:
        """Begin to repair, or to undo. One process at a time does so, whichever sites it is for."""
        raise NotImplementedError

    def every(self, product_urls: Collection[str]) -> list[Repair]:
        """All repairs at these sites, the oldest first."""
        raise NotImplementedError

    def latest(self, product_url: str, issue: str, target: str) -> Repair | None:
        """The newest repair of a link."""
        raise NotImplementedError
