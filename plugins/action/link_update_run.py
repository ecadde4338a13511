# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_update_run)."""

from __future__ import annotations

from ..module_utils._ansible.argspec import LINK_UPDATE_RUN
from ..module_utils._tasks.run import link_update_run
from ..plugin_utils._action_base import Module
from ..plugin_utils._leader import LeadingAction
from ..plugin_utils._proving_leader import ProvingLeader


class ActionModule(LeadingAction):
    """See the documentation of the module."""

    module = Module("link_update_run", LINK_UPDATE_RUN, link_update_run)
    lasting = True
    leader = ProvingLeader
