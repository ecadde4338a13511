# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host that counts the links for all hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._ansible.argspec import LINK_CENSUS
from ..module_utils._errors import Code
from ..module_utils._report.outcome import Outcome, census_outcomes_of
from ..module_utils._tasks.census import link_census
from ..module_utils._tasks.task import Result
from ._action_base import Module
from ._leader import Leader
from ._rehearsal import census_at

MODULE = Module("link_census", LINK_CENSUS, link_census)


def rehearse_census(leader: Leader, place: Mapping[str, Any], federation: Mapping[str, Any]) -> Result:
    """Count the links at the stand-in of a rehearsal that needs their numbers."""
    census = leader.in_detail(MODULE, census_at(place, federation))
    if sources := census.get("sources"):
        links = sum(each["links"] for each in sources)
        leader.reporter.line(f"Rehearsal: counted {links:,} links in a made-up Data Center (-v: how)")
    # What is wrong with the federation, the work itself says.
    if (census.get("failure") or {}).get("code") not in (None, Code.INVALID_OPTION):
        leader.reporter.warn(census["msg"])
    return census


class CensusLeader(Leader):
    """Has the census of the whole federation made, also under C(--limit)."""

    success = "link_census_complete"
    done = "counted"

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        # The numbers look like those of a real instance.
        self.reporter.line(
            "Rehearsal: the projects, issues and links below are made up. No Data Center instance is asked"
        )
        return self.work(arguments | census_at(place, arguments["federation"]))

    def outcomes(self, result: Result) -> Mapping[str, Outcome]:
        return census_outcomes_of(result, self.hosts)
