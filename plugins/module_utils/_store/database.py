# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The database of censuses, checks and repairs, for several threads, and through short outages."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from .._clock import Clock
from .._ledger.outage import OutageRetry
from .._ledger.store import OneAtATime, Row, Store
from .schema import CENSUS

T = TypeVar("T")


class Database:
    """Executes statements that do no harm when they are executed twice, until they succeed or that takes too long."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.name = store.name
        self._store = OneAtATime(store)
        self._clock = clock
        self._retries = OutageRetry(clock)

    def query(self, statement: str, parameters: Row) -> list[Row]:
        """The rows of a SELECT."""
        return self._retries.repeat(lambda: self._store.query(statement, parameters))

    def query_since(self, version: int, statement: str, parameters: Row) -> list[Row]:
        """The same; no rows where the tables are older, which who only reads cannot change."""
        return self.query(statement, parameters) if self._store.version >= version else []

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        """Change something in one transaction; the number of rows that the last statement has changed."""
        return self._retries.repeat(lambda: self._store.execute(statement, parameters, *more))

    def now(self) -> datetime:
        """The time that leases are measured by."""
        return self._retries.repeat(lambda: self._store.now(self._clock))

    def parsed(self, parse: Callable[[Row], T], rows: Iterable[Row]) -> list[T]:
        """What the rows of a query mean.

        :raises LedgerError: one cannot be right.
        """
        try:
            return [parse(row) for row in rows]
        except (ValueError, TypeError, KeyError, AttributeError) as exc:
            raise CENSUS.damaged(self.name, f"an entry cannot be read: {exc}") from exc

    def close(self) -> None:
        self._store.close()
