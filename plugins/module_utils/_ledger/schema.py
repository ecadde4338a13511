# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a ledger, in the SQL that all stores speak.

Times are RFC 3339 text in UTC, so that they mean the same wherever they are read.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Sequence

from .._errors import LedgerError
from .store import Row

#: For each version the statements that lead to the next one; the first makes the tables of version 1.
Migrations = Sequence[Iterable[str]]

#: The tables of release 0.1.0.
_VERSION_1 = (
    """
    CREATE TABLE link_update_attempts (
        identity TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        site_id TEXT NOT NULL,
        product TEXT NOT NULL,
        product_url TEXT NOT NULL,
        destination_url TEXT NOT NULL,
        migrated_from TEXT NOT NULL,
        migrated_from_override TEXT,
        recreate_as_remote BOOLEAN NOT NULL,
        create_backup BOOLEAN NOT NULL,
        wave TEXT NOT NULL,
        claimant TEXT,
        claimed_at TEXT NOT NULL,
        lease_until TEXT NOT NULL,
        job_id TEXT,
        submitted_at TEXT,
        status TEXT,
        completed_at TEXT,
        PRIMARY KEY (identity, attempt)
    )
    """,
    "CREATE INDEX link_update_attempts_by_job ON link_update_attempts (site_id, job_id)",
    # Each status that a job was seen in, and when it was first seen in it.
    """
    CREATE TABLE link_update_statuses (
        site_id TEXT NOT NULL,
        job_id TEXT NOT NULL,
        status TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (site_id, job_id, since, status)
    )
    """,
    # Until when a client must not send requests to a service. Nothing is lost with these rows.
    """
    CREATE TABLE link_update_limits (
        client TEXT NOT NULL PRIMARY KEY,
        quiet_until TEXT NOT NULL
    )
    """,
)


class _Generation:
    """A random id, made once with the ledger, so that a run notices when it is replaced by another one."""

    def __iter__(self) -> Iterator[str]:
        # One row: a copy of a ledger is a ledger of its own, and keeps the id that it has.
        yield "CREATE TABLE link_update_generation (one INTEGER NOT NULL PRIMARY KEY, id TEXT NOT NULL)"
        yield f"INSERT INTO link_update_generation VALUES (1, '{uuid.uuid4().hex}')"  # noqa: S608


#: The first version that has a generation, and the statement that tells it.
GENERATION_SINCE = 2
GENERATION = "SELECT id FROM link_update_generation"

#: A new ledger takes all of these steps, an older one those that it lacks. A change of the tables is a new step at the
#: end; a step that was released never changes. Runs of an older release may be at work while a step is taken, and go on
#: with the statements they know: so a step only adds, and what it adds may be left out of an INSERT.
MIGRATIONS: Migrations = (_VERSION_1, _Generation())


def refuse_newer(ledger: str, version: int, migrations: Migrations) -> None:
    """Stop before anything is done to a ledger that a newer release has written.

    :raises LedgerError: it is one.
    """
    if version > len(migrations):
        raise LedgerError(
            f"the ledger {ledger} has version {version}, but this release of jira_cloud.federation reads versions "
            f"up to {len(migrations)} only",
            "install the release that wrote it, or a newer one. The ledger was not changed",
        )


def insertion(table: str, row: Row, on_conflict: str = "DO NOTHING") -> str:
    """The statement that inserts a row, unless one with its primary key is there."""
    columns, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT {on_conflict}"  # noqa: S608
