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

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from .._clock import Clock, from_text, to_text
from .._errors import InvalidOption, LedgerError
from .._model.update import Update
from .._status import ENDED
from . import claimant
from .location import locate
from .postgresql import PostgresqlStore
from .schema import insertion
from .sqlite import SqliteStore
from .store import Row, Store


def reference(identity: str, number: int) -> str:
    """See L(Attempt.reference)."""
    return f"{hashlib.sha256(identity.encode()).hexdigest()[:8]}.{number}"


@dataclass(frozen=True)
class Attempt:
    """One attempt to have an update scheduled."""

    #: The identity of the update, as it is recorded.
    identity: str
    number: int
    update: Update
    #: Whether somebody is sending the request: there is no answer yet, but it may still come.
    in_flight: bool
    claimed_at: datetime
    #: None as long as no answer to the request is recorded.
    job_id: str | None
    submitted_at: datetime | None
    status: str | None
    completed_at: datetime | None

    @property
    def reference(self) -> str:
        """A short name, for people to point at the attempt: C(3f2a91c0.1)."""
        return reference(self.identity, self.number)


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
        #: The last attempts at updates, by their identity, as L(read_ahead) has found them.
        self._ahead: dict[str, Attempt | None] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database. The last to do so leaves a SQLite ledger in one file, to be copied or kept."""
        self._store.close()

    def read_ahead(self, updates: Sequence[Update]) -> None:
        """Read the last attempts at all updates of one site at once: a database may be milliseconds away, and they may
        be thousands. Each is used once. If somebody is quicker meanwhile, the claim tells.
        """
        # What cannot be read now is read one by one, and what fails then is a matter of one update.
        with suppress(LedgerError):
            last = {
                row["identity"]: row
                for row in self._store.query(
                    "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND wave = :wave ORDER BY attempt",
                    updates[0].as_dict(),
                )
            }
            for identity in (each.identity() for each in updates):
                self._ahead[identity] = self._attempt(last[identity]) if identity in last else None

    def latest(self, update: Update) -> Attempt | None:
        """The last attempt at an update, or None when there was none yet."""
        identity = update.identity()
        if identity in self._ahead:
            return self._ahead.pop(identity)
        rows = self._store.query(
            "SELECT * FROM link_update_attempts WHERE identity = :identity ORDER BY attempt DESC LIMIT 1",
            {"identity": identity},
        )
        return self._attempt(rows[0]) if rows else None

    def attempt_of(self, site_id: str, job_id: str) -> Attempt | None:
        """The attempt that a job came from, or None where the ledger does not know the job."""
        rows = self._store.query(
            "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND job_id = :job_id",
            {"site_id": site_id, "job_id": job_id},
        )
        return self._attempt(rows[0]) if rows else None

    def backups(self, update: Update) -> list[Attempt]:
        """The attempts of an update's product and wave that ordered a backup, the oldest first."""
        rows = self._store.query(
            "SELECT * FROM link_update_attempts WHERE site_id = :site_id AND product = :product"
            " AND product_url = :product_url AND wave = :wave AND create_backup ORDER BY claimed_at, attempt",
            update.as_dict(),
        )
        return [self._attempt(row) for row in rows]

    def attempts(self) -> list[Attempt]:
        """Every attempt, in the order in which they were claimed."""
        return [self._attempt(row) for row in self._rows()]

    def history(self, site_id: str, job_id: str) -> list[tuple[str, datetime]]:
        """The statuses that a job was seen in, each with the moment from when on."""
        rows = self._store.query(
            "SELECT status, since FROM link_update_statuses"
            " WHERE site_id = :site_id AND job_id = :job_id ORDER BY since",
            {"site_id": site_id, "job_id": job_id},
        )
        return [(row["status"], from_text(row["since"])) for row in rows]

    def histories(self) -> dict[tuple[str, str], list[tuple[str, datetime]]]:
        """The histories of all jobs at once, by the job's site and its id."""
        histories: dict[tuple[str, str], list[tuple[str, datetime]]] = {}
        for row in self._store.query("SELECT * FROM link_update_statuses ORDER BY since", {}):
            histories.setdefault((row["site_id"], row["job_id"]), []).append((row["status"], from_text(row["since"])))
        return histories

    def claim(self, update: Update, attempt: int, lease: timedelta) -> Claim | None:
        """Claim an attempt, on disk when this returns; None when somebody else was first.

        :param lease: what one request can last at most; afterwards others need not wait for this claim.
        """
        now = self._store.now(self._clock)
        claim = Claim(update.identity(), attempt, claimant.myself())
        row = {
            **vars(claim),
            **update.as_dict(),
            "claimed_at": to_text(now),
            "lease_until": to_text(now + lease),
        }
        # Executed again, it would find the row of its first time, and take it for somebody else's.
        claimed = self._store.execute(insertion("link_update_attempts", row), row, once=True)
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
                f"the service scheduled the job {job_id}, but {exc.failure.what}",
                "keep this id; once the ledger can be written again, a rerun reports this attempt as one whose outcome "
                "is unknown",
                job_id=job_id,
            ) from exc

    def withdraw(self, claim: Claim) -> None:
        """The service certainly did not take the request: as though it had never been claimed."""
        self._store.execute(
            # It may be executed again after a broken connection: by then the attempt may be somebody else's.
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
        # The history comes first: it has a status inserted only while the attempt still has another one.
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

    def blocked_for(self, client: str) -> float:
        """For how many more seconds a client must not send requests, as other processes have found out."""
        # It is a courtesy to the service: no job is given up because it cannot be read.
        with suppress(LedgerError):
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

    def forget(self, reference: str) -> Row:
        """Delete one attempt, and give back its row.

        :param reference: as L(Attempt.reference) is.
        :raises InvalidOption: there is not exactly one such attempt.
        """
        found = [row for row in self._rows() if self._attempt(row).reference == reference]
        if len(found) != 1:
            raise InvalidOption(f"forget: the ledger has {len(found)} entries {reference!r}, nothing was forgotten")
        (row,) = found
        self._store.execute(
            "DELETE FROM link_update_attempts WHERE identity = :identity AND attempt = :attempt",
            {"identity": row["identity"], "attempt": row["attempt"]},
        )
        self._store.execute(
            "DELETE FROM link_update_statuses WHERE site_id = :site_id AND job_id = :job_id",
            {"site_id": row["site_id"], "job_id": row["job_id"]},
        )
        return row

    def _rows(self) -> list[Row]:
        return self._store.query("SELECT * FROM link_update_attempts ORDER BY claimed_at, identity, attempt", {})

    def _attempt(self, row: Row) -> Attempt:
        return Attempt(
            identity=row["identity"],
            number=row["attempt"],
            update=Update.from_dict(row),
            in_flight=self._is_in_flight(row),
            claimed_at=from_text(row["claimed_at"]),
            job_id=row["job_id"],
            submitted_at=_moment(row["submitted_at"]),
            status=row["status"],
            completed_at=_moment(row["completed_at"]),
        )

    def _is_in_flight(self, row: Row) -> bool:
        holder = row["claimant"]
        return (
            row["job_id"] is None
            and holder is not None
            and self._store.now(self._clock) < from_text(row["lease_until"])
            and not claimant.is_gone(holder)
        )


def open_ledger(location: str | None, clock: Clock, environ: Mapping[str, str], *, copy: bool = False) -> Ledger:
    """The ledger at a location, see L(locate).

    :param copy: a copy in memory that nobody else ever sees, for check mode. The ledger itself is neither changed nor
        created.
    :raises InvalidOption: no such kind of ledger, or no absolute path.
    :raises MissingLibrary: a library for this kind of ledger is missing.
    :raises LedgerError: it cannot be opened.
    """
    where = locate(location, environ)
    store: Store = (
        SqliteStore(where, read_only=copy) if isinstance(where, Path) else PostgresqlStore(where, read_only=copy)
    )
    if not copy:
        return Ledger(store, clock)
    with closing(store):
        return Ledger(SqliteStore.copy_of(store), clock)


def _moment(text: str | None) -> datetime | None:
    return from_text(text) if text else None
