# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run reminds of Atlassian's reports where it makes sense, and is silent otherwise."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import ReportHarness

COMMAND = "ansible-playbook -i INVENTORY jira_cloud.federation.link_reports"


@pytest.fixture
def pair(tmp_path: Path) -> ReportHarness:
    """Two instances whose jobs are complete."""
    harness = ReportHarness(tmp_path, "eu", "us")
    for label in ("eu -> us", "us -> eu"):
        harness.job(label, "COMPLETE")
    return harness


def told_by(lines: list[str]) -> str:
    """The reminder in what was said; empty where there is none."""
    text = " ".join(lines).replace("\u00a0", " ")
    _before, head, rest = text.partition("Atlassian's reports")
    return head + rest.partition(COMMAND)[0]


def at_the_end(pair: ReportHarness, days: float = 1, **options: object) -> str:
    """What is said with the verdict, so many days after the jobs were complete."""
    pair.clock.time += timedelta(days=days)
    pair.reporter.lines.clear()
    pair.report(**options)
    assert "jobs complete" in " ".join(pair.reporter.lines)
    return told_by(pair.reporter.lines)


def at_the_begin(pair: ReportHarness, days: float = 1) -> str:
    """What a preflight warns of, so many days after the jobs were complete."""
    pair.clock.time += timedelta(days=days)
    pair.reporter.warnings.clear()
    for order in pair.orders:
        order |= {"preflight": False, "site_id": f"site-{order['name']}"}
    result = link_update_run(pair.options(stages=["preflight"]), False, pair.reporter, pair.clock)
    assert "failed" not in result
    return told_by(pair.reporter.warnings)


def test_the_verdict_of_jobs_that_are_all_complete_reminds_of_the_reports(pair: ReportHarness) -> None:
    assert at_the_end(pair) == "Atlassian's reports of eu, us were not downloaded yet, 27 days left: "


def test_who_has_downloaded_them_is_not_reminded(pair: ReportHarness) -> None:
    pair.folder.mkdir(parents=True)
    (pair.folder / "audit_log_eu.example.net_2026-03-01.csv").write_text("a,b")
    (pair.folder / "history_us.example.net_2026-02-28.csv").write_text("a,b")
    # That of us is older than its job.
    assert at_the_end(pair) == "Atlassian's reports of us were not downloaded yet, 28 days left: "
    (pair.folder / "history_us.example.net_2026-03-02_job-1.csv").write_text("a,b")
    assert at_the_end(pair) == ""


def test_a_run_that_is_not_done_reminds_in_the_last_days_only(tmp_path: Path) -> None:
    harness = ReportHarness(tmp_path, "eu", "us")
    harness.job("eu -> us", "COMPLETE")
    assert at_the_end(harness, days=18) == ""
    assert at_the_end(harness, days=2) == "Atlassian's reports of eu were not downloaded yet, 9 days left: "


def test_a_preflight_reminds_in_the_last_days_and_not_after_them(pair: ReportHarness) -> None:
    assert at_the_begin(pair, days=18) == ""
    assert at_the_begin(pair, days=2) == "Atlassian's reports of eu, us were not downloaded yet, 8 days left: "
    assert at_the_begin(pair, days=9) == ""


def test_jobs_of_another_wave_are_not_reminded_of(tmp_path: Path) -> None:
    harness = ReportHarness(tmp_path, "eu", "us")
    harness.job("eu -> us", "COMPLETE", wave="before")
    assert at_the_begin(harness, days=20) == ""


def test_a_rehearsal_reminds_of_nothing(pair: ReportHarness) -> None:
    assert at_the_end(pair, stand_in_url="http://127.0.0.1:1") == ""
