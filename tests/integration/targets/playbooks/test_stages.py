# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs in parts: without waiting, one stage alone, a backup in between."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import datetime

import pytest
from federations import NAMES, Federation

LONG = {"run_seconds": 1e6}
BACKUP = {"queue_seconds": 0.2, "backup_seconds": 3, "run_seconds": 1, "parallel": True}


def backed_up(federation: Federation) -> dict[str, list[float]]:
    """For each instance, how many seconds after its first job the others were scheduled."""
    times: dict[str, list[float]] = {}
    for (product, _destination), job in zip(federation.pairs, federation.service.jobs, strict=True):
        times.setdefault(product, []).append(datetime.fromisoformat(job["submitted_at"]).timestamp())
    return {product: [each - moments[0] for each in moments[1:]] for product, moments in times.items()}


@pytest.mark.parametrize("federation", [BACKUP], indirect=True)
def test_nothing_of_an_instance_is_scheduled_between_its_first_job_and_the_end_of_its_backup(
    federation: Federation,
) -> None:
    run = federation.update()
    assert run.returncode == 0
    gaps = backed_up(federation)
    assert sorted(gaps) == sorted(NAMES)
    for product, others in gaps.items():
        assert len(others) == 2, product
        assert min(others) >= BACKUP["backup_seconds"], product
    assert sum(bool(job["body"].get("createBackup")) for job in federation.service.jobs) == len(NAMES)
    assert "2 more jobs will be scheduled when the backup is done that eu -> us has ordered" in run.message


@pytest.mark.slow
@pytest.mark.parametrize("federation", [BACKUP], indirect=True)
@pytest.mark.parametrize("moment", ["BACKUP", "PENDING"])
def test_killed_while_a_backup_is_made_the_rerun_waits_for_the_same_backup(federation: Federation, moment: str) -> None:
    process = subprocess.Popen(
        federation.command("jira_cloud.federation.link_update"),
        env=federation.environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert any(re.match(rf"au -> eu  {moment}", line) for line in process.stdout), "its backups were never ordered"
    process.kill()
    process.wait()
    assert len(federation.service.jobs) == len(NAMES)
    assert federation.update().returncode == 0
    for product, others in backed_up(federation).items():
        assert min(others) >= BACKUP["backup_seconds"], product
    assert sum(bool(job["body"].get("createBackup")) for job in federation.service.jobs) == len(NAMES)
    assert len(federation.service.jobs) == 12


@pytest.mark.slow
# Long enough for the second run to have begun, also on a busy machine.
@pytest.mark.parametrize("federation", [{**BACKUP, "backup_seconds": 20}], indirect=True)
def test_a_narrowed_run_waits_for_a_backup_that_another_one_ordered(federation: Federation) -> None:
    assert federation.update("--limit", "us", link_update_destinations=["ap"], link_update_wait=False).returncode == 0
    run = federation.update("--limit", "us", link_update_destinations=["au"])
    assert run.returncode == 0
    assert "us 1 more job will be scheduled when the backup is done that us -> " in run.message
    assert backed_up(federation)["us"][0] >= 20
    assert [bool(job["body"].get("createBackup")) for job in federation.service.jobs] == [True, False]


@pytest.mark.parametrize(
    "federation", [{"backup_seconds": 1, "run_seconds": 0, "fail": ["eu.example.net -> us.example.net"]}], indirect=True
)
def test_a_backup_that_fails_holds_its_instance_back_and_says_what_to_choose(federation: Federation) -> None:
    run = federation.update()
    assert run.returncode == 2
    assert [pair for pair in federation.pairs if pair[0] == "eu"] == [("eu", "us")]
    assert len(federation.service.jobs) == 10
    assert "2 not scheduled because the backup was not made (eu -> ap, eu -> au)" in run.message
    assert "rerun to try the backup again, or set link_update_create_backup to never" in run.message
    without = federation.update(link_update_create_backup="never")
    assert without.returncode == 0
    eu = [job["body"] for pair, job in zip(federation.pairs, federation.service.jobs, strict=True) if pair[0] == "eu"]
    assert [bool(body.get("createBackup")) for body in eu] == [True, False, False, False]


@pytest.mark.parametrize(
    "federation", [{"backup_seconds": 1, "run_seconds": 0, "fail": ["eu.example.net -> us.example.net"]}], indirect=True
)
def test_a_backup_that_failed_is_ordered_again_by_the_rerun(federation: Federation) -> None:
    assert federation.update("--limit", "eu").returncode == 2
    assert federation.update("--limit", "eu").returncode == 0
    bodies = [job["body"] for job in federation.service.jobs]
    assert [bool(body.get("createBackup")) for body in bodies] == [True, True, False, False]
    assert federation.pairs == [("eu", "us"), ("eu", "us"), ("eu", "ap"), ("eu", "au")]


@pytest.mark.parametrize("federation", [LONG], indirect=True)
def test_without_waiting_the_run_ends_when_all_is_scheduled_and_a_later_one_collects(federation: Federation) -> None:
    run = federation.update("--limit", "eu", link_update_wait=False, link_update_create_backup="never")
    assert run.returncode == 0
    assert "0 of 3 jobs complete, 3 under way, not waited for (eu -> us, eu -> ap, eu -> au); rerun at any time" in (
        run.message
    )
    later = federation.update("--limit", "eu", link_update_wait_timeout=0.2)
    assert later.returncode == 2
    assert "3 still under way (eu -> us, eu -> ap, eu -> au); rerun at any time to wait" in later.message
    assert len(federation.service.jobs) == 3
    assert (federation.folder / "link_update_report" / "report.html").exists(), "also when time ran out"


@pytest.mark.parametrize("federation", [{**BACKUP, "backup_seconds": 1}], indirect=True)
def test_without_waiting_only_the_backups_are_ordered_and_the_verdict_says_to_come_back(federation: Federation) -> None:
    run = federation.update(link_update_wait=False)
    assert run.returncode == 0
    assert len(federation.service.jobs) == len(NAMES)
    assert "8 held back until the backup is done" in run.message
    assert "come back when the backup is done and rerun to schedule the rest" in run.message
    assert federation.update().returncode == 0
    assert len(federation.service.jobs) == 12


# -- Tags


def test_the_preflight_alone_schedules_nothing(federation: Federation) -> None:
    run = federation.update("--tags", "preflight")
    assert run.returncode == 0
    assert federation.service.requests == {"tenant_info": 4, "myself": 4, "mypermissions": 4, "configuration": 4}
    assert not (federation.folder / "link_update_report").exists()


@pytest.mark.parametrize("federation", [LONG], indirect=True)
def test_submit_alone_waits_for_nothing_and_wait_alone_schedules_nothing(federation: Federation) -> None:
    submit = federation.update("--tags", "submit", link_update_create_backup="never")
    assert submit.returncode == 0
    assert len(federation.service.jobs) == 12
    assert "myself" not in federation.service.requests
    wait = federation.update("--tags", "wait", link_update_wait_timeout=0.2, link_update_wave="1")
    assert wait.returncode == 2
    assert "12 still under way" in wait.message
    other = federation.update("--tags", "wait", link_update_wave="2")
    assert other.returncode == 2, "nothing was waited for"
    assert "12 not scheduled" in other.message
    assert len(federation.service.jobs) == 12


@pytest.mark.parametrize("arguments", [("--skip-tags", "wait"), ("--tags", "preflight,submit")])
def test_a_run_without_its_wait_submits_and_ends(federation: Federation, arguments: tuple[str, ...]) -> None:
    run = federation.update(*arguments, link_update_create_backup="never")
    assert run.returncode == 0
    assert len(federation.service.jobs) == 12
    assert "12 under way, not waited for" in run.message
    assert federation.service.requests["myself"] == 4


def test_the_report_alone_is_made_from_the_ledger_and_asks_nobody(federation: Federation) -> None:
    assert federation.update("--limit", "eu", link_update_report_dir="").returncode == 0
    folder = federation.folder / "link_update_report"
    assert not folder.exists()
    before = federation.service.requests
    run = federation.update("--tags", "report")
    assert run.returncode == 0
    assert federation.service.requests == before
    assert "As the ledger has it, of 12 pairs: 3 complete (eu -> us, eu -> ap, eu -> au), 9 absent" in run.message
    report = json.loads((folder / "report.json").read_text())
    assert {each["label"] for each in report["updates"] if each["state"] == "complete"} == {
        "eu -> us",
        "eu -> ap",
        "eu -> au",
    }
