# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook rehearse: somebody's own inventory, with nothing real touched."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from itertools import permutations
from pathlib import Path

import pytest
from federations import EMAIL, NAMES, TOKEN, Controller, Run, Service

QUICK = {
    "rehearsal_queue_seconds": 0,
    "rehearsal_backup_seconds": 0,
    "rehearsal_run_seconds": 0,
    "link_update_poll_min": 0.05,
}


def rehearse(controller: Controller, *arguments: str, **extra: object) -> Run:
    write_inventory(controller)
    return controller.run("jira_cloud.federation.rehearse", *arguments, extra={**QUICK, **extra})


def write_inventory(controller: Controller) -> None:
    hosts = {
        name: {
            "link_update_product_url": f"https://{name}.example.net",
            "link_update_migrated_from": "https://jira.example.com",
        }
        for name in NAMES
    }
    hosts["us"]["link_update_site_id"] = "11223344-a1b2-3b33-c444-def123456789"
    controller.write_inventory(hosts)


def test_an_inventory_with_real_urls_is_rehearsed_as_it_is_and_nothing_real_is_touched_whatever_is_set(
    controller: Controller,
) -> None:
    real = Service()
    run = rehearse(
        controller,
        link_update_ledger=str(controller.ledger),
        link_update_api_url=f"{real.url}/links/v1",
        link_update_email=EMAIL,
        link_update_api_token=TOKEN,
    )
    asked = real.requests
    real.stop()
    assert run.returncode == 0
    for product, destination in permutations(NAMES, 2):
        assert f"{product} -> {destination}  COMPLETE" in run.output
    assert run.recap("failed") == dict.fromkeys(NAMES, 0)
    assert not asked
    assert not controller.ledger.exists()
    assert TOKEN not in run.output


@pytest.mark.parametrize("interrupted", [False, True])
def test_neither_a_process_nor_a_ledger_outlives_a_rehearsal(controller: Controller, interrupted: bool) -> None:
    write_inventory(controller)
    # Not in the test's own folder, as ansible-core makes a socket there, and the path of a socket has to be short.
    scratch = tempfile.TemporaryDirectory(prefix="rehearse-")
    controller.environ["TMPDIR"] = scratch.name
    run_seconds = {"rehearsal_run_seconds": 1e6} if interrupted else {}
    command = controller.command("jira_cloud.federation.rehearse", "-e", json.dumps(QUICK | run_seconds))
    with (
        scratch,
        subprocess.Popen(
            command, env=controller.environment, cwd=controller.folder, stdout=subprocess.PIPE, text=True
        ) as process,
    ):
        assert process.stdout
        seen = "eu -> us  IN_PROGRESS" if interrupted else "eu -> us  COMPLETE"
        assert any(seen in line for line in process.stdout)
        (stand_in,) = (pid for pid, command in controller.processes.items() if "stand_in.py" in command)
        assert TOKEN.encode() not in Path("/proc", stand_in, "environ").read_bytes(), "it needs no real credentials"
        assert list(Path(scratch.name).glob("*/ledger.sqlite3"))
        if interrupted:
            process.send_signal(signal.SIGINT)
        process.stdout.read()
        process.wait()
        assert not list(Path(scratch.name).rglob("*sqlite*"))
    assert process.returncode == (99 if interrupted else 0)
    assert controller.processes == {}
    assert not list(controller.folder.rglob("*sqlite*"))


def test_a_plan_a_failure_and_the_rerun_that_heals_it_can_be_rehearsed(controller: Controller) -> None:
    ledger = str(controller.folder / "rehearsal.sqlite3")
    plan = rehearse(controller, "--check", rehearsal_ledger=ledger)
    assert plan.returncode == 0
    assert "12 jobs: 12 to schedule" in plan.output
    run = rehearse(controller, rehearsal_ledger=ledger, rehearsal_fail=["eu -> us"])
    assert run.returncode == 2
    assert "1 ended in ERROR (eu -> us)" in run.message
    rerun = rehearse(controller, rehearsal_ledger=ledger)
    assert rerun.returncode == 0
    assert rerun.recap("changed") == {"eu": 1, "us": 0, "ap": 0, "au": 0}


def test_a_rate_limit_is_survived(controller: Controller) -> None:
    run = rehearse(controller, rehearsal_rate_limit=[10, 0.5])
    assert run.returncode == 0
    assert "HTTP 429" in run.output
    assert run.recap("failed") == dict.fromkeys(NAMES, 0)
