# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A new ledger starts with one job.

The answers of the service are partly documented and partly inferred. An answer that the collection misreads once, it
misreads thousands of times. So with a new ledger, one request is sent alone. The others follow when the collection has
read the status of its job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from .._clock import Clock
from .._errors import Code, Failure, JobUnknown, LinkUpdateError, OutcomeUnknown
from .._ledger.ledger import Ledger
from .._service.links_api import NEW_FOR, LinksApi
from .._service.retry import pause, retry, within_limit
from .._status import DOCUMENTED, KNOWN, PENDING, JobStatus
from .._text import names

#: Seconds before asking again for a new job that the service does not know yet. Each later pause is twice as long.
_PAUSE = 2.0
_ADVICE = (
    "look at the site, and report this answer as a bug of the collection. The next run asks for the status of this job "
    "first, and schedules the rest when it can read the answer"
)


class FirstContact:
    """It is over when this run, or an earlier one with the same ledger, has read the status of one job."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._alone = threading.Lock()
        self._over: bool | None = None
        self._failure: Failure | None = None

    @property
    def over(self) -> bool:
        if self._over is None:
            # A new job is recorded as PENDING before its status was read.
            read = KNOWN - {PENDING}
            found = any(each.job_id and each.status in read for each in self._ledger.attempts())
            # Another thread may have read one meanwhile.
            self._over = self._over or found
        return self._over

    def keep_status(self, status: str, label: str) -> None:
        """The service gave this status of an earlier job."""
        if status in KNOWN:
            self._over = True
        elif not self.over:
            self._failure = Failure(f"{status!r} is not a documented status", Code.NO_ANSWER, about=label)

    @contextmanager
    def one_by_one(self) -> Iterator[None]:
        """A block that schedules one update. Until the first contact is over, only one thread is in such a block.

        :raises LinkUpdateError: what L(check) raises, before and after the block.
        """
        with ExitStack() as stack:
            if not self.over:
                stack.enter_context(self._alone)
            if self.over:
                stack.close()
            self.check()
            yield
            # An answer that cannot be read for one update cannot be read for the others.
            self.check()

    def check(self) -> None:
        """:raises LinkUpdateError: an answer of the service could not be read, so nothing more may be scheduled."""
        if self._failure and not self.over:
            raise LinkUpdateError(
                f"the answer for {self._failure.about} could not be read",
                code=self._failure.code,
                advice="the next run schedules the rest when it can read the answers of the service",
            )

    def keep_failure(self, failure: Failure) -> None:
        """A request failed. After an answer that cannot be read, nothing more is scheduled."""
        if _is_answer(failure) and not self.over:
            self._failure = failure

    def ask_again(self, api: LinksApi, site_id: str, say: Callable[[str], None]) -> None:
        """Ask for the status of an earlier job of a site, if there is one, before another one is scheduled.

        :raises LinkUpdateError: it cannot be read.
        """
        if self.over:
            return
        jobs = [each.job_id for each in self._ledger.attempts() if each.update.site_id == site_id and each.job_id]
        if not jobs:
            return
        try:
            status = within_limit(lambda: api.status(site_id, jobs[0]), clock=self._clock, say=say)
            self._check_word(status.word)
        except LinkUpdateError as exc:
            if _is_answer(exc.failure):
                what = f"the status of job {jobs[0]} could not be read, so nothing was scheduled: {exc.failure.what}"
                raise LinkUpdateError(what, code=Code.NO_ANSWER, advice=_ADVICE, job_id=jobs[0]) from None

    def make(self, api: LinksApi, site_id: str, job_id: str, label: str, say: Callable[[str], None]) -> None:
        """Ask for the status of the first job, to see that it can be read. The wait records it.

        :raises LinkUpdateError: it cannot be read. Nothing more is scheduled then.
        """
        try:
            self._check_word(self._status_of_new(api, site_id, job_id, say).word)
        except LinkUpdateError as exc:
            self._failure = Failure(
                f"job {job_id} was scheduled, but its status could not be read: {exc.failure.what}. It is the first "
                "job of this ledger, so nothing else was scheduled",
                Code.NO_ANSWER,
                _ADVICE,
                about=label,
                http_status=exc.failure.http_status,
                request_id=exc.failure.request_id,
                job_id=job_id,
            )
            raise LinkUpdateError.of(self._failure) from None

    def _check_word(self, status: str) -> None:
        if status not in KNOWN:
            what = f"{status!r} is not one of {names(sorted(DOCUMENTED))}"
            raise LinkUpdateError(what, code=Code.NO_ANSWER, http_status=200)
        self._over = True

    def _status_of_new(self, api: LinksApi, site_id: str, job_id: str, say: Callable[[str], None]) -> JobStatus:
        """The status of a job that the service may not know yet."""
        seconds, give_up = _PAUSE, self._clock.monotonic() + NEW_FOR
        while True:
            try:
                return retry(lambda: _asked(api, site_id, job_id), clock=self._clock, say=say)
            except JobUnknown:
                left = give_up - self._clock.monotonic()
                if left <= 0:
                    raise
                say(f"the service does not know job {job_id} yet; asking again for {left:.0f} seconds")
                pause(min(seconds, left), clock=self._clock, say=say)
                seconds *= 2


def _asked(api: LinksApi, site_id: str, job_id: str) -> JobStatus:
    try:
        return api.status(site_id, job_id)
    except OutcomeUnknown as exc:
        # Asking again brings the same answer.
        raise (LinkUpdateError.of(exc.failure) if _is_answer(exc.failure) else exc) from None


def _is_answer(failure: Failure) -> bool:
    """Whether this is an answer of success that could not be read."""
    return failure.http_status is not None and 200 <= failure.http_status < 300
