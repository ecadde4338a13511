# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side: the work of a task inside the controller, where its progress can be seen while it goes on."""

from __future__ import annotations

import gc
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

from ..module_utils._ansible.argspec import ArgumentSpec
from ..module_utils._progress import Level
from ..module_utils._tasks.task import Result, Task
from ._guardian import be_guarded
from ._interrupt import interruptible
from ._invocation import Invocation
from ._remote_worker import RemoteWorker
from ._reporter import DisplayReporter
from ._worker import WorkersClock

#: Options of the modules that default to a variable of the controller's environment, wherever the module then runs.
_ENVIRONMENT = {
    "email": "ATLASSIAN_EMAIL",
    "api_token": "ATLASSIAN_API_TOKEN",
    "ledger": "JIRA_FEDERATION_LEDGER",
    "notify_url": "JIRA_FEDERATION_NOTIFY_URL",
    "token": "JIRA_DC_TOKEN",
    "user": "JIRA_DC_USER",
    "password": "JIRA_DC_PASSWORD",
}


@dataclass(frozen=True)
class Module:
    """A module, and what it does wherever it does it."""

    name: str
    argument_spec: ArgumentSpec
    work: Task

    @property
    def full_name(self) -> str:
        """Its name, as Ansible finds it."""
        return f"jira_cloud.federation.{self.name}"


def borrowed(module: Module, arguments: Mapping[str, Any], **own: Any) -> dict[str, Any]:
    """The arguments of a module: those of another one as far as it has such options, and its own."""
    return {name: arguments[name] for name in module.argument_spec if name in arguments} | own


def take_environment(action: ActionBase) -> None:
    """Work in the environment that the play, a block or the task has set with C(environment), as a module would.

    An action has a process of its own, so nothing of it is left for the next task.
    """
    environment: dict[str, Any] = {}
    action._compute_environment_string(environment)
    os.environ.update({name: str(value) for name, value in environment.items()})


class RoleAction(ActionBase):  # type: ignore[misc]
    """A task of the role that every host runs for itself."""

    def answer(self, invocation: Invocation, task_vars: dict[str, Any]) -> Result:
        """The result of the task."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        take_environment(self)
        invocation = Invocation(self, task_vars or {})
        # Where the tags select no stage, the role does nothing at all.
        return result | (self.answer(invocation, task_vars or {}) if invocation.stages else {"changed": False})


class TaskAction(ActionBase):  # type: ignore[misc]
    """Does the work of the module of the same name, in the controller's own process where that is possible.

    It is not where the task runs on another host, as another user, or in the background: then the module does it.
    """

    _supports_async = True

    module: ClassVar[Module]
    #: Whether the work can take so long that it has to be shown while it goes on.
    lasting: ClassVar[bool] = False
    #: What is shown when the user has pressed Ctrl-C in such work.
    interrupted: ClassVar[tuple[str, ...]] = (
        "Interrupted. Scheduled jobs keep running at Atlassian.",
        "Run the same command again: it waits for them and schedules nothing twice.",
    )

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        take_environment(self)
        result.update(
            interruptible(
                lambda: self.perform(self.module, self._task.args, task_vars, DisplayReporter(), here=self.is_local()),
                self.interrupted if self.lasting else (),
            )
        )
        return result

    def is_local(self) -> bool:
        """Whether the task is for this machine and this user."""
        return self._connection.transport == "local" and self._connection.become is None

    def perform(
        self,
        module: Module,
        arguments: Mapping[str, Any],
        task_vars: dict[str, Any] | None,
        reporter: DisplayReporter,
        *,
        here: bool,
    ) -> Result:
        """Do the work of a module.

        :param here: do it in this process; otherwise the module does it where the connection leads.
        """
        if here and not self._task.async_val:
            result = self._here(module, arguments, reporter)
        else:
            result = self._elsewhere(module, arguments, task_vars, reporter)
        if not self._task.diff:
            result.pop("diff", None)
        return result

    def _here(self, module: Module, arguments: Mapping[str, Any], reporter: DisplayReporter) -> Result:
        """The work, done in this process."""
        before, self._task.args = self._task.args, dict(arguments)
        try:
            options = self.validate_argument_spec(argument_spec=module.argument_spec)[1]
        finally:
            # The task's arguments go to all callbacks. Those of the role's run have the credentials of each host.
            self._task.args = before
        if self.lasting:
            # Before there are threads, whose connections it would keep.
            be_guarded()
            # The collector would touch, and so copy, all the memory that this process shares with the controller.
            gc.freeze()
        return module.work(options, self._task.check_mode, reporter, WorkersClock())

    def _elsewhere(
        self,
        module: Module,
        arguments: Mapping[str, Any],
        task_vars: dict[str, Any] | None,
        reporter: DisplayReporter,
    ) -> Result:
        """The work, done by the module on another host or as another user, and what it says, shown here."""
        execute = partial(
            self._execute_module,
            module_name=module.full_name,
            module_args=completed(arguments, module.argument_spec),
            task_vars=task_vars,
        )
        if self._task.async_val:
            started: Result = execute(wrap_async=True)
            return started
        shown = 0
        if self.lasting and not self._task.check_mode:
            work = RemoteWorker(
                self,
                show=reporter.repeat,
                say=lambda text: reporter.line(text, Level.WARNING),
                clock=WorkersClock(),
            )
            result = work.do(execute, task_vars)
            shown = work.shown
        else:
            result = execute()
        for entry in result.pop("progress", [])[shown:]:
            reporter.repeat(entry)
        return result


def completed(arguments: Mapping[str, Any], argument_spec: ArgumentSpec) -> dict[str, Any]:
    """The arguments of a module, with what they default to in the controller's environment."""
    complete = _with_environment(arguments, argument_spec)
    for name in ("orders", "accounts"):
        if option := argument_spec.get(name):
            complete[name] = [_with_environment(each, option["options"]) for each in complete.get(name) or []]
    return complete


def _with_environment(arguments: Mapping[str, Any], argument_spec: ArgumentSpec) -> dict[str, Any]:
    """The arguments, with what the controller's environment has of those that are not set."""
    return dict(arguments) | {
        option: os.environ[variable]
        for option, variable in _ENVIRONMENT.items()
        if option in argument_spec and not arguments.get(option) and os.environ.get(variable)
    }
