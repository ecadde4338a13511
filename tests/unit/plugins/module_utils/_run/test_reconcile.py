# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconciling one update: the table from what the ledger says to what is done, with a real ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    JobUnknown,
    LedgerError,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.attempt import Claim
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import Policy
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update, make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.reconcile import Outcome, Reconciler
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.toolbox import Toolbox
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import NEW_FOR
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener

UPDATE = make_update(
    product="jira",
    product_url="https://eu.example.net",
    destination_url="https://us.example.net",
    migrated_from="https://jira.example.com",
    site_id="site-eu",
)
LEASE = timedelta(seconds=60)


class ScriptedApi:
    """The service: takes jobs and says of each what it is told to, or fails as it is told to."""

    def __init__(self) -> None:
        self.scheduled: list[Update] = []
        self.status_of: dict[str, str] = {}
        self.looks = 0
        self.when_scheduling: list[Exception | Callable[[], None]] = []

    def schedule(self, update: Update) -> str:
        if self.when_scheduling:
            what = self.when_scheduling.pop(0)
            if isinstance(what, Exception):
                raise what
            what()
        self.scheduled.append(update)
        return f"job-{len(self.scheduled)}"

    def delay(self) -> float:
        return 0.0

    def status(self, site_id: str, job_id: str) -> str:
        self.looks += 1
        if job_id not in self.status_of:
            raise JobUnknown("the service does not know it", job_id=job_id)
        return self.status_of[job_id]


class ReconcileHarness:
    """One update, one ledger, one service; each call of ensure is a run of its own."""

    def __init__(self, path: Path) -> None:
        self.clock = FakeClock()
        self.listener = Listener()
        self.api = ScriptedApi()
        self.path = path
        self.ledger = open_ledger(str(path), self.clock, {})
        self.last = Outcome()

    def ensure(self, update: Update = UPDATE, *, check: bool = False, **policy: bool) -> Job:
        """The job, or the failure as an exception."""
        ledger = open_ledger(str(self.path), self.clock, {}, copy=check)
        tools = Toolbox(ledger, self.clock, self.listener, LEASE, check)
        reconciler = Reconciler(tools, self.api, Policy(**policy), update, "eu -> us")  # type: ignore[arg-type]
        self.last = reconciler.ensure()
        if self.last.interrupt:
            raise self.last.interrupt
        if self.last.failure:
            raise LinkUpdateError.of(self.last.failure)
        assert self.last.job
        return self.last.job

    @property
    def changed(self) -> bool:
        return self.last.changed

    def scheduled_before(self, status: str = "IN_PROGRESS") -> None:
        self.ensure()
        self.api.status_of["job-1"] = status

    def claimed_before(self) -> Claim:
        claim = self.ledger.claim(UPDATE, 1, LEASE)
        assert claim
        return claim


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ReconcileHarness]:
    bench = ReconcileHarness(tmp_path / "ledger.sqlite3")
    yield bench
    bench.ledger.close()


def test_an_update_that_nobody_knows_is_scheduled(bench: ReconcileHarness) -> None:
    job = bench.ensure()
    assert bench.changed
    assert bench.api.scheduled == [UPDATE]
    assert (job.job_id, job.status, job.attempt, job.attached) == ("job-1", "PENDING", 1, False)


def test_the_claim_is_in_the_ledger_before_the_request_is_sent(bench: ReconcileHarness) -> None:
    seen = []
    bench.api.when_scheduling.append(lambda: seen.append(bench.ledger.latest(UPDATE)))
    bench.ensure()
    assert seen[0]
    assert seen[0].job_id is None


def test_a_job_that_has_not_ended_is_attached_to(bench: ReconcileHarness) -> None:
    bench.scheduled_before("IN_PROGRESS")
    job = bench.ensure(force=True)
    assert not bench.changed
    assert len(bench.api.scheduled) == 1
    assert (job.job_id, job.status, job.attached) == ("job-1", "IN_PROGRESS", True)


def test_a_complete_update_costs_no_request_at_all(bench: ReconcileHarness) -> None:
    bench.scheduled_before("COMPLETE")
    bench.ensure()
    looks = bench.api.looks
    job = bench.ensure()
    assert not bench.changed
    assert (job.status, bench.api.looks, len(bench.api.scheduled)) == ("COMPLETE", looks, 1)


def test_force_schedules_a_complete_update_anew(bench: ReconcileHarness) -> None:
    bench.scheduled_before("COMPLETE")
    job = bench.ensure(force=True)
    assert bench.changed
    assert (job.job_id, job.attempt) == ("job-2", 2)


def test_an_update_in_error_is_scheduled_anew(bench: ReconcileHarness) -> None:
    bench.scheduled_before("ERROR")
    job = bench.ensure()
    assert bench.changed
    assert (job.job_id, job.attempt) == ("job-2", 2)


def test_an_update_in_error_fails_when_it_is_to_stay_so(bench: ReconcileHarness) -> None:
    bench.scheduled_before("ERROR")
    with pytest.raises(LinkUpdateError, match=r"eu -> us.*resubmit_failed") as caught:
        bench.ensure(resubmit_failed=False)
    assert (caught.value.code, caught.value.failure.job_id) == ("job_error", "job-1")
    assert not bench.changed
    assert len(bench.api.scheduled) == 1


def test_a_new_wave_is_another_update(bench: ReconcileHarness) -> None:
    bench.scheduled_before("COMPLETE")
    bench.ensure(make_update(**{**_fields(UPDATE), "wave": "2"}))
    assert bench.changed
    assert len(bench.api.scheduled) == 2


def test_a_backup_is_an_order_and_makes_no_other_update(bench: ReconcileHarness) -> None:
    bench.scheduled_before("COMPLETE")
    bench.ensure(make_update(**{**_fields(UPDATE), "create_backup": True}))
    assert not bench.changed


def test_a_live_claim_is_waited_for_and_its_job_attached_to(bench: ReconcileHarness) -> None:
    claim = bench.claimed_before()
    bench.api.status_of["theirs"] = "PENDING"
    sleep = bench.clock.sleep

    def sleep_until_they_are_done(seconds: float) -> None:
        sleep(seconds)
        if len(bench.clock.naps) == 3:
            bench.ledger.record_job(claim, "theirs", "PENDING")

    bench.clock.sleep = sleep_until_they_are_done  # type: ignore[method-assign]
    job = bench.ensure()
    assert not bench.changed
    assert not bench.api.scheduled
    assert (job.job_id, job.attached) == ("theirs", True)
    assert len(bench.listener.lines) == 1, "the waiting is not silent, and not a flood"


def test_a_live_claim_whose_request_was_not_taken_is_no_obstacle(bench: ReconcileHarness) -> None:
    claim = bench.claimed_before()
    sleep = bench.clock.sleep

    def sleep_until_they_give_up(seconds: float) -> None:
        sleep(seconds)
        bench.ledger.withdraw(claim)

    bench.clock.sleep = sleep_until_they_give_up  # type: ignore[method-assign]
    job = bench.ensure()
    assert (job.job_id, job.attempt) == ("job-1", 1)
    assert not bench.listener.warnings


def test_a_claim_past_its_lease_is_an_unknown_outcome_and_scheduled_again_with_one_warning(
    bench: ReconcileHarness,
) -> None:
    bench.claimed_before()
    bench.clock.sleep(61)
    job = bench.ensure()
    assert bench.changed
    assert (job.job_id, job.attempt) == ("job-1", 2)
    assert len(bench.listener.warnings) == 1
    assert "eu -> us" in bench.listener.warnings[0]


def test_one_warning_is_enough_when_the_service_then_asks_to_come_back_later(bench: ReconcileHarness) -> None:
    bench.claimed_before()
    bench.clock.sleep(61)
    bench.api.when_scheduling += [NotAccepted("429", retry_after=7.0)] * 3
    assert bench.ensure().attempt == 2
    assert len(bench.listener.warnings) == 1


def test_an_unknown_outcome_fails_where_that_was_asked_for(bench: ReconcileHarness) -> None:
    bench.claimed_before()
    bench.clock.sleep(61)
    with pytest.raises(LinkUpdateError, match=r"eu -> us.*unknown") as caught:
        bench.ensure(resubmit_unknown=False)
    assert caught.value.code == "submission_unknown"
    assert not bench.changed
    assert not bench.api.scheduled


def test_a_job_that_the_service_forgot_is_an_unknown_outcome(bench: ReconcileHarness) -> None:
    bench.ensure()
    bench.clock.sleep(NEW_FOR)
    with pytest.raises(LinkUpdateError) as caught:
        bench.ensure(resubmit_unknown=False)
    assert (caught.value.code, caught.value.failure.job_id) == ("job_unknown", "job-1")
    job = bench.ensure()
    assert (job.job_id, job.attempt) == ("job-2", 2)
    assert "job-1" in bench.listener.warnings[0]


def test_a_new_job_that_the_service_does_not_know_yet_is_not_taken_for_forgotten(bench: ReconcileHarness) -> None:
    bench.ensure()
    bench.clock.sleep(NEW_FOR - 1)
    job = bench.ensure()
    assert (job.job_id, job.attached) == ("job-1", True)
    assert not bench.changed
    assert not bench.listener.warnings


def test_a_request_without_an_answer_fails_as_changed_and_is_never_sent_again_in_the_same_call(
    bench: ReconcileHarness,
) -> None:
    bench.api.when_scheduling.append(OutcomeUnknown("connection reset"))
    with pytest.raises(LinkUpdateError, match=r"eu -> us.*unknown") as caught:
        bench.ensure()
    assert caught.value.code == "submission_unknown"
    assert bench.changed
    assert not bench.api.scheduled
    job = bench.ensure()
    assert job.attempt == 2
    assert len(bench.listener.warnings) == 1
    assert not bench.clock.naps, "an abandoned claim is not waited for"


def test_a_request_that_was_certainly_not_taken_is_repeated(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling += [NotAccepted("refused"), NotAccepted("429", retry_after=7.0)]
    job = bench.ensure()
    assert (job.job_id, job.attempt) == ("job-1", 1)
    assert len(bench.clock.naps) == 2
    assert 7 <= bench.clock.naps[1] < 8
    assert len(bench.listener.lines) == 2, "no pause is silent"


def test_no_claim_is_held_while_pausing(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling.append(NotAccepted("429", retry_after=7.0))
    sleep = bench.clock.sleep
    held = []

    def look_and_sleep(seconds: float) -> None:
        held.append(bench.ledger.latest(UPDATE))
        sleep(seconds)

    bench.clock.sleep = look_and_sleep  # type: ignore[method-assign]
    bench.ensure()
    assert held == [None]


def test_a_service_that_never_takes_the_request_leaves_nothing_behind(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling += [NotAccepted("refused")] * 100
    with pytest.raises(LinkUpdateError, match="eu -> us: nothing was scheduled"):
        bench.ensure()
    assert not bench.changed
    assert bench.ledger.latest(UPDATE) is None


def test_a_clear_no_leaves_nothing_behind(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling.append(LinkUpdateError("HTTP 403", code="forbidden"))
    with pytest.raises(LinkUpdateError, match="nothing was scheduled, HTTP 403"):
        bench.ensure()
    assert not bench.changed
    assert bench.ledger.latest(UPDATE) is None
    assert bench.ensure().attempt == 1


def test_a_job_that_cannot_be_recorded_is_reported_with_its_id(
    bench: ReconcileHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    execute = SqliteStore.execute

    def disk_full(self: SqliteStore, statement: str, parameters: dict[str, object]) -> int:
        if statement.startswith("UPDATE"):
            raise LedgerError("the disk is full")
        return execute(self, statement, parameters)

    monkeypatch.setattr(SqliteStore, "execute", disk_full)
    with pytest.raises(LinkUpdateError, match="job-1") as caught:
        bench.ensure()
    assert caught.value.failure.job_id == "job-1"
    assert bench.changed


@pytest.mark.parametrize(
    ("answer", "code", "changed"),
    [
        (OutcomeUnknown("connection reset"), "submission_unknown", True),
        (LinkUpdateError("HTTP 403", code="forbidden"), "forbidden", False),
        (NotAccepted("HTTP 429", code="rate_limited", retry_after=7.0), "rate_limited", False),
    ],
)
def test_what_became_of_the_request_is_said_also_when_the_claim_cannot_be_given_back(
    bench: ReconcileHarness, monkeypatch: pytest.MonkeyPatch, answer: LinkUpdateError, code: str, changed: bool
) -> None:
    execute = SqliteStore.execute

    def disk_full(self: SqliteStore, statement: str, parameters: dict[str, object]) -> int:
        if not statement.startswith("INSERT"):
            raise LedgerError("the disk is full")
        return execute(self, statement, parameters)

    monkeypatch.setattr(SqliteStore, "execute", disk_full)
    said = answer.failure.what
    bench.api.when_scheduling.append(answer)
    with pytest.raises(LinkUpdateError, match="the disk is full") as caught:
        bench.ensure()
    assert said in caught.value.failure.message
    assert (caught.value.code, bench.changed) == (code, changed)
    assert not bench.api.scheduled


def test_check_mode_says_what_would_be_scheduled_and_leaves_no_trace(bench: ReconcileHarness) -> None:
    job = bench.ensure(check=True)
    assert bench.changed
    assert (job.job_id, job.status, job.attempt) == (None, None, 1)
    assert not bench.api.scheduled
    assert bench.ledger.latest(UPDATE) is None


def test_check_mode_sees_the_fresh_status_and_does_not_record_it(bench: ReconcileHarness) -> None:
    bench.scheduled_before("ERROR")
    job = bench.ensure(check=True)
    assert bench.changed
    assert job.attempt == 2
    last = bench.ledger.latest(UPDATE)
    assert last
    assert (last.number, last.status) == (1, "PENDING")


def test_check_mode_does_not_wait_for_a_live_claim(bench: ReconcileHarness) -> None:
    bench.claimed_before()
    job = bench.ensure(check=True)
    assert not bench.changed
    assert not bench.clock.naps
    assert job.attached


def test_nothing_is_scheduled_once_the_window_is_closed(bench: ReconcileHarness) -> None:
    closed = make_update(**{**_fields(UPDATE), "migrated_at": "2026-02-14"})
    with pytest.raises(LinkUpdateError, match="14 days") as caught:
        bench.ensure(closed)
    assert caught.value.code == "window_closed"
    assert not bench.api.scheduled
    assert bench.ensure(make_update(**{**_fields(UPDATE), "migrated_at": "2026-02-15"})).job_id


def test_what_is_complete_stays_so_when_the_window_is_closed(bench: ReconcileHarness) -> None:
    bench.scheduled_before("COMPLETE")
    assert bench.ensure(make_update(**{**_fields(UPDATE), "migrated_at": "2026-01-01"})).status == "COMPLETE"


def _fields(update: Update) -> dict[str, object]:
    names = ("product", "product_url", "destination_url", "migrated_from", "site_id")
    return {name: getattr(update, name) for name in names}
