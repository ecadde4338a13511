# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_update_job)."""

from __future__ import annotations

from ansible_collections.jira_cloud.federation.plugins.module_utils._argspec import LINK_UPDATE_JOB
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock
from ansible_collections.jira_cloud.federation.plugins.module_utils._options import Options, Result
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Reporter
from ansible_collections.jira_cloud.federation.plugins.module_utils._task_job import link_update_job
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._live_action import LiveAction


class ActionModule(LiveAction):
    """See the documentation of the module."""

    argument_spec = LINK_UPDATE_JOB
    lasting = True

    def work(self, options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
        return link_update_job(options, check, reporter, clock)
