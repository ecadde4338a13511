# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side: the work of a task inside the controller, where its progress can be seen while it goes on."""

from __future__ import annotations

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from ansible import constants
from ansible.plugins.action import ActionBase
from ansible.utils.color import ANSIBLE_COLOR
from ansible.utils.display import Display

from ..module_utils._ansible.argspec import ArgumentSpec
from ..module_utils._clock import Clock, SystemClock
from ..module_utils._progress import Level, Reporter
from ..module_utils._tasks.options import Options, Result
from ._interrupt import SIGNALS, interruptible, show
from ._invocation import Invocation
from ._remote_worker import RemoteWorker

#: Options of the modules that default to a variable of the controller's environment, wherever the module then runs.
_ENVIRONMENT = {
    "email": "ATLASSIAN_EMAIL",
    "api_token": "ATLASSIAN_API_TOKEN",
    "ledger": "JIRA_FEDERATION_LEDGER",
}


#: Colours as Ansible uses them, and where it would; a user may have set others.
_COLOURS = {
    Level.INFO: None,
    Level.CHANGED: constants.COLOR_CHANGED,
    Level.SUCCESS: constants.COLOR_OK,
    Level.FAILURE: constants.COLOR_ERROR,
    Level.WARNING: constants.COLOR_WARN,
    Level.STATUS: constants.COLOR_VERBOSE,
}


def _unbuffer_output() -> None:
    """Have the lines of this process leave it at once, also when they go to a pipe or a file.

    Display leaves that to Python, which then keeps them until 8 KiB have come together: hours, in a wait of hours.
    Ansible loads action plugins in its main process, the one that writes, before it forks a worker for their task;
    so this is called when this file is loaded.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(line_buffering=True)


_unbuffer_output()

#: Whether the main process has a real terminal, not the one that ansible-runner, and so AWX, pretend to be. A worker's
#: own output leads elsewhere.
_AT_A_TERMINAL = sys.stdout.isatty() and not os.environ.get("AWX_ISOLATED_DATA_DIR")
#: What is shown when the user has pressed Ctrl-C.
INTERRUPTED = (
    "Interrupted. Jobs that were scheduled go on at Atlassian.",
    "Run the same command again: it takes them up, and schedules nothing twice.",
)
#: To the beginning of the line, and nothing left on it.
_CLEAR = "\r\x1b[2K"


class _WorkersClock(SystemClock):
    """The clock of a worker, who leaves when there is nobody left to work for.

    Ansible's workers live in sessions of their own: when the controller is killed they go on to the end of their task,
    which for a wait is hours. No claim is held while sleeping, so leaving then loses nothing.
    """

    def __init__(self) -> None:
        self._controller = os.getppid()

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if os.getppid() != self._controller:
            raise SystemExit("the controller is gone")


@contextmanager
def leaving_with_the_controller() -> Iterator[None]:
    """End this process when the controller is gone, also while it waits for an answer. No claim may be held."""
    controller, over = os.getppid(), threading.Event()

    def watch() -> None:
        while not over.wait(1):
            if os.getppid() != controller:
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()


class DisplayReporter:
    """Shows progress at once: Display brings a worker's line to the main process, so to terminal, AWX and log."""

    def __init__(self) -> None:
        self._display = Display()
        self._glanced = False
        self.glances = _AT_A_TERMINAL and ANSIBLE_COLOR
        self.warnings: list[str] = []

    def line(self, text: str, tone: Level = Level.INFO) -> None:
        self.glance("")
        self._show(text, color=_COLOURS[tone])

    def repeat(self, entry: Mapping[str, str]) -> None:
        """Show what was said on another host."""
        self.line(entry["text"], Level(entry["tone"]))

    def glance(self, text: str) -> None:
        if text and self.glances:
            self._show(_CLEAR + text[: self._display.columns - 1], newline=False, screen_only=True)
            self._glanced = True
        elif self._glanced:
            self._show(_CLEAR, newline=False, screen_only=True)
            self._glanced = False

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def _show(self, text: str, **how: Any) -> None:
        if show(text):
            return
        # The queue to the main process is guarded by a lock that a worker which ends in mid-line would never give back:
        # after a Ctrl-C just then, the main process would wait for it for ever. So the end waits for the line.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        try:
            self._display.display(text, **how)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


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


class LiveAction(ActionBase):  # type: ignore[misc]
    """Does the work of the module of the same name, in the controller's own process where that is possible.

    It is not where the task runs on another host, as another user, or in the background: then the module does it.
    """

    _supports_async = True

    argument_spec: ClassVar[ArgumentSpec]
    #: Whether the work can take so long that it has to be heard while it goes on.
    lasting: ClassVar[bool] = False

    def work(self, options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
        """The task itself."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        take_environment(self)
        result.update(
            interruptible(
                lambda: self.perform(self._task.args, task_vars, DisplayReporter(), here=self.is_local()),
                INTERRUPTED if self.lasting else (),
            )
        )
        return result

    def is_local(self) -> bool:
        """Whether the task is for this machine and this user."""
        return self._connection.transport == "local" and self._connection.become is None

    def perform(
        self, arguments: Mapping[str, Any], task_vars: dict[str, Any] | None, reporter: DisplayReporter, *, here: bool
    ) -> Result:
        """Do the work.

        :param here: do it in this process; otherwise the module does it where the connection leads.
        """
        if self._task.async_val:
            result: Result = self._execute_module(
                module_args=self._complete(arguments), task_vars=task_vars, wrap_async=True
            )
        elif here:
            result = self._here(arguments, reporter)
        else:
            result = self._elsewhere(self._complete(arguments), task_vars, reporter)
        reporter.warnings += result.pop("warnings", [])
        if reporter.warnings:
            result["warnings"] = reporter.warnings
        if not self._task.diff:
            result.pop("diff", None)
        return result

    def _here(self, arguments: Mapping[str, Any], reporter: DisplayReporter) -> Result:
        """The work, done in this process."""
        before, self._task.args = self._task.args, dict(arguments)
        try:
            options = self.validate_argument_spec(argument_spec=self.argument_spec)[1]
        finally:
            # The task's arguments go to all callbacks. Those of the role's run have the credentials of each host.
            self._task.args = before
        return self.work(options, self._task.check_mode, reporter, _WorkersClock())

    def _elsewhere(
        self, arguments: dict[str, Any], task_vars: dict[str, Any] | None, reporter: DisplayReporter
    ) -> Result:
        """The work, done by the module on another host or as another user, and what it says, shown here."""
        heard = 0
        if self.lasting and not self._task.check_mode:
            work = RemoteWorker(
                self,
                hear=reporter.repeat,
                say=lambda text: reporter.line(text, Level.WARNING),
                clock=_WorkersClock(),
            )
            result = work.do(arguments, task_vars)
            heard = work.heard
        else:
            result = self._execute_module(module_args=arguments, task_vars=task_vars)
        for entry in result.pop("progress", [])[heard:]:
            reporter.repeat(entry)
        return result

    def _complete(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The module's arguments, with what they default to in the controller's environment."""
        complete = _with_environment(arguments, self.argument_spec)
        if orders := self.argument_spec.get("orders"):
            complete["orders"] = [_with_environment(each, orders["options"]) for each in complete.get("orders") or []]
        return complete


def _with_environment(arguments: Mapping[str, Any], argument_spec: ArgumentSpec) -> dict[str, Any]:
    """The arguments, with what the controller's environment has of those that are not set."""
    return dict(arguments) | {
        option: os.environ[variable]
        for option, variable in _ENVIRONMENT.items()
        if option in argument_spec and not arguments.get(option) and os.environ.get(variable)
    }
