# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's task that does the work for all hosts of an invocation of a role, or refuses to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._model.federation import Problem
from ..module_utils._progress import InDetail
from ..module_utils._report.outcome import Outcome
from ..module_utils._tasks.preflight import refused
from ..module_utils._tasks.task import Result
from ._action_base import Module, TaskAction, borrowed, take_environment
from ._interrupt import interruptible
from ._invocation import Invocation
from ._play_problems import PlayProblems
from ._record import Record, member_of
from ._rehearsal import StandInError, rehearsal
from ._reporter import DisplayReporter
from ._seal import unseal
from ._worker import WorkersClock

_REHEARSAL_INTERRUPTED = ("Interrupted. The rehearsal and its jobs have ended.",)


class Leader:
    """Takes up what was read of each host, has the work done, and says what it means for each."""

    #: The statistic that is false where the work has failed, if there is one.
    success: ClassVar[str | None] = None
    #: What it has not done where it refuses.
    done: ClassVar[str] = "scheduled"

    def __init__(self, action: TaskAction, invocation: Invocation, task_vars: dict[str, Any]) -> None:
        self._action = action
        self._invocation = invocation
        self._vars = task_vars
        self.reporter = DisplayReporter()
        read = invocation.read()
        self._nonces = {host: record["nonce"] for host, record in read.items()}
        self._records = {host: Record.from_dict(unseal(record["sealed"])) for host, record in read.items()}
        self._first = next(iter(self._records.values()))
        self._settings = self._first.settings

    # -- what a role does in its own way

    def problems(self, federation: Mapping[str, Any]) -> Iterable[Problem]:
        """What else keeps the work from being done."""
        return ()

    def refused(self, problems: list[Problem]) -> Result:
        """The result of work that was not begun."""
        return refused(problems, self.reporter, self.done)

    def arguments(self, federation: dict[str, Any]) -> dict[str, Any]:
        """The options of the module that does the work."""
        role = self._invocation.role
        return {
            **{option: self._settings[variable] for option, variable in role.options.items()},
            "federation": federation,
            role.asked: [record.order for record in self._records.values()],
            "settings": self._shown(),
        }

    def work(self, arguments: dict[str, Any]) -> Result:
        """Have the work done."""
        return self.perform(self._action.module, arguments)

    def script(self, script: Mapping[str, Any]) -> Mapping[str, Any]:
        """How the stand-in of a rehearsal behaves.

        :param script: the variables of the rehearsal.
        """
        return script

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        """Have the work done at a stand-in.

        :param place: see L(rehearsal).
        """
        return self.work(borrowed(self._action.module, arguments | place))

    def outcomes(self, result: Result) -> Mapping[str, Outcome]:
        """What the result means for each host."""
        raise NotImplementedError

    def is_changed(self, result: Result) -> bool:
        """Whether the host that works has changed something for all of them."""
        return bool(result.get("changed"))

    # -- what all roles do

    def lead(self) -> Result:
        """The result of the task. What failed is in the outcomes, and the last task of each host says it.

        :raises AnsibleActionFail: the work ended without a result.
        """
        federation, problems = self._federation()
        of_the_play = PlayProblems(self._invocation, self._records, self._vars).found(federation)
        problems = [*of_the_play, *problems, *self.problems(federation)]
        result = self.refused(problems) if problems else self.made(federation)
        failed = {self.success: False} if self.success and result.get("failed") else {}
        stats = {**result.get("stats", {}), **failed}
        return self._invocation.mark(
            {
                "changed": self.is_changed(result),
                "outcomes": {host: self._told(host, each) for host, each in self.outcomes(result).items()},
                **_statistics(stats),
                **({"diff": result["diff"]} if self.is_changed(result) and "diff" in result else {}),
                "warnings": result.get("warnings", []),
            }
        )

    def made(self, federation: dict[str, Any]) -> Result:
        """Have the work done, here, where the connection leads, or at a stand-in."""
        script, arguments = self._first.rehearsal, {**self._action._task.args, **self.arguments(federation)}
        if script is None:
            return interruptible(lambda: self.work(arguments), self._action.interrupted)
        try:
            return interruptible(lambda: self._rehearsed(script, arguments), _REHEARSAL_INTERRUPTED)
        except StandInError as exc:
            raise AnsibleActionFail(str(exc)) from exc

    def perform(self, module: Module, arguments: dict[str, Any]) -> Result:
        """Have a module do its work. That of a rehearsal is done in this process, wherever the connection leads."""
        here = self._first.rehearsal is not None or self._action.is_local()
        return self._action.perform(module, arguments, self._vars, self.reporter, here=here)

    def in_detail(self, module: Module, arguments: dict[str, Any], *, failures: bool = True) -> Result:
        """Have a module prepare a rehearsal, shown with -v only. In check mode, too: what it writes is soon gone.

        :param failures: whether its failures are shown without -v, too.
        """
        options = ArgumentSpecValidator(module.argument_spec).validate(arguments).validated_parameters
        return module.work(options, False, InDetail(self.reporter, failures=failures), WorkersClock())

    @property
    def is_read(self) -> bool:
        """Whether all variables make sense. What is wrong with them is a problem by now."""
        return not any(record.problems for record in self._records.values())

    @property
    def hosts(self) -> list[str]:
        """Those that take part."""
        return list(self._records)

    def _rehearsed(self, script: Mapping[str, Any], arguments: dict[str, Any]) -> Result:
        report_dir = self._settings["link_update_report_dir"]
        with rehearsal(self.script(script), arguments["federation"], report_dir) as place:
            return self.rehearse(arguments, place)

    def _told(self, host: str, outcome: Outcome) -> dict[str, Any]:
        """An outcome, as the last tasks of its host find it: with its jobs only where Ansible is asked to show them."""
        return {**vars(outcome), "nonce": self._nonces[host], "diff": outcome.diff if self._action._task.diff else []}

    def _shown(self) -> dict[str, Any]:
        """The variables of the run, less those that are secrets as a whole, and the federation."""
        return {
            name: self._settings[name]
            for name, option in self._invocation.role.variables.items()
            if not option.get("no_log") and name != "link_update_federation"
        }

    def _federation(self) -> tuple[dict[str, Any], list[Problem]]:
        """All instances by name, and what is wrong with the variables of those that take no part."""
        if given := self._settings["link_update_federation"]:
            # One that is not even a mapping lacks everything, and the checks say so.
            return {name: each if isinstance(each, Mapping) else {} for name, each in given.items()}, []
        problems: list[Problem] = []
        federation: dict[str, Any] = {}
        for host in self._invocation.members_of(self._settings["link_update_group"]):
            if host in self._records:
                federation[host] = self._records[host].member
            else:
                federation[host], wrong = member_of(host, self._invocation.variables_of(host))
                problems += wrong
        return federation, problems


class LeadingAction(TaskAction):
    """The second task of a role, which is told by the first one what to do. With options it is a task like others."""

    leader: ClassVar[type[Leader]]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        if "federation" in self._task.args:
            result: Result = super().run(tmp, task_vars)
            return {**result, **(_statistics(result["stats"]) if "stats" in result else {})}
        task_vars = task_vars or {}
        take_environment(self)
        invocation = Invocation(self, task_vars)
        if not invocation.stages or invocation.leader() != invocation.host:
            return {"changed": False}
        return self.leader(self, invocation, task_vars).lead()


def _statistics(stats: Mapping[str, Any]) -> dict[str, Any]:
    """What gives numbers to Ansible as C(set_stats) does."""
    return {"ansible_stats": {"data": dict(stats), "per_host": False, "aggregate": False}}
