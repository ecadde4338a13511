# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a desired update and the ledger to its job: an existing one, or a new one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum, auto

from .._errors import Code, Failure, JobUnknown, LinkUpdateError, NotAccepted
from .._ledger.attempt import Attempt
from .._model.policy import Policy
from .._model.update import Update
from .._model.window import RECREATE_WINDOW
from .._progress import duration
from .._service.links_api import NEW_FOR, LinksApi
from .._service.retry import Backoff, pause, retry, within_limit
from .._status import COMPLETE, ENDED, ERROR, FAILURES, JobStatus
from .job import Job, in_error, job_of, with_words
from .submission import CORRECT, LATER, MAY_EXIST, Submission
from .toolbox import Toolbox


class Step(Enum):
    """What to do next for an update."""

    SCHEDULE = auto()
    AWAIT_CLAIM = auto()
    DECIDE_ON_UNKNOWN = auto()
    POLL = auto()
    ATTACH = auto()
    FAIL = auto()


def next_step(last: Attempt | None, policy: Policy) -> Step:
    """The central table: from the last attempt in the ledger to the next step."""
    if last is None:
        return Step.SCHEDULE
    if last.job_id is None:
        return Step.AWAIT_CLAIM if last.in_flight else Step.DECIDE_ON_UNKNOWN
    if last.status == COMPLETE:
        return Step.SCHEDULE if policy.force else Step.ATTACH
    if last.status in FAILURES:
        # Why a job ended in a status that is not documented is for a person to find out.
        may_resubmit = policy.resubmit_failed and last.status == ERROR
        return Step.SCHEDULE if may_resubmit or policy.force else Step.FAIL
    return Step.POLL


@dataclass(frozen=True)
class Outcome:
    """The outcome of one update."""

    #: Its job, as far as it is known. If one is due, or after a failure, the last job.
    job: Job | None = None
    #: A job was scheduled, or may have been; in check mode, it would be.
    changed: bool = False
    #: A job is missing, and this call was not to schedule one.
    due: bool = False
    failure: Failure | None = None
    #: What stopped the run during the request. It has to be raised again.
    interrupt: BaseException | None = None


class Reconciler:
    """Finds or schedules the job of one update, with at most one request that the service accepts.

    :param label: the name of the update in messages.
    """

    def __init__(self, tools: Toolbox, api: LinksApi, policy: Policy, update: Update, label: str) -> None:
        self._tools = tools
        self._ledger, self._clock, self._reporter = tools.ledger, tools.clock, tools.reporter
        self._api = api
        self._policy = policy
        self._update = update
        self._label = label
        self._submission = Submission(tools, api, policy, update, label)
        #: In check mode, a job would be scheduled.
        self._would_change = False
        self._last: Job | None = None
        #: What the service said with the status of a job, by the number of its attempt.
        self._said: dict[int, str] = {}
        self._backoff = Backoff()
        #: The warnings, by the number of the attempt.
        self._risks: dict[int, str] = {}
        self._warned: set[str] = set()

    def ensure(self) -> Outcome:
        """The job of the update: the existing one, or a new one. It may not have ended."""
        return self._outcome(may_schedule=True)

    def attach(self) -> Outcome:
        """The existing job of the update, unless it has to be replaced. Nothing is scheduled."""
        return self._outcome(may_schedule=False)

    def _outcome(self, *, may_schedule: bool) -> Outcome:
        try:
            settled = self._settle(may_schedule=may_schedule)
        except LinkUpdateError as exc:
            failed = replace(exc.failure, about=exc.failure.about or self._label)
            return Outcome(self._job, self._changed, failure=failed)
        except (KeyboardInterrupt, SystemExit) as exc:
            if stopped := self.stopped():
                return replace(stopped, interrupt=exc)
            raise
        return Outcome(self._job, self._changed, due=not settled)

    def stopped(self) -> Outcome | None:
        """The outcome when the run is stopped. None if it is certain that nothing was scheduled."""
        if not self._submission.changed:
            return None
        return Outcome(self._job, changed=True, failure=self._submission.stopped())

    @property
    def _job(self) -> Job | None:
        return self._submission.job or self._last

    @property
    def _changed(self) -> bool:
        return self._submission.changed or self._would_change

    def _settle(self, *, may_schedule: bool) -> bool:
        """Whether the update has a job now. If not, a job is missing, and this call was not to schedule one.

        :raises LinkUpdateError: there is no job, or it ended without success, or nobody knows. The code says which.
        """
        while True:
            last, step = self._due()
            self._last = job_of(self._update, last, self._said.get(last.number, "")) if last else None
            if step is Step.ATTACH or (step is Step.AWAIT_CLAIM and self._tools.check):
                return True
            if self._last and step is Step.FAIL:
                raise LinkUpdateError.of(in_error(self._label, self._last, self._policy))
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
        """The last attempt, with a status that is recent enough, and the next step."""
        last = self._latest()
        step = next_step(last, self._policy)
        if step is not Step.POLL or last is None or last.job_id is None:
            return last, step
        site_id, job_id = str(self._update.site_id), last.job_id
        try:
            status = self._status(site_id, job_id)
        except JobUnknown:
            is_new = job_of(self._update, last).age(self._clock.now()) < NEW_FOR
            return last, Step.ATTACH if is_new else Step.DECIDE_ON_UNKNOWN
        except LinkUpdateError as exc:
            what = f"{exc.failure.what}. Job {job_id} may still be running, so nothing was scheduled"
            failed = exc.amended(about=self._label, what=what, advice=exc.failure.advice or CORRECT)
            self._tools.contact.keep_failure(failed.failure)
            raise failed from None
        self._tools.contact.keep_status(status.word, self._label)
        self._ledger.record_status(site_id, job_id, status.word)
        ended, self._said[last.number] = status.word in ENDED, status.said
        last = replace(last, status=status.word, completed_at=self._clock.now() if ended else None)
        step = next_step(last, self._policy) if ended else Step.ATTACH
        if step is Step.SCHEDULE:
            self._say(with_words(f"job {job_id} ended in {status.word}", status.said))
        return last, step

    def _status(self, site_id: str, job_id: str) -> JobStatus:
        answers, job = self._tools.answers, (site_id, job_id)
        if job in answers and not self._tools.check:
            # Only once: later, the status may be another.
            return answers.pop(job)
        status = retry(lambda: self._api.status(site_id, job_id), clock=self._clock, say=self._say)
        if self._tools.check:
            answers[job] = status
        return status

    def _latest(self) -> Attempt | None:
        last = self._ledger.latest(self._update)
        if last is None and (other := self._update.in_other_manner(self._clock.now())):
            return self._ledger.latest(other)
        return last

    def _say(self, text: str) -> None:
        self._reporter.line(f"{self._label}  {text}")

    def _accept_risk(self, last: Attempt) -> str:
        """The warning when an update is scheduled again although it may have a job already.

        :raises LinkUpdateError: the user does not want that.
        """
        if last.job_id:
            code = Code.JOB_UNKNOWN
            what = f"the service no longer knows job {last.job_id} (attempt {last.number}). Its outcome is unknown"
        else:
            code = Code.SUBMISSION_UNKNOWN
            what = f"an earlier run sent attempt {last.number} and recorded no answer. {MAY_EXIST}"
        option = self._policy.named("unknown_submission")
        if not self._policy.resubmit_unknown:
            raise LinkUpdateError(
                f"{what}. Nothing was scheduled, because {option} is fail",
                code=code,
                advice="look at the site. To schedule it again (links that are already fixed are skipped): "
                + self._policy.named.setting("unknown_submission", "resubmit"),
                about=self._label,
                job_id=last.job_id,
            )
        would = "would be" if self._tools.check else "is"
        return f"{self._label}: {what}. It {would} scheduled again, because {option} is resubmit"

    def _schedule(self, number: int) -> bool:
        """Claim, send, record. False: read the ledger again, because another run was first, or the service accepts the
        request only later.
        """
        self._refuse_when_window_is_closed()
        if self._tools.check:
            self._warn_of_risks()
            self._would_change, self._last = True, Job(self._update, number)
            return True
        site_id = str(self._update.site_id)
        self._tools.contact.ask_again(self._api, site_id, self._say)
        try:
            job_id = within_limit(lambda: self._send(number), clock=self._clock, say=self._say)
        except NotAccepted as exc:
            self._come_back_later(exc)
            return False
        if job_id is None:
            return False
        if not self._tools.contact.over:
            self._tools.contact.make(self._api, site_id, job_id, self._label, self._say)
        return True

    def _send(self, number: int) -> str | None:
        """Send the request. Its claim lasts no longer. The id of the job, or None if another run has the claim."""
        with self._api.admitted():
            self._submission.prepare()
            # Once it is sent, its answer is recorded, whoever stops the run.
            with self._clock.uninterrupted():
                # Only the run that gets the claim warns.
                return self._submission.make(number, claimed=self._warn_of_risks)

    def _come_back_later(self, exc: NotAccepted) -> None:
        """Pause before the ledger is read again.

        :raises LinkUpdateError: there were enough pauses.
        """
        seconds = self._backoff.after(exc)
        if seconds is None:
            raise self._submission.not_scheduled(exc, LATER) from None
        self._say(f"not scheduled yet: {exc.failure.what}; trying again in {duration(seconds)}")
        pause(seconds, clock=self._clock, say=self._say)

    def _warn_of_risks(self) -> None:
        for risk in self._risks.values():
            # This is called again each time the ledger is read again.
            if risk not in self._warned:
                self._warned.add(risk)
                self._reporter.warn(risk)

    def _refuse_when_window_is_closed(self) -> None:
        closes = self._update.window_closes
        if closes and self._update.is_too_late(self._clock.now()):
            only = ", with link_update_only for these pairs" if self._policy.named.prefix else ""
            raise LinkUpdateError(
                f"not scheduled: the deadline to recreate links was {closes:%Y-%m-%d %H:%M}Z, {RECREATE_WINDOW.days} "
                "days after the migration",
                code=Code.WINDOW_CLOSED,
                advice=f"correct {self._policy.named('migrated_at')} if it is wrong. A regular update is still "
                f"possible: {self._policy.named.setting('recreate_as_remote', 'false')}{only}",
                about=self._label,
            )
