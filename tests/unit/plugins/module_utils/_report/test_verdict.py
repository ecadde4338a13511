# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said at the end of a run: whether all is well, what became of each update, and what to do next."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import DesiredUpdate
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.reasons import details_of, reasons_in
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import Verdict
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.verdict import verdict_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.backup import Backup, BackupState
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import InstanceState, State, UpdateState
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import specs_of
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
STATUSES = {State.COMPLETE: "COMPLETE", State.OPEN: "IN_PROGRESS", State.ERROR: "ERROR"}


def failure(text: str = "the token is wrong", about: str = "") -> Failure:
    return Failure(text, Code.UNAUTHORIZED, about=about)


def update_state(instance: str, desired: DesiredUpdate, state: State) -> UpdateState:
    """An update of which this has become."""
    if state in STATUSES:
        return UpdateState(instance, desired, job=Job(desired.update, 1, job_id="job", status=STATUSES[state]))
    if state is State.FAILED:
        return UpdateState(instance, desired, failure=failure(about=desired.label))
    return UpdateState(instance, desired, held="waits for the backup" if state is State.HELD else None)


def instance_of(
    name: str, *states: State, backup: BackupState = BackupState.UNDER_WAY, **options: Any
) -> InstanceState:
    """An instance with an update for each state, to the destinations d0, d1, and so on."""
    names = [name, *(f"d{number}" for number in range(len(states)))]
    (spec,) = specs_of(names, [name], **options)
    updates = [update_state(name, desired, state) for desired, state in zip(spec.desired, states, strict=True)]
    for each in updates:
        each.stuck = each.held is not None and backup is not BackupState.UNDER_WAY
    return InstanceState(spec, updates, Backup(backup))


def verdict(*instances: InstanceState, scheduled: bool = True, waited: bool = True) -> Verdict:
    return verdict_of(instances, scheduled=scheduled, waited=waited, now=NOW)


def of(*states: State, backup: BackupState = BackupState.UNDER_WAY, **how: bool) -> Verdict:
    return verdict(instance_of("eu", *states, backup=backup), **how)


# -- Whether all is well


@pytest.mark.parametrize(
    ("state", "waited", "not_waited"),
    [
        (State.COMPLETE, True, True),
        (State.OPEN, False, True),
        (State.HELD, False, True),
        (State.ABSENT, False, True),
        (State.ERROR, False, False),
        (State.FAILED, False, False),
    ],
)
def test_a_run_that_waits_wants_everything_complete_and_one_that_does_not_wants_nothing_broken(
    state: State, waited: bool, not_waited: bool
) -> None:
    for states in ([state], [State.COMPLETE, state], [state, State.COMPLETE, State.COMPLETE]):
        assert of(*states, waited=True)["ok"] is waited
        assert of(*states, waited=False)["ok"] is not_waited


@pytest.mark.parametrize(
    ("backup", "ok"),
    [(BackupState.UNDER_WAY, True), (BackupState.FAILED, False), (BackupState.NOT_ORDERED, False)],
)
def test_what_is_on_hold_is_well_without_waiting_only_while_a_backup_is_on_its_way(
    backup: BackupState, ok: bool
) -> None:
    assert of(State.HELD, backup=backup, waited=False)["ok"] is ok


def test_the_backup_that_counts_is_that_of_the_update_s_own_instance() -> None:
    fine = instance_of("eu", State.HELD)
    stuck = instance_of("us", State.HELD, backup=BackupState.FAILED)
    assert verdict(fine, waited=False)["ok"]
    both = verdict(fine, stuck, waited=False)
    assert not both["ok"]
    assert "1 not scheduled because the backup failed: us -> d0" in both["message"]
    assert "1 on hold until the backup is done: eu -> d0" in both["message"]


def test_what_failed_in_one_instance_is_no_matter_of_another() -> None:
    good, bad = instance_of("eu", State.COMPLETE), instance_of("us", State.FAILED)
    assert verdict(good)["ok"]
    assert not verdict(bad)["ok"]
    assert not verdict(good, bad)["ok"]


@given(
    st.lists(st.sampled_from(State), min_size=1, max_size=5),
    st.sampled_from([BackupState.UNDER_WAY, BackupState.FAILED]),
    st.booleans(),
    st.booleans(),
)
def test_every_update_is_in_one_state_and_none_that_is_broken_passes(
    states: list[State], backup: BackupState, scheduled: bool, waited: bool
) -> None:
    told = of(*states, backup=backup, scheduled=scheduled, waited=waited)
    assert sorted(label for labels in told["pairs"].values() for label in labels) == sorted(
        f"eu -> d{number}" for number in range(len(states))
    )
    assert told["counts"] == {state.value: states.count(state) for state in State}
    assert {state: len(labels) for state, labels in told["pairs"].items()} == told["counts"]
    broken = {State.ERROR, State.FAILED} & set(states)
    stuck = State.HELD in states and backup is BackupState.FAILED
    assert told["ok"] == (not broken and not stuck and (not waited or set(states) == {State.COMPLETE}))


# -- What is said of it


def test_where_all_is_complete_nothing_more_is_said() -> None:
    assert of(State.COMPLETE, State.COMPLETE)["message"] == "2 of 2 jobs complete"


def test_first_comes_the_count_then_what_failed_and_why_then_the_rest_and_last_what_to_do() -> None:
    assert of(State.COMPLETE, State.ERROR, State.FAILED, State.OPEN, State.OPEN)["message"] == (
        "1 of 5 jobs complete, 2 failed: eu -> d1 ended in ERROR. eu -> d2: the token is wrong. Correct that, then run "
        "again. 2 not finished: eu -> d3, eu -> d4. Run the same command again: it retries the failed job and waits "
        "for the jobs that have not finished"
    )


def test_hundreds_that_are_not_complete_are_not_all_named() -> None:
    message = of(*[State.OPEN] * 40)["message"]
    assert "40 not finished: eu -> d0, eu -> d1, " in message
    assert " and 34 more. " in message
    assert len(message) < 250


def test_what_was_not_to_be_waited_for_is_not_called_late() -> None:
    assert "1 scheduled, not waited for: eu -> d0" in of(State.OPEN, waited=False)["message"]
    assert "1 not finished: eu -> d0" in of(State.OPEN)["message"]


def test_what_could_not_be_asked_for_is_told_with_the_reason_and_since_when() -> None:
    instance = instance_of("eu", State.OPEN, State.OPEN, State.OPEN, State.COMPLETE)
    for each, minutes in zip(instance.updates, (0, 12, 3, 40), strict=True):
        each.last_known = NOW - timedelta(minutes=minutes)
    instance.updates[1].trouble = failure("the connection was reset")
    one = verdict(instance)
    assert one["message"].startswith(
        "1 of 4 jobs complete. eu -> d1: status unavailable: the connection was reset. 2 not finished: eu -> d0, "
        "eu -> d2. 1 with no status for 12m00s: eu -> d1. Run the same command again: "
    )
    assert (one["ok"], one["counts"]["open"]) == (False, 3)
    instance.updates[2].trouble = failure("the connection was reset")
    both = verdict(instance)["message"]
    assert "eu -> d1, eu -> d2: status unavailable: the connection was reset. " in both
    assert "2 with no status for up to 12m00s: eu -> d1, eu -> d2" in both


def test_what_waits_for_a_backup_that_will_not_come_is_called_so() -> None:
    assert (
        "1 not scheduled because the backup failed: eu -> d1"
        in (of(State.ERROR, State.HELD, backup=BackupState.FAILED)["message"])
    )
    waiting = of(State.OPEN, State.HELD)["message"]
    assert "1 on hold until the backup is done: eu -> d1" in waiting
    assert "backup failed" not in waiting


def ended(*statuses: tuple[str, str], backup: BackupState = BackupState.UNDER_WAY, held: int = 0) -> InstanceState:
    """An instance with jobs that ended so, each with what the service said of it."""
    states = [State.ERROR] * len(statuses) + [State.HELD] * held
    instance = instance_of("eu", *states, backup=backup)
    for each, (status, said) in zip(instance.updates, statuses, strict=False):
        update = each.desired.update.at("site-eu")
        each.job = Job(update, 1, job_id="job", status=status, said=said)
    return instance


def test_jobs_in_error_are_told_with_the_words_of_the_service_each_once() -> None:
    gone = "the app link is gone"
    told = verdict(ended(("ERROR", gone), ("ERROR", ""), ("ERROR", gone), ("ERROR", gone), ("ERROR", gone)))
    assert told["message"].startswith(
        f"0 of 5 jobs complete, 5 failed: eu -> d0, eu -> d2, eu -> d3 and 1 more ended in ERROR: {gone}. eu -> d1 "
        "ended in ERROR. Run the same command again: it retries the failed jobs"
    )
    assert (told["ok"], told["counts"]["error"]) == (False, 5)
    many = verdict(ended(*(("ERROR", f"reason {number}") for number in range(5))))["message"]
    assert "eu -> d2 ended in ERROR: reason 2. 2 more reasons not shown. Run" in many


def test_a_reason_that_pairs_share_is_told_once_and_names_three_of_them() -> None:
    instances = [instance_of(name, *[State.FAILED] * 3) for name in ("eu", "us")]
    assert verdict(*instances)["message"] == (
        "0 of 6 jobs complete, 6 failed: eu -> d0, eu -> d1, eu -> d2 and 3 more: the token is wrong. Correct that, "
        "then run again"
    )
    for each in instances[0].updates:
        each.failure = failure("not scheduled: no such site", about="eu")
    assert "6 failed: eu: not scheduled: no such site. Correct that, " in verdict(*instances)["message"]


# -- What to do next


def advice(told: Verdict) -> str:
    """What is said from the first sentence on that says what to do."""
    found = re.search(r"(?:First|Run|To \w+ ).*", told["message"])
    return found[0] if found else ""


def test_a_backup_that_failed_is_to_be_ordered_again_or_done_without() -> None:
    assert advice(of(State.ERROR, State.HELD, backup=BackupState.FAILED)) == (
        "Run the same command again: it orders the backup again and retries the failed job. To go on without a backup: "
        "-e link_update_create_backup=never"
    )


def test_what_ended_in_error_is_retried_by_the_same_command() -> None:
    assert of(State.COMPLETE, State.ERROR)["message"] == (
        "1 of 2 jobs complete, 1 failed: eu -> d1 ended in ERROR. Run the same command again: it retries the failed job"
    )
    assert advice(of(State.ERROR, State.ERROR)) == "Run the same command again: it retries the failed jobs"


def test_what_is_not_to_be_retried_is_not_said_to_be() -> None:
    to_stay = instance_of("eu", State.ERROR, State.HELD, backup=BackupState.FAILED, resubmit_failed=False)
    assert advice(verdict(to_stay)) == "To go on without a backup: -e link_update_create_backup=never"


def test_a_run_that_schedules_nothing_says_which_stages_do() -> None:
    assert advice(of(State.ERROR, State.ABSENT, scheduled=False)) == (
        "Run again with --tags submit,wait,report: it retries the failed job and schedules the rest"
    )


def test_what_ended_in_a_word_that_is_not_documented_is_left_to_a_person() -> None:
    message = verdict(ended(("FAILED", "")))["message"]
    assert message.startswith("0 of 1 jobs complete, 1 failed: eu -> d0: job job (attempt 1) ended in FAILED")
    assert "ansible-playbook jira_cloud.federation.ledger -e ledger_forget=" in message
    assert "Run the same command again" not in message
    both = verdict(ended(("CANCELLED", ""), ("FAILED", ""), ("ERROR", "")))
    assert advice(both).endswith("Run the same command again: it retries the failed job")


def test_a_backup_whose_job_no_run_retries_is_not_said_to_be_ordered_again() -> None:
    told = advice(verdict(ended(("CANCELLED", ""), backup=BackupState.FAILED, held=1)))
    assert told.endswith("To go on without a backup: -e link_update_create_backup=never")
    assert "orders the backup again" not in told


def test_what_has_not_finished_can_be_waited_for_by_the_same_command_if_that_waits() -> None:
    assert advice(of(State.OPEN)) == "Run the same command again: it waits for the jobs that have not finished"
    assert advice(of(State.OPEN, waited=False)) == (
        "To wait for the jobs: run again without --tags, with -e link_update_wait=true"
    )


def test_what_is_on_hold_is_scheduled_after_the_backup() -> None:
    assert advice(of(State.OPEN, State.HELD)) == (
        "Run the same command again: it schedules the job on hold and waits for the jobs that have not finished"
    )
    assert advice(of(State.OPEN, State.HELD, State.HELD, waited=False)).startswith(
        "Run the same command again when the backup is done: it schedules the jobs on hold. To wait for the jobs: "
    )


def test_what_is_on_hold_has_the_first_deadline_of_those_that_wait() -> None:
    late = instance_of("eu", State.OPEN, State.HELD, migrated_at="2026-02-25T12:00:00Z")
    early = instance_of("us", State.OPEN, State.HELD, migrated_at="2026-02-20T12:00:00Z")
    done = instance_of("ap", State.COMPLETE, migrated_at="2026-02-16T12:00:00Z")
    told = verdict(late, early, done, waited=False)["message"]
    assert "it schedules the jobs on hold. Deadline to recreate links: 2026-03-06 12:00Z. " in told


def test_a_time_that_is_over_is_no_deadline() -> None:
    over = instance_of("eu", State.OPEN, State.HELD, migrated_at="2026-01-01")
    assert "Deadline" not in verdict(over, waited=False)["message"]


def test_a_job_that_the_ledger_could_not_record_is_to_be_recorded_first() -> None:
    instance = instance_of("eu", State.FAILED, State.OPEN)
    instance.updates[0].failure = replace(failure(about="eu -> d0"), code=Code.LEDGER, job_id="7")
    assert advice(verdict(instance)).startswith("First record these jobs in the ledger: eu -> d0: job 7. Run the same")


def test_the_instances_that_a_run_is_not_about_are_named_last_and_change_nothing_else() -> None:
    for state in (State.COMPLETE, State.FAILED):
        instances = [instance_of("eu", state)]
        told = verdict_of(instances, scheduled=True, waited=True, now=NOW, left_out=["us", "ap"])
        assert told["message"].endswith(". Left out of this run: us, ap")
        assert told["left_out"] == ["us", "ap"]
        assert told["ok"] is verdict(*instances)["ok"]
    assert verdict(*instances)["left_out"] == []


# -- What went wrong


def test_each_thing_that_went_wrong_is_told_once() -> None:
    instance = instance_of("eu", State.FAILED, State.FAILED, State.COMPLETE)
    for each in instance.updates[:2]:
        each.failure = failure("not scheduled: there is no such site", about="eu")
    assert details_of(instance) == ["eu: not scheduled: there is no such site"]


def test_a_job_in_error_is_told_with_its_id_and_attempt() -> None:
    said = details_of(instance_of("eu", State.ERROR, State.COMPLETE))
    assert len(said) == 1
    assert said[0].startswith("eu -> d0: job job (attempt 1) ended in ERROR")


def test_a_job_that_ended_in_another_word_is_a_reason_with_the_command_that_forgets_it() -> None:
    (error, reason) = reasons_in([ended(("CANCELLED", "by Ann"), ("ERROR", "gone"))])
    assert error == "eu -> d1 ended in ERROR: gone"
    assert reason.startswith("eu -> d0: job job (attempt 1) ended in CANCELLED")
    assert "ansible-playbook jira_cloud.federation.ledger -e ledger_forget=" in reason
    assert reason in details_of(ended(("CANCELLED", "by Ann")))


def test_a_job_in_error_that_is_to_stay_so_is_told_once_with_what_to_do() -> None:
    instance = instance_of("eu", State.ERROR)
    to_stay = Failure("job job (attempt 1) ended in ERROR", Code.JOB_ERROR, "set resubmit_failed", about="eu -> d0")
    instance.updates[0].failure = to_stay
    assert instance.updates[0].state is State.ERROR
    assert details_of(instance) == [to_stay.message]
    assert reasons_in([instance]) == ["eu -> d0 ended in ERROR. Set resubmit_failed"]


def test_a_job_in_error_whose_next_attempt_was_refused_is_told_with_both() -> None:
    instance = instance_of("eu", State.ERROR)
    instance.updates[0].failure = failure(about="eu -> d0")
    assert reasons_in([instance]) == [
        "eu -> d0 ended in ERROR",
        "eu -> d0: the token is wrong. Correct that, then run again",
    ]


def test_a_job_without_a_status_is_told_with_the_reason() -> None:
    instance = instance_of("eu", State.OPEN, State.OPEN)
    instance.updates[1].trouble = failure("the connection was reset")
    assert details_of(instance) == ["eu -> d1: status unavailable: the connection was reset"]


def test_a_job_without_a_status_is_told_with_the_time_of_the_last_one() -> None:
    instance = instance_of("eu", State.OPEN)
    instance.updates[0].trouble, instance.updates[0].last_known = failure("the connection was reset"), NOW
    assert details_of(instance) == ["eu -> d0: status unavailable since 2026-03-01 12:00Z: the connection was reset"]


@pytest.mark.parametrize("state", [State.COMPLETE, State.OPEN, State.HELD, State.ABSENT])
def test_where_nothing_went_wrong_nothing_is_told(state: State) -> None:
    assert details_of(instance_of("eu", state)) == []
