# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is desired and what is recorded to a job that is scheduled, attached to, or already done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

from .._clock import Clock, to_text
from .._errors import (
    JobUnknown,
    LedgerError,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from .._ledger.ledger import Attempt, Claim, Ledger
from .._model.policy import Policy
from .._model.update import RECREATE_WINDOW, Update
from .._progress import (
    Level,
    Reporter,
    duration,
    status_line,
)
from .._service.links_api import NEW_FOR, LinksApi
from .._service.retry import Backoff, await_rate_limit, pause, retry
from .._status import COMPLETE, ENDED, ERROR, PENDING

#: How often to look whether another run has had the answer to its request, in seconds.
CLAIM_POLL = 0.2


@dataclass(frozen=True)
class Job:
    """The job of an update, as it is known now."""

    update: Update
    attempt: int
    #: None where a job would be scheduled, in check mode.
    job_id: str | None = None
    status: str | None = None
    submitted_at: datetime | None = None
    completed_at: datetime | None = None
    #: Scheduled by another call than this one.
    attached: bool = False

    def age(self, now: datetime) -> float:
        """Seconds from its scheduling to its end, or to now."""
        return ((self.completed_at or now) - self.submitted_at).total_seconds() if self.submitted_at else 0.0

    def as_result(self, now: datetime) -> dict[str, object]:
        """The module's return value C(job)."""
        return {
            "job_id": self.job_id,
            **self.update.as_dict(),
            "attempt": self.attempt,
            "status": self.status,
            "submitted_at": to_text(self.submitted_at) if self.submitted_at else None,
            "completed_at": to_text(self.completed_at) if self.completed_at else None,
            "elapsed": round(self.age(now), 3),
            "attached": self.attached,
        }


class Step(Enum):
    """What the last attempt at an update calls for."""

    SCHEDULE = auto()
    AWAIT_CLAIM = auto()
    DECIDE_ON_UNKNOWN = auto()
    LOOK = auto()
    ATTACH = auto()
    FAIL = auto()


def next_step(last: Attempt | None, policy: Policy) -> Step:
    """The table at the heart of the collection: from what the ledger says to what is due."""
    if last is None:
        return Step.SCHEDULE
    if last.job_id is None:
        return Step.AWAIT_CLAIM if last.in_flight else Step.DECIDE_ON_UNKNOWN
    if last.status == COMPLETE:
        return Step.SCHEDULE if policy.force else Step.ATTACH
    if last.status == ERROR:
        return Step.SCHEDULE if policy.resubmit_failed or policy.force else Step.FAIL
    return Step.LOOK


class Reconciler:
    """Brings one update from what the ledger says to a job, with at most one request that the service accepts.

    :param lease: what one request can last at most, all timeouts included.
    :param check: find out only. The ledger given should be a copy, and no job is scheduled.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        api: LinksApi,
        clock: Clock,
        reporter: Reporter,
        policy: Policy,
        lease: timedelta,
        check: bool = False,
    ) -> None:
        self._ledger = ledger
        self._api = api
        self._clock = clock
        self._reporter = reporter
        self._policy = policy
        self._lease = lease
        self._check = check
        self._told: set[str] = set()
        #: True once this call scheduled a job, or may have; in check mode, once it would have.
        self.changed = False
        #: The job as far as it is known, also after a failure.
        self.job: Job | None = None

    def ensure(self, update: Update, label: str) -> Job:
        """The job of this update: the one there is, or a new one. It may not have ended.

        :param label: what messages call the update.
        :raises LinkUpdateError: there is no job, or it ended in ERROR, or nobody knows; its code tells which.
        """
        job = self._settle(update, label, may_schedule=True)
        if job is None:
            raise RuntimeError(f"{label}: what may be scheduled has a job in the end")
        return job

    def attach(self, update: Update, label: str) -> Job | None:
        """The job of this update, if there is one that need not be replaced; nothing is scheduled.

        :raises LinkUpdateError: it ended in ERROR and is to stay so, or the service cannot be asked.
        """
        return self._settle(update, label, may_schedule=False)

    def _settle(self, update: Update, label: str, *, may_schedule: bool) -> Job | None:
        pauses = Backoff()
        risks: dict[int, str] = {}
        while True:
            last, step = self._due(update, label)
            job = self.job = _job_of(update, last) if last else None
            if job and (step is Step.ATTACH or (step is Step.AWAIT_CLAIM and self._check)):
                return job
            if job and step is Step.FAIL:
                raise in_error(label, job.job_id, job.attempt, self._policy)
            if step is Step.AWAIT_CLAIM:
                self._once(self._reporter.line, f"{label}  another run is just scheduling it; waiting for its outcome")
                self._clock.sleep(CLAIM_POLL)
                continue
            if not may_schedule:
                return None
            if last and step is Step.DECIDE_ON_UNKNOWN:
                risks[last.number] = self._accept_risk(last, label)
            scheduled = self._schedule(update, last.number + 1 if last else 1, label, pauses, list(risks.values()))
            if scheduled:
                return scheduled

    def _due(self, update: Update, label: str) -> tuple[Attempt | None, Step]:
        """The last attempt, as fresh as it needs to be, and what it calls for."""
        last = self._ledger.latest(update)
        step = next_step(last, self._policy)
        if step is not Step.LOOK or last is None or last.job_id is None or update.site_id is None:
            return last, step
        site_id, job_id = update.site_id, last.job_id
        try:
            status = retry(
                lambda: self._api.status(site_id, job_id),
                clock=self._clock,
                say=self._about(label),
                delay=self._api.delay,
            )
        except JobUnknown:
            is_new = _job_of(update, last).age(self._clock.now()) < NEW_FOR
            return last, Step.ATTACH if is_new else Step.DECIDE_ON_UNKNOWN
        except LinkUpdateError as exc:
            exc.message += f". Job {job_id} may still run, so nothing was scheduled; a rerun takes it up again"
            raise exc.prefixed(f"{label}: ") from None
        self._ledger.record_status(site_id, job_id, status)
        ended = status in ENDED
        last = replace(last, status=status, completed_at=self._clock.now() if ended else None)
        return last, next_step(last, self._policy) if ended else Step.ATTACH

    def _about(self, label: str) -> Callable[[str], None]:
        """Tells something about an update."""
        return lambda text: self._reporter.line(f"{label}  {text}")

    def _once(self, tell: Callable[[str], None], text: str) -> None:
        """Tell something that would be told again each time the ledger is asked again."""
        if text not in self._told:
            self._told.add(text)
            tell(text)

    def _accept_risk(self, last: Attempt, label: str) -> str:
        """What to warn of when an update is scheduled again although it may have a job that nobody knows of.

        :raises LinkUpdateError: it is not to be scheduled again.
        """
        if last.job_id:
            code = "job_unknown"
            what = f"the service no longer knows job {last.job_id} (attempt {last.number}), so its outcome is unknown"
        else:
            code = "submission_unknown"
            what = (
                f"an earlier run sent the request of attempt {last.number} and never recorded an answer: "
                "whether the service scheduled that job is unknown"
            )
        if not self._policy.resubmit_unknown:
            raise LinkUpdateError(
                f"{label}: {what}. Nothing was scheduled, because unknown_submission is fail; look at the site, then "
                "rerun with unknown_submission resubmit (links that are updated already are left out by the service)",
                code=code,
                job_id=last.job_id,
            )
        would = "would be" if self._check else "is"
        return f"{label}: {what}; it {would} scheduled again, as unknown_submission is resubmit"

    def _schedule(self, update: Update, number: int, label: str, pauses: Backoff, risks: list[str]) -> Job | None:
        """Claim, send, record. None when the ledger has to be asked again, because somebody else was first or the
        service asked to come back later.

        :param risks: what to warn of, which only the one run of several does that gets the claim.
        """
        self._refuse_when_window_is_closed(update, label)
        if not self._check:
            # Before the claim, which lasts no longer than one request does.
            await_rate_limit(self._api.delay, clock=self._clock, say=self._about(label))
        claim = None if self._check else self._ledger.claim(update, number, self._lease)
        if claim or self._check:
            for risk in risks:
                self._once(self._reporter.warn, risk)
        if self._check:
            self.changed = True
            self.job = Job(update, number)
            return self.job
        if claim is None:
            return None
        try:
            job_id = self._api.schedule(update)
        except NotAccepted as exc:
            trouble = self._let_go(claim, self._ledger.withdraw)
            seconds = None if trouble else pauses.after(exc)
            if seconds is None:
                exc.message += f". Given up; rerun when the service takes requests again{trouble}"
                raise exc.prefixed(f"{label}: nothing was scheduled, ") from None
            say = self._about(label)
            say(f"not scheduled yet: {exc.message}; trying again in {duration(seconds)}")
            pause(seconds, clock=self._clock, say=say)
            return None
        except OutcomeUnknown as exc:
            self.changed = True
            trouble = self._let_go(claim, self._ledger.abandon)
            raise LinkUpdateError(
                f"{label}: the request was sent, but no usable answer came: {exc.message}. Whether the service "
                f"scheduled the job is unknown, and the request was not sent again. {self._what_of_unknown()}{trouble}",
                code="submission_unknown",
                http_status=exc.http_status,
                request_id=exc.request_id,
            ) from exc
        except LinkUpdateError as exc:
            exc.message += f". Correct that, then rerun{self._let_go(claim, self._ledger.withdraw)}"
            raise exc.prefixed(f"{label}: nothing was scheduled, ") from None
        except (KeyboardInterrupt, SystemExit):
            # Somebody stops the run: the service may have the request already.
            self.changed = True
            raise
        self.changed = True
        self.job = Job(update, number, job_id=job_id, status=PENDING, submitted_at=self._clock.now())
        self._ledger.record_job(claim, job_id, PENDING)
        return self.job

    def _let_go(self, claim: Claim, how: Callable[[Claim], None]) -> str:
        """Give a claim back. What became of the request must be said also where that fails; what to add to it then."""
        try:
            how(claim)
        except LedgerError as exc:
            return f". Besides, {exc.message}: the claim stays, and a rerun takes its outcome for unknown"
        return ""

    def _what_of_unknown(self) -> str:
        """What to do now that nobody knows whether a job was scheduled."""
        if self._policy.resubmit_unknown:
            return "A rerun schedules it again, with a warning; links that are updated already are left out then"
        return "Look at the site; to have it scheduled again, rerun with unknown_submission resubmit"

    def _refuse_when_window_is_closed(self, update: Update, label: str) -> None:
        closes = update.window_closes
        if update.recreate_as_remote and closes and self._clock.now() > closes:
            raise LinkUpdateError(
                f"{label}: nothing was scheduled, links can be recreated for {RECREATE_WINDOW.days} days after the "
                f"migration only, that is until {to_text(closes)[:16]}Z. Correct migrated_at if it is wrong; a regular "
                "update (recreate_as_remote: false) is still possible",
                code="window_closed",
            )


def announce(job: Job | None, label: str, changed: bool, clock: Clock, reporter: Reporter) -> None:
    """Say which job an update has now, unless there is nothing to say of it."""
    if job is None or (job.status in ENDED and not changed):
        return
    tone = Level.CHANGED if changed else Level.INFO
    if job.job_id is None:
        reporter.line(f"{label}  " + ("would be scheduled" if changed else "is being scheduled by another run"), tone)
        return
    attempt = f" as attempt {job.attempt}" if job.attempt > 1 else ""
    note = f"job {job.job_id}" + (", scheduled before" if job.attached else f" scheduled{attempt}")
    reporter.line(status_line(label, str(job.status), job.age(clock.now()), note), tone)


def in_error(label: str, job_id: str | None, attempt: int, policy: Policy) -> LinkUpdateError:
    """What is said of a job that ended in ERROR."""
    if policy.resubmit_failed or policy.force:
        advice = "A rerun schedules a new attempt"
    else:
        advice = "Set resubmit_failed to true to have it scheduled again"
    return LinkUpdateError(
        f"{label}: job {job_id} (attempt {attempt}) ended in ERROR at the service. {advice}",
        code="job_error",
        job_id=job_id,
    )


def _job_of(update: Update, attempt: Attempt) -> Job:
    return Job(
        replace(update, create_backup=attempt.create_backup),
        attempt.number,
        job_id=attempt.job_id,
        status=attempt.status,
        submitted_at=attempt.submitted_at,
        completed_at=attempt.completed_at,
        attached=True,
    )
