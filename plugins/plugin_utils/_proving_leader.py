# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host that makes a run for all hosts, with a census before it and a check after it if the user asks for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..module_utils._ansible.argspec import CHECK
from ..module_utils._model.federation import Problem
from ..module_utils._report.outcome import Outcome
from ..module_utils._report.proof_outcome import check_outcomes_of, with_check
from ..module_utils._tasks.task import Result
from . import _census_leader, _check_leader
from ._action_base import borrowed
from ._roles import COUNTING
from ._update_leader import UpdateLeader


class ProvingLeader(UpdateLeader):
    """Counts the links before the run and checks them after it, with C(link_update_prove)."""

    def problems(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        yield from super().problems(federation)
        settings = self._settings
        is_contrary = settings["link_update_prove"] and not settings["link_update_wait"]
        if self.is_read and is_contrary and "wait" in self._invocation.stages:
            remedy = "set link_update_wait to true, or leave link_update_prove out and check later with link_check"
            yield Problem("", "link_update_prove needs complete jobs, and link_update_wait is false", remedy)

    def script(self, script: Mapping[str, Any]) -> Mapping[str, Any]:
        # The stand-in is a new one, and does not know the jobs of a rehearsal before.
        has_ledger = bool(script["ledger"]) and Path(script["ledger"]).exists()
        return {**script, "completed": has_ledger and bool(self._settings["link_update_prove"])}

    def work(self, arguments: dict[str, Any]) -> Result:
        if not self._settings["link_update_prove"]:
            return super().work(arguments)
        # The plan of a rehearsal has its census already.
        if "plan" in arguments["stages"] and self._first.rehearsal is None:
            census = self.perform(_census_leader.MODULE, self._counting(arguments))
            if census.get("failed"):
                return self.notified(census)
        result = super().work(arguments)
        if reason := self._why_unchecked(result, arguments["stages"]):
            # Nobody may take a run for proved that is not.
            said = self.reporter.line if self._action._task.check_mode else self.reporter.warn
            said(f"The links are not checked: {reason}")
            return result
        check = self.perform(_check_leader.MODULE, self._checking(arguments))
        if check.get("failed"):
            self.notified(check)
        stats = {"link_check_ok": not check.get("failed"), **check.get("stats", {})}
        return {**result, "check": check, "stats": {**result.get("stats", {}), **stats}}

    def outcomes(self, result: Result) -> Mapping[str, Outcome]:
        outcomes = super().outcomes(result)
        if "check" not in result:
            return outcomes
        checked = check_outcomes_of(result["check"], self.hosts)
        return {host: with_check(each, checked[host]) for host, each in outcomes.items()}

    def _counting(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The options of C(link_census)."""
        accounts = [{name: each[name] for name in ("name", "email", "api_token")} for each in arguments["orders"]]
        own = {name: self._settings[f"link_census_{name}"] for name in COUNTING}
        store = arguments["census_store"]
        return borrowed(_census_leader.MODULE, arguments, accounts=accounts, store=store, unless_complete=True, **own)

    def _checking(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """The options of C(link_check)."""
        own = {name: self._settings[f"link_check_{name}"] for name in CHECK}
        return borrowed(_check_leader.MODULE, arguments, **own)

    def _why_unchecked(self, result: Result, stages: list[str]) -> str | None:
        if result.get("failed"):
            return "the run has failed. Correct what failed, then run again"
        if self._action._task.check_mode:
            return "this is check mode. A run checks them at its end"
        if "wait" not in stages:
            return "these tags leave out the stage wait. Run again with --tags wait"
        return None
