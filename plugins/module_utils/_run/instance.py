# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The updates of one instance: finds their jobs, or schedules them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from .._errors import Failure, LinkUpdateError
from .._model.desired import InstanceSpec
from .._progress import Level
from .._service.links_api import LinksApi
from .._status import ENDED
from .._text import counted
from .._threads import WorkEnded
from .backup_gate import BackupGate
from .job import job_line
from .reconcile import Outcome, Reconciler
from .state import InstanceState, State, UpdateState
from .toolbox import Toolbox


class InstanceRun:
    """One instance of a run. A failure of one of its updates does not stop the others.

    :param look_up: gives the cloud ID of the instance's site.
    """

    def __init__(self, spec: InstanceSpec, api: LinksApi, tools: Toolbox, look_up: Callable[[], str]) -> None:
        self.api = api
        self._tools = tools
        self.state = self._open(spec, look_up)
        self.gate = BackupGate(self.state, api, tools, lambda update: self._ensure(update, backup=True))
        #: The update that is being worked on, and what works on it.
        self._current: tuple[UpdateState, Reconciler] | None = None
        self._is_stopped = False

    def attach(self) -> None:
        """Find the jobs that exist. Nothing is scheduled."""
        unsettled = self.state.unsettled()
        if unsettled:
            self._tools.ledger.read_ahead([each.desired.update for each in unsettled])
        for update in unsettled:
            self._work_on(update, Reconciler.attach)
        count = sum(each.state is State.OPEN for each in unsettled)
        if count and not self._tools.check:
            self._tools.say(self.state.name, f"waiting for {counted(count, 'job')} scheduled before")

    def schedule(self) -> None:
        """Schedule what has no job, as far as the backup allows. The updates on hold stay on hold."""
        asked = missing = [each for each in self.state.unsettled() if not each.held]
        if not missing:
            return
        with self._confined(missing):
            self._tools.contact.check()
            missing = list(self._possible(missing))
            if missing and self.state.spec.manner.backup == "first":
                missing = self.gate.admit(missing)
            for update in missing:
                self._ensure(update)
        if not self._tools.check:
            self._say_scheduled(asked)

    def stop(self) -> None:
        """The run is stopped. A thread may still be sending a request; its answer changes nothing here."""
        self._is_stopped = True
        if self._current:
            update, reconciler = self._current
            if outcome := reconciler.stopped():
                update.keep(outcome.job, outcome.failure, changed=True)

    def leave(self) -> None:
        """This run schedules nothing. Give the updates whose last job has ended that job."""
        for update in self.state.unsettled():
            if update.replaced and update.replaced.status in ENDED:
                update.job, update.settled = update.replaced, True

    def go_on_after_backup(self) -> None:
        """The status of the backup's job has changed: schedule the updates on hold, if the backup is done."""
        with self._confined(self.state.held()):
            for update in self.gate.reopen():
                self._ensure(update)

    def _open(self, spec: InstanceSpec, look_up: Callable[[], str]) -> InstanceState:
        """The instance, with the cloud ID of its site. If that cannot be found out, its updates have the failure."""
        try:
            spec = spec if spec.site_id else spec.at(look_up())
        except LinkUpdateError as exc:
            failure = replace(exc.failure, about=spec.name, what=f"not scheduled: {exc.failure.what}")
            self._say_failure(spec.name, failure)
            return InstanceState(
                spec, [UpdateState(spec.name, each, failure=failure, settled=True) for each in spec.desired]
            )
        return InstanceState(spec, [UpdateState(spec.name, each) for each in spec.desired])

    def _possible(self, missing: list[UpdateState]) -> Iterator[UpdateState]:
        """The updates that can be scheduled. One whose deadline has passed needs no backup."""
        for update in missing:
            if update.desired.update.is_too_late(self._tools.clock.now()):
                # Gives it the failure.
                self._ensure(update)
            else:
                yield update

    def _ensure(self, update: UpdateState, *, backup: bool = False) -> None:
        with self._tools.contact.one_by_one():
            self._work_on(update, Reconciler.ensure, backup=backup)

    def _work_on(self, update: UpdateState, find_out: Callable[[Reconciler], Outcome], *, backup: bool = False) -> None:
        """Find out about an update, or schedule it, and keep the outcome."""
        # Between two requests, a run that nobody waits for any more may end.
        self._tools.clock.checkpoint()
        desired = update.desired.update
        desired = replace(desired, create_backup=True) if backup else desired
        reconciler = Reconciler(self._tools, self.api, self.state.spec.policy, desired, update.label)
        self._current = update, reconciler
        outcome = find_out(reconciler)
        if self._is_stopped:
            raise WorkEnded("the run was stopped")
        self._current = None
        if outcome.due:
            update.changed, update.replaced = outcome.changed, outcome.job
            return
        update.keep(outcome.job, outcome.failure, changed=outcome.changed)
        update.last_known = self._tools.clock.now()
        if update.failure:
            self._say_failure(update.label, update.failure)
        elif update.job and not self._tools.check:
            line = job_line(update.job, update.label, changed=update.changed, width=self._tools.width)
            self._tools.reporter.line(line, Level.DETAIL)
        if outcome.interrupt:
            raise outcome.interrupt

    @contextmanager
    def _confined(self, updates: list[UpdateState]) -> Iterator[None]:
        """A failure that is not about one update is a failure of these."""
        try:
            yield
        except LinkUpdateError as exc:
            rest = [each for each in updates if not each.settled]
            what = f"{counted(len(rest), 'job')} not scheduled: {exc.failure.what}"
            failure = replace(exc.failure, about=self.state.name, what=what)
            for each in rest:
                each.failure, each.settled, each.held = failure, True, None
            if rest:
                self._say_failure(self.state.name, failure)

    def _say_scheduled(self, asked: list[UpdateState]) -> None:
        """Say in one line what was scheduled and what is on hold: a line for each job would be too many."""
        scheduled, held = sum(each.changed for each in asked), len(self.state.held())
        said = [f"{counted(scheduled, 'job')} scheduled"] if scheduled else []
        if held:
            said.append(f"{held} more after the backup")
        if said:
            self._tools.say(self.state.name, ", ".join(said), Level.CHANGED if scheduled else Level.INFO)

    def _say_failure(self, name: str, failure: Failure) -> None:
        """Show a failure at once: the verdict may come hours later."""
        if not self._tools.check:
            self._tools.say(name, replace(failure, about="").message, Level.FAILURE)
