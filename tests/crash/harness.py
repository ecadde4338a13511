# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs of a playbook to be killed: a slow stand-in, a ledger of their own, and a way to find all their processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

COLLECTIONS = Path(sys.prefix, "collections")
sys.path.insert(0, str(COLLECTIONS))

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import make_update  # noqa: E402
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn  # noqa: E402

MIGRATED_FROM = "https://jira.example.com"
#: How long a job waits in the queue, and how long a backup takes, in seconds.
QUEUE, BACKUP = 0.1, 0.5
#: What no run and no orphan may last, in seconds.
TOO_LONG = 240.0
#: In the environment of every process that a round starts, so that the round finds them all.
MARK = "KILL_RUNS"


class SlowPosts:
    """Mixed into the stand-in's handler, takes its time around every request that schedules a job."""

    latency: float

    def do_POST(self: Any) -> None:  # noqa: N802 (so called by http.server)
        time.sleep(Random().uniform(0, self.latency))
        established = 1
        if self.connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == established:
            super().do_POST()
        else:
            self.close_connection = True

    def end_headers(self: Any) -> None:
        if self.command == "POST":
            time.sleep(Random().uniform(0, self.latency))
        super().end_headers()

    def finish(self: Any) -> None:
        with contextlib.suppress(OSError):  # whoever waited for the answer may be dead
            super().finish()


class SlowStandIn(StandIn):
    """A stand-in that is slow, and takes hang-ups as they come."""

    def __init__(self, script: Script, latency: float) -> None:
        super().__init__(script)
        self.latency = latency
        self.RequestHandlerClass = type("Handler", (SlowPosts, self.RequestHandlerClass), {"latency": latency})

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def play_with(request_timeout: float) -> dict[str, Any]:
    """A play with the role."""
    return {
        "hosts": "federated_instances",
        "gather_facts": False,
        "connection": "local",
        "module_defaults": {"group/jira_cloud.federation.connection": {"request_timeout": request_timeout}},
        "roles": ["jira_cloud.federation.link_update"],
    }


class Cable:
    """Leads from a port of this machine to a server, and can be cut for a while."""

    def __init__(self, host: str, port: int) -> None:
        self._server = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = []
        self._is_cut = False
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def cut(self, seconds: float) -> None:
        """Break every connection, and take none for so long."""
        self._is_cut = True
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        time.sleep(seconds)
        self._is_cut = False

    def close(self) -> None:
        self._listener.close()
        for end in self._ends:
            end.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near = self._listener.accept()[0]
                if self._is_cut:
                    near.close()
                    continue
                far = socket.create_connection(self._server)
                self._ends += [near, far]
                for ends in ((near, far), (far, near)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class KillHarness:
    """A fresh stand-in and a fresh ledger, and runs of a playbook over them.

    :param connections: how many requests a run may send at once.
    :param ledger: where the ledger is, as this program reaches it.
    """

    def __init__(
        self, folder: Path, names: tuple[str, ...], connections: int, server: SlowStandIn, ledger: str
    ) -> None:
        self.folder = folder
        self.connections = connections
        # A short one, so that leases end soon.
        timeout = 2 * server.latency + 2
        #: How long a claim lasts, in seconds, and a little more.
        self.lease = Connection(timeout=timeout).lease.total_seconds() + 2
        self.url = server.url
        self.ledger = ledger
        #: Where the ledger is for the runs.
        self.ledger_of_runs = ledger
        self.id = uuid.uuid4().hex
        urls = {name: f"{server.url}/{name}.example.net" for name in names}
        self.updates = {
            f"{product} -> {destination}": make_update(
                product="jira",
                product_url=urls[product],
                destination_url=urls[destination],
                migrated_from=MIGRATED_FROM,
                site_id=f"site-{product}",
            )
            for product, destination in permutations(names, 2)
        }
        variables = {
            "link_update_migrated_from": MIGRATED_FROM,
            "link_update_api_url": f"{server.url}/api.example.net/links/v1",
            "link_update_poll_min": 0.05,
            "link_update_connections": connections,
            "link_update_app_links_authorized": True,
        }
        hosts = {name: {"link_update_product_url": url} for name, url in urls.items()}
        group = {"hosts": hosts, "vars": variables}
        (folder / "inventory.json").write_text(json.dumps({"all": {"children": {"federated_instances": group}}}))
        (folder / "play.json").write_text(json.dumps([play_with(timeout)]))

    def start(self, name: str) -> subprocess.Popen[bytes]:
        """A run of the playbook; C(name) is for its output and its mark."""
        inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHONUNBUF"))}
        environment = {
            **inherited,
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / ".ansible"),
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "true",
            "JIRA_FEDERATION_LEDGER": self.ledger_of_runs,
            "ATLASSIAN_EMAIL": "me@example.com",
            "ATLASSIAN_API_TOKEN": "none-of-yours",
            MARK: self.mark(name),
        }
        playbook = Path(sys.prefix, "bin", "ansible-playbook")
        with (self.folder / name).open("wb") as output:
            return subprocess.Popen(
                [sys.executable, str(playbook), "-i", "inventory.json", "play.json"],
                env=environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def mark(self, name: str) -> str:
        return f"{self.id}/{name}"

    def output(self, name: str) -> str:
        """What a run has said, without line breaks, which Ansible puts where it likes."""
        return " ".join((self.folder / name).read_text().split())

    def recorded(self) -> dict[str, Any]:
        """The last attempt at each pair that the ledger knows of."""
        with contextlib.closing(open_ledger(self.ledger, SystemClock(), {}, copy=True)) as ledger:
            attempts = {pair: ledger.latest(update) for pair, update in self.updates.items()}
        return {pair: attempt for pair, attempt in attempts.items() if attempt}

    def is_locked(self) -> bool:
        """Whether a process is within a transaction on the file."""
        try:
            with contextlib.closing(sqlite3.connect(f"file:{self.ledger}?mode=rw", uri=True, timeout=0)) as db:
                db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as exc:
            return exc.sqlite_errorcode == sqlite3.SQLITE_BUSY
        return False

    def journal(self) -> list[dict[str, Any]]:
        """The jobs that the service has taken, in their order."""
        with urlopen(f"{self.url}/stand-in/jobs", timeout=10) as answer:
            jobs: list[dict[str, Any]] = json.load(answer)
        return jobs


@contextlib.contextmanager
def fresh_harness(names: tuple[str, ...], connections: int, latency: float) -> Iterator[KillHarness]:
    """A harness for one round; with it ends every process that was started on it.

    :param connections: how many requests a run may send at once.
    """
    sites = {name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}"} for name in names}
    script = Script(sites=sites, queue_seconds=QUEUE, backup_seconds=BACKUP, run_seconds=0.3, parallel=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, SlowStandIn(script, latency) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        harness = KillHarness(Path(folder), names, connections, server, str(Path(folder, "ledger.sqlite3")))
        try:
            yield harness
        finally:
            for name in ("run", "rerun"):
                kill_all(harness.mark(name))
            server.shutdown()


@contextlib.contextmanager
def with_database(harness: KillHarness) -> Iterator[Cable]:
    """A PostgreSQL server for the ledger, which the runs reach through a cable."""
    program = Path(__file__).parents[1] / "postgresql.py"
    with subprocess.Popen(
        [sys.executable, program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        url = server.stdout.readline().strip() if server.stdout else ""
        parts = urlsplit(url)
        cable = Cable(str(parts.hostname), parts.port or 0)
        harness.ledger, harness.ledger_of_runs = url, url.replace(str(parts.port), str(cable.port))
        try:
            yield cable
        finally:
            kill_all(harness.mark("run"))
            cable.close()


def processes(mark: str) -> set[int]:
    """All living processes of a run, whoever their parent is by now."""
    setting = f"{MARK}={mark}".encode()
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if setting in (folder / "environ").read_bytes().split(b"\0"):
                found.add(int(folder.name))
    return found


def kill_all(mark: str) -> None:
    """Kill a run with all its descendants: none can react to the death of another, as all are stopped first."""
    stopped: set[int] = set()
    while fresh := processes(mark) - stopped:
        send(signal.SIGSTOP, fresh)
        stopped |= fresh
    send(signal.SIGKILL, stopped)
    until(lambda: all(is_over(pid) for pid in stopped))


def is_over(pid: int) -> bool:
    """Whether a process has let go of everything. Its environment is gone before its files and their locks are."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


def send(number: signal.Signals, pids: set[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + TOO_LONG
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"still not after {TOO_LONG:g} seconds")
        time.sleep(0.02)
