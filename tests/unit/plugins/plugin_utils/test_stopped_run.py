# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run in a process of its own that is stopped while several of its requests are under way."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS, acquaint

NAMES = ("eu", "us", "ap", "au")
#: How many requests for jobs are answered at once. By then it is known that the service takes several at once.
FIRST = 2
#: How many are under way then: one for each instance.
AT_ONCE = len(NAMES)

RUN = """
import json, os, signal, sys
from ansible_collections.jira_cloud.federation.plugins.module_utils import _signals
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._interrupt import interruptible
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._worker import WorkersClock
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener

_signals.TOGETHER = 0.0
if sys.argv[2] == "controlled" and os.fork():
    signal.pause()
clock = WorkersClock()
interruptible(lambda: link_update_run(json.loads(sys.argv[1]), False, Listener(), clock), ("Interrupted.",))
"""


class Service:
    """A service that answers the first requests for jobs, and the later ones when it is told to. It answers no poll."""

    def __init__(self) -> None:
        self.jobs = 0
        self.are_under_way = threading.Event()
        self.polls = 0
        self.are_polled = threading.Event()
        #: Set when the requests for jobs are answered.
        self.answers = threading.Event()
        self.over = threading.Event()
        self._lock = threading.Lock()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                with service._lock:
                    service.jobs += 1
                    number = service.jobs
                if number == FIRST + AT_ONCE:
                    service.are_under_way.set()
                if number > FIRST:
                    service.answers.wait(60)
                self._answer({"uuid": f"job-{number}"})

            def do_GET(self) -> None:
                with service._lock:
                    service.polls += 1
                    # Of each instance, which is polled when all its jobs are scheduled.
                    if service.polls == 2:
                        service.are_polled.set()
                service.over.wait(60)
                self._answer({"status": "PENDING"})

            def _answer(self, body: Any) -> None:
                payload = json.dumps(body).encode()
                # Who asks may be gone.
                with suppress(ConnectionError):
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(payload)))
                    self.end_headers()
                    self.wfile.write(payload)

            def log_message(self, *arguments: object) -> None:
                """Not shown."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


class StoppedRun:
    """The run and its service, its ledger and its report."""

    def __init__(self, service: Service, folder: Path) -> None:
        self.service = service
        self._ledger, self._report = str(folder / "ledger.sqlite3"), folder / "report"
        with open_ledger(self._ledger, SystemClock(), {}) as ledger:
            acquaint(ledger)

    def start(self, names: tuple[str, ...] = NAMES, *, controlled: bool = False) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, json.dumps(self._options(names)), "controlled" if controlled else ""],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
            stderr=subprocess.PIPE,
            text=True,
        )

    def _options(self, names: tuple[str, ...]) -> dict[str, Any]:
        order = {name: each.get("default") for name, each in LINK_UPDATE_RUN["orders"]["options"].items()}
        access = {"email": "me@example.com", "api_token": "t0ken", "create_backup": "never"}
        return {
            **{name: option.get("default") for name, option in LINK_UPDATE_RUN.items()},
            "federation": {
                name: {
                    "product_url": f"https://{name}.example.net",
                    "site_id": f"site-{name}",
                    "migrated_from": "https://jira.example.com",
                }
                for name in NAMES
            },
            "orders": [{**order, **access, "name": name} for name in names],
            "site_ids": {name: f"site-{name}" for name in NAMES},
            "stages": ["submit", "wait", "report"],
            "app_links_authorized": True,
            "api_url": self.service.url,
            "ledger": self._ledger,
            "report_dir": str(self._report),
        }

    def signal(self, number: signal.Signals) -> str:
        """Send a signal, and wait until the run says something of it."""
        self.process.send_signal(number)
        assert self.process.stderr
        return self.process.stderr.readline()

    def end(self) -> str:
        """Wait for the end, less long than for an answer that does not come. What was said until then."""
        said = self.process.communicate(timeout=20)[1]
        return str(said)

    @property
    def recorded(self) -> dict[str, str | None]:
        """The jobs of the ledger, by the reference of their attempt."""
        with open_ledger(self._ledger, SystemClock(), {}, copy=True) as ledger:
            return {each.reference: each.job_id for each in ledger.attempts() if each.update.site_id != "site-other"}

    def reported(self) -> list[dict[str, Any]]:
        return list(json.loads((self._report / "report.json").read_text())["updates"])


@pytest.fixture
def run(tmp_path: Path) -> Iterator[StoppedRun]:
    service = Service()
    threading.Thread(target=service.server.serve_forever, args=(0.01,), daemon=True).start()
    run = StoppedRun(service, tmp_path)
    yield run
    service.answers.set()
    service.over.set()
    run.process.kill()
    run.process.communicate()
    service.server.shutdown()
    service.server.server_close()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_all_requests_that_are_under_way_are_answered_and_recorded_before_a_run_stops(
    run: StoppedRun, number: signal.Signals
) -> None:
    run.start()
    assert run.service.are_under_way.wait(30)
    assert run.signal(number)[10:].startswith(
        "Stopping as soon as the requests already sent are answered and recorded."
    )
    run.service.answers.set()
    assert "Stopping" not in run.end(), "it is said once"
    assert run.process.returncode == -number
    assert run.service.jobs == FIRST + AT_ONCE, "nothing more was sent"
    assert sorted(map(str, run.recorded.values())) == [f"job-{each + 1}" for each in range(FIRST + AT_ONCE)]
    assert sorted(each["state"] for each in run.reported()) == ["absent"] * 6 + ["open"] * 6


def test_a_second_ctrl_c_stops_a_run_at_once_and_what_was_under_way_is_told_as_unknown(run: StoppedRun) -> None:
    run.start()
    assert run.service.are_under_way.wait(30)
    assert run.signal(signal.SIGINT)[10:].startswith("Stopping as soon as")
    run.process.send_signal(signal.SIGINT)
    run.end()
    assert run.process.returncode == -signal.SIGINT
    assert Counter(run.recorded.values())[None] == AT_ONCE
    codes = [each["failure"]["code"] for each in run.reported() if each["failure"]]
    assert codes == ["submission_unknown"] * AT_ONCE


def test_polls_that_are_not_answered_hold_up_no_run_that_stops(run: StoppedRun) -> None:
    run.service.answers.set()
    run.start(("eu", "us"))
    assert run.service.are_polled.wait(30)
    run.process.send_signal(signal.SIGINT)
    assert "Stopping" not in run.end(), "nothing has to be finished"
    assert run.process.returncode == -signal.SIGINT
    assert {each["state"] for each in run.reported() if each["in_run"]} == {"open"}


def test_without_its_controller_a_run_ends_when_the_requests_under_way_are_recorded(run: StoppedRun) -> None:
    run.start(controlled=True)
    assert run.service.are_under_way.wait(30)
    run.process.kill()
    run.process.wait(30)
    run.service.answers.set()
    run.end()
    assert run.service.jobs == FIRST + AT_ONCE
    assert None not in run.recorded.values()


def test_without_its_controller_a_run_waits_for_no_poll(run: StoppedRun) -> None:
    run.service.answers.set()
    run.start(("eu", "us"), controlled=True)
    assert run.service.are_polled.wait(30)
    run.process.kill()
    run.end()
