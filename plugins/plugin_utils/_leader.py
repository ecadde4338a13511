# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's task that does the work for all hosts of an invocation of a role, or refuses to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar

from ansible.errors import AnsibleActionFail

from ..module_utils._model.federation import Problem
from ..module_utils._report.outcome import Outcome
from ..module_utils._tasks.task import Result
from ._action_base import TaskAction, take_environment
from ._interrupt import interruptible
from ._invocation import Invocation, is_slice
from ._record import Record, member_of
from ._rehearsal import StandInError, problems_of, rehearsal
from ._reporter import DisplayReporter
from ._seal import unseal

_STRATEGIES = ("linear", "ansible.builtin.linear", "debug", "ansible.builtin.debug")
_REHEARSAL_INTERRUPTED = ("Interrupted. The rehearsal and its jobs have ended.",)


class Leader:
    """Takes up what was read of each host, has the work done, and says what it means for each."""

    #: The statistic that is false where the work has failed.
    success: ClassVar[str]

    def __init__(self, action: TaskAction, invocation: Invocation, task_vars: dict[str, Any]) -> None:
        self._action = action
        self._invocation = invocation
        self._vars = task_vars
        self._reporter = DisplayReporter()
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
        raise NotImplementedError

    def arguments(self, federation: dict[str, Any]) -> dict[str, Any]:
        """The options of the module that does the work."""
        raise NotImplementedError

    def work(self, arguments: dict[str, Any], *, here: bool) -> Result:
        """Have the work done."""
        return self._action.perform(arguments, self._vars, self._reporter, here=here)

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        """Have the work done at a stand-in.

        :param place: see L(rehearsal).
        """
        raise NotImplementedError

    def outcomes(self, result: Result, hosts: list[str]) -> Mapping[str, Outcome]:
        """What the result means for each host."""
        raise NotImplementedError

    def is_changed(self, result: Result) -> bool:
        """Whether the host that works has changed something for all of them. Where each has its own part in it, the
        last tasks of each host say so.
        """
        return False

    # -- what all roles do

    def lead(self) -> Result:
        """The result of the task. What failed is in the outcomes, and the last task of each host says it.

        :raises AnsibleActionFail: the work ended without a result.
        """
        federation, problems = self._federation()
        problems = [*self._problems(federation), *problems, *self.problems(federation)]
        result = self.refused(problems) if problems else self.made(federation)
        outcomes = self.outcomes(result, list(self._records))
        stats = {**result.get("stats", {}), **({self.success: False} if result.get("failed") else {})}
        return self._invocation.mark(
            {
                "changed": self.is_changed(result),
                "outcomes": {host: self._told(host, each) for host, each in outcomes.items()},
                **_statistics(stats),
                "warnings": result.get("warnings", []),
            }
        )

    def made(self, federation: dict[str, Any]) -> Result:
        """Have the work done, here, where the connection leads, or at a stand-in."""
        script, arguments = self._first.rehearsal, {**self._action._task.args, **self.arguments(federation)}
        if script is None:
            here = self._action.is_local()
            return interruptible(lambda: self.work(arguments, here=here), self._action.interrupted)
        try:
            return interruptible(lambda: self._rehearsed(script, arguments), _REHEARSAL_INTERRUPTED)
        except StandInError as exc:
            raise AnsibleActionFail(str(exc)) from exc

    def _rehearsed(self, script: Mapping[str, Any], arguments: dict[str, Any]) -> Result:
        with rehearsal(script, arguments["federation"], self._settings["link_update_report_dir"]) as place:
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

    def _problems(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        yield from self._problems_of_the_play(federation)
        yield from self._missing(federation)
        for record in self._records.values():
            yield from record.problems
        yield from self._differences(federation)
        if self._first.rehearsal and federation:
            yield from problems_of(self._first.rehearsal, list(federation))

    def _problems_of_the_play(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        group = self._settings["link_update_group"]
        if self._invocation.runs_once():
            yield Problem("", "run_once is set for the role", "remove it: one host does the work for all anyway")
        if self._invocation.play.strategy not in _STRATEGIES:
            yield Problem("", f"the strategy is {self._invocation.play.strategy}", "set strategy: linear for this play")
        if not self._invocation.is_one_batch():
            yield Problem(
                "", "serial splits the hosts of the play", "remove it: one run does the work for all instances"
            )
        if not federation:
            remedy = "check the inventory (-i) and link_update_group, or set link_update_federation"
            yield Problem("", f"the group {group} has no hosts", remedy)
        elif is_slice(self._vars) and not set(federation) - set(self._invocation.members_of(group)):
            yield Problem(
                "",
                "AWX runs this job as a slice: the workflow job has the name of the template, "
                f"{self._vars.get('awx_workflow_job_name')}. The instances of the other slices would be missing",
                "set job slicing of the template to 1, or link_update_federation to the whole federation. If it is a "
                "workflow of your own, give it another name",
            )

    def _missing(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        """The instances that the play is for, and that are not there any more."""
        present, read = set(self._invocation.present), self._invocation.role.read
        for host in self._invocation.meant:
            if host in self._records:
                continue
            if host in federation and host not in present:
                remedy = "correct what made it fail, or leave it out with --limit, then run again"
                yield Problem(host, "failed or left the play before this role", remedy)
            elif host in present and (self._invocation.variables_of(host).get(read) or {}).get("failed"):
                yield Problem(host, "could not be read", "correct the error above, then run again")

    def _differences(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        """What concerns the whole run, and is not the same for all instances. A host that is none has none of it."""
        remedy = "set it for the whole group, as one run processes all instances, or run the hosts apart with --limit"
        records = [record for host, record in self._records.items() if host in federation] or [self._first]
        for name in self._settings:
            if len({repr(record.settings[name]) for record in records}) > 1:
                yield Problem("", f"{name} is not the same for all hosts", remedy)
        if any(record.problems for record in records):
            # These say already what is wrong with the place.
            return
        for name, what in (
            ("rehearsal", "a variable of the rehearsal (rehearsal_...)"),
            ("check_mode", "check_mode"),
            ("place", "the machine or the user that does the work (ansible_connection, ansible_host, become)"),
        ):
            if len({repr(getattr(record, name)) for record in records}) > 1:
                yield Problem("", f"{what} is not the same for all hosts", remedy)


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
