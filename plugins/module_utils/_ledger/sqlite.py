# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in a SQLite file, shared by the processes of one machine; or in memory, shared with nobody."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Self

from .._clock import Clock
from .._errors import LedgerError
from .file import WatchedFile, check_file, has_content, is_missing, make_private
from .schema import GENERATION, GENERATION_SINCE, MIGRATIONS, Migrations, insertion, refuse_newer
from .store import Row, Store, Unavailable, damaged, lost

#: How long one process waits for another one's transaction, in seconds. Each lasts milliseconds.
_BUSY = 30.0

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

    def __init__(self, path: Path | None, migrations: Migrations = MIGRATIONS, *, read_only: bool = False) -> None:
        """Open the file: on first use create it, private to the user, and migrate one of an older version.

        :param read_only: do neither, and show one state of the file. A file that is not there counts as empty.
        :raises LedgerError: it is no ledger, one of a newer version, damaged, or cannot be opened.
        """
        if read_only and path and is_missing(path):
            path = None
        self.name = str(path) if path else "in memory"
        self.place = str(path) if path else None
        self._generation: str | None = None
        try:
            if path and not read_only:
                make_private(path)
            if path:
                check_file(path, writable=not read_only)
                refuse_newer(self.name, _version_in(path), migrations)
            self._db = _snapshot(path) if path and read_only else _connected(path)
            self.version = self._known_version(migrations)
            self._check_integrity()
            if not read_only:
                self._migrate(migrations)
            self._file = WatchedFile(path) if path and not read_only else None
            if self.version >= GENERATION_SINCE:
                self._generation = self._generation_now()
        except (sqlite3.Error, OSError, ValueError) as exc:
            if _may_pass(exc):
                raise self._failure(exc) from exc
            raise LedgerError(
                f"the ledger {self.name} cannot be opened: {exc}",
                "check that it is the right file, on a local disk, and that you may write to it. It was not changed",
            ) from exc

    @classmethod
    def copy_of(cls, original: Store, migrations: Migrations = MIGRATIONS) -> Self:
        """Everything that another store has, in memory, in the tables of today."""
        copy = cls(None, migrations[: original.version])
        for table in copy.query("SELECT name FROM sqlite_master WHERE type = 'table'", {}):
            if rows := original.query(f"SELECT * FROM {table['name']}", {}):  # noqa: S608
                with copy._transaction("BEGIN IMMEDIATE"):
                    copy._db.executemany(insertion(table["name"], rows[0]), rows)
        copy._migrate(migrations)
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
        """Do one thing, with the ledger that was opened and no other.

        :raises LedgerError: it failed, or the ledger is another one now.
        """
        if self._file and (how := self._file.change()):
            raise lost(self.name, how)
        try:
            with self._db:
                self._db.execute(begin)
                if self._generation_now() != self._generation:
                    raise lost(self.name, "another ledger is in its place")
                yield
        except (sqlite3.Error, ValueError) as exc:
            raise self._failure(exc) from exc

    def _failure(self, exc: Exception) -> LedgerError:
        if "no such table" in str(exc):
            return lost(self.name, f"{exc}")
        return (Unavailable if _may_pass(exc) else LedgerError)(
            f"the ledger {self.name} cannot be read or written: {exc}",
            "check that its disk has free space and that no other program uses the file, then run again",
        )

    def _check_integrity(self) -> None:
        """An entry that an index has lost would be scheduled again.

        :raises LedgerError: the file is damaged.
        """
        (found,) = self._db.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise damaged(self.name, str(found))

    def _generation_now(self) -> str | None:
        if self.version < GENERATION_SINCE:
            return None
        row = self._db.execute(GENERATION).fetchone()
        return str(row["id"]) if row else None

    def _migrate(self, migrations: Migrations) -> None:
        """Take the steps that the tables lack, all of them or none."""
        _keep_a_rollback_journal(self._db)
        if self.version < len(migrations):
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                # Another run may have been first.
                for statement in chain.from_iterable(migrations[self._known_version(migrations) :]):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {len(migrations)}")
            self.version = len(migrations)
            if self.version >= GENERATION_SINCE:
                self._generation = self._generation_now()

    def _known_version(self, migrations: Migrations) -> int:
        """The version of the tables, 0 where there are none yet.

        :raises LedgerError: a newer release has made them.
        """
        version = _version_of(self._db)
        refuse_newer(self.name, version, migrations)
        return version


def _connected(path: Path | None) -> sqlite3.Connection:
    """A connection to a file that exists, or to memory."""
    place = f"{path.as_uri()}?mode=rw" if path else ":memory:"
    # The ledger's own lock lets one thread at a time use it.
    db = sqlite3.connect(place, uri=True, timeout=_BUSY, isolation_level=None, check_same_thread=False)
    db.row_factory = sqlite3.Row
    return db


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


def _keep_a_rollback_journal(db: sqlite3.Connection) -> None:
    """Have each commit on disk, and in the file itself: the write-ahead log of release 0.1.0 could be lost without it.

    While somebody else has such a file open, its log stays.
    """
    # A claim must survive a power cut.
    db.execute("PRAGMA synchronous = FULL")
    db.execute("PRAGMA busy_timeout = 0")
    with suppress(sqlite3.OperationalError):
        # Of the rollback journals the fastest.
        db.execute("PRAGMA journal_mode = PERSIST").fetchone()
    db.execute(f"PRAGMA busy_timeout = {int(_BUSY * 1000)}")


def _may_pass(exc: Exception) -> bool:
    """Whether the same may work in a moment."""
    return isinstance(exc, sqlite3.Error) and getattr(exc, "sqlite_errorcode", 0) & 0xFF in _PASSING


def _version_in(path: Path) -> int:
    """The version of a file, found without a change to the file or to what SQLite keeps beside it.

    Only SQLite can read what is in the write-ahead log. Where there is no log SQLite would create one, and the header
    of the file has the version: sqlite.org/fileformat.html.
    """
    file = Path(os.path.realpath(path))
    if has_content(file.with_name(f"{file.name}-wal")):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY)) as db:
            return _version_of(db)
    with file.open("rb") as content:
        header = content.read(64)
    return int.from_bytes(header[60:], "big") if header.startswith(b"SQLite format 3\0") else 0


def _version_of(db: sqlite3.Connection) -> int:
    """The version of the tables, 0 where there are none yet; both are read from one state of the file.

    :raises sqlite3.DatabaseError: the file is damaged, or a database of something else.
    """
    version, tables = db.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version < 0:
        raise sqlite3.DatabaseError(f"its version is {version}")
    if version == 0 and tables:
        raise sqlite3.DatabaseError("it is a database of another program")
    return int(version)
