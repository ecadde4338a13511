# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role link_census: it counts for the whole federation, and no token of a Data Center instance is left anywhere."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from federations import Controller, Run, Service, kill_all_of
from plays import CENSUS, QUICK, REHEARSE, ROLE, imported, play, run_plays, statistics, told, update
from test_secrets import places_of

HOSTS = ("eu", "us", "ap")
DATA_CENTER = "jira.example.com"
TOKEN = "c4n4ry-d4t4-c3nt3r"
#: Two links between eu and us make two expectations at each of them. Nothing leads to ap.
DATA: dict[str, Any] = {
    "token": TOKEN,
    "projects": {
        "EUA": {"site": "eu.example.net", "issues": 30},
        "EUB": {"site": "eu.example.net", "issues": 3},
        "USA": {"site": "us.example.net", "issues": 3},
        "APA": {"site": "ap.example.net", "issues": 3},
        "OUT": {"site": None, "issues": 2},
    },
    "links": [
        ["10001", "Blocks", "EUA-1", "USA-1"],
        ["10002", "Relates", "EUB-2", "USA-1"],
        ["10003", "Blocks", "USA-2", "OUT-1"],
        ["10004", "Blocks", "EUA-1", "EUB-1"],
    ],
}
#: A project that the account does not see.
UNSEEN = {"projects": {**DATA["projects"], "USA": {"site": "us.example.net", "issues": 3, "hidden": True}}}
EXPECTED = {"eu -> us": 2, "us -> eu": 2, "eu -> ap": 0, "us -> ap": 0, "ap -> eu": 0, "ap -> us": 0}


class Census(Controller):
    """Three instances that came from one Data Center instance, which is at the service."""

    service: Service

    def set_up(self, service: Service, **changes: dict[str, Any]) -> None:
        self.service = service
        hosts = {
            name: {
                "link_update_product_url": f"{service.url}/{name}.example.net",
                "link_update_migrated_from": f"https://{DATA_CENTER}",
                **changes.get(name, {}),
            }
            for name in HOSTS
        }
        self.write_inventory(
            hosts,
            link_census_url=f"{service.url}/{DATA_CENTER}",
            link_census_store=str(self.folder / "counted.sqlite3"),
            link_update_api_url=f"{service.url}/api.example.net/links/v1",
            link_update_app_links_authorized=True,
        )
        self.environ.update(JIRA_DC_TOKEN=TOKEN, ANSIBLE_SHOW_CUSTOM_STATS="true")

    @property
    def searches(self) -> int:
        """How many pages of issues were asked for."""
        asked = requests.get(f"{self.service.url}/stand-in/data-centers", timeout=10).json()
        return int(asked[DATA_CENTER].get("searches", 0))

    def switch(self, **switches: Any) -> None:
        """Change what the Data Center instance does."""
        requests.post(f"{self.service.url}/stand-in/data-centers/{DATA_CENTER}", json=switches, timeout=10)

    @property
    def written(self) -> dict[str, Any]:
        """What link_census.json has."""
        return dict(json.loads((self.folder / "link_update_report" / "link_census.json").read_text()))


@pytest.fixture
def census(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Census]:
    service = Service(data_centers={DATA_CENTER: {**DATA, **getattr(request, "param", {})}})
    census = Census(tmp_path)
    census.set_up(service)
    yield census
    kill_all_of(census.home)
    service.stop()


def counting(name: str, variables: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """A play of the role, after whose errors the next play still has all hosts."""
    role = {"ansible.builtin.import_role": {"name": CENSUS}, "ignore_errors": True}
    return play(name, role, vars=variables or {}, **keywords)


def changed_in(said: str) -> list[str]:
    return re.findall(r"changed: \[(\w+)\]", said)


def test_one_host_counts_for_all_and_every_other_task_of_the_role_leaves_the_numbers_alone(census: Census) -> None:
    only = {"link_update_only": "with_links"}
    plays = [
        counting("misspelt", {"link_census_tokn": "x"}),
        counting(
            "different", {"link_census_connections": "{{ groups.federated_instances.index(inventory_hostname) }}"}
        ),
        counting("checked", check_mode=True),
        update("nobody has counted", only, check_mode=True),
        counting("counted"),
        update("planned", only, check_mode=True),
        # us gives no credentials, so that its site cannot be asked.
        counting("limited", hosts="eu,ap"),
        counting("deleted", {"link_census_delete": "all"}),
        update("nothing is left", only, check_mode=True),
    ]
    run = run_plays(census, plays, "-v")
    said = told(run)

    assert "eu: link_census_tokn is not a variable of this collection. Write link_census_token" in said["misspelt"]
    assert "Nothing was counted." in said["misspelt"]
    assert "link_census_connections is not the same for all hosts" in said["different"]
    assert "ap: no links were counted. The message of eu has the reason" in said["different"]
    assert {name: changed_in(said[name]) for name in ("misspelt", "checked", "counted", "limited", "deleted")} == {
        "misspelt": [],
        "checked": [],
        "counted": ["eu"],
        "limited": [],
        "deleted": ["eu"],
    }
    for name, links in (("eu", 2), ("us", 2), ("ap", 0)):
        assert f"{name}: {links} links to other instances" in said["counted"]
    assert "link_update_only is with_links, but there is no complete census" in said["nobody has counted"]
    assert "2 jobs (2 to schedule)" in said["planned"]
    assert "link_update_projects" in said["limited"]
    assert "us" in said["limited"]
    assert "link_update_only is with_links, but there is no complete census" in said["nothing is left"]

    written = census.written
    assert {f"{each['instance']} -> {each['destination']}": each["expected"] for each in written["pairs"]} == EXPECTED
    assert (written["complete"], written["outside"]["links"], written["unread"]) == (True, 1, [])
    assert not census.service.jobs
    assert (census.folder / "counted.sqlite3").is_file(), "both roles have used it"
    assert not list(census.folder.rglob("census.sqlite3"))
    assert run.recap("ignored") == {"eu": 5, "us": 4, "ap": 5}


@pytest.mark.parametrize("census", [UNSEEN], indirect=True)
def test_a_census_that_is_not_complete_fails_every_host_and_leaves_no_trace_of_a_token(census: Census) -> None:
    census.set_up(census.service, us={"link_update_projects": ["USA"]})
    census.environ["ANSIBLE_CALLBACK_PLUGINS"] = str(Path(__file__).with_name("callback_plugins"))
    census.environ["ANSIBLE_CALLBACKS_ENABLED"] = "arguments"
    census.environ["ANSIBLE_CONNECTION_PLUGINS"] = str(Path(__file__).with_name("connection_plugins"))
    census.environ["ANSIBLE_ASYNC_DIR"] = str(census.folder / "async")
    census.environ["ARGUMENTS"] = str(census.folder / "arguments")
    left = {"ansible.builtin.debug": {"msg": "RESULT {{ hostvars[inventory_hostname] }}"}, "tags": ["always"]}
    elsewhere = {
        "ansible_connection": "elsewhere",
        "ansible_host": "bastion",
        "ansible_python_interpreter": sys.executable,
    }
    module = {
        "jira_cloud.federation.link_census": {
            "federation": "{{ hostvars | jira_cloud.federation.federation(groups.federated_instances) }}",
            "url": "{{ link_census_url }}",
            "accounts": [{"name": "eu"}, {"name": "ap"}],
        },
        "register": "result",
        "ignore_errors": True,
        "tags": ["always"],
    }
    plays = [
        counting("elsewhere", elsewhere),
        play("alone", module, left, vars=elsewhere, hosts="eu"),
        play("left", left),
        imported(CENSUS),
    ]
    run = run_plays(census, plays, "-vvvv", "--diff", "--tags", "census")
    said = told(run)
    assert run.returncode == 2
    assert run.recap("failed") == dict.fromkeys(HOSTS, 1)
    assert run.recap("ignored") == {"eu": 2, "us": 1, "ap": 1}
    assert "NOT complete" in said["elsewhere"], "what is said there is shown here"
    assert '"code": "census_incomplete"' in said["alone"]
    assert '"ansible_stats"' in said["alone"], "a task of its own has statistics, too"
    for name in ("us", "ap"):
        assert f"{name}: the census is not complete. The message of eu has the reason" in said["elsewhere"]
    assert said["left"].count("RESULT") == len(HOSTS)
    assert statistics(run)["link_census_complete"] is False
    (unread,) = (each for each in census.written["unread"] if each["project"] == "USA")
    assert unread["remedy"]
    assert "link_census" in (census.folder / "arguments").read_text()
    assert places_of(TOKEN, run, census.folder) == []


@pytest.mark.parametrize("census", [{"page_limit": 1}], indirect=True)
def test_a_census_that_is_interrupted_says_so_and_goes_on_when_the_command_is_given_again(census: Census) -> None:
    with subprocess.Popen(
        census.command(CENSUS),
        env=census.environment,
        cwd=census.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        # Of the 41 pages that there are.
        while census.searches < 5:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        assert process.stdout
        said = " ".join(process.stdout.read().split())
    assert process.returncode == 99
    assert "Interrupted. What was read until now is kept." in said
    assert "Run the same command again: it continues where it stopped." in said
    census.switch(page_limit=1000)
    run = census.run(CENSUS)
    assert run.returncode == 0
    assert "Census 1, begun " in run.message
    assert " goes on: " in run.message
    assert (census.written["generation"], census.written["complete"]) == (1, True)


@pytest.mark.interface
def test_a_rehearsal_counts_at_its_stand_in_and_its_plan_has_the_numbers(controller: Controller) -> None:
    real = Service(data_centers={DATA_CENTER: DATA})
    hosts = {
        name: {
            "link_update_product_url": f"https://{name}.example.net",
            "link_update_migrated_from": f"https://{DATA_CENTER}",
        }
        for name in HOSTS
    }
    unreadable = dict.fromkeys(("link_census_user", "link_census_token", "link_census_file"), "{{ not_there }}")
    controller.write_inventory(hosts, link_census_url=f"{real.url}/{DATA_CENTER}", **unreadable)
    plays = [
        counting("counted", {"link_update_rehearsal": True}),
        imported(REHEARSE, link_update_only="with_links"),
    ]
    run = run_plays(controller, plays, "--diff", **QUICK)
    asked = real.requests
    real.stop()
    assert run.returncode == 0
    assert not asked
    said = told(run)
    counted, updated = said["counted"], said["Rehearse the update of the links of the federated instances"]
    assert "Rehearsal: the projects, issues and links below are made up." in counted
    # The plan has the numbers, so that the census itself is shown with -v only.
    assert re.search(r"Rehearsal: counted \d+ links in a made-up Data Center", updated)
    assert "Census 1 begins" in counted
    assert "Census 1 begins" not in updated
    assert "complete as this account sees it" in counted
    assert changed_in(counted) == ["eu"]
    assert "complete as this account sees it" in updated
    assert "Left out: 2 pairs without links by the census" in updated
    assert "of 4 jobs complete" in updated
    assert not list(controller.folder.rglob("*sqlite*"))


def test_the_playbook_refuses_what_would_make_it_do_nothing(controller: Controller) -> None:
    controller.write_inventory({"eu": {}})
    run: Run = controller.run(CENSUS, "--tags", "submit")
    assert run.returncode != 0
    assert "The only stage is census." in run.message
    assert ROLE not in run.message
