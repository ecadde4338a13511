# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who counts a generation: one process at a time, and after its end another one goes on."""

from __future__ import annotations

import json
import math
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
        # One look: with a second one for the next number, two processes that begin at once could both add one.
        generations = database.query("SELECT * FROM link_census_generations ORDER BY generation DESC", {})
        newest = next((row for row in generations if row["digest"] == scope.digest), None)
        begun = newest if newest and not newest["complete"] else None
        now = database.now()
        claim = {"holder": holder, "now": to_text(now), "lease_until": to_text(now + lease)}
        if begun:
            _refuse_held(database, begun, now)
            _take_over(database, begun, claim)
        else:
            _add(database, scope, {**claim, "generation": generations[0]["generation"] + 1 if generations else 1})
        # Another process may have been quicker.
        if holding := _holding(database, holder, lease, is_resumed=begun is not None):
            return holding


def _holding(database: Database, holder: str, lease: timedelta, *, is_resumed: bool) -> Holding | None:
    """What a holder holds."""
    rows = database.query("SELECT * FROM link_census_generations WHERE holder = :holder", {"holder": holder})
    return next(
        iter(
            database.parsed(
                lambda row: Holding(
                    row["generation"], holder, lease, row["seed"], from_text(row["begun_at"]), is_resumed
                ),
                rows,
            )
        ),
        None,
    )


def _refuse_held(database: Database, row: Row, now: datetime) -> None:
    """Stop where another process may still count a generation.

    :raises LedgerError: one may.
    """
    (minutes,) = database.parsed(lambda row: _minutes_held(row, now), [row])
    if minutes:
        raise LedgerError(
            f"another process counts the links of this federation already (census {row['generation']} in "
            f"{database.name})",
            f"let it end. If it was killed, run the same command again in {minutes} min: it goes on where that one "
            "stopped",
        )


def _minutes_held(row: Row, now: datetime) -> int:
    """For how long the last process that has counted a generation may still do so; 0 where it does not."""
    if not row["lease_until"]:
        return 0
    process = row["holder"].rpartition(" ")[0]
    left = from_text(row["lease_until"]) - now
    if claimant.is_at_work(process) or (left > timedelta(0) and not claimant.is_gone(process)):
        return max(math.ceil(left / timedelta(minutes=1)), 1)
    return 0


def _take_over(database: Database, row: Row, claim: Row) -> None:
    """Go on with a generation, unless somebody else does so at the same moment."""
    database.execute(
        "UPDATE link_census_generations SET holder = :holder, lease_until = :lease_until, ended_at = NULL"
        " WHERE generation = :generation AND holder = :earlier AND lease_until = :earlier_lease AND NOT complete",
        {
            **claim,
            "generation": row["generation"],
            "earlier": row["holder"],
            "earlier_lease": row["lease_until"],
        },
    )


def _add(database: Database, scope: Scope, claim: Row) -> None:
    """Add a generation, unless somebody else adds one with this number at the same moment."""
    texts = Texts()
    projects = [
        f"({number}, {texts.name(each.source)}, {texts.name(each.key)}, {texts.name(each.product_url)})"
        for number, each in enumerate(scope.projects, 1)
    ]
    database.execute(
        "INSERT INTO link_census_generations (generation, digest, sources, seed, begun_at, holder, lease_until)"
        " VALUES (:generation, :digest, :sources, :seed, :now, :holder, :lease_until) ON CONFLICT DO NOTHING",
        {
            **claim,
            **texts.parameters,
            "digest": scope.digest,
            "sources": json.dumps(scope.sources),
            "seed": uuid.uuid4().hex,
        },
        *insertions("link_census_projects", "number, source, key, product_url", projects, HELD, "DO NOTHING"),
    )
