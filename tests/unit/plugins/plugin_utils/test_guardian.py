# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that is killed while it hands a line on: real processes, and the queue of ansible-core."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS

PROGRAM = """
import os, signal
from ansible.executor.task_queue_manager import FinalQueue
from ansible.utils.display import Display
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._guardian import be_guarded

queue = FinalQueue()
worker = os.fork()
if not worker:
    Display()._final_q = queue
    be_guarded()
    be_guarded()
    {work}
    os.kill(os.getpid(), signal.SIGKILL)
os.waitpid(worker, 0)
print(queue._wlock.acquire(timeout=30))
"""


@pytest.mark.parametrize("work", ["queue._wlock.acquire()", "pass"], ids=["handing on a line", "doing something else"])
def test_the_lock_of_a_worker_that_was_killed_is_freed(work: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(work=work)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "True\n"
