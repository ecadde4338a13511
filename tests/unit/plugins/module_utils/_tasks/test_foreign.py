# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says is shown and kept, but obeyed by no terminal, and no secret comes back with it."""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_RUN, SITE_INFO
from ansible_collections.jira_cloud.federation.plugins.module_utils._secrets import HIDDEN
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.run import link_update_run
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.site_info import site_info
from ansible_collections.jira_cloud.federation.plugins.module_utils._text import is_visible
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener

EMAIL, TOKEN = "me@example.com", "c4n4ry=b1rd/t0k3n"
SPELLINGS = (
    TOKEN,
    quote(TOKEN, safe="").lower(),
    TOKEN.replace("=", "&#61;").replace("/", "&#x2f;"),
    urlsafe_b64encode(f"{EMAIL}:{TOKEN}".encode()).decode().rstrip("="),
    urlsafe_b64encode(TOKEN.encode()).decode().rstrip("="),
    "".join(f"\\u{ord(char):04x}" for char in TOKEN),
    "\n ".join((TOKEN[:5], TOKEN[5:9], TOKEN[9:])),
)
#: A token gives itself away by any of these.
TRACES = ("c4n4", "b1rd", "t0k3n", "YzRu", "NG40cnk", "YjFyZ", "dDBrM", "0063")
#: Clears the screen, sets the title of the window, begins a line of its own, turns the text around, hides a part.
COMMANDS = "\x1b[2J\x1b]0;title\x07\x9b31m\nok: [eu]\r\u202e\u200b\ud800\x00"


class Hostile(ThreadingHTTPServer):
    """A service that sends back what it was sent, and commands for terminals, wherever text can be.

    :param at: in the answer to which request; its other answers are as they should be.
    """

    daemon_threads = True

    def __init__(self, at: str, said: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.at = at
        self.said = said
        self.polls = 0

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        said = self.said
        what = next(
            each
            for each in ("tenant_info", "myself", "mypermissions", "configuration", "status", "cma")
            if each in path
        )
        if self.at == f"{what} refused":
            return 400, {"errorMessage": said, "id": said}
        if what == "status":
            self.polls += 1
            return 200, {"status": said if self.at == "status" and self.polls == 1 else "COMPLETE"}
        answers: dict[str, dict[str, Any]] = {
            "tenant_info": {"cloudId": said if self.at == "tenant_info" else "site-eu"},
            "myself": {"accountId": said, "displayName": said} if self.at == "myself" else {"accountId": "ann"},
            "mypermissions": {"permissions": {"ADMINISTER": {"havePermission": True}}},
            "configuration": {"issueLinkingEnabled": True},
            "cma": {"uuid": said if self.at == "cma" else "job-1"},
        }
        return 200, answers[what]


class _Handler(BaseHTTPRequestHandler):
    server: Hostile

    def do_GET(self) -> None:
        status, content = self.server.answer(self.path)
        payload = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(payload)))
        for name in ("Atl-Traceid", "X-Request-Id"):
            self.send_header(name, f"{TOKEN} \x1b[2J")
        self.end_headers()
        self.wfile.write(payload)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


class Everything:
    """A run at a hostile service, and all that is left of it."""

    def __init__(self, folder: Path, at: str, said: str) -> None:
        self.folder = folder
        self.listener = Listener()
        with Hostile(at, said) as service:
            threading.Thread(target=service.serve_forever, args=(0.01,), daemon=True).start()
            site = {"product_url": service.url, "migrated_from": "https://jira.example.com"}
            order = {name: each.get("default") for name, each in LINK_UPDATE_RUN["orders"]["options"].items()}
            account = {"email": EMAIL, "api_token": TOKEN}
            options = {
                **{name: each.get("default") for name, each in LINK_UPDATE_RUN.items()},
                "federation": {"eu": site},
                "orders": [{**order, **account, "name": "eu", "destinations": ["eu"], "recreate_as_remote": False}],
                "api_url": f"{service.url}/links/v1",
                "ledger": str(folder / "ledger.sqlite3"),
                "report_dir": str(folder / "report"),
                "request_timeout": 5.0,
            }
            self.result = link_update_run(options, False, self.listener, FakeClock())
            asked = {
                **{name: each.get("default") for name, each in SITE_INFO.items()},
                **account,
                "product_url": service.url,
            }
            self.info = site_info({**asked, "request_timeout": 5.0}, False, self.listener, FakeClock())
            service.shutdown()

    def lines(self) -> Iterator[str]:
        """All that is shown, line by line."""
        yield from [*self.listener.lines, *self.listener.warnings]
        for text in texts_in([self.result, self.info]):
            yield from text.split("\n")
        for path in (self.folder / "report").glob("*"):
            yield from path.read_text(encoding="utf-8").split("\n")

    def bytes(self) -> bytes:
        """All that is kept."""
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())


def texts_in(value: Any) -> Iterator[str]:
    """Every text in a result."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (dict, list, tuple)):
        for each in [*value, *(value.values() if isinstance(value, dict) else ())]:
            yield from texts_in(each)


KEPT = ("tenant_info", "myself", "status", "cma")
PLACES = (*KEPT, *(f"{each} refused" for each in (*KEPT, "mypermissions", "configuration")))


@pytest.mark.parametrize("at", PLACES)
def test_no_text_of_the_service_is_shown_or_kept_as_it_is(tmp_path: Path, at: str) -> None:
    said = COMMANDS + " and ".join(SPELLINGS)
    everything = Everything(tmp_path, at, said)
    for line in everything.lines():
        assert all(map(is_visible, line)), ascii(line)
        assert not line.startswith("ok: [eu]")
        assert len(line) < 2000 or line.startswith("<"), "a page has a part of its own in one line"
        assert not [trace for trace in TRACES if trace in line], line
    kept = everything.bytes()
    assert not [trace for trace in TRACES if trace.encode() in kept]
    assert b"\x1b[2J" not in kept
    told = "\n".join(everything.lines())
    if at not in ("tenant_info", "cma"):
        assert "\\x1b[2J" in told, "it is shown, and as what it is"
        assert HIDDEN in told or at == "status", "which is cut before that"


@pytest.mark.parametrize("job_id", [f"job {each}" for each in SPELLINGS])
def test_a_job_whose_id_repeats_a_secret_counts_as_one_that_may_exist(tmp_path: Path, job_id: str) -> None:
    everything = Everything(tmp_path, "cma", job_id)
    (update,) = everything.result["updates"]
    assert update["failure"]["code"] == "submission_unknown"
    assert update["job"] is None or update["job"]["job_id"] is None
    assert "an answer without a usable job id" in update["failure"]["message"]
    assert not [trace for trace in TRACES if trace.encode() in everything.bytes()]
