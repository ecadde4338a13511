# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a whole run does stage by stage, over real HTTP, from options to result."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    write_first_release,
)
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    LevelListener,
    Options,
    defaults_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering

EMAIL, TOKEN = "me@example.com", "s3cr3t-t0ken"
NAMES = ("eu", "us", "ap")
AT_ONCE = {"queue_seconds": 0.0, "run_seconds": 0.0, "backup_seconds": 0.0}
NEVER = {**AT_ONCE, "run_seconds": 1e6}


class StoppedClock(FakeClock):
    """A clock on which somebody who has to wait is stopped by a Ctrl-C."""

    def sleep(self, seconds: float) -> None:
        raise KeyboardInterrupt


class RunHarness:
    """A federation at a stand-in, and the runs of it."""

    def __init__(self, server: StandIn, folder: Path) -> None:
        self.server = server
        self.names = NAMES
        self.folder = folder
        self.ledger = folder / "ledger.sqlite3"
        self.report = folder / "report"
        self.clock = FakeClock()
        self.listener = LevelListener()

    @property
    def scheduled(self) -> list[str]:
        """The pairs that got jobs."""
        return [
            " -> ".join(job.body[key].rpartition("/")[2].partition(".")[0] for key in ("productURL", "destinationURL"))
            for job in self.server.service.jobs.values()
        ]

    @property
    def requests(self) -> dict[str, int]:
        return dict(self.server.service.requests)

    def order(self, name: str, **options: Any) -> Options:
        defaults = defaults_of(LINK_UPDATE_RUN["orders"]["options"])
        return {**defaults, "name": name, "email": EMAIL, "api_token": TOKEN, **options}

    def run(self, *orders: Options, check: bool = False, **options: Any) -> Options:
        """A run of these orders, or of one for each instance."""
        given = {
            **defaults_of(LINK_UPDATE_RUN),
            "federation": {
                name: {
                    "product_url": f"{self.server.url}/{name}.example.net",
                    "migrated_from": "https://jira.example.com",
                }
                for name in self.names
            },
            "orders": list(orders) or [self.order(name) for name in self.names],
            "api_url": f"{self.server.url}/api.example.net/links/v1",
            "ledger": str(self.ledger),
            "report_dir": str(self.report),
            "app_links_authorized": True,
            "settings": {"link_update_group": "federated_instances"},
            **options,
        }
        return link_update_run(given, check, self.listener, self.clock)


def run_harness(folder: Path, **script: Any) -> Iterator[RunHarness]:
    """A stand-in whose jobs are done at once, unless the script says otherwise."""
    with StandIn(Script(**{**AT_ONCE, "email": EMAIL, "api_token": TOKEN, **script})) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield RunHarness(server, folder)
        server.shutdown()


@pytest.fixture
def harness(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[RunHarness]:
    yield from run_harness(tmp_path, **getattr(request, "param", {}))


# -- All stages


def test_a_run_finds_out_schedules_waits_and_reports(harness: RunHarness) -> None:
    result = harness.run()
    assert "failed" not in result
    assert result["changed"]
    assert sorted(harness.scheduled) == sorted(
        f"{name} -> {other}" for name in NAMES for other in NAMES if name != other
    )
    assert result["verdict"]["counts"]["complete"] == 6
    assert result["files"] == {kind: str(harness.report / f"report.{kind}") for kind in ("html", "json", "csv")}
    assert harness.requests["tenant_info"] == len(NAMES), "what the preflight has found is not asked for again"
    assert "eu        2 of 2 complete" in harness.listener.shown
    assert harness.listener.lines[-1].startswith("6 of 6 jobs complete. Report: ")


def test_a_rerun_changes_nothing(harness: RunHarness) -> None:
    harness.run()
    result = harness.run()
    assert (result["changed"], result["verdict"]["ok"]) == (False, True)
    assert len(harness.scheduled) == 6


def test_times_that_cannot_be_read_cost_the_plan_its_estimate_and_not_the_run(harness: RunHarness) -> None:
    harness.run(harness.order("eu"))
    with sqlite3.connect(harness.ledger) as database:
        database.execute("UPDATE link_update_statuses SET since = 'last week'")
    harness.listener.lines.clear()
    result = harness.run(stages=["plan", "submit", "wait"])
    assert len(harness.scheduled) == 6
    assert "earlier job" not in "".join(harness.listener.lines)
    # That the report needs these times is another matter.
    assert (result["verdict"]["ok"], result["failure"]["code"]) == (True, "ledger")


@pytest.mark.parametrize("harness", [NEVER], indirect=True)
def test_the_plan_the_run_and_the_wait_do_not_ask_three_times_for_one_status(harness: RunHarness) -> None:
    orders = [harness.order(name, create_backup="never") for name in NAMES]
    harness.run(*orders, stages=["submit"])
    before = harness.requests["status"]
    harness.run(*orders, stages=["plan", "submit"])
    assert harness.requests["status"] - before == 6
    harness.run(*orders, stages=["plan", "submit", "wait"], wait_timeout=1.0)
    assert harness.requests["status"] - before == 6 + 6 + 6, "once more, as each job is polled when the timeout passes"


@pytest.mark.parametrize("harness", [{"not_admin": ("us.example.net",)}], indirect=True)
def test_a_preflight_that_finds_a_problem_ends_the_run(harness: RunHarness) -> None:
    result = harness.run()
    assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, False, "preflight")
    assert result["msg"].startswith("1 problem, so nothing was scheduled. us: ")
    assert " is not a Jira admin here. Make this account a Jira admin here, or " in result["msg"]
    assert not harness.scheduled
    assert not harness.ledger.exists()
    assert "verdict" not in result


def test_a_run_of_single_pairs_is_about_these_alone(harness: RunHarness) -> None:
    harness.run(harness.order("eu"), harness.order("us"), harness.order("ap", wave="2"))
    before = harness.requests
    orders = [
        harness.order("eu", force=True, email=None, migrated_at="2026-02-16"),
        harness.order("us", force=True),
        harness.order("ap", force=True, email=None, wave="2"),
    ]
    planned = harness.run(*orders, only=["us->ap"], check=True)
    assert planned["plan"]["actions"] == {"us -> ap": "anew"}
    plan = [line for line in harness.listener.lines if line.startswith("Plan for wave")][-1]
    assert plan.endswith("1 job (1 forced); left out by link_update_only: 5 pairs")
    assert planned["instances"]["eu"]["message"] == "left out by link_update_only: 2 pairs"
    result = harness.run(*orders, only=["us->ap"])
    assert harness.scheduled[6:] == ["us -> ap"]
    assert not [each for each in harness.listener.warnings if "can be recreated until" in each], "of eu"
    assert harness.requests["myself"] == before["myself"] + 2, "once in each of the two runs"
    assert result["verdict"]["message"] == "1 of 1 jobs complete. Left out by link_update_only: 5 pairs"
    assert (result["verdict"]["ok"], result["verdict"]["left_out"]) == (True, [])
    assert {name: (each["ok"], each["changed"], each["message"]) for name, each in result["instances"].items()} == {
        "eu": (True, False, "left out by link_update_only: 2 pairs"),
        "us": (True, True, "1 of 1 jobs complete. Left out by link_update_only: 1 pair"),
        "ap": (True, False, "left out by link_update_only: 2 pairs"),
    }
    report = json.loads((harness.report / "report.json").read_text())
    assert {each["label"]: (each["in_run"], each["state"]) for each in report["updates"]} == {
        f"{name} -> {other}": ((name, other) == ("us", "ap"), "complete")
        for name in NAMES
        for other in NAMES
        if name != other
    }
    assert [each["name"] for each in report["instances"] if each["in_run"]] == ["us"]
    assert [each["product"] for each in report["app_links"]] == list(NAMES)


@pytest.mark.parametrize("harness", [NEVER], indirect=True)
def test_a_run_of_single_pairs_waits_for_the_backup_of_its_instance_and_for_no_other_job(harness: RunHarness) -> None:
    orders = [harness.order("us"), harness.order("eu")]
    first = harness.run(*orders, only=["us -> ap"], wait_timeout=10)
    assert [bool(job.body.get("createBackup")) for job in harness.server.service.jobs.values()] == [True]
    assert first["verdict"]["pairs"]["open"] == ["us -> ap"]
    second = harness.run(*orders, only=["us -> eu"], wait_timeout=10)
    assert harness.scheduled == ["us -> ap", "us -> eu"], "after the backup"
    assert [job.body.get("createBackup", False) for job in harness.server.service.jobs.values()] == [True, False]
    assert second["verdict"]["message"].startswith("0 of 1 jobs complete. 1 not finished: us -> eu. ")


def test_a_name_that_is_no_pair_is_refused_before_anything_is_sent(harness: RunHarness) -> None:
    result = harness.run(harness.order("eu", destinations=["us"]), only=["eu -> ap"])
    assert result["failure"]["code"] == "invalid_option"
    assert result["msg"].startswith("link_update_only has eu -> ap, which is not a pair of this run. Use pairs of ")
    assert result["msg"].endswith(" Pairs: eu -> us")
    assert not harness.requests


def test_where_something_else_is_wrong_names_of_pairs_are_not_blamed(harness: RunHarness) -> None:
    result = harness.run(harness.order("eu", wave=" "), only=["eu -> ap"])
    assert [each["problem"] for each in result["problems"]] == ["link_update_wave is empty"]


@pytest.mark.parametrize("harness", [{"queue_seconds": 1e6}], indirect=True)
def test_a_job_that_does_not_start_is_named_with_its_entry_when_the_timeout_has_passed(harness: RunHarness) -> None:
    eu = harness.order("eu", create_backup="never")
    for pair in ("eu -> us", "eu -> ap"):
        early = harness.run(eu, only=[pair], wait_timeout=60)
        assert "far longer" not in early["verdict"]["message"]
    with open_ledger(str(harness.ledger), harness.clock, {}) as ledger:
        first, second = ledger.attempts()
        ledger.record_status(str(second.update.site_id), str(second.job_id), "COMPLETE")
    result = harness.run(eu, wait_timeout=60)
    said = f"PENDING far longer than the others: eu -> us (3m00s, ledger entry {first.reference})"
    for text in (result["verdict"]["message"], result["instances"]["eu"]["message"]):
        assert f". {said}. To schedule eu -> us again, forget its ledger entry: ansible-playbook " in text
    timeout = next(line for line in harness.listener.lines if line.endswith(said))
    assert timeout.startswith("Waiting stopped after 1m00s. ")


def test_what_is_missing_is_told_without_a_preflight_as_well(harness: RunHarness) -> None:
    result = harness.run(harness.order("eu", destinations=["nowhere"]), stages=["submit", "wait"])
    assert result["failure"]["code"] == "invalid_option"
    assert "eu: link_update_destinations has nowhere" in result["msg"]
    assert not harness.requests


def test_credentials_that_are_missing_are_told_with_whose_they_are(harness: RunHarness) -> None:
    result = harness.run(harness.order("eu"), harness.order("us", email=None), stages=["submit", "wait", "report"])
    assert result["msg"].startswith("us: no e-mail address. Set ATLASSIAN_EMAIL or link_update_email")
    assert result["failure"]["code"] == "invalid_option"
    assert harness.listener.lines == [result["msg"]]
    assert not harness.requests


# -- The plan


def test_a_plan_is_shown_and_nothing_is_done(harness: RunHarness) -> None:
    result = harness.run(stages=["plan"])
    assert "failed" not in result
    assert result["changed"], "it would be"
    assert result["plan"]["counts"]["schedule"] == 6
    assert harness.listener.lines == result["plan"]["text"]
    assert not harness.scheduled
    assert not harness.ledger.exists()
    assert not harness.report.exists()


def test_check_mode_ends_with_the_plan(harness: RunHarness) -> None:
    result = harness.run(check=True)
    assert result["plan"]["scheduled"] == 6
    assert {diff["after_header"] for diff in result["diff"]} >= {"eu -> us"}
    assert not harness.scheduled
    assert "verdict" not in result


def test_what_a_plan_would_warn_of_the_run_warns_of_once(harness: RunHarness, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", str(harness.folder))
    harness.run(stages=["plan"])
    assert not harness.listener.warnings
    harness.run()
    assert len(harness.listener.warnings) == 1
    assert str(harness.ledger) in harness.listener.warnings[0]


# -- What is to be looked at again


def test_a_hint_is_warned_of_once_in_a_run_also_where_it_goes_on_after_a_question(harness: RunHarness) -> None:
    hint = "eu: link_update_migrated_at 2026-03-02 is in the future: the 14 days to recreate links start then"
    order = harness.order("eu", migrated_at="2026-03-02", create_backup="never")
    assert harness.run(order, app_links_authorized=False)["failure"]["code"] == "app_links"
    assert harness.listener.warnings.count(hint) == 1
    assert "failed" not in harness.run(order, stages=["submit", "wait", "report"])
    assert harness.listener.warnings.count(hint) == 1
    harness.run(order, stages=["plan"])
    assert harness.listener.warnings.count(hint) == 2, "a plan alone has it as well"


# -- A federation whose time is over

REHEARSED = {
    "email": "rehearsal@example.com",
    "api_token": "rehearsal",
    "sites": {
        name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}"}
        for name in ("eu", "us", "ap", "br", "ca", "au")
    },
}
#: As if the first release had gone on until all was complete.
FINISHED = """
UPDATE link_update_attempts SET status = 'COMPLETE', completed_at = '2026-03-01T19:00:00.000000Z',
    job_id = coalesce(job_id, 'job-' || destination_url), submitted_at = coalesce(submitted_at, claimed_at);
"""


@pytest.mark.parametrize("harness", [REHEARSED], indirect=True)
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_finished_federation_of_the_first_release_schedules_nothing_when_its_time_is_over(
    harness: RunHarness, kind: str, request: pytest.FixtureRequest
) -> None:
    ledger = str(harness.ledger) if kind == "sqlite" else request.getfixturevalue("postgresql")
    write_first_release(ledger, FINISHED)
    harness.clock.sleep(30 * 86400)
    federation = {
        name: {
            "product_url": f"https://{name}.example.net",
            "migrated_from": "https://jira.example.com",
            "migrated_from_override": "https://old.example.com" if name == "au" else None,
            "migrated_at": "2026-03-01",
        }
        for name in ("eu", "us", "ap", "br", "ca", "au")
    }
    for order in (
        harness.order("eu", destinations=["us", "ap", "br", "ca"]),
        harness.order("eu", destinations=["au"], wave="2", recreate_as_remote=False),
    ):
        result = harness.run(order, federation=federation, ledger=ledger, stand_in_url=harness.server.url)
        assert (result["changed"], result["problems"], result["verdict"]["ok"]) == (False, [], True)
        assert result["verdict"]["counts"]["complete"] == len(order["destinations"])
    assert not harness.scheduled
    assert set(harness.requests) == {"tenant_info", "myself", "mypermissions", "configuration"}


def test_what_is_too_late_fails_by_itself_and_the_run_schedules_and_collects_the_rest(harness: RunHarness) -> None:
    orders = [harness.order(name, create_backup="never") for name in NAMES]
    harness.run(orders[0], stages=["submit"])
    orders[0]["migrated_at"] = orders[1]["migrated_at"] = "2026-02-01"
    result = harness.run(*orders)
    assert "failed" not in result
    assert (result["problems"], result["verdict"]["ok"]) == ([], False)
    assert result["verdict"]["pairs"]["failed"] == ["us -> eu", "us -> ap"]
    assert result["verdict"]["pairs"]["complete"] == ["eu -> us", "eu -> ap", "ap -> eu", "ap -> us"]
    assert sorted(harness.scheduled) == ["ap -> eu", "ap -> us", "eu -> ap", "eu -> us"]
    assert [result["instances"][name]["ok"] for name in NAMES] == [True, False, True]


def test_links_that_can_no_longer_be_recreated_are_done_when_their_regular_update_is(harness: RunHarness) -> None:
    late = {"destinations": ["us"], "create_backup": "never", "migrated_at": "2026-02-01"}
    refused = harness.run(harness.order("eu", **late))
    assert "link_update_only for these pairs" in refused["updates"][0]["failure"]["message"]
    assert not harness.scheduled
    regular = harness.run(harness.order("eu", **late, recreate_as_remote=False))
    assert regular["verdict"]["ok"]
    again = harness.run(harness.order("eu", **late))
    assert (again["verdict"]["ok"], again["updates"][0]["job"]["recreate_as_remote"]) == (True, False)
    assert harness.scheduled == ["eu -> us"]


def test_local_links_that_the_first_release_recreated_stay_done(harness: RunHarness) -> None:
    order = harness.order("eu", destinations=["eu"], create_backup="never")
    site_id = harness.run(order, stages=["preflight"])["site_ids"]["eu"]
    url = f"{harness.server.url}/eu.example.net"
    done = Update(
        site_id=site_id, product="jira", product_url=url, destination_url=url, migrated_from="https://jira.example.com"
    )
    with open_ledger(str(harness.ledger), harness.clock, {}) as ledger:
        claim = ledger.claim(done, 1, timedelta(minutes=1))
        assert claim
        ledger.record_job(claim, "job-1", "PENDING")
        ledger.record_status(site_id, "job-1", "COMPLETE")
    result = harness.run(order)
    assert (result["verdict"]["ok"], harness.scheduled) == (True, [])
    shown = json.loads((harness.report / "report.json").read_text())["updates"]
    assert [each["state"] for each in shown if each["label"] == "eu -> eu"] == ["complete"]
    harness.run({**order, "force": True})
    (job,) = harness.server.service.jobs.values()
    assert job.body["recreateAsRemote"] is False


# -- Application links


def test_links_are_not_recreated_before_somebody_says_that_the_application_links_are_authorized(
    harness: RunHarness,
) -> None:
    result = harness.run(app_links_authorized=False)
    assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, False, "app_links")
    assert result["msg"].endswith("run again with -e link_update_app_links_authorized=true")
    by_module = harness.run(app_links_authorized=False, settings={})
    assert by_module["msg"].endswith("run again with app_links_authorized: true")
    assert not harness.scheduled
    assert not harness.ledger.exists()
    links = result["plan"]["app_links"]
    assert harness.listener.lines[-len(links) :] == links
    assert f"[ ] eu  {harness.server.url}/eu.example.net" in links


def test_where_nothing_is_recreated_nobody_is_asked_for_application_links(harness: RunHarness) -> None:
    order = harness.order("eu", recreate_as_remote=False, create_backup="never")
    assert "failed" not in harness.run(order, app_links_authorized=False, stages=["submit"])
    assert harness.scheduled == ["eu -> us", "eu -> ap"]


def test_once_all_is_scheduled_nobody_is_asked_for_application_links_any_more(harness: RunHarness) -> None:
    harness.run()
    assert "failed" not in harness.run(app_links_authorized=False)


def test_check_mode_lists_the_application_links_unless_they_are_authorized(harness: RunHarness) -> None:
    result = harness.run(check=True, app_links_authorized=False)
    assert "failed" not in result
    links = result["plan"]["app_links"]
    assert links[0].startswith("6 application links to authorize by hand")
    assert harness.listener.lines[-len(links) :] == links
    harness.run(check=True)
    assert harness.listener.lines.count(links[0]) == 1


def test_a_rehearsal_needs_no_application_links(harness: RunHarness) -> None:
    with Wire(*[answering(body='{"uuid": "job-1"}')] * 2) as wire:
        result = harness.run(
            harness.order("eu", site_id="site-eu", create_backup="never"),
            app_links_authorized=False,
            stages=["submit"],
            stand_in_url=wire.url,
        )
    assert "failed" not in result
    assert len(wire.requests) == 2
    assert "Plan" not in harness.listener.lines[0]


# -- Stages alone


@pytest.mark.parametrize("harness", [NEVER], indirect=True)
def test_what_is_only_submitted_is_not_waited_for(harness: RunHarness) -> None:
    result = harness.run(harness.order("eu", create_backup="never"), stages=["submit"])
    assert (result["changed"], result["verdict"]["ok"]) == (True, True)
    assert "2 scheduled, not waited for: eu -> us, eu -> ap" in result["verdict"]["message"]
    assert "Left out of this run: us, ap" in result["verdict"]["message"]
    assert (result["files"], harness.clock.naps) == ({}, [])
    assert harness.requests["status"] == 1, "the first answer of a service that was never met before is looked at"


def test_what_was_submitted_can_be_waited_for_later_and_nothing_else_is_scheduled(harness: RunHarness) -> None:
    harness.run(harness.order("eu", destinations=["us"]), stages=["submit"])
    result = harness.run(harness.order("eu"), stages=["wait"])
    assert harness.scheduled == ["eu -> us"]
    assert not result["changed"]
    assert result["verdict"]["counts"]["complete"] == 1
    assert "Run again with --tags submit,wait,report: it schedules the rest" in result["verdict"]["message"]


@pytest.mark.parametrize("harness", [{"fail": ("eu.example.net -> us.example.net",)}], indirect=True)
def test_a_job_that_ended_in_error_is_told_as_such_where_nothing_is_to_be_scheduled(harness: RunHarness) -> None:
    order = harness.order("eu", destinations=["us"], create_backup="never")
    harness.run(order)
    result = harness.run(order, stages=["wait"])
    assert (result["verdict"]["ok"], result["verdict"]["pairs"]["error"]) == (False, ["eu -> us"])
    assert "1 failed: eu -> us ended in ERROR" in result["verdict"]["message"]
    assert len(harness.scheduled) == 1


def test_without_a_stage_that_does_something_nothing_is_done(harness: RunHarness) -> None:
    assert harness.run(stages=[]) == {"changed": False}
    assert not harness.requests


@pytest.mark.parametrize("stages", [["submit"], ["wait"]])
def test_a_site_that_is_not_known_is_looked_up_with_a_word_about_each_pause(
    harness: RunHarness, stages: list[str]
) -> None:
    with Wire(answering(502), answering(body='{"cloudId": "site-eu"}')) as wire:
        orders = [harness.order("eu")]
        federation = {
            name: {"product_url": url, "migrated_from": "https://jira.example.com"}
            for name, url in (("eu", wire.url), ("us", "https://us.example.net"))
        }
        harness.run(*orders, federation=federation, stages=stages)
    assert harness.listener.lines[0].startswith(f"eu  GET {wire.url}/_edge/tenant_info: HTTP 502; trying again in 1.")


# -- A run that cannot go on


def test_a_run_whose_ledger_is_lost_schedules_nothing_more_and_reports_what_was_scheduled(harness: RunHarness) -> None:
    class Deletes(LevelListener):
        def line(self, text: str, level: Level = Level.INFO) -> None:
            super().line(text, level)
            if "scheduled" in text:
                harness.ledger.unlink(missing_ok=True)

    harness.listener = Deletes()
    result = harness.run(harness.order("eu", create_backup="never"))
    assert (result["failed"], result["failure"]["code"], harness.scheduled) == (True, "ledger", ["eu -> us"])
    assert any("was lost during the run" in line for line in harness.listener.lines)
    (job_id,) = harness.server.service.jobs
    assert job_id in (harness.report / "report.json").read_text()


@pytest.mark.parametrize("harness", [NEVER], indirect=True)
def test_a_run_that_is_stopped_says_what_it_has_done_and_reports_it(harness: RunHarness) -> None:
    harness.clock = StoppedClock()
    with pytest.raises(KeyboardInterrupt):
        harness.run(harness.order("eu", create_backup="never"))
    assert "0 of 2 jobs complete. 2 not finished: eu -> us, eu -> ap. Run" in " ".join(harness.listener.lines)
    assert harness.listener.lines[-1] == f"Report: {harness.report}/report.html", "below a long verdict"
    assert sorted(each.name for each in harness.report.iterdir()) == ["report.csv", "report.html", "report.json"]


# -- Several requests at once


@pytest.mark.parametrize("connections", [1, 3, 8])
@pytest.mark.parametrize("harness", [{"latency_seconds": 0.01}], indirect=True)
def test_no_more_requests_than_allowed_are_under_way_and_one_for_each_instance(
    harness: RunHarness, connections: int
) -> None:
    harness.names = tuple(f"site{number}" for number in range(10))
    orders = [
        harness.order(name, destinations=[other], create_backup="never")
        for name, other in zip(harness.names, harness.names[1:] + harness.names[:1], strict=True)
    ]
    result = harness.run(*orders, connections=connections)
    assert result["verdict"]["counts"]["complete"] == 10
    traffic = harness.server.service.traffic.report()
    assert traffic["most_at_once"] <= connections
    assert (traffic["most_at_once"] == 1) == (connections == 1)
    assert traffic["most_at_once_to_a_site"] == 1


def test_with_one_connection_everything_is_done_by_the_main_thread(harness: RunHarness) -> None:
    class Named(LevelListener):
        def line(self, text: str, level: Level = Level.INFO) -> None:
            super().line(text, level)
            threads.add(threading.current_thread())

    threads: set[threading.Thread] = set()
    harness.listener = Named()
    harness.run(connections=1)
    assert threads == {threading.main_thread()}


@pytest.mark.parametrize("connections", [1, 8])
def test_an_error_of_the_program_in_one_thread_is_not_swallowed(harness: RunHarness, connections: int) -> None:
    class Breaks(LevelListener):
        def line(self, text: str, level: Level = Level.INFO) -> None:
            super().line(text, level)
            if "scheduled" in text:
                raise RuntimeError("the terminal is gone")

    harness.listener = Breaks()
    with pytest.raises(RuntimeError, match="the terminal is gone"):
        harness.run(connections=connections)
    with open_ledger(str(harness.ledger), harness.clock, {}) as ledger:
        assert [each.job_id for each in ledger.attempts()] == [*harness.server.service.jobs]
