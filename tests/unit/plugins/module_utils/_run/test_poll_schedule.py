# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which job is looked at when: enough to notice each end in time, and no more, however a site works its queue off."""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Sequence

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.poll_schedule import (
    PART_OF_AGE,
    PollPolicy,
    WatchedJob,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.wait import wait_for
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener
from hypothesis import given
from hypothesis import strategies as st

RETRY_BUDGET = PollPolicy(timeout=1_000_000, poll_max=3600)


class Site:
    """A site that works so many of its jobs at a time, and how often it was asked about each."""

    def __init__(self, lengths: Sequence[float], at_a_time: int, order: Sequence[int] | None = None) -> None:
        self._begins: dict[int, float] = {}
        self._ends: dict[int, float] = {}
        free = [0.0] * at_a_time
        for number in order or range(len(lengths)):
            begin = heapq.heappop(free)
            self._begins[number], self._ends[number] = begin, begin + lengths[number]
            heapq.heappush(free, self._ends[number])
        self.looks: Counter[int] = Counter()

    @property
    def end(self) -> float:
        """When its last job ends."""
        return max(self._ends.values())

    def end_of(self, number: int) -> float:
        return self._ends[number]

    def status(self, number: int, passed: float) -> str:
        self.looks[number] += 1
        if passed < self._begins[number]:
            return "PENDING"
        return "IN_PROGRESS" if passed < self._ends[number] else "COMPLETE"


def waited_for(site: Site, count: int, patience: PollPolicy = RETRY_BUDGET) -> tuple[float, list[WatchedJob]]:
    """A wait for all jobs of a site, all of them scheduled at its beginning: how long it took, and the jobs."""
    clock = FakeClock()
    start = clock.monotonic()
    jobs = [WatchedJob("site", str(number), f"job {number}", status="PENDING") for number in range(count)]
    wait_for(
        jobs,
        look=lambda job: site.status(int(job.job_id), clock.monotonic() - start),
        delay=lambda job: 0.0,
        patience=patience,
        clock=clock,
        reporter=Listener(),
    )
    return clock.monotonic() - start, jobs


def looks_needed(seconds: float, patience: PollPolicy = RETRY_BUDGET) -> float:
    """How many looks a single job of that length gets: one each poll_min at first, then the logarithm of its age."""
    evenly_until = patience.poll_min / PART_OF_AGE
    return (
        2
        + min(seconds, evenly_until) / patience.poll_min
        + max(0.0, math.log(seconds / evenly_until) / math.log(1 + PART_OF_AGE))
    )


@given(
    lengths=st.lists(st.floats(1, 20_000), min_size=1, max_size=12),
    at_a_time=st.integers(1, 12),
    chance=st.randoms(use_true_random=False),
)
def test_the_end_is_noticed_in_time_however_the_queue_is_worked_off(
    lengths: list[float], at_a_time: int, chance: random.Random
) -> None:
    order = list(range(len(lengths)))
    chance.shuffle(order)
    site = Site(lengths, at_a_time, order)
    took, jobs = waited_for(site, len(lengths))
    assert {job.status for job in jobs} == {"COMPLETE"}
    assert site.end <= took <= site.end * (1 + PART_OF_AGE) + RETRY_BUDGET.poll_min


@given(st.lists(st.floats(1, 20_000), min_size=1, max_size=12), st.integers(1, 12))
def test_no_job_is_asked_about_more_than_twice_as_often_as_one_alone(lengths: list[float], at_a_time: int) -> None:
    site = Site(lengths, at_a_time)
    waited_for(site, len(lengths))
    for number in range(len(lengths)):
        assert site.looks[number] <= 2 * looks_needed(site.end_of(number))


def test_a_queue_behind_a_job_at_work_is_left_alone() -> None:
    hours = 3600.0
    site = Site([hours] * 20, at_a_time=1)
    took = waited_for(site, 20)[0]
    assert took <= 20 * hours * (1 + PART_OF_AGE)
    # Each job alone: the looks while it is at work, at first a hundred, for the twentieth one each hour's twentieth.
    alone = looks_needed(hours) + sum(
        math.log((number + 1) / number) / math.log(1 + PART_OF_AGE) for number in range(1, 20)
    )
    in_queue = 20 * 2 * math.log2(20 * hours / RETRY_BUDGET.poll_max + 1)
    assert site.looks.total() <= alone + in_queue


def test_jobs_that_run_side_by_side_are_known_to_at_once() -> None:
    clock, reporter = FakeClock(), Listener()
    start = clock.monotonic()
    jobs = [WatchedJob("site", str(number), f"job {number}", status="PENDING") for number in range(19)]
    first_seen: dict[str, float] = {}

    def look(job: WatchedJob) -> str:
        passed = clock.monotonic() - start
        first_seen.setdefault(job.job_id, passed)
        return "IN_PROGRESS" if passed < 600 else "COMPLETE"

    wait_for(jobs, look=look, delay=lambda job: 0.0, patience=RETRY_BUDGET, clock=clock, reporter=reporter)
    assert max(first_seen.values()) < 1


def test_a_queue_that_moves_in_another_order_is_found_out() -> None:
    """The first in the queue is the last to be worked off: the others are seen at work all the same."""
    site = Site([600.0] * 5, at_a_time=1, order=[4, 3, 2, 1, 0])
    patience = PollPolicy()
    waited_for(site, 5, patience)
    assert all(site.looks[number] >= 3 for number in range(1, 5)), "looked at while they were in the queue"


def test_a_job_of_which_nothing_is_known_is_looked_at_first_of_all() -> None:
    clock = FakeClock()
    start = clock.monotonic()
    seen: list[tuple[str, float]] = []

    def look(job: WatchedJob) -> str:
        seen.append((job.job_id, clock.monotonic() - start))
        return "COMPLETE"

    jobs = [WatchedJob("site", "queued", "", status="IN_PROGRESS"), WatchedJob("site", "strange", "")]
    wait_for(jobs, look=look, delay=lambda job: 0.0, patience=RETRY_BUDGET, clock=clock, reporter=Listener())
    assert dict(seen)["strange"] == 0


def test_a_service_that_wants_quiet_is_not_asked_and_one_that_does_not_is() -> None:
    clock = FakeClock()
    start = clock.monotonic()
    asked: list[tuple[str, float]] = []

    def look(job: WatchedJob) -> str:
        passed = clock.monotonic() - start
        asked.append((job.site_id, passed))
        return "COMPLETE" if passed > 200 else "IN_PROGRESS"

    def delay(job: WatchedJob) -> float:
        return max(100 - (clock.monotonic() - start), 0) if job.site_id == "limited" else 0.0

    jobs = [WatchedJob("limited", "1", "limited"), WatchedJob("free", "2", "free")]
    wait_for(jobs, look=look, delay=delay, patience=RETRY_BUDGET, clock=clock, reporter=Listener())
    assert [job.status for job in jobs] == ["COMPLETE", "COMPLETE"]
    assert min(at for site, at in asked if site == "limited") >= 100
    assert min(at for site, at in asked if site == "free") == 0


@pytest.mark.parametrize("count", [10, 2000])
def test_no_job_is_forgotten_however_many_there_are(count: int) -> None:
    site = Site([float(number % 7) for number in range(count)], at_a_time=3)
    jobs = waited_for(site, count)[1]
    assert Counter(job.status for job in jobs) == {"COMPLETE": count}
