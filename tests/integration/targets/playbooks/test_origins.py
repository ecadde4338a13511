# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Untidy migrations: several source servers, Confluence beside Jira, pasted addresses, and windows that are over."""

from __future__ import annotations

import json
from typing import Any

from federations import Federation, Run
from plays import days_ago

JIRA, LEGACY, WIKI = "https://jira.example.com", "http://legacy.example.com/jira", "https://wiki.example.com"


def merged(federation: Federation, **changes: dict[str, Any]) -> None:
    """Two sites with Jira and Confluence; the data of two servers was merged into eu."""
    url = federation.service.url
    hosts: dict[str, dict[str, Any]] = {
        "eu": {"product_url": f"{url}/eu.example.net", "migrated_from": [JIRA, {"url": f"{LEGACY}/browse/ABC-1"}]},
        "us": {"product_url": f"{url}/us.example.net", "migrated_from": JIRA},
        "eu-wiki": {"product_url": f"{url}/eu.example.net/wiki", "migrated_from": WIKI, "product": "Confluence"},
        "us-wiki": {"product_url": f"{url}/us.example.net/wiki", "migrated_from": WIKI},
    }
    federation.write_inventory(
        {
            name: {f"link_update_{key}": value for key, value in {**each, **changes.get(name, {})}.items()}
            for name, each in hosts.items()
        },
        link_update_api_url=f"{url}/api.example.net/links/v1",
        link_update_poll_min=0.05,
        link_update_app_links_authorized=True,
    )


def bodies(federation: Federation) -> set[tuple[str, ...]]:
    """What was asked for: each pair, its origin, and whether it recreates links and orders a backup."""

    def name_of(url: str) -> str:
        site, wiki = url.removesuffix("/wiki"), "-wiki" if url.endswith("/wiki") else ""
        return site.rpartition("/")[2].partition(".")[0] + wiki

    return {
        (
            f"{name_of(job['body']['productURL'])} -> {name_of(job['body']['destinationURL'])}",
            job["body"]["migratedFrom"],
            str(job["body"].get("recreateAsRemote")),
            str(job["body"].get("createBackup")),
        )
        for job in federation.service.jobs
    }


def test_a_site_with_several_origins_beside_confluence_is_updated_as_the_vendor_supports_it(
    federation: Federation,
) -> None:
    merged(federation)
    plan = federation.update("--check")
    assert plan.returncode == 0
    assert ": 15 jobs (15 to schedule)" in plan.output
    assert "us         schedule x2  .         schedule  schedule" in plan.lines
    assert "Jobs that recreate links: 3 of 15" in plan.message
    assert "Regular updates: 4 because the destination is Confluence (eu -> eu-wiki" in plan.message
    assert "8 because the product is Confluence (eu-wiki -> eu (from jira.example.com), " in plan.message
    run = federation.update()
    assert run.returncode == 0
    assert "15 of 15 jobs complete" in run.message
    report = json.loads((federation.folder / "link_update_report/report.json").read_text(encoding="utf-8"))
    assert {each["origin"] for each in report["updates"] if each["destination"] == "eu"} == {
        "jira.example.com",
        "legacy.example.com/jira",
    }
    assert [[link["product"], *(to["name"] for to in link["destinations"])] for link in report["app_links"]] == [
        ["eu", "us"],
        ["us", "eu"],
    ]
    assert "us -> eu (from legacy.example.com/jira)" in run.message
    shortened = f"link_update_migrated_from {LEGACY}/browse/ABC-1 is the address of a page; using {LEGACY}"
    assert f"eu: {shortened}" in run.message
    asked = bodies(federation)
    assert len(asked) == len(federation.service.jobs) == 15
    recreating = {each[:2] for each in asked if each[2] == "True"}
    assert recreating == {("eu -> us", JIRA), ("us -> eu", JIRA), ("us -> eu", LEGACY)}
    assert {each[:3] for each in asked if "wiki" in each[0].split()[0]} == {
        ("eu-wiki -> eu", JIRA, "None"),
        ("eu-wiki -> eu", LEGACY, "None"),
        ("eu-wiki -> us", JIRA, "None"),
        ("eu-wiki -> us-wiki", WIKI, "None"),
        ("us-wiki -> eu", JIRA, "None"),
        ("us-wiki -> eu", LEGACY, "None"),
        ("us-wiki -> us", JIRA, "None"),
        ("us-wiki -> eu-wiki", WIKI, "None"),
    }
    assert {each[:3] for each in asked if each[0] in ("eu -> us-wiki", "eu -> eu-wiki")} == {
        ("eu -> us-wiki", WIKI, "False"),
        ("eu -> eu-wiki", WIKI, "False"),
    }
    assert sorted(each[0].split()[0] for each in asked if each[3] == "True") == ["eu", "us"], "a backup of each Jira"
    assert "(from legacy.example.com/jira)" in federation.run("jira_cloud.federation.ledger").output
    # A finished federation stays finished when the time to recreate links is over.
    merged(federation, eu={"migrated_at": days_ago(20)}, us={"migrated_at": days_ago(300)})
    before = federation.service.requests["schedule"]
    again = federation.update()
    assert (again.returncode, federation.service.requests["schedule"]) == (0, before)
    assert "15 of 15 jobs complete" in again.message


def problems(run: Run, instance: str) -> str:
    return "\n".join(problem for name, problem, _remedy in run.problems if name == instance)


def test_what_cannot_be_right_is_refused_and_what_may_be_wrong_is_pointed_out(federation: Federation) -> None:
    merged(
        federation,
        eu={"migrated_from": "https://a.dc,https://b.dc/jira"},
        us={"migrated_from": f"{JIRA}/projects/ABC/summary"},
    )
    refused = federation.update()
    assert refused.returncode == 2
    assert not federation.service.jobs
    assert "more than one URL" in problems(refused, "eu")
    assert "looks like the address of a page" in problems(refused, "us")
    merged(federation)
    impossible = federation.update("-e", "link_update_recreate_as_remote=true")
    assert impossible.returncode == 2
    assert "eu -> eu-wiki (the destination is Confluence)" in problems(impossible, "eu")
    assert not federation.service.jobs
    merged(
        federation,
        eu={"migrated_from": "https://jria.example.com", "migrated_at": days_ago(-5)},
        us={"migrated_from": JIRA, "migrated_at": days_ago(-40)},
    )
    ahead = federation.update("--check")
    assert "more than 30 days in the future" in problems(ahead, "us")
    assert "eu: link_update_migrated_at" in ahead.message
    assert "is in the future" in ahead.message
    assert "No common origin: eu and us" in ahead.message


def test_a_closed_window_is_a_matter_of_what_would_be_recreated_and_of_nothing_else(federation: Federation) -> None:
    merged(federation, us={"migrated_at": days_ago(20)}, eu={"migrated_at": days_ago(1)})
    plan = federation.update("--check")
    assert plan.message.count("Refused: ") == 1
    assert "Refused: 2 jobs (us -> eu (from jira.example.com), us -> eu (from legacy" in plan.message
    run = federation.update()
    assert run.returncode == 2
    assert "13 of 15 jobs complete, 2 failed: us -> eu (from jira.example.com), us -> eu (from legacy" in run.message
    assert "not scheduled: the deadline to recreate links was " in run.message
    assert "us: if the migration date of the destination counts, links could be recreated until" in run.message
    assert {each[0] for each in bodies(federation) if each[3] == "True"} == {"eu -> us", "us -> eu-wiki"}
    assert {name for name, count in run.recap("failed").items() if count} == {"us"}
