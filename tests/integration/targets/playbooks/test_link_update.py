# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook link_update, run for real: what reaches the service, and what the run says."""

from __future__ import annotations

import json
import re
from itertools import permutations
from typing import Any

import pytest
import requests
from federations import NAMES, Federation, Run

PAIRS = list(permutations(NAMES, 2))


def test_each_ordered_pair_is_scheduled_once_at_its_products_site_and_a_rerun_schedules_nothing(
    federation: Federation,
) -> None:
    nowhere = {"ansible_python_interpreter": "/nowhere/python"}
    federation.set_up(
        federation.service,
        eu=nowhere,
        ap=nowhere,
        au={**nowhere, "link_update_migrated_from_override": "https://jira-production.example.com"},
        us={**nowhere, "link_update_site_id": site_of(federation, "us")},
    )
    run = federation.update("-v")
    assert run.returncode == 0, "no interpreter is used"
    assert sorted(federation.pairs) == sorted(PAIRS)
    for job, (product, destination) in zip(federation.service.jobs, federation.pairs, strict=True):
        assert job["site_id"] == site_of(federation, product)
        assert job["body"]["migratedFrom"] == f"https://jira-{destination}.example.com"
        assert job["body"]["recreateAsRemote"] is True
        override = "https://jira-production.example.com" if destination == "au" else None
        assert job["body"].get("migratedFromOverride") == override
    jobs = zip(federation.pairs, federation.service.jobs, strict=True)
    with_backup = {product: destination for (product, destination), job in jobs if job["body"].get("createBackup")}
    assert with_backup == {"eu": "us", "us": "eu", "ap": "eu", "au": "eu"}, "the first of each"
    for name in NAMES:
        assert f"{name}: 3 of 3 jobs complete; nothing is left to do" in run.message
    assert run.recap("changed") == dict.fromkeys(NAMES, 1)
    assert "12 of 12 jobs complete; nothing is left to do; report: link_update_report/report.html" in run.message

    before = federation.service.requests
    rerun = federation.update()
    assert rerun.returncode == 0
    assert len(federation.service.jobs) == 12
    assert set(rerun.recap("changed").values()) == {0}
    after = federation.service.requests
    assert after["status"] == before["status"], "what is complete is not asked for again"

    wave = federation.update("--limit", "eu", link_update_wave="2")
    assert wave.returncode == 0
    assert federation.pairs[12:] == [("eu", "us"), ("eu", "ap"), ("eu", "au")], "a limit narrows no destinations"


def test_check_mode_schedules_nothing_and_names_what_it_would_schedule(federation: Federation) -> None:
    run = federation.update("--check", "--diff", "-v")
    assert run.returncode == 0
    assert not federation.service.jobs
    assert not federation.ledger.exists()
    title = next(number for number, line in enumerate(run.lines) if line.startswith("Plan for wave 1"))
    assert [line.split() for line in run.lines[title + 2 : title + 7]] == [
        ["eu", "us", "ap", "au"],
        ["eu", ".", "schedule", "schedule", "schedule"],
        ["us", "schedule", ".", "schedule", "schedule"],
        ["ap", "schedule", "schedule", ".", "schedule"],
        ["au", "schedule", "schedule", "schedule", "."],
    ]
    assert "12 jobs: 12 to schedule" in run.output
    assert "eu: 3 of 3 jobs would be scheduled" in run.message
    assert not (federation.folder / "link_update_report").exists()
    assert federation.update("--check").recap("changed") == dict.fromkeys(NAMES, 1)
    for _product, destination in PAIRS:
        assert f'+ "destination_url": "{federation.service.url}/{destination}.example.net"' in run.message


@pytest.mark.parametrize(
    "federation", [{"fail": ["eu.example.net -> us.example.net"], "run_seconds": 0.5}], indirect=True
)
def test_a_job_in_error_fails_its_instance_alone_and_a_rerun_heals_it(federation: Federation) -> None:
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    run = federation.update()
    assert run.returncode == 2
    assert run.recap("failed") == {"eu": 1, "us": 0, "ap": 0, "au": 0}
    assert numbers_of(run) == {"ok": False, "complete": 11, "error": 1}
    assert "eu: 2 of 3 jobs complete, 1 ended in ERROR (eu -> us); rerun to have what ended in ERROR" in run.message
    assert "11 of 12 jobs complete, 1 ended in ERROR (eu -> us)" in run.message
    assert len(federation.service.jobs) == 12

    rerun = federation.update()
    assert rerun.returncode == 0
    assert rerun.recap("changed") == {"eu": 1, "us": 0, "ap": 0, "au": 0}
    assert numbers_of(rerun) == {"ok": True, "complete": 12, "error": 0}
    assert federation.pairs[12:] == [("eu", "us")]


def numbers_of(run: Run) -> dict[str, Any]:
    """Some of the statistics that workflows read."""
    stats = json.loads(re.search(r"RUN: (\{.*\})", run.message)[1])  # type: ignore[index]
    return {name: stats[f"link_update_{name}"] for name in ("ok", "complete", "error")}


def test_one_instances_wrong_token_does_not_stop_the_others(federation: Federation) -> None:
    federation.set_up(federation.service, ap={"link_update_api_token": "wr0ng-t0ken"})
    run = federation.update(link_update_preflight=False)
    assert run.returncode == 2
    assert run.recap("failed")["ap"] == 1
    assert sorted(federation.pairs) == sorted(pair for pair in PAIRS if pair[0] != "ap")
    assert "9 of 12 jobs complete, 1 FAILED (ap -> eu), 2 not scheduled because the backup was not made" in run.message
    assert "HTTP 401" in run.message
    assert "wr0ng-t0ken" not in run.output


@pytest.mark.parametrize("destination", ["others", "itself"])
def test_confluence_and_regular_updates_send_what_is_documented(federation: Federation, destination: str) -> None:
    url = federation.service.url
    extra = {"link_update_recreate_as_remote": False}
    if destination == "itself":
        extra["link_update_destinations"] = "{{ [inventory_hostname] }}"
    assert federation.update("--limit", "eu", **extra).returncode == 0
    for job in federation.service.jobs:
        assert job["body"]["recreateAsRemote"] is False
    expected = [("eu", "eu")] if destination == "itself" else [("eu", "us"), ("eu", "ap"), ("eu", "au")]
    assert federation.pairs == expected

    federation.set_up(
        federation.service, **{name: {"link_update_product_url": f"{url}/{name}.example.net/wiki"} for name in NAMES}
    )
    done = len(federation.service.jobs)
    assert federation.update("--limit", "eu", link_update_product="confluence", **extra).returncode == 0
    for job in federation.service.jobs[done:]:
        assert set(job["body"]) == {"product", "productURL", "destinationURL", "migratedFrom"}
        assert job["body"]["product"] == "confluence"
        assert job["body"]["productURL"] == f"{url}/eu.example.net/wiki"
    assert len(federation.service.jobs) == 2 * done


def test_what_cannot_be_is_refused_all_at_once_before_anything_is_sent(federation: Federation) -> None:
    federation.set_up(federation.service, us={"link_update_ledger": "/tmp/another", "link_update_poll_max": 7})
    run = federation.update(link_update_product="confluence")
    assert run.returncode == 2
    only_jira = "link_update_recreate_as_remote is true, which works for Jira only"
    assert [(name, problem) for name, problem, remedy in run.problems] == [
        (", ".join(NAMES), only_jira),
        ("all", "link_update_poll_max is not the same for all hosts"),
        ("all", "link_update_ledger is not the same for all hosts"),
    ]
    assert all(remedy for name, problem, remedy in run.problems)
    assert run.recap("failed") == dict.fromkeys(NAMES, 1)
    assert f"us: {only_jira}: set it to false" in run.message
    assert not federation.service.requests


def test_a_variable_of_a_host_is_worked_out_once_and_not_by_the_others(federation: Federation) -> None:
    """Else the time before the first job would grow with the square of the number of instances."""
    marks = federation.folder / "marks"
    origin = f"{{{{ lookup('ansible.builtin.pipe', 'echo >> {marks}; echo https://jira.example.com') }}}}"
    federation.set_up(federation.service, **{name: {"link_update_migrated_from": origin} for name in NAMES})
    assert federation.update("--check").returncode == 0
    assert len(marks.read_text()) == len(NAMES)


def test_every_mistake_of_an_inventory_is_named_at_once_before_anything_is_sent(federation: Federation) -> None:
    federation.set_up(
        federation.service,
        eu={"link_update_migrated_from": "jira.example.com"},
        us={"link_update_product_url": "http://us.example.net"},
        au={"link_update_migrated_from": None},
    )
    run = federation.update()
    assert run.returncode != 0
    assert "3 problems, so nothing was scheduled" in run.message
    assert "eu link_update_migrated_from 'jira.example.com' is not a base" in run.message
    assert "us link_update_product_url http://us.example.net is not" in run.message
    assert "au link_update_migrated_from is not set set it for this host of the inventory" in run.message
    assert not federation.service.jobs


def test_options_of_the_connection_can_be_set_once_for_all_that_makes_requests(federation: Federation) -> None:
    defaults = {"group/jira_cloud.federation.connection": {"ca_path": "/no/such/authorities"}}
    # Over http:// no authorities are asked, so that a bad path is noticed by whoever gets it only with https://.
    federation.set_up(federation.service, eu={"link_update_product_url": "https://127.0.0.1:1"})
    run = federation.run(federation.play(module_defaults=defaults))
    assert run.returncode == 2
    assert "/no/such/authorities" in run.message


def test_an_inventory_without_the_group_is_no_success(federation: Federation) -> None:
    run = federation.update(link_update_group="federated_instnaces")
    assert run.returncode in (1, 4), "as Ansible has it for an error in hosts, before 2.19 and since"
    assert "The group federated_instnaces has no hosts in this inventory" in run.message


def site_of(federation: Federation, name: str) -> str:
    """The cloud ID that the stand-in has given a site."""
    answer = requests.get(f"{federation.service.url}/{name}.example.net/_edge/tenant_info", timeout=10)
    return str(answer.json()["cloudId"])
