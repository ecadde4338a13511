# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A store in a SQLite file, shared by the processes of one machine; or in memory, shared with nobody."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from .._clock import Clock
from .._errors import LedgerError
from .schema import STATEMENTS, VERSION

#: How long one process waits for another one's transaction, in seconds. Each lasts milliseconds.
_BUSY = 30.0


class SqliteStore:
    """A file, or None for memory."""

    def __init__(self, path: Path | None) -> None:
        """Open the file, creating it on first use, private to the user.

        :raises LedgerError: it is no ledger, one of another version, or cannot be opened.
        """
        self._name = str(path) if path else "in memory"
        try:
            if path:
                _make_private(path)
            self._db = sqlite3.connect(path or ":memory:", timeout=_BUSY, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._prepare()
        except (sqlite3.Error, OSError) as exc:
            raise LedgerError(
                f"the ledger {self._name} cannot be opened: {exc}. It was left as it is; is it the right file, "
                "on a disk of this machine, and yours to write?"
            ) from exc

    def query(self, statement: str, parameters: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        with self._errors():
            return [dict(row) for row in self._db.execute(statement, dict(parameters))]

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> int:
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

    def _prepare(self) -> None:
        # A claim must survive a power cut, so each commit reaches the disk: with a write-ahead log, FULL says so.
        self._db.execute("PRAGMA synchronous = FULL")
        if self._version() == 0:
            # Several runs that start at once may switch to the write-ahead log; SQLite does not queue them for that.
            _patiently(lambda: self._db.execute("PRAGMA journal_mode = WAL"))
            self._db.execute("BEGIN IMMEDIATE")
            if self._version() == 0:
                for statement in STATEMENTS:
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {VERSION}")
            self._db.execute("COMMIT")
        version = self._version()
        if version != VERSION:
            raise sqlite3.DatabaseError(
                f"it has version {version}, this release of jira_cloud.federation knows version {VERSION}"
            )

    def _version(self) -> int:
        """The version of the schema, 0 where there is none yet; both are read from one state of the file.

        :raises sqlite3.DatabaseError: the file is a database of something else.
        """
        version, tables = self._db.execute(
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


def _patiently(act: Callable[[], object]) -> None:
    deadline = time.monotonic() + _BUSY
    while True:
        try:
            act()
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
