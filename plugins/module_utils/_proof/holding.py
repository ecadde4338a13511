# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who counts a generation: one process at a time, and after its end another one goes on."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from .._clock import from_text, to_text
from .._errors import LedgerError
from .._ledger import claimant
from .._ledger.store import Row
from .database import Database
from .insertions import Texts, insertions
from .scope import Scope

#: Whether this process holds the generation.
HELD = "EXISTS (SELECT 1 FROM link_census_generations WHERE generation = :generation AND holder = :holder)"


@dataclass(frozen=True)
class Holding:
    """The right to count a generation."""

    generation: int
    #: What no other process, and nobody else in this one, has.
    holder: str
    lease: timedelta
    seed: str
    begun_at: datetime
    #: Whether a part of it was counted before.
    is_resumed: bool


def hold(database: Database, scope: Scope, lease: timedelta) -> Holding:
    """Get hold of the newest generation of a scope, or of a new one if that is complete.

    :param lease: for how long others believe that this process goes on after each of its writes.
    :raises LedgerError: another process counts it.
    """
    holder = f"{claimant.myself()} {uuid.uuid4().hex}"
    while True:
        newest = _newest(database, scope)
        if newest:
            _take_over(database, newest, holder, lease)
        else:
            _add(database, scope, holder, lease)
        # Another process may have been quicker.
        for row in database.query("SELECT * FROM link_census_generations WHERE holder = :it", {"it": holder}):
            return _holding_in(database, row, lease, is_resumed=newest is not None)


def _newest(database: Database, scope: Scope) -> Row | None:
    """The newest generation of a scope, if it is not complete."""
    rows = database.query(
        "SELECT * FROM link_census_generations WHERE digest = :digest ORDER BY generation DESC LIMIT 1",
        {"digest": scope.digest},
    )
    return rows[0] if rows and not rows[0]["complete"] else None


def _holding_in(database: Database, row: Row, lease: timedelta, *, is_resumed: bool) -> Holding:
    try:
        return Holding(row["generation"], row["holder"], lease, row["seed"], from_text(row["begun_at"]), is_resumed)
    except (ValueError, TypeError) as exc:
        raise database.damaged(exc) from exc


def _take_over(database: Database, row: Row, holder: str, lease: timedelta) -> None:
    """Go on with a generation, unless somebody else does so at the same moment.

    :raises LedgerError: another process counts it.
    """
    now = database.now()
    if _is_held(database, row, now):
        raise LedgerError(
            f"another process counts the links of this federation already (census {row['generation']} in "
            f"{database.name})",
            f"let it end. If it was killed, run the same command again after {row['lease_until']}: it goes on where "
            "that one stopped",
        )
    database.execute(
        "UPDATE link_census_generations SET holder = :holder, lease_until = :until, ended_at = NULL"
        " WHERE generation = :generation AND holder = :earlier_holder AND lease_until = :earlier_until"
        " AND NOT complete",
        {
            "holder": holder,
            "until": to_text(now + lease),
            "generation": row["generation"],
            "earlier_holder": row["holder"],
            "earlier_until": row["lease_until"],
        },
    )


def _is_held(database: Database, row: Row, now: datetime) -> bool:
    """Whether the last process that has counted a generation may still do so."""
    if not row["lease_until"]:
        return False
    try:
        process = str(row["holder"]).rpartition(" ")[0]
        lasts = now < from_text(row["lease_until"])
        return claimant.is_at_work(process) or (lasts and not claimant.is_gone(process))
    except (ValueError, TypeError) as exc:
        raise database.damaged(exc) from exc


def _add(database: Database, scope: Scope, holder: str, lease: timedelta) -> None:
    """Add a generation with the next number, unless somebody else adds one at the same moment."""
    (last,) = database.query("SELECT MAX(generation) AS it FROM link_census_generations", {})
    now, texts = database.now(), Texts()
    projects = [
        f"({number}, {texts.name(each.source)}, {texts.name(each.key)}, {texts.name(each.product_url)})"
        for number, each in enumerate(scope.projects, 1)
    ]
    database.execute(
        "INSERT INTO link_census_generations (generation, digest, sources, seed, begun_at, holder, lease_until)"
        " VALUES (:generation, :digest, :sources, :seed, :begun_at, :holder, :lease_until) ON CONFLICT DO NOTHING",
        {
            **texts.parameters,
            "generation": (last["it"] or 0) + 1,
            "digest": scope.digest,
            "sources": json.dumps(scope.sources),
            "seed": uuid.uuid4().hex,
            "begun_at": to_text(now),
            "holder": holder,
            "lease_until": to_text(now + lease),
        },
        *insertions("link_census_projects", "number, source, key, product_url", projects, HELD, "DO NOTHING"),
    )
