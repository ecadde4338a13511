# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as data and as files: the whole federation, nothing secret, and never half of it."""

from __future__ import annotations

import json
import os
import re
import resource
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.jira_cloud.federation.plugins.module_utils._census.summary import CensusResult
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock, to_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._login import login
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.summary import CheckResult
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.files import check_folder
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.overdue import OverdueJob, overdue_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.report import report_stage
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    EMAIL,
    LEASE,
    REFUSED,
    TOKEN,
    Options,
    ReportHarness,
    by_label,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION

OLD = "https://jira.example.com"

DOCUMENTATION = COLLECTION / "docs/docsite/rst/report.rst"


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us", "ap")


@pytest.fixture
def pair(tmp_path: Path) -> ReportHarness:
    """The smallest federation there is."""
    return ReportHarness(tmp_path, "eu", "us")


def labels_of(harness: ReportHarness) -> list[str]:
    return [desired.label for spec in harness.settings().specs for desired in spec.desired]


def documented() -> list[set[str]]:
    """The fields that each of the tables of the documentation has."""
    tables = re.findall(r"^\.\. list-table::\n(?:\n|   .*\n)+", DOCUMENTATION.read_text(encoding="utf-8"), re.MULTILINE)
    first_cells = [re.findall(r"^   \* - (.*)", table, re.MULTILINE) for table in tables]
    return [set(re.findall(r"``(\w+)``", " ".join(cells))) for cells in first_cells]


# -- What is in it


def test_a_report_has_the_fields_that_are_documented_and_no_others(harness: ReportHarness) -> None:
    harness.orders = harness.orders[:1]
    _shapes, of_report, of_update, of_census, of_check = documented()
    report = harness.reported(
        harness.run(eu_us={"job": harness.job("eu -> us", "COMPLETE")}, eu_ap={"failure": REFUSED})
    )
    assert set(report) == of_report
    assert [set(update) for update in report["updates"]] == [of_update] * 6
    assert set(CensusResult.__annotations__) == of_census
    assert set(CheckResult.__annotations__) == of_check


def test_a_report_has_every_ordered_pair_once_whatever_the_run_was_about(harness: ReportHarness) -> None:
    everything = [f"{name} -> {other}" for name, other in permutations(["eu", "us", "ap"], 2)]
    one = [{**harness.orders[2], "destinations": ["us"]}]
    for asked in (harness.orders, harness.orders[1:2], one):
        harness.orders = asked
        report = harness.reported(harness.run())
        assert [each["label"] for each in report["updates"]] == everything
        assert {f"{each['instance']} -> {each['destination']}" for each in report["updates"]} == set(everything)


def test_what_the_run_was_about_is_told_as_the_run_tells_it(pair: ReportHarness) -> None:
    job = pair.job("eu -> us", "IN_PROGRESS", "COMPLETE")
    pair.clock.sleep(3600)
    report = pair.reported(pair.run(eu_us={"job": job}))
    begun = pair.clock.now() - timedelta(seconds=3720)
    assert by_label(report)["eu -> us"] == {
        "instance": "eu",
        "destination": "us",
        "origin": "",
        "label": "eu -> us",
        "in_run": True,
        "state": "complete",
        "status": "COMPLETE",
        "attempt": 1,
        "job_id": "job 1 of eu -> us",
        "site_id": "site-eu",
        "product_url": "https://eu.example.net",
        "destination_url": "https://us.example.net",
        "migrated_from": "https://jira.example.com",
        "migrated_from_override": None,
        "recreate_as_remote": True,
        "create_backup": False,
        "submitted_at": to_text(begun),
        "completed_at": to_text(begun + timedelta(seconds=120)),
        "elapsed": 120.0,
        "waiting": 60.0,
        "backup": 0.0,
        "running": 60.0,
        "held": None,
        "overdue": None,
        "failure": None,
        "links": None,
        "history": [
            {"status": "PENDING", "since": to_text(begun)},
            {"status": "IN_PROGRESS", "since": to_text(begun + timedelta(seconds=60))},
            {"status": "COMPLETE", "since": to_text(begun + timedelta(seconds=120))},
        ],
    }


@pytest.mark.parametrize("whole", [True, False], ids=["without a run", "in a run of others"])
def test_what_no_run_tells_is_what_the_ledger_has(pair: ReportHarness, whole: bool) -> None:
    pair.job("us -> eu", "BACKUP", create_backup="always")
    pair.clock.sleep(30)
    pair.orders = pair.orders[:1]
    update = by_label(pair.reported(None if whole else pair.run()))["us -> eu"]
    begun = pair.clock.now() - timedelta(seconds=90)
    assert update == {
        "instance": "us",
        "destination": "eu",
        "origin": "",
        "label": "us -> eu",
        "in_run": False,
        "state": "open",
        "status": "BACKUP",
        "attempt": 1,
        "job_id": "job 1 of us -> eu",
        "site_id": "site-us",
        "product_url": "https://us.example.net",
        "destination_url": "https://eu.example.net",
        "migrated_from": "https://jira.example.com",
        "migrated_from_override": None,
        "recreate_as_remote": True,
        "create_backup": True,
        "submitted_at": to_text(begun),
        "completed_at": None,
        "elapsed": 90.0,
        "waiting": 60.0,
        "backup": 30.0,
        "running": 0.0,
        "held": None,
        "overdue": None,
        "failure": None,
        "links": None,
        "history": [
            {"status": "PENDING", "since": to_text(begun)},
            {"status": "BACKUP", "since": to_text(begun + timedelta(seconds=60))},
        ],
    }


@pytest.mark.parametrize(
    ("statuses", "state", "status"),
    [
        ((), "open", "PENDING"),
        (("BACKUP",), "open", "BACKUP"),
        (("IN_PROGRESS",), "open", "IN_PROGRESS"),
        (("IN_PROGRESS", "RETRY"), "open", "RETRY"),
        (("PONDERING",), "open", "PONDERING"),
        (("COMPLETE",), "complete", "COMPLETE"),
        (("RETRY", "ERROR"), "error", "ERROR"),
    ],
)
def test_the_state_of_a_job_in_the_ledger_follows_from_its_status(
    pair: ReportHarness, statuses: tuple[str, ...], state: str, status: str
) -> None:
    pair.job("eu -> us", *statuses)
    update = by_label(pair.reported())["eu -> us"]
    assert (update["state"], update["status"]) == (state, status)
    assert bool(update["completed_at"]) == (state != "open")


def test_a_request_without_an_answer_is_open_only_while_the_answer_may_still_come(harness: ReportHarness) -> None:
    harness.claim("eu -> us")
    harness.claim("eu -> ap", abandon=True)
    updates = by_label(harness.reported())
    assert [updates[label]["state"] for label in ("eu -> us", "eu -> ap", "us -> eu")] == ["open", "failed", "absent"]
    assert {updates[label]["job_id"] for label in ("eu -> us", "eu -> ap", "us -> eu")} == {None}
    assert [each["label"] for each in updates.values() if each["failure"]] == ["eu -> ap"]
    assert updates["eu -> ap"]["failure"]["code"] == "submission_unknown"
    assert "Atlassian may have created this job" in updates["eu -> ap"]["failure"]["message"]
    harness.clock.sleep(LEASE.total_seconds() + 1)
    assert by_label(harness.reported())["eu -> us"]["state"] == "failed"


def test_of_several_attempts_the_last_one_counts(pair: ReportHarness) -> None:
    pair.job("eu -> us", "ERROR")
    pair.clock.sleep(60)
    pair.job("eu -> us", "IN_PROGRESS", attempt=2)
    update = by_label(pair.reported())["eu -> us"]
    assert (update["state"], update["attempt"], update["job_id"]) == ("open", 2, "job 2 of eu -> us")
    assert [each["status"] for each in update["history"]] == ["PENDING", "IN_PROGRESS"]


@pytest.mark.parametrize("other", [{"wave": "2"}, {"recreate_as_remote": False}])
def test_a_job_of_another_wave_or_manner_is_no_job_of_this_one(pair: ReportHarness, other: Options) -> None:
    pair.job("us -> eu", "COMPLETE", **other)
    asked = pair.orders[:1]
    assert by_label(pair.reported(orders=asked))["us -> eu"]["state"] == "absent"
    assert by_label(pair.reported(orders=[{**asked[0], **other}]))["us -> eu"]["state"] == "complete"


@pytest.mark.parametrize("change", ["migrated_from", "migrated_from_override"])
def test_a_job_of_another_origin_is_no_job_of_this_one(pair: ReportHarness, change: str) -> None:
    pair.change("eu", **{change: "https://other.example.com"})
    pair.job("us -> eu", "COMPLETE")
    update = by_label(pair.reported(orders=pair.orders[:1]))["us -> eu"]
    assert (update["state"], update[change]) == ("complete", "https://other.example.com")
    pair.change("eu", **{change: "https://another.example.com"})
    assert by_label(pair.reported(orders=pair.orders[:1]))["us -> eu"]["state"] == "absent"


# -- Several origins, and both products


STAGING = {"url": "https://staging.example.com", "override": "https://old.example.com"}


@pytest.fixture
def merged(harness: ReportHarness) -> ReportHarness:
    """A federation in which C(us) has data of two servers, and C(ap) is a Confluence."""
    harness.change("us", migrated_from=["https://jira.example.com", STAGING])
    harness.change("ap", product_url="https://ap.example.net/wiki", migrated_from="https://wiki.example.com")
    return harness


@pytest.mark.parametrize("how", ["in the run", "without a run", "in a run of others"])
def test_a_pair_has_an_update_for_each_origin_of_its_destination(merged: ReportHarness, how: str) -> None:
    job = merged.job("eu -> us (from old.example.com)", "COMPLETE")
    run = merged.run(**{"eu -> us (from old.example.com)": {"job": job}})
    if how == "in a run of others":
        merged.orders = merged.orders[1:]
    report = merged.reported({"in the run": run, "without a run": None, "in a run of others": merged.run()}[how])
    told = [
        (each["label"], each["origin"], each["state"], each["recreate_as_remote"], each["in_run"] == (run is not None))
        for each in report["updates"]
    ]
    assert [each[:4] for each in told] == [
        ("eu -> us (from jira.example.com)", "jira.example.com", "absent", True),
        ("eu -> us (from old.example.com)", "old.example.com", "complete", True),
        ("eu -> ap", "", "absent", False),
        ("us -> eu", "", "absent", True),
        ("us -> ap", "", "absent", False),
        ("ap -> eu", "", "absent", False),
        ("ap -> us (from jira.example.com)", "jira.example.com", "absent", False),
        ("ap -> us (from old.example.com)", "old.example.com", "absent", False),
    ]
    done = by_label(report)["eu -> us (from old.example.com)"]
    assert (done["migrated_from"], done["migrated_from_override"]) == (STAGING["url"], STAGING["override"])
    assert done["in_run"] == (how == "in the run")
    assert report["instances"][1]["migrated_from"] == "https://jira.example.com, https://staging.example.com"
    assert report["instances"][1]["origins"] == ["https://jira.example.com", "https://old.example.com"]
    row = merged.rows()[1]
    assert (row["origin"], row["state"], row["migrated_from_override"]) == (
        "old.example.com",
        "complete",
        STAGING["override"],
    )


def test_a_job_that_was_done_while_its_destination_had_one_origin_is_found_when_it_has_two(
    pair: ReportHarness,
) -> None:
    pair.job("us -> eu", "COMPLETE")
    pair.change("eu", migrated_from=["https://old.example.com", "https://jira.example.com"])
    updates = by_label(pair.reported())
    assert {label: each["state"] for label, each in updates.items()} == {
        "eu -> us": "absent",
        "us -> eu (from old.example.com)": "absent",
        "us -> eu (from jira.example.com)": "complete",
    }


@pytest.mark.parametrize("asked", ["eu", "ap"])
@pytest.mark.parametrize("recreate", ["auto", True])
def test_of_both_products_the_jobs_are_found_of_those_that_take_no_part_as_well(
    merged: ReportHarness, asked: str, recreate: object
) -> None:
    for label in labels_of(merged):
        merged.job(label, "COMPLETE")
    destinations = ["us"] if recreate is True else None
    merged.orders = [
        merged.order(asked, create_backup="always", recreate_as_remote=recreate, destinations=destinations)
    ]
    if recreate is True and asked == "ap":
        assert "cannot be recreated for" in merged.report()["msg"], "the instance itself is refused"
        return
    report = merged.reported()
    assert {each["state"] for each in report["updates"]} == {"complete"}
    assert len(report["updates"]) == 8


def test_of_an_instance_that_takes_no_part_nobody_orders_a_backup(merged: ReportHarness) -> None:
    merged.orders = [merged.order("eu", create_backup="always")]
    ordered = [each["instance"] for each in merged.reported()["updates"] if each["create_backup"]]
    assert ordered == ["eu"] * 3


def test_local_links_are_told_only_where_the_run_was_about_them(pair: ReportHarness) -> None:
    pair.orders = [pair.order("eu", destinations=["eu", "us"], recreate_as_remote=False)]
    job = pair.job("eu -> eu", "COMPLETE", destinations=["eu"], recreate_as_remote=False)
    told = [(each["label"], each["state"]) for each in pair.reported(pair.run(eu_eu={"job": job}))["updates"]]
    assert told == [("eu -> eu", "complete"), ("eu -> us", "absent"), ("us -> eu", "absent")]


def test_a_failure_is_carried_over_as_it_is(pair: ReportHarness) -> None:
    report = pair.reported(pair.run(eu_us={"failure": REFUSED}))
    update = by_label(report)["eu -> us"]
    assert (update["state"], update["job_id"], update["history"]) == ("failed", None, [])
    assert update["failure"] == {
        "code": "unauthorized",
        "message": "eu -> us: the token is wrong",
        "http_status": 401,
        "request_id": "r-1",
        "job_id": None,
    }
    details = {each["name"]: each["details"] for each in report["instances"]}
    assert details == {"eu": ["eu -> us: the token is wrong"], "us": []}


@pytest.mark.parametrize("in_run", [True, False])
@pytest.mark.parametrize(
    ("policy", "advice"),
    [
        ({}, "Run again to retry it"),
        ({"resubmit_failed": False}, "To retry it, run again with resubmit_failed: true"),
    ],
)
def test_a_job_that_ended_in_error_has_its_failure_whoever_tells_of_it(
    pair: ReportHarness, in_run: bool, policy: Options, advice: str
) -> None:
    pair.orders = [pair.order("eu", **policy)]
    job = pair.job("eu -> us", "ERROR")
    run = pair.run(eu_us={"job": job}) if in_run else None
    report = pair.reported(run)
    update = by_label(report)["eu -> us"]
    message = f"eu -> us: job job 1 of eu -> us (attempt 1) ended in ERROR. {advice}"
    assert (update["state"], update["in_run"]) == ("error", in_run)
    assert update["failure"] == {
        "code": "job_error",
        "message": message,
        "http_status": None,
        "request_id": None,
        "job_id": "job 1 of eu -> us",
    }
    assert pair.rows()[0]["failure"] == message
    assert f">The job (attempt 1) ended in ERROR. {advice}<" in pair.text("html")
    if run:
        assert run["instances"]["eu"]["details"] == [message]


def test_what_the_service_said_of_a_job_is_in_every_file(pair: ReportHarness) -> None:
    job = replace(pair.job("eu -> us", "CANCELLED"), said="by Ann <Admin>")
    run = pair.run(eu_us={"job": job})
    update = by_label(pair.reported(run))["eu -> us"]
    assert (update["state"], update["status"], bool(update["completed_at"])) == ("error", "CANCELLED", True)
    assert "ended in CANCELLED: by Ann <Admin>. Look at the site" in update["failure"]["message"]
    assert run["updates"][0]["failure"] == update["failure"]
    assert pair.rows()[0]["failure"] == update["failure"]["message"]
    assert "ended in CANCELLED: by Ann &lt;Admin&gt;." in pair.text("html")
    assert '<td class="failed"' in pair.text("html")


def test_what_kept_a_job_in_error_from_being_scheduled_anew_is_told_instead_of_the_error(pair: ReportHarness) -> None:
    run = pair.run(eu_us={"job": pair.job("eu -> us", "ERROR"), "failure": REFUSED})
    assert by_label(pair.reported(run))["eu -> us"]["failure"] == REFUSED.as_result()


def test_why_an_update_is_held_back_is_carried_over(harness: ReportHarness) -> None:
    why = "waits for the backup, which eu -> us has ordered"
    update = by_label(harness.reported(harness.run(eu_ap={"held": why})))["eu -> ap"]
    assert (update["state"], update["held"], update["elapsed"]) == ("held", why, None)


def test_every_instance_is_there_with_its_window_where_the_run_was_about_it(harness: ReportHarness) -> None:
    harness.orders = [harness.order("eu", migrated_at="2026-03-01T18:30:00Z"), harness.order("us")]
    told = [
        (each["name"], each["product_url"], each["in_run"], each["window_closes"])
        for each in harness.reported(harness.run())["instances"]
    ]
    assert told == [
        ("eu", "https://eu.example.net", True, "2026-03-15T18:30:00.000000Z"),
        ("us", "https://us.example.net", True, None),
        ("ap", "https://ap.example.net", False, None),
    ]


def test_the_application_links_of_what_the_run_recreates_are_listed(harness: ReportHarness) -> None:
    harness.orders = [
        harness.order("eu"),
        harness.order("us", recreate_as_remote=False),
        harness.order("ap", destinations=["ap", "eu"]),
    ]
    assert harness.reported(harness.run())["app_links"] == [
        {
            "product": "eu",
            "product_url": "https://eu.example.net",
            "destinations": [
                {"name": "us", "url": "https://us.example.net"},
                {"name": "ap", "url": "https://ap.example.net"},
            ],
        },
        {
            "product": "ap",
            "product_url": "https://ap.example.net",
            "destinations": [{"name": "eu", "url": "https://eu.example.net"}],
        },
    ]


def test_an_application_link_is_listed_once_and_only_where_links_are_recreated(merged: ReportHarness) -> None:
    listed = {each["product"]: [to["name"] for to in each["destinations"]] for each in merged.reported()["app_links"]}
    assert listed == {"eu": ["us"], "us": ["eu"]}


def test_a_report_says_when_it_was_made_of_which_wave_it_is_and_whether_it_is_a_rehearsal(pair: ReportHarness) -> None:
    pair.orders = [pair.order("eu", wave="spring"), pair.order("us", wave="autumn")]
    pair.clock.sleep(1.5)
    report = pair.reported(stand_in_url="http://127.0.0.1:1")
    assert (report["generated_at"], report["wave"]) == ("2026-03-01T12:00:01.500000Z", "autumn, spring")
    assert report["rehearsal"] is True
    assert pair.reported()["rehearsal"] is False


def test_a_report_says_who_made_it_with_which_version_since_when_and_how_long_it_took(pair: ReportHarness) -> None:
    assert pair.reported()["run"] is None
    assert pair.reported(pair.run())["run"]["by"] == login()
    settings = pair.settings(stages=["report"], run_by="alice,\nAWX job 7")
    begun = pair.clock.now()
    pair.clock.sleep(90)
    report_stage(settings, pair.run(), pair.reporter, pair.clock)
    assert json.loads(pair.text("json"))["run"] == {
        "by": "alice, AWX job 7",
        "version": yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["version"],
        "started_at": to_text(begun),
        "seconds": 90.0,
    }


def test_a_job_that_is_overdue_is_reported_with_what_to_do(pair: ReportHarness) -> None:
    late = OverdueJob("eu -> us", 1, "0a1b2c3d.1", 7200.0, None)
    report = pair.reported(pair.run(eu_us={"job": pair.job("eu -> us"), "overdue": late}))
    assert by_label(report)["eu -> us"]["overdue"] == f"{overdue_text([late])}; {late.remedy}"


def test_a_run_of_all_stages_ends_with_a_report_of_itself(tmp_path: Path) -> None:
    script = Script(queue_seconds=0.0, run_seconds=0.0, backup_seconds=0.0, email=EMAIL, api_token=TOKEN)
    harness = ReportHarness(tmp_path, "eu", "us", "ap")
    with StandIn(script) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        for name, instance in harness.federation.items():
            instance["product_url"] = f"{server.url}/{name}.example.net"
        harness.orders = [harness.order(name) for name in ("eu", "us")]
        api_url = f"{server.url}/api.example.net/links/v1"
        options = harness.options(api_url=api_url, poll_min=0.01, app_links_authorized=True)
        run = link_update_run(options, False, harness.reporter, SystemClock())
        server.shutdown()
    report = json.loads(harness.text("json"))
    assert report["verdict"] == run["verdict"]
    assert [(each["state"], each["in_run"]) for each in report["updates"]] == [("complete", True)] * 4 + [
        ("absent", False)
    ] * 2
    assert all(each["history"][-1]["status"] == "COMPLETE" for each in report["updates"] if each["in_run"])
    assert [each["create_backup"] for each in report["updates"]] == [True, False, True, False, False, False]


# -- The verdict


def test_the_verdict_of_the_run_is_that_of_the_report_and_told_with_the_path(pair: ReportHarness) -> None:
    jobs = {label: {"job": pair.job(label.replace("_", " -> "), "COMPLETE")} for label in ("eu_us", "us_eu")}
    run = pair.run(**jobs)
    result = pair.report(run)
    path = pair.folder / "report.html"
    assert result["verdict"] == run["verdict"]
    assert result["files"] == {kind: str(path.with_suffix(f".{kind}")) for kind in ("html", "json", "csv")}
    told = f"2 of 2 jobs complete. Report: {path}"
    assert (pair.reporter.lines[-1], pair.reporter.levels[-1]) == (told, Level.SUCCESS)


def test_the_verdict_of_the_ledger_says_that_it_is_one_and_names_what_is_missing(pair: ReportHarness) -> None:
    pair.job("eu -> us", "COMPLETE")
    result = pair.report()
    assert result["verdict"] == {
        "ok": False,
        "message": "According to the ledger, 1 of 2 jobs complete. 1 not scheduled: us -> eu",
        "counts": {"complete": 1, "open": 0, "error": 0, "held": 0, "failed": 0, "absent": 1},
        "pairs": {
            "complete": ["eu -> us"],
            "open": [],
            "error": [],
            "held": [],
            "failed": [],
            "absent": ["us -> eu"],
        },
        "left_out": [],
    }
    assert pair.reporter.lines[0].startswith("According to the ledger, 1 of 2 jobs complete")
    assert pair.reporter.levels == [Level.FAILURE]
    pair.job("us -> eu", "COMPLETE")
    assert pair.report()["verdict"]["ok"]


# -- The variables of the run


def test_a_variable_that_is_the_same_for_all_is_told_once_and_others_for_each(pair: ReportHarness) -> None:
    pair.orders = [
        pair.order("eu", migrated_at="2026-03-01", destinations=["us"]),
        pair.order("us", email="you@example.com"),
    ]
    settings = pair.reported(settings={"link_update_wait_timeout": 60.0, "link_update_group": "jira"})["settings"]
    assert settings == {
        "link_update_destinations": {"eu": ["us"], "us": None},
        "link_update_migrated_at": {"eu": "2026-03-01", "us": None},
        "link_update_recreate_as_remote": "auto",
        "link_update_create_backup": "first",
        "link_update_wave": "1",
        "link_update_force": False,
        "link_update_resubmit_failed": True,
        "link_update_unknown_submission": "resubmit",
        "link_update_preflight": True,
        "link_update_email": {"eu": EMAIL, "us": "you@example.com"},
        "link_update_migrated_from": OLD,
        "link_update_wait_timeout": 60.0,
        "link_update_group": "jira",
    }


def test_the_origins_of_all_instances_are_told_as_they_are_used(harness: ReportHarness) -> None:
    harness.orders = harness.orders[:1]
    staging = {"url": "http://staging.dc/", "override": f"{OLD}/browse/ABC-1?token=hunter2"}
    harness.federation["us"]["migrated_from"] = [staging, {"url": "https://B.dc", "migrated_at": "2026-02-28"}]
    harness.federation["ap"] |= {"migrated_from": "http://staging.dc", "migrated_from_override": OLD}
    assert harness.reported()["settings"]["link_update_migrated_from"] == {
        "eu": OLD,
        "us": [f"http://staging.dc as {OLD}", "https://b.dc"],
        "ap": f"http://staging.dc as {OLD}",
    }
    for kind in ("html", "json", "csv"):
        assert "hunter2" not in harness.text(kind)


def test_a_variable_that_is_not_set_is_not_told_whichever_way_ansible_says_so(pair: ReportHarness) -> None:
    pair.orders = [pair.order(name, migrated_at="", site_id=None, destinations=[""]) for name in ("eu", "us")]
    settings = pair.reported()["settings"]
    assert not {"link_update_migrated_at", "link_update_site_id", "link_update_destinations"} & set(settings)


def test_the_token_is_in_none_of_the_files(harness: ReportHarness) -> None:
    harness.orders[0]["api_token"] = f"another-{TOKEN}"
    harness.report(harness.run(eu_us={"job": harness.job("eu -> us", "ERROR")}, eu_ap={"failure": REFUSED}))
    assert harness.files() == ["report.csv", "report.html", "report.json"]
    for kind in ("html", "json", "csv"):
        assert TOKEN not in harness.text(kind)
        assert "api_token" not in harness.text(kind)


def test_what_a_pasted_address_has_after_its_path_is_in_none_of_the_files(pair: ReportHarness) -> None:
    url = pair.federation["eu"]["product_url"]
    pair.orders = [pair.order("eu", product_url=f"{url}/login.jsp?os_password=hunter2"), pair.order("us")]
    settings = pair.reported()["settings"]
    assert settings["link_update_product_url"]["eu"] == f"{url}/login.jsp?..."
    for kind in ("html", "json", "csv"):
        assert "hunter2" not in pair.text(kind)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@db.example.com:5432/ledger", "postgresql://me:********@db.example.com:5432/ledger"),
        ("postgres://me:hunter2@db.example.com/ledger", "postgres://me:********@db.example.com/ledger"),
        ("postgresql://me:a@hunter2@db.example.com/ledger", "postgresql://me:********@db.example.com/ledger"),
        ("postgresql://db/ledger?user=me&password=hunter2", None),
        ("postgresql://me@db.example.com/ledger", "postgresql://me@db.example.com/ledger"),
    ],
)
def test_the_password_of_a_database_is_in_none_of_the_files(pair: ReportHarness, url: str, shown: str | None) -> None:
    settings = pair.reported(settings={"link_update_ledger": url})["settings"]
    for kind in ("html", "json", "csv"):
        assert "hunter2" not in pair.text(kind)
    if shown:
        assert settings["link_update_ledger"] == shown


# -- The table for spreadsheets


def test_the_table_has_one_row_for_each_pair_and_says_what_went_wrong(harness: ReportHarness) -> None:
    jobs = {"job": harness.job("eu -> us", "COMPLETE", create_backup="always")}
    why = "waits for the backup, which ap -> eu has ordered"
    harness.report(harness.run(eu_us=jobs, us_eu={"failure": REFUSED}, ap_us={"held": why}))
    rows = harness.rows()
    assert [(row["instance"], row["destination"], row["state"], row["failure"]) for row in rows] == [
        ("eu", "us", "complete", ""),
        ("eu", "ap", "absent", ""),
        ("us", "eu", "failed", REFUSED.message),
        ("us", "ap", "absent", ""),
        ("ap", "eu", "absent", ""),
        ("ap", "us", "held", why),
    ]
    assert rows[0] == {
        "instance": "eu",
        "destination": "us",
        "origin": "",
        "state": "complete",
        "status": "COMPLETE",
        "attempt": "1",
        "job_id": "job 1 of eu -> us",
        "submitted_at": "2026-03-01T12:00:00.000000Z",
        "completed_at": "2026-03-01T12:01:00.000000Z",
        "elapsed": "60.0",
        "create_backup": "True",
        "in_run": "True",
        "site_id": "site-eu",
        "product_url": "https://eu.example.net",
        "destination_url": "https://us.example.net",
        "migrated_from": "https://jira.example.com",
        "migrated_from_override": "",
        "recreate_as_remote": "True",
        "failure": "",
        "waiting": "60.0",
        "backup": "0.0",
        "running": "0.0",
        "links": "",
    }


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(1)", '=HYPERLINK("https://evil.example.com")'])
def test_no_cell_of_the_table_is_a_formula(tmp_path: Path, text: str) -> None:
    harness = ReportHarness(tmp_path, text, "us")
    harness.report(harness.run(**{f"{text}_us": {"failure": Failure(text, Code.UNAUTHORIZED)}}))
    row = harness.rows()[0]
    assert (row["instance"], row["failure"]) == (f"'{text}", f"'{text}")
    assert row["destination"] == "us"


def test_a_cell_of_the_table_holds_commas_quotes_and_lines(pair: ReportHarness) -> None:
    text = 'one, "two"\nthree'
    pair.report(pair.run(eu_us={"failure": Failure(text, Code.UNAUTHORIZED)}))
    assert [row["failure"] for row in pair.rows()] == [text, ""]


# -- The files


def test_nothing_but_the_three_files_is_left_behind_and_a_folder_is_made_for_them(pair: ReportHarness) -> None:
    assert not pair.folder.parent.exists()
    pair.report()
    assert pair.files() == ["report.csv", "report.html", "report.json"]


@contextmanager
def umask_of(mask: int) -> Iterator[None]:
    """What the user's shell, or a service manager, has set."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o377, 0o777])
def test_a_report_is_its_owners_alone_whatever_the_umask_is(pair: ReportHarness, mask: int) -> None:
    with umask_of(mask):
        pair.report()
    assert {path.name: mode_of(path) for path in pair.folder.iterdir()} == {
        "report.html": 0o600,
        "report.json": 0o600,
        "report.csv": 0o600,
    }
    assert {mode_of(folder) for folder in (pair.folder, pair.folder.parent)} == {0o700}
    assert EMAIL in pair.text("html"), "and it does hold what is nobody else's affair"


def test_a_folder_that_is_there_keeps_its_mode_and_files_that_others_could_read_are_replaced(
    pair: ReportHarness,
) -> None:
    pair.folder.mkdir(parents=True)
    pair.folder.chmod(0o755)
    for kind in ("html", "json", "csv"):
        path = pair.folder / f"report.{kind}"
        path.touch()
        path.chmod(0o644)
    pair.report()
    assert mode_of(pair.folder) == 0o755
    assert {mode_of(path) for path in pair.folder.iterdir()} == {0o600}


def test_no_file_of_a_report_can_be_read_by_others_while_it_is_written(
    pair: ReportHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair.folder.mkdir(parents=True)
    seen: dict[str, int] = {}
    write = Path.write_text

    def watched(path: Path, *args: Any, **kwargs: Any) -> int:
        written = write(path, *args, **kwargs)
        seen[path.name] = mode_of(path) & mode_of(path.parent)
        return written

    monkeypatch.setattr(Path, "write_text", watched)
    with umask_of(0):
        pair.report()
    assert set(seen) == {"report.html", "report.json", "report.csv"}
    assert not any(mode & 0o077 for mode in seen.values())


def test_a_text_that_no_file_can_hold_is_written_as_what_it_is(pair: ReportHarness) -> None:
    report = pair.reported(settings={"link_update_group": "half \udc80 a name"})
    assert report["settings"]["link_update_group"] == "half \udc80 a name"
    assert "half \\udc80 a name" in pair.text("html")


def test_a_report_takes_the_place_of_an_older_one_all_at_once(pair: ReportHarness) -> None:
    pair.report()
    before = {kind: pair.text(kind) for kind in ("html", "json", "csv")}
    readers = {kind: (pair.folder / f"report.{kind}").open(encoding="utf-8") for kind in before}
    pair.job("eu -> us", "COMPLETE")
    pair.report()
    for kind, reader in readers.items():
        with reader:
            assert reader.read() == before[kind]
        assert pair.text(kind) != before[kind]
    assert pair.files() == ["report.csv", "report.html", "report.json"]


@contextmanager
def no_room_for(size: int) -> Iterator[None]:
    """No file can get larger than this."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_an_older_report_stays_whole_where_there_is_no_room_for_a_new_one(pair: ReportHarness) -> None:
    pair.report()
    before = {kind: pair.text(kind) for kind in ("html", "json", "csv")}
    pair.clock.sleep(60)
    pair.orders[0]["wave"] = "2"
    with no_room_for(1000):
        result = pair.report(pair.run())
    assert (result["failed"], result["failure"]["code"]) == (True, "report")
    assert any(line.startswith("0 of 2 jobs complete") for line in pair.reporter.lines), (
        "what was done is told nonetheless"
    )
    assert {kind: pair.text(kind) for kind in before} == before
    assert pair.files() == ["report.csv", "report.html", "report.json"]


def test_a_file_that_cannot_be_replaced_leaves_nothing_behind(pair: ReportHarness) -> None:
    (pair.folder / "report.html").mkdir(parents=True)
    assert pair.report(pair.run())["failure"]["code"] == "report"
    assert pair.files() == ["report.html"]


@pytest.mark.parametrize("how", [{"stages": ["wait"]}, {"report_dir": ""}, {"report_dir": None}])
def test_without_the_stage_and_without_a_folder_the_verdict_is_told_and_nothing_is_written(
    pair: ReportHarness, how: Options, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    result = pair.report(pair.run(), **how)
    assert result["files"] == {}
    assert " ".join(pair.reporter.lines) == result["verdict"]["message"]
    assert [each.name for each in tmp_path.rglob("*")] == ["here"]


def test_in_check_mode_nothing_is_told_and_nothing_is_written(pair: ReportHarness, tmp_path: Path) -> None:
    options = pair.options(stages=["report"])
    assert link_update_run(options, True, pair.reporter, pair.clock) == {"changed": False}
    assert not pair.reporter.lines
    assert not list(tmp_path.iterdir())


def test_check_mode_tells_what_would_be_scheduled_also_without_the_stage_plan(pair: ReportHarness) -> None:
    options = pair.options(stages=["submit", "wait"], app_links_authorized=True, site_ids=pair.site_ids)
    result = link_update_run(options, True, pair.reporter, pair.clock)
    assert result["changed"]
    assert result["plan"]["scheduled"] == 2


def test_a_report_counts_as_no_change_and_creates_no_ledger(pair: ReportHarness) -> None:
    assert pair.report()["changed"] is False
    assert pair.report()["changed"] is False
    assert not pair.location.exists()


def test_a_report_changes_nothing_in_the_ledger(pair: ReportHarness) -> None:
    pair.job("eu -> us", "IN_PROGRESS")
    before = pair.location.read_bytes()
    pair.report(pair.run())
    assert pair.location.read_bytes() == before


# -- Whether the files can be written, which is found out before anything is scheduled


@pytest.mark.parametrize("place", ["", "new", "new/and/deep", "old"])
def test_a_folder_that_can_be_written_is_left_as_it_is_and_none_is_made(tmp_path: Path, place: str) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "report.html").touch()
    before = sorted(tmp_path.rglob("*"))
    check_folder(str(tmp_path / place), ROLE)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("place", "why"),
    [
        ("file", "Not a directory"),
        ("file/reports", "Not a directory"),
        ("/proc/reports", "No such file or directory"),
        ("old", "{folder}/report.csv is a folder"),
    ],
)
def test_a_run_whose_report_cannot_be_written_ends_at_once_with_what_to_do(
    pair: ReportHarness, tmp_path: Path, place: str, why: str
) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "old" / "report.csv").mkdir(parents=True)
    before = sorted(tmp_path.rglob("*"))
    folder = tmp_path / place
    for check in (False, True):
        result = link_update_run(pair.options(report_dir=str(folder)), check, pair.reporter, pair.clock)
        assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, False, "report")
        assert result["msg"] == (
            f"the report cannot be written to {folder}: {why.format(folder=folder)}. Set report_dir to a folder "
            "that you may write to, or to an empty string for no report"
        )
    assert not pair.reporter.lines
    assert sorted(tmp_path.rglob("*")) == before


# -- What cannot be


def test_a_federation_that_cannot_be_fails_and_writes_nothing(pair: ReportHarness) -> None:
    pair.federation["us"]["product_url"] = "http://us.example.net"
    result = pair.report()
    assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, False, "invalid_option")
    assert not pair.folder.exists()


def test_a_ledger_that_cannot_be_read_fails_and_writes_nothing(pair: ReportHarness) -> None:
    pair.location.write_text("certainly no database")
    result = pair.report()
    assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, False, "ledger")
    assert not pair.folder.exists()


def test_a_report_on_no_instance_at_all_is_refused_in_words(pair: ReportHarness) -> None:
    result = pair.report(orders=[])
    assert (result["failed"], result["failure"]["code"]) == (True, "invalid_option")
