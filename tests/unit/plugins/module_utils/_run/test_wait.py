# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: when jobs are looked at, what is said, and what a wait ends with."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    JobUnknown,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Ration
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.poll_schedule import PollPolicy, WatchedJob
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.wait import verdict, wait_for
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener


class Service:
    """Jobs whose status is a function of the time that has passed."""

    def __init__(self, clock: FakeClock, fates: dict[str, Callable[[float], str]]) -> None:
        self._clock = clock
        self._start = clock.monotonic()
        self._fates = fates
        self.looks: list[tuple[str, float]] = []

    def look(self, job: WatchedJob) -> str:
        passed = self._clock.monotonic() - self._start
        self.looks.append((job.job_id, passed))
        return self._fates[job.job_id](passed)


def at_once(job: WatchedJob) -> float:
    """A service without a limit."""
    return 0.0


class Outcome(NamedTuple):
    jobs: list[WatchedJob]
    looks: list[tuple[str, float]]
    lines: list[str]
    warnings: list[str]


def ends(at: float, how: str = "COMPLETE") -> Callable[[float], str]:
    return lambda passed: how if passed >= at else "IN_PROGRESS"


def fails(*failures: LinkUpdateError, then: str) -> Callable[[float], str]:
    left = list(failures)

    def fate(passed: float) -> str:
        if left:
            raise left.pop(0)
        return then

    return fate


def watch(
    fates: dict[str, Callable[[float], str]], patience: PollPolicy | None = None, ages: dict[str, float] | None = None
) -> Outcome:
    clock, listener = FakeClock(), Listener()
    service = Service(clock, fates)
    jobs = [WatchedJob("site", name, f"eu -> {name}", age=(ages or {}).get(name, 0.0)) for name in fates]
    wait_for(jobs, look=service.look, delay=at_once, patience=patience or PollPolicy(), clock=clock, reporter=listener)
    return Outcome(jobs, service.looks, listener.lines, listener.warnings)


def test_the_end_of_a_job_is_noticed_within_a_twentieth_of_its_time() -> None:
    for length in (100.0, 1000.0, 5000.0):
        seen = watch({"us": ends(length)})
        assert seen.jobs[0].status == "COMPLETE"
        noticed = seen.looks[-1][1]
        assert length <= noticed <= length * 1.05 + 2


def test_the_number_of_looks_grows_with_the_logarithm_of_the_time() -> None:
    patience = PollPolicy(poll_max=3600)
    hour = len(watch({"us": ends(3600)}, patience).looks)
    ten_hours = len(watch({"us": ends(36000)}, patience).looks)
    assert hour < 120
    assert ten_hours - hour < 60, "ten times as long costs about ln(10) / 5 % more looks, not ten times as many"


def test_looks_at_a_job_are_never_closer_than_poll_min_nor_further_apart_than_poll_max() -> None:
    seen = watch({"us": ends(7200)}, PollPolicy(poll_min=3, poll_max=45))
    times = [at for name, at in seen.looks]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) == pytest.approx(3)
    assert max(gaps) == pytest.approx(45)


def test_the_age_that_a_job_had_before_the_wait_counts() -> None:
    fresh = watch({"us": ends(600)}).looks
    aged = watch({"us": ends(600)}, ages={"us": 3600}).looks
    assert len(aged) < len(fresh)


def test_jobs_are_waited_for_side_by_side() -> None:
    seen = watch({"us": ends(300), "ap": ends(10), "au": ends(100)})
    assert [job.status for job in seen.jobs] == ["COMPLETE"] * 3
    assert seen.looks[-1][1] <= 300 * 1.05 + 2


def test_a_job_in_error_does_not_end_the_wait_for_the_others() -> None:
    seen = watch({"us": ends(5, "ERROR"), "ap": ends(100)})
    assert [job.status for job in seen.jobs] == ["ERROR", "COMPLETE"]
    failure = verdict(seen.jobs, PollPolicy())
    assert failure
    assert failure.code == "job_error"
    assert "eu -> us" in failure.message
    assert "eu -> ap" not in failure.message
    assert failure.job_id == "us"


def test_each_change_of_a_status_is_one_line_and_no_change_none() -> None:
    def fate(passed: float) -> str:
        return "PENDING" if passed < 10 else "IN_PROGRESS" if passed < 25 else "COMPLETE"

    lines = watch({"us": fate}).lines
    assert [line.split()[3] for line in lines] == ["PENDING", "IN_PROGRESS", "COMPLETE"]
    assert all(line.startswith("eu -> us  ") for line in lines)


def test_a_job_without_news_is_not_silent_and_hours_of_it_are_not_a_flood() -> None:
    lines = watch({"us": ends(4 * 3600)}).lines
    beats = [line for line in lines if "next look in" in line]
    assert 24 <= len(beats) <= 40
    assert beats[0].startswith(
        "1 job: 0 queued, 0 backup, 1 running, 0 complete, 0 error; longest 30s (eu -> us); next"
    )


def test_a_heartbeat_is_one_short_line_also_for_many_jobs() -> None:
    seen = watch({str(number): ends(200) for number in range(49)})
    beats = [line for line in seen.lines if line.startswith("49 jobs: 0 queued, 0 backup, 49 running")]
    assert beats
    assert max(len(line) for line in beats) < 150


def test_jobs_that_flicker_are_told_so_often_in_an_hour_and_then_counted() -> None:
    def flickers(passed: float) -> str:
        return "COMPLETE" if passed > 4 * 3600 else "RETRY" if int(passed / 61) % 2 else "IN_PROGRESS"

    seen = watch({str(number): flickers for number in range(49)})
    changes = [line for line in seen.lines if line.startswith("eu -> ")]
    assert len(changes) <= 5 * Ration.PER_HOUR
    assert any("changes not told one by one" in line for line in seen.lines)
    assert [job.status for job in seen.jobs] == ["COMPLETE"] * 49


def test_an_error_is_told_whatever_was_told_before() -> None:
    def flickers(passed: float) -> str:
        return "ERROR" if passed > 3000 else "RETRY" if int(passed / 61) % 2 else "IN_PROGRESS"

    lines = watch({str(number): flickers for number in range(49)}).lines
    assert sum(" ERROR " in line for line in lines) == 49


def test_the_last_line_of_a_wait_for_several_jobs_counts_all_of_them() -> None:
    gone = JobUnknown("the service does not know the job", job_id="au")
    lines = watch({"us": ends(100), "ap": ends(300, "ERROR"), "au": fails(gone, then="COMPLETE")}).lines
    assert lines[-1] == "3 jobs: 0 queued, 0 backup, 0 running, 1 complete, 1 error, 1 failed"


def test_the_last_line_of_a_wait_tells_of_each_change_that_no_line_did() -> None:
    def flickers(passed: float) -> str:
        return "COMPLETE" if passed > 400 else "RETRY" if int(passed / 20) % 2 else "IN_PROGRESS"

    seen = watch({str(number): flickers for number in range(49)}, PollPolicy(poll_min=10, poll_max=10))
    changes = [line for line in seen.lines if line.startswith("eu -> ")]
    kept_back = [int(line.split(" change")[0].rpartition(" ")[2]) for line in seen.lines if "not told" in line]
    assert len(changes) == Ration.PER_HOUR
    assert len(kept_back) > 1
    assert len(changes) + sum(kept_back) == 49 * 22
    assert seen.lines[-1].startswith("49 jobs: 0 queued, 0 backup, 0 running, 49 complete, 0 error; ")


def test_one_who_sums_up_is_left_the_last_word_and_what_was_not_told() -> None:
    clock, listener = FakeClock(), Listener()
    service = Service(clock, {"us": ends(5), "ap": ends(5)})
    jobs = [WatchedJob("site", name, f"eu -> {name}") for name in ("us", "ap")]
    ration = Ration(clock)
    for _change in range(Ration.PER_HOUR):
        ration.allows()
    wait_for(
        jobs, look=service.look, delay=at_once, patience=PollPolicy(), clock=clock, reporter=listener, ration=ration
    )
    assert listener.lines == []
    assert ration.kept_back() == 4


def test_somebody_who_watches_is_shown_how_it_stands_once_a_second_and_nothing_at_the_end() -> None:
    clock, listener = FakeClock(), Listener(glances=True)
    service = Service(clock, {"us": ends(600), "ap": ends(300)})
    jobs = [WatchedJob("site", name, f"eu -> {name}") for name in ("us", "ap")]
    begun = clock.monotonic()
    wait_for(jobs, look=service.look, delay=at_once, patience=PollPolicy(), clock=clock, reporter=listener)
    passed = clock.monotonic() - begun
    assert passed - 60 < len(listener.seen) < passed + 2
    assert any(
        seen.startswith("2 jobs: 0 queued, 0 backup, 1 running, 1 complete, 0 error; ") for seen in listener.seen
    )
    assert listener.seen[-1] == ""
    unwatched = watch({"us": ends(600), "ap": ends(300)})
    assert len(service.looks) == len(unwatched.looks), "to show it is not to look more often"


def test_a_job_can_join_when_another_ones_status_has_changed() -> None:
    clock, listener = FakeClock(), Listener()

    def backs_up(passed: float) -> str:
        return "BACKUP" if passed < 1000 else "IN_PROGRESS" if passed < 2000 else "COMPLETE"

    service = Service(clock, {"us": backs_up, "ap": ends(1500)})
    first, second = WatchedJob("site", "us", "eu -> us"), WatchedJob("site", "ap", "eu -> ap")

    def joining(job: WatchedJob) -> list[WatchedJob]:
        return [second] if job is first and job.status == "IN_PROGRESS" else []

    wait_for(
        [first],
        look=service.look,
        delay=at_once,
        patience=PollPolicy(),
        clock=clock,
        reporter=listener,
        joining=joining,
    )
    assert (first.status, second.status) == ("COMPLETE", "COMPLETE")
    assert min(at for name, at in service.looks if name == "ap") >= 1000


def test_time_that_runs_out_is_a_failure_that_says_what_was_known_last() -> None:
    patience = PollPolicy(timeout=60)
    seen = watch({"us": ends(1e9), "ap": ends(10), "au": ends(1e9)}, patience)
    failure = verdict(seen.jobs, patience)
    assert failure
    assert failure.code == "timeout"
    assert "eu -> us IN_PROGRESS" in failure.message
    assert "eu -> au IN_PROGRESS" in failure.message
    assert "eu -> ap" not in failure.message
    assert "rerun" in failure.message


def test_every_job_gets_its_last_look_when_time_is_up_and_none_later() -> None:
    seen = watch({"us": ends(60), "ap": ends(60), "au": ends(61)}, PollPolicy(timeout=60, poll_min=25))
    last = {name: max(at for who, at in seen.looks if who == name) for name in ("us", "ap", "au")}
    assert last == {"us": 60, "ap": 60, "au": 60}


def test_a_network_that_is_away_for_a_while_ends_no_wait() -> None:
    outage = [OutcomeUnknown("connection reset")] * 5 + [NotAccepted("connection refused")] * 5
    seen = watch({"us": fails(*outage, then="COMPLETE")})
    assert seen.jobs[0].status == "COMPLETE"
    assert verdict(seen.jobs, PollPolicy()) is None
    assert sum("no news" in line for line in seen.lines) == 1, "an outage is said once, not at each look"


def test_a_service_that_asks_for_quiet_gets_it() -> None:
    seen = watch({"us": fails(NotAccepted("429", retry_after=500), then="COMPLETE")})
    assert seen.looks[1][1] >= 500


def test_a_job_that_the_service_does_not_know_fails_alone() -> None:
    forgotten = JobUnknown("the service does not know the job us", job_id="us")
    seen = watch({"us": fails(forgotten, then="COMPLETE"), "ap": ends(100)})
    assert seen.jobs[1].status == "COMPLETE"
    failure = verdict(seen.jobs, PollPolicy())
    assert failure
    assert failure.code == "job_unknown"
    assert "eu -> us" in failure.message


def test_a_new_job_that_the_service_does_not_know_yet_is_asked_for_again() -> None:
    clock = FakeClock()
    not_yet = JobUnknown("the service does not know the job us", job_id="us")
    service = Service(clock, {"us": fails(not_yet, not_yet, then="COMPLETE")})
    job = WatchedJob("site", "us", "eu -> us", status="PENDING")
    wait_for([job], look=service.look, delay=at_once, patience=PollPolicy(), clock=clock, reporter=Listener())
    assert job.status == "COMPLETE"


def test_a_status_that_is_not_documented_is_waited_on_with_one_warning() -> None:
    def fate(passed: float) -> str:
        return "THINKING" if passed < 100 else "COMPLETE"

    seen = watch({"us": fate})
    assert seen.jobs[0].status == "COMPLETE"
    assert len(seen.warnings) == 1
    assert "THINKING" in seen.warnings[0]


def test_jobs_that_are_over_already_are_not_looked_at() -> None:
    clock = FakeClock()
    service = Service(clock, {})
    job = WatchedJob("site", "us", "eu -> us", status="COMPLETE")
    wait_for([job], look=service.look, delay=at_once, patience=PollPolicy(), clock=clock, reporter=Listener())
    assert not service.looks
    assert not clock.naps
