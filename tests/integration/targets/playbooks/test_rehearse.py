# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook rehearse: somebody's own inventory, with nothing real touched."""

from __future__ import annotations

import re
import time
from itertools import permutations

import pytest
import requests
from federations import EMAIL, NAMES, TOKEN, Controller, Run, Service

QUICK = {
    "rehearsal_queue_seconds": 0,
    "rehearsal_backup_seconds": 0,
    "rehearsal_run_seconds": 0,
    "link_update_poll_min": 0.05,
}


def rehearse(controller: Controller, *arguments: str, **extra: object) -> Run:
    hosts = {
        name: {
            "link_update_product_url": f"https://{name}.example.net",
            "link_update_migrated_from": "https://jira.example.com",
        }
        for name in NAMES
    }
    hosts["us"]["link_update_site_id"] = "11223344-a1b2-3b33-c444-def123456789"
    controller.write_inventory(hosts)
    return controller.run("jira_cloud.federation.rehearse", *arguments, extra={**QUICK, **extra})


def test_an_inventory_with_real_urls_is_rehearsed_as_it_is(controller: Controller) -> None:
    run = rehearse(controller)
    assert run.returncode == 0
    for product, destination in permutations(NAMES, 2):
        assert f"{product} -> {destination}  COMPLETE" in run.output
    assert run.recap("failed")["eu"] == 0


def test_the_real_ledger_and_the_real_service_are_not_touched_whatever_is_set(controller: Controller) -> None:
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
    assert not asked
    assert not controller.ledger.exists()
    assert TOKEN not in run.output


def test_neither_a_process_nor_a_ledger_outlives_a_rehearsal(controller: Controller) -> None:
    run = rehearse(controller, "-v")
    url = re.search(r'"url": "(http://127[^"]+)"', run.output)
    assert url
    assert run.returncode == 0
    assert not list(controller.home.rglob("*sqlite*"))
    # The stand-in looks five times a second whether the run is still there.
    give_up = time.monotonic() + 30
    while time.monotonic() < give_up:
        try:
            requests.get(f"{url[1]}/stand-in/jobs", timeout=1)
        except requests.ConnectionError:
            return
        time.sleep(0.1)
    pytest.fail("the stand-in is still there")


def test_a_failure_and_the_rerun_that_heals_it_can_be_rehearsed(controller: Controller) -> None:
    ledger = str(controller.folder / "rehearsal.sqlite3")
    run = rehearse(controller, rehearsal_ledger=ledger, rehearsal_fail=["eu -> us"])
    assert run.returncode == 2
    assert "1 ended in ERROR (eu -> us)" in run.message
    rerun = rehearse(controller, rehearsal_ledger=ledger)
    assert rerun.returncode == 0
    assert rerun.recap("changed") == {"eu": 1, "us": 0, "ap": 0, "au": 0, "localhost": 0}


def test_check_mode_can_be_rehearsed(controller: Controller) -> None:
    run = rehearse(controller, "--check")
    assert run.returncode == 0
    assert "12 jobs: 12 to schedule" in run.output


def test_a_rate_limit_is_survived(controller: Controller) -> None:
    run = rehearse(controller, rehearsal_rate_limit=[10, 0.5])
    assert run.returncode == 0
    assert "HTTP 429" in run.output
    assert run.recap("failed") == {"eu": 0, "us": 0, "ap": 0, "au": 0, "localhost": 0}
