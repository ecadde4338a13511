# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook rehearse: somebody's own inventory, with nothing real touched."""

from __future__ import annotations

import json
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import permutations
from pathlib import Path

import pytest
from federations import EMAIL, NAMES, TOKEN, Controller, Run, Service, Webhook
from plays import QUICK, REHEARSE, run_plays, told, update


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


@contextmanager
def a_rehearsal(controller: Controller, until: str, **extra: object) -> Iterator[subprocess.Popen[str]]:
    """A rehearsal whose output was read to a line. When it has ended, nothing of it is left."""
    write_inventory(controller)
    # Not in the test's own folder, as ansible-core makes a socket there, and the path of a socket has to be short.
    with tempfile.TemporaryDirectory(prefix="rehearse-") as scratch:
        controller.environ["TMPDIR"] = scratch
        with subprocess.Popen(
            controller.command(REHEARSE, "-e", json.dumps(QUICK | extra)),
            env=controller.environment,
            cwd=controller.folder,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout
            assert any(until in line for line in process.stdout)
            (stand_in,) = (pid for pid, command in controller.processes.items() if "stand_in.py" in command)
            assert TOKEN.encode() not in Path("/proc", stand_in, "environ").read_bytes(), "it needs no real credentials"
            assert list(Path(scratch).glob("*/ledger.sqlite3"))
            yield process
            process.stdout.read()
            process.wait()
            assert not list(Path(scratch).rglob("*sqlite*"))
    assert controller.processes == {}
    assert not list(controller.folder.rglob("*sqlite*"))


@pytest.mark.interface
def test_an_inventory_with_real_urls_is_rehearsed_as_it_is_and_nothing_real_is_touched_whatever_is_set(
    controller: Controller, webhook: Webhook
) -> None:
    real = Service()
    set_for_real = {
        "link_update_ledger": str(controller.ledger),
        "link_update_api_url": f"{real.url}/links/v1",
        "link_update_email": EMAIL,
        "link_update_api_token": TOKEN,
        "link_update_notify_url": webhook.url,
    }
    with a_rehearsal(controller, until="1 job scheduled, ", **set_for_real) as process:
        assert process.stdout
        output = process.stdout.read()
    asked = real.requests
    real.stop()
    assert process.returncode == 0
    for product, destination in permutations(NAMES, 2):
        assert f"{product} -> {destination}  COMPLETE" in output
    assert Run(0, output).recap("failed") == dict.fromkeys(NAMES, 0)
    assert not asked
    assert not webhook.notices
    assert "Rehearsal: no notification is sent. Its text would be: Link update, wave 1: done." in output
    assert TOKEN not in output


def test_neither_a_process_nor_a_ledger_outlives_a_rehearsal_that_is_interrupted(controller: Controller) -> None:
    with a_rehearsal(controller, until="backup done", rehearsal_run_seconds=1e6) as process:
        process.send_signal(signal.SIGINT)
    assert process.returncode == 99


def test_a_plan_a_failure_a_rate_limit_and_the_rerun_that_heals_can_be_rehearsed(controller: Controller) -> None:
    write_inventory(controller)
    rehearsal = {
        **QUICK,
        "link_update_rehearsal": True,
        "rehearsal_ledger": str(controller.folder / "rehearsal.sqlite3"),
    }
    nobody = {"rehearsal_fail": ["eu -> nobody"], "rehearsal_not_admin": ["nobody"]}
    run = run_plays(
        controller,
        [
            update("nobody", rehearsal | nobody),
            update("plan", rehearsal, check_mode=True),
            update("failure", {**rehearsal, "rehearsal_fail": ["eu -> us"], "rehearsal_rate_limit": [10, 0.5]}),
            update("rerun", rehearsal),
        ],
    )
    said = told(run)
    assert "rehearsal_fail has 'eu -> nobody', which is no pair of the federation" in said["nobody"]
    assert "rehearsal_not_admin has 'nobody', which is no instance of the federation" in said["nobody"]
    assert "COMPLETE" not in said["nobody"]
    assert "12 jobs (12 to schedule)" in said["plan"]
    assert "1 failed: eu -> us ended in ERROR" in said["failure"]
    assert "HTTP 429" in said["failure"]
    assert "12 of 12 jobs complete" in said["rerun"]
    assert run.recap("ignored") == {"eu": 2, "us": 1, "ap": 1, "au": 1}, "of nobody, and of the failure"
    assert [name for name in NAMES if f"changed: [{name}]" in said["rerun"]] == ["eu"]
