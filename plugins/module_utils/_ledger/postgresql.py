# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in a PostgreSQL database, shared by runs on several machines, or in containers that leave nothing behind."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from itertools import chain
from typing import TYPE_CHECKING, Any

from .._clock import Clock
from .._errors import LedgerError, MissingLibrary
from .._secrets import passwords_in, without_passwords
from .._urls import database_name
from .schema import GENERATION, LEDGER, Schema
from .store import Row, Unavailable

if TYPE_CHECKING:
    import psycopg

#: Seconds to wait for the server, and for locks that others hold.
_TIMEOUT = 30

#: Set in each transaction: a pooler may give each another connection, and a database, or a user, may have other
#: defaults.
_SETTINGS = (
    "SET TRANSACTION ISOLATION LEVEL READ COMMITTED",
    "SET LOCAL synchronous_commit = on",
    f"SET LOCAL statement_timeout = '{_TIMEOUT}s'",
)

#: The classes and codes of errors that may pass: of connections, deadlocks, locks, resources, a server that restarts.
_PASSING = ("08", "40", "53", "55P03", "57014", "57P0", "58")
_UNDEFINED_TABLE = "42P01"
_READ_ONLY_TRANSACTION = "25006"
_WRITABLE = "switch default_transaction_read_only off for this user and database, or use the URL of the primary server"


#: An arbitrary number that all releases agree on, so that only one run at a time changes the tables.
_MIGRATION_LOCK = 0x6A697261


class PostgresqlStore:
    """The tables of a schema in a database."""

    def __init__(self, url: str, schema: Schema = LEDGER, *, read_only: bool = False) -> None:
        """Connect, create the tables on first use, and migrate those of an older version.

        :param url: C(postgresql://user:password@host:port/database); what is left out is libpq's to find, in a service
            or password file or in C(PG...) environment variables.
        :param read_only: neither create nor migrate, and show one state of the database. One without the tables counts
            as empty.
        :raises MissingLibrary: the Python library psycopg is not installed.
        :raises LedgerError: the server cannot be reached, or has the tables of a newer version.
        """
        psycopg = _library(schema.noun)
        # A text that cannot be encoded is a ValueError.
        self._errors = (psycopg.Error, ValueError)
        self._schema = schema
        self._url = url
        self._read_only = read_only
        self.name = _name_of(url, schema.noun)
        self._title = f"the {schema.noun} {self.name}"
        self.place = None if passwords_in(url) else url
        self._generation: str | None = None
        try:
            psycopg.conninfo.conninfo_to_dict(url)
        except (psycopg.Error, UnicodeError):
            raise _malformed(schema.noun) from None
        try:
            self._db = self._connect()
            self.version = self._known_version() if read_only else self._migrated()
            if self.version >= schema.generation_since:
                self._generation = self._generation_in(self._db.execute(GENERATION))
        except self._errors as exc:
            raise self._failure("cannot be opened", exc) from None

    def query(self, statement: str, parameters: Row) -> list[Row]:
        try:
            return list(self._run(statement, parameters).fetchall())
        except self._errors as exc:
            raise self._failure("cannot be read", exc) from None

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        try:
            cursor = self._run("; ".join((statement, *more)), parameters)
            for _each in more:
                cursor.nextset()
            return cursor.rowcount
        except self._errors as exc:
            raise self._failure("cannot be written", exc) from None

    def now(self, clock: Clock) -> datetime:
        """The server's time: the clocks of those who share it may differ."""
        # As text: how a server writes a time of its own depends on its settings.
        (row,) = self.query("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24-MI-SS-US') AS now", {})
        return datetime.strptime(row["now"], "%Y-%m-%d %H-%M-%S-%f").replace(tzinfo=timezone.utc)

    def close(self) -> None:
        self._db.close()

    def _connect(self) -> psycopg.Connection[dict[str, Any]]:
        import psycopg
        import psycopg.rows

        connection = psycopg.Connection[dict[str, Any]].connect(
            self._url,
            autocommit=not self._read_only,
            row_factory=psycopg.rows.dict_row,
            # Its statements are sent whole: a pooler between here and the server need not know of prepared ones.
            cursor_factory=psycopg.ClientCursor,
            connect_timeout=_TIMEOUT,
            client_encoding="utf8",
        )
        if self._read_only:
            # All that is read is read in one transaction, and so from one state.
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        return connection

    def _run(self, statement: str, parameters: Row) -> psycopg.Cursor[dict[str, Any]]:
        """Execute a statement, with the tables that were opened and no others.

        :raises LedgerError: the tables are other ones now.
        """
        text = re.sub(r":(\w+)", r"%(\1)s", statement)
        if self._read_only:
            return self._db.execute(text.encode(), dict(parameters))
        if self._db.broken:
            # A server that was restarted during hours of waiting is no reason to lose a job id.
            self._db = self._connect()
        before = (*_SETTINGS, GENERATION) if self._generation else _SETTINGS
        # In one message, which makes them one transaction, and one journey to the server.
        cursor = self._db.execute("; ".join((*before, text)).encode(), dict(parameters))
        for each in before:
            if each == GENERATION and self._generation_in(cursor) != self._generation:
                raise self._schema.lost(self.name, f"another {self._schema.noun} is in its place")
            cursor.nextset()
        return cursor

    def _generation_in(self, cursor: psycopg.Cursor[dict[str, Any]]) -> str | None:
        row = cursor.fetchone()
        return str(row["id"]) if row else None

    def _migrated(self) -> int:
        """Take the steps that the tables lack, all of them or none; the version that they have then."""
        migrations, table = self._schema.migrations, self._schema.version_table
        with self._db.transaction():
            for setting in _SETTINGS:
                self._db.execute(setting.encode())
            # The first look comes after the lock: the server remembers that a table was not there.
            self._db.execute("SELECT pg_advisory_xact_lock(%s)", [_MIGRATION_LOCK])
            self._refuse_read_only()
            version = self._known_version()
            if version == 0:
                self._db.execute(f"CREATE TABLE {table} (version INTEGER NOT NULL)".encode())
                self._db.execute(f"INSERT INTO {table} VALUES (0)".encode())  # noqa: S608
            for statement in chain.from_iterable(migrations[version:]):
                self._db.execute(statement.encode())
            # A user who may not change it need not.
            if version < len(migrations):
                self._db.execute(f"UPDATE {table} SET version = {len(migrations)}".encode())  # noqa: S608
        return len(migrations)

    def _refuse_read_only(self) -> None:
        """Stop before anything is scheduled that could not be written down.

        :raises LedgerError: nothing can be written.
        """
        row = self._db.execute("SELECT current_setting('transaction_read_only') AS it").fetchone()
        if row and row["it"] == "on":
            raise LedgerError(
                f"{self._title} cannot be written: default_transaction_read_only is on, or the server is a standby",
                _WRITABLE,
            )

    def _known_version(self) -> int:
        """The version of the tables, 0 where there are none yet.

        :raises LedgerError: a newer release has made them.
        """
        table = self._schema.version_table
        found = self._db.execute("SELECT to_regclass(%s) AS it", [table]).fetchone()
        if found is None or found["it"] is None:
            return 0
        row = self._db.execute(f"SELECT version FROM {table}".encode()).fetchone()  # noqa: S608
        version = int(row["version"]) if row else 0
        self._schema.refuse_newer(self.name, version)
        return version

    def _failure(self, what: str, exc: Exception) -> LedgerError:
        text = without_passwords(" ".join(str(exc).split()) or type(exc).__name__, self._url)
        state = getattr(exc, "sqlstate", None) or ""
        if state == _UNDEFINED_TABLE:
            return self._schema.lost(self.name, text)
        kind = Unavailable if _may_pass(exc, state) else LedgerError
        return kind(f"{self._title} {what}: {text}", _WRITABLE if state == _READ_ONLY_TRANSACTION else "")


def _may_pass(exc: Exception, state: str) -> bool:
    """Whether the same may work in a moment; also what has no code, as a connection has none that is not there."""
    import psycopg

    return state.startswith(_PASSING) or (isinstance(exc, psycopg.OperationalError) and not state)


def _library(noun: str) -> Any:
    """:raises MissingLibrary: the Python library psycopg is not installed."""
    try:
        import psycopg
        import psycopg.conninfo
        import psycopg.rows
    except ImportError:
        raise MissingLibrary(
            f"the Python library psycopg is missing, which a {noun} in PostgreSQL needs",
            "install 'psycopg[binary]' for the Python that runs this task",
        ) from None
    return psycopg


def _name_of(url: str, noun: str) -> str:
    """What messages call the database.

    :raises LedgerError: the URL is malformed.
    """
    if name := database_name(url):
        return name
    raise _malformed(noun)


def _malformed(noun: str) -> LedgerError:
    """What is said of a malformed URL. It is not quoted, as it may hold a password anywhere."""
    return LedgerError(
        f"the {noun} is not a PostgreSQL URL such as postgresql://user@host:5432/database",
        "write special characters of the password in % notation (@ is %40), or put the password into ~/.pgpass",
    )
