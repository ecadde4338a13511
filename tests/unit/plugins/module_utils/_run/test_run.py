# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run of many instances: what is scheduled when, behind which backup, and how much is said of it."""

from __future__ import annotations

import math
import threading
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils import _threads
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import FEDERATION
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    JobUnknown,
    LedgerError,
    LinkUpdateError,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import InstanceSpec, parse_specs
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import PollPolicy
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level, Ration, duration
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.reasons import details_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.verdict import verdict_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.backup import BackupState
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.run import Run
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import Action, State, UpdateState
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.toolbox import Toolbox
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import JobStatus
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener, acquaint

#: The status of a job as a function of the seconds since it was scheduled, or of why there is none.
Fate = Callable[[float], str]

MINUTES, HOURS = 60.0, 3600.0
BACKUP_TIME = 20 * MINUTES
PAST_BACKUP = {"IN_PROGRESS", "RETRY", "COMPLETE"}
LEASE = timedelta(seconds=60)
#: Looks that are far apart keep simulated hours cheap.
POLLING = PollPolicy(timeout=100 * HOURS, poll_min=30, poll_max=10 * MINUTES)
ORDER = {name: option.get("default") for name, option in FEDERATION["orders"]["options"].items()}


class Killed(BaseException):
    """The process ends here."""


class MortalClock(FakeClock):
    """A clock on which somebody who sleeps may be killed."""

    def __init__(self) -> None:
        super().__init__()
        #: How many more naps there are before the end; None for no end.
        self.naps_left: int | None = None
        #: An answer is late: time passes for those who do not wait for it.
        self.is_late = False

    def sleep(self, seconds: float) -> None:
        if self.naps_left is not None:
            if self.naps_left == 0:
                raise Killed
            self.naps_left -= 1
        # Time is kept in whole microseconds; whoever sleeps for less must not stand still.
        super().sleep(math.ceil(seconds * 1e6) / 1e6)

    def wait(self, event: threading.Event, seconds: float) -> None:
        while not event.wait(0.01):
            if self.is_late and seconds < POLLING.timeout:
                self.sleep(seconds)
                return
        super().wait(event, seconds)


class ScriptedService:
    """The service of all sites: each job's status is a function of its age. It remembers what it was asked."""

    def __init__(self, clock: FakeClock) -> None:
        self._clock = clock
        #: Requests may come at once, and each is seen to as a whole.
        self._lock = threading.Lock()
        self._jobs: dict[str, tuple[str, float, Fate]] = {}
        #: What the next jobs of a pair meet with, by the pair's label; L(usual) for those that are not named.
        self.fates: dict[str, list[Fate]] = {}
        #: What the next requests of a pair fail with.
        self.refusals: dict[str, list[LinkUpdateError]] = {}
        self.backup_time: dict[str, float] = {}
        #: ("schedule", label, job id) and (status, label, job id), as they came.
        self.log: list[tuple[str, str, str]] = []
        self.requests: list[tuple[str, Update, float]] = []

    def prepare(self) -> None:
        """There is nothing to connect to."""

    def schedule(self, update: Update, *, before_sending: Callable[[], None] = lambda: None) -> str:
        before_sending()
        with self._lock:
            return self._schedule(update)

    def _schedule(self, update: Update) -> str:
        label = label_of(update)
        self.requests.append((label, update, self._clock.monotonic()))
        if self.refusals.get(label):
            raise self.refusals[label].pop(0)
        fates = self.fates.get(label)
        fate = fates.pop(0) if fates else usual(self._backup_time(update) if update.create_backup else None)
        job_id = f"job-{len(self._jobs)}"
        self._jobs[job_id] = (label, self._clock.monotonic(), fate)
        self.log.append(("schedule", label, job_id))
        return job_id

    def admitted(self) -> AbstractContextManager[None]:
        return nullcontext()

    def status(self, site_id: str, job_id: str) -> JobStatus:
        with self._lock:
            return self._status(site_id, job_id)

    def _status(self, site_id: str, job_id: str) -> JobStatus:
        label, since, fate = self._jobs[job_id]
        assert site_id == f"site-{label.split()[0]}"
        status = JobStatus(*fate(self._clock.monotonic() - since).split(": "))
        self.log.append((status.word, label, job_id))
        return status

    def _backup_time(self, update: Update) -> float:
        return self.backup_time.get(label_of(update).split()[0], BACKUP_TIME)

    @property
    def scheduled(self) -> list[str]:
        """The pairs that got jobs, in the order in which they got them."""
        return [label for what, label, job_id in self.log if what == "schedule"]

    @property
    def backups(self) -> list[str]:
        """The pairs that were to have a backup made, one for each request."""
        return [label for label, update, at in self.requests if update.create_backup]

    def when(self, label: str) -> float:
        """When a pair was asked for first."""
        return next(at for pair, update, at in self.requests if pair == label)

    def changes(self) -> Counter[tuple[str, str]]:
        """How often each pair was seen to come into each status; all begin as PENDING."""
        changes: Counter[tuple[str, str]] = Counter()
        last: dict[str, str] = {}
        for what, label, job_id in self.log:
            status = "PENDING" if what == "schedule" else what
            changes[(status, label)] += status != last.setdefault(job_id, "PENDING")
            last[job_id] = status
        return +changes

    def hurried(self) -> list[str]:
        """The pairs that got a job while the first job of their instance had not been seen past its backup."""
        first: dict[str, str] = {}
        past: set[str] = set()
        hurried = []
        for what, label, job_id in self.log:
            bearer = first.setdefault(label.split()[0], job_id)
            if what == "schedule" and job_id != bearer and bearer not in past:
                hurried.append(label)
            if what in PAST_BACKUP:
                past.add(job_id)
        return hurried


def label_of(update: Update) -> str:
    names = [str(urlsplit(url).hostname).partition(".")[0] for url in (update.product_url, update.destination_url)]
    return " -> ".join(names)


def phases(*ends: tuple[float, str], then: str) -> Fate:
    """The statuses that come one after the other, each until the job has a certain age."""

    def fate(age: float) -> str:
        return next((status for end, status in ends if age < end), then)

    return fate


def usual(backup_time: float | None = None) -> Fate:
    if backup_time is None:
        return phases((10, "PENDING"), (310, "IN_PROGRESS"), then="COMPLETE")
    return phases((10, "PENDING"), (10 + backup_time, "BACKUP"), (310 + backup_time, "IN_PROGRESS"), then="COMPLETE")


FAILS_IN_BACKUP = phases((10, "PENDING"), (600, "BACKUP"), then="ERROR")
FAILS_AT_WORK = phases((10, "PENDING"), (600, "BACKUP"), (3000, "IN_PROGRESS"), then="ERROR")
CANCELLED_IN_BACKUP = phases((10, "PENDING"), (600, "BACKUP"), then="CANCELLED: by Ann Admin")
FAILS = phases((100, "IN_PROGRESS"), then="ERROR")


def forgotten_after(age: float, status: str = "BACKUP") -> Fate:
    def fate(now: float) -> str:
        if now < age:
            return status
        raise JobUnknown("the service does not know the job", job_id="forgotten")

    return fate


def fails_always(failure: LinkUpdateError) -> Fate:
    def fate(age: float) -> str:
        raise failure

    return fate


def unauthorized() -> LinkUpdateError:
    return LinkUpdateError("the service refused the credentials", code="unauthorized", http_status=401)


class RunHarness:
    """A federation, a ledger and a service; each run has the ledger opened for itself."""

    def __init__(
        self,
        path: Path,
        names: tuple[str, ...] = ("eu", "us", "ap"),
        *,
        acquainted: bool = True,
        connections: int = 1,
    ) -> None:
        self.connections = connections
        self.clock = MortalClock()
        self.listener = Listener()
        self.service = ScriptedService(self.clock)
        self.names = names
        self.federation: dict[str, dict[str, Any]] = {
            name: {"product_url": f"https://{name}.example.net", "migrated_from": "https://jira.example.com"}
            for name in names
        }
        self.path = path
        self._open: list[Ledger] = []
        if acquainted:
            acquaint(self.ledger())

    def ledger(self, *, copy: bool = False) -> Ledger:
        ledger = open_ledger(str(self.path), self.clock, {}, copy=copy)
        self._open.append(ledger)
        return ledger

    def close(self) -> None:
        for ledger in self._open:
            ledger.close()

    def run(
        self,
        *names: str,
        check: bool = False,
        site_ids: dict[str, str] | None = None,
        look_up: Callable[[InstanceSpec], str] | None = None,
        **options: Any,
    ) -> Run:
        """A run of these instances, or of all; what was there before is taken up, nothing scheduled."""
        given = [{**ORDER, "name": name, **options} for name in names or self.names]
        known = {name: f"site-{name}" for name in self.names} if site_ids is None else site_ids
        specs, problems = parse_specs(parse_federation(self.federation), given)
        assert not problems
        run = Run(
            [spec.at(known[spec.name]) if spec.name in known else spec for spec in specs],
            Toolbox(self.ledger(copy=check), self.clock, self.listener, LEASE, check, connections=self.connections),
            open_api=lambda spec: self.service,  # type: ignore[arg-type,return-value]
            look_up=look_up or (lambda spec: f"site-{spec.name}"),
        )
        run.attach()
        return run

    def scheduled(self, *names: str, **options: Any) -> Run:
        """A run that has scheduled what it may, and waits for nothing."""
        run = self.run(*names, **options)
        run.schedule()
        return run

    def finished(self, *names: str, polling: PollPolicy = POLLING, **options: Any) -> Run:
        run = self.scheduled(*names, **options)
        run.wait(polling, schedule=True)
        return run

    def pause(self, seconds: float) -> None:
        self.clock.time += timedelta(seconds=seconds)


class FailureListener(Listener):
    """A listener that remembers what it was told badly of."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def line(self, text: str, level: Level = Level.INFO) -> None:
        super().line(text, level)
        if level is Level.FAILURE:
            self.bad.append(text)


@pytest.fixture(params=[1, 8], ids=["one by one", "at once"])
def bench(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RunHarness]:
    """Whatever a run promises, it does so with one request at a time and with several."""
    bench = RunHarness(tmp_path / "l", connections=request.param)
    yield bench
    bench.close()


def by_instance(labels: list[str]) -> list[str]:
    """Pairs in the order in which they came, those of one instance after those of another: these may come at once."""
    return sorted(labels, key=lambda label: ("eu", "us", "ap").index(label.split()[0]))


def states(run: Run) -> dict[str, State]:
    return {entry.label: entry.state for entry in run.updates}


def entry_of(run: Run, label: str) -> UpdateState:
    return next(entry for entry in run.updates if entry.label == label)


ALL = ["eu -> us", "eu -> ap", "us -> eu", "us -> ap", "ap -> eu", "ap -> us"]
FIRST = ["eu -> us", "us -> eu", "ap -> eu"]


# -- A backup first


def test_the_first_job_of_each_instance_orders_the_backup_and_the_others_are_held(bench: RunHarness) -> None:
    run = bench.scheduled()
    assert by_instance(bench.service.scheduled) == by_instance(bench.service.backups) == FIRST
    assert [label for label, state in states(run).items() if state is State.HELD] == [
        "eu -> ap",
        "us -> ap",
        "ap -> us",
    ]
    assert entry_of(run, "eu -> ap").held == "on hold until the backup ordered by eu -> us is done"
    assert "eu        1 job scheduled, 1 more after the backup" in bench.listener.shown


def test_the_others_are_scheduled_once_the_first_job_was_seen_past_its_backup(bench: RunHarness) -> None:
    run = bench.finished()
    assert set(states(run).values()) == {State.COMPLETE}
    assert bench.service.hurried() == []
    assert sorted(bench.service.scheduled) == sorted(ALL)
    assert by_instance(bench.service.backups) == FIRST
    assert bench.service.when("eu -> ap") - bench.service.when("eu -> us") >= BACKUP_TIME
    assert all(entry.changed for entry in run.updates)


def test_a_rerun_while_the_backup_is_under_way_orders_none_and_schedules_nothing(bench: RunHarness) -> None:
    bench.scheduled()
    bench.pause(BACKUP_TIME / 2)
    run = bench.scheduled()
    assert by_instance(bench.service.scheduled) == FIRST
    assert not any(entry.changed for entry in run.updates)
    assert Counter(states(run).values()) == {State.OPEN: 3, State.HELD: 3}


@pytest.mark.parametrize("passed", [BACKUP_TIME + MINUTES, BACKUP_TIME + HOURS], ids=["at work", "complete"])
def test_a_rerun_after_the_backup_schedules_the_others_at_once(bench: RunHarness, passed: float) -> None:
    bench.scheduled()
    bench.pause(passed)
    run = bench.scheduled()
    assert sorted(bench.service.scheduled) == sorted(ALL)
    assert by_instance(bench.service.backups) == FIRST
    assert bench.service.hurried() == []
    assert Counter(entry.changed for entry in run.updates) == {False: 3, True: 3}


@pytest.mark.slow
def test_a_run_that_is_killed_at_any_moment_is_finished_by_the_next(tmp_path: Path) -> None:
    claim_wait = PollPolicy(timeout=100 * HOURS, poll_min=MINUTES, poll_max=10 * MINUTES)
    killed, naps = 0, 0
    while killed == naps:
        bench = RunHarness(tmp_path / f"l{naps}", ("eu", "us", "ap"))
        bench.service.backup_time["us"] = HOURS
        bench.clock.naps_left = naps
        try:
            bench.finished("eu", "us", polling=claim_wait)
        except Killed:
            killed += 1
        bench.clock.naps_left = None
        run = bench.finished("eu", "us", polling=claim_wait)
        bench.close()
        assert set(states(run).values()) == {State.COMPLETE}, f"killed at nap {naps}"
        assert sorted(bench.service.scheduled) == ["eu -> ap", "eu -> us", "us -> ap", "us -> eu"]
        assert bench.service.backups == ["eu -> us", "us -> eu"]
        assert bench.service.hurried() == []
        naps += 1
    assert killed > 30, "the first run has that many moments at which it can be killed"


def test_a_run_narrowed_to_other_destinations_waits_for_the_backup_of_another_run(bench: RunHarness) -> None:
    bench.scheduled("eu", destinations=["us"])
    run = bench.scheduled("eu", destinations=["ap"])
    assert states(run) == {"eu -> ap": State.HELD}
    assert bench.service.scheduled == ["eu -> us"]
    assert entry_of(run, "eu -> ap").held == "on hold until the backup ordered by eu -> https://us.example.net is done"
    run.wait(POLLING, schedule=True)
    assert states(run) == {"eu -> ap": State.COMPLETE}
    assert bench.service.backups == ["eu -> us"]
    assert bench.service.hurried() == []


def test_a_narrowed_run_after_the_backup_of_another_run_orders_none(bench: RunHarness) -> None:
    bench.finished("eu", destinations=["us"])
    bench.scheduled("eu", destinations=["ap"])
    assert bench.service.scheduled == ["eu -> us", "eu -> ap"]
    assert bench.service.backups == ["eu -> us"]


def test_a_narrowed_run_tries_the_backup_again_that_failed_for_another(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    bench.finished("eu", destinations=["us"])
    run = bench.finished("eu", destinations=["ap"])
    assert bench.service.backups == ["eu -> us", "eu -> ap"]
    assert states(run) == {"eu -> ap": State.COMPLETE}


def test_a_request_for_a_backup_that_another_run_is_just_sending_is_waited_for(bench: RunHarness) -> None:
    bench.run("eu")
    ledger = bench.ledger()
    theirs = bench.run("eu").instances[0].spec.desired[0].update
    claim = ledger.claim(Update(**{**vars(theirs), "create_backup": True}), 1, LEASE)
    assert claim
    job_id = bench.service.schedule(Update(**{**vars(theirs), "create_backup": True}))
    sleep = bench.clock.sleep

    def sleep_until_they_are_done(seconds: float) -> None:
        sleep(seconds)
        if bench.clock.naps.count(0.2) == 3:
            ledger.record_job(claim, job_id, "PENDING")

    bench.clock.sleep = sleep_until_they_are_done  # type: ignore[method-assign]
    run = bench.finished("eu", destinations=["ap"])
    assert bench.service.backups == ["eu -> us"]
    assert bench.service.hurried() == []
    assert states(run) == {"eu -> ap": State.COMPLETE}


def test_a_new_wave_orders_a_new_backup(bench: RunHarness) -> None:
    bench.finished("eu")
    bench.finished("eu", wave="2")
    assert bench.service.backups == ["eu -> us", "eu -> us"]
    assert bench.service.scheduled == ["eu -> us", "eu -> ap"] * 2
    assert bench.service.hurried() == []
    # What was seen of the first wave's backup must not let the second wave's jobs pass.
    second = [at for label, update, at in bench.service.requests if update.wave == "2"]
    assert second[1] - second[0] >= BACKUP_TIME


def test_backups_of_different_instances_do_not_wait_for_each_other(bench: RunHarness) -> None:
    bench.service.backup_time = {"eu": 8 * HOURS, "us": 20 * MINUTES}
    run = bench.finished("eu", "us")
    assert set(states(run).values()) == {State.COMPLETE}
    start = bench.service.when("eu -> us")
    assert bench.service.when("us -> ap") - start < 30 * MINUTES
    assert 8 * HOURS <= bench.service.when("eu -> ap") - start < 8.5 * HOURS
    assert bench.service.hurried() == []


def test_a_status_that_is_not_documented_does_not_count_as_the_end_of_a_backup(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [
        phases((10, "PENDING"), (1000, "BACKUP"), (5000, "PONDERING"), then="IN_PROGRESS"),
    ]
    run = bench.scheduled("eu")
    run.wait(PollPolicy(timeout=3 * HOURS, poll_min=30, poll_max=600), schedule=True)
    assert bench.service.when("eu -> ap") - bench.service.when("eu -> us") >= 5000


# -- A backup that is not made


@pytest.mark.parametrize("fate", [FAILS_IN_BACKUP, phases((10, "PENDING"), then="ERROR")], ids=["seen", "not seen"])
def test_a_first_job_that_ends_in_error_before_it_was_at_work_holds_the_others(bench: RunHarness, fate: Fate) -> None:
    bench.service.fates["eu -> us"] = [fate]
    run = bench.finished("eu")
    assert states(run) == {"eu -> us": State.ERROR, "eu -> ap": State.HELD}
    assert run.instances[0].backup
    assert run.instances[0].backup.state is BackupState.FAILED
    assert bench.service.scheduled == ["eu -> us"]
    held = entry_of(run, "eu -> ap").held
    assert held == "the backup failed: eu -> us ended without success or was lost"
    assert f"eu        1 job not scheduled: {held}" in bench.listener.shown


def test_a_first_job_in_error_during_the_backup_holds_no_other_instance(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    run = bench.finished("eu", "us")
    assert states(run) == {
        "eu -> us": State.ERROR,
        "eu -> ap": State.HELD,
        "us -> eu": State.COMPLETE,
        "us -> ap": State.COMPLETE,
    }


def test_a_rerun_orders_the_backup_again_that_failed(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    bench.finished("eu")
    run = bench.scheduled("eu")
    assert bench.service.scheduled == bench.service.backups == ["eu -> us", "eu -> us"]
    assert states(run)["eu -> ap"] is State.HELD
    run.wait(POLLING, schedule=True)
    assert set(states(run).values()) == {State.COMPLETE}
    assert bench.service.scheduled == ["eu -> us", "eu -> us", "eu -> ap"]
    again, other = (at for label, update, at in bench.service.requests[1:])
    assert other - again >= BACKUP_TIME, "it waits for the second backup, whatever the first came to"


def test_the_backup_is_ordered_again_with_the_update_whose_job_failed(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    bench.finished("eu", destinations=["us"])
    bench.scheduled("eu", destinations=["ap", "us"])
    assert bench.service.scheduled == bench.service.backups == ["eu -> us", "eu -> us"]


def test_a_backup_that_failed_and_is_not_to_be_tried_again_holds_the_others(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    bench.finished("eu")
    run = bench.finished("eu", resubmit_failed=False)
    assert states(run) == {"eu -> us": State.ERROR, "eu -> ap": State.HELD}
    assert bench.service.scheduled == ["eu -> us"]


def test_a_first_job_that_was_cancelled_during_the_backup_holds_the_others_until_a_person_decides(
    bench: RunHarness,
) -> None:
    bench.service.fates["eu -> us"] = [CANCELLED_IN_BACKUP]
    for run in (bench.finished("eu"), bench.finished("eu", resubmit_failed=True)):
        assert states(run) == {"eu -> us": State.ERROR, "eu -> ap": State.HELD}
        assert run.instances[0].backup
        assert run.instances[0].backup.state is BackupState.FAILED
        assert "1 failed: eu -> us: job job-0 (attempt 1) ended in CANCELLED" in verdict(run, bench)
        assert "orders the backup again" not in verdict(run, bench)
    assert bench.service.scheduled == ["eu -> us"]
    assert set(states(bench.finished("eu", force=True)).values()) == {State.COMPLETE}
    assert bench.service.backups == ["eu -> us", "eu -> us"]


def test_what_the_service_says_of_a_job_is_in_its_line_and_in_the_verdict(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [phases((100, "IN_PROGRESS"), then="ERROR: the app link is gone")]
    run = bench.finished("eu", create_backup="never")
    (line,) = [line for line in bench.listener.lines if line.startswith("eu -> us ") and " ERROR " in line]
    assert line.endswith("running 2m00s: the app link is gone")
    assert "1 failed: eu -> us ended in ERROR: the app link is gone" in verdict(run, bench)


def test_a_first_job_that_ends_in_error_after_it_was_at_work_does_not_hold_the_others(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_AT_WORK]
    run = bench.finished("eu")
    assert states(run) == {"eu -> us": State.ERROR, "eu -> ap": State.COMPLETE}
    rerun = bench.finished("eu")
    assert set(states(rerun).values()) == {State.COMPLETE}
    assert bench.service.backups == ["eu -> us"], "the backup of this wave was made, and is not made again"


def test_a_first_job_that_cannot_be_scheduled_holds_the_others_of_its_instance_only(bench: RunHarness) -> None:
    bench.service.refusals["eu -> us"] = [unauthorized()]
    run = bench.finished("eu", "us")
    assert states(run) == {
        "eu -> us": State.FAILED,
        "eu -> ap": State.HELD,
        "us -> eu": State.COMPLETE,
        "us -> ap": State.COMPLETE,
    }
    failure = entry_of(run, "eu -> us").failure
    assert failure
    assert failure.code == "unauthorized"
    assert str(entry_of(run, "eu -> ap").held).startswith("the backup failed: ")
    rerun = bench.finished("eu")
    assert set(states(rerun).values()) == {State.COMPLETE}
    assert bench.service.hurried() == []


def test_a_first_job_that_nobody_knows_of_holds_the_others_until_a_rerun(bench: RunHarness) -> None:
    bench.service.refusals["eu -> us"] = [OutcomeUnknown("the connection was reset")]
    run = bench.finished("eu")
    assert states(run) == {"eu -> us": State.FAILED, "eu -> ap": State.HELD}
    failure = entry_of(run, "eu -> us").failure
    assert failure
    assert failure.code == "submission_unknown"
    assert bench.service.scheduled == []
    rerun = bench.finished("eu")
    assert set(states(rerun).values()) == {State.COMPLETE}
    assert bench.service.scheduled == ["eu -> us", "eu -> ap"]
    assert bench.service.backups == ["eu -> us", "eu -> us"], "whether the first one was ordered is not known"
    assert bench.service.hurried() == []
    assert any("is scheduled again" in warning for warning in bench.listener.warnings)


def test_a_first_job_that_nobody_knows_of_and_is_to_stay_so_holds_the_others(bench: RunHarness) -> None:
    bench.service.refusals["eu -> us"] = [OutcomeUnknown("the connection was reset")]
    bench.finished("eu")
    run = bench.finished("eu", unknown_submission="fail")
    assert states(run) == {"eu -> us": State.FAILED, "eu -> ap": State.HELD}
    assert len(bench.service.requests) == 1


def test_a_first_job_that_the_service_forgets_holds_the_others_until_a_rerun(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [forgotten_after(1000)]
    run = bench.finished("eu")
    assert states(run) == {"eu -> us": State.FAILED, "eu -> ap": State.HELD}
    failure = entry_of(run, "eu -> us").failure
    assert failure
    assert failure.code == "job_unknown"
    assert bench.service.scheduled == ["eu -> us"]
    rerun = bench.scheduled("eu")
    assert bench.service.backups == ["eu -> us", "eu -> us"]
    assert states(rerun)["eu -> ap"] is State.HELD
    rerun.wait(POLLING, schedule=True)
    assert set(states(rerun).values()) == {State.COMPLETE}
    again, other = (at for label, update, at in bench.service.requests[1:])
    assert other - again >= BACKUP_TIME


def test_a_first_job_that_the_service_forgets_after_the_backup_holds_nothing(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [forgotten_after(1000, "IN_PROGRESS")]
    run = bench.finished("eu")
    assert states(run) == {"eu -> us": State.FAILED, "eu -> ap": State.COMPLETE}


# -- No backup, or one with each job


def test_without_a_backup_everything_is_scheduled_at_once_and_none_is_ordered(bench: RunHarness) -> None:
    run = bench.scheduled(create_backup="never")
    assert by_instance(bench.service.scheduled) == ALL
    assert [update.create_backup for label, update, at in bench.service.requests] == [None] * 6
    assert set(states(run).values()) == {State.OPEN}


def test_with_a_backup_always_everything_is_scheduled_at_once_and_each_orders_one(bench: RunHarness) -> None:
    bench.scheduled(create_backup="always")
    assert by_instance(bench.service.scheduled) == by_instance(bench.service.backups) == ALL


@pytest.mark.parametrize("backup", ["first", "always", "never"])
def test_a_product_other_than_jira_is_updated_without_a_backup(bench: RunHarness, backup: str) -> None:
    for member in bench.federation.values():
        member["product_url"] += "/wiki"
    bench.scheduled(create_backup=backup)
    assert by_instance(bench.service.scheduled) == ALL
    assert bench.service.backups == []


def test_a_backup_is_a_matter_of_each_product_of_a_federation_that_has_both(bench: RunHarness) -> None:
    bench.federation["us"]["product_url"] += "/wiki"
    bench.scheduled()
    assert by_instance(bench.service.scheduled) == ["eu -> us", "us -> eu", "us -> ap", "ap -> eu"]
    assert by_instance(bench.service.backups) == ["eu -> us", "ap -> eu"]
    assert {label: update.recreate_as_remote for label, update, at in bench.service.requests} == {
        "eu -> us": False,
        "us -> eu": False,
        "us -> ap": False,
        "ap -> eu": True,
    }


def test_one_who_goes_on_without_the_backup_that_failed_gets_the_rest(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    bench.finished("eu")
    run = bench.finished("eu", create_backup="never")
    assert set(states(run).values()) == {State.COMPLETE}
    assert bench.service.backups == ["eu -> us"]


# -- One update fails, the others go on


def test_an_instance_whose_requests_are_refused_leaves_the_others_alone(bench: RunHarness) -> None:
    bench.service.refusals = {label: [unauthorized()] for label in ("us -> eu", "us -> ap")}
    run = bench.finished(create_backup="never")
    assert [label for label, state in states(run).items() if state is State.FAILED] == ["us -> eu", "us -> ap"]
    assert list(states(run).values()).count(State.COMPLETE) == 4
    for label in ("us -> eu", "us -> ap"):
        assert entry_of(run, label).failure.message.startswith(f"{label}: not scheduled: ")


def test_an_instance_whose_site_is_not_found_leaves_the_others_alone(bench: RunHarness) -> None:
    def look_up(order: InstanceSpec) -> str:
        if order.name == "us":
            raise LinkUpdateError("https://us.example.net is no site", code="site_not_found")
        return f"site-{order.name}"

    run = bench.scheduled(site_ids={}, look_up=look_up)
    run.wait(POLLING, schedule=True)
    assert [label for label, state in states(run).items() if state is State.FAILED] == ["us -> eu", "us -> ap"]
    assert list(states(run).values()).count(State.COMPLETE) == 4
    assert entry_of(run, "us -> ap").failure.message == "us: not scheduled: https://us.example.net is no site"
    assert not [label for label, update, at in bench.service.requests if label.startswith("us")]


def test_what_cannot_be_scheduled_is_told_at_once_and_once_with_pair_and_reason(bench: RunHarness) -> None:
    bench.listener = failures = FailureListener()
    bench.service.refusals = {"eu -> us": [unauthorized()], "us -> ap": [OutcomeUnknown("the connection was reset")]}
    run = bench.scheduled(create_backup="never")
    # Instances that are asked at once have their lines in any order.
    assert sorted(failures.bad) == [
        "eu -> us  not scheduled: the service refused the credentials. Correct that, then run again",
        "us -> ap  no usable answer to the request: the connection was reset. Atlassian may have created this job; it "
        "was not sent again. Run again: links that are already fixed are skipped",
    ]
    run.wait(POLLING, schedule=True)
    assert len(failures.bad) == 2


def test_what_is_refused_when_the_backup_is_done_is_told_then_whatever_was_told_before(bench: RunHarness) -> None:
    bench.listener = failures = FailureListener()
    bench.service.refusals["eu -> ap"] = [unauthorized()]
    run = bench.scheduled("eu")
    for _change in range(Ration.PER_HOUR):
        run._ration.level(Level.INFO)
    run.wait(POLLING, schedule=True)
    place = next(number for number, line in enumerate(failures.lines) if "backup done; " in line)
    assert failures.lines[place + 1] == failures.bad[0]
    assert failures.bad[0].startswith("eu -> ap  not scheduled: the service refused the credentials")


def test_a_job_in_error_that_is_to_stay_so_is_told_at_once(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS]
    bench.finished("eu", create_backup="never")
    bench.listener = failures = FailureListener()
    bench.run("eu", create_backup="never", resubmit_failed=False)
    assert failures.bad == [
        "eu -> us  job job-0 (attempt 1) ended in ERROR. To retry it, run again with -e "
        "link_update_resubmit_failed=true"
    ]


def test_a_site_that_is_not_found_is_told_at_once_and_once_for_all_its_pairs(bench: RunHarness) -> None:
    def look_up(order: InstanceSpec) -> str:
        if order.name == "us":
            raise LinkUpdateError("https://us.example.net is no site", code="site_not_found")
        return f"site-{order.name}"

    bench.listener = failures = FailureListener()
    run = bench.run(site_ids={}, look_up=look_up)
    assert failures.lines == failures.bad == ["us        not scheduled: https://us.example.net is no site"]
    run.schedule()
    run.wait(POLLING, schedule=True)
    assert len(failures.bad) == 1


def test_what_fails_for_a_whole_instance_is_told_at_once_and_names_its_pairs(
    bench: RunHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(ledger: Ledger, update: Update) -> Any:
        raise LedgerError("the ledger is locked")

    monkeypatch.setattr(Ledger, "backups", fails)
    bench.listener = failures = FailureListener()
    run = bench.scheduled("us")
    assert failures.lines == failures.bad == ["us        2 jobs not scheduled: the ledger is locked"]
    assert details_of(run.instances[0]) == ["us: 2 jobs not scheduled: the ledger is locked"]


def test_a_check_tells_of_nothing_that_its_plan_does(bench: RunHarness) -> None:
    bench.listener = failures = FailureListener()
    bench.service.fates["eu -> us"] = [FAILS]
    bench.finished("eu", create_backup="never")
    told = len(failures.lines)
    run = bench.scheduled("eu", create_backup="never", resubmit_failed=False, check=True)
    assert states(run)["eu -> us"] is State.ERROR
    assert len(failures.lines) == told


def test_a_site_that_is_known_is_not_looked_up(bench: RunHarness) -> None:
    asked = []

    def look_up(order: InstanceSpec) -> str:
        asked.append(order.name)
        return f"site-{order.name}"

    run = bench.scheduled(site_ids={"eu": "site-eu"}, look_up=look_up)
    assert asked == ["us", "ap"]
    assert [each.spec.site_id for each in run.instances] == ["site-eu", "site-us", "site-ap"]


def test_jobs_that_fail_at_the_service_leave_the_others_alone(bench: RunHarness) -> None:
    bench.service.fates["eu -> ap"] = [FAILS]
    run = bench.finished()
    assert [label for label, state in states(run).items() if state is not State.COMPLETE] == ["eu -> ap"]
    assert states(run)["eu -> ap"] is State.ERROR


# -- Attaching and waiting without scheduling


def test_attaching_to_nothing_schedules_nothing(bench: RunHarness) -> None:
    run = bench.run()
    assert set(states(run).values()) == {State.ABSENT}
    assert bench.service.requests == []
    assert [each.job_id for each in bench.ledger().attempts()] == ["job-before"]


def test_attaching_takes_up_what_there_is_and_schedules_nothing(bench: RunHarness) -> None:
    bench.service.fates["eu -> ap"] = [FAILS]
    bench.scheduled("eu", create_backup="never")
    bench.pause(HOURS)
    run = bench.run("eu", "us")
    assert len(bench.service.requests) == 2
    assert states(run) == {
        "eu -> us": State.COMPLETE,
        "eu -> ap": State.ABSENT,
        "us -> eu": State.ABSENT,
        "us -> ap": State.ABSENT,
    }
    assert not any(entry.changed for entry in run.updates)


def test_waiting_without_scheduling_schedules_nothing_that_is_held(bench: RunHarness) -> None:
    run = bench.scheduled("eu")
    run.wait(POLLING, schedule=False)
    assert states(run) == {"eu -> us": State.COMPLETE, "eu -> ap": State.HELD}
    assert bench.service.scheduled == ["eu -> us"]


def test_waiting_for_what_was_attached_to_schedules_nothing(bench: RunHarness) -> None:
    bench.scheduled("eu")
    run = bench.run("eu")
    run.wait(POLLING, schedule=False)
    assert states(run) == {"eu -> us": State.COMPLETE, "eu -> ap": State.ABSENT}
    assert bench.service.scheduled == ["eu -> us"]


def test_what_a_wait_learns_is_in_the_ledger(bench: RunHarness) -> None:
    bench.finished("eu")
    looks = len(bench.service.log)
    run = bench.scheduled("eu")
    assert set(states(run).values()) == {State.COMPLETE}
    assert len(bench.service.log) == looks, "what is complete is not asked for again"


def test_a_wait_that_runs_out_of_time_leaves_jobs_open_and_the_rest_held(bench: RunHarness) -> None:
    run = bench.finished("eu", polling=PollPolicy(timeout=10 * MINUTES))
    assert states(run) == {"eu -> us": State.OPEN, "eu -> ap": State.HELD}
    job = entry_of(run, "eu -> us").job
    assert job
    assert job.status == "BACKUP"
    assert set(states(bench.finished("eu")).values()) == {State.COMPLETE}
    assert bench.service.backups == ["eu -> us"]


def test_no_news_at_the_last_look_is_kept_with_the_update(bench: RunHarness) -> None:
    heard = []

    def away(age: float) -> str:
        if age < 100:
            heard.append(bench.clock.now())
            return "IN_PROGRESS"
        raise OutcomeUnknown("the connection was reset")

    bench.service.fates["eu -> us"] = [away]
    run = bench.finished("eu", destinations=["us"], polling=PollPolicy(timeout=10 * MINUTES))
    entry = entry_of(run, "eu -> us")
    assert entry.state is State.OPEN
    assert entry.trouble.message == "the connection was reset"
    told = verdict_of(run.instances, scheduled=True, waited=True, now=bench.clock.now())
    silence = duration((bench.clock.now() - heard[-1]).total_seconds())
    assert silence.startswith("8m")
    assert f"1 with no status for {silence}: eu -> us" in told["message"]
    assert details_of(run.instances[0]) == [
        "eu -> us: status unavailable since 2026-03-01 12:01Z: the connection was reset"
    ]


def test_a_job_that_does_not_start_is_named_when_the_timeout_has_passed_and_one_without_a_status_is_not(
    bench: RunHarness,
) -> None:
    def away(age: float) -> str:
        if age < 100:
            return "PENDING"
        raise OutcomeUnknown("the connection was reset")

    bench.service.fates = {"eu -> us": [phases(then="PENDING")], "us -> eu": [usual()], "ap -> eu": [away]}
    run = bench.scheduled(create_backup="never")
    bench.clock.naps_left = 20
    with pytest.raises(Killed):
        run.wait(PollPolicy(timeout=2 * HOURS), schedule=True)
    assert not [each for each in run.updates if each.overdue], "who is stopped early has not waited long"
    bench.clock.naps_left = None
    run = bench.finished(polling=PollPolicy(timeout=2 * HOURS), create_backup="never")
    assert {each.label for each in run.updates if each.overdue} == {"eu -> us"}
    (told,) = (line for line in bench.listener.lines if line.startswith("Waiting stopped after 2h00m"))
    assert ". PENDING far longer than the others: eu -> us (2h" in told


def test_a_job_that_never_could_be_asked_for_was_known_when_it_was_scheduled(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [fails_always(OutcomeUnknown("the connection was reset"))]
    run = bench.finished("eu", destinations=["us"], polling=PollPolicy(timeout=10 * MINUTES))
    told = verdict_of(run.instances, scheduled=True, waited=True, now=bench.clock.now())
    assert "1 with no status for 10m00s: eu -> us" in told["message"]


def test_a_job_that_could_be_asked_for_again_is_still_under_way(bench: RunHarness) -> None:
    def away_for_a_while(age: float) -> str:
        if 100 < age < 500:
            raise OutcomeUnknown("the connection was reset")
        return "IN_PROGRESS"

    bench.service.fates["eu -> us"] = [away_for_a_while]
    run = bench.finished("eu", destinations=["us"], polling=PollPolicy(timeout=10 * MINUTES))
    told = verdict_of(run.instances, scheduled=True, waited=True, now=bench.clock.now())
    assert "1 not finished: eu -> us" in told["message"]
    assert details_of(run.instances[0]) == []


# -- The last summary


def test_a_run_whose_changes_were_all_shown_needs_no_last_summary(bench: RunHarness) -> None:
    run = bench.finished()
    before = list(bench.listener.lines)
    run.sum_up()
    assert bench.listener.lines == before


def test_a_run_is_summed_up_once_with_all_its_jobs_and_what_was_not_told(bench: RunHarness) -> None:
    bench.service.fates = {
        "eu -> us": [FAILS],
        "us -> eu": [forgotten_after(1000, "IN_PROGRESS")],
        "ap -> us": [phases((2000, "RETRY"), then="COMPLETE")],
    }
    run = bench.scheduled(create_backup="never")
    for _change in range(Ration.PER_HOUR):
        run._ration.level(Level.INFO)
    run.wait(POLLING, schedule=True)
    before = len(bench.listener.lines)
    run.sum_up()
    assert len(bench.listener.lines) == before + 1
    assert bench.listener.lines[-1].startswith("4 of 6 complete, 2 failed; 1 change not listed ")
    summaries = [line for line in bench.listener.lines if " of 6 complete" in line]
    left_out = [int(line.split(" change")[0].rpartition(" ")[2]) for line in summaries if "not listed" in line]
    retry_and_ends = 5
    assert sum(left_out) == retry_and_ends


# -- A run that is stopped


def stops_after(age: float) -> Fate:
    def fate(now: float) -> str:
        if now > age:
            raise KeyboardInterrupt
        return "IN_PROGRESS"

    return fate


def test_a_run_that_is_stopped_while_it_waits_has_what_was_learnt_of_each_job(bench: RunHarness) -> None:
    bench.service.fates = {
        "eu -> us": [forgotten_after(500, "IN_PROGRESS")],
        "eu -> ap": [usual()],
        "us -> eu": [fails_always(OutcomeUnknown("the connection was reset"))],
        "us -> ap": [stops_after(2000)],
    }
    run = bench.scheduled("eu", "us", create_backup="never")
    with pytest.raises(KeyboardInterrupt):
        run.wait(POLLING, schedule=True)
    assert states(run) == {
        "eu -> us": State.FAILED,
        "eu -> ap": State.COMPLETE,
        "us -> eu": State.OPEN,
        "us -> ap": State.OPEN,
    }
    told = verdict_of(run.instances, scheduled=True, waited=True, now=bench.clock.now())["message"]
    assert told.startswith("1 of 4 jobs complete, 1 failed: eu -> us: the service does not know the job. ")
    assert (
        ". us -> eu: status unavailable: the connection was reset. 1 not finished: us -> ap. 1 with no status for 33m"
        in told
    )
    assert [line for each in run.instances for line in details_of(each)] == [
        "eu -> us: the service does not know the job",
        "us -> eu: status unavailable since 2026-03-01 12:00Z: the connection was reset",
    ]


def test_a_backup_that_was_lost_before_a_run_was_stopped_is_not_told_as_on_its_way(bench: RunHarness) -> None:
    bench.service.fates = {"eu -> us": [forgotten_after(500)], "us -> eu": [stops_after(2000)]}
    run = bench.scheduled("eu", "us")
    with pytest.raises(KeyboardInterrupt):
        run.wait(POLLING, schedule=False)
    told = verdict_of(run.instances, scheduled=True, waited=True, now=bench.clock.now())["message"]
    assert "1 not scheduled because the backup failed: eu -> ap" in told


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_what_was_being_scheduled_when_a_run_was_stopped_is_not_told_as_not_scheduled(
    bench: RunHarness, monkeypatch: pytest.MonkeyPatch, stop: type[BaseException]
) -> None:
    run = bench.scheduled("eu")
    really = bench.service.schedule

    def sent_and_stopped(update: Update, *, before_sending: Callable[[], None]) -> str:
        really(update, before_sending=before_sending)
        raise stop

    monkeypatch.setattr(bench.service, "schedule", sent_and_stopped)
    with pytest.raises(stop):
        run.wait(POLLING, schedule=True)
    entry = entry_of(run, "eu -> ap")
    assert (entry.state, entry.changed, entry.held) == (State.FAILED, True, None)
    assert entry.failure
    assert entry.failure.code == "submission_unknown"
    assert entry.failure.message.startswith(
        "eu -> ap: the run was stopped before it recorded the answer. Atlassian may have created this job"
    )
    assert entry_of(run, "eu -> us").state is State.OPEN


def test_a_job_whose_record_was_stopped_is_told_with_its_id(bench: RunHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(ledger: Ledger, claim: object, job_id: str, status: str) -> None:
        raise KeyboardInterrupt

    run = bench.run("eu", create_backup="never")
    monkeypatch.setattr(Ledger, "record_job", stopped)
    with pytest.raises(KeyboardInterrupt):
        run.schedule()
    entry = entry_of(run, "eu -> us")
    assert entry.failure
    assert entry.failure.job_id == "job-0"
    assert entry.changed
    assert entry_of(run, "eu -> ap").state is State.ABSENT


# -- Several instances at once


class SlowService(ScriptedService):
    """A service that does something with a request of a certain pair, or a question for its job, before it answers."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.before_job: dict[str, Callable[[], object]] = {}
        self.before_status: dict[str, Callable[[], object]] = {}

    def schedule(self, update: Update, *, before_sending: Callable[[], None] = lambda: None) -> str:
        self.before_job.get(label_of(update), lambda: None)()
        return super().schedule(update, before_sending=before_sending)

    def status(self, site_id: str, job_id: str) -> JobStatus:
        self.before_status.get(self._jobs[job_id][0], lambda: None)()
        return super().status(site_id, job_id)


class Waiting(Listener):
    """A listener that others can wait for."""

    def __init__(self) -> None:
        super().__init__()
        self._events: defaultdict[str, threading.Event] = defaultdict(threading.Event)

    def heard(self, words: str) -> threading.Event:
        """Set when there is a line with these words, however many blanks are between them."""
        return self._events[words]

    def line(self, text: str, level: Level = Level.INFO) -> None:
        super().line(text, level)
        for words in [*self._events]:
            if words in " ".join(text.split()):
                self._events[words].set()


class SlowHarness(RunHarness):
    """A federation whose service can be late."""

    service: SlowService
    listener: Waiting

    def __init__(self, path: Path, connections: int) -> None:
        super().__init__(path, connections=connections)
        self.service = SlowService(self.clock)
        self.listener = Waiting()


@pytest.fixture
def at_once(tmp_path: Path) -> Iterator[SlowHarness]:
    bench = SlowHarness(tmp_path / "l", connections=8)
    yield bench
    bench.close()


def late(bench: SlowHarness, end: str) -> Callable[[], None]:
    """An answer that comes when a line with these words is said."""

    def wait() -> None:
        if not bench.listener.heard(end).is_set():
            bench.clock.is_late = True
            assert bench.listener.heard(end).wait(30)
            bench.clock.is_late = False

    return wait


def test_a_request_of_each_instance_is_under_way_at_once(at_once: SlowHarness) -> None:
    together = threading.Barrier(3, timeout=30)
    at_once.service.before_job = dict.fromkeys(ALL, together.wait)
    at_once.scheduled(create_backup="never")
    assert sorted(at_once.service.scheduled) == sorted(ALL)


def test_a_status_that_comes_late_holds_up_no_other_site(at_once: SlowHarness) -> None:
    at_once.service.before_status["us -> eu"] = late(at_once, "eu -> ap COMPLETE")
    run = at_once.finished()
    assert set(states(run).values()) == {State.COMPLETE}
    assert at_once.service.hurried() == []
    assert at_once.service.when("us -> ap") - at_once.service.when("eu -> ap") > 5 * MINUTES


def test_a_request_that_is_answered_late_holds_up_no_other_site(at_once: SlowHarness) -> None:
    at_once.service.before_job["eu -> ap"] = late(at_once, "us -> ap COMPLETE")
    run = at_once.finished("eu", "us")
    assert set(states(run).values()) == {State.COMPLETE}
    assert at_once.service.hurried() == []
    assert at_once.service.scheduled[-1] == "eu -> ap"


def test_while_each_site_is_being_asked_a_summary_says_so(at_once: SlowHarness) -> None:
    at_once.service.before_status["eu -> us"] = late(at_once, "0 of 2 complete, 2 waiting")
    at_once.finished("eu", create_backup="never")
    first = next(line for line in at_once.listener.lines if line.startswith("0 of 2 complete, 2 waiting"))
    assert "; polling; " in first


@pytest.fixture
def ending(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set when all threads have been told to end."""
    event = threading.Event()
    end = _threads._Team.end

    def told(team: _threads._Team) -> bool:
        try:
            return end(team)
        finally:
            event.set()

    monkeypatch.setattr(_threads._Team, "end", told)
    return event


@pytest.mark.parametrize("stop", [Killed, RuntimeError, SystemExit])
def test_what_stops_one_request_stops_all_when_they_are_recorded(
    at_once: SlowHarness, ending: threading.Event, stop: type[BaseException]
) -> None:
    service, together = at_once.service, threading.Barrier(3, timeout=30)

    def stops() -> None:
        together.wait()
        raise stop

    def answers() -> None:
        together.wait()
        assert ending.wait(30)

    service.before_job = {"eu -> us": stops, "us -> eu": answers, "ap -> eu": answers}
    run = at_once.run(create_backup="never")
    ending.clear()
    with pytest.raises(stop):
        run.schedule()
    assert {each.label: each.state for each in run.updates if each.state is not State.ABSENT} == {
        "eu -> us": State.FAILED,
        "us -> eu": State.OPEN,
        "ap -> eu": State.OPEN,
    }
    assert sorted(service.scheduled) == ["ap -> eu", "us -> eu"], "nothing more was sent"
    assert {each.update.site_id: each.job_id is not None for each in at_once.ledger().attempts()} == {
        "site-other": True,
        "site-eu": False,
        "site-us": True,
        "site-ap": True,
    }
    failure = entry_of(run, "eu -> us").failure
    assert failure
    assert failure.code == "submission_unknown"


# -- Check mode


def of_each_kind(bench: RunHarness) -> None:
    """Leave a ledger with one update of eu in each state that calls for something else."""
    bench.service.fates.update(
        {
            "eu -> open": [phases(then="IN_PROGRESS")],
            "eu -> broken": [FAILS],
            "eu -> lost": [forgotten_after(1000, "IN_PROGRESS")],
        }
    )
    bench.service.refusals["eu -> silent"] = [OutcomeUnknown("the connection was reset")]
    destinations = ["open", "complete", "broken", "lost", "silent"]
    run = bench.scheduled("eu", destinations=destinations, create_backup="never")
    run.wait(PollPolicy(timeout=2 * HOURS, poll_min=30, poll_max=600), schedule=True)


KINDS = ("eu", "new", "open", "complete", "broken", "lost", "silent")


@pytest.fixture
def kinds(tmp_path: Path) -> Iterator[RunHarness]:
    bench = RunHarness(tmp_path / "l", KINDS)
    of_each_kind(bench)
    yield bench
    bench.close()


@pytest.mark.parametrize(
    ("policy", "differs"),
    [
        ({}, {}),
        ({"force": True}, {"complete": Action.ANEW}),
        ({"resubmit_failed": False}, {"broken": Action.REFUSED}),
        ({"unknown_submission": "fail"}, {"lost": Action.REFUSED, "silent": Action.REFUSED}),
    ],
    ids=["by default", "forced", "what failed stays", "what is unknown stays"],
)
def test_a_check_tells_what_would_be_done_for_each_state_of_the_ledger(
    kinds: RunHarness, policy: dict[str, Any], differs: dict[str, Action]
) -> None:
    run = kinds.scheduled("eu", check=True, create_backup="never", **policy)
    assert {entry.desired.destination: entry.action for entry in run.updates} == {
        "new": Action.SCHEDULE,
        "open": Action.ATTACH,
        "complete": Action.DONE,
        "broken": Action.RETRY,
        "lost": Action.AGAIN,
        "silent": Action.AGAIN,
        **differs,
    }


@pytest.mark.parametrize("backup", ["first", "always", "never"])
def test_a_check_schedules_nothing_and_writes_nothing(kinds: RunHarness, backup: str) -> None:
    requests, rows = len(kinds.service.requests), kinds.ledger().attempts()
    run = kinds.scheduled("eu", "new", check=True, create_backup=backup, force=True)
    assert any(entry.changed for entry in run.updates)
    assert len(kinds.service.requests) == requests
    assert kinds.ledger().attempts() == rows
    assert not any(job.job_id for entry in run.updates if entry.changed and (job := entry.job))


def test_a_check_sees_what_the_service_says_now_and_does_not_write_it_down(bench: RunHarness) -> None:
    bench.scheduled("eu", destinations=["us"])
    before = bench.ledger().attempts()
    bench.pause(2 * HOURS)
    run = bench.scheduled("eu", destinations=["us"], check=True)
    assert [entry.action for entry in run.updates] == [Action.DONE]
    assert bench.ledger().attempts() == before


def test_a_check_before_anything_plans_all_of_it_with_one_backup(bench: RunHarness) -> None:
    before = bench.ledger().attempts()
    run = bench.scheduled("eu", check=True)
    assert [entry.action for entry in run.updates] == [Action.SCHEDULE, Action.SCHEDULE]
    assert [bool(job.update.create_backup) for entry in run.updates if (job := entry.job)] == [True, False]
    assert bench.ledger().attempts() == before


def test_a_check_during_the_backup_plans_the_rest(bench: RunHarness) -> None:
    bench.scheduled("eu")
    run = bench.scheduled("eu", check=True)
    assert [entry.action for entry in run.updates] == [Action.ATTACH, Action.SCHEDULE]
    assert [bool(job.update.create_backup) for entry in run.updates if (job := entry.job)] == [True, False]
    assert run.instances[0].backup
    assert run.instances[0].backup.state is BackupState.UNDER_WAY


def test_a_check_after_a_backup_that_is_not_to_be_tried_again_plans_nothing(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    bench.finished("eu")
    run = bench.scheduled("eu", check=True, resubmit_failed=False)
    assert [entry.action for entry in run.updates] == [Action.REFUSED, Action.REFUSED]


def test_a_check_does_not_wait_for_a_request_that_is_on_its_way(bench: RunHarness) -> None:
    update = bench.run("eu").instances[0].spec.desired[0].update
    assert bench.ledger().claim(Update(**{**vars(update), "create_backup": True}), 1, LEASE)
    before = bench.clock.now()
    run = bench.scheduled("eu", check=True)
    assert [entry.action for entry in run.updates] == [Action.ATTACH, Action.SCHEDULE]
    assert bench.clock.now() == before


def test_a_check_refuses_what_the_time_is_over_for(bench: RunHarness) -> None:
    bench.federation["eu"]["migrated_at"] = "2026-01-01"
    run = bench.scheduled("eu", check=True)
    assert [entry.action for entry in run.updates] == [Action.REFUSED, Action.REFUSED]
    assert {failure.code for entry in run.updates if (failure := entry.failure)} == {"window_closed"}


# -- The time to recreate links

OLD, OTHER = "https://jira.example.com", "https://other.example.com"


def test_one_whose_time_is_over_keeps_no_other_one_from_being_scheduled(bench: RunHarness) -> None:
    bench.federation["us"]["migrated_at"] = "2026-01-01"
    run = bench.finished()
    assert sorted(bench.service.scheduled) == ["ap -> eu", "ap -> us", "eu -> ap", "eu -> us"]
    failed = {entry.label: entry.failure for entry in run.updates if entry.failure}
    assert {label: failure.code for label, failure in failed.items()} == dict.fromkeys(
        ["us -> eu", "us -> ap"], "window_closed"
    )
    assert "us -> eu  not scheduled: the deadline to recreate links was " in "".join(bench.listener.lines)


def test_an_update_that_recreates_nothing_has_no_time_that_is_over_and_orders_the_backup(bench: RunHarness) -> None:
    bench.federation["us"]["product_url"] += "/wiki"
    bench.federation["eu"]["migrated_at"] = "2026-01-01"
    bench.federation["ap"]["product_url"] += "/wiki"
    bench.federation["jp"] = {"product_url": "https://jp.example.net", "migrated_from": OLD}
    run = bench.finished("eu", site_ids={"eu": "site-eu"}, destinations=["jp", "us", "ap"])
    assert states(run) == {"eu -> jp": State.FAILED, "eu -> us": State.COMPLETE, "eu -> ap": State.COMPLETE}
    assert bench.service.scheduled == ["eu -> us", "eu -> ap"]
    assert bench.service.backups == ["eu -> us"]


def test_each_origin_has_a_time_of_its_own(bench: RunHarness) -> None:
    bench.federation["eu"]["migrated_from"] = [{"url": OLD, "migrated_at": "2026-01-01"}, OTHER]
    bench.federation["us"]["migrated_from"] = [OLD, OTHER]
    run = bench.finished("eu")
    assert states(run) == {
        "eu -> us (from jira.example.com)": State.FAILED,
        "eu -> us (from other.example.com)": State.COMPLETE,
        "eu -> ap": State.FAILED,
    }
    assert [update.migrated_from for label, update, at in bench.service.requests] == [OTHER]
    assert bench.service.backups == ["eu -> us"]


def test_a_running_job_is_collected_although_the_time_is_over(bench: RunHarness) -> None:
    bench.federation["eu"]["migrated_at"] = "2026-02-16"
    bench.scheduled("eu", create_backup="never")
    bench.pause(24 * HOURS)
    for schedule in (True, False):
        run = bench.run("eu")
        if schedule:
            run.schedule()
        run.wait(POLLING, schedule=schedule)
        assert set(states(run).values()) == {State.COMPLETE}
    assert len(bench.service.requests) == 2


def test_a_federation_that_is_complete_stays_so_when_the_time_is_over(bench: RunHarness) -> None:
    for member in bench.federation.values():
        member["migrated_at"] = "2026-02-16"
    bench.finished()
    bench.pause(30 * 24 * HOURS)
    requests = len(bench.service.requests)
    run = bench.finished()
    assert set(states(run).values()) == {State.COMPLETE}
    assert not any(entry.changed or entry.failure for entry in run.updates)
    assert len(bench.service.requests) == requests
    check = bench.scheduled(check=True)
    assert {entry.action for entry in check.updates} == {Action.DONE}


def test_another_update_orders_the_backup_where_the_time_of_the_one_whose_backup_failed_is_over(
    bench: RunHarness,
) -> None:
    bench.federation["eu"]["migrated_from"] = [{"url": OLD, "migrated_at": "2026-02-16"}, OTHER]
    bench.federation["ap"]["migrated_from"] = OTHER
    bench.service.fates["eu -> us"] = [FAILS_IN_BACKUP]
    bench.finished("eu")
    bench.pause(24 * HOURS)
    run = bench.finished("eu")
    assert states(run) == {"eu -> us": State.ERROR, "eu -> ap": State.COMPLETE}
    assert bench.service.backups == ["eu -> us", "eu -> ap"]


def test_the_nearest_deadline_comes_first_across_instances_and_within_one(bench: RunHarness) -> None:
    bench.federation["eu"]["migrated_at"] = "2026-02-25"
    bench.federation["us"]["migrated_from"] = [OLD, {"url": OTHER, "migrated_at": "2026-02-20"}]
    bench.federation["ap"] |= {"migrated_at": "2026-02-22", "migrated_from": OTHER}
    bench.scheduled(create_backup="never")
    of_us, of_ap, of_eu = ["us -> ap", "us -> eu"], ["ap -> eu", *["ap -> us"] * 2], [*["eu -> us"] * 2, "eu -> ap"]
    assert by_instance(bench.service.scheduled) == [*of_eu, *of_us, *of_ap]
    if bench.connections == 1:
        assert bench.service.scheduled == [*of_us, *of_ap, *of_eu]


def test_the_most_urgent_update_orders_the_backup_and_the_others_follow_it_by_their_urgency(tmp_path: Path) -> None:
    bench = RunHarness(tmp_path / "l", ("eu", "us", "ap", "jp"))
    servers = {name: f"https://{name}.example.com" for name in ("us", "ap", "jp")}
    bench.federation["eu"]["migrated_from"] = [
        {"url": servers[name], "migrated_at": f"2026-02-{day}"} for name, day in (("us", 26), ("ap", 22), ("jp", 24))
    ]
    for name, server in servers.items():
        bench.federation[name]["migrated_from"] = server
    bench.finished("eu")
    bench.close()
    assert bench.service.scheduled == ["eu -> ap", "eu -> jp", "eu -> us"]
    assert bench.service.backups == ["eu -> ap"]


def test_a_backup_that_may_last_beyond_the_deadline_is_warned_of_once_and_what_is_late_then_fails_by_itself(
    bench: RunHarness,
) -> None:
    bench.names = (*bench.names, "jp")
    bench.federation["jp"] = {"product_url": "https://jp.example.net/wiki", "migrated_from": OLD}
    bench.federation["eu"]["migrated_at"] = "2026-02-15T17:00:00Z"
    bench.federation["us"]["migrated_at"] = "2026-02-15T20:00:00Z"
    bench.service.backup_time["eu"] = 6 * HOURS
    run = bench.finished("eu", "us")
    assert bench.listener.warnings == [
        "eu: links can be recreated until 2026-03-01 17:00Z only, and a backup can take 8 h. To go on without the "
        "backup, run again with -e link_update_create_backup=never"
    ]
    assert {label: state for label, state in states(run).items() if label.startswith("eu")} == {
        "eu -> us": State.COMPLETE,
        "eu -> ap": State.FAILED,
        "eu -> jp": State.COMPLETE,
    }
    assert (failure := entry_of(run, "eu -> ap").failure)
    assert failure.code == "window_closed"


# -- A backup that is none of this run's


def verdict(run: Run, bench: RunHarness, *, waited: bool = True) -> str:
    told = verdict_of(run.instances, scheduled=True, waited=waited, now=bench.clock.now())
    return str(told["message"])


def test_a_narrowed_run_that_does_not_wait_asks_how_another_ones_backup_stands(bench: RunHarness) -> None:
    bench.scheduled("eu", destinations=["us"])
    bench.pause(60)
    assert states(bench.scheduled("eu", destinations=["ap"])) == {"eu -> ap": State.HELD}
    bench.pause(5 * HOURS)
    assert states(bench.scheduled("eu", destinations=["ap"])) == {"eu -> ap": State.OPEN}
    assert bench.service.backups == ["eu -> us"]


def test_a_narrowed_run_orders_a_backup_anew_when_the_job_of_another_ones_is_lost(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [forgotten_after(1000)]
    bench.scheduled("eu", destinations=["us"])
    bench.pause(2000)
    assert states(bench.finished("eu", destinations=["ap"])) == {"eu -> ap": State.COMPLETE}
    assert bench.service.backups == ["eu -> us", "eu -> ap"]


def test_another_ones_backup_that_is_lost_while_it_is_waited_for_is_said_to_be(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [forgotten_after(1000)]
    bench.scheduled("eu", destinations=["us"])
    run = bench.finished("eu", destinations=["ap"])
    assert states(run) == {"eu -> ap": State.HELD}
    assert "1 not scheduled because the backup failed: eu -> ap. Run the same command again: it orders" in verdict(
        run, bench
    )
    assert states(bench.finished("eu", destinations=["ap"])) == {"eu -> ap": State.COMPLETE}


def test_another_ones_new_job_that_the_service_does_not_know_yet_ends_no_wait(bench: RunHarness) -> None:
    def known_after_a_minute(age: float) -> str:
        if age < 60:
            raise JobUnknown("the service does not know the job", job_id="new")
        return usual(BACKUP_TIME)(age)

    bench.service.fates["eu -> us"] = [known_after_a_minute]
    bench.scheduled("eu", destinations=["us"])
    assert states(bench.finished("eu", destinations=["ap"])) == {"eu -> ap": State.COMPLETE}
    assert bench.service.backups == ["eu -> us"]


@pytest.mark.parametrize("unknown_submission", ["resubmit", "fail"])
def test_a_job_that_is_lost_with_its_backup_does_not_leave_the_others_waiting_for_it(
    bench: RunHarness, unknown_submission: str
) -> None:
    bench.service.fates["eu -> us"] = [forgotten_after(1000)]
    first = bench.finished("eu")
    assert "on hold" not in verdict(first, bench)
    assert "1 not scheduled because the backup failed: eu -> ap" in verdict(first, bench)
    again = bench.finished("eu", unknown_submission=unknown_submission)
    if unknown_submission == "fail":
        assert "1 not scheduled because the backup failed: eu -> ap" in verdict(again, bench)
    else:
        assert set(states(again).values()) == {State.COMPLETE}


def test_a_forced_update_that_is_refused_is_not_complete_because_an_older_job_was(bench: RunHarness) -> None:
    bench.finished("eu")
    bench.service.refusals["eu -> us"] = [unauthorized()]
    run = bench.finished("eu", force=True)
    assert states(run) == {"eu -> us": State.FAILED, "eu -> ap": State.COMPLETE}
    assert "1 of 2 jobs complete, 1 failed: eu -> us: not scheduled: " in verdict(run, bench)


def test_a_ledger_that_fails_for_one_instance_stops_no_other(
    bench: RunHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = Ledger.backups

    def fails(ledger: Ledger, update: Update) -> Any:
        if update.site_id == "site-us":
            raise LedgerError("the ledger is locked")
        return really(ledger, update)

    monkeypatch.setattr(Ledger, "backups", fails)
    run = bench.finished()
    assert {label for label, state in states(run).items() if state is State.FAILED} == {"us -> eu", "us -> ap"}
    assert {label for label, state in states(run).items() if state is State.COMPLETE} == set(ALL) - {
        "us -> eu",
        "us -> ap",
    }


# -- What is said of hundreds of jobs in many hours


class Stopwatch(Listener):
    """A listener that also remembers what is shown without -v, and when."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.told: list[tuple[datetime, str]] = []

    def line(self, text: str, level: Level = Level.INFO) -> None:
        super().line(text, level)
        if level is not Level.DETAIL:
            self.told.append((self._clock.now(), text))


def one_at_a_time(place: int) -> Fate:
    """Queued until the jobs before it are done; then at work for 20 minutes, now and then tried again."""
    start = place * 20 * MINUTES

    def fate(age: float) -> str:
        if age < start:
            return "PENDING"
        if age < start + 20 * MINUTES:
            return "RETRY" if int(age / (4 * MINUTES)) % 2 else "IN_PROGRESS"
        return "ERROR" if place % 7 == 6 else "COMPLETE"

    return fate


def side_by_side(place: int) -> Fate:
    """All at work at once for hours, some of them tried again and again."""

    def fate(age: float) -> str:
        if age > 5.5 * HOURS:
            return "ERROR" if place % 7 == 6 else "COMPLETE"
        return "RETRY" if place < 3 and int(age / (7 * MINUTES)) % 2 else "IN_PROGRESS"

    return fate


@pytest.mark.slow
@pytest.mark.parametrize("fate_of", [one_at_a_time, side_by_side])
def test_hours_of_hundreds_of_jobs_are_neither_silent_nor_a_flood(
    tmp_path: Path, fate_of: Callable[[int], Fate]
) -> None:
    names = tuple(f"i{number:02}" for number in range(20))
    bench = RunHarness(tmp_path / "l", names)
    bench.listener = stopwatch = Stopwatch(bench.clock)
    for name in names:
        bench.service.backup_time[name] = 20 * MINUTES + 7 * MINUTES * names.index(name)
        for place, other in enumerate(each for each in names if each != name):
            if place:
                bench.service.fates[f"{name} -> {other}"] = [fate_of(place - 1)]
    start = bench.clock.now()
    run = bench.finished(polling=PollPolicy(timeout=6 * HOURS, poll_min=90, poll_max=5 * MINUTES))
    bench.close()

    assert len(bench.service.scheduled) == len(run.updates) == 380
    assert bench.service.hurried() == []
    moments = [at for at, text in stopwatch.told]
    assert moments[-1] - start >= timedelta(hours=5), "the simulated hours were waited through"
    silences = [later - earlier for earlier, later in pairwise([start, *moments])]
    # The clock of the test rounds up to whole microseconds.
    assert max(silences) <= timedelta(minutes=10, seconds=1)

    def is_bounded(text: str) -> bool:
        of_one_job = " ERROR " in text
        of_one_instance = "backup done; " in text or " scheduled" in text or text.partition("  ")[0] in names
        return not (of_one_job or of_one_instance)

    counted = [at for at, text in stopwatch.told if is_bounded(text)]
    worst = max(bisect_right(counted, at + timedelta(hours=1)) - place for place, at in enumerate(counted))
    assert worst <= Ration.PER_HOUR + 12
    assert worst > Ration.PER_HOUR / 2, "there was enough to tell for the bound to matter"

    def lines_with(words: str) -> Counter[str]:
        return Counter(text.partition("  ")[0] for at, text in stopwatch.told if words in text)

    of_instances = Counter(dict.fromkeys(names, 1))
    assert lines_with(" more after the backup") == of_instances
    assert lines_with("backup done; ") == of_instances
    ended = [each.name for each in run.instances if all(job.state is not State.OPEN for job in each.updates)]
    assert lines_with(" of 19 complete") == Counter(ended)
    in_error = Counter(entry.label for entry in run.updates if entry.state is State.ERROR)
    assert in_error
    assert lines_with(" ERROR ") == in_error


def test_a_backup_of_another_run_that_cannot_be_asked_about_is_taken_to_be_under_way(bench: RunHarness) -> None:
    bench.service.fates["eu -> us"] = [fails_always(unauthorized())]
    bench.scheduled("eu", destinations=["us"])
    bench.pause(5 * HOURS)
    assert states(bench.scheduled("eu", destinations=["ap"])) == {"eu -> ap": State.HELD}
    assert bench.service.scheduled == ["eu -> us"]


@pytest.mark.parametrize(("passed", "scheduled"), [(119, ["eu -> us"]), (121, ["eu -> us", "eu -> ap"])])
def test_a_backup_of_another_run_is_new_to_the_service_for_two_minutes(
    bench: RunHarness, passed: float, scheduled: list[str]
) -> None:
    bench.service.fates["eu -> us"] = [forgotten_after(0)]
    bench.scheduled("eu", destinations=["us"])
    bench.pause(passed)
    bench.scheduled("eu", destinations=["ap"])
    assert bench.service.scheduled == scheduled


def test_the_backup_that_is_done_is_told_with_what_it_lets_go_on(bench: RunHarness) -> None:
    bench.finished("eu")
    assert "eu        backup done; scheduling 1 more job" in bench.listener.shown


def test_a_wait_that_runs_out_of_time_says_that_the_jobs_go_on(bench: RunHarness) -> None:
    bench.finished("eu", polling=PollPolicy(timeout=60, poll_min=30, poll_max=60))
    says = "Waiting stopped after 1m00s. Atlassian continues the jobs: run the same command again to wait for them"
    assert [line for line in bench.listener.lines if "stopped after" in line] == [says]
    bench.listener.lines.clear()
    bench.finished("eu")
    assert not any("timeout after" in line for line in bench.listener.lines)


class LevelListener(Listener):
    """A listener that remembers of what level each line was."""

    def __init__(self) -> None:
        super().__init__()
        self.levels: dict[str, Level] = {}

    def line(self, text: str, level: Level = Level.INFO) -> None:
        super().line(text, level)
        self.levels[text] = level

    def of(self, words: str) -> Level:
        """The level of the first line that has these words, however many blanks are between them."""
        told = (level for text, level in self.levels.items() if words in " ".join(text.split()))
        level = next(told, None)
        assert level, f"{words} is not told: {list(self.levels)}"
        return level


#: What is told of a run, and of what level it is.
TOLD = {
    "eu -> us PENDING scheduled: job job-": Level.DETAIL,
    "eu 1 job scheduled, 1 more after the backup": Level.CHANGED,
    "us -> eu ERROR": Level.FAILURE,
    "us 1 job not scheduled: the backup failed: us -> eu ended without success or was lost": Level.FAILURE,
    "ap -> eu RETRY": Level.WARNING,
    "status unavailable: connection reset; still polling": Level.WARNING,
    "eu -> us BACKUP": Level.INFO,
    "eu -> us IN_PROGRESS": Level.DETAIL,
    "eu backup done; scheduling 1 more job": Level.SUCCESS,
    "eu -> us COMPLETE": Level.SUCCESS,
    "next poll in": Level.STATUS,
}


def test_good_news_and_bad_news_are_told_apart(bench: RunHarness) -> None:
    bench.listener = told = LevelListener()
    fails_for_a_while = [OutcomeUnknown("connection reset")]

    def troubled(age: float) -> str:
        if age > 1000 and fails_for_a_while:
            raise fails_for_a_while.pop()
        return "PENDING" if age < 10 else "RETRY" if age < 2000 else "COMPLETE"

    bench.service.fates["us -> eu"] = [FAILS_IN_BACKUP]
    bench.service.fates["ap -> eu"] = [troubled]
    bench.finished()
    assert {words: told.of(words) for words in TOLD} == TOLD
    told.levels.clear()
    bench.finished("us", polling=PollPolicy(timeout=60, poll_min=30, poll_max=60))
    assert told.of("Waiting stopped after 1m00s") is Level.WARNING
    bench.scheduled("us")
    assert told.of("us waiting for 1 job scheduled before") is Level.INFO
    assert told.of("us -> eu BACKUP scheduled before as attempt 2: job job-") is Level.DETAIL


def test_why_a_backup_was_not_made_is_told(bench: RunHarness) -> None:
    bench.service.refusals["us -> eu"] = [unauthorized()]
    bench.service.fates["eu -> us"] = [forgotten_after(1000)]
    run = bench.finished("eu", "us")
    assert entry_of(run, "us -> ap").held == "the backup failed: us -> eu could not be scheduled"
    assert entry_of(run, "eu -> ap").held == (
        "the backup failed: eu -> us was lost: the service no longer knows its job"
    )
