# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task in a process of its own: its name as the argument, its options from standard input, its result to standard
output. Without an argument it is C(link_update_run).
"""

from __future__ import annotations

import json
import sys

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.census import link_census
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.check import link_check
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.repair import link_repair
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener

TASKS = {
    "link_update_run": link_update_run,
    "link_census": link_census,
    "link_check": link_check,
    "link_repair": link_repair,
}

if __name__ == "__main__":
    listener = Listener()
    result = TASKS["".join(sys.argv[1:]) or "link_update_run"](json.load(sys.stdin), False, listener, SystemClock())
    json.dump({"result": result, "lines": listener.lines}, sys.stdout, default=str)
