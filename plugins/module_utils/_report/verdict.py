# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has done, what it has not, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .._progress import duration
from .._run.reconcile import in_error
from .._run.state import InstanceState, State, UpdateState
from .._status import ENDED
from .._text import names


def jobs_to_wait_for(submitted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The jobs that results of C(link_update_job) leave to be waited for: those that exist and have not ended."""
    return [
        {"site_id": job["site_id"], "job_id": job["job_id"], "label": result["label"]}
        for result in submitted
        if (job := result.get("job")) and job["job_id"] and job["status"] not in ENDED
    ]


def verdict_of(
    instances: Sequence[InstanceState], *, scheduled: bool, waited: bool, now: datetime, left_out: Sequence[str] = ()
) -> dict[str, Any]:
    """C(ok), C(message) and the labels of the updates in each state, for a number of instances.

    :param scheduled: whether jobs were to be scheduled.
    :param waited: whether they were to be waited for: then nothing less than complete will do.
    :param left_out: the names of the instances of the federation that the run was not about.
    """
    entries = [entry for instance in instances for entry in instance.entries]
    by_state = {state: [each.desired.label for each in entries if each.state is state] for state in State}
    broken = by_state[State.ERROR] + by_state[State.FAILED]
    stuck = [each.desired.label for each in entries if each.state is State.HELD and each.stuck]
    unfinished = by_state[State.OPEN] + by_state[State.HELD] + by_state[State.ABSENT]
    complete = by_state[State.COMPLETE]
    silent = {
        each.desired.label: (now - each.heard).total_seconds()
        for each in entries
        if each.state is State.OPEN and each.trouble and each.heard
    }
    ago = f"{'up to ' if len(silent) > 1 else ''}{duration(max(silent.values(), default=0.0))} ago"
    done = f"{len(complete)} of {len(entries)} jobs complete"
    undone = [
        f"{len(labels)} {words} ({names(labels)})"
        for labels, words in (
            (by_state[State.ERROR], "ended in ERROR"),
            (by_state[State.FAILED], "FAILED"),
            (stuck, "not scheduled because the backup was not made"),
            (
                [each for each in by_state[State.OPEN] if each not in silent],
                "still under way" if waited else "under way, not waited for",
            ),
            (list(silent), f"last known to be under way {ago}"),
            ([each for each in by_state[State.HELD] if each not in stuck], "held back until the backup is done"),
            (by_state[State.ABSENT], "not scheduled"),
        )
        if labels
    ]
    advice = _advice(instances, by_state, stuck, scheduled=scheduled, now=now)
    if left_out:
        advice.append(f"left out of this run: {names(left_out)}")
    return {
        "ok": not (broken or stuck or (waited and unfinished)),
        "message": "; ".join([", ".join([done, *undone]), *(advice or ["nothing is left to do"])]),
        "counts": {state.value: len(by_state[state]) for state in State},
        "pairs": {state.value: by_state[state] for state in State},
        "left_out": list(left_out),
    }


def reasons_of(instance: InstanceState) -> list[str]:
    """Why an instance is not done, as far as its verdict does not say it, each thing once."""
    said = [_about(entry, str(entry.failure)) for entry in instance.entries if entry.failure]
    said += [_no_news(entry) for entry in instance.entries if entry.trouble]
    return list(dict.fromkeys(said))


def details_of(instance: InstanceState) -> list[str]:
    """What went wrong for one instance, each thing once."""
    said = [
        in_error(entry.desired.label, entry.job.job_id, entry.job.attempt, instance.order.policy).message
        for entry in instance.entries
        if entry.state is State.ERROR and entry.job and not entry.failure
    ]
    return list(dict.fromkeys([*reasons_of(instance), *said]))


def _no_news(entry: UpdateState) -> str:
    since = f" since {entry.heard:%Y-%m-%d %H:%M}Z" if entry.heard else ""
    return f"{entry.desired.label}: no news of it{since}, {entry.trouble}"


def _about(entry: UpdateState, text: str) -> str:
    """A message that says which update it is about."""
    return text if entry.desired.label in text or text.startswith(entry.instance) else f"{entry.desired.label}: {text}"


def _advice(
    instances: Sequence[InstanceState],
    by_state: Mapping[State, Sequence[str]],
    stuck: Sequence[str],
    *,
    scheduled: bool,
    now: datetime,
) -> list[str]:
    """What to do next."""
    advice = []
    if stuck:
        advice.append("rerun to try the backup again, or set link_update_create_backup to never to go on without one")
    if by_state[State.FAILED]:
        advice.append("correct what failed, see above, then rerun")
    if by_state[State.ERROR]:
        advice.append("rerun to have what ended in ERROR scheduled anew")
    if by_state[State.HELD] and not stuck:
        advice.append("come back when the backup is done and rerun to schedule the rest" + _deadline(instances, now))
    elif by_state[State.OPEN]:
        advice.append("rerun at any time to wait for what is under way")
    if by_state[State.ABSENT]:
        advice.append(
            "rerun with the stage submit to schedule the rest" if not scheduled else "rerun to schedule the rest"
        )
    return [", ".join(advice)] if advice else []


def _deadline(instances: Sequence[InstanceState], now: datetime) -> str:
    closes = [each.order.window_closes for each in instances if each.order.window_closes and each.held()]
    return f", before {min(closes):%Y-%m-%d %H:%M}Z" if closes and min(closes) > now else ""
