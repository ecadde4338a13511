# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in a PostgreSQL database, shared by runs on several machines, or in containers that leave nothing behind."""

from __future__ import annotations

import re
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from .._clock import Clock
from .._errors import LedgerError, MissingLibrary
from .._secrets import without_passwords
from .._urls import database_name
from .schema import MIGRATIONS, Migrations, refuse_newer
from .store import Row

if TYPE_CHECKING:
    import psycopg

#: Seconds to wait for the server, and for locks that others hold.
_TIMEOUT = 30

#: An arbitrary number that all releases agree on, so that only one run at a time changes the tables.
_MIGRATION_LOCK = 0x6A697261


class PostgresqlStore:
    """The tables of a database whose names begin with C(link_update_)."""

    def __init__(self, url: str, migrations: Migrations = MIGRATIONS, *, read_only: bool = False) -> None:
        """Connect, create the tables on first use, and migrate those of an older version.

        :param url: C(postgresql://user:password@host:port/database); what is left out is libpq's to find, in a service
            or password file or in C(PG...) environment variables.
        :param read_only: neither create nor migrate, and show one state of the database. One without the tables counts
            as empty.
        :raises MissingLibrary: the Python library psycopg is not installed.
        :raises LedgerError: the server cannot be reached, or holds a ledger of a newer version.
        """
        try:
            import psycopg
            import psycopg.conninfo
            import psycopg.rows
        except ImportError:
            raise MissingLibrary(
                "the ledger is a PostgreSQL database, and the Python library psycopg is missing",
                "install 'psycopg[binary]' for the Python that runs this task",
            ) from None
        self._errors = psycopg.Error
        self._url = url
        self._read_only = read_only
        self._name = _name_of(url)
        try:
            psycopg.conninfo.conninfo_to_dict(url)
        except (psycopg.Error, UnicodeError):
            raise _malformed() from None
        try:
            self._db = self._connect()
            self.version = self._known_version(migrations) if read_only else self._migrated(migrations)
        except psycopg.Error as exc:
            raise self._failure("cannot be opened", exc) from None

    def query(self, statement: str, parameters: Row) -> list[Row]:
        try:
            return list(self._run(statement, parameters).fetchall())
        except self._errors as exc:
            raise self._failure("cannot be read", exc) from None

    def execute(self, statement: str, parameters: Row, *, once: bool = False) -> int:
        try:
            return self._run(statement, parameters, once).rowcount
        except self._errors as exc:
            raise self._failure("cannot be written", exc) from None

    def now(self, clock: Clock) -> datetime:
        """The server's time: the clocks of those who share it may differ."""
        moment: datetime = self.query("SELECT now() AS now", {})[0]["now"]
        return moment

    def close(self) -> None:
        self._db.close()

    def _connect(self) -> psycopg.Connection[dict[str, Any]]:
        import psycopg
        import psycopg.rows

        connection = psycopg.Connection[dict[str, Any]].connect(
            self._url,
            autocommit=not self._read_only,
            row_factory=psycopg.rows.dict_row,
            connect_timeout=_TIMEOUT,
            # A pooler between here and the server need not know of prepared statements.
            prepare_threshold=None,
        )
        if self._read_only:
            # All that is read is read in one transaction, and so from one state.
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET statement_timeout = '{_TIMEOUT}s'".encode())
        return connection

    def _run(self, statement: str, parameters: Row, once: bool = False) -> psycopg.Cursor[dict[str, Any]]:
        text = re.sub(r":(\w+)", r"%(\1)s", statement).encode()
        try:
            return self._db.execute(text, dict(parameters))
        except self._errors:
            # A server that was restarted during hours of waiting is no reason to lose a job id.
            if once or not self._db.broken:
                raise
            self._db = self._connect()
            return self._db.execute(text, dict(parameters))

    def _migrated(self, migrations: Migrations) -> int:
        """Take the steps that the tables lack, all of them or none; the version that they have then."""
        with self._db.transaction():
            # The first look comes after the lock: the server remembers that a table was not there.
            self._db.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATION_LOCK])
            version = self._known_version(migrations)
            if version == 0:
                self._db.execute("CREATE TABLE link_update_ledger (version INTEGER NOT NULL)")
                self._db.execute("INSERT INTO link_update_ledger VALUES (0)")
            for statement in chain.from_iterable(migrations[version:]):
                self._db.execute(statement.encode())
            # A user who may not change it need not.
            if version < len(migrations):
                self._db.execute("UPDATE link_update_ledger SET version = %s", [len(migrations)])
        return len(migrations)

    def _known_version(self, migrations: Migrations) -> int:
        """The version of the tables, 0 where there are none yet.

        :raises LedgerError: a newer release has made them.
        """
        found = self._db.execute("SELECT to_regclass('link_update_ledger') AS ledger").fetchone()
        if found is None or found["ledger"] is None:
            return 0
        row = self._db.execute("SELECT version FROM link_update_ledger").fetchone()
        version = int(row["version"]) if row else 0
        refuse_newer(self._name, version, migrations)
        return version

    def _failure(self, what: str, exc: Exception) -> LedgerError:
        text = " ".join(str(exc).split()) or type(exc).__name__
        return LedgerError(f"the ledger {self._name} {what}: {without_passwords(text, self._url)}")


def _name_of(url: str) -> str:
    """What messages call the database.

    :raises LedgerError: the URL is malformed.
    """
    if name := database_name(url):
        return name
    raise _malformed()


def _malformed() -> LedgerError:
    """What is said of a malformed URL. It is not quoted, as it may hold a password anywhere."""
    return LedgerError(
        "the ledger is not a PostgreSQL URL such as postgresql://user@host:5432/database",
        "write special characters of the password as % and their number, or leave the password to ~/.pgpass",
    )
