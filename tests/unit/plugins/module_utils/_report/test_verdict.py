# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said at the end of a run: whether all is well, what became of each update, and what to do next."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import DesiredUpdate
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import Verdict
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.verdict import (
    details_of,
    reasons_of,
    verdict_of,
)
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
def test_what_is_held_back_is_well_without_waiting_only_while_a_backup_is_on_its_way(
    backup: BackupState, ok: bool
) -> None:
    assert of(State.HELD, backup=backup, waited=False)["ok"] is ok


def test_the_backup_that_counts_is_that_of_the_update_s_own_instance() -> None:
    fine = instance_of("eu", State.HELD)
    stuck = instance_of("us", State.HELD, backup=BackupState.FAILED)
    assert verdict(fine, waited=False)["ok"]
    both = verdict(fine, stuck, waited=False)
    assert not both["ok"]
    assert "1 not scheduled because the backup was not made (us -> d0)" in both["message"]
    assert "1 held back until the backup is done (eu -> d0)" in both["message"]


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


def test_all_that_is_complete_leaves_nothing_to_do() -> None:
    assert of(State.COMPLETE, State.COMPLETE)["message"] == "2 of 2 jobs complete; nothing is left to do"


def test_the_message_counts_and_names_what_is_not_complete() -> None:
    message = of(State.COMPLETE, State.ERROR, State.FAILED, State.OPEN, State.OPEN)["message"]
    assert message.startswith(
        "1 of 5 jobs complete, 1 ended in ERROR (eu -> d1), 1 FAILED (eu -> d2), 2 still under way (eu -> d3, eu -> d4)"
    )


def test_hundreds_that_are_not_complete_are_not_all_named() -> None:
    message = of(*[State.OPEN] * 40)["message"]
    assert "40 still under way (eu -> d0, eu -> d1, " in message
    assert " and 34 more)" in message
    assert len(message) < 250


def test_what_was_not_to_be_waited_for_is_not_called_late() -> None:
    assert "1 under way, not waited for (eu -> d0)" in of(State.OPEN, waited=False)["message"]
    assert "1 still under way (eu -> d0)" in of(State.OPEN)["message"]


def test_what_could_not_be_asked_for_is_told_as_what_was_known_and_how_long_ago() -> None:
    instance = instance_of("eu", State.OPEN, State.OPEN, State.OPEN, State.COMPLETE)
    for each, minutes in zip(instance.updates, (0, 12, 3, 40), strict=True):
        each.last_known = NOW - timedelta(minutes=minutes)
    instance.updates[1].trouble = failure("the connection was reset")
    one = verdict(instance)
    assert one["message"].startswith(
        "1 of 4 jobs complete, 2 still under way (eu -> d0, eu -> d2), "
        "1 last known to be under way 12m00s ago (eu -> d1); rerun at any time"
    )
    assert (one["ok"], one["counts"]["open"]) == (False, 3)
    instance.updates[2].trouble = failure("the connection was reset")
    assert "2 last known to be under way up to 12m00s ago (eu -> d1, eu -> d2)" in verdict(instance)["message"]


def test_what_is_held_back_by_a_backup_that_will_not_come_is_called_so() -> None:
    assert (
        "1 not scheduled because the backup was not made (eu -> d1)"
        in (of(State.ERROR, State.HELD, backup=BackupState.FAILED)["message"])
    )
    waiting = of(State.OPEN, State.HELD)["message"]
    assert "1 held back until the backup is done (eu -> d1)" in waiting
    assert "not made" not in waiting


def ended(*statuses: tuple[str, str], backup: BackupState = BackupState.UNDER_WAY, held: int = 0) -> InstanceState:
    """An instance with jobs that ended so, each with what the service said of it."""
    states = [State.ERROR] * len(statuses) + [State.HELD] * held
    instance = instance_of("eu", *states, backup=backup)
    for each, (status, said) in zip(instance.updates, statuses, strict=False):
        update = each.desired.update.at("site-eu")
        each.job = Job(update, 1, job_id="job", status=status, said=said)
    return instance


def test_what_ended_without_success_is_told_by_its_word_with_the_words_of_the_service() -> None:
    gone = "the app link is gone"
    told = verdict(ended(("ERROR", gone), ("CANCELLED", "by Ann"), ("ERROR", ""), ("ERROR", gone), ("ERROR", "other")))
    assert told["message"].startswith(
        f"0 of 5 jobs complete, 4 ended in ERROR (eu -> d0, eu -> d2, eu -> d3, eu -> d4: {gone}, other), 1 ended in "
        "CANCELLED (eu -> d1: by Ann); "
    )
    assert (told["ok"], told["counts"]["error"]) == (False, 5)
    many = verdict(ended(*(("ERROR", f"reason {number}") for number in range(5))))
    assert ": reason 0, reason 1 and 3 more); " in many["message"]


# -- What to do next


def advice(told: Verdict) -> str:
    return str(told["message"].partition("; ")[2])


def test_a_backup_that_was_not_made_is_to_be_tried_again_or_done_without() -> None:
    told = advice(of(State.ERROR, State.HELD, backup=BackupState.FAILED))
    assert "rerun to try the backup again" in told
    assert "link_update_create_backup to never" in told
    assert "come back" not in told


def test_what_failed_is_to_be_corrected_before_a_rerun() -> None:
    assert advice(of(State.FAILED, State.COMPLETE)) == "correct what failed, see above, then rerun"


def test_what_ended_in_error_is_scheduled_anew_by_a_rerun() -> None:
    assert advice(of(State.ERROR)) == "rerun to have what ended in ERROR scheduled anew"


def test_what_ended_in_a_word_that_is_not_documented_is_left_to_a_person() -> None:
    left = "look at the site for what ended in CANCELLED, FAILED, which no rerun schedules anew"
    assert advice(verdict(ended(("FAILED", ""), ("CANCELLED", "")))) == left
    both = advice(verdict(ended(("CANCELLED", ""), ("FAILED", ""), ("ERROR", ""))))
    assert both == f"{left}; rerun to have what ended in ERROR scheduled anew"


def test_a_backup_whose_job_no_rerun_schedules_anew_is_not_said_to_be_tried_again() -> None:
    told = advice(verdict(ended(("CANCELLED", ""), backup=BackupState.FAILED, held=1)))
    assert told.startswith("set link_update_create_backup to never to go on without one; look at the site for")


def test_what_is_under_way_can_be_waited_for_at_any_time() -> None:
    assert advice(of(State.OPEN)) == "rerun at any time to wait for what is under way"


def test_one_comes_back_when_the_backup_is_done() -> None:
    told = advice(of(State.OPEN, State.HELD, waited=False))
    assert told == "come back when the backup is done and rerun to schedule the rest"


def test_one_comes_back_before_the_first_time_to_recreate_links_is_over() -> None:
    late = instance_of("eu", State.OPEN, State.HELD, migrated_at="2026-02-25T12:00:00Z")
    early = instance_of("us", State.OPEN, State.HELD, migrated_at="2026-02-20T12:00:00Z")
    done = instance_of("ap", State.COMPLETE, migrated_at="2026-02-16T12:00:00Z")
    told = advice(verdict(late, early, done, waited=False))
    assert told.endswith("rerun to schedule the rest, before 2026-03-06 12:00Z")


def test_a_time_that_is_over_is_no_deadline() -> None:
    over = instance_of("eu", State.OPEN, State.HELD, migrated_at="2026-01-01")
    assert advice(verdict(over, waited=False)).endswith("rerun to schedule the rest")


def test_what_was_not_to_be_scheduled_needs_the_stage_that_schedules() -> None:
    assert advice(of(State.ABSENT, scheduled=False)) == "rerun with the stage submit to schedule the rest"


def test_each_thing_to_do_is_told() -> None:
    told = advice(of(State.ERROR, State.FAILED, State.OPEN))
    assert "correct what failed" in told
    assert "ended in ERROR scheduled anew" in told
    assert "wait for what is under way" in told
    assert "nothing is left to do" not in told


def test_the_instances_that_a_run_is_not_about_are_named_last_and_change_nothing_else() -> None:
    for state in (State.COMPLETE, State.FAILED):
        instances = [instance_of("eu", state)]
        told = verdict_of(instances, scheduled=True, waited=True, now=NOW, left_out=["us", "ap"])
        assert told["message"].endswith("; left out of this run: us, ap")
        assert told["left_out"] == ["us", "ap"]
        assert told["ok"] is verdict(*instances)["ok"]
    assert "nothing is left to do" not in told["message"]
    assert verdict(*instances)["left_out"] == []


# -- What went wrong


def test_each_thing_that_went_wrong_is_told_once() -> None:
    instance = instance_of("eu", State.FAILED, State.FAILED, State.COMPLETE)
    for each in instance.updates[:2]:
        each.failure = failure("nothing was scheduled, there is no such site", about="eu")
    assert details_of(instance) == ["eu: nothing was scheduled, there is no such site"]


def test_a_job_in_error_is_told_with_its_id_and_attempt() -> None:
    instance = instance_of("eu", State.ERROR, State.COMPLETE)
    said = "eu -> d0: job job (attempt 1) ended in ERROR at the service. Rerun to schedule a new attempt"
    assert details_of(instance) == [said]
    to_stay = instance_of("eu", State.ERROR, resubmit_failed=False)
    assert details_of(to_stay)[0].endswith("Set resubmit_failed to true to schedule it again")


def test_a_job_that_ended_in_another_word_is_a_reason_with_the_command_that_forgets_it() -> None:
    (reason,) = reasons_of(ended(("CANCELLED", "by Ann"), ("ERROR", "gone")))
    assert reason.startswith(
        "eu -> d0: job job (attempt 1) ended in CANCELLED at the service: by Ann. Look at the site"
    )
    assert "ansible-playbook jira_cloud.federation.ledger -e ledger_forget=" in reason
    assert reason in details_of(ended(("CANCELLED", "by Ann")))


def test_a_job_in_error_that_is_to_stay_so_is_told_once() -> None:
    instance = instance_of("eu", State.ERROR)
    instance.updates[0].failure = failure("job job (attempt 1) ended in ERROR and is to stay so", about="eu -> d0")
    assert instance.updates[0].state is State.ERROR
    assert details_of(instance) == ["eu -> d0: job job (attempt 1) ended in ERROR and is to stay so"]


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
