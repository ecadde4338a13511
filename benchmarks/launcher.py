# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a command and writes down what it cost: python launcher.py FILE COMMAND...

A process of its own, and a small one: Linux counts the memory of whoever starts a command among the command's.
"""

import json
import os
import sys
import time

path, command = sys.argv[1], sys.argv[2:]
start = time.perf_counter()
child = os.posix_spawnp(command[0], command, os.environ)
# Of the process and of all that it has waited for: workers, modules, curls.
status, usage = os.wait4(child, 0)[1:]
cost = {
    "wall": time.perf_counter() - start,
    "ended": time.time(),
    "cpu": usage.ru_utime + usage.ru_stime,
    "peak": usage.ru_maxrss * 1024 / 1e6,
    "returncode": os.waitstatus_to_exitcode(status),
}
with open(path, "w") as file:  # noqa: PTH123 (pathlib would take megabytes)
    json.dump(cost, file)
