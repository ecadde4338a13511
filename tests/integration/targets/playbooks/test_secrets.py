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
from federations import EMAIL, NAMES, Federation, Run, Service

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
def service_of(kind: str, token: str) -> Iterator[Any]:
    """A service that takes jobs with this token and no other, or one that echoes."""
    if kind == "taking":
        service = Service(email=EMAIL, api_token=token)
        yield service
        service.stop()
        return
    with Echo() as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        yield echo
        echo.shutdown()
    assert set(echo.seen) == {token}, "it did echo it"


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

ROLE = {
    "block": [{"ansible.builtin.import_role": {"name": "jira_cloud.federation.link_update"}}],
    "always": [{"ansible.builtin.debug": {"msg": "RESULT {{ [__link_update_read, __link_update_run] | to_json }}"}}],
}


@pytest.mark.parametrize(
    ("source", "kind", "name", "preflight"),
    [
        ("environment", "taking", "awkward", True),
        ("environment", "echoing", "plain", True),
        ("environment", "echoing", "plain", False),
        ("host variable", "taking", "plain", True),
        ("host variable", "echoing", "awkward", True),
        ("host variable", "echoing", "awkward", False),
    ],
)
def test_a_run_of_the_role_leaves_no_trace_of_the_token(
    watched: Federation, source: str, kind: str, name: str, preflight: bool
) -> None:
    token = TOKENS[name]
    watched.environ["ANSIBLE_CALLBACK_PLUGINS"] = str(Path(__file__).with_name("callback_plugins"))
    watched.environ["ANSIBLE_CALLBACKS_ENABLED"] += ",arguments"
    watched.environ["ARGUMENTS"] = str(watched.folder / "arguments")
    with service_of(kind, token) as service:
        if source == "environment":
            watched.environ["ATLASSIAN_API_TOKEN"] = token
            watched.set_up(service)
        else:
            watched.set_up(service, **{site: {"link_update_api_token": token} for site in NAMES})
        play = watched.play(tasks=[ROLE])
        run = watched.run(play, "-vvvv", "--diff", extra={"link_update_preflight": preflight})
    assert run.returncode == (0 if kind == "taking" else 2)
    assert run.output.count('"RESULT ') == len(NAMES)
    assert_was_watched(watched)
    assert "link_update_run" in (watched.folder / "arguments").read_text()
    assert places_of(token, run, watched.folder, watched.inventory) == []


WAYS: dict[str, dict[str, Any]] = {
    "home": {},
    "bastion": {"delegate_to": "bastion"},
    "background": {"async": 60, "poll": 1},
}


def tasks_in(ways: tuple[str, ...], url: str, **arguments: Any) -> list[dict[str, Any]]:
    """Tasks that do the same inside the controller, as a module on another host, or as one in the background."""
    tasks: list[dict[str, Any]] = [
        {
            "jira_cloud.federation.link_update_job": {
                "product_url": f"{url}/eu.example.net",
                "destination_url": f"{url}/us.example.net",
                "migrated_from": "https://jira.example.com",
                "api_url": f"{url}/api.example.net/links/v1",
                "wave": where,
                "poll_min": 0.05,
                "ledger": f"{{{{ playbook_dir }}}}/state of {where}/ledger.sqlite3",
                **arguments,
            },
            **WAYS[where],
            "register": f"of_{where}",
            "ignore_errors": True,
        }
        for where in ways
    ]
    results = ", ".join(f"of_{where}" for where in ways)
    return [*tasks, {"ansible.builtin.debug": {"msg": f"RESULT {{{{ [{results}] | to_json }}}}"}}]


def run_tasks(watched: Federation, tasks: list[dict[str, Any]], **play: Any) -> Run:
    path = watched.folder / "play.json"
    path.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, **play, "tasks": tasks}]))
    bastion = {"ansible_connection": "elsewhere", "ansible_python_interpreter": sys.executable}
    watched.write_inventory({"bastion": bastion}, ansible_python_interpreter=sys.executable)
    run = watched.run(str(path), "-vvvv", "--diff", "-e", f"ansible_python_interpreter={sys.executable}")
    assert "AnsiballZ_link_update_job.py" in run.output
    assert '"RESULT ' in run.output
    return run


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ("environment", "taking"),
        ("environment", "echoing"),
        ("host variable", "echoing"),
        ("module_defaults", "taking"),
        ("module_defaults", "echoing"),
    ],
)
def test_no_way_to_run_the_module_leaves_a_trace_of_the_token(watched: Federation, source: str, kind: str) -> None:
    token, play, arguments = AWKWARD, {}, {}
    if source == "environment":
        watched.environ["ATLASSIAN_API_TOKEN"] = token
    elif source == "host variable":
        (watched.folder / "host_vars").mkdir()
        (watched.folder / "host_vars" / "localhost.json").write_text(json.dumps({"of_mine": token}))
        arguments = {"api_token": "{{ of_mine }}"}
    else:
        play = {"module_defaults": {"group/jira_cloud.federation.links": {"api_token": token}}}
    with service_of(kind, token) as service:
        run = run_tasks(watched, tasks_in(tuple(WAYS), service.url, **arguments), **play)
        if kind == "taking":
            assert len(service.jobs) == 3
    assert run.recap("ignored") == {"localhost": 0 if kind == "taking" else 3}
    assert_was_watched(watched)
    given = [watched.folder / "host_vars" / "localhost.json"]
    if source == "module_defaults":
        given.append(watched.folder / "play.json")
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
    assert left == dict.fromkeys(("ledger.sqlite3", "ledger.sqlite3-wal", "ledger.sqlite3-shm"), 0o600)
    assert places_of(PLAIN, Run(process.returncode, output), watched.folder) == []


def kill_tree(pid: int) -> None:
    """Kill a process and all that it has started, those first, as they would tidy up on finding it gone."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(status.read_text().rpartition(")")[2].split()[1]) == pid:
                kill_tree(int(status.parent.name))
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


# -- The ledger


@pytest.fixture(params=[0o022, 0], ids=["umask 022", "umask 0"])
def _umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.usefixtures("_umask")
def test_a_ledger_is_its_owners_alone_whatever_the_umask(watched: Federation) -> None:
    watched.environ["ATLASSIAN_API_TOKEN"] = PLAIN
    with service_of("taking", PLAIN) as service:
        run = run_tasks(watched, tasks_in(("home", "bastion"), service.url))
    assert run.returncode == 0
    for where in ("home", "bastion"):
        folder = watched.folder / f"state of {where}"
        assert mode_of(folder) == 0o700
        assert {mode_of(path) for path in folder.iterdir()} == {0o600}


@pytest.mark.usefixtures("_umask")
def test_so_is_the_ledger_at_its_default_place(watched: Federation) -> None:
    watched.environ.update(ATLASSIAN_API_TOKEN=PLAIN, JIRA_FEDERATION_LEDGER="", XDG_STATE_HOME="")
    with service_of("taking", PLAIN) as service:
        watched.set_up(service)
        run = watched.update("-vvvv", "--diff", "--limit", "eu")
    assert run.returncode == 0
    folder = watched.home / ".local" / "state" / "jira_cloud.federation"
    assert mode_of(folder) == 0o700
    assert {mode_of(path) for path in folder.iterdir()} == {0o600}
    assert places_of(PLAIN, run, watched.folder) == []
