# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook link_update, run for real: what reaches the service, and what the run says."""

from __future__ import annotations

import re
from itertools import permutations

import pytest
import requests
from federations import NAMES, Federation
from plays import PACKAGED, days_ago, imported, run_plays, statistics, update

PAIRS = sorted(permutations(NAMES, 2))


@pytest.mark.interface
def test_a_plain_run_asks_each_instance_once_is_short_and_counts_what_it_scheduled(federation: Federation) -> None:
    marks = federation.folder / "marks"
    origin = f"{{{{ lookup('ansible.builtin.pipe', 'echo >> {marks}; echo https://jira.example.com') }}}}"
    federation.set_up(
        federation.service,
        eu={"link_update_migrated_at": days_ago(12), "link_update_migrated_from": origin},
        us={"link_update_migrated_at": days_ago(2)},
    )
    # Who becomes root by default does not for this playbook.
    federation.environ |= {"ANSIBLE_BECOME": "1", "ANSIBLE_BECOME_EXE": "/no/such/sudo"}
    run = federation.update()
    assert run.returncode == 0
    assert federation.ledger.exists()
    assert not list(federation.home.rglob("*.sqlite3")), "a second ledger"
    assert marks.read_text() == "\n", "else the time before the first job would grow with the square of the instances"

    lines = run.output[run.output.index("PLAY [") : run.output.index("PLAY RECAP")].splitlines()
    assert len([line for line in lines if line.startswith("TASK [")]) <= 4
    assert len(lines) <= 100
    assert not [line for line in lines if line.startswith("skipping:") or "=> {" in line]
    assert run.recap("changed") == dict.fromkeys(NAMES, 1)
    assert run.recap("failed") == dict.fromkeys(NAMES, 0)

    assert "eu: 2.0 days left to recreate links" in run.message
    assert "us: 12.0 days left" not in run.message
    table = {line.split()[0]: line for line in run.output.splitlines() if " Stand In " in line}
    assert table["eu"].endswith(" 2.0")
    assert table["us"].endswith(" 12.0")
    assert table["ap"].endswith("not known")
    assert re.search(r"Deadline to recreate links: \S+ \S+Z, (1d23h|2d00h) left \(eu\)", run.output)
    asked = federation.service.requests
    for call in ("tenant_info", "myself", "mypermissions", "configuration"):
        assert asked[call] == len(NAMES), "however many pairs it has"


@pytest.mark.interface
def test_each_ordered_pair_is_scheduled_once_at_its_products_site_and_once_more_for_another_wave(
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
    wave = update("wave 2", {"link_update_wave": "2"}, hosts="eu")
    run = run_plays(federation, [imported(PACKAGED), imported(PACKAGED), wave], "-v")
    assert run.returncode == 0, "no interpreter is used"
    assert sorted(federation.pairs[:12]) == PAIRS
    for job, (product, destination) in zip(federation.service.jobs, federation.pairs, strict=True):
        assert job["site_id"] == site_of(federation, product)
        assert job["body"]["migratedFrom"] == f"https://jira-{destination}.example.com"
        assert job["body"]["recreateAsRemote"] is True
        override = "https://jira-production.example.com" if destination == "au" else None
        assert job["body"].get("migratedFromOverride") == override
    jobs = zip(federation.pairs[:12], federation.service.jobs, strict=False)
    with_backup = {product: destination for (product, destination), job in jobs if job["body"].get("createBackup")}
    assert with_backup == {"eu": "us", "us": "eu", "ap": "eu", "au": "eu"}, "the first of each"
    assert federation.pairs[12:] == [("eu", "us"), ("eu", "ap"), ("eu", "au")], "the rerun schedules nothing"
    complete = "12 of 12 jobs complete. Report: link_update_report/report.html"
    assert run.message.count(complete) == 2
    for name in NAMES:
        assert f"{name}: 3 of 3 jobs complete" in run.message
    assert run.recap("changed") == {"eu": 2, "us": 1, "ap": 1, "au": 1}, "but for the rerun"


@pytest.mark.interface
def test_check_mode_schedules_nothing_and_names_what_it_would_schedule(federation: Federation) -> None:
    run = federation.update("--check", "--diff", "-v")
    assert run.returncode == 0
    assert not federation.service.jobs
    assert not federation.ledger.exists()
    title = next(number for number, line in enumerate(run.lines) if line.startswith("Plan for wave 1"))
    assert [line.split() for line in run.lines[title + 1 : title + 6]] == [
        ["from", "\\", "to", "eu", "us", "ap", "au"],
        ["eu", ".", "schedule", "schedule", "schedule"],
        ["us", "schedule", ".", "schedule", "schedule"],
        ["ap", "schedule", "schedule", ".", "schedule"],
        ["au", "schedule", "schedule", "schedule", "."],
    ]
    assert "12 jobs (12 to schedule)" in run.output
    assert "eu: 3 of 3 jobs would be scheduled" in run.message
    assert not (federation.folder / "link_update_report").exists()
    assert run.recap("changed") == dict.fromkeys(NAMES, 1)
    for _product, destination in PAIRS:
        assert f'+ "destination_url": "{federation.service.url}/{destination}.example.net"' in run.message


@pytest.mark.interface
@pytest.mark.parametrize(
    "federation", [{"fail": ["eu.example.net -> us.example.net"], "run_seconds": 0.5, "parallel": True}], indirect=True
)
def test_a_job_in_error_fails_its_instance_alone_and_a_rerun_heals_it(federation: Federation) -> None:
    federation.set_up(federation.service, names=("eu", "us", "ap"))
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    run = federation.update()
    assert run.returncode == 2
    assert run.recap("failed") == {"eu": 1, "us": 0, "ap": 0}
    assert run.recap("changed") == {"eu": 1, "us": 1, "ap": 1}
    assert (
        statistics(run).items() >= {"link_update_ok": False, "link_update_complete": 5, "link_update_error": 1}.items()
    )
    assert "eu: 1 of 2 jobs complete, 1 failed: eu -> us ended in ERROR. Run the same command again: it" in run.message
    assert "5 of 6 jobs complete, 1 failed: eu -> us ended in ERROR. " in run.message
    assert (federation.folder / "link_update_report" / "report.html").exists()
    assert len(federation.service.jobs) == 6

    rerun = federation.update()
    assert rerun.returncode == 0
    assert rerun.recap("changed") == {"eu": 1, "us": 0, "ap": 0}
    assert (
        statistics(rerun).items() >= {"link_update_ok": True, "link_update_complete": 6, "link_update_error": 0}.items()
    )
    assert federation.pairs[6:] == [("eu", "us")]


def test_without_a_preflight_an_instance_whose_requests_or_links_are_refused_does_not_stop_the_others(
    federation: Federation,
) -> None:
    federation.set_up(
        federation.service,
        us={"link_update_migrated_at": days_ago(15)},
        ap={"link_update_api_token": "wr0ng-t0ken"},
    )
    run = federation.update(link_update_preflight=False)
    assert run.returncode == 2
    assert run.recap("failed") == {"eu": 0, "us": 1, "ap": 1, "au": 0}
    assert "myself" not in federation.service.requests
    assert sorted(federation.pairs) == [pair for pair in PAIRS if pair[0] in ("eu", "au")]
    assert "6 of 12 jobs complete, 4 failed: " in run.message
    assert "2 not scheduled because the backup failed: ap -> us, ap -> au" in run.message
    assert "HTTP 401" in run.message
    assert "wr0ng-t0ken" not in run.output


def test_confluence_and_regular_updates_send_what_is_documented(federation: Federation) -> None:
    names = ("eu", "us")
    federation.set_up(federation.service, names=names)
    url = f"{federation.service.url}/{{{{ inventory_hostname }}}}.example.net"
    regular = {"link_update_recreate_as_remote": False}
    confluence = {**regular, "link_update_product": "confluence", "link_update_product_url": f"{url}/wiki"}
    itself = {"link_update_destinations": "{{ [inventory_hostname] }}"}
    cases = [regular, regular | itself, confluence, confluence | itself]
    run = run_plays(federation, [update(str(number), case) for number, case in enumerate(cases)])
    assert run.returncode == 0
    assert set(run.recap("ignored").values()) == {0}
    one_another, themselves = [("eu", "us"), ("us", "eu")], [("eu", "eu"), ("us", "us")]
    bodies = [job["body"] for job in federation.service.jobs]
    assert [sorted(federation.pairs[at : at + 2]) for at in range(0, 8, 2)] == 2 * [one_another, themselves]
    for body in bodies[:4]:
        assert body["product"] == "jira"
        assert body["recreateAsRemote"] is False
    for (product, _destination), body in zip(federation.pairs[4:], bodies[4:], strict=True):
        assert set(body) == {"product", "productURL", "destinationURL", "migratedFrom"}
        assert body["product"] == "confluence"
        assert body["productURL"] == f"{federation.service.url}/{product}.example.net/wiki"


def site_of(federation: Federation, name: str) -> str:
    """The cloud ID that the stand-in has given a site."""
    answer = requests.get(f"{federation.service.url}/{name}.example.net/_edge/tenant_info", timeout=10)
    return str(answer.json()["cloudId"])
