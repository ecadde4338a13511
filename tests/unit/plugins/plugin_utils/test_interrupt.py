# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An interrupt in mid-request, and one that the code drops, as Python does where a signal comes in a finalizer."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_JOB
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS, Wire, answering

WORK = """
import os, signal, sys
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._interrupt import interruptible
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._worker import WorkersClock

class Connection:
    def __del__(self):
        try:
            os.kill(os.getpid(), signal.SIGINT)
        finally:
            print("dropped", flush=True)

def work():
    Connection()
    {then}
    print("went on", flush=True)

clock = WorkersClock()
interruptible(work, ("Interrupted.",))
"""


REQUEST = """
import json, sys
from ansible_collections.jira_cloud.federation.plugins.module_utils import _signals
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.job import link_update_job
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._interrupt import interruptible
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._worker import WorkersClock
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener

_signals.TOGETHER = 0.0
clock = WorkersClock()
interruptible(lambda: link_update_job(json.loads(sys.argv[1]), False, Listener(), clock), ("Interrupted.",))
"""


def stopped_in_mid_request(tmp_path: Path, *signals: signal.Signals) -> tuple[int, str, str | None]:
    """A run that gets signals while the service has its request. How it ended, what it said, which job it recorded."""
    told: list[bool] = []

    def stop_and_answer(connection: socket.socket) -> None:
        for number in signals:
            # The second one comes only when it is certain that the first one did.
            os.kill(process.pid, number)
            told.append(select.select([process.stderr], [], [], 10)[0] != [])
        answering(200, '{"uuid": "job-1"}')(connection)

    with Wire(stop_and_answer) as wire:
        options = {
            **{name: option.get("default") for name, option in LINK_UPDATE_JOB.items()},
            "product_url": "https://eu.example.net",
            "site_id": "site-eu",
            "destination_url": "https://us.example.net",
            "migrated_from": "https://jira.example.com",
            "api_url": wire.url,
            "email": "me@example.com",
            "api_token": "t0ken",
            "ledger": str(tmp_path / "l"),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", REQUEST, json.dumps(options)],
            env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        process.wait(timeout=60)
        said = process.communicate()[1]
        assert len(wire.requests) == 1
    assert told[:1] == [True], "it is said at once"
    with open_ledger(str(tmp_path / "l"), SystemClock(), {}, copy=True) as ledger:
        (attempt,) = ledger.attempts()
    return process.returncode, said, attempt.job_id


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_request_that_is_under_way_is_answered_and_recorded_before_a_run_stops(
    tmp_path: Path, number: signal.Signals
) -> None:
    returncode, said, job_id = stopped_in_mid_request(tmp_path, number)
    assert job_id == "job-1"
    assert returncode == -number
    assert said[10:].startswith("Stopping as soon as the requests already sent are answered and recorded.")


def test_a_second_ctrl_c_stops_a_run_in_mid_request(tmp_path: Path) -> None:
    returncode, _said, job_id = stopped_in_mid_request(tmp_path, signal.SIGINT, signal.SIGINT)
    assert (returncode, job_id) == (-signal.SIGINT, None)


@pytest.mark.parametrize("then", ["clock.checkpoint()", "clock.sleep(0)"])
def test_an_interrupt_that_was_dropped_is_raised_again(then: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", WORK.format(then=then)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == "dropped\n"
    assert "Traceback" not in done.stderr
    assert done.returncode == -signal.SIGINT


STUBBORN = """
import time
from ansible_collections.jira_cloud.federation.plugins.plugin_utils import _interrupt

def work():
    try:
        signal.raise_signal(signal.SIGINT)
    finally:
        print("interrupted", flush=True)
        while True:
            time.sleep(100)

_interrupt.GRACE = 1
_interrupt.interruptible(work, ())
"""


def test_a_run_that_does_not_stop_is_ended() -> None:
    done = subprocess.run(
        [sys.executable, "-c", f"import signal{STUBBORN}"],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.stdout, done.returncode) == ("interrupted\n", -signal.SIGALRM)
