# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a store, and those of a ledger, in the SQL that all stores speak.

Times are RFC 3339 text in UTC, so that they mean the same wherever they are read.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from .._errors import LedgerError
from .store import Row

#: For each version the statements that lead to the next one; the first makes the tables of version 1.
Migrations = Sequence[Iterable[str]]


@dataclass(frozen=True)
class Schema:
    """The tables of one purpose, and what messages say of them. A PostgreSQL database may have those of several."""

    #: What messages call them: C(ledger) in "the ledger /var/lib/ledger is damaged".
    noun: str
    migrations: Migrations
    #: The table that has their version in PostgreSQL.
    version_table: str
    #: What a SQLite file has in its header, so that nobody takes it for one of another purpose.
    application_id: int
    #: What to do where they are gone, and where their contents cannot be right.
    when_lost: str
    when_damaged: str
    #: The first version that has a L(GENERATION); none has one where it is infinite.
    generation_since: float = math.inf
    #: Whether they are too large to be checked or copied as a whole whenever they are opened.
    is_large: bool = False

    def refuse_newer(self, name: str, version: int) -> None:
        """Stop before anything is done to tables that a newer release has written.

        :raises LedgerError: they are.
        """
        if version > len(self.migrations):
            raise LedgerError(
                f"the {self.noun} {name} has version {version}, but this release of jira_cloud.federation reads "
                f"versions up to {len(self.migrations)} only",
                f"install the release that wrote it, or a newer one. The {self.noun} was not changed",
            )

    def lost(self, name: str, how: str) -> LedgerError:
        """The failure where the tables are not the ones any more that were opened."""
        return LedgerError(f"the {self.noun} {name} was lost during the run: {how}", self.when_lost)

    def damaged(self, name: str, how: str) -> LedgerError:
        """The failure where the contents of the tables cannot be right."""
        return LedgerError(f"the {self.noun} {name} is damaged: {how}", self.when_damaged)


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


#: The statement that tells the generation.
GENERATION = "SELECT id FROM link_update_generation"

#: A new ledger takes all of these steps, an older one those that it lacks. A change of the tables is a new step at the
#: end; a step that was released never changes. Runs of an older release may be at work while a step is taken, and go on
#: with the statements they know: so a step only adds, and what it adds may be left out of an INSERT.
MIGRATIONS: Migrations = (_VERSION_1, _Generation())


LEDGER = Schema(
    noun="ledger",
    migrations=MIGRATIONS,
    version_table="link_update_ledger",
    application_id=0,
    when_lost="restore it before you start another run: that would schedule everything again. The report has the jobs "
    "of this run, and ansible-playbook jira_cloud.federation.ledger can record each of them",
    when_damaged="restore it from a backup. Without one, look at the sites before you schedule anything. It was not "
    "changed",
    generation_since=2,
)


def insertion(table: str, row: Row, on_conflict: str = "DO NOTHING") -> str:
    """The statement that inserts a row, unless one with its primary key is there."""
    columns, places = ", ".join(row), ", ".join(f":{name}" for name in row)
    return f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT {on_conflict}"  # noqa: S608
