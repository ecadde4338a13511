# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_repair)."""

from __future__ import annotations

from ..plugin_utils._leader import LeadingAction
from ..plugin_utils._repair_leader import MODULE, RepairLeader


class ActionModule(LeadingAction):
    """See the documentation of the module."""

    module = MODULE
    lasting = True
    leader = RepairLeader
    interrupted = (
        "Interrupted. Each link that was created is written down.",
        "Run the same command again: it continues where it stopped, and creates nothing twice.",
    )
