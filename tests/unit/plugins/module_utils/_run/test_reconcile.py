# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reconciling one update: the table from what the ledger says to what is done, with a real ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import datetime, timedelta
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
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.corrections import forget
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import Policy
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update, make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import MODULE, ROLE, Naming
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.reconcile import Outcome, Reconciler
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.toolbox import Toolbox
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import NOT_DOCUMENTED_FAILURES, JobStatus
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener, acquaint

UPDATE = make_update(
    product="jira",
    product_url="https://eu.example.net",
    destination_url="https://us.example.net",
    migrated_from="https://jira.example.com",
    site_id="site-eu",
)
LEASE = timedelta(seconds=60)
#: For so many seconds the service may not know a job yet.
NEW_FOR = 120


class ScriptedApi:
    """The service: takes jobs and says of each what it is told to, or fails as it is told to."""

    def __init__(self) -> None:
        self.scheduled: list[Update] = []
        self.status_of: dict[str, str] = {}
        self.looks = 0
        self.when_scheduling: list[Exception | Callable[[], None]] = []
        self.when_preparing: list[Exception | Callable[[], None]] = []

    def prepare(self) -> None:
        if self.when_preparing:
            what = self.when_preparing.pop(0)
            if isinstance(what, Exception):
                raise what
            what()

    def schedule(self, update: Update, *, before_sending: Callable[[], None] = lambda: None) -> str:
        if self.when_scheduling:
            what = self.when_scheduling.pop(0)
            if isinstance(what, Exception):
                raise what
            what()
        before_sending()
        self.scheduled.append(update)
        return f"job-{len(self.scheduled)}"

    def admitted(self) -> AbstractContextManager[None]:
        return nullcontext()

    def status(self, site_id: str, job_id: str) -> JobStatus:
        self.looks += 1
        if job_id not in self.status_of:
            raise JobUnknown("the service does not know it", job_id=job_id)
        return JobStatus(*self.status_of[job_id].split(": "))


class ReconcileHarness:
    """One update, one ledger, one service; each call of ensure is a run of its own."""

    def __init__(self, path: Path, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.listener = Listener()
        self.api = ScriptedApi()
        self.path = path
        self.ledger = open_ledger(str(path), self.clock, {})
        self.last = Outcome()
        acquaint(self.ledger)

    def ensure(self, update: Update = UPDATE, *, check: bool = False, **policy: bool | str) -> Job:
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


@pytest.mark.parametrize("status", sorted(NOT_DOCUMENTED_FAILURES))
def test_an_end_that_is_not_documented_is_left_to_a_person(bench: ReconcileHarness, status: str) -> None:
    bench.scheduled_before(f"{status}: the site was deleted")
    with pytest.raises(LinkUpdateError) as caught:
        bench.ensure(resubmit_failed=True)
    last = bench.ledger.latest(UPDATE)
    assert last
    assert last.completed_at
    assert str(caught.value) == (
        f"eu -> us: job job-1 (attempt 1) ended in {status}: the site was deleted. Look at the site. To schedule it "
        "again, forget its ledger entry and run again: ansible-playbook "
        f"jira_cloud.federation.ledger -e ledger_forget={last.reference}"
    )
    assert (caught.value.code, caught.value.failure.job_id) == ("job_error", "job-1")
    looks = bench.api.looks
    with pytest.raises(LinkUpdateError, match=f"ended in {status}"):
        bench.ensure()
    assert (bench.api.looks, len(bench.api.scheduled)) == (looks, 1)
    assert bench.ensure(force=True).attempt == 2


def test_what_is_forgotten_after_such_an_end_is_scheduled_anew(bench: ReconcileHarness) -> None:
    bench.scheduled_before("CANCELLED")
    with pytest.raises(LinkUpdateError) as caught:
        bench.ensure()
    forget(bench.ledger, str(caught.value).rpartition("=")[2])
    assert bench.ensure().job_id == "job-2"


def test_what_the_service_said_of_a_job_is_told_when_the_next_one_is_scheduled(bench: ReconcileHarness) -> None:
    bench.scheduled_before("ERROR: the app link is gone")
    bench.ensure()
    assert "eu -> us  job job-1 ended in ERROR: the app link is gone" in bench.listener.lines


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
    with pytest.raises(LinkUpdateError, match=r"eu -> us: .* Atlassian may have created this job") as caught:
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
    with pytest.raises(LinkUpdateError, match=r"eu -> us: .* Atlassian may have created this job") as caught:
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
    with pytest.raises(LinkUpdateError, match="eu -> us: not scheduled: "):
        bench.ensure()
    assert not bench.changed
    assert bench.ledger.latest(UPDATE) is None


def test_a_clear_no_leaves_nothing_behind(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling.append(LinkUpdateError("HTTP 403", code="forbidden"))
    with pytest.raises(LinkUpdateError, match="not scheduled: HTTP 403"):
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


def test_nothing_is_sent_without_a_claim(bench: ReconcileHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    def disk_full(self: SqliteStore, statement: str, parameters: dict[str, object]) -> int:
        raise LedgerError("the disk is full")

    monkeypatch.setattr(SqliteStore, "execute", disk_full)
    with pytest.raises(LinkUpdateError, match="eu -> us: the disk is full") as caught:
        bench.ensure()
    assert (caught.value.code, bench.changed, bench.api.scheduled) == ("ledger", False, [])


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


# -- Suspended, stopped, interrupted


def test_what_can_be_found_out_before_the_claim_is(bench: ReconcileHarness) -> None:
    seen = []
    bench.api.when_preparing += [NotAccepted("refused"), lambda: seen.append(bench.ledger.latest(UPDATE))]
    assert bench.ensure().attempt == 1
    assert seen == [None]
    assert len(bench.clock.naps) == 1
    bench.api.when_preparing.append(LinkUpdateError("the certificate has expired", code="tls"))
    with pytest.raises(LinkUpdateError, match="eu -> us: not scheduled: the certificate has expired") as caught:
        bench.ensure(make_update(**{**_fields(UPDATE), "wave": "2"}))
    assert (caught.value.code, bench.changed, len(bench.api.scheduled)) == ("tls", False, 1)


class DriftingClock(FakeClock):
    """The two clocks of a machine, of which either may stand still while the other goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = {"now": 0.0, "monotonic": 0.0}

    def now(self) -> datetime:
        return self.time - timedelta(seconds=self.lost["now"])

    def monotonic(self) -> float:
        return self.time.timestamp() - self.lost["monotonic"]


@pytest.mark.parametrize("stands_still", ["now", "monotonic", None])
def test_who_was_stopped_between_claim_and_request_sends_nothing_and_asks_the_ledger_again(
    tmp_path: Path, stands_still: str | None
) -> None:
    clock = DriftingClock()
    bench = ReconcileHarness(tmp_path / "l", clock)
    mine = []

    def stand_still() -> None:
        mine.append(bench.ledger.latest(UPDATE))
        clock.time += timedelta(seconds=16)
        if stands_still:
            clock.lost[stands_still] = 16.0

    bench.api.when_scheduling.append(stand_still)
    job = bench.ensure()
    assert mine[0], "the claim was there"
    assert len(bench.api.scheduled) == 1
    assert (job.job_id, job.attempt) == ("job-1", 1)
    assert "eu -> us  not scheduled yet: this run was suspended for 16s before the request" in bench.listener.lines[0]
    bench.ledger.close()


def test_a_request_that_begins_in_time_is_sent(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling.append(lambda: bench.clock.sleep(14.9))
    bench.ensure()
    assert bench.listener.lines == []


def test_who_was_stopped_for_longer_than_its_lease_takes_up_the_job_of_the_run_that_came_after(
    bench: ReconcileHarness,
) -> None:
    def overtaken() -> None:
        bench.clock.sleep(LEASE.total_seconds() + 1)
        claim = bench.ledger.claim(UPDATE, 2, LEASE)
        assert claim
        bench.ledger.record_job(claim, "theirs", "PENDING")
        bench.api.status_of["theirs"] = "IN_PROGRESS"

    bench.api.when_scheduling.append(overtaken)
    job = bench.ensure()
    assert bench.api.scheduled == []
    assert (job.job_id, job.attached, job.attempt, bench.changed) == ("theirs", True, 2, False)
    assert [each.number for each in bench.ledger.attempts() if each.job_id != "job-before"] == [2]


def test_a_run_that_always_comes_too_late_gives_up_and_leaves_nothing_behind(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling += [lambda: bench.clock.sleep(16)] * 100
    with pytest.raises(LinkUpdateError, match="eu -> us: not scheduled: this run was suspended"):
        bench.ensure()
    assert bench.api.scheduled == []
    assert bench.ledger.latest(UPDATE) is None


class InterruptedClock(FakeClock):
    """A clock on which a signal comes while it has to wait, and is raised when it need not any more."""

    def uninterrupted(self, stop: Callable[[], bool] = lambda: True) -> AbstractContextManager[None]:
        @contextmanager
        def interrupted() -> Iterator[None]:
            self.held = True
            try:
                yield
            finally:
                self.held = False
                raise KeyboardInterrupt

        return interrupted()


@pytest.fixture
def interrupted(tmp_path: Path) -> Iterator[ReconcileHarness]:
    bench = ReconcileHarness(tmp_path / "ledger.sqlite3", InterruptedClock())
    yield bench
    bench.ledger.close()


def test_a_run_that_is_interrupted_has_its_request_answered_and_recorded_first(interrupted: ReconcileHarness) -> None:
    held = []
    interrupted.api.when_scheduling.append(lambda: held.append(interrupted.clock.held))  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        interrupted.ensure()
    outcome = interrupted.last
    assert held == [True]
    assert outcome.failure is None
    assert outcome.job
    assert (outcome.changed, outcome.job.job_id) == (True, "job-1")
    last = interrupted.ledger.latest(UPDATE)
    assert last
    assert last.job_id == "job-1"


def test_a_run_that_is_interrupted_withdraws_its_claim_first_and_does_not_pause(interrupted: ReconcileHarness) -> None:
    interrupted.api.when_scheduling.append(NotAccepted("429", retry_after=7.0))
    with pytest.raises(KeyboardInterrupt):
        interrupted.ensure()
    assert interrupted.ledger.latest(UPDATE) is None
    assert interrupted.clock.naps == []


def test_a_run_that_is_interrupted_says_what_became_of_its_request(
    interrupted: ReconcileHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted.api.when_scheduling.append(OutcomeUnknown("connection reset"))
    with pytest.raises(KeyboardInterrupt):
        interrupted.ensure()
    assert interrupted.last.failure
    assert "connection reset" in interrupted.last.failure.message

    def disk_full(ledger: Ledger, claim: Claim, job_id: str, status: str) -> None:
        raise LedgerError("the disk is full", job_id=job_id)

    monkeypatch.setattr(Ledger, "record_job", disk_full)
    with pytest.raises(KeyboardInterrupt):
        interrupted.ensure(make_update(**{**_fields(UPDATE), "wave": "2"}))
    assert interrupted.last.failure
    assert (interrupted.last.failure.code, interrupted.last.failure.job_id) == ("ledger", "job-1")


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
    closed = make_update(**{**_fields(UPDATE), "migrated_at": "2026-02-15"})
    with pytest.raises(LinkUpdateError, match="14 days") as caught:
        bench.ensure(closed)
    assert caught.value.code == "window_closed"
    assert not bench.api.scheduled
    assert bench.ensure(make_update(**{**_fields(UPDATE), "migrated_at": "2026-02-16"})).job_id


def test_what_is_complete_stays_so_when_the_window_is_closed(bench: ReconcileHarness) -> None:
    bench.scheduled_before("COMPLETE")
    assert bench.ensure(make_update(**{**_fields(UPDATE), "migrated_at": "2026-01-01"})).status == "COMPLETE"


# -- What is said


def failure_of(bench: ReconcileHarness, update: Update = UPDATE, **policy: bool | str) -> str:
    with pytest.raises(LinkUpdateError) as caught:
        bench.ensure(update, **policy)
    return str(caught.value)


@pytest.mark.parametrize(("check", "would"), [(False, "is"), (True, "would be")])
def test_who_schedules_what_may_be_scheduled_already_is_told_why(
    bench: ReconcileHarness, check: bool, would: str
) -> None:
    bench.claimed_before()
    bench.clock.sleep(61)
    bench.ensure(check=check)
    assert bench.listener.warnings == [
        "eu -> us: an earlier run sent attempt 1 and recorded no answer. Atlassian may have created this job. "
        f"It {would} scheduled again, because unknown_submission is resubmit"
    ]


@pytest.mark.parametrize(
    ("named", "option", "setting"),
    [
        (MODULE, "unknown_submission", "unknown_submission: resubmit"),
        (ROLE, "link_update_unknown_submission", "-e link_update_unknown_submission=resubmit"),
    ],
)
def test_who_does_not_want_that_is_told_what_to_look_at_and_which_option_or_variable_to_set(
    bench: ReconcileHarness, named: Naming, option: str, setting: str
) -> None:
    bench.ensure()
    bench.clock.sleep(NEW_FOR)
    assert failure_of(bench, resubmit_unknown=False, named=named) == (
        "eu -> us: the service no longer knows job job-1 (attempt 1). Its outcome is unknown. Nothing was scheduled, "
        f"because {option} is fail. Look at the site. To schedule it again (links that are already fixed are skipped): "
        f"{setting}"
    )


@pytest.mark.parametrize(
    ("resubmit", "advice"),
    [
        (True, "Run again: links that are already fixed are skipped"),
        (False, "Look at the site. To send the request again: unknown_submission: resubmit"),
    ],
)
def test_an_answer_that_did_not_come_is_told_with_what_a_rerun_does(
    bench: ReconcileHarness, resubmit: bool, advice: str
) -> None:
    bench.api.when_scheduling.append(OutcomeUnknown("connection reset", http_status=500, request_id="r-1"))
    assert failure_of(bench, resubmit_unknown=resubmit) == (
        "eu -> us: no usable answer to the request: connection reset. Atlassian may have created this job; it was not "
        f"sent again. {advice}"
    )
    assert bench.last.failure
    assert (bench.last.failure.http_status, bench.last.failure.request_id) == (500, "r-1")


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ([LinkUpdateError("HTTP 400", code="rejected")], "HTTP 400. Correct that, then run again"),
        ([LinkUpdateError("HTTP 403", code="forbidden", advice="ask an admin")], "HTTP 403. Ask an admin"),
        ([NotAccepted("HTTP 429")] * 5, "HTTP 429. Run again when the service accepts requests"),
    ],
)
def test_a_no_of_the_service_is_told_with_what_to_do(
    bench: ReconcileHarness, answers: list[Exception], says: str
) -> None:
    bench.api.when_scheduling += answers
    assert failure_of(bench) == f"eu -> us: not scheduled: {says}"


def test_a_pause_before_a_request_is_repeated_is_told_with_its_reason(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling.append(NotAccepted("HTTP 429", retry_after=7.0))
    bench.ensure()
    assert bench.listener.lines[0].startswith("eu -> us  not scheduled yet: HTTP 429; trying again in 7.")


def test_a_job_whose_status_is_not_to_be_had_is_not_scheduled_a_second_time(bench: ReconcileHarness) -> None:
    bench.scheduled_before()

    def refused(site_id: str, job_id: str) -> str:
        raise LinkUpdateError("HTTP 403", code="forbidden")

    bench.api.status = refused  # type: ignore[method-assign]
    assert failure_of(bench) == (
        "eu -> us: HTTP 403. Job job-1 may still be running, so nothing was scheduled. Correct that, then run again"
    )
    assert len(bench.api.scheduled) == 1


def test_another_run_that_is_waited_for_is_told_of_once(bench: ReconcileHarness) -> None:
    bench.claimed_before()
    bench.ensure()
    first, *more = bench.listener.lines
    assert first == "eu -> us  another run is sending this request; waiting for the answer"
    assert all("still waiting for the other run" in line for line in more), "a heartbeat"
    assert max(bench.clock.naps) < 1, "the answer is noticed soon"


@pytest.mark.parametrize(
    ("named", "option", "setting"),
    [
        (MODULE, "migrated_at", "recreate_as_remote: false"),
        (
            ROLE,
            "link_update_migrated_at",
            "-e link_update_recreate_as_remote=false, with link_update_only for these pairs",
        ),
    ],
)
def test_a_window_that_is_closed_is_told_with_what_is_still_possible(
    bench: ReconcileHarness, named: Naming, option: str, setting: str
) -> None:
    assert failure_of(bench, make_update(**{**_fields(UPDATE), "migrated_at": "2026-02-15"}), named=named) == (
        "eu -> us: not scheduled: the deadline to recreate links was 2026-03-01 00:00Z, 14 days after the migration. "
        f"Correct {option} if it is wrong. A regular update is still possible: {setting}"
    )
    regular = {**_fields(UPDATE), "migrated_at": "2026-02-15", "recreate_as_remote": False}
    assert bench.ensure(make_update(**regular)).job_id


def test_a_run_that_is_stopped_before_anything_was_sent_has_nothing_to_tell(bench: ReconcileHarness) -> None:
    bench.api.when_scheduling.append(NotAccepted("HTTP 429", retry_after=7.0))

    def stop(seconds: float) -> None:
        raise KeyboardInterrupt

    bench.clock.sleep = stop  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        bench.ensure()
    assert (bench.last, bench.ledger.latest(UPDATE)) == (Outcome(), None)


def test_a_run_that_is_stopped_while_its_request_is_under_way_says_that_there_may_be_a_job(
    bench: ReconcileHarness,
) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    bench.api.when_scheduling.append(stop)
    with pytest.raises(KeyboardInterrupt):
        bench.ensure()
    assert bench.last.failure
    assert (bench.changed, bench.last.failure.code) == (True, "submission_unknown")
    assert bench.last.failure.message == (
        "eu -> us: the run was stopped before it recorded the answer. Atlassian may have created this job. Run again: "
        "links that are already fixed are skipped"
    )


def _fields(update: Update) -> dict[str, object]:
    names = ("product", "product_url", "destination_url", "migrated_from", "site_id")
    return {name: getattr(update, name) for name in names}
