# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of each update of a run, and of each of its instances."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from enum import Enum

from .._errors import Failure
from .._model.desired import DesiredUpdate, InstanceSpec
from .._status import COMPLETE, FAILURES
from .backup import Backup
from .job import Job
from .overdue import OverdueJob

_NEVER = datetime.max.replace(tzinfo=timezone.utc)


class State(Enum):
    """The state of an update."""

    COMPLETE = "complete"
    #: There is a job, and it has not ended.
    OPEN = "open"
    #: Its job ended without success: in ERROR, or in a similar status that is not documented.
    ERROR = "error"
    #: It is on hold: it has no job yet, because the backup of its instance is not done.
    HELD = "held"
    #: It has no job, or one whose status is not available. The failure has the reason.
    FAILED = "failed"
    #: It has no job, and this run was not to schedule one.
    ABSENT = "absent"


class Action(Enum):
    """What a run is about to do for an update. The values are those of results; a plan has words for people."""

    SCHEDULE = "schedule"
    ATTACH = "attach"
    DONE = "done"
    #: Schedule again: the last job ended without success.
    RETRY = "retry"
    #: Schedule again: the outcome of the last request or job is unknown.
    AGAIN = "again"
    #: Schedule again although it is complete.
    ANEW = "anew"
    #: Nothing can be done. The failure has the reason.
    REFUSED = "refused"


@dataclass(eq=False)
class UpdateState:
    """One update of a run, and its state."""

    instance: str
    desired: DesiredUpdate
    #: Its job. If that was replaced, the new one.
    job: Job | None = None
    #: This run scheduled it; in check mode, it would.
    changed: bool = False
    #: The job that is to be replaced.
    replaced: Job | None = None
    failure: Failure | None = None
    #: When the status of its job was last known.
    last_known: datetime | None = None
    #: Why the last poll of its job got no status.
    trouble: Failure | None = None
    #: Set when the timeout has passed, if its job should have started long ago.
    overdue: OverdueJob | None = None
    #: Why it is on hold: it waits for the backup of its instance.
    held: str | None = None
    #: Whether that backup has failed: it is not scheduled in this run.
    stuck: bool = False
    #: Whether this run is done with it, but for the wait.
    settled: bool = False

    @property
    def label(self) -> str:
        """Its name in messages."""
        return self.desired.label

    def keep(self, job: Job | None, failure: Failure | None, *, changed: bool) -> None:
        """Keep the outcome: this run is done with it, but for the wait."""
        self.job, self.failure, self.changed = job, failure, changed
        self.settled, self.held = True, None

    @property
    def deadline(self) -> datetime:
        """It can be scheduled until then."""
        return self.desired.update.window_closes or _NEVER

    @property
    def state(self) -> State:
        if self.job and self.job.status in FAILURES:
            return State.ERROR
        # Before the status: with force, the known job may be the one to be replaced.
        if self.failure:
            return State.FAILED
        if self.job and self.job.status == COMPLETE:
            return State.COMPLETE
        if self.job and (self.job.job_id or self.job.attached):
            return State.OPEN
        return State.HELD if self.held else State.ABSENT

    @property
    def action(self) -> Action:
        if self.changed:
            if self.replaced is None:
                return Action.SCHEDULE
            by_status = {COMPLETE: Action.ANEW, **dict.fromkeys(FAILURES, Action.RETRY)}
            return by_status.get(self.replaced.status or "", Action.AGAIN)
        if self.failure or self.held:
            return Action.REFUSED
        return Action.DONE if self.state is State.COMPLETE else Action.ATTACH

    @property
    def spoken_status(self) -> str | None:
        """Its status in a summary."""
        if self.state is State.FAILED:
            return "failed"
        if self.job and self.job.status:
            return self.job.status
        return "on hold" if self.held else "not scheduled"


@dataclass(eq=False)
class InstanceState:
    """One instance of a run, and the states of its updates."""

    spec: InstanceSpec
    updates: list[UpdateState] = field(default_factory=list)
    #: The backup that this run relies on, or orders. None: there is none.
    backup: Backup | None = None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def deadline(self) -> datetime:
        """The nearest deadline of the updates that are not settled."""
        return min((each.deadline for each in self.unsettled()), default=_NEVER)

    def unsettled(self) -> list[UpdateState]:
        """The updates that this run is not done with, the most urgent first."""
        return _most_urgent_first(each for each in self.updates if not each.settled)

    def held(self) -> list[UpdateState]:
        """The updates on hold, the most urgent first."""
        return _most_urgent_first(each for each in self.updates if each.held and not each.job and not each.failure)


def _most_urgent_first(updates: Iterable[UpdateState]) -> list[UpdateState]:
    return sorted(updates, key=lambda each: each.deadline)
