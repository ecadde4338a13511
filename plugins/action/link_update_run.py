# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_update_run)."""

from __future__ import annotations

from ..module_utils._ansible.argspec import LINK_UPDATE_RUN
from ..module_utils._clock import Clock
from ..module_utils._progress import Reporter
from ..module_utils._tasks.run import link_update_run
from ..module_utils._tasks.task import Options, Result
from ..plugin_utils._leader import LeadingAction
from ..plugin_utils._update_leader import UpdateLeader


class ActionModule(LeadingAction):
    """See the documentation of the module."""

    argument_spec = LINK_UPDATE_RUN
    lasting = True
    leader = UpdateLeader

    def work(self, options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
        return link_update_run(options, check, reporter, clock)
