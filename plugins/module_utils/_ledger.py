# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: what has been scheduled, so that nothing is scheduled twice and nothing is forgotten.

One row is one attempt to schedule an update. It is written as a I(claim) before the request is sent, and completed with
the job id when the service has answered. Its primary key, the update's identity and the attempt's number, decides
between runs that want the same at once: the second insert fails, whoever makes it.

A claim without a job id tells a later run one of two things: while its claimant lives and its lease lasts, that the
request is on its way; afterwards, that nobody knows whether the service took it.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from ansible_collections.jira_cloud.federation.plugins.module_utils import _claimant
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock, from_text, to_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption, LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._links_api import ENDED
from ansible_collections.jira_cloud.federation.plugins.module_utils._update import Update

SCHEMA_VERSION = 1

#: How long one process waits for another one's transaction, in seconds. Each lasts milliseconds.
_BUSY = 30.0

_SCHEMA = """
CREATE TABLE attempts (
    identity TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    site_id TEXT NOT NULL,
    product TEXT NOT NULL,
    product_url TEXT NOT NULL,
    destination_url TEXT NOT NULL,
    migrated_from TEXT NOT NULL,
    migrated_from_override TEXT,
    recreate_as_remote INTEGER NOT NULL,
    wave TEXT NOT NULL,
    create_backup INTEGER NOT NULL,
    claimant TEXT,
    claimed_at TEXT NOT NULL,
    lease_until TEXT NOT NULL,
    job_id TEXT,
    submitted_at TEXT,
    status TEXT,
    completed_at TEXT,
    PRIMARY KEY (identity, attempt)
);
CREATE INDEX attempts_by_job ON attempts (site_id, job_id);
"""


@dataclass(frozen=True)
class Attempt:
    """One attempt to have an update scheduled, as the ledger has it."""

    number: int
    create_backup: bool
    claimant: str | None
    lease_until: datetime
    #: None as long as no answer to the request is recorded.
    job_id: str | None
    submitted_at: datetime | None
    status: str | None
    completed_at: datetime | None

    def claimed_by_the_living(self, now: datetime) -> bool:
        """Whether somebody is just sending the request: no answer yet, but it may still come."""
        return (
            self.job_id is None
            and self.claimant is not None
            and now < self.lease_until
            and not _claimant.is_gone(self.claimant)
        )


@dataclass(frozen=True)
class Claim:
    """The right, and the duty, to send the request of one attempt."""

    identity: str
    attempt: int


class Ledger:
    """The ledger in a SQLite file, shared by all processes of a machine."""

    def __init__(self, path: Path, clock: Clock, *, copy: bool = False) -> None:
        """Open the ledger, creating it on first use.

        :param copy: work on a copy in memory that nobody else ever sees; the file need not exist and is not changed.
        :raises LedgerError: the file is no ledger, one of a newer version, or cannot be opened.
        """
        self._clock = clock
        self._where = str(path)
        try:
            if copy:
                self._db = _copy_of(path)
            else:
                _make_private(path)
                self._db = sqlite3.connect(path, timeout=_BUSY, isolation_level=None)
            self._db.row_factory = sqlite3.Row
            self._prepare()
        except (sqlite3.Error, OSError) as exc:
            raise LedgerError(
                f"the ledger {self._where} cannot be opened: {exc}. It was left as it is; is it the right file, "
                "on a disk of this machine, and yours to write?"
            ) from exc

    def close(self) -> None:
        self._db.close()

    def latest(self, update: Update) -> Attempt | None:
        """The last attempt at an update, or None when there was none yet."""
        with self._errors():
            row = self._db.execute(
                "SELECT * FROM attempts WHERE identity = ? ORDER BY attempt DESC LIMIT 1", (update.identity(),)
            ).fetchone()
        return _attempt(row) if row else None

    def claim(self, update: Update, attempt: int, lease: timedelta) -> Claim | None:
        """Claim an attempt, on disk when this returns; None when somebody else was first.

        :param lease: what one request can last at most; afterwards others need not wait for this claim.
        """
        now = self._clock.now()
        fields = {
            "identity": update.identity(),
            "attempt": attempt,
            **update.as_dict(),
            "claimant": _claimant.myself(),
            "claimed_at": to_text(now),
            "lease_until": to_text(now + lease),
        }
        columns, places = ", ".join(fields), ", ".join(f":{name}" for name in fields)
        with self._errors():
            try:
                self._db.execute(f"INSERT INTO attempts ({columns}) VALUES ({places})", fields)  # noqa: S608 (names above)
            except sqlite3.IntegrityError:
                return None
        return Claim(update.identity(), attempt)

    def record_job(self, claim: Claim, job_id: str, status: str) -> None:
        """The service took the request: its job is known from now on.

        :raises LedgerError: it could not be written; the error carries the job id.
        """
        try:
            self._write_claim(
                claim, "job_id = ?, submitted_at = ?, status = ?", (job_id, to_text(self._clock.now()), status)
            )
        except LedgerError as exc:
            raise LedgerError(
                f"the service scheduled the job {job_id}, but {exc.message}. Keep this id; once the ledger can be "
                "written again, a rerun reports this attempt as one whose outcome is unknown",
                job_id=job_id,
            ) from exc

    def withdraw(self, claim: Claim) -> None:
        """The service certainly did not take the request: as though it had never been claimed."""
        with self._errors():
            self._db.execute(
                "DELETE FROM attempts WHERE identity = ? AND attempt = ? AND job_id IS NULL",
                (claim.identity, claim.attempt),
            )

    def abandon(self, claim: Claim) -> None:
        """Nobody will learn whether the service took the request: others need not wait for this claim."""
        self._write_claim(claim, "claimant = NULL", ())

    def record_status(self, site_id: str, job_id: str, status: str) -> None:
        """What the service says of a job. Nothing happens where the ledger does not know the job."""
        completed = to_text(self._clock.now()) if status in ENDED else None
        with self._errors():
            self._db.execute(
                "UPDATE attempts SET status = ?, completed_at = ? WHERE site_id = ? AND job_id = ? AND status IS NOT ?",
                (status, completed, site_id, job_id, status),
            )

    def attempt_of(self, site_id: str, job_id: str) -> Attempt | None:
        """The attempt that a job came from, or None where the ledger does not know the job."""
        with self._errors():
            row = self._db.execute(
                "SELECT * FROM attempts WHERE site_id = ? AND job_id = ?", (site_id, job_id)
            ).fetchone()
        return _attempt(row) if row else None

    def _write_claim(self, claim: Claim, assignments: str, values: tuple[str, ...]) -> None:
        with self._errors():
            self._db.execute(
                f"UPDATE attempts SET {assignments} WHERE identity = ? AND attempt = ?",  # noqa: S608 (literals)
                (*values, claim.identity, claim.attempt),
            )

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise LedgerError(f"the ledger {self._where} cannot be read or written: {exc}") from exc

    def _prepare(self) -> None:
        # A claim must survive a power cut, so each commit reaches the disk: with a write-ahead log, FULL says so.
        self._db.execute("PRAGMA synchronous = FULL")
        if self._version() == 0:
            # Several runs that start at once may switch to the write-ahead log; SQLite does not queue them for that.
            _patiently(self._clock, lambda: self._db.execute("PRAGMA journal_mode = WAL"))
            self._db.execute("BEGIN IMMEDIATE")
            if self._version() == 0:
                for statement in _SCHEMA.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            self._db.execute("COMMIT")
        version = self._version()
        if version != SCHEMA_VERSION:
            raise sqlite3.DatabaseError(
                f"it has version {version}, this release of jira_cloud.federation knows version {SCHEMA_VERSION}"
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


def open_ledger(location: str | None, clock: Clock, environ: Mapping[str, str], *, copy: bool = False) -> Ledger:
    """The ledger at a location.

    :param location: a path, C(sqlite:///path), or None for the default: what C(JIRA_FEDERATION_LEDGER) says, else
        C(jira_cloud.federation/ledger.sqlite3) in the user's state directory.
    :param environ: where the default is looked up.
    :param copy: what is written is not kept, for check mode: see L(Ledger).
    :raises InvalidOption: no such kind of ledger.
    :raises LedgerError: it cannot be opened.
    """
    return Ledger(_path_of(location or environ.get("JIRA_FEDERATION_LEDGER") or "", environ), clock, copy=copy)


def _path_of(location: str, environ: Mapping[str, str]) -> Path:
    if not location:
        state = environ.get("XDG_STATE_HOME") or "~/.local/state"
        return Path(state).expanduser() / "jira_cloud.federation" / "ledger.sqlite3"
    if "://" in location:
        scheme = urlsplit(location).scheme
        if scheme != "sqlite":
            # The location itself is not quoted: that of a server may hold a password.
            raise InvalidOption(
                f"ledger: {scheme}:// is not supported by this release: give a file path or sqlite:///path"
            )
        location = location.removeprefix("sqlite://")
        if not location.startswith("/"):
            raise InvalidOption(f"ledger sqlite://{location}: give an absolute path, as in sqlite:///var/lib/ledger")
    return Path(location).expanduser().absolute()


def _make_private(path: Path) -> None:
    """Create the file, and a folder for it, where nobody else can read them; what exists stays as it is."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _copy_of(path: Path) -> sqlite3.Connection:
    """What is in the file now, in memory; empty where there is no file."""
    copy = sqlite3.connect(":memory:", isolation_level=None)
    if path.exists():
        with closing(sqlite3.connect(path, timeout=_BUSY)) as original:
            original.backup(copy)
    return copy


def _patiently(clock: Clock, act: Callable[[], object]) -> None:
    deadline = clock.monotonic() + _BUSY
    while True:
        try:
            act()
        except sqlite3.OperationalError as exc:
            if "locked" not in str(exc) or clock.monotonic() > deadline:
                raise
            clock.sleep(0.02)
        else:
            return


def _attempt(row: sqlite3.Row) -> Attempt:
    return Attempt(
        number=row["attempt"],
        create_backup=bool(row["create_backup"]),
        claimant=row["claimant"],
        lease_until=from_text(row["lease_until"]),
        job_id=row["job_id"],
        submitted_at=_moment(row["submitted_at"]),
        status=row["status"],
        completed_at=_moment(row["completed_at"]),
    )


def _moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None
