# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger asks of a database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from .._clock import Clock

#: A row of a table: its values, by the names of the columns.
Row = Mapping[str, Any]


class Store(Protocol):
    """The tables of L(schema) in a database.

    Statements are in the SQL that all stores speak, their parameters written C(:name). Each is a transaction of its own
    and durable when it returns. All failures are L(LedgerError).
    """

    #: The version of the tables; 0 where there are none.
    version: int

    def query(self, statement: str, parameters: Row) -> list[Row]:
        """The rows of a SELECT."""

    def execute(self, statement: str, parameters: Row, *, once: bool = False) -> int:
        """Change something; the number of rows that were changed.

        :param once: after a broken connection nobody knows whether the statement was executed. Then it fails, where
            other statements are executed again.
        """

    def now(self, clock: Clock) -> datetime:
        """The time that leases are measured by, the same for all who share the store."""

    def close(self) -> None:
        """Close the database."""
