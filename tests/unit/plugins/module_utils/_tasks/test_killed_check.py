# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks whose process is killed or interrupted, as often as C(KILLS) in the environment says."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random

from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.checks import (
    CheckHarness,
    numbered,
)
from ansible_collections.jira_cloud.federation.tests.unit.run_alone import Alone

KILLS = int(os.environ.get("KILLS", "2"))
MISSING = {(f"EUA-{number}", f"USA-{number}") for number in (3, 24, 39)}


def wait_for_answers(harness: CheckHarness, process: Alone, answers: int) -> None:
    """Wait until so many more issues were asked for, or there is nothing left to ask for."""
    wanted = sum(harness.asked().values()) + answers
    while sum(harness.asked().values()) < wanted and process.exitcode is None:
        time.sleep(0.02)


def end(harness: CheckHarness) -> None:
    """Let the check come to its end. Whatever was killed before, it finds the same."""
    told = Alone("link_check", harness.options).end()["result"]
    assert told["check"] == 1, "it went on with the same check"
    assert told["total"]["checked"] == told["total"]["expected"] == 80
    assert {each for each, verdict in harness.verdicts().items() if verdict == "missing"} == MISSING


def test_a_check_that_is_killed_at_any_moment_goes_on_and_finds_the_same(tmp_path: Path) -> None:
    random = Random(os.environ.get("SEED", "1"))
    left_out = {"eu -> us": [[*each] for each in MISSING]}
    with CheckHarness(tmp_path, numbered(40), leave_out=left_out, latency_seconds=0.01).serving() as harness:
        for _number in range(KILLS):
            process = Alone("link_check", harness.options)
            wait_for_answers(harness, process, random.randint(1, 40))
            process.kill()
            # It may have come to its end before that.
            if process.exitcode == 0:
                return
        end(harness)


def test_what_was_read_before_an_interruption_is_not_asked_for_again(tmp_path: Path) -> None:
    left_out = {"eu -> us": [[*each] for each in MISSING]}
    with CheckHarness(tmp_path, numbered(40), leave_out=left_out, latency_seconds=0.01).serving() as harness:
        process = Alone("link_check", harness.options)
        wait_for_answers(harness, process, 40)
        process.interrupt()
        assert process.exitcode != 0
        end(harness)
        # At most what was on its way at that moment, a request of each connection, is asked for again.
        assert sum(harness.asked().values()) <= 80 + 8
