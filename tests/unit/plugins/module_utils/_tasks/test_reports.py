# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module C(link_reports), over real connections: what it downloads, what it refuses, and what it says."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_REPORTS
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.reports import link_reports
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    EMAIL,
    TOKEN,
    ReportHarness,
    defaults_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    Wire,
    answering,
    resetting,
    standing_in,
)

Send = Callable[[socket.socket], None]
Json = dict[str, Any]

TABLE = "issue,link,status\nABC-1,DEF-2,updated\n"
TABLES = answering(200, TABLE, {"Content-Type": "text/csv"})
AUDIT_LOG = "/links/v1/{site_id}/audit-log?days=29"
HISTORY = "/links/v1/{site_id}/history-report/{job_id}"
DAY = "2026-03-01"
SIGNATURE = "abcdefghijklmnop"


class Reports:
    """Two instances, their jobs, and what downloads their reports."""

    def __init__(self, folder: Path) -> None:
        self.harness = ReportHarness(folder, "eu", "us")
        self.folder = self.harness.folder
        for order in self.harness.orders:
            order["site_id"] = f"site-{order['name']}"

    def download(self, *scripts: Send, check: bool = False, **options: Any) -> Json:
        """The result, with the requests that were sent."""
        with Wire(*scripts) as wire:
            # A path is one of the server.
            urls = {
                name: wire.url + options.pop(name)
                for name in ("history_url", "audit_log_url")
                if options.get(name, "").startswith("/")
            }
            given = {
                **defaults_of(LINK_REPORTS),
                "federation": self.harness.federation,
                "orders": self.harness.orders,
                "ledger": str(self.harness.location),
                "report_dir": str(self.folder),
                "api_url": f"{wire.url}/links/v1",
                **urls,
                **options,
            }
            result = link_reports(given, check, self.harness.reporter, self.harness.clock)
        return {**result, "requests": wire.requests}

    @property
    def files(self) -> dict[str, str]:
        return {each.name: each.read_text() for each in self.folder.iterdir()} if self.folder.exists() else {}


@pytest.fixture
def reports(tmp_path: Path) -> Reports:
    return Reports(tmp_path)


def lines_of(result: Json) -> list[str]:
    return sorted(each.split(" HTTP/")[0] for each in result["requests"])


def test_each_instance_has_its_reports_under_names_that_tell_them_apart(reports: Reports) -> None:
    result = reports.download(*[TABLES] * 4, history_url="/links/v1/h/{site_id}", audit_log_url=AUDIT_LOG)
    assert "failed" not in result, result["msg"]
    assert lines_of(result) == [
        "GET /links/v1/h/site-eu",
        "GET /links/v1/h/site-us",
        "GET /links/v1/site-eu/audit-log?days=29",
        "GET /links/v1/site-us/audit-log?days=29",
    ]
    assert reports.files == {
        f"{kind}_{name}.example.net_{DAY}.csv": TABLE for kind in ("history", "audit_log") for name in ("eu", "us")
    }
    assert result["stats"] == {"link_reports_downloaded": 4, "link_reports_missing": 0}
    assert [each["path"] for each in result["files"]] == sorted(str(reports.folder / name) for name in reports.files)
    assert all((reports.folder / name).stat().st_mode & 0o777 == 0o600 for name in reports.files)


def test_each_complete_job_of_the_wave_has_a_report_where_the_url_has_a_job(reports: Reports) -> None:
    reports.harness.job("eu -> us", "COMPLETE")
    reports.harness.job("us -> eu", "COMPLETE")
    reports.harness.job("us -> eu", "COMPLETE", wave="before")
    result = reports.download(TABLES, TABLES, history_url=HISTORY)
    assert lines_of(result) == [
        f"GET /links/v1/site-{name}/history-report/job%201%20of%20{name}%20-%3E%20{other}"
        for name, other in (("eu", "us"), ("us", "eu"))
    ]
    assert sorted(reports.files) == [
        f"history_{name}.example.net_{DAY}_job_1_of_{name}_-_{other}.csv"
        for name, other in (("eu", "us"), ("us", "eu"))
    ]
    assert [each["job_id"] for each in result["files"]] == ["job 1 of eu -> us", "job 1 of us -> eu"]


def test_an_instance_without_a_complete_job_misses_the_report_of_it(reports: Reports) -> None:
    reports.harness.job("eu -> us", "COMPLETE")
    reports.harness.job("us -> eu", "IN_PROGRESS")
    result = reports.download(TABLES, history_url=HISTORY)
    assert (result["failed"], result["failure"]["code"]) == (True, "reports_incomplete")
    assert result["problems"] == [
        {
            "instance": "us",
            "problem": "no history report: no job of wave 1 is COMPLETE in the ledger",
            "remedy": "a job has a report when it is COMPLETE. Wait for it: -e link_update_wait=true",
        }
    ]
    assert result["stats"] == {"link_reports_downloaded": 1, "link_reports_missing": 1}
    assert len(reports.files) == 1


@pytest.mark.parametrize(
    "script",
    [
        answering(200, "<html>Log in</html>", {"Content-Type": "text/html"}),
        answering(200, '{"errorMessage": "not yet"}'),
        answering(200, "", {"Content-Type": "text/csv"}),
        answering(404, "{}"),
        answering(302, "", {"Location": "http://id.example.com/login"}),
    ],
    ids=["a page", "an error", "nothing", "unknown", "elsewhere"],
)
def test_one_that_is_missing_leaves_nothing_behind_and_the_others_are_there(reports: Reports, script: Send) -> None:
    reports.harness.orders = reports.harness.orders[:1]
    result = reports.download(script, TABLES, history_url="/links/v1/h/{site_id}", audit_log_url=AUDIT_LOG)
    assert result["failure"]["code"] == "reports_incomplete"
    assert result["stats"] == {"link_reports_downloaded": 1, "link_reports_missing": 1}
    assert list(reports.files.values()) == [TABLE]


def test_one_that_breaks_off_is_asked_for_again(reports: Reports) -> None:
    reports.harness.orders = reports.harness.orders[:1]
    half = b"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 900\r\n\r\n" + TABLE.encode()
    result = reports.download(
        resetting(half), answering(503, "{}", {"Retry-After": "7"}), TABLES, audit_log_url=AUDIT_LOG
    )
    assert "failed" not in result, result["msg"]
    assert list(reports.files.values()) == [TABLE]
    assert sum(reports.harness.clock.naps) >= 8


def test_a_report_that_is_there_is_replaced_by_a_larger_one_only(reports: Reports) -> None:
    reports.harness.orders = reports.harness.orders[:1]
    longer = answering(200, TABLE * 2, {"Content-Type": "text/csv"})
    for script, changed, text in ((TABLES, True, TABLE), (longer, True, TABLE * 2), (TABLES, False, TABLE * 2)):
        result = reports.download(script, audit_log_url=AUDIT_LOG)
        assert (result["changed"], list(reports.files.values())) == (changed, [text])
    assert any("kept the larger one that was there" in line for line in reports.harness.reporter.lines)
    failing = reports.download(answering(404, "{}"), audit_log_url=AUDIT_LOG)
    assert (failing["failed"], list(reports.files.values())) == (True, [TABLE * 2])


def id_mappings(reports: Reports, file: Send) -> tuple[Json, list[str]]:
    """The result of downloading the id mappings of one site, and the requests for their file."""
    reports.harness.orders = reports.harness.orders[:1]
    with Wire(file) as files:
        answers = [
            {"jobId": "m-1", "status": "PENDING"},
            {"jobId": "m-1", "status": "SUCCESS"},
            {"downloadUrl": f"{files.url}/ids?signature={SIGNATURE}", "expiresIn": 3600},
        ]
        return reports.download(
            *(answering(200, json.dumps(each)) for each in answers), id_mappings=True
        ), files.requests


def test_the_id_mappings_come_from_where_no_credentials_go(reports: Reports) -> None:
    result, requests = id_mappings(reports, TABLES)
    assert "failed" not in result, result["msg"]
    assert list(reports.files) == [f"id_mappings_eu.example.net_{DAY}.csv"]
    assert ["authorization" in each.lower() for each in (*result["requests"], *requests)] == [True] * 3 + [False]


def test_the_signature_of_a_url_is_not_said(reports: Reports) -> None:
    result, _requests = id_mappings(reports, answering(403, f"<Error>{SIGNATURE} has expired</Error>"))
    assert "HTTP 403 ******** has expired" in result["msg"]
    assert SIGNATURE not in json.dumps({**result, "requests": []}) + "\n".join(reports.harness.reporter.lines)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({}, "nothing to download: none of history_url, audit_log_url, id_mappings is set"),
        ({"audit_log_url": "/{site}"}, "audit_log_url has {site} in it"),
        ({"audit_log_url": "/x", "report_dir": None}, "report_dir is not set"),
        ({"audit_log_url": "/x", "orders": []}, "orders is empty"),
        ({"audit_log_url": "/x", "api_url": "https://api.atlassian.com/links/v1"}, "must not get the credentials"),
    ],
)
def test_what_cannot_be_right_is_refused_before_anything_is_sent(reports: Reports, options: Json, says: str) -> None:
    result = reports.download(**options)
    assert (result["failed"], result["failure"]["code"]) == (True, "invalid_option")
    assert says in result["msg"]
    assert result["requests"] == []


def test_messages_of_the_role_name_its_variables(reports: Reports) -> None:
    reports.harness.orders[0]["email"] = None
    settings = {"link_update_group": "federated_instances"}
    result = reports.download(settings=settings)
    assert "none of link_reports_history_url, link_reports_audit_log_url, link_reports_id_mappings" in result["msg"]
    result = reports.download(settings=settings, audit_log_url=AUDIT_LOG)
    assert "eu: no e-mail address. Set ATLASSIAN_EMAIL or link_update_email" in result["msg"]
    assert result["failure"]["code"] == "preflight"


def test_check_mode_says_what_would_be_downloaded_and_sends_nothing(reports: Reports) -> None:
    reports.harness.job("eu -> us", "COMPLETE")
    result = reports.download(check=True, history_url=HISTORY, audit_log_url=AUDIT_LOG)
    assert (result["changed"], result["requests"], reports.files) == (True, [], {})
    assert result["text"] == [
        "eu: would download the history report (job 1 of eu -> us)",
        "eu: would download the audit log",
        "us: would download the audit log",
    ]


def test_the_days_that_are_left_are_those_since_the_first_job_was_complete(reports: Reports) -> None:
    reports.harness.job("eu -> us", "COMPLETE")
    reports.harness.clock.time += timedelta(days=2, hours=1)
    result = reports.download(TABLES, TABLES, audit_log_url=AUDIT_LOG)
    assert result["days_left"] == {"eu": 26.9, "us": None}
    assert result["text"] == [
        "2 reports downloaded, 0 missing",
        "instance  reports  size      days left",
        "eu        1        38 bytes  26",
        "us        1        38 bytes  -",
        "Days left of 29: 26 (eu). After that, the audit log no longer has all links",
    ]
    reports.harness.clock.time += timedelta(days=27)
    result = reports.download(TABLES, TABLES, audit_log_url=AUDIT_LOG)
    assert result["days_left"] == {"eu": 0.0, "us": None}
    assert "The audit log no longer has all links" in result["text"][-1]


def test_a_folder_that_cannot_be_written_to_ends_it(reports: Reports, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = reports.download(audit_log_url=AUDIT_LOG, report_dir=str(tmp_path / "file" / "reports"))
    assert (result["failure"]["code"], result["requests"]) == ("report", [])


def test_no_secret_is_said_or_written(reports: Reports) -> None:
    said = answering(401, f"<html>{EMAIL}:{TOKEN}</html>")
    result = reports.download(said, said, audit_log_url=AUDIT_LOG)
    assert result["stats"]["link_reports_missing"] == 2
    everything = json.dumps({**result, "requests": []}) + "\n".join(reports.harness.reporter.lines)
    assert TOKEN not in everything
    assert all("Authorization: Basic" in each for each in result["requests"])


def test_a_rehearsal_downloads_all_from_the_stand_in(reports: Reports) -> None:
    source = "https://jira.example.com"
    sites = {
        name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}", "migrated_from": source}
        for name in ("eu", "us")
    }
    issues = {"projects": {"ABC": {"site": "eu", "issues": 2}, "DEF": {"site": "us", "issues": 2}}, "links": []}
    reports.harness.job("eu -> us", "COMPLETE")
    reports.harness.job("us -> eu", "COMPLETE")
    for order in reports.harness.orders:
        order |= {"email": None, "api_token": None}
    with standing_in(sites=sites, data_centers={"jira.example.com": issues}, run_seconds=0) as server:
        result = reports.download(
            stand_in_url=server.url,
            api_url="https://api.atlassian.com/links/v1",
            audit_log_url="https://api.atlassian.com/links/v1/{site_id}/audit-log",
            history_url="{product_url}/history-report?job={job_id}",
            id_mappings=True,
        )
    assert "failed" not in result, result["msg"]
    assert {name.partition("_202")[0] for name in reports.files} == {
        f"{kind}_{name}.example.net" for kind in ("audit_log", "history", "id_mappings") for name in ("eu", "us")
    }
