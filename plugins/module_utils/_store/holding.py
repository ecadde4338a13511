# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who works on a census, a check or a repair: one process at a time, and after its end another one goes on."""

from __future__ import annotations

import math
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .._clock import from_text, to_text
from .._ledger import claimant
from .._ledger.store import Row
from .database import Database
from .lease import Lease
from .leased import Leased


@dataclass(frozen=True)
class Beginning:
    """What a new row has, and what is written with it."""

    #: Who begins with the same one goes on with the row.
    digest: str
    columns: Row = field(default_factory=dict)
    #: The parameters of further statements.
    parameters: Row = field(default_factory=dict)
    statements: Sequence[str] = ()


def hold(database: Database, leased: Leased, beginning: Beginning, length: timedelta) -> Lease:
    """Get hold of the newest row of a digest, or of a new one if that is complete or too old.

    :param length: for how long others believe that this process goes on after each of its writes.
    :raises LedgerError: another process works on it.
    """
    holder = f"{claimant.myself()} {uuid.uuid4().hex}"
    while True:
        # One look: with a second one for the next number, two processes that begin at once could both add one.
        rows = database.query(leased.all_rows, {})
        now = database.now()
        begun = _begun(database, leased, beginning.digest, rows, now)
        claim = {"holder": holder, "now": to_text(now), "lease_until": to_text(now + length)}
        if begun:
            _take_over(database, leased, begun, claim)
        else:
            number = rows[0][leased.key] + 1 if rows else 1
            _add(database, leased, beginning, {**claim, leased.key: number})
        # Another process may have been quicker.
        if lease := _lease(database, leased, holder, length, is_resumed=begun is not None):
            return lease


def _begun(database: Database, leased: Leased, digest: str, rows: Sequence[Row], now: datetime) -> Row | None:
    """The row to go on with, if there is one.

    :raises LedgerError: another process may still work on it.
    """
    newest = next((row for row in rows if row["digest"] == digest), None)
    if newest is None or newest["complete"]:
        return None
    (minutes,) = database.parsed(lambda row: _minutes_held(row, now), [newest])
    if minutes:
        raise leased.is_held(newest[leased.key], database.name, minutes)
    (is_too_old,) = database.parsed(lambda row: now - from_text(row["begun_at"]) > leased.lasts, [newest])
    return None if is_too_old else newest


def _lease(database: Database, leased: Leased, holder: str, length: timedelta, *, is_resumed: bool) -> Lease | None:
    """What a holder holds."""
    rows = database.query(f"SELECT * FROM {leased.table} WHERE holder = :holder", {"holder": holder})  # noqa: S608
    return next((Lease(database, leased, row, length, is_resumed=is_resumed) for row in rows), None)


def _minutes_held(row: Row, now: datetime) -> int:
    """For how long the last process that has worked on a row may still do so; 0 where it does not."""
    if not row["lease_until"]:
        return 0
    process = row["holder"].rpartition(" ")[0]
    left = from_text(row["lease_until"]) - now
    if claimant.is_at_work(process) or (left > timedelta(0) and not claimant.is_gone(process)):
        return max(math.ceil(left / timedelta(minutes=1)), 1)
    return 0


def _take_over(database: Database, leased: Leased, row: Row, claim: Row) -> None:
    """Go on with a row, unless somebody else does so at the same moment."""
    database.execute(
        f"UPDATE {leased.table} SET holder = :holder, lease_until = :lease_until, ended_at = NULL"  # noqa: S608
        f" WHERE {leased.key} = :number AND holder = :earlier AND lease_until = :earlier_lease AND NOT complete",
        {**claim, "number": row[leased.key], "earlier": row["holder"], "earlier_lease": row["lease_until"]},
    )


def _add(database: Database, leased: Leased, beginning: Beginning, claim: Row) -> None:
    """Add a row, unless somebody else adds one with this number at the same moment."""
    more = {"digest": beginning.digest, **beginning.columns}
    names, values = ", ".join(more), ", ".join(f":{name}" for name in more)
    database.execute(
        f"INSERT INTO {leased.table} ({leased.key}, begun_at, holder, lease_until, {names})"  # noqa: S608
        f" VALUES (:{leased.key}, :now, :holder, :lease_until, {values}) ON CONFLICT DO NOTHING",
        {**claim, **more, **beginning.parameters},
        *beginning.statements,
    )
