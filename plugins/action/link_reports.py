# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_reports)."""

from __future__ import annotations

from ..plugin_utils._leader import LeadingAction
from ..plugin_utils._reports_leader import MODULE, ReportsLeader


class ActionModule(LeadingAction):
    """See the documentation of the module."""

    module = MODULE
    lasting = True
    leader = ReportsLeader
    interrupted = (
        "Interrupted. What was downloaded until now is kept.",
        "Run the same command again.",
    )
