# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which job is polled when: enough to notice each end in time, and no more, in whatever order a site runs its jobs."""

from __future__ import annotations

import heapq
import math
import random
from collections import Counter
from collections.abc import Callable, Sequence

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import PART_OF_AGE, PollPolicy
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.poll_schedule import PollSchedule, WatchedJob
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock
from hypothesis import given
from hypothesis import strategies as st

POLICY = PollPolicy(timeout=1_000_000, poll_max=3600)


class Site:
    """A site that runs so many of its jobs at a time, and how often each one was polled."""

    def __init__(self, lengths: Sequence[float], at_a_time: int, order: Sequence[int] | None = None) -> None:
        self._begins: dict[int, float] = {}
        self._ends: dict[int, float] = {}
        free = [0.0] * at_a_time
        for number in order or range(len(lengths)):
            begin = heapq.heappop(free)
            self._begins[number], self._ends[number] = begin, begin + lengths[number]
            heapq.heappush(free, self._ends[number])
        self.polls: Counter[int] = Counter()

    @property
    def end(self) -> float:
        """When its last job ends."""
        return max(self._ends.values())

    def end_of(self, number: int) -> float:
        return self._ends[number]

    def poll(self, job: WatchedJob, passed: float) -> str:
        number = int(job.job_id)
        self.polls[number] += 1
        if passed < self._begins[number]:
            return "PENDING"
        return "IN_PROGRESS" if passed < self._ends[number] else "COMPLETE"


def queued(count: int) -> list[WatchedJob]:
    """So many jobs of one site, all of them just scheduled."""
    return [WatchedJob("site", str(number), f"job {number}", status="PENDING") for number in range(count)]


def follow(jobs: Sequence[WatchedJob], poll: Callable[[WatchedJob, float], str], policy: PollPolicy = POLICY) -> float:
    """Poll jobs as the schedule says, until none is left. How long that took.

    :param poll: gives the status of a job at so many seconds from the beginning.
    """
    clock = FakeClock()
    start = clock.monotonic()
    schedule = PollSchedule(policy, clock)
    schedule.add(jobs)
    schedule.begin_timeout()
    while schedule:
        clock.sleep(max(schedule.next_due - clock.monotonic(), 0.0))
        job = schedule.begin_next()
        job.status = poll(job, clock.monotonic() - start)
        schedule.polled(job)
    return clock.monotonic() - start


def polls_needed(seconds: float) -> float:
    """How often a single job of that length is polled: every poll_min at first, then by the logarithm of its age."""
    evenly_until = POLICY.poll_min / PART_OF_AGE
    return (
        2
        + min(seconds, evenly_until) / POLICY.poll_min
        + max(0.0, math.log(seconds / evenly_until) / math.log(1 + PART_OF_AGE))
    )


@given(
    lengths=st.lists(st.floats(1, 20_000), min_size=1, max_size=12),
    at_a_time=st.integers(1, 12),
    chance=st.randoms(use_true_random=False),
)
def test_the_end_is_noticed_in_time_in_whatever_order_the_jobs_run(
    lengths: list[float], at_a_time: int, chance: random.Random
) -> None:
    order = list(range(len(lengths)))
    chance.shuffle(order)
    site, jobs = Site(lengths, at_a_time, order), queued(len(lengths))
    took = follow(jobs, site.poll)
    assert {job.status for job in jobs} == {"COMPLETE"}
    assert site.end <= took <= site.end * (1 + PART_OF_AGE) + POLICY.poll_min


@given(st.lists(st.floats(1, 20_000), min_size=1, max_size=12), st.integers(1, 12))
def test_no_job_is_polled_more_than_twice_as_often_as_one_alone(lengths: list[float], at_a_time: int) -> None:
    site = Site(lengths, at_a_time)
    follow(queued(len(lengths)), site.poll)
    for number in range(len(lengths)):
        assert site.polls[number] <= 2 * polls_needed(site.end_of(number))


def test_jobs_behind_a_running_one_are_hardly_polled() -> None:
    hours = 3600.0
    site = Site([hours] * 20, at_a_time=1)
    took = follow(queued(20), site.poll)
    assert took <= 20 * hours * (1 + PART_OF_AGE)
    # Each job alone: the polls while it runs, of the first a hundred, of the twentieth one each hour's twentieth.
    alone = polls_needed(hours) + sum(
        math.log((number + 1) / number) / math.log(1 + PART_OF_AGE) for number in range(1, 20)
    )
    in_queue = 20 * 2 * math.log2(20 * hours / POLICY.poll_max + 1)
    assert site.polls.total() <= alone + in_queue


def test_jobs_that_run_side_by_side_are_all_found_at_once() -> None:
    first_poll: dict[str, float] = {}

    def poll(job: WatchedJob, passed: float) -> str:
        first_poll.setdefault(job.job_id, passed)
        return "IN_PROGRESS" if passed < 600 else "COMPLETE"

    follow(queued(19), poll)
    assert len(first_poll) == 19
    assert max(first_poll.values()) < 1


def test_jobs_that_run_in_another_order_are_seen_running() -> None:
    """The first in the queue is the last to run."""
    site = Site([600.0] * 5, at_a_time=1, order=[4, 3, 2, 1, 0])
    follow(queued(5), site.poll, PollPolicy())
    assert all(site.polls[number] >= 3 for number in range(1, 5)), "polled while they were in the queue"


def test_a_job_in_the_queue_is_polled_again_when_it_has_waited_twice_as_long() -> None:
    polls: list[float] = []

    def poll(job: WatchedJob, passed: float) -> str:
        if job.job_id == "1":
            polls.append(passed)
        return "COMPLETE" if passed > 1000 else str(job.status)

    follow([*queued(2), WatchedJob("site", "running", "", status="IN_PROGRESS")], poll, PollPolicy())
    assert polls[:5] == pytest.approx([60, 120, 240, 480, 960])


def test_a_job_without_a_status_is_polled_at_once() -> None:
    first_poll: dict[str, float] = {}

    def poll(job: WatchedJob, passed: float) -> str:
        first_poll.setdefault(job.job_id, passed)
        return "COMPLETE"

    follow([WatchedJob("site", "running", "", status="IN_PROGRESS"), WatchedJob("site", "unknown", "")], poll)
    assert first_poll["unknown"] == 0


def test_the_first_job_in_the_queue_is_polled_at_once_also_while_another_one_runs() -> None:
    first_poll: dict[str, float] = {}

    def poll(job: WatchedJob, passed: float) -> str:
        first_poll.setdefault(job.job_id, passed)
        return str(job.status) if passed < 600 else "COMPLETE"

    follow([*queued(2), WatchedJob("site", "running", "", status="IN_PROGRESS")], poll, PollPolicy())
    assert first_poll["0"] == 0
    assert first_poll["1"] >= PollPolicy().poll_max


def test_a_postponed_job_is_polled_later_and_the_others_are_not(clock: FakeClock) -> None:
    first, second = WatchedJob("eu", "1", ""), WatchedJob("us", "2", "")
    schedule = PollSchedule(POLICY, clock)
    schedule.add([first, second])
    start = clock.monotonic()
    assert schedule.begin_next() is first
    schedule.postpone(first, 100)
    assert (schedule.next_due, schedule.begin_next()) == (start, second)
    second.status = "COMPLETE"
    schedule.polled(second)
    assert (schedule.next_due, schedule.begin_next()) == (start + 100, first)


def test_a_job_is_postponed_to_the_timeout_at_most_and_then_dropped(clock: FakeClock) -> None:
    job = WatchedJob("eu", "1", "")
    schedule = PollSchedule(PollPolicy(timeout=60), clock)
    schedule.add([job])
    schedule.begin_timeout()
    schedule.begin_next()
    schedule.postpone(job, 100)
    assert schedule.next_due == clock.monotonic() + 60
    clock.sleep(60)
    schedule.begin_next()
    schedule.postpone(job, 100)
    assert not schedule


def test_of_one_site_one_job_at_a_time_is_polled(clock: FakeClock) -> None:
    eu, us = [WatchedJob("eu", name, "") for name in "abc"], WatchedJob("us", "d", "")
    schedule = PollSchedule(POLICY, clock)
    schedule.add([*eu, us])
    assert [schedule.begin_next(), schedule.begin_next()] == [eu[0], us]
    assert schedule.next_due == math.inf, "each site is being asked"
    schedule.polled(eu[0])
    assert schedule.begin_next() is eu[1]


def test_while_something_else_is_done_at_a_site_none_of_its_jobs_is_polled(clock: FakeClock) -> None:
    eu, us = WatchedJob("eu", "a", ""), WatchedJob("us", "b", "")
    schedule = PollSchedule(POLICY, clock)
    schedule.add([eu, us])
    schedule.occupy("eu")
    assert schedule.begin_next() is us
    assert schedule.next_due == math.inf
    schedule.release("eu")
    assert schedule.begin_next() is eu


def test_the_oldest_job_is_the_one_that_was_scheduled_first(clock: FakeClock) -> None:
    old, new = WatchedJob("eu", "1", "", age=70), WatchedJob("us", "2", "", age=7)
    schedule = PollSchedule(POLICY, clock)
    schedule.add([new, old])
    clock.sleep(5)
    assert schedule.oldest is old
    assert [schedule.age(new), schedule.age(old)] == [12, 75]


@pytest.mark.parametrize("count", [10, 2000])
def test_no_job_is_forgotten_however_many_there_are(count: int) -> None:
    jobs = queued(count)
    follow(jobs, Site([float(number % 7) for number in range(count)], at_a_time=3).poll)
    assert Counter(job.status for job in jobs) == {"COMPLETE": count}
