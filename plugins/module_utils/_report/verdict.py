# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict: what is done, what is not, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from .._errors import Failure, sentence
from .._model.policy import Policy
from .._progress import duration
from .._run.job import in_error, with_words
from .._run.overdue import overdue_text
from .._run.state import InstanceState, State, UpdateState
from .._run.unrecorded import unrecorded
from .._status import ERROR, NOT_DOCUMENTED_FAILURES
from .._text import names
from .results import ReportedUpdate, Verdict

Labels = Mapping[State, Sequence[str]]

#: So many different things that the service said of jobs are told.
_MOST_WORDS = 2


def verdict_of(
    instances: Sequence[InstanceState],
    *,
    scheduled: bool,
    waited: bool,
    now: datetime,
    left_out: Sequence[str] = (),
    unselected: int = 0,
) -> Verdict:
    """The verdict on what a run has done for a number of instances.

    :param scheduled: whether jobs were to be scheduled.
    :param waited: whether they were to be waited for: then nothing less than complete will do.
    :param left_out: the names of the instances of the federation that the run was not about.
    :param unselected: how many pairs of its instances the run was not about.
    """
    updates = [update for instance in instances for update in instance.updates]
    labels = _by_state((update.label, update.state) for update in updates)
    stuck = [update.label for update in updates if update.state is State.HELD and update.stuck]
    broken = bool(labels[State.ERROR] or labels[State.FAILED] or stuck)
    complete = len(labels[State.COMPLETE])
    standing = [f"{complete} of {len(updates)} jobs complete", *_undone(updates, labels, stuck, waited=waited, now=now)]
    advice = "; ".join(_advice(instances, labels, stuck, scheduled=scheduled, now=now))
    to_do = [*([advice] if advice else []), *_overdue(updates), *_others(left_out, unselected)]
    message = "; ".join([", ".join(standing), *(to_do or ["nothing is left to do"])])
    return _verdict(not broken and (complete == len(updates) or not waited), message, labels, left_out)


def recorded_verdict(updates: Sequence[ReportedUpdate]) -> Verdict:
    """The verdict where no run tells more than the ledger."""
    labels = _by_state((update["label"], State(update["state"])) for update in updates)
    counts = ", ".join(f"{len(some)} {state.value} ({names(some)})" for state, some in labels.items() if some)
    message = f"as the ledger has it, of {len(updates)} pairs: {counts}"
    return _verdict(len(labels[State.COMPLETE]) == len(updates), message, labels)


def left_out_by_only(unselected: int) -> str:
    """What is said of pairs that a run is not about although it is about their instances."""
    return f"left out by link_update_only: {unselected} pair{'' if unselected == 1 else 's'}"


def reasons_of(instance: InstanceState) -> list[str]:
    """Why an instance is not done, as far as its verdict does not say it, each thing once."""
    failures = (
        failure_of(update, instance.spec.policy)
        for update in instance.updates
        if update.failure or (update.job and update.job.status in NOT_DOCUMENTED_FAILURES)
    )
    said = [failure.message for failure in failures if failure]
    said += [_status_unavailable(update, update.trouble) for update in instance.updates if update.trouble]
    return list(dict.fromkeys(said))


def details_of(instance: InstanceState) -> list[str]:
    """What went wrong for one instance, each thing once."""
    failures = [failure_of(update, instance.spec.policy) for update in instance.updates]
    return list(dict.fromkeys([*reasons_of(instance), *(each.message for each in failures if each)]))


def failure_of(update: UpdateState, policy: Policy) -> Failure | None:
    """What went wrong for one update: for this run, or for its job at the service."""
    if update.failure or not update.job or update.state is not State.ERROR:
        return update.failure
    return in_error(update.label, update.job, policy)


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


def _status_unavailable(update: UpdateState, trouble: Failure) -> str:
    since = f" since {update.last_known:%Y-%m-%d %H:%M}Z" if update.last_known else ""
    return sentence(f"status unavailable{since}: {trouble.what}", trouble.advice, about=update.label)


def _undone(
    updates: Sequence[UpdateState], labels: Labels, stuck: Sequence[str], *, waited: bool, now: datetime
) -> list[str]:
    """How many are not complete, and which, by what they are waiting for."""
    silent = {
        update.label: (now - update.last_known).total_seconds()
        for update in updates
        if update.state is State.OPEN and update.trouble and update.last_known
    }
    ago = f"{'up to ' if len(silent) > 1 else ''}{duration(max(silent.values(), default=0.0))} ago"
    groups = {
        "FAILED": labels[State.FAILED],
        "not scheduled because the backup was not made": stuck,
        "still under way" if waited else "under way, not waited for": _without(labels[State.OPEN], silent),
        f"last known to be under way {ago}": list(silent),
        "held back until the backup is done": _without(labels[State.HELD], stuck),
        "not scheduled": labels[State.ABSENT],
    }
    return [*_ended(updates), *(f"{len(some)} {what} ({names(some)})" for what, some in groups.items() if some)]


def _ended(updates: Sequence[UpdateState]) -> Iterable[str]:
    """How many jobs ended without success, and which, by their status, with the service's own words."""
    jobs = [(update.label, update.job) for update in updates if update.job and update.state is State.ERROR]
    for status in dict.fromkeys(job.status for _label, job in jobs):
        labels = [label for label, job in jobs if job.status == status]
        said = dict.fromkeys(job.said for _label, job in jobs if job.status == status and job.said)
        yield f"{len(labels)} ended in {status} ({with_words(names(labels), names(list(said), _MOST_WORDS))})"


def _overdue(updates: Sequence[UpdateState]) -> Iterator[str]:
    """Which jobs should have started long ago, and what to do about the first of them."""
    if overdue := [update.overdue for update in updates if update.overdue]:
        yield overdue_text(overdue)
        yield overdue[0].remedy


def _others(left_out: Sequence[str], unselected: int) -> Iterator[str]:
    if left_out:
        yield f"left out of this run: {names(left_out)}"
    if unselected:
        yield left_out_by_only(unselected)


def _without(labels: Sequence[str], others: Iterable[str]) -> list[str]:
    without = set(others)
    return [label for label in labels if label not in without]


def _advice(
    instances: Sequence[InstanceState], labels: Labels, stuck: Sequence[str], *, scheduled: bool, now: datetime
) -> list[str]:
    """What to do next."""
    updates = [update for each in instances for update in each.updates]
    advice = []
    ends = {update.job.status or "" for update in updates if update.job and update.state is State.ERROR}
    left_alone = sorted(ends - {ERROR})
    if stuck:
        again = "" if left_alone else "rerun to try the backup again, or "
        advice.append(f"{again}set link_update_create_backup to never to go on without one")
    if lost := unrecorded(updates):
        advice.append(f"record what was scheduled and is not in the ledger, see above ({names(lost, len(lost))})")
    if labels[State.FAILED]:
        advice.append("correct what failed, see above, then rerun")
    if left_alone:
        advice.append(f"look at the site for what ended in {names(left_alone)}, which no rerun schedules anew")
    if ERROR in ends:
        advice.append("rerun to have what ended in ERROR scheduled anew")
    if labels[State.HELD] and not stuck:
        advice.append("come back when the backup is done and rerun to schedule the rest" + _deadline(instances, now))
    elif labels[State.OPEN]:
        advice.append("rerun at any time to wait for what is under way")
    if labels[State.ABSENT]:
        advice.append("rerun to schedule the rest" if scheduled else "rerun with the stage submit to schedule the rest")
    return advice


def _deadline(instances: Sequence[InstanceState], now: datetime) -> str:
    held = [update.desired.update for each in instances for update in each.held()]
    closes = [each.window_closes for each in held if each.window_closes]
    return f", before {min(closes):%Y-%m-%d %H:%M}Z" if closes and min(closes) > now else ""
