# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in a process of its own: options of C(link_update_run) from standard input, its result to standard output."""

from __future__ import annotations

import json
import sys

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener

if __name__ == "__main__":
    listener = Listener()
    result = link_update_run(json.load(sys.stdin), False, listener, SystemClock())
    json.dump({"result": result, "lines": listener.lines}, sys.stdout, default=str)
