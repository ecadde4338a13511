# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request that schedules a job. It is claimed in the ledger before it is sent, and its answer is recorded there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .._errors import Code, Failure, LedgerError, LinkUpdateError, NotAccepted, OutcomeUnknown
from .._ledger.attempt import Claim
from .._model.policy import Policy
from .._model.update import Update
from .._progress import duration
from .._service.links_api import LinksApi
from .._status import PENDING
from .._threads import WorkEnded, end_with_the_others
from .job import Job
from .toolbox import Toolbox

#: The part of a claim's lease in which its request has to begin. The rest is for the request: it has to end before
#: another run may treat its outcome as unknown.
_TO_BEGIN = 0.25
CORRECT = "correct that, then run again"
LATER = "run again when the service accepts requests"
#: What is said of a request whose answer nobody knows.
MAY_EXIST = "Atlassian may have created this job"


class Submission:
    """Schedules a job for one update. The attributes have the outcome, also when the run is stopped.

    :param label: what messages call the update.
    """

    def __init__(self, tools: Toolbox, api: LinksApi, policy: Policy, update: Update, label: str) -> None:
        self._tools = tools
        self._ledger, self._clock = tools.ledger, tools.clock
        self._api = api
        self._policy = policy
        self._update = update
        self._label = label
        #: The service has a job, or may have one: also while the request is under way.
        self.changed = False
        self.job: Job | None = None
        self._recorded = False
        #: What went wrong with a request that was sent, if its job is not recorded.
        self._trouble: Failure | None = None

    def prepare(self) -> None:
        """Connect.

        :raises NotAccepted, LinkUpdateError: no connection. Nothing was sent.
        """
        try:
            self._api.prepare()
        except NotAccepted:
            raise
        except LinkUpdateError as exc:
            raise self.not_scheduled(exc, exc.failure.advice or CORRECT) from None

    def make(self, number: int, *, claimed: Callable[[], None]) -> str | None:
        """Claim, send, record. The id of the job, or None when somebody else has the claim.

        :param claimed: called when the claim is this run's, before anything is sent.
        :raises NotAccepted: the service asked to come back later. The claim is withdrawn.
        :raises LinkUpdateError: no job was scheduled, or nobody knows; or one was, and the ledger could not record it.
        """
        in_time = self._lease_check()
        claim = self._ledger.claim(self._update, number, self._tools.lease)
        if claim is None:
            return None
        claimed()
        job_id = self._send(claim, in_time)
        self.job = Job(self._update, number, job_id=job_id, status=PENDING, submitted_at=self._clock.now())
        try:
            self._ledger.record_job(claim, job_id, PENDING)
        except LedgerError as exc:
            unrecorded = exc.amended(about=self._label)
            self._trouble = unrecorded.failure
            raise unrecorded from None
        self._recorded = True
        return job_id

    def _lease_check(self) -> Callable[[], None]:
        """A check for just before the first byte: a run that was suspended or stopped meanwhile must not send."""
        # While the machine sleeps, one of the two clocks may stop; the other may be set back.
        now, monotonic = self._clock.now(), self._clock.monotonic()
        limit = _TO_BEGIN * self._tools.lease.total_seconds()

        def check() -> None:
            # Once the run is stopped, nobody would learn of a job that is scheduled now.
            end_with_the_others()
            passed = max((self._clock.now() - now).total_seconds(), self._clock.monotonic() - monotonic)
            if passed > limit:
                raise NotAccepted(
                    f"this run was suspended for {duration(passed)} before the request; another run may have sent it",
                    code=Code.LEDGER,
                )

        return check

    def _send(self, claim: Claim, before_sending: Callable[[], None]) -> str:
        """Send the request. The id of the job.

        :raises NotAccepted: the service asked to come back later, or it is too late to send it.
        :raises LinkUpdateError: no job was scheduled, or nobody knows.
        """
        self.changed = True
        try:
            return self._api.schedule(self._update, before_sending=before_sending)
        except NotAccepted as exc:
            self.changed = False
            if trouble := self._let_go(claim, self._ledger.withdraw):
                raise self.not_scheduled(exc, LATER, trouble) from None
            raise
        except OutcomeUnknown as exc:
            unknown = self._unknown(exc, self._let_go(claim, self._ledger.abandon))
            self._trouble = unknown.failure
            self._tools.contact.keep_failure(unknown.failure)
            raise unknown from exc
        except WorkEnded:
            self.changed = False
            self._let_go(claim, self._ledger.withdraw)
            raise
        except LinkUpdateError as exc:
            self.changed = False
            advice = exc.failure.advice or CORRECT
            raise self.not_scheduled(exc, advice, self._let_go(claim, self._ledger.withdraw)) from None

    def stopped(self) -> Failure | None:
        """The failure of an update whose request was sent when the run was stopped. None if its job is recorded."""
        if self._recorded:
            return None
        return self._trouble or Failure(
            f"the run was stopped before it recorded the answer. {MAY_EXIST}",
            Code.SUBMISSION_UNKNOWN,
            self._send_again(),
            about=self._label,
            job_id=self.job.job_id if self.job else None,
        )

    def not_scheduled(self, exc: LinkUpdateError, advice: str, trouble: str = "") -> LinkUpdateError:
        """The failure when it is certain that no job was scheduled.

        :param trouble: what else went wrong.
        """
        what = f"not scheduled: {exc.failure.what}{trouble}"
        return LinkUpdateError.of(replace(exc.failure, about=self._label, what=what, advice=advice))

    def _unknown(self, exc: OutcomeUnknown, trouble: str) -> LinkUpdateError:
        return LinkUpdateError(
            f"no usable answer to the request: {exc.failure.what}. {MAY_EXIST}; it was not sent again{trouble}",
            code=Code.SUBMISSION_UNKNOWN,
            advice=self._send_again(),
            about=self._label,
            http_status=exc.failure.http_status,
            request_id=exc.failure.request_id,
        )

    def _send_again(self) -> str:
        """What to do about a job that Atlassian may have created."""
        if self._policy.resubmit_unknown:
            return "run again: links that are already fixed are skipped"
        again = self._policy.named.setting("unknown_submission", "resubmit")
        return f"look at the site. To send the request again: {again}"

    def _let_go(self, claim: Claim, how: Callable[[Claim], None]) -> str:
        """Give a claim back. If that fails, the text to add to the failure of the request; else an empty one."""
        try:
            how(claim)
        except LedgerError as exc:
            return f". Also, {exc.failure.what}: the claim stays, and the next run treats the outcome as unknown"
        return ""
