# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a run: what it did for each update and each instance, or would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .._errors import Failure
from .._model.policy import Policy
from .._run.overdue import overdue_text
from .._run.state import InstanceState, UpdateState
from .reasons import details_of, failure_of, most_of, reasons_in
from .results import Diff, InstanceResult, Plan, RunResult, UpdateResult, Verdict
from .verdict import left_out_by_only, verdict_of

#: For each instance, how many of its pairs are not in the run.
Unselected = Mapping[str, int]


def update_result(update: UpdateState, policy: Policy, now: datetime) -> UpdateResult:
    """One update, in the form of results."""
    failure = failure_of(update, policy)
    return {
        "instance": update.instance,
        "destination": update.desired.destination,
        "label": update.label,
        "state": update.state.value,
        "changed": update.changed,
        "held": update.held,
        "overdue": f"{overdue_text([update.overdue])}; {update.overdue.remedy}" if update.overdue else None,
        "wanted": (update.job or update.desired).update.as_dict(),
        "job": update.job.as_result(now) if update.job else None,
        "failure": failure.as_result() if failure else None,
    }


def planned_result(
    instances: Sequence[InstanceState], plan: Plan, now: datetime, unselected: Unselected | None = None
) -> RunResult:
    """What the run would do."""
    return {
        "changed": bool(plan["scheduled"]),
        "plan": plan,
        "updates": _updates_of(instances, now),
        "instances": {**_idle(unselected or {}), **{each.name: _planned_for(each) for each in instances}},
        "diff": [diff for each in instances for diff in _diffs_of(each)],
    }


def run_result(
    instances: Sequence[InstanceState],
    failure: Failure | None,
    *,
    scheduled: bool,
    waited: bool,
    left_out: Sequence[str],
    now: datetime,
    unselected: Unselected | None = None,
) -> RunResult:
    """What the run did.

    :param failure: what ended the run early.
    :param scheduled, waited, left_out: see L(verdict_of).
    :param unselected: for each instance, how many of its pairs were not in the run.
    """
    unselected = unselected or {}

    def verdict(some: Sequence[InstanceState], not_of: int, left_out: Sequence[str] = ()) -> Verdict:
        found = verdict_of(some, scheduled=scheduled, waited=waited, now=now, left_out=left_out, unselected=not_of)
        # A run that ended early is good only if all its jobs are complete.
        return {**found, "ok": found["ok"] and (failure is None or _all_complete(found))}

    return {
        "changed": any(update.changed for each in instances for update in each.updates),
        "updates": _updates_of(instances, now),
        "instances": {
            **_idle(unselected),
            **{each.name: _done_for(each, verdict([each], unselected.get(each.name, 0))) for each in instances},
        },
        "verdict": verdict(instances, sum(unselected.values()), left_out),
    }


def _updates_of(instances: Sequence[InstanceState], now: datetime) -> list[UpdateResult]:
    return [update_result(update, each.spec.policy, now) for each in instances for update in each.updates]


def _planned_for(instance: InstanceState) -> InstanceResult:
    scheduled = [update for update in instance.updates if update.changed]
    reasons = reasons_in([instance])
    would = f"{len(scheduled)} of {len(instance.updates)} jobs would be scheduled"
    return {
        "ok": not any(update.failure for update in instance.updates),
        "message": ". ".join([would, *most_of(reasons)]),
        "changed": bool(scheduled),
        "site_id": instance.spec.site_id,
        "reasons": reasons,
        "details": details_of(instance),
        "diff": _diffs_of(instance),
    }


def _done_for(instance: InstanceState, verdict: Verdict) -> InstanceResult:
    return {
        "ok": verdict["ok"],
        "message": verdict["message"],
        "changed": any(update.changed for update in instance.updates),
        "site_id": instance.spec.site_id,
        "reasons": reasons_in([instance]),
        "details": details_of(instance),
        "counts": verdict["counts"],
        "pairs": verdict["pairs"],
        "left_out": verdict["left_out"],
    }


def _idle(unselected: Unselected) -> dict[str, InstanceResult]:
    """The instances with no pair in the run."""
    return {
        name: {
            "ok": True,
            "message": left_out_by_only(count),
            "changed": False,
            "site_id": None,
            "reasons": [],
            "details": [],
        }
        for name, count in unselected.items()
    }


def _all_complete(verdict: Verdict) -> bool:
    return verdict["counts"]["complete"] == sum(verdict["counts"].values())


def _diffs_of(instance: InstanceState) -> list[Diff]:
    """The jobs that would be scheduled."""
    return [_diff(update) for update in instance.updates if update.changed]


def _diff(update: UpdateState) -> Diff:
    after = {**(update.job or update.desired).update.as_dict(), "attempt": update.job.attempt if update.job else 1}
    return {"before_header": update.label, "after_header": update.label, "before": {}, "after": after}
