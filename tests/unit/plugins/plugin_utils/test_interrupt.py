# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interrupt that the code drops, as Python does where a signal comes in a finalizer: the work ends nevertheless."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS

WORK = """
import os, signal, sys
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._interrupt import interruptible
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._worker import WorkersClock

def work():
    try:
        os.kill(os.getpid(), signal.SIGINT)
    except KeyboardInterrupt:
        print("dropped", flush=True)
    {then}
    print("went on", flush=True)

clock = WorkersClock()
interruptible(work, ("Interrupted.",))
"""


@pytest.mark.parametrize("then", ["clock.checkpoint()", "clock.sleep(0)"])
def test_an_interrupt_that_was_dropped_is_raised_again(then: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(then=then)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert done.stdout == "dropped\n"
    assert done.returncode == -signal.SIGINT
