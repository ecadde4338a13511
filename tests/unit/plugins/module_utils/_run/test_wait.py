# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting: when jobs are polled, what is shown, and what a wait fails with."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    Code,
    Failure,
    JobUnknown,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
    TooEarly,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import PollPolicy
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level, Ration
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.poll_schedule import WatchedJob
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.toolbox import Toolbox
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.wait import Poller, failure_of, wait_for
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import JobStatus
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener

#: The status of a job after so many seconds, and what the service says beside it: C(ERROR: it was deleted).
Fate = Callable[[float], str]


class ScriptedPoller(Poller):
    """Jobs whose status is a function of the time that has passed."""

    connections = 1

    def __init__(self, fates: dict[str, Fate]) -> None:
        self.clock = FakeClock()
        self.listener = Listener()
        self._start = self.clock.monotonic()
        self._fates = fates
        self.polls: list[tuple[str, float]] = []

    @property
    def passed(self) -> float:
        """Seconds since the beginning."""
        return self.clock.monotonic() - self._start

    def poll(self, job: WatchedJob) -> JobStatus:
        self.polls.append((job.job_id, self.passed))
        return JobStatus(*self._fates[job.job_id](self.passed).split(": "))

    def wait_for(
        self, jobs: Sequence[WatchedJob], policy: PollPolicy | None = None, ration: Ration | None = None
    ) -> None:
        with Ledger(SqliteStore(None), self.clock) as ledger:
            tools = Toolbox(ledger, self.clock, self.listener, lease=timedelta(), connections=self.connections)
            wait_for(jobs, self, policy or PollPolicy(), tools, ration=ration)


@pytest.fixture(autouse=True, params=[1, 8], ids=["one by one", "at once"])
def connections(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Whatever a wait promises, it does so with one request at a time and with several."""
    monkeypatch.setattr(ScriptedPoller, "connections", request.param)
    return int(request.param)


class Wait:
    """A wait for jobs of one site, and what has come of it."""

    def __init__(
        self, fates: dict[str, Fate], policy: PollPolicy | None = None, ages: dict[str, float] | None = None
    ) -> None:
        self._policy = policy or PollPolicy()
        service = ScriptedPoller(fates)
        self.jobs = [job_of(name, age=(ages or {}).get(name, 0.0)) for name in fates]
        service.wait_for(self.jobs, self._policy)
        self.polls, self.warnings = service.polls, service.listener.warnings
        self.lines, self.shown = service.listener.lines, service.listener.shown

    @property
    def statuses(self) -> list[str | None]:
        return [job.status for job in self.jobs]

    @property
    def changes(self) -> list[str]:
        """The lines about single jobs that are shown without -v."""
        return [line for line in self.shown if line.startswith("eu -> ")]

    @property
    def failure(self) -> Failure:
        failure = failure_of(self.jobs, self._policy)
        assert failure
        return failure


def job_of(name: str, *, age: float = 0.0, status: str | None = None) -> WatchedJob:
    return WatchedJob("site", name, f"eu -> {name}", age=age, status=status)


def ends(at: float, how: str = "COMPLETE") -> Fate:
    return lambda passed: how if passed >= at else "IN_PROGRESS"


def flickers(until: float, every: float, then: str = "COMPLETE") -> Fate:
    """A job that is now running, now retrying."""
    return lambda passed: then if passed > until else "RETRY" if int(passed / every) % 2 else "IN_PROGRESS"


def fails(*failures: LinkUpdateError, then: str) -> Fate:
    left = list(failures)

    def fate(passed: float) -> str:
        if left:
            raise left.pop(0)
        return then

    return fate


def unknown(name: str) -> JobUnknown:
    return JobUnknown(f"the service does not know the job {name}", job_id=name)


# -- When jobs are polled


def test_the_end_of_a_job_is_noticed_within_a_twentieth_of_its_time() -> None:
    for length in (100.0, 1000.0, 5000.0):
        wait = Wait({"us": ends(length)})
        assert wait.statuses == ["COMPLETE"]
        noticed = wait.polls[-1][1]
        assert length <= noticed <= length * 1.05 + 2


def test_the_number_of_polls_grows_with_the_logarithm_of_the_time() -> None:
    policy = PollPolicy(poll_max=3600)
    hour = len(Wait({"us": ends(3600)}, policy).polls)
    ten_hours = len(Wait({"us": ends(36000)}, policy).polls)
    assert hour < 120
    assert ten_hours - hour < 60, "ten times as long costs about ln(10) / 5 % more polls, not ten times as many"


def test_polls_of_a_job_are_never_closer_than_poll_min_nor_further_apart_than_poll_max() -> None:
    wait = Wait({"us": ends(7200)}, PollPolicy(poll_min=3, poll_max=45))
    times = [at for name, at in wait.polls]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert min(gaps) == pytest.approx(3)
    assert max(gaps) == pytest.approx(45)


def test_the_age_that_a_job_had_before_the_wait_counts() -> None:
    new = Wait({"us": ends(600)}).polls
    old = Wait({"us": ends(600)}, ages={"us": 3600}).polls
    assert len(old) < len(new)


def test_jobs_are_waited_for_side_by_side() -> None:
    wait = Wait({"us": ends(300), "ap": ends(10), "au": ends(100)})
    assert wait.statuses == ["COMPLETE"] * 3
    assert wait.polls[-1][1] <= 300 * 1.05 + 2


def test_every_job_is_polled_at_the_timeout_and_not_later() -> None:
    wait = Wait({"us": ends(60), "ap": ends(60), "au": ends(61)}, PollPolicy(timeout=60, poll_min=25))
    last = {name: max(at for polled, at in wait.polls if polled == name) for name in ("us", "ap", "au")}
    assert last == {"us": 60, "ap": 60, "au": 60}


def test_a_service_that_wants_a_delay_for_some_jobs_gets_it_and_the_others_are_polled() -> None:
    class Limited(ScriptedPoller):
        def poll(self, job: WatchedJob) -> JobStatus:
            if job.job_id == "limited" and self.passed < 100:
                raise TooEarly(100 - self.passed, is_announced=False)
            return super().poll(job)

    service = Limited({"limited": ends(200), "free": ends(200)})
    jobs = [job_of("limited"), job_of("free")]
    service.wait_for(jobs)
    assert [job.status for job in jobs] == ["COMPLETE", "COMPLETE"]
    assert min(at for name, at in service.polls if name == "limited") >= 100
    assert min(at for name, at in service.polls if name == "free") == 0


def test_a_delay_beyond_the_timeout_ends_the_wait_without_a_poll() -> None:
    class Limited(ScriptedPoller):
        def poll(self, job: WatchedJob) -> JobStatus:
            raise TooEarly(100, is_announced=False)

    service, job = Limited({"us": ends(0)}), job_of("us")
    service.wait_for([job], PollPolicy(timeout=60))
    assert (service.polls, service.passed, job.status) == ([], 60, None)


def test_a_service_that_names_a_time_to_retry_after_is_not_polled_before() -> None:
    wait = Wait({"us": fails(NotAccepted("429", retry_after=500), then="COMPLETE")})
    assert wait.polls[1][1] >= 500


def test_jobs_that_are_over_already_are_not_polled() -> None:
    service = ScriptedPoller({})
    service.wait_for([job_of("us", status="COMPLETE")])
    assert not service.polls
    assert not service.clock.naps


def test_polls_of_different_sites_are_sent_at_once_and_those_of_one_site_never(connections: int) -> None:
    class Counting(ScriptedPoller):
        def poll(self, job: WatchedJob) -> JobStatus:
            with lock:
                under_way.update([job.site_id])
                most.append(under_way.total())
                assert under_way[job.site_id] == 1
            if connections > 1 and len(most) <= 3:
                together.wait()
            with lock:
                under_way.subtract([job.site_id])
            return super().poll(job)

    lock, under_way, most = threading.Lock(), Counter[str](), []
    together = threading.Barrier(3, timeout=30)
    jobs = [WatchedJob(site, f"{site} {name}", f"{site} -> {name}") for site in ("eu", "us", "ap") for name in "abc"]
    Counting({job.job_id: ends(100) for job in jobs}).wait_for(jobs)
    assert {job.status for job in jobs} == {"COMPLETE"}
    assert max(most) == (1 if connections == 1 else 3)


def test_a_job_can_join_when_the_status_of_another_one_has_changed() -> None:
    first, second = job_of("us"), job_of("ap")

    class Joining(ScriptedPoller):
        def follow(self, job: WatchedJob) -> Callable[[], None] | None:
            return follow if job is first and job.status == "IN_PROGRESS" else None

        def joining(self, site_id: str) -> Sequence[WatchedJob]:
            assert followed == [first]
            return [second]

    followed: list[WatchedJob] = []

    def follow() -> None:
        followed.append(first)

    def backs_up(passed: float) -> str:
        return "BACKUP" if passed < 1000 else "IN_PROGRESS" if passed < 2000 else "COMPLETE"

    service = Joining({"us": backs_up, "ap": ends(1500)})
    service.wait_for([first])
    assert (first.status, second.status) == ("COMPLETE", "COMPLETE")
    assert min(at for name, at in service.polls if name == "ap") >= 1000


def test_no_job_joins_once_the_timeout_has_passed() -> None:
    class Joining(ScriptedPoller):
        def follow(self, job: WatchedJob) -> Callable[[], None] | None:
            raise AssertionError

    job = job_of("us", status="BACKUP")
    Joining({"us": ends(100)}).wait_for([job], PollPolicy(timeout=0))
    assert job.status == "IN_PROGRESS"


def test_the_clock_can_end_a_wait_before_each_poll() -> None:
    class Ending(FakeClock):
        def checkpoint(self) -> None:
            if len(service.polls) == 3:
                raise SystemExit

    service = ScriptedPoller({name: ends(100) for name in ("us", "ap", "au", "ca", "uk")})
    service.clock = Ending()
    with pytest.raises(SystemExit):
        service.wait_for([job_of(name) for name in ("us", "ap", "au", "ca", "uk")])
    assert len(service.polls) == 3


# -- What is shown


def starts_and_ends(passed: float) -> str:
    return "PENDING" if passed < 10 else "IN_PROGRESS" if passed < 25 else "COMPLETE"


def test_each_change_of_a_status_is_one_line_with_the_time_that_the_job_waited_and_ran() -> None:
    assert Wait({"us": starts_and_ends}, PollPolicy(poll_min=1, poll_max=1)).shown == [
        "eu -> us  PENDING",
        "eu -> us  IN_PROGRESS  waiting 10s",
        "eu -> us  COMPLETE     waiting 10s, running 15s",
    ]


def test_of_several_jobs_only_the_ends_are_shown_and_v_shows_the_rest() -> None:
    wait = Wait({"us": starts_and_ends, "ap": starts_and_ends}, PollPolicy(poll_min=1, poll_max=1))
    assert [line.split()[3] for line in wait.changes] == ["COMPLETE", "COMPLETE"]
    assert sum(" IN_PROGRESS " in line for line in wait.lines) == 2


def test_a_backup_and_a_retry_are_shown_of_several_jobs_too() -> None:
    def fate(passed: float) -> str:
        return next(word for word, until in (("BACKUP", 10), ("RETRY", 20), ("COMPLETE", 1e9)) if passed < until)

    words = [line.split()[3] for line in Wait({"us": fate, "ap": starts_and_ends}).changes]
    assert words == ["BACKUP", "RETRY", "COMPLETE", "COMPLETE"]


def test_the_time_left_is_estimated_as_soon_as_a_job_is_complete() -> None:
    def fate(number: int) -> Fate:
        """One after the other, each for 100 seconds."""
        begin, end = 100 * number, 100 * number + 100
        return lambda passed: "PENDING" if passed < begin else "IN_PROGRESS" if passed < end else "COMPLETE"

    summaries = [line for line in Wait({str(number): fate(number) for number in range(10)}).lines if "timeout" in line]
    before = [line for line in summaries if line.startswith("0 of")]
    after = [line for line in summaries if line.startswith("2 of 10 complete, 1 running, 7 waiting")]
    assert before
    assert not any("left" in line for line in before)
    assert "; about 14m left (estimate); " in after[0]


def test_an_estimate_says_that_it_counts_no_backups() -> None:
    class Holding(ScriptedPoller):
        def on_hold(self) -> dict[str, int]:
            return {"site": 30}

    service = Holding({"us": ends(25), "ap": ends(400)})
    service.wait_for([job_of("us"), job_of("ap")])
    summaries = [line for line in service.listener.lines if "left" in line]
    # 30 jobs of 25 seconds each at a site that was seen with two jobs at once.
    assert "; about 7m left after the backups (estimate); " in summaries[0]


def test_a_job_without_changes_is_not_silent_and_hours_of_it_are_not_a_flood(connections: int) -> None:
    lines = Wait({"us": ends(4 * 3600)}).lines
    summaries = [line for line in lines if "; timeout in " in line]
    assert 24 <= len(summaries) <= 40
    # A poll is due at the same moment, and only another thread has nothing to do but that.
    next_poll = "next poll in 2.0s" if connections == 1 else "polling"
    assert summaries[0] == f"0 of 1 complete, 1 running; {next_poll}; longest 30s (eu -> us); timeout in 23h59m"


def test_a_summary_is_one_short_line_also_for_many_jobs() -> None:
    lines = Wait({str(number): ends(200) for number in range(49)}).lines
    summaries = [line for line in lines if line.startswith("0 of 49 complete, 49 running")]
    assert summaries
    assert max(len(line) for line in summaries) < 110


def test_a_summary_counts_the_jobs_whose_status_is_unavailable() -> None:
    outage = [OutcomeUnknown("connection reset")] * 30
    lines = Wait({"us": fails(*outage, then="COMPLETE"), "ap": ends(40)}).lines
    summaries = [line for line in lines if "; timeout in " in line]
    assert "1 not known, status of 1 unavailable; " in summaries[0]


def test_changes_beyond_so_many_in_an_hour_are_only_counted() -> None:
    wait = Wait({str(number): flickers(4 * 3600, every=61) for number in range(49)})
    assert len(wait.changes) <= 5 * Ration.PER_HOUR
    assert any("changes not listed (limit: 200 lines an hour; -v lists all)" in line for line in wait.lines)
    assert wait.statuses == ["COMPLETE"] * 49


def test_a_job_that_fails_is_shown_whatever_was_shown_before() -> None:
    def lost(passed: float) -> str:
        if passed > 3000:
            raise unknown("ap")
        return "IN_PROGRESS"

    fates = {str(number): flickers(3000, every=61, then="ERROR") for number in range(49)}
    lines = Wait({**fates, "ap": lost}).lines
    assert sum(" ERROR " in line for line in lines) == 49
    assert sum("the service does not know the job ap" in line.lower() for line in lines) == 1


def test_the_last_line_of_a_wait_for_several_jobs_counts_all_of_them() -> None:
    lines = Wait({"us": ends(100), "ap": ends(300, "ERROR"), "au": fails(unknown("au"), then="COMPLETE")}).lines
    assert lines[-1] == "1 of 3 complete, 2 failed"


def test_the_summaries_count_each_change_that_has_no_line() -> None:
    fates = {str(number): flickers(400, every=20) for number in range(49)}
    wait = Wait(fates, PollPolicy(poll_min=10, poll_max=10))
    suppressed = [int(line.split(" change")[0].rpartition(" ")[2]) for line in wait.lines if "not listed" in line]
    assert len(wait.changes) == Ration.PER_HOUR
    assert len(suppressed) > 1
    retries_and_ends = 49 * 11
    assert len(wait.changes) + sum(suppressed) == retries_and_ends
    assert wait.lines[-1].startswith("49 of 49 complete; ")


def test_a_caller_with_a_ration_shows_the_last_summary_itself() -> None:
    service = ScriptedPoller({"us": ends(5), "ap": ends(5)})
    ration = Ration(service.clock)
    for _change in range(Ration.PER_HOUR):
        ration.level(Level.INFO)
    service.wait_for([job_of("us"), job_of("ap")], ration=ration)
    assert service.listener.shown == []
    assert ration.note().startswith("; 2 changes not listed")


def test_a_glance_is_shown_once_a_second_and_cleared_at_the_end() -> None:
    service = ScriptedPoller({"us": ends(600), "ap": ends(300)})
    service.listener.glances = True
    service.wait_for([job_of("us"), job_of("ap")])
    glances = service.listener.seen
    assert service.passed - 60 < len(glances) < service.passed + 2
    assert any(text.startswith("1 of 2 complete, 1 running; ") for text in glances)
    assert glances[-1] == ""
    unwatched = Wait({"us": ends(600), "ap": ends(300)})
    assert len(service.polls) == len(unwatched.polls), "a glance is no poll"


def test_a_status_that_is_not_documented_is_no_end_and_has_one_warning() -> None:
    def fate(passed: float) -> str:
        return "THINKING" if passed < 100 else "COMPLETE"

    wait = Wait({"us": fate})
    assert wait.statuses == ["COMPLETE"]
    assert len(wait.warnings) == 1
    assert "THINKING" in wait.warnings[0]


# -- What goes wrong


def test_a_network_that_fails_for_a_while_ends_no_wait() -> None:
    outage = [OutcomeUnknown("connection reset")] * 5 + [NotAccepted("connection refused")] * 5
    wait = Wait({"us": fails(*outage, then="COMPLETE")})
    assert wait.statuses == ["COMPLETE"]
    assert failure_of(wait.jobs, PollPolicy()) is None
    noted = [line for line in wait.changes if "unavailable" in line]
    assert len(noted) == 1, "an outage has one line, not one for each poll"
    assert noted[0].endswith("  status unavailable: connection reset; still polling")


def test_a_new_job_that_the_service_does_not_know_yet_is_polled_again() -> None:
    service = ScriptedPoller({"us": fails(unknown("us"), unknown("us"), then="COMPLETE")})
    job = job_of("us", status="PENDING")
    service.wait_for([job])
    assert job.status == "COMPLETE"


def test_a_job_in_error_does_not_end_the_wait_for_the_others() -> None:
    wait = Wait({"us": ends(5, "ERROR"), "ap": ends(100)})
    assert wait.statuses == ["ERROR", "COMPLETE"]
    assert (wait.failure.code, wait.failure.job_id) == (Code.JOB_ERROR, "us")
    assert wait.failure.what == "eu -> us (job us) ended in ERROR"
    assert wait.failure.advice == "Run again: it retries the failed jobs"


def test_a_refusal_ends_the_wait_for_its_own_job_alone() -> None:
    wait = Wait({"us": fails(LinkUpdateError("HTTP 401", code=Code.UNAUTHORIZED), then=""), "ap": ends(100)})
    assert [name for name, _at in wait.polls].count("us") == 1
    assert (wait.statuses, wait.failure.code) == ([None, "COMPLETE"], Code.UNAUTHORIZED)


def test_a_job_that_the_service_does_not_know_fails_alone() -> None:
    wait = Wait({"us": fails(unknown("us"), then="COMPLETE"), "ap": ends(100)})
    assert wait.statuses == [None, "COMPLETE"]
    assert (wait.failure.code, wait.failure.job_id) == (Code.JOB_UNKNOWN, "us")
    assert wait.failure.what == "eu -> us: the service does not know the job us"
    assert "unless unknown_submission is fail" in wait.failure.advice


def test_a_refusal_keeps_its_advice_and_its_request_id() -> None:
    refused = LinkUpdateError(
        "HTTP 401", code=Code.UNAUTHORIZED, advice="check the token", http_status=401, request_id="r-1"
    )
    wait = Wait({"us": fails(refused, then="COMPLETE")})
    assert wait.lines == ["eu -> us  NOT KNOWN    HTTP 401. Check the token"]
    assert wait.failure == Failure(
        "eu -> us: HTTP 401",
        Code.UNAUTHORIZED,
        "Check the token, then run again: it waits for the job, which goes on at Atlassian",
        http_status=401,
        request_id="r-1",
        job_id="us",
    )


def test_a_timeout_is_a_failure_that_tells_the_last_status_of_each_job() -> None:
    wait = Wait({"us": ends(1e9), "ap": ends(10), "au": ends(1e9)}, PollPolicy(timeout=60))
    assert (wait.failure.code, wait.failure.job_id) == (Code.TIMEOUT, None)
    assert wait.failure.what == "Timeout after 1m00s, not finished: eu -> us (IN_PROGRESS), eu -> au (IN_PROGRESS)"
    assert wait.failure.advice == "Run again: it waits for the jobs, and schedules nothing twice"


def test_a_timeout_tells_why_the_last_poll_failed() -> None:
    outage = [OutcomeUnknown("connection reset")] * 100
    failure = Wait({"us": fails(*outage, then="COMPLETE")}, PollPolicy(timeout=60)).failure
    assert (failure.code, failure.http_status) == (Code.TIMEOUT, None)
    assert failure.what.endswith(": eu -> us (status unknown). The last poll of eu -> us failed: connection reset")


def test_several_failures_are_one_with_the_code_of_the_worst_and_each_advice_once() -> None:
    fates = {
        "us": ends(1e9),
        "ap": fails(unknown("ap"), then=""),
        "au": fails(unknown("au"), then=""),
        "ca": ends(5, "ERROR"),
    }
    failure = Wait(fates, PollPolicy(timeout=60)).failure
    assert (failure.code, failure.http_status, failure.job_id) == (Code.JOB_ERROR, None, None)
    assert failure.what == (
        "eu -> ca (job ca) ended in ERROR. eu -> ap: the service does not know the job ap. "
        "eu -> au: the service does not know the job au. Timeout after 1m00s, not finished: eu -> us (IN_PROGRESS)"
    )
    assert failure.advice.count("look at the site") == 1


def test_jobs_that_end_in_error_are_named_together() -> None:
    wait = Wait({"us": ends(5, "ERROR"), "ap": ends(5, "ERROR")})
    assert wait.failure.what == "eu -> us (job us), eu -> ap (job ap) ended in ERROR"
    assert wait.failure.job_id is None
    assert wait.lines[-1] == "0 of 2 complete, 2 failed"


def test_a_wait_for_one_job_ends_with_its_own_line() -> None:
    assert Wait({"us": ends(5)}).lines[-1].startswith("eu -> us  COMPLETE ")


def test_jobs_whose_last_poll_failed_are_named_together() -> None:
    outage = [OutcomeUnknown("connection reset")] * 100
    fates = {"us": fails(*outage, then=""), "ap": fails(*outage, then="")}
    failure = Wait(fates, PollPolicy(timeout=60)).failure
    assert failure.what.endswith(". The last poll of eu -> us, eu -> ap failed: connection reset")
    assert failure.advice == "Run again: it waits for the jobs, and schedules nothing twice"


@pytest.mark.parametrize(("age", "status"), [(119.0, "COMPLETE"), (120.0, "PENDING")])
def test_a_job_is_new_to_the_service_for_two_minutes(age: float, status: str) -> None:
    job = job_of("us", status="PENDING", age=age)
    ScriptedPoller({"us": fails(unknown("us"), then="COMPLETE")}).wait_for([job])
    assert (job.status, job.failure is None) == (status, status == "COMPLETE")


def test_what_to_do_about_a_job_that_cannot_be_polled_is_told() -> None:
    lost = Wait({"us": fails(unknown("us"), then="")}).failure
    assert lost.advice == (
        "Its outcome is unknown: look at the site, then run again. That schedules it again, unless "
        "unknown_submission is fail"
    )
    refused = Wait({"us": fails(LinkUpdateError("HTTP 400", code=Code.REJECTED), then="")}).failure
    assert refused.advice == "Correct that, then run again: it waits for the job, which goes on at Atlassian"


def test_a_status_that_is_not_documented_is_named_with_the_job_that_has_it() -> None:
    def fate(passed: float) -> str:
        return "THINKING" if passed < 10 else "DREAMING" if passed < 20 else "COMPLETE"

    says = "{}: {!r} is not a documented status of a job; still polling"
    assert Wait({"us": fate, "ap": fate}).warnings == [
        says.format("eu -> us", "THINKING"),
        says.format("eu -> us", "DREAMING"),
    ]


def test_what_the_service_says_beside_a_status_is_in_its_line_and_in_the_failure() -> None:
    fates = {
        "us": ends(5, "ERROR: the app link is gone"),
        "ap": ends(5, "ERROR: the app link is gone"),
        "au": ends(5, "ERROR"),
        "br": ends(5, "CANCELLED: by Ann Admin"),
    }
    wait = Wait(fates, PollPolicy(timeout=60))
    assert [line.split("  ")[-1] for line in wait.changes if " ERROR " in line or "CANCELLED" in line] == [
        "running 6.0s: the app link is gone",
        "running 6.0s: the app link is gone",
        "running 6.0s",
        "running 6.0s: by Ann Admin",
    ]
    assert wait.failure.message == (
        "eu -> us (job us), eu -> ap (job ap), eu -> au (job au) ended in ERROR: the app link is gone. eu -> br (job "
        "br) ended in CANCELLED: by Ann Admin. Run again: it retries the failed jobs. Look at the site. To schedule "
        "jobs that ended in CANCELLED again, use force"
    )
    assert wait.failure.code == "job_error"


def test_an_end_that_is_not_documented_is_an_end_without_a_warning() -> None:
    wait = Wait({"us": ends(5, "FAILED")}, PollPolicy(timeout=600))
    assert (wait.statuses, wait.warnings) == (["FAILED"], [])
    assert wait.polls[-1][1] < 10
