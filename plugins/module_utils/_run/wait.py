# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for jobs: polling each one when it is due, and showing progress."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from .._clock import Clock
from .._errors import Code, Failure, LinkUpdateError, NotAccepted, OutcomeUnknown, TooEarly, sentence
from .._model.policy import PollPolicy
from .._progress import Heartbeat, Level, Ration, duration, level_of, roughly, status_line, tally
from .._service.links_api import NEW_FOR
from .._status import BACKUP, COMPLETE, ERROR, FAILURES, IN_PROGRESS, KNOWN, PENDING, JobStatus
from .._text import capitalized, columns_of
from .._threads import Tasks
from .estimate import Estimate, Open
from .job import with_words
from .poll_schedule import PollSchedule, WatchedJob
from .toolbox import Toolbox

_RERUN = "run again: it retries the failed jobs"
_NO_RERUN = "look at the site. To schedule jobs that ended in {} again, use force"
#: Seconds between two glances.
_GLANCE = 1.0


class Poller(Protocol):
    """Polls jobs at the service, for whoever waits for them. Never called twice at once for jobs of one site."""

    def poll(self, job: WatchedJob) -> JobStatus:
        """The status of a job. Asks the service once.

        :raises TooEarly: the service does not want it to be asked yet.
        :raises LinkUpdateError: the status is unavailable.
        """

    def follow(self, job: WatchedJob) -> Callable[[], None] | None:
        """What there is to be done now that the status of a job has changed. It may take long."""
        return None

    def starting(self) -> Iterable[tuple[str, Callable[[], None]]]:
        """What there is to be done in the beginning, and at which site. It may take long, and the timeout begins after
        it.
        """
        return ()

    def joining(self, site_id: str) -> Sequence[WatchedJob]:
        """The jobs to wait for as well when something was done at a site."""
        return ()

    def on_hold(self) -> Mapping[str, int]:
        """How many jobs will be joining, by their sites."""
        return {}

    def last_line(self, job: WatchedJob) -> tuple[str, Level] | None:
        """What to show now that a job has ended, if it was the last one of an instance."""
        return None

    def summary(self) -> str | None:
        """One line about all jobs; None for the number of jobs in each status."""
        return None


def wait_for(
    jobs: Sequence[WatchedJob],
    poller: Poller,
    policy: PollPolicy,
    tools: Toolbox,
    *,
    ration: Ration | None = None,
) -> None:
    """Poll jobs until each one is over or the timeout has passed. What the polls found is in the jobs.

    :param ration: limits the lines about changes, for a caller who shows a summary at the end. Without one, the summary
        is shown here if there are several jobs.
    """

    def summary() -> str:
        return poller.summary() or tally("failed" if job.failure else job.status for job in jobs)

    schedule = PollSchedule(policy, tools.clock)
    schedule.add(jobs)
    shared = ration or Ration(tools.clock)
    tools.width = max([tools.width, *(columns_of(job.label) for job in jobs)])
    lines = _JobLines(schedule, tools, shared, several=ration is not None or len(jobs) > 1)
    summaries = _Summaries(schedule, tools, shared, summary, poller.on_hold)
    with tools.threads.tasks() as tasks:
        _Wait(schedule, poller, lines, summaries, tasks, tools.clock).run()
    if ration is None and len(jobs) > 1:
        summaries.show_last()


class _Wait:
    """The loop: sleep until a poll has ended, or a poll or a summary is due."""

    def __init__(
        self,
        schedule: PollSchedule,
        poller: Poller,
        lines: _JobLines,
        summaries: _Summaries,
        tasks: Tasks,
        clock: Clock,
    ) -> None:
        self._schedule = schedule
        self._poller = poller
        self._lines = lines
        self._summaries = summaries
        self._tasks = tasks
        self._clock = clock
        #: How much of what there is to be done in the beginning is not done.
        self._starting = 0

    def run(self) -> None:
        starting = list(self._poller.starting())
        self._starting = len(starting)
        for site_id, act in starting:
            self._do(site_id, act, self._started)
        if not starting:
            self._schedule.begin_timeout()
        while self._schedule or self._tasks.busy:
            self._clock.checkpoint()
            now, due = self._clock.monotonic(), self._schedule.next_due
            if due <= now and not self._summaries.due < now:
                self._start_poll(self._schedule.begin_next())
            elif self._summaries.due <= now:
                self._summaries.show()
            else:
                moment = min(due, self._summaries.due, self._summaries.glance(now))
                self._tasks.wait(moment - now)
        self._summaries.clear_glance()

    def _start_poll(self, job: WatchedJob) -> None:
        in_time = self._schedule.time_left > 0
        self._tasks.start(lambda: self._ask(job), lambda answer: self._polled(job, answer, in_time))

    def _ask(self, job: WatchedJob) -> JobStatus | LinkUpdateError:
        """Poll a job, perhaps in another thread."""
        try:
            return self._poller.poll(job)
        except LinkUpdateError as exc:
            return exc

    def _polled(self, job: WatchedJob, answer: JobStatus | LinkUpdateError, in_time: bool) -> None:
        if isinstance(answer, TooEarly):
            self._schedule.postpone(job, answer.seconds)
            return
        before = job.status
        retry_after = 0.0
        if isinstance(answer, LinkUpdateError):
            retry_after = self._failed(job, answer)
        else:
            is_new = answer.word != job.status or job.trouble is not None
            if answer.word != job.status:
                job.history.append((answer.word, self._clock.now()))
            (job.status, job.said), job.trouble = answer, None
            self._lines.polled(job, answer, is_new=is_new)
        if job.over and (last := self._poller.last_line(job)):
            self._lines.show(*last)
        self._schedule.polled(job, retry_after=retry_after)
        self._summaries.learn(job)
        if job.status != before and in_time and (follow := self._poller.follow(job)):
            self._do(job.site_id, follow)

    def _do(self, site_id: str, act: Callable[[], None], then: Callable[[], None] = lambda: None) -> None:
        """Do something at a site, where nothing is polled meanwhile, and wait for the jobs that come of it."""

        def done(_nothing: None) -> None:
            self._schedule.release(site_id)
            self._schedule.add(self._poller.joining(site_id))
            then()

        self._schedule.occupy(site_id)
        self._tasks.start(act, done)

    def _started(self) -> None:
        self._starting -= 1
        if not self._starting:
            self._schedule.begin_timeout()

    def _failed(self, job: WatchedJob, exc: LinkUpdateError) -> float:
        """A poll has failed. Seconds for which the service wants no further poll of the job."""
        if not self._may_pass(exc, job):
            job.failure = exc.failure
            self._lines.failed(job, exc.failure)
            return 0.0
        if job.trouble is None:
            self._lines.unavailable(job, exc.failure)
        job.trouble = exc.failure
        return (exc.retry_after or 0.0) if isinstance(exc, NotAccepted) else 0.0

    def _may_pass(self, exc: LinkUpdateError, job: WatchedJob) -> bool:
        """Whether a later poll may succeed. A network that fails for minutes must not end a wait of hours."""
        if exc.failure.code is Code.JOB_UNKNOWN:
            return job.status is not None and self._schedule.age(job) < NEW_FOR
        return isinstance(exc, (NotAccepted, OutcomeUnknown))


class _JobLines:
    """The lines about single jobs.

    :param several: whether there are others: then only -v shows that a job has started.
    """

    def __init__(self, schedule: PollSchedule, tools: Toolbox, ration: Ration, *, several: bool) -> None:
        self._schedule = schedule
        self._tools = tools
        self._reporter = tools.reporter
        self._ration = ration
        self._usual = {PENDING, IN_PROGRESS} if several else set()
        self._undocumented: set[str] = set()

    def polled(self, job: WatchedJob, status: JobStatus, *, is_new: bool) -> None:
        """Show a status that is new; warn once of one that is not documented."""
        if status.word not in KNOWN | self._undocumented:
            self._undocumented.add(status.word)
            self._reporter.warn(f"{job.label}: {status.word!r} is not a documented status of a job; still polling")
        if is_new:
            times = str(job.times(self._tools.clock.now()))
            self._line(job, with_words(times, status.said) if times else status.said, level_of(status.word))

    def unavailable(self, job: WatchedJob, failure: Failure) -> None:
        self._line(job, f"status unavailable: {failure.what}; still polling", Level.WARNING)

    def failed(self, job: WatchedJob, failure: Failure) -> None:
        self._line(job, sentence(failure.what, failure.advice), Level.FAILURE)

    def show(self, text: str, level: Level) -> None:
        self._reporter.line(text, level)

    def _line(self, job: WatchedJob, note: str, level: Level) -> None:
        if level is Level.INFO and job.status in self._usual:
            level = Level.DETAIL
        # A job has one line about a failure at most, so these are always shown.
        elif level is not Level.FAILURE:
            level = self._ration.level(level)
        self._reporter.line(status_line(job.label, job.status or "NOT KNOWN", note, width=self._tools.width), level)


class _Summaries:
    """The lines and glances about all jobs."""

    def __init__(
        self,
        schedule: PollSchedule,
        tools: Toolbox,
        ration: Ration,
        summary: Callable[[], str],
        on_hold: Callable[[], Mapping[str, int]],
    ) -> None:
        self._schedule = schedule
        self._on_hold = on_hold
        self._estimate = Estimate()
        self._clock = tools.clock
        self._reporter = tools.reporter
        self._ration = ration
        self._summary = summary
        now = self._clock.monotonic()
        self._heartbeat = Heartbeat(now)
        self._next_glance = now if tools.reporter.glances else math.inf

    @property
    def due(self) -> float:
        """When to show the next one."""
        return self._heartbeat.due

    def show(self) -> None:
        self._reporter.line(self._text() + self._ration.note(), Level.STATUS)
        self._heartbeat.beat(self._clock.monotonic())

    def show_last(self) -> None:
        """Show the one at the end of the wait."""
        self._reporter.line(self._summary() + self._ration.note())

    def glance(self, now: float) -> float:
        """Show a glance if it is time for one. When the next one is due."""
        if now >= self._next_glance:
            self._reporter.glance(self._text())
            self._next_glance = now + _GLANCE
        return self._next_glance

    def clear_glance(self) -> None:
        self._reporter.glance("")

    def _text(self) -> str:
        schedule = self._schedule
        if not schedule:
            return self._summary()
        oldest = schedule.oldest
        unavailable = sum(job.trouble is not None for job in schedule.jobs)
        next_poll = schedule.next_due - self._clock.monotonic()
        # What matters first: a narrow terminal cuts off the end of a glance.
        return "; ".join(
            [
                self._summary() + (f", status of {unavailable} unavailable" if unavailable else ""),
                *self._time_left(),
                f"next poll in {duration(next_poll)}" if next_poll < math.inf else "polling",
                f"longest {duration(schedule.age(oldest))} ({oldest.label})",
                f"timeout in {duration(schedule.time_left)}" if schedule.time_left < math.inf else "scheduling",
            ]
        )

    def learn(self, job: WatchedJob) -> None:
        """A job was polled."""
        self._estimate.see_running(job.site_id, self._schedule.running_at(job.site_id))
        if job.status == COMPLETE:
            self._estimate.learn(job.site_id, job.times(self._clock.now()).running)

    def _time_left(self) -> Iterator[str]:
        """By what was seen of this run; nothing until a job is complete."""
        sites, on_hold = self._schedule.open_jobs(self._clock.now()), Counter(self._on_hold())
        for site_id, count in on_hold.items():
            sites.setdefault(site_id, Open()).waiting += count
        seconds = self._estimate.seconds_left(sites)
        if seconds is not None:
            backups = bool(on_hold) or any(job.status == BACKUP for job in self._schedule.jobs)
            yield f"{roughly(seconds)} left{' after the backups' if backups else ''} (estimate)"


def failure_of(jobs: Sequence[WatchedJob], policy: PollPolicy) -> Failure | None:
    """The failure of a wait, if any. The worst failure gives the code, the text has all of them."""
    failures = [*_in_error(jobs), *_failed(jobs), *_unfinished(jobs, policy)]
    if not failures:
        return None
    affected = [job.job_id for job in jobs if job.status != COMPLETE]
    return replace(
        failures[0],
        what=". ".join(each.what for each in failures),
        advice=". ".join(dict.fromkeys(capitalized(each.advice) for each in failures if each.advice)),
        job_id=affected[0] if len(affected) == 1 else None,
    )


def _in_error(jobs: Sequence[WatchedJob]) -> Iterator[Failure]:
    for status in (ERROR, *sorted(FAILURES - {ERROR})):
        ended = [job for job in jobs if job.status == status]
        if not ended:
            continue
        labels = ", ".join(f"{job.label} (job {job.job_id})" for job in ended)
        said = "; ".join(dict.fromkeys(job.said for job in ended if job.said))
        advice = _RERUN if status == ERROR else _NO_RERUN.format(status)
        yield Failure(with_words(f"{labels} ended in {status}", said), Code.JOB_ERROR, advice)


def _failed(jobs: Sequence[WatchedJob]) -> Iterator[Failure]:
    for job in jobs:
        if job.failure:
            yield replace(job.failure, what=f"{job.label}: {job.failure.what}", advice=_what_now(job.failure), about="")


def _unfinished(jobs: Sequence[WatchedJob], policy: PollPolicy) -> Iterator[Failure]:
    late = [job for job in jobs if not job.over]
    if late:
        yield Failure(
            f"Timeout after {duration(policy.timeout)}, not finished: "
            + ", ".join(f"{job.label} ({job.status or 'status unknown'})" for job in late),
            Code.TIMEOUT,
            "run again: it waits for the jobs, and schedules nothing twice",
        )
    troubles = [(job.label, job.trouble) for job in late if job.trouble]
    if troubles:
        labels, trouble = ", ".join(label for label, _trouble in troubles), troubles[0][1]
        yield Failure(f"The last poll of {labels} failed: {trouble.what}", Code.TIMEOUT, trouble.advice)


def _what_now(failure: Failure) -> str:
    """What to do about a job that can no longer be polled."""
    if failure.code is Code.JOB_UNKNOWN:
        return (
            "its outcome is unknown: look at the site, then run again. That schedules it again, unless "
            "unknown_submission is fail"
        )
    return f"{failure.advice or 'correct that'}, then run again: it waits for the job, which goes on at Atlassian"
