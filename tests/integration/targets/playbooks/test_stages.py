# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in parts: without waiting, one stage alone, a backup in between."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from datetime import datetime
from itertools import takewhile
from typing import Any

import pytest
from federations import Federation
from plays import run_plays, told, update

NAMES = ("eu", "us", "ap")
BACKUP_SECONDS = 3


def bodies(federation: Federation) -> dict[str, list[dict[str, Any]]]:
    """What was asked for, by product."""
    found = defaultdict(list)
    for (product, _destination), job in zip(federation.pairs, federation.service.jobs, strict=True):
        found[product].append(job["body"])
    return found


@pytest.mark.parametrize(
    "federation",
    [{"queue_seconds": 0.2, "backup_seconds": BACKUP_SECONDS, "run_seconds": 0.3, "parallel": True}],
    indirect=True,
)
def test_nothing_is_scheduled_before_the_end_of_its_backup_by_the_rerun_of_a_run_that_was_killed_either(
    federation: Federation,
) -> None:
    federation.set_up(federation.service, names=NAMES)
    with subprocess.Popen(
        federation.command("jira_cloud.federation.link_update"),
        env=federation.environment,
        cwd=federation.folder,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        said = list(takewhile(lambda line: "  ap -> eu  BACKUP " not in line, process.stdout))
        process.kill()
    assert any("  eu        1 job scheduled, 1 more after the backup" in line for line in said)
    assert len(federation.service.jobs) == len(NAMES)
    assert federation.update().returncode == 0
    times = defaultdict(list)
    for (product, _destination), job in zip(federation.pairs, federation.service.jobs, strict=True):
        times[product].append(datetime.fromisoformat(job["submitted_at"]).timestamp())
    for product in NAMES:
        first, second = times[product]
        assert second - first >= BACKUP_SECONDS, product
        assert [bool(body.get("createBackup")) for body in bodies(federation)[product]] == [True, False]


@pytest.mark.parametrize(
    "federation",
    [
        {
            "backup_seconds": 0.5,
            "run_seconds": 0,
            "fail": ["eu.example.net -> us.example.net", "us.example.net -> eu.example.net"],
        }
    ],
    indirect=True,
)
def test_a_backup_that_fails_holds_its_instance_back_until_a_rerun_orders_another_or_does_without(
    federation: Federation,
) -> None:
    run = run_plays(
        federation,
        [
            update("failed"),
            update("rerun", hosts="us"),
            update("rerun without", {"link_update_create_backup": "never"}, hosts="eu"),
        ],
    )
    said = told(run)
    assert run.recap("ignored") == {"eu": 1, "us": 1, "ap": 0, "au": 0}
    assert "4 not scheduled because the backup failed: eu -> ap, eu -> au, us -> ap, us -> au. " in said["failed"]
    assert "Run the same command again: it orders the backup again and retries the failed jobs. " in said["failed"]
    assert "To go on without a backup: -e link_update_create_backup=never" in said["failed"]
    ordered = {name: [bool(body.get("createBackup")) for body in of_one] for name, of_one in bodies(federation).items()}
    assert ordered == {
        "eu": [True, False, False, False],
        "us": [True, True, False, False],
        "ap": [True, False, False],
        "au": [True, False, False],
    }
    assert [pair for pair in federation.pairs if pair[0] == "us"] == [
        ("us", "eu"),
        ("us", "eu"),
        ("us", "ap"),
        ("us", "au"),
    ]


@pytest.mark.parametrize("federation", [{"run_seconds": 1e6}], indirect=True)
def test_without_waiting_the_run_ends_when_all_is_scheduled_and_a_later_one_collects(federation: Federation) -> None:
    federation.set_up(federation.service, names=NAMES)
    apart = {"link_update_wait": False, "link_update_create_backup": "never"}
    later = update("later", {"link_update_wait_timeout": 0.2}, hosts="eu")
    run = run_plays(federation, [update("apart", apart, hosts="eu"), later])
    said = told(run)
    assert (
        "0 of 2 jobs complete. 2 scheduled, not waited for: eu -> us, eu -> ap. To wait for the jobs: " in said["apart"]
    )
    assert "ignoring" not in said["apart"]
    assert "2 not finished: eu -> us, eu -> ap. Run the same command again: it waits" in said["later"]
    assert "ignoring" in said["later"], "time ran out"
    assert run.recap("changed")["eu"] == 1
    assert len(federation.service.jobs) == 2
    assert (federation.folder / "link_update_report" / "report.html").exists(), "also when time ran out"


# -- Tags


@pytest.mark.parametrize("federation", [{"backup_seconds": 1e6, "run_seconds": 1e6}], indirect=True)
def test_each_stage_alone_does_its_own_part_and_no_other(federation: Federation) -> None:
    federation.set_up(federation.service, names=NAMES)
    report = federation.folder / "link_update_report" / "report.json"

    preflight = federation.update("--tags", "preflight")
    assert preflight.returncode == 0
    before = federation.service.requests
    assert before == {"tenant_info": 3, "myself": 3, "mypermissions": 3, "configuration": 3}
    assert not report.exists()

    without_waiting = federation.update("--skip-tags", "wait", link_update_report_dir="")
    assert without_waiting.returncode == 0
    assert federation.service.requests["myself"] == 6
    assert [bool(job["body"].get("createBackup")) for job in federation.service.jobs] == [True] * 3
    assert "3 on hold until the backup is done: " in without_waiting.message
    assert (
        "Run the same command again when the backup is done: it schedules the jobs on hold" in without_waiting.message
    )

    submit = federation.update("--tags", "submit", link_update_create_backup="never", link_update_wave="2")
    assert submit.returncode == 0
    assert "6 scheduled, not waited for: " in submit.message
    assert len(federation.service.jobs) == 9
    assert federation.service.requests["myself"] == 6
    assert not report.exists()

    waves = [
        update(wave, {"link_update_wave": wave, "link_update_wait_timeout": 0.2}) for wave in ("2", "never scheduled")
    ]
    wait = told(run_plays(federation, waves, "--tags", "wait"))
    assert "6 not finished: " in wait["2"]
    assert "6 not scheduled: " in wait["never scheduled"]
    for wave in ("2", "never scheduled"):
        assert "ignoring" in wait[wave], "nothing is complete"

    before = federation.service.requests
    from_the_ledger = federation.update("--tags", "report")
    assert from_the_ledger.returncode == 0
    assert federation.service.requests == before
    assert len(federation.service.jobs) == 9
    assert "According to the ledger, 0 of 6 jobs complete. " in from_the_ledger.message
    assert "3 not scheduled: eu -> ap, us -> ap, ap -> us. " in from_the_ledger.message
    updates = json.loads(report.read_text())["updates"]
    assert {each["label"] for each in updates if each["state"] != "absent"} == {"eu -> us", "us -> eu", "ap -> eu"}
