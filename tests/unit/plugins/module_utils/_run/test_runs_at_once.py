# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs of the same federation at once, each in a process of its own, and each with several requests at once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.run_alone import Alone

NAMES = ("eu", "us", "ap", "au")
RUNS = 8


@pytest.fixture
def service() -> Iterator[StandIn]:
    script = Script(queue_seconds=0.1, backup_seconds=0.2, run_seconds=0.1, latency_seconds=0.02)
    with StandIn(script) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "ledger.sqlite3")
    return str(request.getfixturevalue("postgresql"))


def run_alone(service: StandIn, ledger: str) -> dict[str, Any]:
    """A run of all instances, in a process of its own."""
    of_order = {name: option.get("default") for name, option in LINK_UPDATE_RUN["orders"]["options"].items()}
    options = {
        **{name: option.get("default") for name, option in LINK_UPDATE_RUN.items()},
        "federation": {
            name: {"product_url": f"{service.url}/{name}.example.net", "migrated_from": "https://jira.example.com"}
            for name in NAMES
        },
        "orders": [{**of_order, "email": "me@example.com", "api_token": "t0ken", "name": name} for name in NAMES],
        "stages": ["submit", "wait"],
        "app_links_authorized": True,
        "api_url": f"{service.url}/api.example.net/links/v1",
        "ledger": ledger,
        "poll_min": 0.2,
        "wait_timeout": 60.0,
    }
    return dict(Alone("link_update_run", options).end()["result"])


@pytest.mark.slow
def test_eight_runs_at_once_schedule_each_pair_once_and_all_see_it_complete(service: StandIn, location: str) -> None:
    with ThreadPoolExecutor(RUNS) as pool:
        results = [each.result() for each in [pool.submit(run_alone, service, location) for _run in range(RUNS)]]
    for result in results:
        assert "failed" not in result, result
        assert result["verdict"]["ok"]
        assert result["verdict"]["counts"]["complete"] == 12
    jobs = service.service.jobs
    assert sorted(job.pair for job in jobs.values()) == sorted({job.pair for job in jobs.values()})
    assert len(jobs) == 12
    assert [bool(job.body.get("createBackup")) for job in jobs.values()].count(True) == len(NAMES)
    scheduled = [each["job"]["job_id"] for result in results for each in result["updates"] if each["changed"]]
    assert sorted(scheduled) == sorted(jobs), "each job is told as scheduled by one run"
    with open_ledger(location, SystemClock(), {}, copy=True) as ledger:
        assert sorted((str(each.job_id), each.status) for each in ledger.attempts()) == sorted(
            (job_id, "COMPLETE") for job_id in jobs
        )
