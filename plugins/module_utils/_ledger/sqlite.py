# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in a SQLite file, shared by the processes of one machine; or in memory, shared with nobody."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Self

from .._clock import Clock
from .._errors import LedgerError
from .file import WatchedFile, check_file, has_content, is_missing, make_private
from .schema import GENERATION, LEDGER, Schema, insertion
from .store import Row, Store, Unavailable

#: How long one process waits for another one's transaction, in seconds. Each lasts milliseconds.
_BUSY = 30.0

#: How large the rollback journal stays after a large transaction, in bytes.
_JOURNAL = 2**20

#: The lowest byte of a code of SQLite is the kind of error. These may pass.
_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_CANTOPEN,
    }
)


class SqliteStore:
    """A file, or None for memory."""

    def __init__(self, path: Path | None, schema: Schema = LEDGER, *, read_only: bool = False) -> None:
        """Open the file: on first use create it, private to the user, and migrate one of an older version.

        :param read_only: do neither, and show one state of the file. A file that is not there counts as empty.
        :raises LedgerError: it is no such store, one of a newer version, damaged, or cannot be opened.
        """
        if read_only and path and is_missing(path):
            path = None
        self._schema = schema
        self.name = str(path) if path else "in memory"
        self._title = f"the {schema.noun} {self.name}"
        self.place = str(path) if path else None
        self._generation: str | None = None
        try:
            if path and not read_only:
                make_private(path)
            if path:
                check_file(path, schema.noun, writable=not read_only)
                schema.refuse_newer(self.name, _version_in(path, schema))
            self._db = _opened(path, schema, read_only)
            self.version = self._known_version()
            if not schema.is_large:
                self._check_integrity()
            if not read_only:
                self._migrate()
            self._file = WatchedFile(path) if path and not read_only else None
            if self.version >= self._schema.generation_since:
                self._generation = self._generation_now()
        except (sqlite3.Error, OSError, ValueError) as exc:
            if _may_pass(exc):
                raise self._failure(exc) from exc
            raise LedgerError(
                f"{self._title} cannot be opened: {exc}",
                "check that it is the right file, on a local disk, and that you may write to it. It was not changed",
            ) from exc

    @classmethod
    def copy_of(cls, original: Store, schema: Schema = LEDGER) -> Self:
        """Everything that another store has, in memory, in the tables of today."""
        copy = cls(None, replace(schema, migrations=schema.migrations[: original.version]))
        for table in copy.query("SELECT name FROM sqlite_master WHERE type = 'table'", {}):
            if rows := original.query(f"SELECT * FROM {table['name']}", {}):  # noqa: S608
                with copy._transaction("BEGIN IMMEDIATE"):
                    copy._db.executemany(insertion(table["name"], rows[0]), rows)
        copy._schema = schema
        copy._migrate()
        return copy

    def query(self, statement: str, parameters: Row) -> list[Row]:
        with self._transaction("BEGIN"):
            return [dict(row) for row in self._db.execute(statement, dict(parameters))]

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        with self._transaction("BEGIN IMMEDIATE"):
            return [self._db.execute(each, dict(parameters)).rowcount for each in (statement, *more)][-1]

    def now(self, clock: Clock) -> datetime:
        return clock.now()

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[None]:
        """Do one thing, with the file that was opened and no other.

        :raises LedgerError: it failed, or the file is another one now.
        """
        if self._file and (how := self._file.change()):
            raise self._schema.lost(self.name, how)
        try:
            with self._db:
                self._db.execute(begin)
                if self._generation_now() != self._generation:
                    raise self._schema.lost(self.name, f"another {self._schema.noun} is in its place")
                yield
        except (sqlite3.Error, ValueError) as exc:
            raise self._failure(exc) from exc

    def _failure(self, exc: Exception) -> LedgerError:
        if "no such table" in str(exc):
            return self._schema.lost(self.name, f"{exc}")
        return (Unavailable if _may_pass(exc) else LedgerError)(
            f"{self._title} cannot be read or written: {exc}",
            "check that its disk has free space and that no other program uses the file, then run again",
        )

    def _check_integrity(self) -> None:
        """An entry that an index has lost would be scheduled again.

        :raises LedgerError: the file is damaged.
        """
        (found,) = self._db.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise self._schema.damaged(self.name, str(found))

    def _generation_now(self) -> str | None:
        if self.version < self._schema.generation_since:
            return None
        row = self._db.execute(GENERATION).fetchone()
        return str(row["id"]) if row else None

    def _migrate(self) -> None:
        """Take the steps that the tables lack, all of them or none."""
        migrations = self._schema.migrations
        _keep_a_rollback_journal(self._db, self._schema)
        if self.version < len(migrations):
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                # Another run may have been first.
                for statement in chain.from_iterable(migrations[self._known_version() :]):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {len(migrations)}")
                self._db.execute(f"PRAGMA application_id = {self._schema.application_id}")
            self.version = len(migrations)
            if self.version >= self._schema.generation_since:
                self._generation = self._generation_now()

    def _known_version(self) -> int:
        """The version of the tables, 0 where there are none yet.

        :raises LedgerError: a newer release has made them.
        """
        version = _version_of(self._db, self._schema)
        self._schema.refuse_newer(self.name, version)
        return version


def _connected(path: Path | None) -> sqlite3.Connection:
    """A connection to a file that exists, or to memory."""
    place = f"{path.as_uri()}?mode=rw" if path else ":memory:"
    # Its user's own lock lets one thread at a time use it.
    db = sqlite3.connect(place, uri=True, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


def _opened(path: Path | None, schema: Schema, read_only: bool) -> sqlite3.Connection:
    """The connection that a store uses."""
    if not path or not read_only:
        return _connected(path)
    if not schema.is_large:
        return _snapshot(path)
    file = _connected(path)
    file.execute("PRAGMA query_only = ON")
    return file


def _snapshot(path: Path) -> sqlite3.Connection:
    """One state of a file, in memory: nobody who writes to the file waits for who looks at it."""
    copy = _connected(None)
    with closing(_connected(path)) as file:
        # Holds the state, and waits for a lock no longer than other statements do.
        file.execute("BEGIN")
        file.execute("SELECT count(*) FROM sqlite_master").fetchone()
        file.backup(copy)
    copy.execute("PRAGMA query_only = ON")
    return copy


def _keep_a_rollback_journal(db: sqlite3.Connection, schema: Schema) -> None:
    """Have each commit on disk, and in the file itself: the write-ahead log of release 0.1.0 could be lost without it.

    While somebody else has such a file open, its log stays.
    """
    # A claim must survive a power cut. What is large is not worth the time: it is a count, which can be made again.
    db.execute(f"PRAGMA synchronous = {'NORMAL' if schema.is_large else 'FULL'}")
    db.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        # Of the rollback journals the fastest.
        db.execute("PRAGMA journal_mode = PERSIST").fetchone()
    db.execute(f"PRAGMA journal_size_limit = {_JOURNAL}")
    db.execute(f"PRAGMA busy_timeout = {int(_BUSY * 1000)}")


def _may_pass(exc: Exception) -> bool:
    """Whether the same may work in a moment."""
    return isinstance(exc, sqlite3.Error) and getattr(exc, "sqlite_errorcode", 0) & 0xFF in _PASSING


def _version_in(path: Path, schema: Schema) -> int:
    """The version of a file, found without a change to the file or to what SQLite keeps beside it.

    Only SQLite can read what is in the write-ahead log. Where there is no log SQLite would create one, and the header
    of the file has the version: sqlite.org/fileformat.html.
    """
    file = Path(os.path.realpath(path))
    if has_content(file.with_name(f"{file.name}-wal")):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY)) as db:
            return _version_of(db, schema)
    with file.open("rb") as content:
        header = content.read(72)
    if not header.startswith(b"SQLite format 3\0"):
        return 0
    version, application_id = (int.from_bytes(header[at : at + 4], "big") for at in (60, 68))
    return _checked(version, application_id, schema)


def _version_of(db: sqlite3.Connection, schema: Schema) -> int:
    """The version of the tables, 0 where there are none yet; both are read from one state of the file.

    :raises sqlite3.DatabaseError: the file is damaged, or a database of something else.
    """
    version, application_id, tables = db.execute(
        "SELECT user_version, application_id, (SELECT count(*) FROM sqlite_master)"
        " FROM pragma_user_version, pragma_application_id"
    ).fetchone()
    if version < 0:
        raise sqlite3.DatabaseError(f"its version is {version}")
    if version == 0 and tables:
        raise _of_another_program()
    return _checked(version, application_id, schema)


def _checked(version: int, application_id: int, schema: Schema) -> int:
    """A version, if it is that of this schema.

    :raises sqlite3.DatabaseError: the database is of something else.
    """
    if version and application_id != schema.application_id:
        raise _of_another_program()
    return version


def _of_another_program() -> sqlite3.DatabaseError:
    return sqlite3.DatabaseError("it is a database of another program")
