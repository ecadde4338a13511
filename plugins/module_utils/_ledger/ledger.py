# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: what has been scheduled, so that nothing is scheduled twice and nothing is forgotten.

An I(attempt) is one try to have an update scheduled, kept in one row. The row is written as a I(claim) before the
request is sent, and completed with the job id when the service has answered. Its primary key, the update's identity and
the attempt's number, decides between runs that want the same at once: the second insert does nothing, whoever makes it.

A claim without a job id tells a later run one of two things: while its claimant lives and its lease lasts, that the
request is on its way; afterwards, that nobody knows whether the service took it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self, TypeVar

from .._clock import Clock, from_text, to_text
from .._errors import LedgerError
from .._model.update import Update
from .._status import ENDED
from . import claimant
from .attempt import Attempt, Claim
from .attempt import attempt_in as read_attempt
from .location import locate
from .outage import OPENING_LIMIT, OutageRetry
from .postgresql import PostgresqlStore
from .schema import LEDGER, insertion
from .sqlite import SqliteStore
from .store import OneAtATime, Row, Store
from .unrecorded import Unrecorded

T = TypeVar("T")


class Ledger:
    """What has been scheduled. May be used by several threads at once."""

    def __init__(self, store: Store, clock: Clock, place: str | None = None) -> None:
        #: What finds it again, as users write it; None where it is found without, or a message may not say it.
        self.place = place
        self._store = OneAtATime(store)
        self._clock = clock
        #: The last attempts at updates, by their identity, as L(read_ahead) has found them.
        self._ahead: dict[str, Attempt | None] = {}
        self._retries = OutageRetry(clock)
        self._unrecorded: list[Unrecorded] = []
        #: Those of them that a thread is just writing.
        self._being_recorded: set[Unrecorded] = set()
        #: The identities and numbers of the attempts whose jobs this ledger has recorded.
        self._recorded: set[tuple[str, int]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        try:
            if exception[0] is None:
                self.flush()
            else:
                self._catch_up(self.unrecorded)
        finally:
            self.close()

    def close(self) -> None:
        """Close the database. A SQLite ledger is one file, to be copied or kept."""
        self._store.close()

    def read_ahead(self, updates: Sequence[Update]) -> None:
        """Read the last attempts at all updates of one site at once: a database may be milliseconds away, and they may
        be thousands. Each is used once. If somebody is quicker meanwhile, the claim tells.
        """
        # What cannot be read now is read one by one, and what fails then is a matter of one update.
        with suppress(LedgerError):
            last = {
                row["identity"]: row
                for row in self.query(
                    "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND wave = :wave ORDER BY attempt",
                    updates[0].as_dict(),
                )
            }
            for identity in (each.identity() for each in updates):
                self._ahead[identity] = self.attempt_in(last[identity]) if identity in last else None

    def latest(self, update: Update) -> Attempt | None:
        """The last attempt at an update, or None when there was none yet."""
        identity = update.identity()
        if identity in self._ahead:
            return self._ahead.pop(identity)
        rows = self.query(
            "SELECT * FROM link_update_attempts WHERE identity = :identity ORDER BY attempt DESC LIMIT 1",
            {"identity": identity},
        )
        return self.attempt_in(rows[0]) if rows else None

    @property
    def unrecorded(self) -> Sequence[Unrecorded]:
        """The jobs that the service has scheduled, and that could not be written down yet."""
        return tuple(self._unrecorded)

    def attempt_of(self, site_id: str, job_id: str) -> Attempt | None:
        """The attempt that a job came from, or None where the ledger does not know the job."""
        rows = self.query(
            "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND job_id = :job_id",
            {"site_id": site_id, "job_id": job_id},
        )
        return self.attempt_in(rows[0]) if rows else None

    def backups(self, update: Update) -> list[Attempt]:
        """The attempts of an update's product and wave that ordered a backup, the oldest first."""
        rows = self.query(
            "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND product = :product"
            " AND product_url = :product_url AND wave = :wave AND create_backup ORDER BY claimed_at, attempt",
            update.as_dict(),
        )
        return [self.attempt_in(row) for row in rows]

    def attempts(self) -> list[Attempt]:
        """Every attempt, in the order in which they were claimed."""
        return [self.attempt_in(row) for row in self.rows()]

    def history(self, site_id: str, job_id: str) -> list[tuple[str, datetime]]:
        """The statuses that a job was seen in, each with the moment from when on."""
        rows = self.query(
            "SELECT status, since FROM link_update_statuses"
            " WHERE site_id = :site_id AND job_id = :job_id ORDER BY since",
            {"site_id": site_id, "job_id": job_id},
        )
        try:
            return [(str(row["status"]), from_text(row["since"])) for row in rows]
        except (ValueError, TypeError) as exc:
            raise LEDGER.damaged(self._store.name, f"the statuses of job {job_id} cannot be read: {exc}") from exc

    def histories(self) -> dict[tuple[str, str], list[tuple[str, datetime]]]:
        """The histories of all jobs at once, by the job's site and its id."""
        histories: dict[tuple[str, str], list[tuple[str, datetime]]] = {}
        try:
            for row in self.query("SELECT * FROM link_update_statuses ORDER BY since", {}):
                seen = str(row["status"]), from_text(row["since"])
                histories.setdefault((row["site_id"], row["job_id"]), []).append(seen)
        except (ValueError, TypeError) as exc:
            raise LEDGER.damaged(self._store.name, f"the statuses of jobs cannot be read: {exc}") from exc
        return histories

    def claim(self, update: Update, attempt: int, lease: timedelta) -> Claim | None:
        """Claim an attempt, on disk when this returns; None when somebody else was first.

        :param lease: what one request can last at most; afterwards others need not wait for this claim.
        """
        claim = Claim(update, attempt, claimant.myself())
        tried: list[str] = []
        return claim if self._retried(lambda: self._take(claim, lease, tried)) else None

    def _take(self, claim: Claim, lease: timedelta, tried: list[str]) -> bool:
        """Try to claim.

        :param tried: when it was tried before: a connection may have broken after a row of those times was written.
        """
        now = self._store.now(self._clock)
        claimed_at = to_text(now)
        row = {
            **claim.key(),
            **claim.update.as_dict(),
            "claimed_at": claimed_at,
            "lease_until": to_text(now + lease),
        }
        earlier = list(tried)
        tried.append(claimed_at)
        if self._store.execute(insertion("link_update_attempts", row), row):
            return True
        return any(
            # A claim whose lease is over may be taken for one of an unknown outcome already.
            self._store.execute(
                "UPDATE link_update_attempts SET lease_until = :lease_until WHERE identity = :identity"
                " AND attempt = :attempt AND claimant = :claimant AND claimed_at = :earlier AND job_id IS NULL"
                " AND lease_until > :claimed_at",
                {**row, "earlier": each},
            )
            for each in earlier
        )

    def record_job(self, claim: Claim, job_id: str, status: str) -> None:
        """The service took the request: its job is known from now on.

        :raises LedgerError: it could not be written, see L(unrecorded); the error carries the job id.
        """
        job = Unrecorded(claim, job_id, status, to_text(self._clock.now()), self._store.place)
        # Also a Ctrl-C while it is tried again must not lose it.
        self._unrecorded.append(job)
        self._record(job)

    def flush(self) -> None:
        """For the end of a run: write what could not be written, and make sure that what was written is still there.

        :raises LedgerError: it is not; that of a job carries its id.
        """
        self._retries.renew()
        for job in self.unrecorded:
            self._record(job)
        rows = self.query("SELECT identity, attempt FROM link_update_attempts WHERE job_id IS NOT NULL", {})
        missing = self._recorded - {(row["identity"], row["attempt"]) for row in rows}
        if missing:
            raise LEDGER.lost(self._store.name, f"{len(missing)} of the entries that this run has written are missing")

    def _record(self, job: Unrecorded) -> None:
        self._being_recorded.add(job)
        try:
            self._retries.repeat(lambda: self._write(job))
        except LedgerError as exc:
            raise job.failure(exc) from exc
        finally:
            self._being_recorded.discard(job)

    def _write(self, job: Unrecorded) -> None:
        # It may be written twice, by another thread as well: a status that the job has got meanwhile stays.
        written = self._store.execute(
            "UPDATE link_update_attempts SET job_id = :job_id, submitted_at = :submitted_at,"
            " status = COALESCE(status, :status) WHERE identity = :identity AND attempt = :attempt"
            " AND (claimant = :claimant OR job_id = :job_id)",
            job.columns(),
        )
        if not written:
            raise LEDGER.lost(self._store.name, "the claim of this run is missing")
        # Another thread may have caught up meanwhile.
        with suppress(ValueError):
            self._unrecorded.remove(job)
        self._recorded.add((job.claim.update.identity(), job.claim.attempt))

    def _catch_up(self, jobs: Iterable[Unrecorded]) -> None:
        """Write what could not be written before, if the ledger is back."""
        if not self._retries.rests:
            with suppress(LedgerError):
                for job in jobs:
                    self._write(job)

    def withdraw(self, claim: Claim) -> None:
        """The service certainly did not take the request: as though it had never been claimed."""
        self.execute(
            # It may be executed again after a broken connection: by then the attempt may be somebody else's.
            "DELETE FROM link_update_attempts WHERE identity = :identity AND attempt = :attempt"
            " AND claimant = :claimant AND job_id IS NULL",
            claim.key(),
        )

    def abandon(self, claim: Claim) -> None:
        """Nobody will learn whether the service took the request: others need not wait for this claim."""
        self.execute(
            "UPDATE link_update_attempts SET claimant = NULL"
            " WHERE identity = :identity AND attempt = :attempt AND claimant = :claimant",
            claim.key(),
        )

    def record_status(self, site_id: str, job_id: str, status: str) -> None:
        """What the service says of a job. Nothing happens where the ledger does not know the job."""
        now = to_text(self._clock.now())
        self.execute(
            # The history comes first: it has a status inserted only while the attempt still has another one.
            "INSERT INTO link_update_statuses (site_id, job_id, status, since)"
            " SELECT site_id, job_id, CAST(:status AS TEXT), CAST(:now AS TEXT) FROM link_update_attempts"
            " WHERE site_id = :site_id AND job_id = :job_id AND status <> :status ON CONFLICT DO NOTHING",
            {
                "site_id": site_id,
                "job_id": job_id,
                "status": status,
                "now": now,
                "completed_at": now if status in ENDED else None,
            },
            "UPDATE link_update_attempts SET status = :status, completed_at = :completed_at"
            " WHERE site_id = :site_id AND job_id = :job_id AND status <> :status",
        )

    def blocked_for(self, client: str) -> float:
        """For how many more seconds a client must not send requests, as other processes have found out."""
        # It is a courtesy to the service: no job is given up, or waits, because it cannot be read.
        with suppress(LedgerError, ValueError, TypeError):
            for row in self._store.query(
                "SELECT quiet_until FROM link_update_limits WHERE client = :client", {"client": client}
            ):
                return max((from_text(row["quiet_until"]) - self._store.now(self._clock)).total_seconds(), 0.0)
        return 0.0

    def block_for(self, client: str, seconds: float) -> None:
        """Tell other processes that a client must not send requests for so long."""
        with suppress(LedgerError):
            until = to_text(self._store.now(self._clock) + timedelta(seconds=seconds))
            self._store.execute(
                "INSERT INTO link_update_limits (client, quiet_until) VALUES (:client, :until)"
                " ON CONFLICT (client) DO UPDATE SET quiet_until = excluded.quiet_until",
                {"client": client, "until": until},
            )

    # -- for this room

    def now(self) -> datetime:
        """The time that leases are measured by."""
        return self._store.now(self._clock)

    def query(self, statement: str, parameters: Row) -> list[Row]:
        """The rows of a SELECT."""
        return self._retried(lambda: self._store.query(statement, parameters))

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        """Execute statements that do no harm when they are executed twice, see L(Store.execute)."""
        return self._retried(lambda: self._store.execute(statement, parameters, *more))

    def _retried(self, act: Callable[[], T]) -> T:
        self._catch_up(job for job in self.unrecorded if job not in self._being_recorded)
        return self._retries.repeat(act)

    def rows(self) -> list[Row]:
        """Every attempt as it is written, in the order in which they were claimed."""
        return self.query("SELECT * FROM link_update_attempts ORDER BY claimed_at, identity, attempt", {})

    def attempt_in(self, row: Row) -> Attempt:
        """The attempt that a row has."""
        return read_attempt(row, lambda: self._store.now(self._clock), self._store.name)


def open_ledger(location: str | None, clock: Clock, environ: Mapping[str, str], *, copy: bool = False) -> Ledger:
    """The ledger at a location, see L(locate).

    :param copy: a copy in memory that nobody else ever sees, for check mode. The ledger itself is neither changed nor
        created.
    :raises InvalidOption: no such kind of ledger, or no absolute path.
    :raises MissingLibrary: a library for this kind of ledger is missing.
    :raises LedgerError: it cannot be opened.
    """
    where = locate(location, environ)

    def opened() -> Store:
        if isinstance(where, Path):
            return SqliteStore(where, read_only=copy)
        return PostgresqlStore(where, read_only=copy)

    store = OutageRetry(clock, OPENING_LIMIT).repeat(opened)
    if not copy:
        return Ledger(store, clock, store.place if location else None)
    with closing(store):
        return Ledger(SqliteStore.copy_of(store), clock)
