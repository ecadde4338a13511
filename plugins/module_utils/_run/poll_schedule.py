# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of the jobs that are waited for is to be looked at when.

A job at work is looked at after a part of its age. One in the queue is left alone as long as another of its site is at
work or was scheduled before it: that one's news are its news. Inferred: a site takes its jobs in the order in which
they were scheduled, one or some at a time. Where that is wrong, a job is shown as queued for longer than it was; the
end of the wait is noticed as soon as otherwise.
"""

from __future__ import annotations

import heapq
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from .._errors import LinkUpdateError
from .._status import ENDED, PENDING

#: The pause before the next look at a job, as a part of its age: noticing its end costs at most that part of its time.
PART_OF_AGE = 0.05


@dataclass(frozen=True)
class PollPolicy:
    """How long to wait, and how often to look; all in seconds."""

    timeout: float = 86400.0
    poll_min: float = 2.0
    poll_max: float = 60.0

    def pause(self, age: float) -> float:
        """The time until the next look at a job of this age."""
        return min(max(PART_OF_AGE * age, self.poll_min), self.poll_max)


@dataclass
class WatchedJob:
    """A job that is waited for."""

    site_id: str
    job_id: str
    label: str
    #: Seconds since it was scheduled, at the moment the waiting begins.
    age: float = 0.0
    #: What the service said last; None before the first look.
    status: str | None = None
    #: Why looking at it is of no use any more.
    failure: LinkUpdateError | None = None
    #: What the last look met instead of a status; the next one may well get one.
    trouble: LinkUpdateError | None = None

    @property
    def over(self) -> bool:
        return self.status in ENDED or self.failure is not None

    @property
    def queued(self) -> bool:
        """Whether it has not begun, by what was said last."""
        return self.status == PENDING and self.failure is None


@dataclass(eq=False)
class _Entry:
    """A job on the agenda."""

    job: WatchedJob
    #: In the order in which the jobs have joined.
    number: int
    #: When it was scheduled.
    scheduled: float
    #: When to look at it next.
    due: float = 0.0

    @property
    def place(self) -> tuple[float, int]:
        """Its place in the queue."""
        return self.scheduled, self.number


@dataclass
class _Site:
    """The jobs of one site that are not over."""

    queue: list[_Entry] = field(default_factory=list)
    at_work: set[_Entry] = field(default_factory=set)

    def leads(self, entry: _Entry) -> bool:
        """Whether it is the first in the queue."""
        return self.queue[:1] == [entry]

    def is_behind(self, entry: _Entry) -> bool:
        """Whether it is in the queue, and there is another one whose news are its news."""
        return entry not in self.at_work and (bool(self.at_work) or not self.leads(entry))

    def file(self, entry: _Entry) -> None:
        """Have it where it belongs by what was said of it last."""
        self.remove(entry)
        if entry.job.queued:
            insort(self.queue, entry, key=lambda each: each.place)
        elif not entry.job.over:
            self.at_work.add(entry)

    def remove(self, entry: _Entry) -> None:
        self.at_work.discard(entry)
        if entry in self.queue:
            self.queue.remove(entry)


class PollSchedule:
    """The jobs that are not over, and when to look at each.

    :param deadline: when time is up: each job's last look comes then, and none later.
    """

    def __init__(self, patience: PollPolicy, deadline: float) -> None:
        self._patience = patience
        self._deadline = deadline
        #: All that ever were on it, by the identity of the job.
        self._entries: dict[int, _Entry] = {}
        #: Those that are not over, by their number.
        self._open: dict[int, _Entry] = {}
        #: By moment. One at which the job is not due any more counts for nothing.
        self._heap: list[tuple[float, int, _Entry]] = []
        self._sites: defaultdict[str, _Site] = defaultdict(_Site)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def jobs(self) -> Iterable[WatchedJob]:
        """Those that are not over."""
        return (entry.job for entry in self._open.values())

    def age(self, job: WatchedJob, now: float) -> float:
        """Seconds since the job was scheduled."""
        return now - self._entries[id(job)].scheduled

    def add(self, jobs: Iterable[WatchedJob], now: float) -> None:
        """Have jobs looked at from now on; those that are over are not."""
        waiting = [job for job in jobs if not job.over]
        new = [_Entry(job, number, now - job.age) for number, job in enumerate(waiting, len(self._entries))]
        for entry in new:
            self._entries[id(entry.job)] = self._open[entry.number] = entry
            self._sites[entry.job.site_id].file(entry)
        for entry in new:
            site = self._sites[entry.job.site_id]
            # Of those in the queue the first one tells whether it moves, also while others are at work.
            at_once = site.leads(entry) or not site.is_behind(entry)
            self._put(entry, now if at_once else now + self._pause(entry, now))

    def next(self) -> tuple[float, WatchedJob]:
        """The next look: when, and at which job. There must be one."""
        while True:
            moment, _number, entry = self._heap[0]
            if entry.number in self._open and entry.due == moment:
                return moment, entry.job
            heapq.heappop(self._heap)

    def put_off(self, job: WatchedJob, moment: float) -> None:
        """Look at a job at that moment, whatever was due."""
        self._put(self._entries[id(job)], moment)

    def looked(self, job: WatchedJob, now: float, *, quiet: float = 0.0) -> None:
        """A job was looked at; what was learnt is in it.

        :param quiet: for how many seconds the service does not want to be asked about it again.
        """
        entry, site = self._entries[id(job)], self._sites[job.site_id]
        was_queued = entry in site.queue
        if job.over or now >= self._deadline:
            self._open.pop(entry.number)
            site.remove(entry)
        else:
            site.file(entry)
            self._put(entry, now + max(self._pause(entry, now), quiet))
        if site.queue and (job.over or (was_queued and not job.queued)):
            # The queue has moved on, or is about to.
            self._put(site.queue[0], now)

    def _pause(self, entry: _Entry, now: float) -> float:
        age = now - entry.scheduled
        if self._sites[entry.job.site_id].is_behind(entry):
            # For the case that its site does not work as it is taken to.
            return max(age, self._patience.poll_max)
        return self._patience.pause(age)

    def _put(self, entry: _Entry, moment: float) -> None:
        entry.due = min(moment, self._deadline)
        heapq.heappush(self._heap, (entry.due, entry.number, entry))
