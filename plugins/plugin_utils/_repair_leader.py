# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host that repairs the links of all hosts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..module_utils._ansible.argspec import LINK_REPAIR
from ..module_utils._model.federation import Problem
from ..module_utils._report.outcome import Outcome
from ..module_utils._report.proof_outcome import repair_outcomes_of
from ..module_utils._tasks.repair import link_repair
from ..module_utils._tasks.task import Result
from . import _check_leader
from ._action_base import Module, borrowed
from ._census_leader import rehearse_census
from ._leader import Leader

MODULE = Module("link_repair", LINK_REPAIR, link_repair)


class RepairLeader(Leader):
    """Has the links created that a check has found missing."""

    done = "changed"

    def problems(self, federation: Mapping[str, Any]) -> Iterator[Problem]:
        settings = self._settings
        is_needed = self._first.rehearsal is None and not settings["link_repair_undo"]
        if self.is_read and is_needed and not settings["link_repair_findings"]:
            remedy = "read the findings file of a check, and name it: -e link_repair_findings=FILE"
            yield Problem("", "link_repair_findings is not set", remedy)

    def script(self, script: Mapping[str, Any]) -> Mapping[str, Any]:
        return _check_leader.completed(script)

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        """Check, repair what was found, and check again."""
        rehearse_census(self, place, arguments["federation"])
        folder = Path(place["census_store"]).parent
        given = arguments | place | {"jobs": "any", "findings": str(folder / "link_check_findings.csv")}
        check = borrowed(_check_leader.MODULE, given, report_dir=str(folder))
        self.reporter.line(f"Rehearsal: {self._checked(check)} (-v: which)")
        if given["undo"]:
            self.in_detail(MODULE, borrowed(MODULE, given, undo=False))
        result = self.work(given)
        if not self._action._task.check_mode:
            self.reporter.line(f"Rehearsal: after that, {self._checked(check)}")
        return result

    def _checked(self, arguments: dict[str, Any]) -> str:
        """What a check finds."""
        result = self.in_detail(_check_leader.MODULE, arguments, failures=False)
        if "total" not in result:
            return f"the check fails: {result['msg']}"
        total = result["total"]
        return f"a check finds {total['found']:,} of {total['expected']:,} links"

    def outcomes(self, result: Result) -> Mapping[str, Outcome]:
        return repair_outcomes_of(result, self.hosts, check=self._action._task.check_mode)
