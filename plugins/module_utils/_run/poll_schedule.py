# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When to poll which job.

A running job is polled again after a part of its age. A queued job is hardly polled while another job of its site is
running or is ahead of it in the queue: it cannot have started as long as that one has not ended. This is inferred: a
site takes its jobs in the order in which they were scheduled, one or a few at a time. Where that is wrong, a job is
shown as queued for too long; the end of the wait is noticed just as soon.
"""

from __future__ import annotations

import heapq
import math
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count

from .._clock import Clock
from .._errors import Failure
from .._model.policy import PollPolicy
from .._status import BACKUP, ENDED, PENDING
from .estimate import Open
from .times import Seen, Times, times_of


@dataclass(eq=False)
class WatchedJob:
    """A job that is waited for."""

    site_id: str
    job_id: str
    label: str
    #: Seconds since it was scheduled, at the moment the wait for it begins.
    age: float = 0.0
    #: Seconds since its status was asked for, at that moment; None where it was not.
    asked: float | None = None
    #: The last status that the service gave; None before the first poll.
    status: str | None = None
    #: What the service said beside it.
    said: str = ""
    #: Why it is no longer polled although it has not ended.
    failure: Failure | None = None
    #: Why the last poll got no status. The next poll may get one.
    trouble: Failure | None = None
    #: The statuses that it was seen in, from the first one on.
    history: list[Seen] = field(default_factory=list)

    @property
    def over(self) -> bool:
        """Whether it is no longer polled."""
        return self.status in ENDED or self.failure is not None

    def times(self, now: datetime) -> Times:
        """For how long it has waited and run."""
        return times_of(self.history, now)

    @property
    def queued(self) -> bool:
        """Whether it has not started, by its last status."""
        return self.status == PENDING and self.failure is None


@dataclass(eq=False)
class _Poll:
    """The next poll of a job."""

    job: WatchedJob
    #: When the job was scheduled.
    scheduled: float
    #: Counts the jobs in the order in which they were added.
    number: int
    #: When it is due; never while its answer is awaited, and when the job is no longer polled.
    due: float = math.inf

    @property
    def position(self) -> tuple[float, int]:
        """Its position in the queue of its site."""
        return self.scheduled, self.number


@dataclass
class _Site:
    """The polls of one site, by what its jobs are doing."""

    queue: list[_Poll] = field(default_factory=list)
    running: set[_Poll] = field(default_factory=set)
    #: By time. An item counts only if its poll is still due at that time.
    planned: list[tuple[float, int, _Poll]] = field(default_factory=list)
    #: How much of it is being asked or scheduled; meanwhile no job of it is polled.
    busy: int = 0

    @property
    def next(self) -> _Poll | None:
        """The next poll, if there is one."""
        while self.planned:
            due, _number, poll = self.planned[0]
            if poll.due == due:
                return None if self.busy else poll
            heapq.heappop(self.planned)
        return None

    def plan(self, poll: _Poll, due: float) -> None:
        poll.due = due
        heapq.heappush(self.planned, (due, poll.number, poll))

    def is_first(self, poll: _Poll) -> bool:
        """Whether its job is the first in the queue."""
        return self.queue[:1] == [poll]

    def is_behind(self, poll: _Poll) -> bool:
        """Whether its job is queued behind one that is running, or ahead of it in the queue."""
        return poll not in self.running and (bool(self.running) or not self.is_first(poll))

    def update(self, poll: _Poll) -> None:
        """Sort it by the last status of its job."""
        self.remove(poll)
        if poll.job.queued:
            insort(self.queue, poll, key=lambda each: each.position)
        else:
            self.running.add(poll)

    def remove(self, poll: _Poll) -> None:
        self.running.discard(poll)
        if poll in self.queue:
            self.queue.remove(poll)


class PollSchedule:
    """The jobs that are still polled, and when. Each one is polled a last time when the timeout has passed.

    Of one site, one job at a time is polled.
    """

    def __init__(self, policy: PollPolicy, clock: Clock) -> None:
        self._policy = policy
        self._clock = clock
        self._deadline = math.inf
        self._polls: dict[WatchedJob, _Poll] = {}
        self._sites: defaultdict[str, _Site] = defaultdict(_Site)
        self._numbers = count()

    def __len__(self) -> int:
        return len(self._polls)

    @property
    def jobs(self) -> Iterable[WatchedJob]:
        """The jobs that are still polled."""
        return self._polls.keys()

    @property
    def oldest(self) -> WatchedJob:
        """The job that was scheduled first. There must be one."""
        return min(self._polls.values(), key=lambda poll: poll.position).job

    def running_at(self, site_id: str) -> int:
        """How many jobs of a site are at work, as far as is known."""
        return sum(poll.job.status not in (None, BACKUP) for poll in self._sites[site_id].running)

    def open_jobs(self, now: datetime) -> dict[str, Open]:
        """The jobs of each site that are still polled."""
        return {
            site_id: Open(len(site.queue), [poll.job.times(now).running for poll in site.running])
            for site_id, site in self._sites.items()
        }

    def begin_timeout(self) -> None:
        """The timeout begins now."""
        self._deadline = self._clock.monotonic() + self._policy.timeout

    @property
    def time_left(self) -> float:
        """Seconds until the timeout has passed; none or fewer once it has, and no end of them before it has begun."""
        return self._deadline - self._clock.monotonic()

    def age(self, job: WatchedJob) -> float:
        """Seconds since the job was scheduled."""
        return self._clock.monotonic() - self._polls[job].scheduled

    def add(self, jobs: Iterable[WatchedJob]) -> None:
        """Poll these jobs as well, unless they are over."""
        now = self._clock.monotonic()
        new = [_Poll(job, now - job.age, next(self._numbers)) for job in jobs if not job.over]
        for poll in new:
            self._polls[poll.job] = poll
            self._sites[poll.job.site_id].update(poll)
        for poll in new:
            site = self._sites[poll.job.site_id]
            # The first in the queue shows whether the queue moves, also while other jobs are running.
            at_once = site.is_first(poll) or not site.is_behind(poll)
            if at_once and poll.job.asked is None:
                self._plan(poll, now)
            else:
                self._plan(poll, max(now + self._pause(poll, now) - (poll.job.asked or 0.0), now))

    @property
    def next_due(self) -> float:
        """When the next poll is due; never while there is something to wait for at every site."""
        due = min((poll.due for poll in self._next_of_sites()), default=math.inf)
        return min(due, self._deadline) if due < math.inf else due

    def begin_next(self) -> WatchedJob:
        """The job whose poll is due first. There must be one. It is polled now, and no other of its site."""
        poll = min(self._next_of_sites(), key=lambda each: each.due)
        poll.due = math.inf
        self.occupy(poll.job.site_id)
        return poll.job

    def occupy(self, site_id: str) -> None:
        """Plan polls of a site, but for later: something else is being done there."""
        self._sites[site_id].busy += 1

    def release(self, site_id: str) -> None:
        """That is done."""
        self._sites[site_id].busy -= 1

    def postpone(self, job: WatchedJob, seconds: float) -> None:
        """The job was not polled: do it so much later, or not at all if the timeout has passed."""
        self.release(job.site_id)
        if self.time_left > 0:
            self._plan(self._polls[job], self._clock.monotonic() + seconds)
        else:
            self._drop(job)

    def polled(self, job: WatchedJob, *, retry_after: float = 0.0) -> None:
        """Plan what follows a poll, whose result is in the job.

        :param retry_after: for how many seconds the service wants no further poll of the job.
        """
        self.release(job.site_id)
        now = self._clock.monotonic()
        poll, site = self._polls[job], self._sites[job.site_id]
        has_left_queue = poll in site.queue and not job.queued
        if job.over or now >= self._deadline:
            self._drop(job)
        else:
            site.update(poll)
            self._plan(poll, now + max(self._pause(poll, now), retry_after))
        if site.queue and (job.over or has_left_queue):
            # The next job of the queue may have started, or is about to.
            self._plan(site.queue[0], now)

    def _pause(self, poll: _Poll, now: float) -> float:
        age = now - poll.scheduled
        if self._sites[poll.job.site_id].is_behind(poll):
            # In case its site takes its jobs in another order.
            return max(age, self._policy.poll_max)
        return self._policy.pause(age)

    def _next_of_sites(self) -> Iterator[_Poll]:
        return (poll for site in self._sites.values() if (poll := site.next))

    def _plan(self, poll: _Poll, due: float) -> None:
        self._sites[poll.job.site_id].plan(poll, due)

    def _drop(self, job: WatchedJob) -> None:
        poll = self._polls.pop(job)
        poll.due = math.inf
        self._sites[job.site_id].remove(poll)
