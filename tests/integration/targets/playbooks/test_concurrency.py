# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook link_update, run several times at once over one ledger."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import permutations
from pathlib import Path

import pytest
from conftest import NAMES, Federation, Run

PAIRS = sorted(permutations(NAMES, 2))


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The location of a ledger that several runs share, one of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "shared.sqlite3")
    return str(request.getfixturevalue("postgresql"))


@pytest.mark.parametrize("federation", [{"run_seconds": 0.3}], indirect=True)
@pytest.mark.parametrize("runs", [2, 8])
def test_runs_at_once_schedule_each_pair_once_and_the_losers_attach(
    federation: Federation, ledger: str, runs: int
) -> None:
    federation.environ["JIRA_FEDERATION_LEDGER"] = ledger
    with ThreadPoolExecutor(runs) as pool:
        finished = [run.result() for run in [pool.submit(federation.update) for each in range(runs)]]
    for run in finished:
        assert run.returncode == 0
        assert sorted(items(run, "changed") + items(run, "ok")) == PAIRS
        for name in NAMES:
            assert f"3 complete: {', '.join(f'{name} -> {each}' for each in NAMES if each != name)}" in run.message
        assert "scheduled again" not in run.message
    assert sorted(federation.pairs) == PAIRS
    assert sorted(pair for run in finished for pair in items(run, "changed")) == PAIRS, "each by exactly one run"


def items(run: Run, outcome: str) -> list[tuple[str, str]]:
    """The pairs that a run has scheduled (changed) or attached to (ok)."""
    return re.findall(rf"^{outcome}: \[\w+\] => \(item=(\w+) -> (\w+)\)", run.output, re.MULTILINE)
