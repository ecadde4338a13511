# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host that counts the links for all hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._ansible.argspec import CENSUS
from ..module_utils._model.federation import Problem
from ..module_utils._report.outcome import Outcome, census_outcomes_of
from ..module_utils._tasks.preflight import refused
from ..module_utils._tasks.task import Result
from ._leader import Leader
from ._rehearsal import census_at


class CensusLeader(Leader):
    """Has the census of the whole federation made, also under C(--limit)."""

    success = "link_census_complete"

    def refused(self, problems: list[Problem]) -> Result:
        return refused(problems, self._reporter, "counted")

    def arguments(self, federation: dict[str, Any]) -> dict[str, Any]:
        settings = self._settings
        return {
            **{name: settings[f"link_census_{name}"] for name in CENSUS},
            **{name: settings[f"link_update_{name}"] for name in ("ledger", "report_dir")},
            "federation": federation,
            "accounts": [record.order for record in self._records.values()],
            "settings": self._shown(),
        }

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        # The numbers look like those of a real instance.
        self._reporter.line(
            "Rehearsal: the projects, issues and links below are made up. No Data Center instance is asked"
        )
        return self.work(arguments | census_at(place, arguments["federation"]), here=True)

    def outcomes(self, result: Result, hosts: list[str]) -> Mapping[str, Outcome]:
        return census_outcomes_of(result, hosts)

    def is_changed(self, result: Result) -> bool:
        return bool(result.get("changed"))
