# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A process is killed at each step on the way to a job, and what the next run makes of it."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_JOB
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.attempt import Attempt
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import COMPLETE
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks import options as task_options
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.job import link_update_job
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.processes import PROCESSES
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener
from ansible_collections.jira_cloud.federation.tests.unit.victim import before, reach

SITE = "site-eu"
RESUBMITTED = "It is scheduled again, because unknown_submission is resubmit"


class CrashHarness:
    """One update at a stand-in, ensured by processes that die and by runs that do not."""

    def __init__(self, server: StandIn, ledger: Path) -> None:
        self._server = server
        self._ledger = str(ledger)
        self._options = {
            **{name: option.get("default") for name, option in LINK_UPDATE_JOB.items()},
            "product_url": f"{server.url}/eu.example.net",
            "destination_url": f"{server.url}/us.example.net",
            "migrated_from": "https://jira.example.com",
            "site_id": SITE,
            "label": "eu -> us",
            "api_url": f"{server.url}/api.example.net/links/v1",
            "email": "me@example.com",
            "api_token": "t0ken",
            "ledger": self._ledger,
            "poll_min": 0.02,
            "wait_timeout": 30.0,
        }
        self.listener = Listener()

    def kill(self, step: str) -> None:
        """Run in a process of its own, which is killed at a step."""
        process = self._start(step)
        process.join(timeout=60)
        assert process.exitcode == -signal.SIGKILL

    def stop(self, step: str) -> ForkServerProcess:
        """Run in a process of its own, which stops itself at a step."""
        process = self._start(step)
        while Path(f"/proc/{process.pid}/stat").read_text().rpartition(") ")[2][0] != "T":
            time.sleep(0.01)
        return process

    def _start(self, step: str) -> ForkServerProcess:
        process = PROCESSES.Process(target=reach, args=(step, self._options))
        process.start()
        return process

    def run(self, **options: Any) -> dict[str, Any]:
        return link_update_job({**self._options, **options}, False, self.listener, SystemClock())

    def run_at_once(self, runs: int) -> list[dict[str, Any]]:
        with ThreadPoolExecutor(runs) as pool:
            return [run.result() for run in [pool.submit(self.run) for each in range(runs)]]

    @property
    def posts(self) -> int:
        return self._server.service.requests["schedule"]

    @property
    def jobs(self) -> list[str]:
        """The ids of the jobs that the service has taken."""
        return list(self._server.service.jobs)

    @property
    def resubmissions(self) -> list[str]:
        """The warnings that a job may have been scheduled twice."""
        return [warning for warning in self.listener.warnings if RESUBMITTED in warning]

    def attempt_of(self, job_id: str) -> Attempt | None:
        return open_ledger(self._ledger, SystemClock(), {}, copy=True).attempt_of(SITE, job_id)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[CrashHarness]:
    """A stand-in whose jobs take longer than the first look at them, and no ledger yet."""
    sites = {name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}"} for name in ("eu", "us")}
    with StandIn(Script(sites=sites, queue_seconds=0.0, run_seconds=0.1)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield CrashHarness(server, tmp_path / "ledger.sqlite3")
        server.shutdown()


def assert_complete(harness: CrashHarness, result: dict[str, Any]) -> None:
    """It ends with the service's newest job complete, in the result and in the ledger."""
    assert "failed" not in result
    job = result["job"]
    assert (job["job_id"], job["status"]) == (harness.jobs[-1], COMPLETE)
    attempt = harness.attempt_of(job["job_id"])
    assert attempt
    assert (attempt.number, attempt.status) == (job["attempt"], COMPLETE)


def test_killed_before_the_claim_it_is_as_though_it_had_never_run(harness: CrashHarness) -> None:
    harness.kill("before the claim")
    assert harness.posts == 0
    result = harness.run()
    assert_complete(harness, result)
    assert result["changed"]
    assert result["job"]["attempt"] == 1
    assert harness.posts == len(harness.jobs) == 1
    assert not harness.resubmissions


UNKNOWN = [("claimed, nothing sent", 0), ("taken, no answer read", 1), ("answered, id not recorded", 1)]


@pytest.mark.parametrize(("step", "taken"), UNKNOWN)
def test_killed_between_claim_and_recorded_id_it_is_scheduled_again_with_one_warning(
    harness: CrashHarness, step: str, taken: int
) -> None:
    harness.kill(step)
    assert harness.posts == len(harness.jobs) == taken
    result = harness.run()
    assert_complete(harness, result)
    assert result["changed"]
    assert result["job"]["attempt"] == 2
    assert harness.posts == len(harness.jobs) == taken + 1
    assert len(harness.resubmissions) == 1

    again = harness.run()
    assert not again["changed"]
    assert harness.posts == taken + 1
    assert len(harness.resubmissions) == 1


@pytest.mark.parametrize(("step", "taken"), UNKNOWN)
def test_killed_between_claim_and_recorded_id_nothing_is_sent_where_that_is_to_fail(
    harness: CrashHarness, step: str, taken: int
) -> None:
    harness.kill(step)
    result = harness.run(unknown_submission="fail")
    assert result["failure"]["code"] == "submission_unknown"
    assert not result["changed"]
    assert harness.posts == len(harness.jobs) == taken
    assert not harness.resubmissions


@pytest.mark.parametrize(("step", "taken"), UNKNOWN)
def test_several_reruns_at_once_schedule_it_again_only_once(harness: CrashHarness, step: str, taken: int) -> None:
    harness.kill(step)
    results = harness.run_at_once(4)
    for result in results:
        assert_complete(harness, result)
    assert sum(result["changed"] for result in results) == 1
    assert harness.posts == len(harness.jobs) == taken + 1
    assert harness.resubmissions


def test_of_two_reruns_at_once_only_the_one_that_schedules_it_again_says_so(
    harness: CrashHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.kill("claimed, nothing sent")
    both = threading.Barrier(2, timeout=60)

    def open_for_two(*args: Any, **kwargs: Any) -> Any:
        ledger = open_ledger(*args, **kwargs)
        before(ledger, "claim", lambda *ignored: both.wait())
        return ledger

    monkeypatch.setattr(task_options, "open_ledger", open_for_two)
    results = harness.run_at_once(2)
    assert sorted(result["changed"] for result in results) == [False, True]
    assert harness.posts == 1
    assert len(harness.resubmissions) == 1


@pytest.mark.parametrize("step", ["id recorded", "waiting", "end seen, not recorded"])
def test_killed_once_the_id_is_recorded_the_rerun_takes_up_the_job(harness: CrashHarness, step: str) -> None:
    harness.kill(step)
    assert harness.posts == 1
    result = harness.run()
    assert_complete(harness, result)
    assert not result["changed"]
    assert result["job"]["attached"]
    assert result["job"]["attempt"] == 1
    assert harness.posts == len(harness.jobs) == 1
    assert not harness.resubmissions


def test_stopped_between_claim_and_request_for_longer_than_its_lease_it_sends_nothing_any_more(
    harness: CrashHarness,
) -> None:
    sleeper = harness.stop("claimed, nothing sent, stopped")
    # The other run waits for the end of the lease, sends, and has its answer, all while this one stands still.
    assert_complete(harness, harness.run())
    assert sleeper.pid
    os.kill(sleeper.pid, signal.SIGCONT)
    sleeper.join(timeout=60)
    assert sleeper.exitcode == 0
    assert harness.posts == len(harness.jobs) == 1
    assert len(harness.resubmissions) == 1
