# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The request that schedules a job: claimed in the ledger before it is sent, and recorded there when it is answered."""

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

#: The part of a claim's lease within which its request has to begin. The rest is for the request: it has to end before
#: another run may take its outcome for unknown.
_TO_BEGIN = 0.25
CORRECT = "correct that, then rerun"
LATER = "rerun when the service takes requests again"


class Submission:
    """Has a job scheduled for one update. What has become of that is in the attributes, also where the run is stopped.

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
        #: What became of a request that was sent, where that is no recorded job.
        self._trouble: Failure | None = None

    def prepare(self) -> None:
        """Connect.

        :raises NotAccepted, LinkUpdateError: that is not possible. Nothing was sent.
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
        :raises LinkUpdateError: there is no job, or nobody knows; or there is, and the ledger does not know it.
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
        """To be called before the first byte: whoever was suspended or stopped since now must not send any more."""
        # One of the two clocks may stand still while the machine sleeps, the other may be set back.
        now, monotonic = self._clock.now(), self._clock.monotonic()
        limit = _TO_BEGIN * self._tools.lease.total_seconds()

        def check() -> None:
            # Nobody is told any more of what is sent now.
            end_with_the_others()
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
            self._tools.contact.answered(unknown.failure)
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
        """What is wrong with an update whose request was sent when somebody stopped the run; nothing if its job is
        recorded.
        """
        if self._recorded:
            return None
        return self._trouble or Failure(
            "the run was stopped before the answer to the request was recorded, so whether there is a job is unknown",
            Code.SUBMISSION_UNKNOWN,
            "rerun: it decides as unknown_submission says",
            about=self._label,
            job_id=self.job.job_id if self.job else None,
        )

    def not_scheduled(self, exc: LinkUpdateError, advice: str, trouble: str = "") -> LinkUpdateError:
        """The failure where certainly no job was scheduled.

        :param trouble: what else went wrong.
        """
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

    def _let_go(self, claim: Claim, how: Callable[[Claim], None]) -> str:
        """Give a claim back. What became of the request must be said also where that fails; what to add to it then."""
        try:
            how(claim)
        except LedgerError as exc:
            return f". Besides, {exc.failure.what}: the claim stays, and a rerun takes its outcome for unknown"
        return ""
