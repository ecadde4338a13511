# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for jobs: looking at each when it is due, and saying what there is to say meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .._clock import Clock
from .._errors import (
    JobUnknown,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from .._progress import (
    Heartbeat,
    Level,
    Ration,
    Reporter,
    duration,
    level_of,
    status_line,
    tally,
)
from .._service.links_api import NEW_FOR
from .._status import ERROR, KNOWN
from .poll_schedule import PollPolicy, PollSchedule, WatchedJob

#: How often somebody who watches is shown how it stands, in seconds.
_GLANCE = 1.0


def wait_for(
    jobs: Sequence[WatchedJob],
    *,
    look: Callable[[WatchedJob], str],
    delay: Callable[[WatchedJob], float],
    patience: PollPolicy,
    clock: Clock,
    reporter: Reporter,
    joining: Callable[[WatchedJob], Sequence[WatchedJob]] = lambda job: (),
    summary: Callable[[], str] | None = None,
    width: int = 0,
    ration: Ration | None = None,
) -> None:
    """Look at jobs until each is over or time is up; what was learnt of each is in the job itself.

    :param look: asks the service for the status of one job, once.
    :param delay: for how many seconds the service does not want to be asked about a job now.
    :param joining: the jobs that are to be waited for as well, now that this one has got another status.
    :param summary: what there is to say of all of it now and then; without it, how many jobs are in which status.
    :param width: of the labels' column, where a label that joins later is longer than those there are.
    :param ration: of the changes that are told one by one, where the caller sums up at the end; without it, that is
        done here if there are several jobs.
    """
    watch = _Watch(jobs, look, delay, patience, clock, reporter, joining, summary, width, ration or Ration(clock))
    watch.run()
    if ration is None and len(jobs) > 1:
        watch.close()


class _Watch:
    def __init__(
        self,
        jobs: Sequence[WatchedJob],
        look: Callable[[WatchedJob], str],
        delay: Callable[[WatchedJob], float],
        patience: PollPolicy,
        clock: Clock,
        reporter: Reporter,
        joining: Callable[[WatchedJob], Sequence[WatchedJob]],
        summary: Callable[[], str] | None,
        width: int,
        ration: Ration,
    ) -> None:
        self._look = look
        self._turn = delay
        self._clock = clock
        self._reporter = reporter
        self._joining = joining
        self._summary = summary or (lambda: tally("failed" if job.failure else job.status for job in jobs))
        now = clock.monotonic()
        self._deadline = now + patience.timeout
        self._heartbeat = Heartbeat(now)
        self._next_glance = now
        self._ration = ration
        self._agenda = PollSchedule(patience, self._deadline)
        self._strange_words: set[str] = set()
        self._width = max([width, *(len(job.label) for job in jobs)])
        self._agenda.add(jobs, now)

    def run(self) -> None:
        while self._agenda:
            due, job = self._agenda.next()
            if self._heartbeat.due < due:
                self._sum_up(self._sleep_until(self._heartbeat.due))
                continue
            now = self._sleep_until(due)
            quiet = self._turn(job)
            if quiet > 0 and now < self._deadline:
                self._agenda.put_off(job, now + quiet)
                continue
            before = job.status
            told = 0.0 if quiet > 0 else self._visit(job)
            self._agenda.looked(job, self._clock.monotonic(), quiet=told)
            if job.status != before and now < self._deadline:
                self._agenda.add(self._joining(job), self._clock.monotonic())
        self._reporter.glance("")

    def close(self) -> None:
        """Sum up for the last time."""
        self._reporter.line(self._summary() + self._ration.rest())

    def _visit(self, job: WatchedJob) -> float:
        """Look at a job. For how many seconds the service does not want to be asked about it again."""
        try:
            status = self._look(job)
        except LinkUpdateError as exc:
            if self._may_pass(exc, job):
                self._say_out_of_reach(job, exc)
                return (exc.retry_after or 0.0) if isinstance(exc, NotAccepted) else 0.0
            job.failure = exc
            self._say(job, job.status or "NOT KNOWN", exc.message, Level.FAILURE)
        else:
            self._say_status(job, status)
        return 0.0

    def _may_pass(self, failure: LinkUpdateError, job: WatchedJob) -> bool:
        """Whether there is reason to look again. A network that is away for minutes, or a service that asks for quiet,
        ends no wait of hours.
        """
        if isinstance(failure, JobUnknown):
            return job.status is not None and self._agenda.age(job, self._clock.monotonic()) < NEW_FOR
        return isinstance(failure, (NotAccepted, OutcomeUnknown))

    def _say_status(self, job: WatchedJob, status: str) -> None:
        again = job.trouble is not None
        job.trouble = None
        if status not in KNOWN and status not in self._strange_words:
            self._strange_words.add(status)
            self._reporter.warn(f"{job.label}: {status!r} is not a documented status of a job; waiting on")
        if status != job.status or again:
            job.status = status
            self._say(job, status, tone=level_of(status))

    def _say_out_of_reach(self, job: WatchedJob, exc: LinkUpdateError) -> None:
        if job.trouble is None:
            self._say(job, job.status or "NOT KNOWN", f"no news: {exc.message}; asking on", Level.WARNING)
        job.trouble = exc

    def _say(self, job: WatchedJob, status: str, note: str = "", tone: Level = Level.INFO) -> None:
        # What went wrong is told in any case: there is at most one such line for each job.
        if tone is Level.FAILURE or self._ration.allows():
            age = self._agenda.age(job, self._clock.monotonic())
            self._reporter.line(status_line(job.label, status, age, note, width=self._width), tone)

    def _sum_up(self, now: float) -> None:
        self._reporter.line("; ".join(self._standing(now)) + self._ration.rest(), Level.STATUS)
        self._heartbeat.beat(now)

    def _standing(self, now: float) -> list[str]:
        oldest = max(self._agenda.jobs, key=lambda job: self._agenda.age(job, now))
        next_look = self._agenda.next()[0] - now
        away = sum(job.trouble is not None for job in self._agenda.jobs)
        return [
            self._summary() + (f", {away} of them out of reach" if away else ""),
            f"longest {duration(self._agenda.age(oldest, now))} ({oldest.label})",
            f"next look in {duration(next_look)}",
            f"time is up in {duration(self._deadline - now)}",
        ]

    def _sleep_until(self, moment: float) -> float:
        while (now := self._clock.monotonic()) < moment:
            pause = moment - now
            if self._reporter.glances:
                if now >= self._next_glance:
                    self._reporter.glance("; ".join(self._standing(now)))
                    self._next_glance = now + _GLANCE
                pause = min(pause, self._next_glance - now)
            self._clock.sleep(pause)
        return now


def verdict(jobs: Sequence[WatchedJob], patience: PollPolicy) -> LinkUpdateError | None:
    """What to fail with after a wait, if anything. The failure of one job carries its id."""
    in_error = [job for job in jobs if job.status == ERROR]
    lost = [job for job in jobs if job.failure is not None]
    late = [job for job in jobs if not job.over]
    sentences = []
    code = ""
    if late:
        code = "timeout"
        sentences.append(
            f"time is up after {duration(patience.timeout)} with "
            + ", ".join(f"{job.label} {job.status or 'not known'}" for job in late)
            + ": the service works on, a rerun takes up the waiting and schedules nothing twice"
        )
    silent = [(job.label, job.trouble) for job in late if job.trouble]
    if silent:
        sentences.append(f"There was no news of {', '.join(label for label, why in silent)}: {silent[0][1].message}")
    if lost:
        code = lost[0].failure.code if lost[0].failure else code
        sentences += [f"{job.label}: {job.failure.message}. {_what_now(job.failure)}" for job in lost if job.failure]
    if in_error:
        code = "job_error"
        sentences.append(
            ", ".join(f"{job.label} (job {job.job_id})" for job in in_error)
            + " ended in ERROR at the service: a rerun schedules a new attempt"
        )
    if not sentences:
        return None
    affected = in_error + lost + late
    failure = lost[0].failure if lost else None
    return LinkUpdateError(
        ". ".join(sentences),
        code=code,
        http_status=failure.http_status if failure and code == failure.code else None,
        request_id=failure.request_id if failure and code == failure.code else None,
        job_id=affected[0].job_id if len(affected) == 1 else None,
    )


def _what_now(failure: LinkUpdateError) -> str:
    if isinstance(failure, JobUnknown):
        return "Its outcome is unknown: look at the site; a rerun schedules it again, unless unknown_submission is fail"
    return "The job itself goes on at the service: correct that, then rerun to take up the waiting"
