# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says for itself, where a user of the playbook meets it; and a site that is not asked beforehand."""

from __future__ import annotations

import json
import uuid

import pytest
from federations import Federation
from plays import run_plays, told, update

GONE = "The application link to us is gone"


@pytest.mark.parametrize(
    "federation",
    [
        {
            "fail": ["eu.example.net -> us.example.net"],
            "error_message": GONE,
            "no_job": ["us.example.net -> eu.example.net"],
            "blocked": ["ap.example.net"],
        }
    ],
    indirect=True,
)
def test_the_words_of_the_service_are_in_the_lines_the_verdict_and_the_report(federation: Federation) -> None:
    federation.set_up(federation.service, names=("eu", "us", "ap"))
    site_id = str(uuid.uuid5(uuid.NAMESPACE_DNS, "ap.example.net"))
    ap = "inventory_hostname == 'ap'"
    unasked = {"link_update_preflight": f"{{{{ not ({ap}) }}}}", "link_update_create_backup": "never"}
    known = {**unasked, "link_update_site_id": f"{{{{ '{site_id}' if {ap} else '' }}}}"}
    run = run_plays(
        federation, [update("rejected"), update("not known", unasked, check_mode=True), update("skipped", known)]
    )
    said = told(run)
    site = f"{federation.service.url}/ap.example.net"

    assert "1 problem. Nothing was scheduled." in said["rejected"]
    assert "HTTP 403 The IP address has been rejected because it is not on the allowed list." in said["rejected"]
    assert "or skip the preflight of this host: set link_update_preflight: false" in said["rejected"]

    assert "set link_update_site_id" in said["not known"]

    assert "ap jira-ap.example.com skipped - - not known" in said["skipped"]
    assert f"GET {site}" not in said["skipped"]
    assert sorted(federation.pairs) == [("ap", "eu"), ("ap", "us"), ("eu", "ap"), ("eu", "us"), ("us", "ap")]
    no_job = "which says: links of this site cannot be updated (request "
    assert no_job in said["skipped"], "an error is no job, whatever its HTTP status"
    assert "us: 1 of 2 jobs complete, 1 failed: us -> eu: " in said["skipped"]
    ended = f"eu -> us ended in ERROR: {GONE}"
    (line,) = [line for line in run.lines if line.startswith("eu -> us ") and " ERROR " in line]
    assert line.endswith(GONE)
    assert f"eu: 1 of 2 jobs complete, 1 failed: {ended}. Run the same command again: " in said["skipped"]
    assert f"4 of 6 jobs complete, 2 failed: {ended}. us -> eu: " in said["skipped"]

    folder = federation.folder / "link_update_report"
    report = json.loads((folder / "report.json").read_text())
    failures = {each["label"]: each["failure"]["message"] for each in report["updates"] if each["failure"]}
    assert sorted(failures) == ["eu -> us", "us -> eu"]
    assert f"ended in ERROR: {GONE}. Run again to retry it" in failures["eu -> us"]
    assert no_job in failures["us -> eu"]
    assert f"ended in ERROR: {GONE}." in (folder / "report.html").read_text()
    assert report["settings"]["link_update_preflight"] == {"eu": True, "us": True, "ap": False}
