# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in a PostgreSQL database, shared by runs on several machines, or in containers that leave nothing behind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._clock import Clock
from .._errors import LedgerError, MissingLibrary
from .._secrets import without_passwords
from .schema import STATEMENTS, VERSION

if TYPE_CHECKING:
    import psycopg

#: Seconds to wait for the server, and for locks that others hold.
_TIMEOUT = 30

#: An arbitrary number that all who create the tables agree on, so that only one at a time does.
_CREATION_LOCK = 0x6A697261


class PostgresqlStore:
    """The tables C(link_update_attempts) and C(link_update_ledger) of a database."""

    def __init__(self, url: str, *, create: bool = True) -> None:
        """Connect, and create the tables on first use.

        :param url: C(postgresql://user:password@host:port/database); what is left out is libpq's to find, in a service
            or password file or in C(PG...) environment variables.
        :param create: False leaves a database without the tables as it is, and it counts as empty.
        :raises MissingLibrary: the Python library psycopg is not installed.
        :raises LedgerError: the server cannot be reached, or holds a ledger of another version.
        """
        try:
            import psycopg
            import psycopg.rows
        except ImportError:
            raise MissingLibrary(
                "the ledger is a PostgreSQL database, and the Python library psycopg is missing: install "
                "'psycopg[binary]' for the Python that runs this task"
            ) from None
        self._errors = psycopg.Error
        self._url = url
        self._name = _name_of(url)
        self._empty = False
        try:
            self._db = self._connect()
            self._prepare(create)
        except psycopg.Error as exc:
            raise self._failure("cannot be opened", exc) from None

    def query(self, statement: str, parameters: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        if self._empty:
            return []
        try:
            return list(self._run(statement, parameters).fetchall())
        except self._errors as exc:
            raise self._failure("cannot be read", exc) from None

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> int:
        try:
            return self._run(statement, parameters).rowcount
        except self._errors as exc:
            raise self._failure("cannot be written", exc) from None

    def now(self, clock: Clock) -> datetime:
        """The server's time: the clocks of those who share it may differ."""
        rows = self.query("SELECT now() AS now", {})
        return rows[0]["now"] if rows else clock.now()

    def close(self) -> None:
        self._db.close()

    def _connect(self) -> psycopg.Connection[dict[str, Any]]:
        import psycopg
        import psycopg.rows

        connection = psycopg.Connection[dict[str, Any]].connect(
            self._url,
            autocommit=True,
            row_factory=psycopg.rows.dict_row,
            connect_timeout=_TIMEOUT,
            # A pooler between here and the server need not know of prepared statements.
            prepare_threshold=None,
        )
        connection.execute("SET synchronous_commit = on")
        connection.execute(f"SET statement_timeout = '{_TIMEOUT}s'".encode())
        return connection

    def _run(self, statement: str, parameters: Mapping[str, Any]) -> psycopg.Cursor[dict[str, Any]]:
        text = re.sub(r":(\w+)", r"%(\1)s", statement).encode()
        try:
            return self._db.execute(text, dict(parameters))
        except self._errors:
            # A server that was restarted during hours of waiting is no reason to lose a job id. Whether a claim was
            # made before the connection broke is not known, so it is not repeated.
            if not self._db.broken or statement.startswith("INSERT INTO link_update_attempts"):
                raise
            self._db = self._connect()
            return self._db.execute(text, dict(parameters))

    def _prepare(self, create: bool) -> None:
        with self._db.transaction():
            if create:
                self._db.execute("SELECT pg_advisory_xact_lock(%s)", [_CREATION_LOCK])
            exists = self._db.execute("SELECT to_regclass('link_update_ledger') AS ledger").fetchone()
            if exists and exists["ledger"] is None:
                if not create:
                    self._empty = True
                    return
                for statement in ("CREATE TABLE link_update_ledger (version INTEGER NOT NULL)", *STATEMENTS):
                    self._db.execute(statement.encode())
                self._db.execute("INSERT INTO link_update_ledger VALUES (%s)", [VERSION])
        row = self._db.execute("SELECT version FROM link_update_ledger").fetchone()
        version = row["version"] if row else None
        if version != VERSION:
            raise LedgerError(
                f"the ledger {self._name} has version {version}, this release of jira_cloud.federation knows version "
                f"{VERSION}. It was left as it is"
            )

    def _failure(self, what: str, exc: Exception) -> LedgerError:
        text = " ".join(str(exc).split()) or type(exc).__name__
        return LedgerError(f"the ledger {self._name} {what}: {without_passwords(text, self._url)}")


def _name_of(url: str) -> str:
    """What messages call the database: the URL less its password and its settings.

    :raises LedgerError: the URL is malformed. It is not quoted, as it may hold a password anywhere.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        raise LedgerError("the ledger is not a PostgreSQL URL such as postgresql://user@host:5432/database") from None
    user = f"{parts.username}@" if parts.username else ""
    return f"{parts.scheme}://{user}{host}{parts.path}"
