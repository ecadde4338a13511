# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Censuses whose process is killed, as often as C(KILLS) in the environment says."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random
from typing import Any

from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.censuses import (
    CensusHarness,
    made_up,
    pairs_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.run_alone import Alone

KILLS = int(os.environ.get("KILLS", "3"))


def wait_for_pages(harness: CensusHarness, process: Alone, pages: int) -> None:
    """Wait until so many more pages were asked for, or there is nothing left to ask for."""
    wanted = harness.asked().get("searches", 0) + pages
    while harness.asked().get("searches", 0) < wanted and process.exitcode is None:
        time.sleep(0.02)


def test_a_census_that_is_killed_at_any_moment_goes_on_and_counts_the_same(tmp_path: Path) -> None:
    random = Random(os.environ.get("SEED", "1"))
    # Pages of three: 150 of them, and five questions before. Slow enough for several writes.
    harness = CensusHarness(tmp_path, made_up(), page_limit=3, bucket=[10000, 10000, 1])
    harness.script["latency_seconds"] = 0.01
    with harness.serving():
        whole, _listener = harness.count()
        rows = harness.rows()
        assert pairs_of(whole) == harness.truth.expected()
        for number in range(KILLS):
            process = Alone("link_census", harness.options)
            wait_for_pages(harness, process, random.randint(1, 150))
            time.sleep(random.uniform(0, 0.01))
            process.kill()
            if number % 3 == 2 or number == KILLS - 1:
                check_end(harness, whole, rows)


def check_end(harness: CensusHarness, whole: dict[str, Any], rows: list[Any]) -> None:
    """Let a census come to its end. Whatever was killed before, it is the same."""
    told = Alone("link_census", harness.options).end()["result"]
    assert told["complete"], told.get("msg")
    for name in ("pairs", "sources", "outside", "not_covered", "unread"):
        assert told[name] == whole[name]
    assert harness.rows() == rows
