# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in a SQLite file, shared by the processes of one machine; or in memory, shared with nobody."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Self

from .._clock import Clock
from .._errors import LedgerError
from .schema import MIGRATIONS, Migrations, insertion, refuse_newer
from .store import Row, Store

#: How long one process waits for another one's transaction, in seconds. Each lasts milliseconds.
_BUSY = 30.0


class SqliteStore:
    """A file, or None for memory."""

    def __init__(self, path: Path | None, migrations: Migrations = MIGRATIONS, *, read_only: bool = False) -> None:
        """Open the file: on first use create it, private to the user, and migrate one of an older version.

        :param read_only: do neither, and show one state of the file. A file that is not there counts as empty.
        :raises LedgerError: it is no ledger, one of a newer version, or cannot be opened.
        """
        if read_only and path and _is_missing(path):
            path = None
        self._name = str(path) if path else "in memory"
        try:
            if path and not read_only:
                _make_private(path)
            if path:
                refuse_newer(self._name, _version_in(path), migrations)
            self._db = _connected(path, read_only)
            self.version = self._known_version(migrations)
            if not read_only:
                self._migrate(migrations)
        except (sqlite3.Error, OSError) as exc:
            raise LedgerError(
                f"the ledger {self._name} cannot be opened: {exc}",
                "check that it is the right file, on a disk of this machine, and yours to write; it was left as it is",
            ) from exc

    @classmethod
    def copy_of(cls, original: Store, migrations: Migrations = MIGRATIONS) -> Self:
        """Everything that another store has, in memory, in the tables of today."""
        copy = cls(None, migrations[: original.version])
        for table in copy.query("SELECT name FROM sqlite_master WHERE type = 'table'", {}):
            if rows := original.query(f"SELECT * FROM {table['name']}", {}):  # noqa: S608
                with copy._errors():
                    copy._db.executemany(insertion(table["name"], rows[0]), rows)
        copy._migrate(migrations)
        return copy

    def query(self, statement: str, parameters: Row) -> list[Row]:
        with self._errors():
            return [dict(row) for row in self._db.execute(statement, dict(parameters))]

    def execute(self, statement: str, parameters: Row, *, once: bool = False) -> int:
        with self._errors():
            return self._db.execute(statement, dict(parameters)).rowcount

    def now(self, clock: Clock) -> datetime:
        return clock.now()

    def close(self) -> None:
        self._db.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise LedgerError(f"the ledger {self._name} cannot be read or written: {exc}") from exc

    def _migrate(self, migrations: Migrations) -> None:
        """Take the steps that the tables lack, all of them or none."""
        # A claim must survive a power cut, so each commit reaches the disk: with a write-ahead log, FULL says so.
        self._db.execute("PRAGMA synchronous = FULL")
        if self.version < len(migrations):
            # Several runs that start at once may switch to the write-ahead log; SQLite does not queue them for that.
            _patiently(lambda: self._db.execute("PRAGMA journal_mode = WAL"))
            with self._db:
                self._db.execute("BEGIN IMMEDIATE")
                # Another run may have been first.
                for statement in chain.from_iterable(migrations[self._known_version(migrations) :]):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {len(migrations)}")
            self.version = len(migrations)

    def _known_version(self, migrations: Migrations) -> int:
        """The version of the tables, 0 where there are none yet.

        :raises LedgerError: a newer release has made them.
        """
        version = _version_of(self._db)
        refuse_newer(self._name, version, migrations)
        return version


def _connected(path: Path | None, read_only: bool) -> sqlite3.Connection:
    """A connection to a file that exists, or to memory."""
    place = f"{path.as_uri()}?mode=rw" if path else ":memory:"
    db = sqlite3.connect(place, uri=True, timeout=_BUSY, isolation_level=None)
    db.row_factory = sqlite3.Row
    if read_only:
        db.execute("PRAGMA query_only = ON")
        # All that is read is read in one transaction, and so from one state.
        db.execute("BEGIN")
    return db


def _version_in(path: Path) -> int:
    """The version of a file, found without a change to the file or to what SQLite keeps beside it.

    Only SQLite can read what is in the write-ahead log. Where there is no log SQLite would create one, and the header
    of the file has the version: sqlite.org/fileformat.html.
    """
    file = path.resolve()
    if _has_content(file.with_name(f"{file.name}-wal")):
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=_BUSY)) as db:
            return _version_of(db)
    with file.open("rb") as content:
        header = content.read(64)
    return int.from_bytes(header[60:], "big") if header.startswith(b"SQLite format 3\0") else 0


def _version_of(db: sqlite3.Connection) -> int:
    """The version of the tables, 0 where there are none yet; both are read from one state of the file.

    :raises sqlite3.DatabaseError: the file is a database of something else.
    """
    version, tables = db.execute(
        "SELECT user_version, (SELECT count(*) FROM sqlite_master) FROM pragma_user_version"
    ).fetchone()
    if version == 0 and tables:
        raise sqlite3.DatabaseError("it is a database of something else")
    return int(version)


def _make_private(path: Path) -> None:
    """Create the file, and folders for it, where nobody else can read them; what exists stays as it is."""
    for folder in reversed(path.parents):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _has_content(path: Path) -> bool:
    try:
        return path.stat().st_size > 0
    except FileNotFoundError:
        return False


def _is_missing(path: Path) -> bool:
    """Whether a file is certainly not there. In a folder that is closed to this user nobody can tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _patiently(act: Callable[[], object]) -> None:
    """Do something that fails at once where another process holds a lock."""
    deadline = time.monotonic() + _BUSY
    while True:
        try:
            act()
        except sqlite3.OperationalError as exc:
            # The lowest byte of a code of SQLite is the kind of error.
            if exc.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
