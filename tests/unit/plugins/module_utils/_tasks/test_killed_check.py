# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks whose process is killed or interrupted, as often as C(KILLS) in the environment says."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.checks import (
    CheckHarness,
    numbered,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS

KILLS = int(os.environ.get("KILLS", "2"))
MODULE = "ansible_collections.jira_cloud.federation.tests.unit.run_alone"
MISSING = {(f"EUA-{number}", f"USA-{number}") for number in (3, 24, 39)}


def start(harness: CheckHarness) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", MODULE, "link_check"],
        env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin
    process.stdin.write(json.dumps(harness.options))
    process.stdin.close()
    process.stdin = None
    return process


def wait_for_answers(harness: CheckHarness, process: subprocess.Popen[str], answers: int) -> None:
    """Wait until so many more issues were asked for, or there is nothing left to ask for."""
    wanted = sum(harness.asked().values()) + answers
    while sum(harness.asked().values()) < wanted and process.poll() is None:
        time.sleep(0.02)


def end(harness: CheckHarness) -> None:
    """Let the check come to its end. Whatever was killed before, it finds the same."""
    told = json.loads(start(harness).communicate()[0])["result"]
    assert told["check"] == 1, "it went on with the same check"
    assert told["total"]["checked"] == told["total"]["expected"] == 80
    assert {each for each, verdict in harness.verdicts().items() if verdict == "missing"} == MISSING


def test_a_check_that_is_killed_at_any_moment_goes_on_and_finds_the_same(tmp_path: Path) -> None:
    random = Random(os.environ.get("SEED", "1"))
    left_out = {"eu -> us": [[*each] for each in MISSING]}
    with CheckHarness(tmp_path, numbered(40), leave_out=left_out, latency_seconds=0.01).serving() as harness:
        for _number in range(KILLS):
            process = start(harness)
            wait_for_answers(harness, process, random.randint(1, 40))
            process.kill()
            process.communicate()
            # It may have come to its end before that.
            if process.returncode == 0:
                return
        end(harness)


def test_what_was_read_before_an_interruption_is_not_asked_for_again(tmp_path: Path) -> None:
    left_out = {"eu -> us": [[*each] for each in MISSING]}
    with CheckHarness(tmp_path, numbered(40), leave_out=left_out, latency_seconds=0.01).serving() as harness:
        process = start(harness)
        wait_for_answers(harness, process, 40)
        process.send_signal(signal.SIGINT)
        process.communicate()
        assert process.returncode != 0
        end(harness)
        # At most what was on its way at that moment, a request of each connection, is asked for again.
        assert sum(harness.asked().values()) <= 80 + 8
