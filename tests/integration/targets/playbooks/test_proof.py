# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles link_check, link_repair and link_reports, and a run that proves itself: one takes up what another finds."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from federations import TOKEN, Controller, Service, kill_all_of
from plays import CENSUS, CHECK, QUICK, REHEARSE, REPAIR, REPORTS, imported, play, run_plays, statistics, told, update
from test_secrets import places_of

HOSTS = ("eu", "us", "ap")
DATA_CENTER = "jira.example.com"
DATA_CENTER_TOKEN = "c4n4ry-d4t4-c3nt3r"
#: Six links between eu and us, and one between eu and ap: 14 remote links, of which the jobs do not make two.
DATA: dict[str, Any] = {
    "token": DATA_CENTER_TOKEN,
    "projects": {
        "EUA": {"site": "eu.example.net", "issues": 8},
        "USA": {"site": "us.example.net", "issues": 8},
        "APA": {"site": "ap.example.net", "issues": 2},
    },
    "links": [
        *([str(10000 + number), "Blocks", f"EUA-{number}", f"USA-{number}"] for number in range(1, 7)),
        ["10007", "Relates", "EUA-7", "APA-1"],
    ],
}
LEFT_OUT = [["EUA-1", "USA-1"], ["EUA-4", "USA-4"]]
ATLASSIAN = "https://api.atlassian.com/{site_id}/audit-log"
PROVE = {"link_update_prove": True}


class Proof(Controller):
    """Three instances that came from one Data Center instance."""

    service: Service

    def set_up(self, service: Service) -> None:
        self.service = service
        hosts = {
            name: {
                "link_update_product_url": f"{service.url}/{name}.example.net",
                "link_update_migrated_from": f"https://{DATA_CENTER}",
            }
            for name in HOSTS
        }
        self.write_inventory(
            hosts,
            link_census_url=f"{service.url}/{DATA_CENTER}",
            link_update_api_url=f"{service.url}/api.example.net/links/v1",
            link_update_app_links_authorized=True,
            link_update_poll_min=0.05,
            link_repair_findings=str(self.report / "link_check_findings.csv"),
        )
        self.environ.update(JIRA_DC_TOKEN=DATA_CENTER_TOKEN, ANSIBLE_SHOW_CUSTOM_STATS="true")

    @property
    def report(self) -> Path:
        """The folder of the report."""
        return self.folder / "link_update_report"

    @property
    def findings(self) -> list[list[str]]:
        """The issue and the target of each finding."""
        with (self.report / "link_check_findings.csv").open(encoding="utf-8") as file:
            return [[row["issue"], row["target"]] for row in csv.DictReader(file)]

    def written(self, name: str) -> dict[str, Any]:
        """What a file of the report has."""
        return dict(json.loads((self.report / name).read_text()))


@pytest.fixture
def proof(tmp_path: Path) -> Iterator[Proof]:
    service = Service(data_centers={DATA_CENTER: DATA}, leave_out={"eu.example.net -> us.example.net": LEFT_OUT})
    proof = Proof(tmp_path)
    proof.set_up(service)
    yield proof
    kill_all_of(proof.home)
    service.stop()


def of(name: str, role: str, variables: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """A play of a role, after whose errors the next play still has all hosts."""
    task = {"ansible.builtin.import_role": {"name": role}, "ignore_errors": True}
    return play(name, task, vars=variables or {}, **keywords)


def failed_in(said: str) -> set[str]:
    return set(re.findall(r"fatal: \[(\w+)\]", said))


def changed_in(said: str) -> list[str]:
    return re.findall(r"changed: \[(\w+)\]", said)


def test_what_a_run_does_not_prove_is_found_repaired_and_removed_again_by_the_next_roles(proof: Proof) -> None:
    without = {"JIRA_DC_TOKEN": ""}
    looped = {"ansible.builtin.include_role": {"name": CHECK}, "loop": ["one", "two"]}
    plays = [
        update("no token", PROVE, environment=without),
        update("planned", PROVE, check_mode=True),
        update("not to be proved", {"link_check_confidence": "much"}, check_mode=True),
        update("never proved", {**PROVE, "link_update_wait": False}),
        update("proved", PROVE),
        update("proved again", PROVE, environment=without),
        of("misspelt", CHECK, {"link_check_smaple": "all"}),
        of("limited", CHECK, hosts="us,ap"),
        of("checked", CHECK),
        of("nothing named", REPAIR, {"link_repair_findings": ""}),
        of("too many", REPAIR, {"link_repair_max": 1}),
        of("would repair", REPAIR, check_mode=True),
        of("repaired", REPAIR),
        of("repaired again", REPAIR),
        play("clean", looped),
        of("undone", REPAIR, {"link_repair_undo": True}),
        of("undone again", REPAIR, {"link_repair_undo": True}),
        of("checked again", CHECK),
        of("would download", REPORTS, {"link_reports_audit_log_url": ATLASSIAN}, check_mode=True),
    ]
    run = run_plays(proof, plays, "--diff", "-v")
    said = told(run)
    failed = {name: failed_in(text) for name, text in said.items()}

    assert "no token for the Data Center instance" in said["no token"]
    assert "us: the run stopped. The message of eu has the reason" in said["no token"]
    assert "The links are not checked: this is check mode" in said["planned"]
    assert "link_update_prove needs complete jobs, and link_update_wait is false" in said["never proved"]
    assert len(proof.service.jobs) == 6, "the run was made once, and neither without a census nor in check mode"
    assert "Census 1 begins" in said["proved"]
    assert "are counted: census 1" in said["proved again"]
    for name in ("proved", "proved again"):
        assert "eu: 2 of 2 jobs complete. 2 of 6 links to us are not found" in said[name]
        assert "us: 2 of 2 jobs complete. 6 of 6 checked links found" in said[name]
    assert "eu: link_check_smaple is not a variable of this collection. Write link_check_sample" in said["misspelt"]
    assert "us: 6 of 6 checked links found" in said["limited"]
    assert "link_repair_findings is not set" in said["nothing named"]
    assert "link_repair_max is 1" in said["too many"]
    assert "eu: 2 links to create" in said["would repair"]
    assert "eu: 2 links created" in said["repaired"]
    assert "+eu EUA-4 -> USA-4 (blocks)" in said["repaired"], "the difference names the links"
    assert "eu: 2 links skipped" in said["repaired again"]
    assert said["clean"].count("eu: 7 of 7 checked links found") == 2 * len(["outcomes", "result"])
    assert "eu: 2 links removed" in said["undone"]
    assert "No link of an earlier repair is there" in said["undone again"]
    assert "us: would download the audit log" in said["would download"]
    everybody = set(HOSTS)
    assert {name: hosts for name, hosts in failed.items() if hosts} == {
        "no token": everybody,
        "never proved": everybody,
        "proved": {"eu"},
        "proved again": {"eu"},
        "misspelt": everybody,
        "nothing named": everybody,
        "too many": everybody,
        "checked": {"eu"},
        "checked again": {"eu"},
    }
    updates = {"planned", "not to be proved", "never proved", "proved", "proved again"}
    assert {name for name, text in said.items() if changed_in(text)} - updates == {
        "would repair",
        "repaired",
        "undone",
        "would download",
    }
    assert proof.findings == LEFT_OUT
    checks = proof.written("report.json")["checks"]
    assert checks["last"] == proof.written("link_check.json"), "the report of the run shows the checks after it"
    assert [each["check"] for each in checks["history"]] == list(range(checks["last"]["check"], 0, -1))
    assert f"Check {checks['last']['check']}, which ended" in (proof.report / "report.html").read_text()
    assert (proof.written("link_check.json")["ok"], proof.written("link_repair.json")["undo"]) == (False, True)


def test_where_a_bastion_does_the_work_a_run_proves_itself_there_and_no_token_is_left(proof: Proof) -> None:
    proof.environ["ANSIBLE_CALLBACK_PLUGINS"] = str(Path(__file__).with_name("callback_plugins"))
    proof.environ["ANSIBLE_CALLBACKS_ENABLED"] = "arguments"
    proof.environ["ANSIBLE_CONNECTION_PLUGINS"] = str(Path(__file__).with_name("connection_plugins"))
    proof.environ["ANSIBLE_ASYNC_DIR"] = str(proof.folder / "async")
    proof.environ["ARGUMENTS"] = str(proof.folder / "arguments")
    elsewhere = {
        "ansible_connection": "elsewhere",
        "ansible_host": "bastion",
        "ansible_python_interpreter": sys.executable,
    }
    left = {"ansible.builtin.debug": {"msg": "RESULT {{ hostvars[inventory_hostname] }}"}, "tags": ["always"]}
    plays = [
        update("proved", {**elsewhere, **PROVE}, tags=["mine"]),
        of("not asked for", CENSUS, elsewhere),
        play("left", left),
        of("repaired", REPAIR, tags=["mine"]),
        {**imported(CHECK), "tags": ["mine"]},
    ]
    run = run_plays(proof, plays, "-vvvv", "--diff", "--tags", "mine")
    said = told(run)
    assert run.returncode == 0
    assert "Census 1 begins" in said["proved"], "what is said there is shown here"
    assert failed_in(said["proved"]) == {"eu"}
    assert "Census" not in said["not asked for"]
    assert "eu: 2 links created" in said["repaired"]
    assert "eu: 7 of 7 checked links found" in said["Check the links between the federated instances"]
    assert said["left"].count("RESULT") == len(HOSTS)
    numbers = statistics(run)
    assert (numbers["link_update_ok"], numbers["link_check_ok"], numbers["link_repair_created"]) == (True, True, 2)
    assert "link_check" in (proof.folder / "arguments").read_text()
    for token in (TOKEN, DATA_CENTER_TOKEN):
        assert places_of(token, run, proof.folder) == []


def test_rehearsals_find_three_links_missing_repair_them_and_ask_nobody(controller: Controller) -> None:
    real = Service(data_centers={DATA_CENTER: DATA})
    hosts = {
        name: {
            "link_update_product_url": f"https://{name}.example.net",
            "link_update_migrated_from": f"https://{DATA_CENTER}",
        }
        for name in HOSTS
    }
    unreadable = dict.fromkeys(("link_census_token", "link_update_api_token"), "{{ not_there }}")
    controller.write_inventory(hosts, link_census_url=f"{real.url}/{DATA_CENTER}", **unreadable)
    rehearsed = {"link_update_rehearsal": True}
    prove = {"link_update_prove": True, "rehearsal_leave_out": {"eu -> us": 3}, "rehearsal_ledger": "rehearsed.sqlite3"}
    plays = [
        of("checked", CHECK, rehearsed),
        of("repaired", REPAIR, {**rehearsed, "link_repair_findings": "/nowhere.csv"}),
        of("downloaded", REPORTS, {**rehearsed, "link_reports_history_url": f"{real.url}/history"}),
        update("scheduled", {**rehearsed, **prove, "link_update_prove": False}),
        imported(REHEARSE, **prove),
    ]
    run = run_plays(controller, plays, "-v", **QUICK)
    # All jobs are in its ledger, and this part of a run has no plan.
    later = controller.run(REHEARSE, "--tags", "wait", extra={**QUICK, **prove, "rehearsal_leave_out": None})
    planned = controller.run(REHEARSE, "--tags", "submit", extra={**QUICK, **prove})
    asked = real.requests
    real.stop()
    said = told(run)
    assert not asked
    assert run.returncode == 2, "the last one fails, and its errors are not ignored"
    proved = said["Rehearse the update of the links of the federated instances"]
    for text in (said["checked"], proved):
        assert re.search(r"eu: .*3 of \d+ links to us are not found", text)
        assert failed_in(text) == {"eu"}
        assert "-e link_update_force=true -e link_update_rehearsal=true" in text, (
            "what it advises is a rehearsal as well"
        )
        assert "link_repair_findings" not in text
    assert (later.returncode, planned.returncode) == (0, 0)
    assert "All 24 links were checked: 24 found" in later.output
    assert "Warning: The links are not checked: these tags leave out the stage wait" in planned.output
    assert "The links are not checked" not in said["scheduled"]
    found = re.findall(r"a check finds ([\d,]+) of ([\d,]+) links", said["repaired"])
    ((before, total), (after, again)) = found
    assert (int(total) - int(before), after, again) == (3, total, total)
    assert "eu: 3 links created" in said["repaired"]
    assert "Rehearsal: the reports below are made up" in said["downloaded"]
    assert "eu: 3 reports downloaded" in said["downloaded"]
    assert [path for path in controller.folder.rglob("*sqlite*") if not path.name.startswith("rehearsed.")] == []
    assert not list((controller.folder / "link_update_report").glob("*.*")), "all is in the folder of the rehearsal"
