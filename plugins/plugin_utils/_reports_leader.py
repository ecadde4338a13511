# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host that downloads the vendor's reports for all hosts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._ansible.argspec import LINK_REPORTS
from ..module_utils._report.outcome import Outcome
from ..module_utils._report.proof_outcome import reports_outcomes_of
from ..module_utils._tasks.reports import link_reports
from ..module_utils._tasks.task import Result
from ._action_base import Module, borrowed
from ._leader import Leader

MODULE = Module("link_reports", LINK_REPORTS, link_reports)
#: Where a rehearsal downloads from, whatever else is set.
_MADE_UP = {
    "history_url": "https://api.atlassian.com/rehearsal/{site_id}/history-report",
    "audit_log_url": "https://api.atlassian.com/rehearsal/{site_id}/audit-log",
    "id_mappings": True,
}


class ReportsLeader(Leader):
    """Has the reports of the sites downloaded."""

    done = "downloaded"

    def rehearse(self, arguments: dict[str, Any], place: dict[str, Any]) -> Result:
        self.reporter.line("Rehearsal: the reports below are made up. Atlassian is not asked")
        # The real templates lead to pages that the stand-in does not have.
        return self.work(borrowed(MODULE, arguments | place | _MADE_UP))

    def outcomes(self, result: Result) -> Mapping[str, Outcome]:
        return reports_outcomes_of(result, self.hosts)
