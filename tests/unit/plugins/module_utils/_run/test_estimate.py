# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the jobs of a run will take, by how long others took."""

from __future__ import annotations

from datetime import timedelta

from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.estimate import Estimate, Open, estimate_from
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


def test_nothing_is_estimated_before_a_job_is_complete() -> None:
    assert Estimate().seconds_left({"eu": Open(waiting=3)}) is None


def test_a_job_that_nobody_saw_running_tells_nothing() -> None:
    estimate = Estimate()
    estimate.learn("eu", 0.0)
    assert estimate.jobs == 0
    assert estimate.seconds_left({"eu": Open(waiting=98)}) is None, "hours are not seconds"
    estimate.learn("eu", 60.0)
    assert estimate.seconds_left({"eu": Open(waiting=2)}) == 120


def test_a_site_does_one_job_after_the_other_unless_more_were_seen_to_run_at_once() -> None:
    estimate = Estimate()
    estimate.learn("eu", 100)
    estimate.learn("eu", 200)
    assert estimate.seconds_left({"eu": Open(waiting=4)}) == 600
    estimate.see_running("eu", 3)
    estimate.see_running("eu", 1)
    assert estimate.seconds_left({"eu": Open(waiting=4)}) == 200
    assert estimate.seconds_left({"eu": Open(waiting=1)}) == 150, "one job is not done by three"


def test_what_a_running_job_has_done_is_no_longer_left_and_one_that_takes_longer_ends_now() -> None:
    estimate = Estimate()
    estimate.learn("eu", 100)
    assert estimate.seconds_left({"eu": Open(waiting=1, running=[70, 500])}) == 130


def test_sites_work_side_by_side_and_one_that_nothing_is_known_of_is_like_the_others() -> None:
    estimate = Estimate()
    estimate.learn("eu", 10)
    estimate.learn("us", 50)
    assert estimate.seconds_left({"eu": Open(waiting=9), "us": Open(waiting=1), "ap": Open(waiting=4)}) == 120
    assert estimate.seconds_left({}) == 0


def test_the_ledger_tells_how_long_jobs_ran_and_how_many_at_once(clock: FakeClock) -> None:
    with Ledger(SqliteStore(None), clock) as ledger:
        jobs = [record(ledger, f"https://{name}.example.net") for name in ("us", "ap", "au", "ca")]
        for job, begin, end, status in (
            (jobs[0], 10, 110, "COMPLETE"),
            (jobs[1], 60, 160, "COMPLETE"),
            (jobs[2], 110, 210, "COMPLETE"),
            (jobs[3], 10, 15, "ERROR"),
        ):
            status_at(ledger, clock, job, begin, "IN_PROGRESS")
            status_at(ledger, clock, job, end, status)
        estimate = estimate_from(ledger, clock.now())
    assert estimate.jobs == 3, "a job that failed tells nothing"
    assert estimate.seconds_left({"site": Open(waiting=4)}) == 200


def record(ledger: Ledger, destination_url: str) -> str:
    update = make_update(
        product="jira",
        product_url="https://eu.example.net",
        destination_url=destination_url,
        migrated_from="https://jira.example.com",
        site_id="site",
    )
    claim = ledger.claim(update, 1, timedelta(seconds=60))
    assert claim
    ledger.record_job(claim, destination_url, "PENDING")
    return destination_url


def status_at(ledger: Ledger, clock: FakeClock, job: str, seconds: float, status: str) -> None:
    now = clock.time
    clock.time = now + timedelta(seconds=seconds)
    ledger.record_status("site", job, status)
    clock.time = now
