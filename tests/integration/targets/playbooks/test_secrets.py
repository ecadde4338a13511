# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The API token is nowhere but in the requests, however it was given and whatever becomes of the run."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from federations import EMAIL, Federation, Run, Service, Webhook
from plays import PACKAGED, ROLE, imported, play, run_plays, update

PLAIN = "c4n4ry-pl41n-t0k3n"
#: Looks different in JSON, in Python's repr, in YAML, in a URL and in Latin-1; its words look the same in all of them.
AWKWARD = 'c4n4ry"qu0t3\\b4cksl4sh-ü-uml4ut'
TOKENS = {"plain": PLAIN, "awkward": AWKWARD}

# -- The search


def traces_of(token: str) -> set[bytes]:
    """What gives a token away: any of its words, and any longer piece of its base64, wherever in a text that began."""
    traces = set(re.findall(rb"[a-z0-9]{5,}", token.encode()))
    for shift, last in itertools.product(range(3), ("", ":" + EMAIL)):
        encoded = base64.b64encode(b"?" * shift + (token + last).encode())
        # The first and the last group also depend on what stands before and behind.
        inner = encoded[4:-4]
        traces.update(inner[start : start + 12] for start in range(0, len(inner) - 11, 4))
    return traces | {trace.translate(bytes.maketrans(b"+/", b"-_")) for trace in traces}


def places_of(token: str, run: Run | None, folder: Path, *given: Path) -> list[str]:
    """Where there is a trace of a token: in what was said, or in a file that is not one of those it was given in."""
    texts = {"the output": run.output.encode() if run else b""}
    for path in folder.rglob("*"):
        texts[f"the name of {path}"] = os.fsencode(path.relative_to(folder))
        if path.is_file() and path not in given:
            texts[str(path)] = path.read_bytes()
    return [
        f"{where}: {text[max(0, text.index(trace) - 80) : text.index(trace) + 40]!r}"
        for where, text in texts.items()
        for trace in traces_of(token)
        if trace in text
    ]


@pytest.mark.parametrize("token", TOKENS.values(), ids=TOKENS.keys())
@pytest.mark.parametrize(
    "dress",
    [
        lambda token: token.encode(),
        lambda token: json.dumps(json.dumps({"api_token": token})).encode(),
        lambda token: repr(token.encode()).encode(),
        lambda token: token.encode("latin-1"),
        lambda token: token[: len(token) // 2].encode(),
        lambda token: base64.b64encode(f"{EMAIL}:{token}".encode()),
        lambda token: base64.urlsafe_b64encode(token.encode()),
        lambda token: base64.b64encode(b"a longer text with " + token.encode() + b" in it"),
        lambda token: base64.b64encode(token.encode())[8:24],
    ],
    ids=["raw", "json", "repr", "latin-1", "half", "basic", "urlsafe", "inside", "piece"],
)
def test_the_search_finds_what_it_is_for(tmp_path: Path, token: str, dress: Any) -> None:
    (tmp_path / "file").write_bytes(b"\0something " + dress(token) + b" or other")
    assert places_of(token, None, tmp_path)
    assert not places_of(token, None, tmp_path, tmp_path / "file")


# -- What is searched


class Echo(ThreadingHTTPServer):
    """A service that refuses all, and repeats whatever credentials it was sent, in each place that an answer has."""

    daemon_threads = True
    STATUSES = (401, 429, 403, 302, 500, 404, 400)

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _EchoHandler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        #: The credentials of each request, None where there were none.
        self.seen: list[str | None] = []
        self.turns = itertools.count()


class _EchoHandler(BaseHTTPRequestHandler):
    server: Echo

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def _answer(self) -> None:
        authorization = self.headers["Authorization"]
        if self.path.endswith("/_edge/tenant_info"):
            assert authorization is None
            self._send(200, {}, json.dumps({"cloudId": "site"}))
            return
        basic = str(authorization).removeprefix("Basic ")
        token = base64.b64decode(basic).decode().partition(":")[2]
        self.server.seen.append(token)
        turn = next(self.server.turns)
        said = {
            "message": f"{token} as in {authorization} or {json.dumps(token)} is wrong",
            "id": [token, basic][turn % 2],
        }
        bodies = (json.dumps(said), json.dumps({"errorMessage": said["message"]}), f"<h1>{token} {basic}</h1>")
        header = token.encode().decode("latin-1")  # as UTF-8, on the wire
        headers = {
            "Atl-Traceid": [header, basic][turn % 2],
            "WWW-Authenticate": f'Basic realm="{header} {basic}"',
            "Set-Cookie": f"token={header}; basic={basic}",
            "Location": f"{self.server.url}/{quote(token)}/{basic}/?token={header}",
            "Retry-After": "0",
        }
        self._send(self.server.STATUSES[turn % len(self.server.STATUSES)], headers, bodies[turn % len(bodies)], header)

    def _send(self, status: int, headers: dict[str, str], body: str, reason: str = "OK") -> None:
        payload = body.encode()
        self.send_response(status, reason)
        for name, value in {**headers, "Content-Length": str(len(payload))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def taking() -> Iterator[Service]:
    """A service that takes jobs, whatever the token."""
    service = Service(email=EMAIL, api_token=None)
    yield service
    service.stop()


@contextmanager
def echoing(*tokens: str) -> Iterator[Echo]:
    """A service that echoes, and that was sent all of these tokens and no other."""
    with Echo() as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        yield echo
        echo.shutdown()
    assert set(echo.seen) == set(tokens), "it did echo them"


@pytest.fixture
def _open_umask() -> Iterator[None]:
    """Whoever makes a file says who may read it."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def assert_is_its_owners_alone(folder: Path) -> None:
    """That a ledger is in a folder, and that nobody else can read it."""
    assert mode_of(folder) == 0o700
    assert "ledger.sqlite3" in {path.name for path in folder.iterdir()}
    assert {mode_of(path) for path in folder.iterdir()} == {0o600}


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Federation]:
    """A place to run playbooks from where all that Ansible can write down is written down."""
    federation = Federation(tmp_path)
    (tmp_path / "tmp").mkdir()
    # Ansible has a socket among its temporary files, whose path must be short: so they are reached by a short name.
    short = Path(tempfile.mkdtemp(), "tmp")
    short.symlink_to(tmp_path / "tmp")
    federation.environ.update(
        TMPDIR=str(short),
        ANSIBLE_LOG_PATH=str(tmp_path / "ansible.log"),
        ANSIBLE_CALLBACKS_ENABLED="ansible.builtin.tree,ansible.builtin.junit",
        ANSIBLE_CALLBACK_TREE_DIR=str(tmp_path / "tree"),
        JUNIT_OUTPUT_DIR=str(tmp_path / "junit"),
        ANSIBLE_CONNECTION_PLUGINS=str(Path(__file__).with_name("connection_plugins")),
        ANSIBLE_ASYNC_DIR=str(tmp_path / "async"),
        ATLASSIAN_API_TOKEN="",
    )
    yield federation
    shutil.rmtree(short.parent)


def assert_was_watched(watched: Federation) -> None:
    for name in ("ansible.log", "tree", "junit"):
        path = watched.folder / name
        assert path.stat().st_size if path.is_file() else any(path.iterdir()), f"nothing is in {name}"


# -- The runs


def role_of_a_play_in(name: str, service: Any) -> dict[str, Any]:
    """A play with the role among its roles, whose defaults are then variables of all its tasks."""
    shown = {"ansible.builtin.debug": {"var": "hostvars['eu']"}}
    sites = {"link_update_api_url": f"{service.url}/api.example.net/links/v1", "link_update_wave": "3"}
    return play(name, shown, roles=[ROLE], vars=sites, hosts="eu")


def role_in(name: str, service: Any, **variables: Any) -> list[dict[str, Any]]:
    """A play of the role at a service, and one that says all that is left in variables, but the one with the token."""
    sites = {
        "link_update_product_url": f"{service.url}/{{{{ inventory_hostname }}}}.example.net",
        "link_update_api_url": f"{service.url}/api.example.net/links/v1",
    }
    registered = (
        "RESULT {{ hostvars[inventory_hostname] | dict2items | rejectattr('key', '==', 'link_update_api_token') }}"
    )
    return [
        update(name, sites | variables),
        play(f"{name}, told", {"ansible.builtin.debug": {"msg": registered}}),
    ]


@pytest.mark.usefixtures("_open_umask")
@pytest.mark.parametrize(
    ("of_the_environment", "of_a_host"),
    [
        pytest.param(PLAIN, AWKWARD, id="plain", marks=pytest.mark.interface),
        pytest.param(AWKWARD, PLAIN, id="awkward"),
    ],
)
def test_a_run_of_the_role_leaves_no_trace_of_the_token(
    watched: Federation, of_the_environment: str, of_a_host: str
) -> None:
    watched.environ["ANSIBLE_CALLBACK_PLUGINS"] = str(Path(__file__).with_name("callback_plugins"))
    watched.environ["ANSIBLE_CALLBACKS_ENABLED"] += ",arguments"
    watched.environ["ARGUMENTS"] = str(watched.folder / "arguments")
    watched.environ.update(ATLASSIAN_API_TOKEN=of_the_environment, JIRA_FEDERATION_LEDGER="", XDG_STATE_HOME="")
    with taking() as service, echoing(of_the_environment, of_a_host) as echo, Webhook(500) as webhook:
        watched.environ.update(JIRA_FEDERATION_NOTIFY_URL=webhook.url, WEBHOOK=webhook.url)
        watched.set_up(service, names=("eu", "us"), us={"link_update_api_token": of_a_host})
        without = {"link_update_preflight": False, "link_update_wave": "2"}
        hook = {"link_update_notify_url": "{{ lookup('ansible.builtin.env', 'WEBHOOK') }}"}
        plays = [
            *role_in("taken", service, **hook),
            *role_in("refused", echo),
            *role_in("refused later", echo, **without),
        ]
        run = run_plays(
            watched,
            [role_of_a_play_in("shown", service), *plays, imported(PACKAGED, link_update_api_url=echo.url, **without)],
            "-vvvv",
            "--diff",
        )
        assert len(service.jobs) == 3
    assert [notice["event"] for notice in webhook.notices] == ["ended", "ended", "failed", "failed", "failed"]
    assert run.output.count("HTTP 500: /********. The run is not affected") == 5
    assert run.recap("ignored") == {"eu": 2, "us": 2}
    assert run.recap("failed") == {"eu": 1, "us": 1}
    assert run.output.count('"RESULT ') == 6
    assert_was_watched(watched)
    assert "link_update_run" in (watched.folder / "arguments").read_text()
    assert_is_its_owners_alone(watched.home / ".local" / "state" / "jira_cloud.federation")
    report = watched.folder / "link_update_report"
    assert {path.name: mode_of(path) for path in (report, *report.iterdir())} == {
        "link_update_report": 0o700,
        **dict.fromkeys(("report.html", "report.json", "report.csv"), 0o600),
    }
    for token in (of_the_environment, of_a_host):
        assert places_of(token, run, watched.folder, watched.inventory) == []


WAYS: dict[str, dict[str, Any]] = {
    "home": {},
    "bastion": {"delegate_to": "bastion"},
    "background": {"async": 60, "poll": 1},
}


def tasks_in(name: str, url: str, keywords: dict[str, Any], **arguments: Any) -> dict[str, Any]:
    """A play whose tasks do the same inside the controller, as a module elsewhere, or as one in the background."""
    tasks: list[dict[str, Any]] = [
        {
            "jira_cloud.federation.link_update_job": {
                "product_url": f"{url}/eu.example.net",
                "destination_url": f"{url}/us.example.net",
                "migrated_from": "https://jira.example.com",
                "api_url": f"{url}/api.example.net/links/v1",
                "wave": f"{name} {where}",
                "poll_min": 0.05,
                "ledger": f"{{{{ playbook_dir }}}}/state of {where}/ledger.sqlite3",
                **arguments,
            },
            **way,
            "register": f"of_{where}",
            "ignore_errors": True,
        }
        for where, way in WAYS.items()
    ]
    results = ", ".join(f"of_{where}" for where in WAYS)
    told = {"ansible.builtin.debug": {"msg": f"RESULT {{{{ [{results}] | to_json }}}}"}}
    return play(name, *tasks, told, hosts="localhost", **keywords)


@pytest.mark.usefixtures("_open_umask")
@pytest.mark.parametrize("kind", ["taking", "echoing"])
def test_no_way_to_run_the_module_leaves_a_trace_of_the_token(watched: Federation, kind: str) -> None:
    token = AWKWARD
    watched.environ["ATLASSIAN_API_TOKEN"] = token
    given = [watched.folder / "host_vars" / "localhost.json", watched.folder / "plays.yml"]
    given[0].parent.mkdir()
    given[0].write_text(json.dumps({"of_mine": token}))
    bastion = {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}
    watched.write_inventory({"bastion": bastion}, ansible_python_interpreter=sys.executable)
    elsewhere = {"environment": {"ATLASSIAN_API_TOKEN": ""}}
    defaults = {"module_defaults": {"group/jira_cloud.federation.links": {"api_token": token}}}
    with taking() if kind == "taking" else echoing(token) as service:
        plays = [
            tasks_in("environment", service.url, {}),
            tasks_in("module defaults", service.url, elsewhere | defaults),
            tasks_in("host variable", service.url, elsewhere, api_token="{{ of_mine }}"),
        ]
        run = run_plays(watched, plays, "-vvvv", "--diff", ansible_python_interpreter=sys.executable)
        if kind == "taking":
            assert len(service.jobs) == 9
    assert run.returncode == 0
    assert run.recap("ignored") == {"localhost": 0 if kind == "taking" else 9}
    assert "AnsiballZ_link_update_job.py" in run.output
    assert run.output.count('"RESULT ') == 3
    assert_was_watched(watched)
    for where in WAYS:
        assert_is_its_owners_alone(watched.folder / f"state of {where}")
    assert places_of(token, run, watched.folder, *given) == []


def test_a_run_that_is_killed_leaves_no_trace_of_the_token_in_its_ledger_or_elsewhere(watched: Federation) -> None:
    service = Service(email=EMAIL, api_token=PLAIN, run_seconds=1e6)
    watched.environ["ATLASSIAN_API_TOKEN"] = PLAIN
    watched.set_up(service)
    process = subprocess.Popen(
        watched.command("jira_cloud.federation.link_update", "--limit", "eu", "-vvvv"),
        env=watched.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    alarm = threading.Timer(60, kill_tree, [process.pid])
    alarm.start()
    output = ""
    try:
        for line in process.stdout or ():
            output += line
            if "eu -> us  IN_PROGRESS" in line:
                break
    finally:
        alarm.cancel()
        kill_tree(process.pid)
        output += process.communicate()[0]
        service.stop()
    assert "eu -> us  IN_PROGRESS" in output
    left = {path.name: mode_of(path) for path in watched.folder.glob("ledger*")}
    assert left == dict.fromkeys(("ledger.sqlite3", "ledger.sqlite3-journal"), 0o600)
    assert places_of(PLAIN, Run(process.returncode, output), watched.folder) == []


def kill_tree(pid: int) -> None:
    """Kill a process and all that it has started, those first, as they would tidy up on finding it gone."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == pid:
                kill_tree(int(status.parent.name))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
