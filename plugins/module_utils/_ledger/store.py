# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger asks of a database."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from .._clock import Clock
from .._errors import LedgerError

#: How long the end of a run waits for what another thread does with the database, in seconds.
_CLOSE_TIMEOUT = 1.0
#: A row of a table: its values, by the names of the columns.
Row = Mapping[str, Any]


class Unavailable(LedgerError):
    """The database cannot be used at the moment: it is locked, full, or away. Whether the statement was executed is not
    known, so only one that does no harm twice may be executed again.
    """


class Store(Protocol):
    """The tables of L(schema) in a database.

    Statements are in the SQL that all stores speak, their parameters written C(:name). Each call is a transaction of
    its own and durable when it returns. All failures are L(LedgerError); those that may pass are L(Unavailable).
    """

    #: What messages call it. No password is in it.
    name: str
    #: What finds it again, as users write it; None where that has a password, and in memory.
    place: str | None
    #: The version of the tables; 0 where there are none.
    version: int

    def query(self, statement: str, parameters: Row) -> list[Row]:
        """The rows of a SELECT."""

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        """Change something; the number of rows that the last statement has changed.

        :param more: statements of the same transaction, with the same parameters.
        """

    def now(self, clock: Clock) -> datetime:
        """The time that leases are measured by, the same for all who share the store."""

    def close(self) -> None:
        """Close the database."""


class OneAtATime:
    """A store that several threads use."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self.name, self.place, self.version = store.name, store.place, store.version

    def query(self, statement: str, parameters: Row) -> list[Row]:
        with self._lock:
            return self._store.query(statement, parameters)

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        with self._lock:
            return self._store.execute(statement, parameters, *more)

    def now(self, clock: Clock) -> datetime:
        with self._lock:
            return self._store.now(clock)

    def close(self) -> None:
        # Where the work was stopped, a thread that was left alone may wait for the database as long as it likes.
        if self._lock.acquire(timeout=_CLOSE_TIMEOUT):
            try:
                self._store.close()
            finally:
                self._lock.release()
