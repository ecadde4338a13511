# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A task in a process of its own.

As a program: the name of the task is the argument, its options are in standard input, its result goes to standard
output. Without an argument it is C(link_update_run).
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.census import link_census
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.check import link_check
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.repair import link_repair
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.tests.unit.processes import PROCESSES
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener

TASKS = {
    "link_update_run": link_update_run,
    "link_census": link_census,
    "link_check": link_check,
    "link_repair": link_repair,
}


class Alone:
    """A task that has been started in a process of its own."""

    def __init__(self, task: str, options: dict[str, Any]) -> None:
        self._told, teller = PROCESSES.Pipe(duplex=False)
        self._process = PROCESSES.Process(target=_tell, args=(teller, task, json.dumps(options)))
        self._process.start()
        teller.close()

    @property
    def exitcode(self) -> int | None:
        """How it ended; None while it runs."""
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()
        self._process.join()

    def interrupt(self) -> None:
        """Press Ctrl-C, and wait for the end."""
        assert self._process.pid
        os.kill(self._process.pid, signal.SIGINT)
        self._process.join()

    def end(self) -> dict[str, Any]:
        """Wait for the end: its C(result), and the C(lines) that it has said."""
        told: dict[str, Any] = json.loads(self._told.recv())
        self._process.join()
        return told


def _tell(teller: Any, task: str, options: str) -> None:
    teller.send(_run(task, json.loads(options)))


def _run(task: str, options: dict[str, Any]) -> str:
    listener = Listener()
    result = TASKS[task](options, False, listener, SystemClock())
    return json.dumps({"result": result, "lines": listener.lines}, default=str)


if __name__ == "__main__":
    sys.stdout.write(_run("".join(sys.argv[1:]) or "link_update_run", json.load(sys.stdin)))
