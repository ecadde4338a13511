# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules' whole work over real HTTP, from options to result, against the stand-in."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import (
    LINK_UPDATE_JOB,
    LINK_UPDATE_WAIT,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.job import link_update_job
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.ledger import link_update_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.wait import link_update_wait
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    FakeClock,
    Listener,
    Wire,
    answering,
    closed_port,
    resetting,
)

EMAIL, TOKEN = "me@example.com", "s3cr3t-t0ken"
EU = "https://eu.example.net"


class TaskHarness:
    """A stand-in and a ledger, and the modules run against them."""

    def __init__(self, server: StandIn, ledger: Path) -> None:
        self.server = server
        self.ledger = ledger
        self.listener = Listener()
        self.clock: Clock = SystemClock()

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [job.body for job in self.server.service.jobs.values()]

    @property
    def requests(self) -> dict[str, int]:
        return dict(self.server.service.requests)

    def job(self, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {**self._defaults(LINK_UPDATE_JOB), **self._pair(), **options}
        return link_update_job(given, check, self.listener, self.clock)

    def wait(self, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {**self._defaults(LINK_UPDATE_WAIT), **options}
        return link_update_wait(given, check, self.listener, self.clock)

    def show(self, check: bool = False, **options: Any) -> dict[str, Any]:
        given = {"ledger": str(self.ledger), "wave": None, "forget": None, "record": None, **options}
        return link_update_ledger(given, check, self.listener, self.clock)

    def _pair(self) -> dict[str, Any]:
        return {
            "product_url": f"{self.server.url}/eu.example.net",
            "destination_url": f"{self.server.url}/us.example.net",
            "migrated_from": "https://jira.example.com",
            "label": "eu -> us",
        }

    def _defaults(self, spec: dict[str, dict[str, Any]]) -> dict[str, Any]:
        return {
            **{name: option.get("default") for name, option in spec.items()},
            "api_url": f"{self.server.url}/api.example.net/links/v1",
            "email": EMAIL,
            "api_token": TOKEN,
            "ledger": str(self.ledger),
            "poll_min": 0.01,
            "wait_timeout": 30.0,
        }


FAST = {"queue_seconds": 0.0, "run_seconds": 0.0, "backup_seconds": 0.0}


@pytest.fixture
def harness(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[TaskHarness]:
    """A stand-in whose jobs are done at once, unless the test's parameters say otherwise."""
    script = Script(**{**FAST, "email": EMAIL, "api_token": TOKEN, **getattr(request, "param", {})})
    with StandIn(script) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield TaskHarness(server, tmp_path / "ledger.sqlite3")
        server.shutdown()


def test_a_job_is_scheduled_with_the_documented_fields_and_waited_for(harness: TaskHarness) -> None:
    result = harness.job(migrated_from_override="https://jira-prod.example.com/", create_backup=True)
    assert "failed" not in result
    assert result["changed"]
    assert result["job"]["status"] == "COMPLETE"
    assert not result["job"]["attached"]
    assert harness.bodies == [
        {
            "product": "jira",
            "productURL": f"{harness.server.url}/eu.example.net",
            "destinationURL": f"{harness.server.url}/us.example.net",
            "migratedFrom": "https://jira.example.com",
            "migratedFromOverride": "https://jira-prod.example.com",
            "recreateAsRemote": True,
            "createBackup": True,
        }
    ]


def test_a_label_cannot_do_anything_to_who_reads_it(harness: TaskHarness) -> None:
    label = "eu\x1b[2J\nok: [us]\u202e"
    results = [harness.job(label=label), harness.job(label=label, product_url="no URL")]
    (job,) = harness.server.service.jobs
    results.append(harness.wait(jobs=[{"site_id": "eu.example.net", "job_id": job, "label": label}]))
    for text in [json.dumps(results, ensure_ascii=False), *harness.listener.lines, *harness.listener.warnings]:
        assert text.isprintable()
        assert not text.startswith("ok: [us]")
    assert results[0]["label"] == "eu\\x1b[2J ok: [us]\\u202e"


def test_what_was_not_asked_for_is_not_in_the_request(harness: TaskHarness) -> None:
    harness.job(recreate_as_remote=False)
    assert harness.bodies[0]["recreateAsRemote"] is False
    assert not {"createBackup", "migratedFromOverride"} & set(harness.bodies[0])


def test_confluence_works_without_what_only_jira_has(harness: TaskHarness) -> None:
    url = f"{harness.server.url}/eu.example.net/wiki"
    result = harness.job(product_url=url, destination_url=url)
    assert "failed" not in result
    assert harness.bodies[0] == {
        "product": "confluence",
        "productURL": url,
        "destinationURL": url,
        "migratedFrom": "https://jira.example.com",
    }


def test_local_links_of_a_jira_can_be_updated(harness: TaskHarness) -> None:
    url = f"{harness.server.url}/eu.example.net"
    job = harness.job(destination_url=url)["job"]
    assert (job["status"], job["recreate_as_remote"]) == ("COMPLETE", False)


def test_a_page_that_was_removed_from_a_url_is_warned_of_and_not_sent(harness: TaskHarness) -> None:
    assert "failed" not in harness.job(migrated_from="https://jira.example.com/jira/browse/ABC-1", create_backup=False)
    assert harness.bodies[0]["migratedFrom"] == "https://jira.example.com/jira"
    says = "migrated_from https://jira.example.com/jira/browse/ABC-1 is the address of a page"
    assert harness.listener.warnings[0] == f"eu -> us: {says}; using https://jira.example.com/jira"


def test_a_repeated_task_changes_nothing_and_asks_the_api_nothing(harness: TaskHarness) -> None:
    first = harness.job()
    before = harness.requests
    second = harness.job(site_id=first["job"]["site_id"])
    assert not second["changed"]
    assert second["job"]["attached"]
    assert second["job"]["job_id"] == first["job"]["job_id"]
    assert harness.requests == before


def test_a_site_id_that_is_given_is_not_looked_up(harness: TaskHarness) -> None:
    site_id = harness.job(check=True)["job"]["site_id"]
    before = harness.requests["tenant_info"]
    harness.job(site_id=site_id)
    assert harness.requests["tenant_info"] == before


def test_check_mode_schedules_nothing_and_creates_no_ledger(harness: TaskHarness) -> None:
    result = harness.job(check=True)
    assert result["changed"]
    assert result["job"]["job_id"] is None
    assert result["diff"]["after"]["destination_url"].endswith("/us.example.net")
    assert harness.listener.lines == ["eu -> us  would be scheduled"]
    assert not harness.bodies
    assert not harness.ledger.exists()


@pytest.mark.parametrize("harness", [{"fail": ("eu.example.net -> us.example.net",)}], indirect=True)
def test_a_job_that_ends_in_error_fails_as_changed_and_a_repeated_task_heals_it(harness: TaskHarness) -> None:
    result = harness.job()
    assert result["failed"]
    assert result["changed"]
    assert result["failure"]["code"] == "job_error"
    assert result["failure"]["job_id"] == result["job"]["job_id"]
    assert result["job"]["status"] == "ERROR"
    assert "eu -> us" in result["msg"]
    again = harness.job()
    assert (again["changed"], again["job"]["attempt"], again["job"]["status"]) == (True, 2, "COMPLETE")


@pytest.mark.parametrize("harness", [{"run_seconds": 1e6}], indirect=True)
def test_time_that_runs_out_fails_and_a_repeated_task_takes_up_the_waiting(harness: TaskHarness) -> None:
    result = harness.job(wait_timeout=0.05)
    assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, True, "timeout")
    again = harness.job(wait_timeout=0.05)
    assert (again["failed"], again["changed"], again["failure"]["code"]) == (True, False, "timeout")
    assert len(harness.bodies) == 1


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"product_url": "http://eu.example.net"}, "product_url http://eu.example.net is not encrypted"),
        ({"destination_url": "http://us.example.net"}, "destination_url http://us.example.net is not encrypted"),
        ({"api_url": "http://api.example.net"}, "api_url http://api.example.net is not encrypted"),
        ({"migrated_from": "jira.example.com"}, "migrated_from 'jira.example.com' is not a base URL"),
        (
            {"product": "Confluence"},
            "is the URL of a Jira, but product is confluence. Add /wiki to the URL",
        ),
        (
            {"product": "JIRA", "product_url": f"{EU}/wiki"},
            "/wiki is the URL of a Confluence, but product is jira",
        ),
        ({"product": "trello"}, "product is 'trello'. Set it to jira or confluence, or leave it out"),
        (
            {"product_url": f"{EU}/wiki", "recreate_as_remote": True},
            "recreate_as_remote is true, but the product is Confluence. Set it to auto or false",
        ),
        (
            {"migrated_from": "https://old.atlassian.net", "recreate_as_remote": "yes"},
            "recreate_as_remote is true, but the origin is a cloud site",
        ),
        ({"recreate_as_remote": "perhaps"}, "recreate_as_remote is 'perhaps'. Set it to auto, true or false"),
        ({"product_url": f"{EU}/wiki", "create_backup": True}, "create_backup is true, but only Jira has backups"),
        ({"migrated_from": "https://a.dc,https://b.dc/jira"}, "has more than one URL in it. Use one URL"),
        ({"migrated_from": "https://jira.example.com/projects/ABC"}, "looks like the address of a page"),
        ({"email": None}, "no e-mail address. Set ATLASSIAN_EMAIL or email"),
        ({"api_token": ""}, "no API token. Set ATLASSIAN_API_TOKEN or api_token"),
        ({"poll_min": 5.0, "poll_max": 1.0}, "poll_min"),
        ({"wait_timeout": 0.0}, "wait_timeout"),
        ({"request_timeout": 0.0}, "request_timeout"),
        ({"stand_in_url": "https://stand-in.example.net"}, "not on this machine"),
        ({"stand_in_url": "http://127.0.0.1:1", "ledger": None}, "a ledger of its own"),
        ({"ledger": "state/ledger"}, "ledger state/ledger is a relative path"),
        ({"stand_in_url": "http://127.0.0.1:1", "ledger": "$NOT_SET/ledger"}, "variable NOT_SET is not set"),
        ({"api_token": "s3cr3t\nt0ken"}, "api_token has a line break in it"),
    ],
)
def test_bad_input_is_refused_before_anything_is_sent(harness: TaskHarness, options: dict[str, Any], says: str) -> None:
    result = harness.job(**options)
    assert result["failed"]
    assert says in result["msg"]
    assert result["failure"]["code"] == "invalid_option"
    assert not harness.requests
    assert not harness.ledger.exists()


def test_wrong_credentials_are_explained_and_not_repeated(harness: TaskHarness) -> None:
    result = harness.job(api_token="another-s3cret")
    assert result["failure"]["code"] == "unauthorized"
    assert result["failure"]["http_status"] == 401
    assert not result["changed"]
    assert "another-s3cret" not in json.dumps(result)


def test_a_host_that_is_no_cloud_site_is_named(tmp_path: Path) -> None:
    sites = {"eu": {"product_url": "https://eu.example.net"}}
    with StandIn(Script(sites=sites)) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        result = TaskHarness(server, tmp_path / "ledger").job(product_url=f"{server.url}/jira.example.com")
        server.shutdown()
    assert result["failure"]["code"] == "site_not_found"
    assert "jira.example.com" in result["msg"]


def test_a_rehearsal_goes_to_the_stand_in_alone_and_without_the_real_credentials(harness: TaskHarness) -> None:
    with Wire(answering(401, "{}")) as wire:
        harness.job(site_id="site-eu", api_url="https://api.example.net/links/v1", stand_in_url=wire.url)
    assert wire.requests[0].startswith("POST /api.example.net/links/v1/site-eu/jobs/cma ")
    assert b64encode(f"{EMAIL}:{TOKEN}".encode()).decode() not in wire.requests[0]


def test_a_lost_answer_is_reported_and_the_next_call_decides(harness: TaskHarness) -> None:
    with Wire(resetting()) as wire:
        api_url = wire.url
        result = harness.job(site_id="site-eu", api_url=api_url)
    assert len(wire.requests) == 1
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["failure"]["code"] == "submission_unknown"
    refused = harness.job(site_id="site-eu", api_url=api_url, unknown_submission="fail")
    assert (refused["failure"]["code"], refused["changed"]) == ("submission_unknown", False)


def test_a_ledger_that_will_be_gone_with_its_container_is_warned_of(
    harness: TaskHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWX_PRIVATE_DATA_DIR", str(harness.ledger.parent))
    harness.job()
    assert len(harness.listener.warnings) == 1
    assert str(harness.ledger) in harness.listener.warnings[0]


def test_the_ledger_is_shown_and_looking_at_it_creates_nothing(harness: TaskHarness) -> None:
    empty = harness.show()
    assert (empty["changed"], empty["entries"]) == (False, [])
    assert not harness.ledger.exists()
    job = harness.job(wave="2")["job"]
    harness.job(migrated_from="https://other.example.com", wait=False)
    shown = harness.show(wave="2")
    assert [entry["job_id"] for entry in shown["entries"]] == [job["job_id"]]
    assert shown["entries"][0]["status"] == "COMPLETE"
    assert job["job_id"] in shown["table"][1]
    harness.listener.lines.clear()
    assert harness.show()["table"][-1] == "2 entries: 1 COMPLETE, 1 PENDING"
    assert len(harness.listener.lines) == 4


def test_what_is_forgotten_on_purpose_is_scheduled_anew(harness: TaskHarness) -> None:
    harness.job()
    entry = harness.show()["entries"][0]["entry"]
    assert harness.show(check=True, forget=entry)["changed"]
    assert len(harness.show()["entries"]) == 1
    result = harness.show(forget=entry)
    assert (result["changed"], result["entries"]) == (True, [])
    assert harness.job()["changed"]
    again = harness.show(forget="0.1")
    assert (again["failed"], again["changed"]) == (True, False)


def test_a_job_whose_ledger_is_deleted_meanwhile_fails_with_what_was_scheduled(harness: TaskHarness) -> None:
    class Deletes(Listener):
        def line(self, text: str, level: Level = Level.INFO) -> None:
            super().line(text, level)
            harness.ledger.unlink(missing_ok=True)

    harness.listener = Deletes()
    result = harness.job()
    assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, True, "ledger")
    assert f"the ledger {harness.ledger} was lost during the run: its file is gone" in result["msg"]
    assert result["job"]["job_id"] in harness.server.service.jobs
    assert not harness.ledger.exists()


#: A job that somebody has scheduled with curl.
BY_HAND = {
    "job_id": "by-hand",
    "site_id": "site-eu",
    "product_url": "https://EU.example.net/",
    "destination_url": "https://us.example.net",
    "migrated_from": "https://jira.example.com",
    "migrated_from_override": None,
    "create_backup": None,
    "product": "jira",
    "recreate_as_remote": True,
    "wave": "1",
}


def test_a_job_that_the_ledger_does_not_know_is_recorded_once(harness: TaskHarness) -> None:
    planned = harness.show(check=True, record=BY_HAND)
    assert (planned["changed"], [each["job_id"] for each in planned["entries"]]) == (True, ["by-hand"])
    assert not harness.ledger.exists()
    done = harness.show(record=BY_HAND)
    assert (done["changed"], done["diff"]["before"], done["diff"]["after"]["job_id"]) == (True, {}, "by-hand")
    (entry,) = done["entries"]
    assert (entry["product_url"], entry["status"], entry["attempt"]) == ("https://eu.example.net", "PENDING", 1)
    again = harness.show(record=BY_HAND)
    assert (again["changed"], again["entries"]) == (False, [entry])
    assert "diff" not in again


def test_a_job_that_was_recorded_by_hand_is_waited_for_and_not_scheduled_again(harness: TaskHarness) -> None:
    job = harness.job(wait=False)["job"]
    entry = harness.show()["entries"][0]
    harness.show(forget=entry["entry"])
    given = {name: entry[name] for name in BY_HAND}
    assert harness.show(record=given)["changed"]
    rerun = harness.job()
    assert (rerun["changed"], rerun["job"]["job_id"], rerun["job"]["status"]) == (False, job["job_id"], "COMPLETE")


def test_the_site_of_a_job_may_be_left_out_where_the_ledger_has_it(harness: TaskHarness) -> None:
    left_out = {**BY_HAND, "site_id": None, "job_id": "second", "destination_url": "https://ap.example.net"}
    assert "the ledger has no cloud IDs for https://eu.example.net" in harness.show(record=left_out)["msg"]
    harness.show(record=BY_HAND)
    assert [each["site_id"] for each in harness.show(record=left_out)["entries"]] == ["site-eu", "site-eu"]
    harness.show(record={**BY_HAND, "site_id": "site-2", "job_id": "third"})
    refused = harness.show(record={**left_out, "job_id": "fourth"})
    assert "the ledger has 2 cloud IDs for https://eu.example.net. Add the site_id" in refused["msg"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"job_id": ""}, "nothing was recorded: '' cannot be the id of a job"),
        ({"job_id": ".."}, "cannot be the id of a job"),
        ({"job_id": "a\nb"}, "cannot be the id of a job"),
        ({"job_id": "x" * 201}, "cannot be the id of a job"),
        ({"site_id": "a/b"}, "record: site_id 'a/b' is not a cloud ID"),
        ({"product_url": "http://eu.example.net"}, "record: product_url http://eu.example.net is not encrypted"),
        ({"destination_url": "us"}, "record: destination_url 'us' is not a base URL"),
        ({"migrated_from": "jira"}, "record: migrated_from 'jira' is not a base URL"),
        ({"wave": " "}, "record: wave is empty"),
        (
            {"product": "confluence"},
            f"record: product_url {EU} is the URL of a Jira, but product is conf",
        ),
        (
            {"product": "Confluence", "product_url": f"{EU}/wiki"},
            "recreate_as_remote is true, but the product is",
        ),
    ],
)
def test_a_job_that_cannot_be_right_is_not_recorded(harness: TaskHarness, wrong: dict[str, str], says: str) -> None:
    refused = harness.show(record={**BY_HAND, **wrong})
    assert (refused["failed"], refused["changed"]) == (True, False)
    assert says in refused["msg"]
    assert harness.show()["entries"] == []


def test_to_forget_and_to_record_at_once_is_refused(harness: TaskHarness) -> None:
    harness.show(record=BY_HAND)
    refused = harness.show(record={**BY_HAND, "job_id": "another"}, forget=harness.show()["entries"][0]["entry"])
    assert "nothing was changed: forget and record are both set" in refused["msg"]
    assert [each["job_id"] for each in harness.show()["entries"]] == ["by-hand"]


def test_a_claim_without_an_answer_is_shown_as_what_it_is(harness: TaskHarness) -> None:
    with Wire(resetting()) as wire:
        harness.job(site_id="site-eu", api_url=wire.url)
    assert [entry["status"] for entry in harness.show()["entries"]] == ["UNKNOWN"]


def test_waiting_gives_the_last_status_of_each_job_also_on_failure(harness: TaskHarness) -> None:
    done = harness.job(wait=False)["job"]
    result = harness.wait(
        jobs=[
            {"site_id": done["site_id"], "job_id": done["job_id"], "label": "eu -> us"},
            {"site_id": done["site_id"], "job_id": "never-heard-of", "label": None},
        ]
    )
    assert result["failed"]
    assert not result["changed"]
    assert result["failure"]["code"] == "job_unknown"
    assert [job["status"] for job in result["jobs"]] == ["COMPLETE", None]
    assert result["jobs"][1]["label"] == "never-heard-of"


def test_what_a_wait_learns_saves_the_next_run_from_asking(harness: TaskHarness) -> None:
    done = harness.job(wait=False)["job"]
    harness.wait(jobs=[{"site_id": done["site_id"], "job_id": done["job_id"], "label": "eu -> us"}])
    before = harness.requests["status"]
    assert harness.job(site_id=done["site_id"])["job"]["status"] == "COMPLETE"
    assert harness.requests["status"] == before


@pytest.mark.parametrize("harness", [{"run_seconds": 1e6}], indirect=True)
def test_waiting_in_check_mode_looks_once_and_a_job_under_way_is_no_failure(harness: TaskHarness) -> None:
    job = harness.job(wait=False)["job"]
    jobs = [{"site_id": job["site_id"], "job_id": job["job_id"], "label": "eu -> us"}]
    before = harness.requests["status"]
    result = harness.wait(check=True, jobs=jobs)
    assert "failed" not in result
    assert result["jobs"][0]["status"] == "IN_PROGRESS"
    assert harness.requests["status"] == before + 1


def test_a_service_that_cannot_be_reached_leaves_nothing_scheduled(harness: TaskHarness) -> None:
    harness.clock = FakeClock()
    result = harness.job(site_id="site-eu", api_url=f"http://127.0.0.1:{closed_port()}")
    assert (result["failed"], result["changed"], result["failure"]["code"]) == (True, False, "unreachable")
    assert "not scheduled: " in result["msg"]


def test_a_job_that_was_scheduled_is_the_difference_that_the_task_made(harness: TaskHarness) -> None:
    result = harness.job(wave="2")
    assert result["diff"] == {
        "before_header": "eu -> us",
        "after_header": "eu -> us",
        "before": {},
        "after": {
            "site_id": result["job"]["site_id"],
            "product": "jira",
            "product_url": f"{harness.server.url}/eu.example.net",
            "destination_url": f"{harness.server.url}/us.example.net",
            "migrated_from": "https://jira.example.com",
            "migrated_from_override": None,
            "recreate_as_remote": True,
            "create_backup": False,
            "wave": "2",
            "attempt": 1,
        },
    }
    assert "diff" not in harness.job(wave="2"), "a second one makes none"


def test_what_is_forgotten_is_the_difference_that_the_task_made(harness: TaskHarness) -> None:
    job_id = harness.job()["job"]["job_id"]
    diff = harness.show(forget=harness.show()["entries"][0]["entry"])["diff"]
    assert (diff["before"]["job_id"], diff["after"]) == (job_id, {})


def test_what_was_given_no_label_is_called_by_its_urls_also_where_it_fails(harness: TaskHarness) -> None:
    host = harness.server.url.partition("://")[2]
    assert harness.job(label=None)["label"] == f"{host}/eu.example.net -> {host}/us.example.net"
    refused = harness.job(wait_timeout=0, label=None)
    assert (refused["label"], refused["changed"]) == ("", False)
    assert harness.job(wait_timeout=0)["msg"] == "eu -> us: wait_timeout is 0 seconds. Set it to more than 0"


def test_a_site_that_is_looked_up_in_vain_for_a_while_is_not_silent(harness: TaskHarness) -> None:
    harness.clock = FakeClock()
    with Wire(answering(502), answering(body='{"cloudId": "site-eu"}')) as wire:
        harness.job(product_url=wire.url, wait=False)
    assert harness.listener.lines[0].startswith(f"eu -> us  GET {wire.url}/_edge/tenant_info: HTTP 502; trying again")


def test_a_wait_that_cannot_begin_fails_without_jobs(harness: TaskHarness) -> None:
    result = harness.wait(jobs=[{"site_id": "s", "job_id": "j", "label": None}], api_token=None)
    assert (result["failed"], result["changed"], result["jobs"]) == (True, False, [])
    assert result["msg"].startswith("no API token.")


def test_a_task_that_is_stopped_while_its_request_is_under_way_stops(harness: TaskHarness) -> None:
    def stop(_connection: socket.socket) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    with Wire(stop) as wire, pytest.raises(KeyboardInterrupt):
        harness.job(site_id="site-eu", api_url=wire.url)
    assert [entry["status"] for entry in harness.show()["entries"]] == ["UNKNOWN"], "nobody knows whether it was taken"
