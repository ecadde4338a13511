# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_check)."""

from __future__ import annotations

from ..plugin_utils._check_leader import MODULE, CheckLeader
from ..plugin_utils._leader import LeadingAction


class ActionModule(LeadingAction):
    """See the documentation of the module."""

    module = MODULE
    lasting = True
    leader = CheckLeader
    interrupted = (
        "Interrupted. What was read until now is kept.",
        "Run the same command again: it continues where it stopped.",
    )
