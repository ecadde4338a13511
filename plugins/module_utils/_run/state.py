# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where each update of a run stands, and each of its instances."""

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
    """What has become of an update."""

    COMPLETE = "complete"
    #: There is a job, and it has not ended.
    OPEN = "open"
    #: Its job ended without success: in ERROR, or in a word for it that is not documented.
    ERROR = "error"
    #: It has no job yet, because the backup of its instance is not done.
    HELD = "held"
    #: It has no job, or one that cannot be asked about: the failure tells why.
    FAILED = "failed"
    #: It has no job, and was not to get one from this run.
    ABSENT = "absent"


class Action(Enum):
    """What a run is about to do for an update. The values are those of results; a plan has words for people."""

    SCHEDULE = "schedule"
    ATTACH = "attach"
    DONE = "done"
    #: Schedule anew what ended without success.
    RETRY = "retry"
    #: Schedule anew what nobody knows the outcome of.
    AGAIN = "again"
    #: Schedule anew what is complete.
    ANEW = "anew"
    #: Nothing can be done; the failure tells why.
    REFUSED = "refused"


@dataclass(eq=False)
class UpdateState:
    """One update of a run, and what has become of it."""

    instance: str
    desired: DesiredUpdate
    #: The job there is, or was; what it was replaced by counts instead.
    job: Job | None = None
    #: Scheduled by this run; in check mode, it would be.
    changed: bool = False
    #: The job that is to be replaced.
    replaced: Job | None = None
    failure: Failure | None = None
    #: When the status of its job was last known.
    last_known: datetime | None = None
    #: Why the last poll of its job got no status.
    trouble: Failure | None = None
    #: Set when the timeout has passed, if its job should have started long before.
    overdue: OverdueJob | None = None
    #: Why it has to wait for its instance's backup.
    held: str | None = None
    #: Whether that backup will not come any more.
    stuck: bool = False
    #: Whether what there was to be found out about it was.
    settled: bool = False

    @property
    def label(self) -> str:
        """What messages call it."""
        return self.desired.label

    def keep(self, job: Job | None, failure: Failure | None, *, changed: bool) -> None:
        """What was to be found out about it was."""
        self.job, self.failure, self.changed = job, failure, changed
        self.settled, self.held = True, None

    @property
    def deadline(self) -> datetime:
        """Until when it can be scheduled."""
        return self.desired.update.window_closes or _NEVER

    @property
    def state(self) -> State:
        if self.job and self.job.status in FAILURES:
            return State.ERROR
        # Before the status: with force, the job that is known may be the one that was to be replaced.
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
    """One instance of a run, and what has become of its updates."""

    spec: InstanceSpec
    updates: list[UpdateState] = field(default_factory=list)
    #: The backup that this run relies on, or orders; None where there is none to speak of.
    backup: Backup | None = None

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def deadline(self) -> datetime:
        """Until when the most urgent of the updates that are not settled can be scheduled."""
        return min((each.deadline for each in self.unsettled()), default=_NEVER)

    def unsettled(self) -> list[UpdateState]:
        """The updates that there is something to be found out about, the most urgent first."""
        return _most_urgent_first(each for each in self.updates if not each.settled)

    def held(self) -> list[UpdateState]:
        """The updates that wait for the backup, the most urgent first."""
        return _most_urgent_first(each for each in self.updates if each.held and not each.job and not each.failure)


def _most_urgent_first(updates: Iterable[UpdateState]) -> list[UpdateState]:
    return sorted(updates, key=lambda each: each.deadline)
