# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's reports, as the stand-in has them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.plugin_utils import stand_in
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Reply, Script, Service
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

HOST = "jira.example.com"
SITES = {
    name: {"product_url": f"https://{name}.example.net", "site_id": f"id-{name}", "migrated_from": f"https://{HOST}"}
    for name in ("eu", "us", "eu2")
}
# The Confluence of a site has its host and its id.
SITES["wiki"] = {"product_url": "https://eu.example.net/wiki", "site_id": "id-eu"}
DATA = {
    "projects": {"ABC": {"site": "eu", "issues": 2}, "DEF": {"site": "us", "issues": 2}},
    "links": [[1, "Blocks", "ABC-1", "DEF-1"], [2, "Relates", "ABC-2", "DEF-1"]],
}
SIGNED = "Basic YW5uOnRva2Vu"
JOB = {"product": "JIRA", "destinationURL": "https://eu.example.net", "sourceURL": f"https://{HOST}"}
MAPPINGS = "/api.atlassian.com/migrations/reports/v1/id-mappings"

Ask = Callable[..., Reply]


@pytest.fixture
def ask(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks a service whose jobs are all COMPLETE, and whose time is the clock's."""
    monkeypatch.setattr(stand_in, "time", SimpleNamespace(time=clock.monotonic))
    script = {"sites": SITES, "data_centers": {HOST: DATA}, "completed": True, "run_seconds": 3}
    service = Service(Script.from_dict(script))

    def ask(path: str, body: Any = None, authorization: str = SIGNED) -> Reply:
        return service.answer("POST" if body else "GET", path, authorization, json.dumps(body).encode())

    return ask


def rows(reply: Reply) -> list[list[str]]:
    assert (reply.status, reply.headers["Content-Type"]) == (200, "text/csv"), reply.body
    return list(csv.reader(reply.body.splitlines()))


@pytest.mark.parametrize(
    "path",
    ["/links/v1/id-eu/any/audit-log/1", "/audit-log?url=https%3A%2F%2Feu.example.net"],
)
def test_an_audit_log_has_all_links_of_the_site_that_the_url_names(ask: Ask, path: str) -> None:
    assert rows(ask(f"/api.atlassian.com{path}")) == [
        ["issue", "relationship", "url"],
        ["ABC-1", "blocks", "https://us.example.net/browse/DEF-1"],
        ["ABC-2", "relates to", "https://us.example.net/browse/DEF-1"],
    ]


def test_a_history_report_has_a_summary_and_is_of_one_site(ask: Ask) -> None:
    history = rows(ask("/api.atlassian.com/links/v1/id-eu/history-report"))
    assert history == [["destination", "links"], ["https://us.example.net", "2"]]
    assert len(rows(ask("/api.atlassian.com/links/v1/id-eu2/history-report"))) == 1, "not that of eu"
    assert ask("/api.atlassian.com/links/v1/id-mars/history-report").status == 404
    assert ask("/api.atlassian.com/links/v1/id-eu/history-report", authorization="").status == 401


def test_id_mappings_are_made_by_a_job_and_the_file_takes_no_credentials(ask: Ask, clock: FakeClock) -> None:
    job = ask(f"{MAPPINGS}/trigger", JOB).body
    assert job["status"] == "PENDING"
    path = f"{MAPPINGS}/{job['jobId']}"
    assert ask(path).body == {**job, "status": "IN_PROGRESS"}
    assert ask(f"{path}/download").status == 409
    clock.sleep(3)
    assert ask(path).body == {**job, "status": "SUCCESS"}
    ready = ask(f"{path}/download").body
    assert ready["expiresIn"] == 3600
    where = ready["downloadUrl"].partition("://")[2].partition("/")[2]
    assert rows(ask(f"/{where}", authorization=""))[1:] == [
        ["issue", key, ask_id(ask, key)] for key in ("ABC-1", "ABC-2")
    ]
    assert ask(f"/{where}").status == 400
    assert ask(f"/{where.partition('?')[0]}", authorization="").status == 404


def ask_id(ask: Ask, key: str) -> str:
    found = ask("/eu.example.net/rest/api/3/issue/bulkfetch", {"issueIdsOrKeys": [key]})
    return str(found.body["issues"][0]["id"])


@pytest.mark.parametrize(
    ("difference", "complaint"),
    [
        ({"product": "jira"}, "'jira' is neither JIRA nor CONFLUENCE"),
        ({"sourceURL": ""}, "sourceURL is missing"),
        ({"destinationURL": "https://mars.example.net"}, "is not a cloud site"),
    ],
)
def test_a_job_for_id_mappings_needs_what_is_documented(ask: Ask, difference: dict[str, Any], complaint: str) -> None:
    reply = ask(f"{MAPPINGS}/trigger", {**JOB, **difference})
    assert (reply.status, complaint in reply.body["errorMessage"]) == (400, True)


def test_an_unknown_job_has_no_id_mappings(ask: Ask) -> None:
    assert [ask(f"{MAPPINGS}/x{end}").status for end in ("", "/download")] == [404, 404]
