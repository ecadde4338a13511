# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairs, as they are in the journal."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum

from .._clock import from_text
from .._ledger.store import Row
from .database import Database
from .schema import CHECKS_SINCE


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


#: The columns of a link.
LINK_COLUMNS = tuple(each.name for each in fields(RepairLink))


def repairs_in(database: Database, condition: str, parameters: Row) -> list[Repair]:
    """The repairs for which a condition holds, the oldest first."""
    rows = database.query_since(
        CHECKS_SINCE,
        f"SELECT * FROM link_repairs WHERE {condition} ORDER BY repair_number",  # noqa: S608
        parameters,
    )
    return database.parsed(_repair_in, rows)


def latest_of(database: Database, product_url: str, issue: str, target: str) -> Repair | None:
    """The newest repair of a link."""
    found = repairs_in(
        database,
        "product_url = :product_url AND issue = :issue AND target = :target",
        {"product_url": product_url, "issue": issue, "target": target},
    )
    return found[-1] if found else None


def _repair_in(row: Row) -> Repair:
    return Repair(
        **{name: row[name] for name in LINK_COLUMNS},
        number=row["repair_number"],
        state=RepairState(row["state"]),
        link_id=row["link_id"],
        intended_at=from_text(row["intended_at"]),
        created_at=_moment(row["created_at"]),
        undone_at=_moment(row["undone_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None
