# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status: where the job of each pair is, as numbers and as text, from what the ledger has."""

from __future__ import annotations

import re
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_STATUS
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.status import link_update_status
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    ReportHarness,
    defaults_of,
)

NAMES = ("eu", "us", "ap", "au")


class StatusHarness(ReportHarness):
    """A federation whose status somebody looks at."""

    def order(self, name: str, **more: Any) -> dict[str, Any]:
        # Also what only a run needs: its jobs are made with it.
        return {**super().order(name), **more}

    def status(self, **options: Any) -> dict[str, Any]:
        known = LINK_UPDATE_STATUS["orders"]["options"]
        orders = [{name: each.get(name) for name in known} for each in options.pop("orders", self.orders)]
        given = {
            **defaults_of(LINK_UPDATE_STATUS),
            "federation": self.federation,
            "orders": orders,
            "ledger": str(self.location),
            **options,
        }
        return link_update_status(given, False, self.reporter, self.clock)

    def text(self, **options: Any) -> str:  # type: ignore[override]  # not of the report
        return "\n".join(self.status(**options)["text"])

    def pair(self, label: str, **options: Any) -> dict[str, Any]:
        (pair,) = [each for each in self.status(**options)["pairs"] if each["label"] == label]
        return dict(pair)

    def left_by_nobody(self) -> None:
        """The runs were made on another machine."""
        with sqlite3.connect(self.location) as ledger:
            ledger.execute("UPDATE link_update_attempts SET claimant = 'another-machine 1 1'")


@pytest.fixture
def harness(tmp_path: Path) -> StatusHarness:
    return StatusHarness(tmp_path, *NAMES)


def test_a_status_tells_of_each_pair_what_it_is_for_how_long_and_what_is_next(harness: StatusHarness) -> None:
    harness.job("us -> eu", "BACKUP", create_backup="always")
    harness.job("eu -> us", "IN_PROGRESS", "COMPLETE")
    harness.job("eu -> ap", "IN_PROGRESS", "ERROR")
    harness.job("eu -> au", "IN_PROGRESS")
    harness.job("ap -> eu")
    harness.left_by_nobody()
    harness.clock.sleep(30)
    lines = harness.text().split("\n")
    start = lines.index("")
    changed = (harness.clock.now() - timedelta(seconds=30)).astimezone()
    assert " ".join(lines[:start]) == (
        "1 of 12 jobs complete, 1 failed, 1 in backup, 1 running, 1 waiting, 2 on hold, 5 not scheduled; wave 1; "
        f"ledger {harness.location} As of {changed:%H:%M:%S} (30s ago), the last change in the ledger"
    )
    assert "\n".join(lines[start + 1 :]) == (
        """\
from \\ to  eu           us       ap        au
eu         .            done 2m  ERROR 2m  running 30s
us         backup 5m    .        on hold   on hold
ap         waiting 30s  -        .         -
au         -            -        -         .

pair      status   waiting  backup  running
eu -> ap  ERROR    1m00s            1m00s
    Next: run again to retry it
us -> eu  backup   1m00s    5m30s
    Next: runs after its backup
eu -> au  running  1m00s            30s
ap -> eu  waiting  30s
us -> ap, au  on hold. Next: starts after the backup of us -> eu
A backup usually takes 20 min to 8 h

Next: run jira_cloud.federation.link_update again. It retries 1, waits
for 3 and schedules 7 jobs. The ledger does not say whether a run is
active. If one is, this is safe: no job is scheduled twice"""
    )
    assert harness.reporter.lines[-len(lines) :] == lines


def test_the_same_is_there_as_data(harness: StatusHarness) -> None:
    job = harness.job("us -> eu", "BACKUP", "IN_PROGRESS", create_backup="always")
    harness.clock.sleep(30)
    result = harness.status()
    assert not result["changed"]
    assert result["counts"] == {"complete": 0, "open": 1, "error": 0, "held": 0, "failed": 0, "absent": 11}
    assert (result["wave"], result["ledger"]) == ("1", str(harness.location))
    assert result["last_change"] == "2026-03-01T12:02:00.000000Z"
    assert harness.pair("us -> eu") == {
        "instance": "us",
        "destination": "eu",
        "origin": "",
        "label": "us -> eu",
        "state": "open",
        "status": "IN_PROGRESS",
        "attempt": 1,
        "job_id": job.job_id,
        "waiting": 60.0,
        "backup": 60.0,
        "running": 30.0,
        "next": None,
    }
    absent = harness.pair("us -> ap")
    assert (absent["state"], absent["next"]) == ("absent", "run to schedule it"), "the backup is done"


def test_a_ledger_that_is_not_there_is_said_so_and_not_made(harness: StatusHarness) -> None:
    result = harness.status()
    assert " ".join(result["text"]) == (
        f"No ledger at {harness.location}: nothing was scheduled from here "
        "Next: run jira_cloud.federation.link_update. It schedules 12 jobs"
    )
    assert not harness.location.exists()
    harness.job("eu -> us")
    for name in NAMES:
        harness.change(name, product_url=f"https://{name}.example.org")
    assert "has no job of these instances: nothing was scheduled from here" in " ".join(harness.status()["text"])


def test_looking_changes_nothing(harness: StatusHarness) -> None:
    harness.job("eu -> us", "IN_PROGRESS")
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in harness.location.parent.iterdir()}
    harness.status()
    after = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in harness.location.parent.iterdir()}
    assert after == before


def test_a_backup_that_was_not_made_is_a_problem_of_its_instance(harness: StatusHarness) -> None:
    harness.job("us -> eu", "BACKUP", "ERROR", create_backup="always")
    harness.left_by_nobody()
    stuck = harness.pair("us -> ap")
    assert (stuck["state"], stuck["next"]) == ("held", "run again: the backup of us -> eu was not made")
    assert "1 failed, 2 on hold, 9 not scheduled" in harness.text().replace("\n", " ")
    without = [{**each, "create_backup": "never"} for each in harness.orders]
    assert harness.pair("us -> ap", orders=without)["state"] == "absent", "nobody waits for a backup"


@pytest.mark.parametrize(
    ("statuses", "options", "expected"),
    [
        (["ERROR"], {"resubmit_failed": False}, "run again with -e link_update_resubmit_failed=true to retry it"),
        (["CANCELLED"], {}, "-e ledger_forget="),
        (["REBUILDING"], {}, None),
    ],
)
def test_what_is_next_follows_from_the_status_and_from_what_a_run_would_do(
    harness: StatusHarness, statuses: list[str], options: dict[str, Any], expected: str | None
) -> None:
    harness.job("eu -> us", *statuses)
    pair = harness.pair("eu -> us", orders=[{**each, **options} for each in harness.orders])
    assert pair["next"] is None if expected is None else expected in pair["next"]
    assert statuses[-1] in harness.text(), "the service's own word"


def test_what_cannot_be_scheduled_any_more_is_a_problem(harness: StatusHarness) -> None:
    harness.job("eu -> us", "COMPLETE")
    harness.left_by_nobody()
    orders = [{**each, "migrated_at": "2026-02-01"} for each in harness.orders if each["name"] == "eu"]
    late = harness.pair("eu -> ap", orders=orders)
    assert (late["state"], late["next"]) == ("absent", "its links could be recreated until 2026-02-15 00:00Z")
    assert "eu -> ap, au  not scheduled. Next: its links could be recreated until" in harness.text(orders=orders)
    assert "schedules" not in harness.text(orders=orders).replace("schedules a job twice", "")


def test_a_run_is_said_to_be_at_work_only_where_that_is_known(harness: StatusHarness) -> None:
    harness.job("eu -> us", "IN_PROGRESS")
    assert harness.status()["run_at_work"] is True, "the process that scheduled the job is this one"
    assert "a run is at work. Wait for its end" in harness.text()
    harness.left_by_nobody()
    assert harness.status()["run_at_work"] is None
    assert "does not say whether a run is active" in harness.text().replace("\n", " ")
    harness.claim("eu -> ap")
    harness.left_by_nobody()
    assert harness.pair("eu -> ap")["state"] == "open"
    assert "sending" in harness.text(), "its lease is not over"
    assert harness.status()["run_at_work"] is True
    harness.clock.sleep(timedelta(hours=2).total_seconds())
    assert harness.pair("eu -> ap")["state"] == "failed"
    assert harness.status()["run_at_work"] is None


def test_of_several_origins_a_cell_shows_the_worst(harness: StatusHarness) -> None:
    harness.change("us", migrated_from=["https://jira.example.com", "https://legacy.example.com"])
    harness.job("eu -> us (from jira.example.com)", "COMPLETE")
    harness.job("eu -> us (from legacy.example.com)", "ERROR")
    for name in ("jira", "legacy"):
        harness.job(f"ap -> us (from {name}.example.com)", "COMPLETE")
    text = harness.text()
    assert "ERROR 1 of 2" in text
    assert "done x2" in text
    assert "eu -> us (from legacy.example.com)  ERROR " in text
    assert harness.pair("eu -> us (from legacy.example.com)")["origin"] == "legacy.example.com"


def test_a_wrong_variable_is_told_once_and_the_rest_is_shown(harness: StatusHarness) -> None:
    harness.job("eu -> us", "COMPLETE")
    harness.job("eu -> ap", "COMPLETE")
    harness.federation["ap"]["migrated_from"] = None
    unread = {
        "instance": "ap",
        "problem": "link_update_migrated_from cannot be read: 'x' is undefined",
        "remedy": "correct it",
    }
    result = harness.status(problems=[unread], only=["eu -> ap"])
    assert result["problems"] == [unread], "and not once more that it is not set"
    assert "ap: link_update_migrated_from cannot be read: 'x' is undefined. Correct it" in harness.reporter.lines
    assert result["counts"]["complete"] == 1
    assert "eu -> ap" not in [each["label"] for each in result["pairs"]]
    assert len(result["pairs"]) == 9


def test_pairs_that_are_named_are_shown_and_no_others(harness: StatusHarness) -> None:
    harness.job("eu -> us", "COMPLETE")
    shown = harness.status(only=["eu->us", "us -> eu"])
    assert [each["label"] for each in shown["pairs"]] == ["eu -> us", "us -> eu"]
    assert "1 of 2 jobs complete" in shown["text"][0]
    orders = [{**each, "destinations": ["us"] if each["name"] == "eu" else None} for each in harness.orders]
    assert "1 of 10 jobs complete" in harness.text(orders=orders)
    refused = harness.status(only=["eu -> mars"])
    assert refused["failed"]
    assert refused["msg"].startswith("only has eu -> mars"), "as the reader has set it"
    assert harness.status(only=["eu -> mars"], problems=[])["msg"].startswith("link_update_only has eu -> mars")
    assert harness.status(orders=[])["failure"]["code"] == "invalid_option"


@pytest.mark.parametrize(("count", "row"), [(4, r"site0 +\."), (12, r"1 +site0 +\."), (30, "site1, site2 +1 +1")])
def test_a_status_fits_a_terminal_whatever_the_size_of_the_federation(tmp_path: Path, count: int, row: str) -> None:
    names = [f"site{index}" for index in range(count)]
    harness = StatusHarness(tmp_path, *names)
    for source in ("site1", "site2"):
        others = [name for name in names if name != source]
        for other, status in zip(others, ("ERROR", "BACKUP", "IN_PROGRESS", "COMPLETE"), strict=False):
            harness.job(f"{source} -> {other}", status)
    lines = harness.status()["text"]
    assert any(re.match(row, line) for line in lines), lines
    assert lines.count("    Next: run again to retry it") == 1, "below both that share it"
    assert max(len(line) for line in lines if "/" not in line) <= 70, "and 10 for the clock time"


def test_sites_with_the_same_numbers_share_a_row_where_sites_are_counted(tmp_path: Path) -> None:
    names = [f"site{index}" for index in range(20)]
    harness = StatusHarness(tmp_path, *names)
    for name in names[1:]:
        harness.job(f"site0 -> {name}", "COMPLETE")
    lines = harness.status()["text"]
    start = lines.index("")
    assert [line.split("  ")[0] for line in lines[start + 1 : start + 4]] == [
        "instance",
        "site0",
        "site1, site2 and 17 more",
    ]
    assert [line.split()[-2:] for line in lines[start + 1 : start + 4]] == [["job", "done"], [".", "19"], ["19", "."]]
