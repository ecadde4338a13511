# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The updates of one instance, attached to and scheduled."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from .._errors import Failure, LinkUpdateError
from .._model.desired import InstanceSpec
from .._progress import Level
from .._service.links_api import LinksApi
from .._status import ENDED
from .._text import counted, names
from .._threads import WorkEnded
from .backup_gate import BackupGate
from .job import job_line
from .reconcile import Outcome, Reconciler
from .state import InstanceState, State, UpdateState
from .toolbox import Toolbox


class InstanceRun:
    """One instance of a run. What fails for one of its updates is a matter of this update alone.

    :param look_up: gives the cloud ID of the instance's site.
    """

    def __init__(self, spec: InstanceSpec, api: LinksApi, tools: Toolbox, look_up: Callable[[], str]) -> None:
        self.api = api
        self._tools = tools
        self.state = self._open(spec, look_up)
        self.gate = BackupGate(self.state, api, tools, lambda update: self._ensure(update, backup=True))
        #: What is being done for which update.
        self._current: tuple[UpdateState, Reconciler] | None = None
        self._is_stopped = False

    def attach(self) -> None:
        """Take up the jobs there are. Nothing is scheduled."""
        unsettled = self.state.unsettled()
        if unsettled:
            self._tools.ledger.read_ahead([each.desired.update for each in unsettled])
        for update in unsettled:
            self._take(update, Reconciler.attach)
        count = sum(each.state is State.OPEN for each in unsettled)
        if count and not self._tools.check:
            self._tools.say(self.state.name, f"waiting for {counted(count, 'job')} scheduled before")

    def schedule(self) -> None:
        """Schedule what has no job, as far as the backup allows. What is held back stays so."""
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
        """The run is stopped, perhaps in mid-request of a thread that nobody waits for. It changes nothing any more."""
        self._is_stopped = True
        if self._current:
            update, reconciler = self._current
            if outcome := reconciler.stopped():
                update.keep(outcome.job, outcome.failure, changed=True)

    def leave(self) -> None:
        """Leave as they are the updates that were not to be scheduled: how their last jobs have ended is known."""
        for update in self.state.unsettled():
            if update.replaced and update.replaced.status in ENDED:
                update.job, update.settled = update.replaced, True

    def go_on_after_backup(self) -> None:
        """Schedule what was held back, if it may be scheduled now that the backup's job has another status."""
        with self._confined(self.state.held()):
            for update in self.gate.reopen():
                self._ensure(update)

    def _open(self, spec: InstanceSpec, look_up: Callable[[], str]) -> InstanceState:
        """The instance, its site known; where that cannot be found out, its updates say why."""
        try:
            spec = spec if spec.site_id else spec.at(look_up())
        except LinkUpdateError as exc:
            failure = replace(exc.failure, about=spec.name, what=f"nothing was scheduled, {exc.failure.what}")
            self._say_failure(spec.name, failure)
            return InstanceState(
                spec, [UpdateState(spec.name, each, failure=failure, settled=True) for each in spec.desired]
            )
        return InstanceState(spec, [UpdateState(spec.name, each) for each in spec.desired])

    def _possible(self, missing: list[UpdateState]) -> Iterator[UpdateState]:
        """What can be scheduled at all. Where it is too late to recreate links, no backup has to be ordered for it."""
        for update in missing:
            if update.desired.update.is_too_late(self._tools.clock.now()):
                # Says why.
                self._ensure(update)
            else:
                yield update

    def _ensure(self, update: UpdateState, *, backup: bool = False) -> None:
        with self._tools.contact.one_by_one():
            self._take(update, Reconciler.ensure, backup=backup)

    def _take(self, update: UpdateState, find_out: Callable[[Reconciler], Outcome], *, backup: bool = False) -> None:
        """Find out about an update, or have it scheduled, and keep what has become of it."""
        # Between two requests the run may end where nobody is left to wait for it.
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
        """What fails before it is about one update is a matter of these alone."""
        try:
            yield
        except LinkUpdateError as exc:
            rest = [each for each in updates if not each.settled]
            what = f"{len(rest)} not scheduled ({names([each.label for each in rest])}), {exc.failure.what}"
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
            said.append(f"{held} more after the backup (usually 20 min to 8 h)")
        if said:
            self._tools.say(self.state.name, ", ".join(said), Level.CHANGED if scheduled else Level.INFO)

    def _say_failure(self, name: str, failure: Failure) -> None:
        """Say at once what failed, and of what: the verdict may come hours later."""
        if not self._tools.check:
            self._tools.say(name, replace(failure, about="").message, Level.FAILURE)
