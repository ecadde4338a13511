# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run finds out, and asks for, before it schedules anything."""

from __future__ import annotations

import time

import pytest
from federations import NAMES, QUESTION, Federation, at_a_terminal
from plays import days_ago, run_plays, statistics, told, unauthorized, update

SITE = "11223344-a1b2-3b33-c444-def123456789"


@pytest.mark.parametrize("federation", [{"not_admin": ["eu.example.net"]}], indirect=True)
def test_every_problem_of_every_instance_is_in_one_table_and_told_at_its_host_and_nothing_is_scheduled(
    federation: Federation,
) -> None:
    url = federation.service.url
    federation.set_up(
        federation.service,
        names=(*NAMES, "br", "cn", "jp", "kr", "nz", "za"),
        ap={"link_update_site_id": SITE},
        au={"link_update_product_url": f"{url}/us.example.net"},
        br={"link_update_api_token": "wr0ng-t0ken"},
        cn={"link_update_product_url": f"{url}/cn.example.net/no/such/site"},
        kr={"link_update_migrated_from": "jira.example.com"},
        nz={"link_update_product_url": "http://nz.example.net"},
        za={"link_update_migrated_from": None},
    )
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    run = federation.update()
    assert run.returncode == 2
    found = run.problems
    assert [name for name, problem, remedy in found] == ["eu", "ap", "au", "br", "cn", "kr", "nz", "za"]
    assert "8 problems. Nothing was scheduled." in run.message
    says = {name: (problem, remedy) for name, problem, remedy in found}
    assert says["eu"][0] == "Stand In is not a Jira admin here"
    assert says["ap"][0].startswith(f"link_update_site_id is {SITE}, but {url}/ap.example.net is the site ")
    assert says["au"][0] == f"link_update_product_url {url}/us.example.net is also the URL of us"
    assert "HTTP 401" in says["br"][0]
    assert "use an unscoped one" in says["br"][1]
    assert "is not a Jira Cloud or Confluence Cloud site" in says["cn"][0]
    assert says["kr"][0].startswith("link_update_migrated_from 'jira.example.com' is not a base")
    assert says["nz"][0].startswith("link_update_product_url http://nz.example.net is not")
    assert says["za"] == ("link_update_migrated_from is not set", "Set it for this instance")
    assert all(remedy for problem, remedy in says.values())
    said = "".join(run.message.split())  # the table breaks a URL that is too long for it
    for name, (problem, remedy) in says.items():
        assert "".join(f"{name}: {problem}. {remedy[0].upper()}{remedy[1:]}".split()) in said
    assert "jp: the run stopped. The message of eu, ap, au" in run.message
    assert set(run.recap("failed").values()) == {1}
    assert set(run.recap("changed").values()) == {0}
    assert statistics(run)["link_update_ok"] is False
    assert "wr0ng-t0ken" not in run.output
    assert not federation.service.jobs
    assert not federation.ledger.exists()


@pytest.mark.parametrize("federation", [{"linking_off": ["ap.example.net"]}], indirect=True)
def test_an_instance_outside_the_limit_is_looked_at_as_a_destination_only(federation: Federation) -> None:
    federation.set_up(
        federation.service, ap={"link_update_api_token": "wr0ng-t0ken", "link_update_migrated_at": days_ago(20)}
    )
    assert federation.update("--limit", "eu").returncode == 0
    assert federation.pairs == [("eu", "us"), ("eu", "ap"), ("eu", "au")], "a limit narrows no destinations"


# -- Application links


def test_unattended_a_run_stops_until_the_application_links_that_it_needs_are_said_to_be_authorized(
    federation: Federation,
) -> None:
    unauthorized(federation)
    yes = {"link_update_app_links_authorized": True}
    # From the command line it comes as a text, and any text that is not empty is true to a template.
    no = {"link_update_app_links_authorized": "false", "link_update_preflight": False}
    run = run_plays(
        federation,
        [
            update(name, variables, hosts="eu", **keywords)
            for name, variables, keywords in (
                ("refused", {}, {}),
                ("no", no, {}),
                ("yes", yes, {}),
                ("all is complete", {}, {}),
                ("a check", {"link_update_wave": "2"}, {"check_mode": True}),
                ("a regular update", {"link_update_recreate_as_remote": False}, {}),
            )
        ],
    )
    said = told(run)
    url = federation.service.url
    assert f"[ ] eu {url}/eu.example.net to us, ap" in said["refused"]
    assert f"[ ] eu {url}/eu.example.net to us, ap" in said["a check"]
    assert "choose Authorize and search" in said["refused"]
    assert [name for name, each in said.items() if "ignoring" in each] == ["refused", "no"]
    for name in ("refused", "no"):
        assert "run again with -e link_update_app_links_authorized=true" in said[name]
    assert len(federation.service.jobs) == 6, "three of wave 1, and three regular ones"
    assert federation.service.requests["myself"] == 5


@pytest.mark.parametrize("answer", ["no", ""])
def test_at_a_terminal_a_run_that_is_not_answered_with_yes_schedules_nothing(
    federation: Federation, answer: str
) -> None:
    unauthorized(federation)
    returncode, said = at_a_terminal(federation, answer)
    assert QUESTION in said
    assert returncode == 2
    assert not federation.service.jobs


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
    assert "run again with -e link_update_app_links_authorized=true" in said
    assert returncode == 2
