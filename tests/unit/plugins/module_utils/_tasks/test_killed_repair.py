# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairs and undos whose process is killed, as often as C(KILLS) in the environment says."""

from __future__ import annotations

import os
import time
from pathlib import Path
from random import Random
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._store.repairs import RepairState
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.repairs import (
    URLS,
    RepairHarness,
    left_out,
)
from ansible_collections.jira_cloud.federation.tests.unit.run_alone import Alone

KILLS = int(os.environ.get("KILLS", "4"))
#: So many links of each of the two instances are missing.
EACH = 10
LEFT_OUT = {pair: each for pair in ("eu -> us", "us -> eu") for each in left_out(pair, *range(1, EACH + 1)).values()}
MISSING = [(pair[:2], *ends) for pair, rows in LEFT_OUT.items() for ends in rows]
#: How much longer than the call that a process waits for it lives at most, in seconds.
MOMENT = 0.03


class KilledRepairs:
    """Repairs, or undos, in processes of their own."""

    def __init__(self, harness: RepairHarness, random: Random) -> None:
        self._harness = harness
        self._random = random
        self.before = harness.there()

    def start(self, *, undo: bool) -> Alone:
        return Alone("link_repair", {**self._harness.options, "undo": undo})

    def kill_one(self, *, undo: bool) -> None:
        """Kill a process right after one of its calls."""
        kind = self._random.choice(["remotelink", *["delete remotelink" if undo else "create remotelink"] * 3])
        wanted = self._harness.calls(kind) + self._random.randint(1, EACH)
        process = self.start(undo=undo)
        while self._harness.calls(kind) < wanted and process.exitcode is None:
            time.sleep(0.005)
        time.sleep(self._random.uniform(0, MOMENT))
        process.kill()
        self._check_nothing_is_twice_or_forgotten()

    def _check_nothing_is_twice_or_forgotten(self) -> None:
        there = self._harness.there()
        assert set(there.values()) == {1}
        made = set(there) - set(self.before)
        names = {url: name for name, url in URLS.items()}
        known = {
            (names[each.product_url], each.issue, each.target)
            for each in self._harness.journal()
            if each.state in (RepairState.INTENDED, RepairState.CREATED)
        }
        assert made <= known

    def end(self, *, undo: bool) -> dict[str, Any]:
        """Let one come to its end."""
        told: dict[str, Any] = self.start(undo=undo).end()["result"]
        assert "failed" not in told, told["msg"]
        return told


def test_repairs_and_undos_that_are_killed_at_any_moment_create_no_link_twice_and_forget_none(tmp_path: Path) -> None:
    random = Random(os.environ.get("SEED", "1"))
    harness = RepairHarness(tmp_path, leave_out=LEFT_OUT, latency_seconds=0.005)
    with harness.serving():
        harness.find(MISSING)  # type: ignore[arg-type]
        links, killed = harness.every_link(), KilledRepairs(harness, random)
        for number in range(0, KILLS, 4):
            for undo in (False, True):
                for _kill in range(min(2, KILLS - number)):
                    killed.kill_one(undo=undo)
                killed.end(undo=undo)
                if undo:
                    assert harness.every_link() == links
                else:
                    assert set(harness.there()) == {*killed.before, *MISSING}
                    assert set(harness.there().values()) == {1}
                    check_journal(harness)


def check_journal(harness: RepairHarness) -> None:
    """Each missing link was created, with the id that it has at its site."""
    names = {url: name for name, url in URLS.items()}
    created = {
        (names[each.product_url], each.issue, each.target): each.link_id
        for each in harness.journal()
        if each.state is RepairState.CREATED
    }
    ids = {
        (site, link["issue"], link["object"]["title"]): link["id"]
        for site in names.values()
        for link in harness.links(site)
    }
    assert created == {ends: ids[ends] for ends in MISSING}
