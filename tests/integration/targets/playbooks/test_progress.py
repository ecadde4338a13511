# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is seen of a run while it goes on, and where."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import takewhile
from pathlib import Path

import pytest
from federations import QUESTION, Federation, Webhook, at_a_terminal
from plays import unauthorized

LONG = {"run_seconds": 1e6}
STOPPING = "Stopping as soon as the requests already sent are answered and recorded. A second signal stops at once.\n"
CLEAR_LINE = "\x1b[2K"


@pytest.mark.interface
@pytest.mark.parametrize("federation", [LONG], indirect=True)
def test_progress_is_seen_while_the_jobs_run_and_ctrl_c_says_how_to_go_on_and_leaves_a_report(
    federation: Federation, webhook: Webhook
) -> None:
    federation.environ.update(ANSIBLE_NOCOLOR="false", TERM="xterm", JIRA_FEDERATION_NOTIFY_URL=webhook.url)
    # The jobs run for days: what is seen before the run is interrupted is seen while they do.
    with a_run_that_waits(federation, "-e", "link_update_create_backup=never") as process:
        said = interrupt(process)
    assert process.returncode == 99
    assert "Scheduled jobs keep running at Atlassian." in said
    assert "Run the same command again: it waits for them and schedules nothing twice." in said
    assert "0 of 3 jobs complete. 3 not finished: eu -> us, eu -> ap, eu -> au" in said
    assert "Traceback" not in said
    assert "\x1b" not in said, "this is no terminal"
    assert "next look in" not in said
    report = json.loads((federation.folder / "link_update_report" / "report.json").read_text())
    assert [each["status"] for each in report["updates"] if each["in_run"]] == ["IN_PROGRESS", "PENDING", "PENDING"]
    assert not webhook.notices, "who has stopped it knows"
    # Nothing of the run that was interrupted keeps the next one from taking up its jobs.
    federation.environ["ANSIBLE_FORCE_COLOR"] = "true"
    rerun = federation.update("--limit", "eu", link_update_wait=False)
    assert rerun.returncode == 0
    assert len(federation.service.jobs) == 3
    (notice,) = webhook.notices
    assert (notice["event"], notice["running"], notice["waiting"]) == ("ended", 1, 2)
    assert "\x1b[" in rerun.output, "colours can be wanted in a file"
    assert CLEAR_LINE not in rerun.output


@pytest.mark.parametrize("federation", [LONG], indirect=True)
def test_nobody_goes_on_waiting_when_the_controller_was_killed(federation: Federation) -> None:
    with a_run_that_waits(federation) as process:
        process.kill()
    give_up = time.monotonic() + 30
    while federation.processes:
        assert time.monotonic() < give_up, "somebody goes on waiting"
        time.sleep(0.1)


@pytest.mark.interface
@pytest.mark.parametrize("federation", [LONG], indirect=True)
def test_a_run_whose_worker_was_killed_ends_with_a_message(federation: Federation) -> None:
    with a_run_that_waits(federation) as process:
        for worker in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
            os.kill(int(worker), signal.SIGKILL)
        said = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert "A worker was found in a dead state" in said


@pytest.mark.interface
def test_ctrl_c_in_mid_request_waits_for_the_answer_records_it_and_says_so(federation: Federation) -> None:
    answered = threading.Event()

    class SlowService(BaseHTTPRequestHandler):
        """A service that answers only when the run was interrupted, and has had the time to end."""

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            process.send_signal(signal.SIGINT)
            assert process.stdout
            said.extend(takewhile(lambda line: not line.endswith(f"  {STOPPING}"), process.stdout))
            payload = b'{"uuid": "the-job"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
            answered.set()

        def log_message(self, *arguments: object) -> None:
            """Not shown."""

    said: list[str] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), SlowService) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        process = subprocess.Popen(
            federation.command(
                "jira_cloud.federation.link_update",
                *("-v", "--limit", "eu", "--tags", "submit", "-e", "link_update_create_backup=never"),
                *("-e", f"link_update_api_url=http://127.0.0.1:{server.server_address[1]}/links/v1"),
            ),
            env=federation.environment,
            cwd=federation.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert answered.wait(60)
        rest = process.communicate(timeout=60)[0]
        server.shutdown()
    assert process.returncode == 99
    assert "scheduled: job the-job" in rest
    assert "1 scheduled, not waited for: eu -> us. 2 not scheduled: " in " ".join(rest.split())
    recorded = federation.run("jira_cloud.federation.ledger").output
    assert "the-job" in recorded


def interrupt(process: subprocess.Popen[str]) -> str:
    """Press Ctrl-C until the run ends: now and then ansible-core 2.16 itself does not notice the first time. What was
    said then.
    """
    for _time in range(6):
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            return str(process.communicate(timeout=10)[0])
    raise AssertionError("the run goes on")


@contextmanager
def a_run_that_waits(federation: Federation, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A run for eu whose progress was seen to have come to the waiting; it is ended in any case."""
    process = subprocess.Popen(
        federation.command("jira_cloud.federation.link_update", "--limit", "eu", "-v", *arguments),
        env=federation.environment,
        cwd=federation.folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    alarm = threading.Timer(60, process.kill)
    alarm.start()
    try:
        assert process.stdout
        assert any("eu -> us  IN_PROGRESS" in line for line in process.stdout), "no progress was seen"
        yield process
    finally:
        alarm.cancel()
        process.kill()
        process.wait()


@pytest.mark.interface
@pytest.mark.parametrize("federation", [{"run_seconds": 3, "parallel": True}], indirect=True)
def test_at_a_terminal_a_run_asks_once_goes_on_with_yes_and_shows_the_standing_in_place_in_ansibles_own_colours(
    federation: Federation,
) -> None:
    unauthorized(federation)
    federation.environ.update(ANSIBLE_NOCOLOR="false", TERM="xterm", ANSIBLE_COLOR_OK="purple")
    returncode, said = at_a_terminal(federation, "yes")
    assert returncode == 0
    assert said.count(QUESTION) == 1
    assert len(federation.service.jobs) == 3
    glances = re.findall(re.escape(CLEAR_LINE) + r"\d\d:\d\d:\d\d (0 of 3 complete, [^\r\x1b]*)", said)
    assert any("3 running; next poll in " in glance for glance in glances)
    assert re.search(r"\x1b\[0;35m\d\d:\d\d:\d\d eu -> us COMPLETE ", said)
