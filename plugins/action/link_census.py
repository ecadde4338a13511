# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_census)."""

from __future__ import annotations

from ..module_utils._ansible.argspec import LINK_CENSUS
from ..module_utils._clock import Clock
from ..module_utils._progress import Reporter
from ..module_utils._tasks.census import link_census
from ..module_utils._tasks.task import Options, Result
from ..plugin_utils._census_leader import CensusLeader
from ..plugin_utils._leader import LeadingAction


class ActionModule(LeadingAction):
    """See the documentation of the module."""

    argument_spec = LINK_CENSUS
    lasting = True
    leader = CensusLeader
    interrupted = (
        "Interrupted. What was read until now is kept.",
        "Run the same command again: it continues where it stopped.",
    )

    def work(self, options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
        return link_census(options, check, reporter, clock)
