# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first job of a ledger: nothing follows before the service was understood. Real HTTP, real ledger."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import (
    LINK_UPDATE_JOB,
    LINK_UPDATE_RUN,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.job import link_update_job
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener, acquaint

TOKEN = "t0ken-0f-ann"
NAMES = ("eu", "us", "ap", "au")
FOREIGN = {"data": {"id": 17, TOKEN: "x"}, "password": TOKEN}


class Service:
    """A service whose answers are not what is expected, in a language of its own."""

    def __init__(self) -> None:
        self.scheduled: list[str] = []
        #: What was done, in this order.
        self.log: list[str] = []
        #: Called before a request for a job is answered, with how many came before it.
        self.before_job: Callable[[int], object] = lambda number: None
        self._lock = threading.Lock()
        self.job: Any = None
        #: What is answered to polls; the last one for ever.
        self.statuses: list[tuple[int, Any]] = [(200, {"status": "In progress"})]
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with service._lock:
                    service.log.append("job asked for")
                    number = len(service.scheduled)
                    service.scheduled.append(body["destinationURL"])
                service.before_job(number)
                self._answer(200, {"uuid": f"job-{number + 1}"} if service.job is None else service.job)

            def do_GET(self) -> None:
                with service._lock:
                    statuses = service.statuses
                    answer = statuses.pop(0) if len(statuses) > 1 else statuses[0]
                    service.log.append(f"poll answered {answer[0]}")
                self._answer(*answer)

            def _answer(self, status: int, body: Any) -> None:
                payload = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(payload)))
                self.end_headers()
                self.wfile.write(payload)

            def log_message(self, *arguments: object) -> None:
                """Not shown."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    @property
    def polls(self) -> int:
        return sum(each.startswith("poll") for each in self.log)


class ContactHarness:
    """Four sites, all new to each other, and runs that do not wait for the jobs."""

    def __init__(self, service: Service, ledger: Path, connections: int) -> None:
        self.service = service
        self.connections = connections
        self.ledger = ledger
        self.clock = FakeClock()
        self.listener = Listener()

    def _options(self, spec: dict[str, Any]) -> dict[str, Any]:
        return {
            **{name: option.get("default") for name, option in spec.items()},
            "api_url": self.service.url,
            "email": "ann@example.com",
            "api_token": TOKEN,
            "ledger": str(self.ledger),
        }

    def run(self, **options: Any) -> dict[str, Any]:
        federation = {
            name: {
                "product_url": f"https://{name}.example.net",
                "site_id": f"site-{name}",
                "migrated_from": "https://jira.example.com",
            }
            for name in NAMES
        }
        order = {name: each.get("default") for name, each in LINK_UPDATE_RUN["orders"]["options"].items()}
        access = {"email": "ann@example.com", "api_token": TOKEN, "create_backup": "never"}
        orders = [{**order, **access, "name": name} for name in NAMES]
        given = {
            **self._options(LINK_UPDATE_RUN),
            "federation": federation,
            "orders": orders,
            "stages": ["submit"],
            "site_ids": {name: f"site-{name}" for name in NAMES},
            "app_links_authorized": True,
            "connections": self.connections,
            **options,
        }
        return self._told(link_update_run(given, False, self.listener, self.clock))

    def job(self, destination: str = "us") -> dict[str, Any]:
        given = {
            **self._options(LINK_UPDATE_JOB),
            "product_url": "https://eu.example.net",
            "site_id": "site-eu",
            "destination_url": f"https://{destination}.example.net",
            "migrated_from": "https://jira.example.com",
            "label": f"eu -> {destination}",
            "wait": False,
        }
        return self._told(link_update_job(given, False, self.listener, self.clock))

    def _told(self, result: dict[str, Any]) -> dict[str, Any]:
        assert TOKEN not in json.dumps([result, self.listener.lines, self.listener.warnings])
        return result


@pytest.fixture(params=[1, 8], ids=["one by one", "at once"])
def harness(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[ContactHarness]:
    service = Service()
    threading.Thread(target=service.server.serve_forever, args=(0.01,), daemon=True).start()
    yield ContactHarness(service, tmp_path / "ledger.sqlite3", request.param)
    service.server.shutdown()
    service.server.server_close()


def test_a_service_that_is_understood_costs_one_poll_more_and_only_the_first_run(harness: ContactHarness) -> None:
    result = harness.run()
    assert "failed" not in result
    assert (len(harness.service.scheduled), harness.service.polls) == (12, 1)
    assert harness.clock.naps == []


def test_the_first_job_is_understood_before_another_one_is_asked_for(harness: ContactHarness) -> None:
    harness.service.statuses = [(404, {}), (503, {}), (200, {"status": "Pending"})]
    harness.run()
    polls = ["poll answered 404", "poll answered 503", "poll answered 200"]
    assert harness.service.log == ["job asked for", *polls, *["job asked for"] * 11]


@pytest.mark.parametrize("harness", [8], indirect=True)
def test_once_the_first_job_is_understood_several_instances_ask_for_one_at_once(harness: ContactHarness) -> None:
    # After two answers of a service that says nothing of a limit, three requests may be under way.
    together = threading.Barrier(3, timeout=10)
    harness.service.before_job = lambda number: together.wait() if number in (1, 2, 3) else None
    assert "failed" not in harness.run()
    assert len(harness.service.scheduled) == 12
    assert not together.broken


def test_a_ledger_that_has_seen_a_job_end_costs_no_poll(harness: ContactHarness) -> None:
    with open_ledger(str(harness.ledger), harness.clock, {}) as ledger:
        acquaint(ledger)
    harness.service.statuses = [(200, FOREIGN)]
    harness.run()
    assert (len(harness.service.scheduled), harness.service.polls) == (12, 0)


#: An error as the vendor's other APIs have them.
ERROR = {"status": 400, "errorMessage": "no such migration", "id": "req-77"}

UNREAD = [
    pytest.param((200, {"status": "Warming up"}), "'WARMING UP' is not one of", id="another word"),
    pytest.param((200, FOREIGN), "an answer without a status: {data: {id: number", id="another shape"),
    pytest.param((200, ["COMPLETE"]), "an answer without a status: list of 1", id="a list"),
    pytest.param((200, {"status": None}), "an answer without a status: {status: null}", id="null"),
    pytest.param((200, ERROR), "which says: no such migration", id="an error"),
    pytest.param((200, b"<html>Log in</html>"), "not JSON", id="a login page"),
    pytest.param((200, b""), "an empty answer", id="nothing"),
    pytest.param((403, {"message": "no"}), "HTTP 403", id="a clear no"),
    pytest.param((302, {}), "HTTP 302", id="elsewhere"),
]


def first_of(result: dict[str, Any]) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The update whose request was sent, whichever instance was first, and the others."""
    (first,) = (each for each in result["updates"] if each["changed"])
    return first, [each for each in result["updates"] if each is not first]


@pytest.mark.parametrize(("answer", "said"), UNREAD)
def test_a_status_that_is_not_understood_ends_the_run_after_one_job(
    harness: ContactHarness, answer: tuple[int, Any], said: str
) -> None:
    harness.service.statuses = [answer]
    result = harness.run()
    assert len(harness.service.scheduled) == 1
    assert harness.service.polls == 1
    first, others = first_of(result)
    assert (first["job"]["job_id"], first["changed"]) == ("job-1", True)
    assert first["failure"]["job_id"] == "job-1"
    assert said in first["failure"]["message"]
    assert {each["state"] for each in others} == {"failed"}
    why = f"not scheduled: the answer for {first['label']} could not be read"
    assert all(why in each["failure"]["message"] for each in others)
    assert not any(each["changed"] for each in others)
    assert not result["verdict"]["ok"]
    told = [line.split()[0] for line in harness.listener.lines if re.match(r"\w+ {2,}\d jobs? not scheduled: ", line)]
    assert sorted(told) == sorted(NAMES), "one line an instance"


NO_ID = [
    pytest.param(FOREIGN, "{data: {id: number, ", id="another shape"),
    pytest.param({"uuid": 17}, "{uuid: number}", id="a number"),
    pytest.param("job-1", "text", id="text"),
    pytest.param(ERROR, "which says: no such migration", id="an error"),
    pytest.param(b"<html>Log in</html>", "not JSON", id="a login page"),
]


@pytest.mark.parametrize(("answer", "said"), NO_ID)
def test_an_answer_without_a_job_id_ends_the_run_after_one_request(
    harness: ContactHarness, answer: Any, said: str
) -> None:
    harness.service.job = answer
    result = harness.run()
    assert (len(harness.service.scheduled), harness.service.polls) == (1, 0)
    first, others = first_of(result)
    assert first["failure"]["code"] == "submission_unknown"
    assert said in first["failure"]["message"]
    assert all(f"the answer for {first['label']} could not be read" in each["failure"]["message"] for each in others)


def test_an_answer_without_a_job_id_ends_no_run_once_the_service_was_understood(harness: ContactHarness) -> None:
    with open_ledger(str(harness.ledger), harness.clock, {}) as ledger:
        acquaint(ledger)
    harness.service.job = FOREIGN
    harness.run()
    assert len(harness.service.scheduled) == 12


def test_a_job_that_is_not_known_yet_is_asked_for_again(harness: ContactHarness) -> None:
    harness.service.statuses = [(404, {}), (404, {}), (200, {"status": "PENDING"})]
    assert "failed" not in harness.run()
    assert (len(harness.service.scheduled), harness.service.polls) == (12, 3)


def test_a_job_that_never_becomes_known_ends_the_run_and_that_is_not_silent(harness: ContactHarness) -> None:
    harness.service.statuses = [(404, {})]
    result = harness.run()
    assert len(harness.service.scheduled) == 1
    assert sum(harness.clock.naps) == pytest.approx(120, abs=1)
    assert "does not know the job job-1" in first_of(result)[0]["failure"]["message"]
    assert len(harness.listener.lines) >= 6


def test_a_service_that_is_away_for_a_moment_is_asked_again(harness: ContactHarness) -> None:
    harness.service.statuses = [(503, {}), (429, {}), (200, {"status": "PENDING"})]
    assert "failed" not in harness.run()
    assert len(harness.service.scheduled) == 12


@pytest.mark.parametrize("body", [{"status": "Warming up"}, FOREIGN])
def test_a_rerun_that_still_does_not_understand_schedules_nothing(harness: ContactHarness, body: Any) -> None:
    harness.service.statuses = [(200, body)]
    harness.run()
    result = harness.run()
    assert len(harness.service.scheduled) == 1
    assert not result["changed"]


def test_one_job_that_is_understood_among_others_is_enough(harness: ContactHarness) -> None:
    with open_ledger(str(harness.ledger), harness.clock, {}) as ledger:
        acquaint(ledger)
    harness.job("us")
    harness.service.statuses = [(200, {"status": "Warming up"})]
    assert len(harness.run()["updates"]) == 12
    assert len(harness.service.scheduled) == 12


def test_a_rerun_that_understands_the_job_schedules_the_rest_and_asks_only_once(harness: ContactHarness) -> None:
    harness.service.statuses = [(200, {"status": "Warming up"}), (200, {"status": "Complete"})]
    harness.run()
    result = harness.run()
    assert "failed" not in result
    assert (len(harness.service.scheduled), harness.service.polls) == (12, 2)


@pytest.mark.parametrize("word", ["Completed", "Failed", "Cancelled"])
def test_a_word_for_an_end_that_is_not_documented_is_understood(harness: ContactHarness, word: str) -> None:
    harness.service.statuses = [(200, {"status": word}), (200, {"status": "Pending"})]
    harness.run()
    assert len(harness.service.scheduled) == 12


def test_one_job_alone_is_asked_for_and_the_next_one_of_its_site_is_not_scheduled(harness: ContactHarness) -> None:
    harness.service.statuses = [(200, FOREIGN)]
    first, second = harness.job("us"), harness.job("ap")
    assert (first["changed"], first["failure"]["job_id"], first["failure"]["code"]) == (True, "job-1", "no_answer")
    assert (second["changed"], second["failure"]["code"]) == (False, "no_answer")
    assert "job job-1 could not be read, so nothing was scheduled" in second["msg"]
    assert len(harness.service.scheduled) == 1
