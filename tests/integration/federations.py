# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation of four instances at a stand-in of the test's own, and runs of the playbooks over it."""

from __future__ import annotations

import itertools
import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest
import requests

COLLECTION = Path(os.environ["ANSIBLE_COLLECTIONS_PATH"].split(":")[0], "ansible_collections/jira_cloud/federation")
STAND_IN = str(COLLECTION / "plugins" / "plugin_utils" / "stand_in.py")
NAMES = ("eu", "us", "ap", "au")
EMAIL = "me@example.com"
#: Must not be found anywhere but in the requests.
TOKEN = "c4n4ry-t0ken-c4n4ry"
#: What is asked before links are recreated.
QUESTION = "Are all application links above authorized?"
FAST = {"queue_seconds": 0, "backup_seconds": 0, "run_seconds": 0}


def pytest_configure(config: pytest.Config) -> None:
    # What a shell starts in the background ignores Ctrl-C, and nohup the end of the terminal. The tests send both.
    for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)
    config.addinivalue_line("markers", "interface: meets Ansible in its own way; runs on each release of ansible-core")


class Service:
    """A stand-in in a process of its own."""

    def __init__(self, **script: Any) -> None:
        script = {**FAST, "email": EMAIL, "api_token": TOKEN, **script}
        self._process = subprocess.Popen(
            [sys.executable, STAND_IN, "--script", json.dumps(script), "--until-pid", str(os.getpid())],
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout
        self.url: str = json.loads(self._process.stdout.readline())["url"]

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs it was asked for, in their order."""
        return list(requests.get(f"{self.url}/stand-in/jobs", timeout=10).json())

    @property
    def requests(self) -> dict[str, int]:
        """How often it was asked what."""
        return dict(requests.get(f"{self.url}/stand-in/requests", timeout=10).json())

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


class Webhook(ThreadingHTTPServer):
    """A webhook in this process. Nothing of its URL but the host may be found anywhere.

    :param status: what it answers with; where it is no success, it repeats what it was sent.
    """

    daemon_threads = True

    def __init__(self, status: int = 200) -> None:
        super().__init__(("127.0.0.1", 0), _WebhookHandler)
        self.status = status
        self.url = f"http://127.0.0.1:{self.server_address[1]}/services/c4n4ry-p4th?sig=c4n4ry-s1g"
        #: What it was sent.
        self.notices: list[dict[str, Any]] = []

    def __enter__(self) -> Webhook:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.shutdown()
        self.server_close()


class _WebhookHandler(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        is_alone = "Authorization" not in self.headers and TOKEN.encode() not in body
        self.server.notices.append(json.loads(body) if is_alone else {"text": "credentials"})
        said = self.path.encode()
        self.send_response(self.server.status, self.path)
        self.send_header("Content-Length", str(len(said)))
        self.send_header("Location", self.path)
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@dataclass
class Run:
    """A run of ansible-playbook that has ended."""

    returncode: int
    output: str

    def recap(self, what: str) -> dict[str, int]:
        """A column of the recap, by host."""
        return {host: int(count) for host, count in re.findall(rf"^(\S+) +: .*\b{what}=(\d+)", self.output, re.M)}

    @property
    def message(self) -> str:
        """The output without line breaks, which Ansible puts where it likes."""
        return " ".join(self.output.split())

    @property
    def lines(self) -> list[str]:
        """The output without clock times and without what Ansible says of a host when it is done, which can come
        between any two lines.
        """
        lines = (line for line in self.output.splitlines() if not re.match(r"(ok|changed): \[", line))
        return [re.sub(r"^(\d\d:\d\d:\d\d| {8})  ", "", line) for line in lines]

    @property
    def problems(self) -> list[tuple[str, str, str]]:
        """What keeps a run from being made: the instances, the problem and what to do."""
        begin = next(number for number, line in enumerate(self.lines) if line.endswith("Nothing was scheduled."))
        told = itertools.takewhile(lambda line: line.startswith(("- ", "  ")), self.lines[begin + 1 :])
        problems = "\n".join(told).replace("\n  To do: ", "\t").replace("\n  ", " ").split("\n")
        cells = (re.fullmatch(r"- (.*?): ([^\t]*)\t?(.*)", problem) for problem in problems)
        return [(cell[1], cell[2], cell[3]) for cell in cells if cell]


def processes_of(home: Path) -> dict[str, str]:
    """The commands of all processes whose home this is, whoever their parent is, by their ids."""
    setting = f"HOME={home}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if setting in (folder / "environ").read_bytes().split(b"\0"):
                found[folder.name] = (folder / "cmdline").read_text().replace("\0", " ")
    return found


def kill_all_of(home: Path) -> None:
    """Kill what a test has left running. It would poll the port of its service, which the next test may get."""
    while left := processes_of(home):
        for pid in left:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.01)


@dataclass
class Controller:
    """A place to run playbooks from: a home, an inventory, an environment; nothing of the user's own."""

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.home = self.folder / "home"
        self.home.mkdir()
        self.inventory = self.folder / "inventory.json"
        self.ledger = self.folder / "ledger.sqlite3"

    def write_inventory(self, hosts: dict[str, dict[str, Any]], **variables: Any) -> None:
        group = {"hosts": hosts, "vars": variables}
        self.inventory.write_text(json.dumps({"all": {"children": {"federated_instances": group}}}))

    def command(self, playbook: str, *arguments: str) -> list[str]:
        return ["ansible-playbook", "-i", str(self.inventory), playbook, *arguments]

    @property
    def environment(self) -> dict[str, str]:
        """What the run sees of the environment."""
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        return {
            **inherited,
            "HOME": str(self.home),
            "ANSIBLE_HOME": str(self.home / ".ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "ANSIBLE_FORCE_COLOR": "false",
            "JIRA_FEDERATION_LEDGER": str(self.ledger),
            "ATLASSIAN_EMAIL": EMAIL,
            "ATLASSIAN_API_TOKEN": TOKEN,
            **self.environ,
        }

    @property
    def processes(self) -> dict[str, str]:
        """The commands of all processes that a run has started and that are still there, whoever their parent is, by
        their ids.
        """
        return processes_of(self.home)

    def run(self, playbook: str, *arguments: str, extra: dict[str, Any] | None = None) -> Run:
        more: Sequence[str] = ("-e", json.dumps(extra)) if extra else ()
        done = subprocess.run(
            self.command(playbook, *arguments, *more),
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            check=False,
        )
        print(done.stdout)
        return Run(done.returncode, done.stdout)


class Federation(Controller):
    """Four instances whose sites are at the service, to be updated for real."""

    service: Service

    def set_up(self, service: Service, *, names: Sequence[str] = NAMES, **changes: dict[str, Any]) -> None:
        """Write the inventory; C(changes) are more variables for some hosts."""
        self.service = service
        hosts = {
            name: {
                "link_update_product_url": f"{service.url}/{name}.example.net",
                "link_update_migrated_from": f"https://jira-{name}.example.com",
                **changes.get(name, {}),
            }
            for name in names
        }
        api_url = f"{service.url}/api.example.net/links/v1"
        self.write_inventory(
            hosts, link_update_api_url=api_url, link_update_poll_min=0.05, link_update_app_links_authorized=True
        )

    def update(self, *arguments: str, **extra: Any) -> Run:
        return self.run("jira_cloud.federation.link_update", *arguments, extra=extra)

    def play(self, **play: Any) -> str:
        """The path of a playbook of somebody's own, which has the role but where C(play) says otherwise."""
        ours = {"hosts": "federated_instances", "gather_facts": False, "connection": "local"}
        if not {"roles", "tasks"} & set(play):
            ours["roles"] = ["jira_cloud.federation.link_update"]
        path = self.folder / "play.json"
        path.write_text(json.dumps([{**ours, **play}]))
        return str(path)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Product and destination of each job that the service was asked for, in order."""
        bodies = [job["body"] for job in self.service.jobs]
        return [(_name_in(body["productURL"]), _name_in(body["destinationURL"])) for body in bodies]


def at_a_terminal(federation: Federation, answer: str | None = "") -> tuple[int, str]:
    """A run for eu at a terminal of its own, with somebody who answers the question if it comes: how it ended, and what
    was on the terminal, with all white space made single spaces. The answer None kills the controller.
    """
    leader, follower = pty.openpty()
    command = federation.command("jira_cloud.federation.link_update", "--limit", "eu")
    with subprocess.Popen(
        command,
        env=federation.environment,
        cwd=federation.folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # makes it the session's terminal
    ) as process:
        alarm = threading.Timer(60, process.kill)
        alarm.start()
        os.close(follower)
        said = b""
        while True:
            asked = QUESTION.encode() in b" ".join(said.split()) and b"else to stop" in said
            # What is typed before somebody reads is thrown away; so it is typed again while nothing comes of it.
            if asked and answer is None:
                process.kill()
                break
            if asked and answer is not None and not select.select([leader], [], [], 1)[0]:
                os.write(leader, answer.encode() + b"\r")
                continue
            try:
                said += os.read(leader, 65536)
            except OSError:  # the other side of the terminal is closed
                break
        alarm.cancel()
    os.close(leader)
    print(said.decode())
    return process.returncode, " ".join(said.decode().split())


def _name_in(url: str) -> str:
    return url.split("/")[3].split(".")[0]


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of a PostgreSQL server that lives as long as the tests do."""
    script = COLLECTION / "tests" / "postgresql.py"
    with subprocess.Popen([sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdin
        assert server.stdout
        url = server.stdout.readline().strip()
        assert url, "the server did not start, see above"
        yield url
        server.stdin.close()


@pytest.fixture
def postgresql(postgresql_server: str) -> str:
    """The URL of an empty database at that server."""
    name = f"test_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    return postgresql_server.replace("/postgres", f"/{name}")


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with Webhook() as webhook:
        yield webhook


@pytest.fixture
def controller(tmp_path: Path) -> Controller:
    return Controller(tmp_path)


@pytest.fixture
def federation(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Federation]:
    """Four instances; parametrised with the stand-in's script where a test needs another one."""
    service = Service(**getattr(request, "param", {}))
    federation = Federation(tmp_path)
    federation.set_up(service)
    yield federation
    kill_all_of(federation.home)
    service.stop()
