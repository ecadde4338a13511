# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host that makes a run of C(link_update) for all hosts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, cast

from ansible.errors import AnsibleError, AnsiblePromptNoninteractive
from ansible.utils.display import Display

from ..module_utils._model.desired import parse_specs
from ..module_utils._model.federation import Problem, parse_federation
from ..module_utils._report.outcome import Outcome, outcomes_of
from ..module_utils._report.results import RunResult
from ..module_utils._tasks.task import Result
from . import _notice
from ._census_leader import rehearse_census
from ._invocation import is_unattended, run_by
from ._leader import Leader
from ._worker import leaving_with_the_controller

_QUESTION = (
    "{count} jobs that recreate links will be scheduled. Are all application links above authorized? "
    "Type yes to continue, anything else to stop: "
)


class UpdateLeader(Leader):
    """Has the run made, and asks a person where only a person knows."""

    success = "link_update_ok"

    def problems(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        settings = self._settings
        yield from _notice.problems_of(settings["link_update_notify_url"])
        if self.is_read and not self._stages():
            remedy = "choose another stage, or set link_update_preflight and link_update_wait to true"
            yield Problem("", "the variables switch off every stage that the tags select", remedy)
        timeout = self._action._task.timeout
        if timeout and "wait" in self._stages() and timeout <= settings["link_update_wait_timeout"]:
            remedy = "remove timeout, or set link_update_wait_timeout to less"
            yield Problem("", f"timeout is {timeout} seconds, and would stop the run before its result", remedy)
        if federation:
            # No site has to be asked to find these out.
            yield from parse_specs(parse_federation(federation), [record.order for record in self._records.values()])[1]

    def refused(self, problems: list[Problem]) -> Result:
        return self.notified(super().refused(problems))

    def made(self, federation: dict[str, Any]) -> Result:
        """Have the run made. Where its work breaks, nobody else can notify of that."""
        try:
            result = super().made(federation)
        except AnsibleError:
            self.notified(_notice.BROKEN)
            raise
        if result.get("failed") and "failure" not in result:
            self.notified(_notice.BROKEN)
        return result

    def outcomes(self, result: Result) -> Mapping[str, Outcome]:
        return outcomes_of(cast(RunResult, result), self.hosts)

    def is_changed(self, result: Result) -> bool:
        # Each host has its own part in it, and a task for that.
        return False

    def notified(self, result: Result) -> Result:
        _notice.notify(result, list(self._records.values()), self._stages(), self._action._task.args, self.reporter)
        return result

    def _stages(self) -> list[str]:
        """The stages of C(link_update_run), from those that the tags name."""
        stages = self._invocation.stages
        chosen = {
            "preflight": "preflight" in stages and any(each.order["preflight"] for each in self._records.values()),
            "plan": "submit" in stages,
            "submit": "submit" in stages,
            "wait": "wait" in stages and self._settings["link_update_wait"],
            "report": "report" in stages,
        }
        return [stage for stage, is_chosen in chosen.items() if is_chosen]

    def arguments(self, federation: dict[str, Any]) -> dict[str, Any]:
        return {**super().arguments(federation), "stages": self._stages(), "run_by": run_by(self._vars)}

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        """With a census before it, as the plan has its numbers, and a check needs them."""
        if {"plan", "wait"} & {*arguments["stages"]}:
            rehearse_census(self, place, arguments["federation"])
        return self.work(arguments | place)

    def work(self, arguments: dict[str, Any]) -> Result:
        """Have the run made. If a person has to confirm the application links first, ask, and have the rest made."""
        result = super().work(arguments)
        unconfirmed = (result.get("failure") or {}).get("code") == "app_links"
        if not unconfirmed:
            return result
        is_confirmed = self._is_confirmed(len(result["plan"]["recreating"]))
        if is_confirmed is None:
            return self.notified(result)
        if not is_confirmed:
            return result
        rest = {
            **arguments,
            "app_links_authorized": True,
            "site_ids": result.get("site_ids", {}),
            "stages": [stage for stage in arguments["stages"] if stage not in ("preflight", "plan")],
        }
        return super().work(rest)

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
