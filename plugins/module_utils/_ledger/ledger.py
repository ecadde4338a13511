# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: what has been scheduled, so that nothing is scheduled twice and nothing is forgotten.

One row is one attempt to schedule an update. It is written as a I(claim) before the request is sent, and completed with
the job id when the service has answered. Its primary key, the update's identity and the attempt's number, decides
between runs that want the same at once: the second insert does nothing, whoever makes it.

A claim without a job id tells a later run one of two things: while its claimant lives and its lease lasts, that the
request is on its way; afterwards, that nobody knows whether the service took it.

Where the rows are kept is the matter of a store: L(_store_sqlite), L(_store_postgresql).
"""

from __future__ import annotations

import hashlib
import os
import pwd
import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any, Protocol, Self

from .._clock import Clock, from_text, to_text
from .._errors import InvalidOption, LedgerError
from .._model.update import Update
from .._status import ENDED
from . import claimant
from .ephemeral import is_ephemeral
from .postgresql import PostgresqlStore
from .schema import TABLES
from .sqlite import SqliteStore

Row = Mapping[str, Any]


class Store(Protocol):
    """The tables of L(_schema) in a database that processes share.

    Statements are in the SQL that all stores speak, their parameters written C(:name). Each is a transaction of its own
    and durable when it returns. All failures are L(LedgerError).
    """

    def query(self, statement: str, parameters: Row) -> list[Row]:
        """The rows of a SELECT."""

    def execute(self, statement: str, parameters: Row) -> int:
        """Change something; the number of rows that were changed."""

    def now(self, clock: Clock) -> datetime:
        """The time that leases are measured by, the same for all who share the store."""

    def close(self) -> None:
        """Let go of the database."""


@dataclass(frozen=True)
class Attempt:
    """One attempt to have an update scheduled, as the ledger has it."""

    number: int
    create_backup: bool
    #: Whether somebody is just sending the request: there is no answer yet, but it may still come.
    in_flight: bool
    #: None as long as no answer to the request is recorded.
    job_id: str | None
    submitted_at: datetime | None
    status: str | None
    completed_at: datetime | None


@dataclass(frozen=True)
class Claim:
    """The right, and the duty, to send the request of one attempt."""

    identity: str
    attempt: int
    claimant: str


class Ledger:
    """What has been scheduled."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database. The last to do so leaves a SQLite ledger in one file, to be copied or kept."""
        self._store.close()

    def latest(self, update: Update) -> Attempt | None:
        """The last attempt at an update, or None when there was none yet."""
        rows = self._store.query(
            "SELECT * FROM link_update_attempts WHERE identity = :identity ORDER BY attempt DESC LIMIT 1",
            {"identity": update.identity()},
        )
        return self._attempt(rows[0]) if rows else None

    def attempt_of(self, site_id: str, job_id: str) -> Attempt | None:
        """The attempt that a job came from, or None where the ledger does not know the job."""
        rows = self._store.query(
            "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND job_id = :job_id",
            {"site_id": site_id, "job_id": job_id},
        )
        return self._attempt(rows[0]) if rows else None

    def backups(self, update: Update) -> list[tuple[Row, Attempt]]:
        """The attempts of an update's product and wave that ordered a backup, the oldest first."""
        rows = self._store.query(
            "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND product = :product"
            " AND product_url = :product_url AND wave = :wave AND create_backup ORDER BY claimed_at, attempt",
            {name: getattr(update, name) for name in ("site_id", "product", "product_url", "wave")},
        )
        return [(row, self._attempt(row)) for row in rows]

    def history(self, site_id: str, job_id: str) -> list[tuple[str, datetime]]:
        """The statuses that a job was seen in, each with the moment from when on."""
        rows = self._store.query(
            "SELECT status, since FROM link_update_statuses"
            " WHERE site_id = :site_id AND job_id = :job_id ORDER BY since",
            {"site_id": site_id, "job_id": job_id},
        )
        return [(row["status"], from_text(row["since"])) for row in rows]

    def rows(self) -> list[Row]:
        """Everything, in the order in which it was claimed."""
        return self._store.query("SELECT * FROM link_update_attempts ORDER BY claimed_at, identity, attempt", {})

    def attempts(self) -> list[tuple[Row, Attempt]]:
        """Every attempt, as it is written and as it stands, in the order in which they were claimed."""
        return [(row, self._attempt(row)) for row in self.rows()]

    def claim(self, update: Update, attempt: int, lease: timedelta) -> Claim | None:
        """Claim an attempt, on disk when this returns; None when somebody else was first.

        :param lease: what one request can last at most; afterwards others need not wait for this claim.
        """
        now = self._store.now(self._clock)
        claim = Claim(update.identity(), attempt, claimant.myself())
        claimed = self._insert(
            {
                **vars(claim),
                **update.as_dict(),
                "claimed_at": to_text(now),
                "lease_until": to_text(now + lease),
            }
        )
        return claim if claimed else None

    def record_job(self, claim: Claim, job_id: str, status: str) -> None:
        """The service took the request: its job is known from now on.

        :raises LedgerError: it could not be written; the error carries the job id.
        """
        now = to_text(self._clock.now())
        try:
            self._store.execute(
                "UPDATE link_update_attempts SET job_id = :job_id, submitted_at = :now, status = :status"
                " WHERE identity = :identity AND attempt = :attempt",
                {**vars(claim), "job_id": job_id, "status": status, "now": now},
            )
        except LedgerError as exc:
            raise LedgerError(
                f"the service scheduled the job {job_id}, but {exc.message}. Keep this id; once the ledger can be "
                "written again, a rerun reports this attempt as one whose outcome is unknown",
                job_id=job_id,
            ) from exc

    def withdraw(self, claim: Claim) -> None:
        """The service certainly did not take the request: as though it had never been claimed."""
        self._store.execute(
            # Told twice, because the answer of the database was lost: by then the attempt may be somebody else's.
            "DELETE FROM link_update_attempts WHERE identity = :identity AND attempt = :attempt"
            " AND claimant = :claimant AND job_id IS NULL",
            vars(claim),
        )

    def abandon(self, claim: Claim) -> None:
        """Nobody will learn whether the service took the request: others need not wait for this claim."""
        self._store.execute(
            "UPDATE link_update_attempts SET claimant = NULL"
            " WHERE identity = :identity AND attempt = :attempt AND claimant = :claimant",
            vars(claim),
        )

    def record_status(self, site_id: str, job_id: str, status: str) -> None:
        """What the service says of a job. Nothing happens where the ledger does not know the job."""
        now = to_text(self._clock.now())
        job: dict[str, Any] = {"site_id": site_id, "job_id": job_id, "status": status}
        # The history first: what it was told, the next look does not tell it again.
        self._store.execute(
            "INSERT INTO link_update_statuses (site_id, job_id, status, since)"
            " SELECT site_id, job_id, CAST(:status AS TEXT), CAST(:now AS TEXT) FROM link_update_attempts"
            " WHERE site_id = :site_id AND job_id = :job_id AND status <> :status ON CONFLICT DO NOTHING",
            {**job, "now": now},
        )
        self._store.execute(
            "UPDATE link_update_attempts SET status = :status, completed_at = :completed_at"
            " WHERE site_id = :site_id AND job_id = :job_id AND status <> :status",
            {**job, "completed_at": now if status in ENDED else None},
        )

    def quiet(self, client: str) -> float:
        """For how many more seconds a client is not to ask the service for anything, by what other processes met."""
        # It would be a courtesy: no job is given up because it cannot be read.
        with suppress(LedgerError):
            for row in self._store.query(
                "SELECT quiet_until FROM link_update_limits WHERE client = :client", {"client": client}
            ):
                return max((from_text(row["quiet_until"]) - self._store.now(self._clock)).total_seconds(), 0.0)
        return 0.0

    def block_for(self, client: str, seconds: float) -> None:
        """Tell other processes that a client is not to ask the service for anything for so long."""
        with suppress(LedgerError):
            until = to_text(self._store.now(self._clock) + timedelta(seconds=seconds))
            self._store.execute(
                "INSERT INTO link_update_limits (client, quiet_until) VALUES (:client, :until)"
                " ON CONFLICT (client) DO UPDATE SET quiet_until = excluded.quiet_until",
                {"client": client, "until": until},
            )

    def forget(self, reference: str) -> Row:
        """Strike out one attempt, and give back what it was.

        :param reference: as L(reference_of) gives it.
        :raises InvalidOption: there is not exactly one such attempt.
        """
        found = [row for row in self.rows() if reference_of(row) == reference]
        if len(found) != 1:
            raise InvalidOption(f"forget: the ledger has {len(found)} entries {reference!r}, nothing was forgotten")
        self._store.execute(
            "DELETE FROM link_update_attempts WHERE identity = :identity AND attempt = :attempt",
            {"identity": found[0]["identity"], "attempt": found[0]["attempt"]},
        )
        self._store.execute(
            "DELETE FROM link_update_statuses WHERE site_id = :site_id AND job_id = :job_id",
            {"site_id": found[0]["site_id"], "job_id": found[0]["job_id"]},
        )
        return found[0]

    def copy_from(self, other: Ledger) -> None:
        """Take over everything that another ledger has."""
        for table in TABLES:
            for row in other._store.query(f"SELECT * FROM {table}", {}):  # noqa: S608
                self._insert(row, table)

    def _insert(self, row: Row, table: str = "link_update_attempts") -> bool:
        columns, places = ", ".join(row), ", ".join(f":{name}" for name in row)
        statement = f"INSERT INTO {table} ({columns}) VALUES ({places}) ON CONFLICT DO NOTHING"  # noqa: S608
        return self._store.execute(statement, row) == 1

    def _attempt(self, row: Row) -> Attempt:
        holder = row["claimant"]
        return Attempt(
            number=row["attempt"],
            create_backup=bool(row["create_backup"]),
            in_flight=(
                row["job_id"] is None
                and holder is not None
                and self._store.now(self._clock) < from_text(row["lease_until"])
                and not claimant.is_gone(holder)
            ),
            job_id=row["job_id"],
            submitted_at=_moment(row["submitted_at"]),
            status=row["status"],
            completed_at=_moment(row["completed_at"]),
        )


def open_ledger(location: str | None, clock: Clock, environ: Mapping[str, str], *, copy: bool = False) -> Ledger:
    """The ledger at a location.

    :param location: an absolute path, in which C(~) and C($VARIABLE) are expanded, C(sqlite:///path),
        C(postgresql://user:password@host/database), or None for the default: what C(JIRA_FEDERATION_LEDGER) says, else
        C(jira_cloud.federation/ledger.sqlite3) in the user's state directory.
    :param environ: where the default and variables are looked up.
    :param copy: a copy in memory that nobody else ever sees, for check mode. The ledger itself is neither changed nor
        created.
    :raises InvalidOption: no such kind of ledger, or no absolute path.
    :raises MissingLibrary: a library for this kind of ledger is missing.
    :raises LedgerError: it cannot be opened.
    """
    location = location or environ.get("JIRA_FEDERATION_LEDGER") or ""
    if _is_postgresql(location):
        ledger = Ledger(PostgresqlStore(location, create=not copy), clock)
    else:
        path = _path_of(location, environ)
        ledger = Ledger(SqliteStore(None if copy and _is_missing(path) else path), clock)
    if not copy:
        return ledger
    copied = Ledger(SqliteStore(None), clock)
    copied.copy_from(ledger)
    ledger.close()
    return copied


def warning_about(location: str | None, environ: Mapping[str, str]) -> str | None:
    """What a user should know of a ledger at this location before relying on it, if anything."""
    location = location or environ.get("JIRA_FEDERATION_LEDGER") or ""
    if _is_postgresql(location):
        return None
    path = _path_of(location, environ)
    if not is_ephemeral(path, environ):
        return None
    return (
        f"the ledger {path} is in the file system of a container and will be gone with it: the next run will know "
        "nothing of the jobs of this one. Use a ledger at postgresql://, or a path in a folder that is mounted"
    )


def reference_of(row: Row) -> str:
    """A short name for an attempt, for people to point at it: C(3f2a91c0.1)."""
    return f"{hashlib.sha256(row['identity'].encode()).hexdigest()[:8]}.{row['attempt']}"


def _is_postgresql(location: str) -> bool:
    return location.partition("://")[0] in ("postgresql", "postgres")


def _path_of(location: str, environ: Mapping[str, str]) -> Path:
    """The file of a SQLite ledger.

    :raises InvalidOption: it cannot be told which file is meant.
    """
    if not location:
        state = environ.get("XDG_STATE_HOME", "")
        # The specification of that variable has a relative path ignored.
        state = state if state.startswith(("/", "~")) else "~/.local/state"
        location = f"{state}/jira_cloud.federation/ledger.sqlite3"
    if "://" in location:
        scheme = location.partition("://")[0]
        if scheme != "sqlite":
            # The location itself is not quoted: that of a server may hold a password.
            raise InvalidOption(
                f"ledger: {scheme}:// is no kind of ledger: give a file path, sqlite:///path, or postgresql://..."
            )
        location = re.sub("^sqlite://(/(?=~))?", "", location)
    path = _expanded(location, environ)
    if not path.startswith("/"):
        raise InvalidOption(
            f"ledger{_quoted(location)} is a relative path, which is another file in each folder that a run is started "
            "in: give an absolute path, as in /var/lib/ledger or sqlite:///var/lib/ledger"
        )
    # Two slashes at the beginning would stay, and the path would not be that of the folders that it is in.
    return Path(re.sub("^/+", "/", path))


def _expanded(location: str, environ: Mapping[str, str]) -> str:
    """A path with the values of its variables, and with the home directory that a C(~) at its beginning stands for.

    :raises InvalidOption: there is no such variable, or no such home directory.
    """
    template = Template(location)
    missing = [name for name in template.get_identifiers() if not environ.get(name)]
    if missing:
        raise InvalidOption(
            f"ledger{_quoted(location)}: the environment variable {missing[0]} is not set: set it, or give an absolute "
            "path without it"
        )
    path = template.safe_substitute(environ)
    if not path.startswith("~"):
        return path
    user, slash, rest = path[1:].partition("/")
    return _home_of(user, location, environ) + slash + rest


def _home_of(user: str, location: str, environ: Mapping[str, str]) -> str:
    if not user and environ.get("HOME"):
        return environ["HOME"]
    try:
        return (pwd.getpwnam(user) if user else pwd.getpwuid(os.getuid())).pw_dir
    except KeyError:
        pass
    what = f"ledger{_quoted(location)}"
    if user:
        raise InvalidOption(f"{what}: there is no user {user} on this machine: give an absolute path")
    # Containers are often run as a user that exists in none of their files.
    raise InvalidOption(
        f"{what}: no home directory is known, as HOME is not set and this machine has no user with the number "
        f"{os.getuid()}: set JIRA_FEDERATION_LEDGER or link_update_ledger to an absolute path or a postgresql:// URL, "
        "or set HOME"
    )


def _quoted(location: str) -> str:
    """A path as part of a message; nothing where it may be a misspelt URL or connection string, with a password."""
    return "" if re.search("[@=]", location) else f" {location}"


def _is_missing(path: Path) -> bool:
    """Whether a file is certainly not there. In a folder that is closed to this user nobody can tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def _moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None
