# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One host's task that does the work for all hosts of an invocation, or refuses to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ansible.errors import AnsibleActionFail, AnsibleError, AnsiblePromptNoninteractive
from ansible.utils.display import Display

from ..module_utils._ansible.argspec import LINK_UPDATE_RUN, RUN_VARIABLES
from ..module_utils._model.desired import parse_specs
from ..module_utils._model.federation import Problem, parse_federation
from ..module_utils._report.outcome import Outcome, outcomes_of
from ..module_utils._report.results import RunResult
from ..module_utils._tasks.preflight import refused
from ..module_utils._tasks.task import Result
from . import _notice
from ._action_base import INTERRUPTED, TaskAction
from ._interrupt import interruptible
from ._invocation import READ, Invocation, is_slice, is_unattended, run_by
from ._record import Record, member_of
from ._rehearsal import StandInError, problems_of, rehearsal
from ._reporter import DisplayReporter
from ._seal import unseal
from ._worker import leaving_with_the_controller

_STRATEGIES = ("linear", "ansible.builtin.linear", "debug", "ansible.builtin.debug")
#: The variables that the report does not show: it has the federation already, and the other one is a secret.
_NOT_SHOWN = ("federation", "notify_url")
_REHEARSAL_INTERRUPTED = ("Interrupted. The rehearsal and its jobs have ended.",)
_QUESTION = (
    "{count} jobs that recreate links will be scheduled. Are all application links above authorized? "
    "Type yes to continue, anything else to stop: "
)


class Leader:
    """Takes up what was read of each host, makes the run, and says what it means for each."""

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

    def lead(self) -> Result:
        """The result of the task. What failed is in the outcomes, and the last task of each host says it.

        :raises AnsibleActionFail: the work ended without a result.
        """
        federation, problems = self._federation()
        problems = [*self._problems(federation), *problems, *self._problems_of_orders(federation)]
        result = self._notified(refused(problems, self._reporter)) if problems else self._made(federation)
        outcomes = outcomes_of(cast(RunResult, result), list(self._records))
        stats = {**result.get("stats", {}), **({"link_update_ok": False} if result.get("failed") else {})}
        return self._invocation.mark(
            {
                "changed": False,
                "outcomes": {host: self._told(host, each) for host, each in outcomes.items()},
                "ansible_stats": {"data": stats, "per_host": False, "aggregate": False},
                "warnings": result.get("warnings", []),
            }
        )

    def _told(self, host: str, outcome: Outcome) -> dict[str, Any]:
        """An outcome, as the last tasks of its host find it: with its jobs only where Ansible is asked to show them."""
        return {**vars(outcome), "nonce": self._nonces[host], "diff": outcome.diff if self._action._task.diff else []}

    # -- what keeps the run from being made

    def _federation(self) -> tuple[dict[str, Any], list[Problem]]:
        """All instances by name, and what is wrong with the variables of those that take no part."""
        if given := self._settings["federation"]:
            # One that is not even a mapping lacks everything, and the checks say so.
            return {name: each if isinstance(each, Mapping) else {} for name, each in given.items()}, []
        problems: list[Problem] = []
        federation: dict[str, Any] = {}
        for host in self._invocation.members_of(self._settings["group"]):
            if host in self._records:
                federation[host] = self._records[host].member
            else:
                federation[host], wrong = member_of(host, self._invocation.variables_of(host))
                problems += wrong
        return federation, problems

    def _problems(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        yield from self._problems_of_the_play(federation)
        yield from self._missing(federation)
        yield from _notice.problems_of(self._settings["notify_url"])
        for record in self._records.values():
            yield from record.problems
        yield from self._differences(federation)
        if not any(record.problems for record in self._records.values()) and not self._stages():
            remedy = "choose another stage, or set link_update_preflight and link_update_wait to true"
            yield Problem("", "the variables switch off every stage that the tags select", remedy)
        if self._first.rehearsal and federation:
            yield from problems_of(self._first.rehearsal, list(federation))

    def _problems_of_orders(self, federation: Mapping[str, Any]) -> list[Problem]:
        """What is wrong with what is asked for each instance. No site has to be asked to find that out."""
        if not federation:
            return []
        return parse_specs(parse_federation(federation), [record.order for record in self._records.values()])[1]

    def _problems_of_the_play(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        group = self._settings["group"]
        if self._invocation.runs_once():
            yield Problem("", "run_once is set for the role", "remove it: one host does the work for all anyway")
        if self._invocation.play.strategy not in _STRATEGIES:
            yield Problem("", f"the strategy is {self._invocation.play.strategy}", "set strategy: linear for this play")
        if not self._invocation.is_one_batch():
            yield Problem(
                "", "serial splits the hosts of the play", "remove it: one run does the work for all instances"
            )
        timeout = self._action._task.timeout
        if timeout and "wait" in self._stages() and timeout <= self._settings["wait_timeout"]:
            remedy = "remove timeout, or set link_update_wait_timeout to less"
            yield Problem("", f"timeout is {timeout} seconds, and would stop the run before its result", remedy)
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
        present = set(self._invocation.present)
        for host in self._invocation.meant:
            if host in self._records:
                continue
            if host in federation and host not in present:
                remedy = "correct what made it fail, or leave it out with --limit, then run again"
                yield Problem(host, "failed or left the play before this role", remedy)
            elif host in present and (self._invocation.variables_of(host).get(READ) or {}).get("failed"):
                yield Problem(host, "could not be read", "correct the error above, then run again")

    def _differences(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        """What concerns the whole run, and is not the same for all instances. A host that is none has none of it."""
        remedy = "set it for the whole group, as one run processes all instances, or run the hosts apart with --limit"
        records = [record for host, record in self._records.items() if host in federation] or [self._first]
        for name in RUN_VARIABLES:
            if len({repr(record.settings[name]) for record in records}) > 1:
                yield Problem("", f"link_update_{name} is not the same for all hosts", remedy)
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

    # -- the run

    def _made(self, federation: dict[str, Any]) -> Result:
        """Have the run made. Where its work breaks, nobody else can notify of that."""
        try:
            result = self._run(federation)
        except AnsibleError:
            self._notified(_notice.BROKEN)
            raise
        if result.get("failed") and "failure" not in result:
            self._notified(_notice.BROKEN)
        return result

    def _notified(self, result: Result) -> Result:
        _notice.notify(result, list(self._records.values()), self._stages(), self._action._task.args, self._reporter)
        return result

    def _stages(self) -> list[str]:
        """The stages of C(link_update_run), from those that the tags name."""
        stages = self._invocation.stages
        chosen = {
            "preflight": "preflight" in stages and any(each.order["preflight"] for each in self._records.values()),
            "plan": "submit" in stages,
            "submit": "submit" in stages,
            "wait": "wait" in stages and self._settings["wait"],
            "report": "report" in stages,
        }
        return [stage for stage, is_chosen in chosen.items() if is_chosen]

    def _run(self, federation: dict[str, Any]) -> Result:
        settings = self._settings
        arguments = {
            # What module_defaults have of it.
            **self._action._task.args,
            # The variables that the module has an option for.
            **{name: settings[name] for name in RUN_VARIABLES if name in LINK_UPDATE_RUN},
            "federation": federation,
            "orders": [record.order for record in self._records.values()],
            "stages": self._stages(),
            "run_by": run_by(self._vars),
            "settings": {f"link_update_{name}": settings[name] for name in RUN_VARIABLES if name not in _NOT_SHOWN},
        }
        script = self._first.rehearsal
        if script is None:
            return interruptible(lambda: self._confirmed(arguments, here=self._action.is_local()), INTERRUPTED)
        try:
            return interruptible(lambda: self._rehearsed(script, arguments), _REHEARSAL_INTERRUPTED)
        except StandInError as exc:
            raise AnsibleActionFail(str(exc)) from exc

    def _rehearsed(self, script: Mapping[str, Any], arguments: dict[str, Any]) -> Result:
        with rehearsal(script, arguments["federation"], self._settings["report_dir"]) as more:
            return self._confirmed(arguments | more, here=True)

    def _confirmed(self, arguments: dict[str, Any], *, here: bool) -> Result:
        """Have the run made. If a person has to confirm the application links first, ask, and have the rest made."""
        result = self._action.perform(arguments, self._vars, self._reporter, here=here)
        unconfirmed = (result.get("failure") or {}).get("code") == "app_links"
        if not unconfirmed:
            return result
        is_confirmed = self._is_confirmed(len(result["plan"]["recreating"]))
        if is_confirmed is None:
            return self._notified(result)
        if not is_confirmed:
            return result
        rest = {
            **arguments,
            "app_links_authorized": True,
            "site_ids": result.get("site_ids", {}),
            "stages": [stage for stage in arguments["stages"] if stage not in ("preflight", "plan")],
        }
        return self._action.perform(rest, self._vars, self._reporter, here=here)

    def _is_confirmed(self, count: int) -> bool | None:
        """What a person says; None where nobody can be asked."""
        if is_unattended(self._vars, os.environ):
            return None
        try:
            with leaving_with_the_controller():
                answer = Display().prompt_until(_QUESTION.format(count=count))
        except AnsiblePromptNoninteractive:
            return None
        except AnsibleError:
            # Ctrl-C was pressed.
            return False
        return bool(answer.decode(errors="replace").strip().lower() == "yes")
