# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The right of one process to work on a row.

Each write is a transaction that first extends the lease, which keeps others from taking the row over meanwhile, and
that changes nothing where another process holds the row now.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any, Self

from .._clock import from_text, to_text
from .._errors import LedgerError
from .._ledger.store import Row
from .database import Database
from .leased import Leased


class Lease:
    """The right to work on a row. May be used by several threads."""

    def __init__(self, database: Database, leased: Leased, row: Row, length: timedelta, *, is_resumed: bool) -> None:
        """:param length: for how long others believe that this process goes on after each of its writes.
        :param is_resumed: whether somebody has worked on the row before.
        """
        self.number: int = row[leased.key]
        self.row = row
        (self.begun_at,) = database.parsed(lambda row: from_text(row["begun_at"]), [row])
        self.is_resumed = is_resumed
        #: Which row it is, and who holds it, as parameters.
        self.key: Row = {leased.key: self.number, "holder": row["holder"]}
        self._db = database
        self._leased = leased
        self._length = length

    def execute(self, parameters: Row, *statements: str) -> int:
        """Extend the lease, then change something; the number of rows that the last statement has changed.

        :param statements: they change nothing where another process holds the row, see L(Leased.held).
        """
        now = self._db.now()
        held = {**self.key, "now": to_text(now), "lease_until": to_text(now + self._length)}
        return self._db.execute(self._leased.extend, {**held, **parameters}, *statements)

    def write(self, parameters: Row, *statements: str) -> None:
        """The same, where the last statement changes a row.

        :raises LedgerError: it has not, as another process holds the row now.
        """
        if not self.execute(parameters, *statements):
            raise self.lost()

    def extend(self, parameters: Row | None = None, *statements: str) -> None:
        """The same, whatever the statements change.

        :raises LedgerError: another process holds the row now.
        """
        self.write(parameters or {}, *statements, self._leased.extend)

    def end(self, complete: bool, **columns: Any) -> None:
        """The work on the row is done.

        :param columns: what to write besides.
        :raises LedgerError: another process holds it now.
        """
        changes = ", ".join(f"{name} = :{name}" for name in ("complete", *columns))
        self.write(
            {"complete": complete, **columns},
            f"UPDATE {self._leased.table} SET ended_at = :now, lease_until = '', {changes}"  # noqa: S608
            f" WHERE {self._leased.is_mine}",
        )

    def release(self) -> None:
        """Let others go on at once."""
        self._db.execute(f"UPDATE {self._leased.table} SET lease_until = '' WHERE {self._leased.is_mine}", self.key)  # noqa: S608

    def lost(self) -> LedgerError:
        """The failure where this process does not hold the row any more."""
        rows = self._db.query(
            f"SELECT holder FROM {self._leased.table} WHERE {self._leased.key} = :{self._leased.key}",  # noqa: S608
            self.key,
        )
        is_there = any(row["holder"] for row in rows)
        return self._leased.is_taken_over(self.number) if is_there else self._leased.is_gone(self.number)


class UnderLease:
    """What a process does while it holds a row, until the end of a C(with) block."""

    def __init__(self, lease: Lease) -> None:
        self.begun_at = lease.begun_at
        self.is_resumed = lease.is_resumed
        self._lease = lease

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        # Where that fails, the end of this process tells others, or that of the lease.
        with suppress(LedgerError):
            self.release()

    def keep_alive(self) -> None:
        """Tell others that this process goes on, as for a long wait.

        :raises LedgerError: another process holds the row now.
        """
        self._lease.extend()

    def release(self) -> None:
        """Let others go on at once."""
        self._lease.release()
