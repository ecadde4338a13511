# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what is desired and what is recorded to a job that is scheduled, attached to, or already done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum, auto

from .._clock import to_text
from .._errors import Code, Failure, JobUnknown, LedgerError, LinkUpdateError, NotAccepted, OutcomeUnknown
from .._ledger.attempt import Attempt, Claim
from .._model.policy import Policy
from .._model.update import Update
from .._model.window import RECREATE_WINDOW
from .._progress import duration
from .._service.links_api import NEW_FOR, LinksApi
from .._service.retry import Backoff, await_rate_limit, pause, retry
from .._status import COMPLETE, ENDED, ERROR, FAILURES, PENDING
from .job import Job, in_error, job_of, with_words
from .toolbox import Toolbox

#: The part of a claim's lease within which its request has to begin. The rest is for the request: it has to end before
#: another run may take its outcome for unknown.
_TO_BEGIN = 0.25
_CORRECT = "correct that, then rerun"
_LATER = "rerun when the service takes requests again"


class Step(Enum):
    """What the last attempt at an update calls for."""

    SCHEDULE = auto()
    AWAIT_CLAIM = auto()
    DECIDE_ON_UNKNOWN = auto()
    POLL = auto()
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
    if last.status in FAILURES:
        # What is not documented is left to a person.
        may_resubmit = policy.resubmit_failed and last.status == ERROR
        return Step.SCHEDULE if may_resubmit or policy.force else Step.FAIL
    return Step.POLL


@dataclass(frozen=True)
class Outcome:
    """What has become of one update."""

    #: The job there is, as far as it is known. If one is due, or after a failure, the last one that there was.
    job: Job | None = None
    #: A job was scheduled, or may have been; in check mode, it would have been.
    changed: bool = False
    #: A job has to be scheduled, and was not, because it was not to be.
    due: bool = False
    failure: Failure | None = None
    #: What stopped the run while the request was under way. It has to be raised again.
    interrupt: BaseException | None = None


class Reconciler:
    """Brings one update from what the ledger says to a job, with at most one request that the service accepts.

    :param label: what messages call the update.
    """

    def __init__(self, tools: Toolbox, api: LinksApi, policy: Policy, update: Update, label: str) -> None:
        self._tools = tools
        self._ledger, self._clock, self._reporter = tools.ledger, tools.clock, tools.reporter
        self._api = api
        self._policy = policy
        self._update = update
        self._label = label
        self._told: set[str] = set()
        self._changed = False
        self._recorded = False
        #: What became of a request that was sent, where that is no recorded job.
        self._trouble: Failure | None = None
        self._job: Job | None = None
        #: What the service said beside the status of a job, by the attempt that it is of.
        self._said: dict[int, str] = {}
        self._backoff = Backoff()
        #: What to warn of, by the attempt that it is about.
        self._risks: dict[int, str] = {}

    def ensure(self) -> Outcome:
        """The job of the update: the one there is, or a new one. It may not have ended."""
        return self._outcome(may_schedule=True)

    def attach(self) -> Outcome:
        """The job of the update, if there is one that need not be replaced; nothing is scheduled."""
        return self._outcome(may_schedule=False)

    def _outcome(self, *, may_schedule: bool) -> Outcome:
        try:
            settled = self._settle(may_schedule=may_schedule)
        except LinkUpdateError as exc:
            failed = replace(exc.failure, about=exc.failure.about or self._label)
            return Outcome(self._job, self._changed, failure=failed)
        except (KeyboardInterrupt, SystemExit) as exc:
            if not self._changed:
                raise
            # What may have been scheduled must not be told as what was not.
            failure = None if self._recorded else self._trouble or self._stopped()
            return Outcome(self._job, changed=True, failure=failure, interrupt=exc)
        return Outcome(self._job, self._changed, due=not settled)

    def _settle(self, *, may_schedule: bool) -> bool:
        """Whether there is a job in the end. Without one, it has to be scheduled and was not to be.

        :raises LinkUpdateError: there is no job, or it ended without success, or nobody knows; its code tells which.
        """
        while True:
            last, step = self._due()
            self._job = job_of(self._update, last, self._said.get(last.number, "")) if last else None
            if step is Step.ATTACH or (step is Step.AWAIT_CLAIM and self._tools.check):
                return True
            if self._job and step is Step.FAIL:
                raise LinkUpdateError.of(in_error(self._label, self._job, self._policy))
            if step is Step.AWAIT_CLAIM:
                self._tools.claim_wait.wait(self._label)
                continue
            if not may_schedule:
                return False
            if last and step is Step.DECIDE_ON_UNKNOWN:
                self._risks[last.number] = self._accept_risk(last)
            if self._schedule(last.number + 1 if last else 1):
                return True

    def _due(self) -> tuple[Attempt | None, Step]:
        """The last attempt, as fresh as it needs to be, and what it calls for."""
        last = self._latest()
        step = next_step(last, self._policy)
        if step is not Step.POLL or last is None or last.job_id is None:
            return last, step
        site_id, job_id = str(self._update.site_id), last.job_id
        try:
            status = retry(
                lambda: self._api.status(site_id, job_id), clock=self._clock, say=self._say, delay=self._api.delay
            )
        except JobUnknown:
            is_new = job_of(self._update, last).age(self._clock.now()) < NEW_FOR
            return last, Step.ATTACH if is_new else Step.DECIDE_ON_UNKNOWN
        except LinkUpdateError as exc:
            what = f"{exc.failure.what}. Job {job_id} may still run, so nothing was scheduled"
            failed = exc.amended(about=self._label, what=what, advice=exc.failure.advice or _CORRECT)
            self._tools.contact.answered(failed.failure)
            raise failed from None
        self._tools.contact.heard(status.word, self._label)
        self._ledger.record_status(site_id, job_id, status.word)
        ended, self._said[last.number] = status.word in ENDED, status.said
        last = replace(last, status=status.word, completed_at=self._clock.now() if ended else None)
        step = next_step(last, self._policy) if ended else Step.ATTACH
        if step is Step.SCHEDULE:
            self._say(with_words(f"job {job_id} has ended in {status.word}", status.said))
        return last, step

    def _latest(self) -> Attempt | None:
        last = self._ledger.latest(self._update)
        if last is None and (other := self._update.in_other_manner(self._clock.now())):
            return self._ledger.latest(other)
        return last

    def _say(self, text: str) -> None:
        self._reporter.line(f"{self._label}  {text}")

    def _accept_risk(self, last: Attempt) -> str:
        """What to warn of when an update is scheduled again although it may have a job that nobody knows of.

        :raises LinkUpdateError: it is not to be scheduled again.
        """
        if last.job_id:
            code = Code.JOB_UNKNOWN
            what = f"the service no longer knows job {last.job_id} (attempt {last.number}), so its outcome is unknown"
        else:
            code = Code.SUBMISSION_UNKNOWN
            what = (
                f"an earlier run sent the request of attempt {last.number} and never recorded an answer: "
                "whether the service scheduled that job is unknown"
            )
        if not self._policy.resubmit_unknown:
            raise LinkUpdateError(
                f"{what}. Nothing was scheduled, because unknown_submission is fail",
                code=code,
                advice="look at the site, then rerun with unknown_submission resubmit (links that are updated already "
                "are left out by the service)",
                about=self._label,
                job_id=last.job_id,
            )
        would = "would be" if self._tools.check else "is"
        return f"{self._label}: {what}; it {would} scheduled again, as unknown_submission is resubmit"

    def _schedule(self, number: int) -> bool:
        """Claim, send, record. False when the ledger has to be asked again, because somebody else was first or the
        service asked to come back later.
        """
        self._refuse_when_window_is_closed()
        if self._tools.check:
            self._warn_of_risks()
            self._changed, self._job = True, Job(self._update, number)
            return True
        site_id = str(self._update.site_id)
        self._tools.contact.ask_again(self._api, site_id)
        # Before the claim, which lasts no longer than one request does.
        await_rate_limit(self._api.delay, clock=self._clock, say=self._say)
        try:
            self._prepare()
            # A request that is under way is waited for, and recorded, whoever stops the run.
            with self._clock.uninterrupted():
                job_id = self._request(number)
        except NotAccepted as exc:
            self._come_back_later(exc)
            return False
        if job_id is None:
            return False
        if not self._tools.contact.over:
            self._tools.contact.make(self._api, site_id, job_id, self._label, self._say)
        return True

    def _prepare(self) -> None:
        """Connect.

        :raises NotAccepted, LinkUpdateError: that is not possible. Nothing was sent.
        """
        try:
            self._api.prepare()
        except NotAccepted:
            raise
        except LinkUpdateError as exc:
            raise self._not_scheduled(exc, exc.failure.advice or _CORRECT) from None

    def _request(self, number: int) -> str | None:
        """Claim, send, record. The id of the job, or None when somebody else has the claim.

        :raises NotAccepted: the service asked to come back later. The claim is withdrawn.
        :raises LinkUpdateError: there is no job, or nobody knows; or there is, and the ledger does not know it.
        """
        in_time = self._lease_check()
        claim = self._ledger.claim(self._update, number, self._tools.lease)
        if claim is None:
            return None
        # Only the one run of several does that gets the claim.
        self._warn_of_risks()
        job_id = self._send(claim, in_time)
        self._changed = True
        self._job = Job(self._update, number, job_id=job_id, status=PENDING, submitted_at=self._clock.now())
        try:
            self._ledger.record_job(claim, job_id, PENDING)
        except LedgerError as exc:
            unrecorded = exc.amended(about=self._label)
            self._trouble = unrecorded.failure
            raise unrecorded from None
        self._recorded = True
        return job_id

    def _lease_check(self) -> Callable[[], None]:
        """To be called before the first byte: whoever was suspended or stopped since now must not send any more."""
        # One of the two clocks may stand still while the machine sleeps, the other may be set back.
        now, monotonic = self._clock.now(), self._clock.monotonic()
        limit = _TO_BEGIN * self._tools.lease.total_seconds()

        def check() -> None:
            passed = max((self._clock.now() - now).total_seconds(), self._clock.monotonic() - monotonic)
            if passed > limit:
                raise NotAccepted(
                    f"this run stood still for {duration(passed)} before the request, and another run may have sent it",
                    code=Code.LEDGER,
                )

        return check

    def _send(self, claim: Claim, before_sending: Callable[[], None]) -> str:
        """Send the request. The id of the job.

        :raises NotAccepted: the service asked to come back later, or it is too late to send it.
        :raises LinkUpdateError: no job was scheduled, or nobody knows.
        """
        try:
            return self._api.schedule(self._update, before_sending=before_sending)
        except NotAccepted as exc:
            if trouble := self._let_go(claim, self._ledger.withdraw):
                raise self._not_scheduled(exc, _LATER, trouble) from None
            raise
        except OutcomeUnknown as exc:
            self._changed = True
            unknown = self._unknown(exc, self._let_go(claim, self._ledger.abandon))
            self._trouble = unknown.failure
            self._tools.contact.answered(unknown.failure)
            raise unknown from exc
        except LinkUpdateError as exc:
            advice = exc.failure.advice or _CORRECT
            raise self._not_scheduled(exc, advice, self._let_go(claim, self._ledger.withdraw)) from None
        except (KeyboardInterrupt, SystemExit):
            # Stopped by a second signal: the service may have the request already.
            self._changed = True
            raise

    def _come_back_later(self, exc: NotAccepted) -> None:
        """Pause before the ledger is asked again.

        :raises LinkUpdateError: that was done often enough.
        """
        seconds = self._backoff.after(exc)
        if seconds is None:
            raise self._not_scheduled(exc, _LATER) from None
        self._say(f"not scheduled yet: {exc.failure.what}; trying again in {duration(seconds)}")
        pause(seconds, clock=self._clock, say=self._say)

    def _not_scheduled(self, exc: LinkUpdateError, advice: str, trouble: str = "") -> LinkUpdateError:
        what = f"nothing was scheduled, {exc.failure.what}{trouble}"
        return LinkUpdateError.of(replace(exc.failure, about=self._label, what=what, advice=advice))

    def _unknown(self, exc: OutcomeUnknown, trouble: str) -> LinkUpdateError:
        if self._policy.resubmit_unknown:
            advice = "rerun to schedule it again, with a warning; links that are updated already are left out then"
        else:
            advice = "look at the site; to schedule it again, rerun with unknown_submission resubmit"
        return LinkUpdateError(
            f"the request was sent, but no usable answer came: {exc.failure.what}. Whether the service scheduled the "
            f"job is unknown, and the request was not sent again{trouble}",
            code=Code.SUBMISSION_UNKNOWN,
            advice=advice,
            about=self._label,
            http_status=exc.failure.http_status,
            request_id=exc.failure.request_id,
        )

    def _stopped(self) -> Failure:
        """What is said of an update whose request was sent when somebody stopped the run."""
        return Failure(
            "the run was stopped before the answer to the request was recorded, so whether there is a job is unknown",
            Code.SUBMISSION_UNKNOWN,
            "rerun: it decides as unknown_submission says",
            about=self._label,
            job_id=self._job.job_id if self._job and not self._job.attached else None,
        )

    def _warn_of_risks(self) -> None:
        for risk in self._risks.values():
            # It would be told again each time the ledger is asked again.
            if risk not in self._told:
                self._told.add(risk)
                self._reporter.warn(risk)

    def _let_go(self, claim: Claim, how: Callable[[Claim], None]) -> str:
        """Give a claim back. What became of the request must be said also where that fails; what to add to it then."""
        try:
            how(claim)
        except LedgerError as exc:
            return f". Besides, {exc.failure.what}: the claim stays, and a rerun takes its outcome for unknown"
        return ""

    def _refuse_when_window_is_closed(self) -> None:
        closes = self._update.window_closes
        if closes and self._update.is_too_late(self._clock.now()):
            raise LinkUpdateError(
                f"nothing was scheduled, links can be recreated for {RECREATE_WINDOW.days} days after the migration "
                f"only, that is until {to_text(closes)[:16]}Z",
                code=Code.WINDOW_CLOSED,
                advice="correct migrated_at if it is wrong. A regular update is still possible: rerun with "
                "link_update_recreate_as_remote: false, and link_update_only for this pair alone",
                about=self._label,
            )
