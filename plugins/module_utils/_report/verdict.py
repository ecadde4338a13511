# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: how many jobs are complete, why the others are not, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from .._progress import duration
from .._run.backup import WITHOUT_BACKUP
from .._run.overdue import overdue_text
from .._run.state import InstanceState, State, UpdateState
from .._run.unrecorded import unrecorded
from .._status import ERROR
from .._text import capitalized, counted, listed, names
from .reasons import most_of, reasons_in
from .results import ReportedUpdate, Verdict

Labels = Mapping[State, Sequence[str]]

_IN_LEDGER = {
    "failed": (State.ERROR, State.FAILED),
    "not finished": (State.OPEN,),
    "on hold": (State.HELD,),
    "not scheduled": (State.ABSENT,),
}
_ALL_STAGES = "--tags submit,wait,report"


def verdict_of(
    instances: Sequence[InstanceState],
    *,
    scheduled: bool,
    waited: bool,
    now: datetime,
    left_out: Sequence[str] = (),
    unselected: int = 0,
) -> Verdict:
    """The verdict on what a run did for a number of instances.

    :param scheduled: whether the run was to schedule jobs.
    :param waited: whether it was to wait for them: then the verdict is good only if all are complete.
    :param left_out: the names of the instances of the federation that are not in the run.
    :param unselected: how many pairs of its instances are not in the run.
    """
    updates = [update for instance in instances for update in instance.updates]
    labels = _by_state((update.label, update.state) for update in updates)
    stuck = [update.label for update in updates if update.state is State.HELD and update.stuck]
    broken = len(labels[State.ERROR]) + len(labels[State.FAILED])
    complete = len(labels[State.COMPLETE])
    sentences = [
        *_results(instances, f"{complete} of {len(updates)} jobs complete", broken),
        *_not_complete(updates, labels, stuck, waited=waited, now=now),
        *_next_steps(instances, labels, stuck, scheduled=scheduled, waited=waited, now=now),
        *_overdue(updates),
        *_others(left_out, unselected),
    ]
    ok = not broken and not stuck and (complete == len(updates) or not waited)
    return _verdict(ok, ". ".join(sentences), labels, left_out)


def recorded_verdict(updates: Sequence[ReportedUpdate]) -> Verdict:
    """The verdict without a run: only the ledger is known."""
    labels = _by_state((update["label"], State(update["state"])) for update in updates)
    complete = len(labels[State.COMPLETE])
    groups = {what: [label for state in states for label in labels[state]] for what, states in _IN_LEDGER.items()}
    message = ". ".join([f"According to the ledger, {complete} of {len(updates)} jobs complete", *_counted(groups)])
    return _verdict(complete == len(updates), message, labels)


def left_out_by_only(unselected: int) -> str:
    """What is said of pairs that are not in a run although their instances are."""
    return f"left out by link_update_only: {counted(unselected, 'pair')}"


def _by_state(updates: Iterable[tuple[str, State]]) -> dict[State, list[str]]:
    """The labels of the updates in each state."""
    labels: dict[State, list[str]] = {state: [] for state in State}
    for label, state in updates:
        labels[state].append(label)
    return labels


def _verdict(ok: bool, message: str, labels: Labels, left_out: Sequence[str] = ()) -> Verdict:
    return {
        "ok": ok,
        "message": message,
        "counts": {state.value: len(some) for state, some in labels.items()},
        "pairs": {state.value: list(some) for state, some in labels.items()},
        "left_out": list(left_out),
    }


def _results(instances: Sequence[InstanceState], complete: str, failed: int) -> list[str]:
    """How many jobs are complete, how many failed, and why."""
    reasons = most_of(reasons_in(instances))
    # The reasons of failures are before those of missing statuses.
    return [f"{complete}, {failed} failed: {reasons[0]}", *reasons[1:]] if failed else [complete, *reasons]


def _not_complete(
    updates: Sequence[UpdateState], labels: Labels, stuck: Sequence[str], *, waited: bool, now: datetime
) -> Iterator[str]:
    """How many jobs are neither complete nor failed, and which."""
    silent = {
        update.label: (now - update.last_known).total_seconds()
        for update in updates
        if update.state is State.OPEN and update.trouble and update.last_known
    }
    longest = f"{'up to ' if len(silent) > 1 else ''}{duration(max(silent.values(), default=0.0))}"
    return _counted(
        {
            "not scheduled because the backup failed": stuck,
            "not finished" if waited else "scheduled, not waited for": _without(labels[State.OPEN], silent),
            f"with no status for {longest}": list(silent),
            "on hold until the backup is done": _without(labels[State.HELD], stuck),
            "not scheduled": labels[State.ABSENT],
        }
    )


def _counted(groups: Mapping[str, Sequence[str]]) -> Iterator[str]:
    return (f"{len(labels)} {what}: {names(labels)}" for what, labels in groups.items() if labels)


def _overdue(updates: Sequence[UpdateState]) -> Iterator[str]:
    """Which jobs should have started long ago, and what to do about the first one."""
    if overdue := [update.overdue for update in updates if update.overdue]:
        yield overdue_text(overdue)
        yield overdue[0].remedy


def _others(left_out: Sequence[str], unselected: int) -> Iterator[str]:
    if left_out:
        yield f"Left out of this run: {names(left_out)}"
    if unselected:
        yield capitalized(left_out_by_only(unselected))


def _without(labels: Sequence[str], others: Iterable[str]) -> list[str]:
    without = set(others)
    return [label for label in labels if label not in without]


def _next_steps(
    instances: Sequence[InstanceState],
    labels: Labels,
    stuck: Sequence[str],
    *,
    scheduled: bool,
    waited: bool,
    now: datetime,
) -> Iterator[str]:
    """What to do next."""
    if lost := unrecorded(update for each in instances for update in each.updates):
        yield f"First record these jobs in the ledger: {names(lost, len(lost))}"
    retried, may_order = _retried(instances)
    held = _without(labels[State.HELD], stuck)
    schedules = {
        "orders the backup again": stuck and may_order,
        f"retries the failed {_job(retried)}": retried,
        f"schedules the {_job(len(held))} on hold": held,
        "schedules the rest": labels[State.ABSENT],
    }
    does = [verb for verb, is_due in schedules.items() if is_due]
    again = "Run the same command again" if scheduled or not does else f"Run again with {_ALL_STAGES}"
    when = " when the backup is done" if held and not waited else ""
    if waited and labels[State.OPEN]:
        does.append("waits for the jobs that have not finished")
    if does:
        yield f"{again}{when}: it {listed(does)}"
    if held:
        yield from _deadline(instances, now)
    if stuck:
        yield WITHOUT_BACKUP
    if labels[State.OPEN] and not waited:
        yield "To wait for the jobs: run again without --tags, with -e link_update_wait=true"


def _retried(instances: Sequence[InstanceState]) -> tuple[int, bool]:
    """How many of the jobs that ended without success the next run retries, and whether that is all of them."""
    retries = [
        bool(update.job and update.job.status == ERROR)
        and (instance.spec.policy.resubmit_failed or instance.spec.policy.force)
        for instance in instances
        for update in instance.updates
        if update.state is State.ERROR
    ]
    return sum(retries), all(retries)


def _deadline(instances: Sequence[InstanceState], now: datetime) -> Iterator[str]:
    """Until when what is on hold has to be scheduled."""
    held = [update.desired.update for each in instances for update in each.held()]
    closes = [each.window_closes for each in held if each.window_closes]
    if closes and min(closes) > now:
        yield f"Deadline to recreate links: {min(closes):%Y-%m-%d %H:%M}Z"


def _job(count: int) -> str:
    return "job" if count == 1 else "jobs"
