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
from federations import NAMES, Federation, Run

PAIRS = sorted(permutations(NAMES, 2))
RUNS = 2


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The location of a ledger that several runs share, one of each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "shared.sqlite3")
    return str(request.getfixturevalue("postgresql"))


@pytest.mark.parametrize("federation", [{"run_seconds": 0.3}], indirect=True)
def test_runs_at_once_schedule_each_pair_once_and_the_losers_attach(federation: Federation, ledger: str) -> None:
    federation.environ["JIRA_FEDERATION_LEDGER"] = ledger
    with ThreadPoolExecutor(RUNS) as pool:
        finished = [run.result() for run in [pool.submit(federation.update, "-v") for each in range(RUNS)]]
    for run in finished:
        assert run.returncode == 0
        assert "12 of 12 jobs complete" in run.message
        assert "scheduled again" not in run.message
    assert sorted(federation.pairs) == PAIRS
    assert sorted(pair for run in finished for pair in scheduled_by(run)) == PAIRS, "each by exactly one run"
    with_backup = [job for job in federation.service.jobs if job["body"].get("createBackup")]
    assert len(with_backup) == len(NAMES), "one backup for each instance, whichever run ordered it"


def scheduled_by(run: Run) -> list[tuple[str, str]]:
    """The pairs whose jobs a run has scheduled."""
    return re.findall(r"^\S+  (\w+) -> (\w+) .* scheduled: job \S+$", run.output, re.MULTILINE)
