# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the job of each pair is, as the ledger has it, and what comes next. No site is asked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from .._ledger.activity import Activity, activity_of
from .._ledger.ledger import Ledger
from .._model.desired import InstanceSpec
from .._model.federation import Federation
from .._model.pairs import label_of
from .._model.policy import Policy
from .._progress import WORDS
from .._run.backup import BackupState, backup_of
from .._run.state import State, UpdateState
from .._run.times import Times, times_of
from .._status import BACKUP, ERROR, PENDING
from .reasons import failure_of
from .recorded import Recorded

COMPLETE, NOT_SCHEDULED, SENDING = "complete", "not scheduled", "sending"
_WORDS = {
    State.COMPLETE: COMPLETE,
    State.FAILED: "failed",
    State.HELD: "on hold",
    State.ABSENT: NOT_SCHEDULED,
}


class PairResult(TypedDict):
    """The module's return value C(pairs)."""

    instance: str
    destination: str
    origin: str
    label: str
    state: str
    status: str | None
    attempt: int | None
    job_id: str | None
    waiting: float
    backup: float
    running: float
    next: str | None


@dataclass(frozen=True)
class PairStatus:
    """Where the job of one pair is."""

    update: UpdateState
    times: Times
    #: What comes next, or what to do; None where there is nothing to do but to wait.
    next: str | None
    #: It has no job, and it is too late to schedule one.
    is_late: bool = False

    @property
    def status(self) -> str | None:
        """The service's own word, as a run last saw it."""
        return self.update.job.status if self.update.job else None

    @property
    def word(self) -> str:
        """What people call it. What ended without success has the service's own word."""
        if self.update.state is State.OPEN:
            return WORDS.get(self.status, self.status) if self.status else SENDING
        return _WORDS.get(self.update.state) or str(self.status)

    @property
    def seconds(self) -> float | None:
        """For how long it is what its word says; of a job that has ended, how long it took in all."""
        times = self.times
        if self.update.state in (State.COMPLETE, State.ERROR):
            return times.waiting + times.backup + times.running
        if self.update.state is not State.OPEN or self.word == SENDING:
            return None
        return {PENDING: times.waiting, BACKUP: times.backup}.get(str(self.status), times.running)

    @property
    def is_problem(self) -> bool:
        """Whether somebody has to do something about it."""
        update = self.update
        return update.state in (State.FAILED, State.ERROR) or update.stuck or self.is_late

    def as_result(self) -> PairResult:
        """It, in the words of results."""
        job, desired = self.update.job, self.update.desired
        return {
            "instance": self.update.instance,
            "destination": desired.destination,
            "origin": desired.origin,
            "label": desired.label,
            "state": self.update.state.value,
            "status": self.status,
            "attempt": job.attempt if job else None,
            "job_id": job.job_id if job else None,
            "waiting": round(self.times.waiting, 3),
            "backup": round(self.times.backup, 3),
            "running": round(self.times.running, 3),
            "next": self.next,
        }


@dataclass(frozen=True)
class Status:
    """Where all jobs are."""

    names: Sequence[str]
    pairs: Sequence[PairStatus]
    wave: str
    activity: Activity

    def counts(self) -> dict[str, int]:
        """How many pairs are in each state."""
        states = [each.update.state for each in self.pairs]
        return {state.value: states.count(state) for state in State}

    @property
    def is_run_at_work(self) -> bool:
        """Whether a run is certainly at work: it is sending a request, or its process is on this machine."""
        return self.activity.at_work or any(each.word == SENDING for each in self.pairs)


def status_of(
    federation: Federation, specs: Sequence[InstanceSpec], only: Collection[str] | None, ledger: Ledger, now: datetime
) -> Status:
    """Where the job of each pair is.

    :param only: the labels of the pairs that are shown; None for all of them.
    """
    recorded, names = Recorded(ledger), {each.product_url: name for name, each in federation.members.items()}
    pairs: list[PairStatus] = []
    for spec in specs:
        updates = [recorded.state_of(spec.name, each, now) for each in spec.desired]
        _hold(spec, updates, names, ledger)
        shown = [each for each in updates if only is None or each.label in only]
        pairs += (_status(each, spec.policy, recorded, now) for each in shown)
    urls = {spec.product_url for spec in specs}
    wave = ", ".join(sorted({spec.manner.wave for spec in specs}))
    return Status(federation.names, pairs, wave, activity_of(ledger, urls))


def _status(update: UpdateState, policy: Policy, recorded: Recorded, now: datetime) -> PairStatus:
    is_late = update.state is State.ABSENT and update.desired.update.is_too_late(now)
    what = f"its links could be recreated until {update.deadline:%Y-%m-%d %H:%M}Z" if is_late else _next(update, policy)
    return PairStatus(update, _times(update, recorded, now), what, is_late)


def _hold(spec: InstanceSpec, updates: Sequence[UpdateState], names: Mapping[str | None, str], ledger: Ledger) -> None:
    """Say of the updates that have no job whether they wait for the backup of their instance, as a run would."""
    # Where no update has a job, none has ordered a backup.
    site_id = spec.site_id or next((each.job.update.site_id for each in updates if each.job), None)
    if spec.manner.backup != "first" or not site_id or not updates:
        return
    backup = backup_of(updates[0].desired.update.at(site_id), ledger)
    if backup.state not in (BackupState.UNDER_WAY, BackupState.FAILED):
        return
    stuck = backup.state is BackupState.FAILED
    bearer = label_of(spec.name, names.get(backup.destination_url, str(backup.destination_url)))
    what = f"run again: the backup of {bearer} was not made" if stuck else f"starts after the backup of {bearer}"
    for each in updates:
        if each.state is State.ABSENT:
            each.held, each.stuck = what, stuck


def _times(update: UpdateState, recorded: Recorded, now: datetime) -> Times:
    job = update.job
    if not job or not job.job_id or not job.submitted_at:
        return Times()
    seen = recorded.history_of(str(job.update.site_id), job.job_id)
    return times_of([(PENDING, job.submitted_at), *seen], now)


def _next(update: UpdateState, policy: Policy) -> str | None:
    """What comes next for an update, or what to do about it."""
    state, status = update.state, update.job.status if update.job else None
    if state is State.ERROR and status == ERROR:
        may_retry = policy.resubmit_failed or policy.force
        return "run again" + ("" if may_retry else " with -e link_update_resubmit_failed=true") + " to retry it"
    if failure := failure_of(update, policy):
        return failure.advice
    if state is State.HELD:
        return update.held
    if state is State.ABSENT:
        return "run to schedule it"
    return "runs after its backup" if status == BACKUP else None
