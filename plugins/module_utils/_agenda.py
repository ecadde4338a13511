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
import itertools
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._links_api import ENDED, PENDING

#: The pause before the next look at a job, as a part of its age: noticing its end costs at most that part of its time.
PART_OF_AGE = 0.05


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to look; all in seconds."""

    timeout: float = 86400.0
    poll_min: float = 2.0
    poll_max: float = 60.0

    def pause(self, age: float) -> float:
        """The time until the next look at a job of this age."""
        return min(max(PART_OF_AGE * age, self.poll_min), self.poll_max)


@dataclass
class Watched:
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


@dataclass
class _Site:
    """The jobs of one site that are not over."""

    #: The queue, each with the moment it was scheduled and its number on the agenda.
    queue: list[tuple[float, int]] = field(default_factory=list)
    #: The numbers of those at work.
    at_work: set[int] = field(default_factory=set)


class Agenda:
    """The jobs that are not over, and when to look at each.

    :param deadline: when time is up: each job's last look comes then, and none later.
    """

    def __init__(self, patience: Patience, deadline: float) -> None:
        self._patience = patience
        self._deadline = deadline
        self._numbers = itertools.count()
        self._jobs: dict[int, Watched] = {}
        self._number: dict[int, int] = {}
        self._scheduled: dict[int, float] = {}
        self._due: dict[int, float] = {}
        #: By moment; an entry whose moment is not the job's any more counts for nothing.
        self._heap: list[tuple[float, int]] = []
        self._sites: defaultdict[str, _Site] = defaultdict(_Site)

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def jobs(self) -> Iterable[Watched]:
        """Those that are not over."""
        return self._jobs.values()

    def age(self, job: Watched, now: float) -> float:
        """Seconds since the job was scheduled."""
        return now - self._scheduled[self._number[id(job)]]

    def add(self, jobs: Iterable[Watched], now: float) -> None:
        """Have jobs looked at from now on; those that are over are not."""
        for job in jobs:
            if not job.over:
                number = next(self._numbers)
                self._number[id(job)] = number
                self._jobs[number] = job
                self._scheduled[number] = now - job.age
                self._file(number)
        for job in jobs:
            if not job.over:
                number = self._number[id(job)]
                first_in_queue = self._sites[job.site_id].queue[:1] == [(self._scheduled[number], number)]
                # Of those in the queue the first one tells whether it moves while others are at work.
                at_once = first_in_queue or not self._is_behind(number)
                self._put(number, now if at_once else now + self._pause_in_queue(number, now))

    def next(self) -> tuple[float, Watched]:
        """The next look: when, and at which job. There must be one."""
        while True:
            moment, number = self._heap[0]
            if self._due.get(number) == moment:
                return moment, self._jobs[number]
            heapq.heappop(self._heap)

    def put_off(self, job: Watched, moment: float) -> None:
        """Look at a job at that moment, whatever was due."""
        self._put(self._number[id(job)], moment)

    def looked(self, job: Watched, now: float, *, quiet: float = 0.0) -> None:
        """A job was looked at; what was learnt is in it.

        :param quiet: for how many seconds the service does not want to be asked about it again.
        """
        number = self._number[id(job)]
        site = self._sites[job.site_id]
        was_queued = number not in site.at_work
        if job.over or now >= self._deadline:
            self._remove(number)
        else:
            self._file(number)
            pause = (
                self._pause_in_queue(number, now)
                if self._is_behind(number)
                else self._patience.pause(self.age(job, now))
            )
            self._put(number, now + max(pause, quiet))
        if site.queue and (job.over or (was_queued and not job.queued)):
            # The queue has moved on, or is about to.
            self._put(site.queue[0][1], now)

    def _pause_in_queue(self, number: int, now: float) -> float:
        """Until a look at a job that others are in front of: for the case that it is not as it is taken to be."""
        return max(now - self._scheduled[number], self._patience.poll_max)

    def _is_behind(self, number: int) -> bool:
        """Whether it is in the queue, and there is another one whose news are its news."""
        site = self._sites[self._jobs[number].site_id]
        return number not in site.at_work and (bool(site.at_work) or site.queue[0][1] != number)

    def _file(self, number: int) -> None:
        job = self._jobs[number]
        site = self._sites[job.site_id]
        place = (self._scheduled[number], number)
        if job.queued:
            site.at_work.discard(number)
            if place not in site.queue:
                insort(site.queue, place)
        else:
            site.at_work.add(number)
            if place in site.queue:
                site.queue.remove(place)

    def _put(self, number: int, moment: float) -> None:
        moment = self._due[number] = min(moment, self._deadline)
        heapq.heappush(self._heap, (moment, number))

    def _remove(self, number: int) -> None:
        job = self._jobs.pop(number)
        site = self._sites[job.site_id]
        site.at_work.discard(number)
        place = (self._scheduled[number], number)
        if place in site.queue:
            site.queue.remove(place)
        del self._due[number]
