# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run finds out, and asks for, before it schedules anything."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone

import pytest
from federations import NAMES, QUESTION, Federation, at_a_terminal

SITE = "11223344-a1b2-3b33-c444-def123456789"


def days_ago(days: float) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize("federation", [{"not_admin": ["eu.example.net"]}], indirect=True)
def test_every_problem_of_every_instance_is_in_one_table_and_nothing_is_scheduled(federation: Federation) -> None:
    url = federation.service.url
    federation.set_up(
        federation.service,
        us={"link_update_migrated_at": days_ago(15)},
        ap={"link_update_site_id": SITE},
        au={"link_update_product_url": f"{url}/us.example.net"},
    )
    run = federation.update()
    assert run.returncode == 2
    found = run.problems
    assert [name for name, problem, remedy in found] == ["eu", "us", "ap", "au"]
    says = {name: (problem, remedy) for name, problem, remedy in found}
    assert says["eu"][0] == "Stand In is no Jira admin there"
    assert says["us"][0].startswith("links can be recreated for 14 days after the migration, that is until ")
    assert "link_update_recreate_as_remote: false" in says["us"][1]
    assert says["ap"][0].startswith(f"link_update_site_id is {SITE}, but {url}/ap.example.net is the site ")
    assert says["au"][0] == f"link_update_product_url {url}/us.example.net is that of us, too"
    assert all(remedy for problem, remedy in says.values())
    for name, (problem, remedy) in says.items():
        assert f"{name}: {problem}: {remedy}" in run.message
    assert not federation.service.jobs
    assert not federation.ledger.exists()


def test_credentials_that_are_refused_and_sites_that_are_none_are_found(federation: Federation) -> None:
    url = federation.service.url
    federation.set_up(
        federation.service,
        eu={"link_update_api_token": "wr0ng-t0ken"},
        us={"link_update_product_url": f"{url}/us.example.net/no/such/site"},
    )
    run = federation.update()
    assert run.returncode == 2
    found = run.problems
    assert [name for name, problem, remedy in found] == ["eu", "us"]
    assert "HTTP 401" in found[0][1]
    assert "unscoped token" in found[0][2]
    assert "is no Jira Cloud or Confluence Cloud site" in found[1][1]
    assert run.recap("failed") == dict.fromkeys(NAMES, 1)
    for name in ("ap", "au"):
        assert f"{name}: nothing was done, see eu, us" in run.message
    assert "wr0ng-t0ken" not in run.output
    assert not federation.service.jobs


@pytest.mark.parametrize("federation", [{"linking_off": ["ap.example.net"]}], indirect=True)
def test_an_instance_outside_the_limit_is_looked_at_as_a_destination_only(federation: Federation) -> None:
    federation.set_up(
        federation.service, ap={"link_update_api_token": "wr0ng-t0ken", "link_update_migrated_at": days_ago(20)}
    )
    assert federation.update("--limit", "eu").returncode == 0
    assert federation.update("--limit", "ap").returncode == 2
    federation.set_up(federation.service, ap={"link_update_product_url": f"{federation.service.url}/no/such/site"})
    run = federation.update("--limit", "us")
    assert run.returncode == 2
    assert [name for name, problem, remedy in run.problems] == ["ap"]
    assert f"us: ap: {federation.service.url}/no/such/site is no Jira Cloud" in run.message, "who is there tells it"


def test_each_instance_is_asked_once_and_its_last_days_are_warned_of_and_shown(federation: Federation) -> None:
    federation.set_up(
        federation.service,
        eu={"link_update_migrated_at": days_ago(12)},
        us={"link_update_migrated_at": days_ago(2)},
    )
    run = federation.update()
    assert run.returncode == 0
    assert "eu: 2.0 days left for recreating links" in run.message
    assert "us: 12.0 days left" not in run.message
    table = {line.split()[0]: line for line in run.output.splitlines() if " Stand In " in line}
    assert table["eu"].endswith(" 2.0")
    assert table["us"].endswith(" 12.0")
    assert table["ap"].endswith("not known")
    assert "Time to recreate links: 1d23h left" in run.output or "Time to recreate links: 2d00h left" in run.output
    asked = federation.service.requests
    for call in ("tenant_info", "myself", "mypermissions", "configuration"):
        assert asked[call] == len(NAMES), "however many pairs it has"


def test_the_preflight_can_be_left_out_and_the_window_is_still_minded(federation: Federation) -> None:
    federation.set_up(federation.service, us={"link_update_migrated_at": days_ago(15)})
    run = federation.update(link_update_preflight=False)
    assert run.returncode == 2
    assert "myself" not in federation.service.requests
    assert {product for product, destination in federation.pairs} == {"eu", "ap", "au"}


# -- Application links


def unauthorized(federation: Federation) -> None:
    inventory = json.loads(federation.inventory.read_text())
    del inventory["all"]["children"]["federated_instances"]["vars"]["link_update_app_links_authorized"]
    federation.inventory.write_text(json.dumps(inventory))


def test_unattended_a_run_stops_until_the_application_links_are_said_to_be_authorized(federation: Federation) -> None:
    unauthorized(federation)
    run = federation.update("--limit", "eu")
    assert run.returncode == 2
    assert "set link_update_app_links_authorized to true, then rerun" in run.message
    url = federation.service.url
    assert f"[ ] eu {url}/eu.example.net to: us ({url}/us.example.net), ap ({url}/ap.example.net)" in run.message
    assert "choose Authorize and search" in run.message
    asked = federation.service.requests["myself"]
    # Given like this, it is a text to Ansible, and any text that is not empty is true to a template.
    no = ("-e", "link_update_app_links_authorized=false", "-e", "link_update_preflight=false")
    assert federation.update("--limit", "eu", *no).returncode == 2
    assert federation.service.requests["myself"] == asked
    assert not federation.service.jobs
    assert federation.update("--limit", "eu", link_update_app_links_authorized=True).returncode == 0


def test_they_are_asked_for_only_when_something_is_to_be_recreated(federation: Federation) -> None:
    eu = ("--limit", "eu")
    assert federation.update(*eu).returncode == 0
    unauthorized(federation)
    assert federation.update(*eu).returncode == 0, "all is complete"
    assert federation.update(*eu, "--check", link_update_wave="2").returncode == 0, "nothing is scheduled"
    assert federation.update(*eu, link_update_recreate_as_remote=False).returncode == 0, "a regular update"
    assert len(federation.service.jobs) == 6


@pytest.mark.parametrize(("answer", "jobs"), [("yes", 3), ("no", 0), ("", 0)])
def test_at_a_terminal_a_run_asks_once_and_goes_on_with_yes_alone(
    federation: Federation, answer: str, jobs: int
) -> None:
    unauthorized(federation)
    returncode, said = at_a_terminal(federation, answer)
    assert QUESTION in said
    assert returncode == (0 if jobs else 2)
    assert len(federation.service.jobs) == jobs


def test_nobody_waits_for_an_answer_when_the_controller_was_killed(federation: Federation) -> None:
    unauthorized(federation)
    at_a_terminal(federation, None)
    give_up = time.monotonic() + 30
    while federation.processes:
        assert time.monotonic() < give_up, "somebody still waits for an answer"
        time.sleep(0.1)
    assert not federation.service.jobs


def test_a_terminal_that_ansible_runner_only_pretends_is_not_asked(federation: Federation) -> None:
    unauthorized(federation)
    federation.environ["AWX_ISOLATED_DATA_DIR"] = str(federation.folder)
    returncode, said = at_a_terminal(federation, "yes")
    assert QUESTION not in said
    assert "set link_update_app_links_authorized to true" in said
    assert returncode == 2
