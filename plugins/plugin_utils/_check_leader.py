# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host that checks the links of all hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._ansible.argspec import LINK_CHECK
from ..module_utils._report.outcome import Outcome
from ..module_utils._report.proof_outcome import check_outcomes_of
from ..module_utils._tasks.check import link_check
from ..module_utils._tasks.task import Result
from ._action_base import Module
from ._census_leader import rehearse_census
from ._leader import Leader

MODULE = Module("link_check", LINK_CHECK, link_check)
#: So many links of the first pair that has as many are left out in a rehearsal, if nobody says how many.
_LEFT_OUT = 3


class CheckLeader(Leader):
    """Has the links checked of the instances that take part."""

    success = "link_check_ok"
    done = "checked"

    def script(self, script: Mapping[str, Any]) -> Mapping[str, Any]:
        return completed(script)

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        rehearse_census(self, place, arguments["federation"])
        # No job is in the ledger of the rehearsal.
        return self.work(arguments | place | {"jobs": "any"})

    def outcomes(self, result: Result) -> Mapping[str, Outcome]:
        return check_outcomes_of(result, self.hosts)


def completed(script: Mapping[str, Any]) -> dict[str, Any]:
    """The script of a rehearsal whose jobs are complete, with some links left out.

    :param script: the variables of the rehearsal.
    """
    left_out = _LEFT_OUT if script["leave_out"] is None else script["leave_out"]
    return {**script, "leave_out": left_out, "completed": True}
