# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation at a stand-in for the service, those who update its links, and what one of them costs."""

from __future__ import annotations

import json
import os
import re
import ssl
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import trustme

MIGRATED_FROM = "https://jira.example.com"
HERE = Path(__file__).parent
CONTENDERS = HERE / "contenders"
#: What the plan of a run begins with.
PLAN = b"  Plan for wave "
LAUNCHER = HERE / "launcher.py"
STAND_IN = HERE.parent / "plugins" / "plugin_utils" / "stand_in.py"

#: What the contenders are called; those with uri by how many forks they have.
COLLECTION, CURL, CURLS = "collection", "curl", "curl, 8 at a time"
#: A second run of the collection, and a look of uri at each job.
AGAIN, LOOK = "collection, again", "uri, a look"
URI = {forks: f"uri, {forks} forks" for forks in (5, 10, 20)}


@dataclass(frozen=True)
class Cost:
    """What one run cost. Times in seconds, memory in MB (10^6 bytes), of the largest of its processes."""

    wall: float
    cpu: float
    peak: float
    #: How many requests it sent, and how many of them to the links API.
    requests: int
    links_requests: int
    #: How many of them were answered with 429.
    refused: int
    #: How many connections it opened for them.
    connections: int
    #: How many were under way at once, in all, to the links API, and to one of its sites, since the stand-in began.
    at_once: int
    at_once_to_links_api: int
    at_once_to_a_site: int
    #: The share of what the rate limit allowed that was sent to the links API; 0 without a limit.
    used: float
    #: How many lines it said, also for an hour of this, and the time until it told its plan; 0 without one.
    lines: int
    lines_an_hour: float
    plan: float
    #: From the end of the last job to the end of the run.
    late: float
    #: Whether it ended well, with every job scheduled once and complete.
    ok: bool


@dataclass(frozen=True)
class StandIn:
    """A stand-in for the service."""

    url: str
    #: So many requests in so many seconds.
    rate_limit: tuple[int, float] | None = None
    #: The authority that its certificate is from.
    authority: str | None = None

    def ask(self, what: str) -> Any:
        """One of its reports."""
        context = ssl.create_default_context(cafile=self.authority)
        with urllib.request.urlopen(f"{self.url}/stand-in/{what}", context=context) as answer:
            return json.load(answer)

    @property
    def trust(self) -> dict[str, str]:
        """What it takes in the environment to trust it: for requests, for curl, and for uri."""
        names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
        return dict.fromkeys(names, self.authority) if self.authority else {}

    def used(self, taken: int, traffic: dict[str, Any]) -> float:
        """The share of what was allowed that was taken; a window of the limit counts whole once it has begun."""
        if not self.rate_limit or not taken:
            return 0
        limit, seconds = self.rate_limit
        first, last = (datetime.fromisoformat(traffic[f"{end}_to_links_api_at"]) for end in ("first", "last"))
        windows = int((last - first).total_seconds() / seconds) + 1
        return taken / (limit * windows)


class Federation:
    """So many instances at a stand-in of their own, and a place to update their links from."""

    def __init__(self, folder: Path, stand_in: StandIn, instances: int) -> None:
        self.folder = folder
        self._stand_in = stand_in
        self.names = [f"site{number:02}" for number in range(1, instances + 1)]
        self.product_urls = [f"{stand_in.url}/{name}.example.net" for name in self.names]
        self._api_url = f"{stand_in.url}/api.example.net/links/v1"
        self._inventory = folder / "inventory.json"
        self._output = folder / "output"
        self._output.touch()
        hosts = {
            name: {"link_update_product_url": product_url, "link_update_migrated_from": MIGRATED_FROM}
            for name, product_url in zip(self.names, self.product_urls, strict=True)
        }
        variables = {"link_update_api_url": self._api_url, "link_update_app_links_authorized": True}
        group = {"federated_instances": {"hosts": hosts, "vars": variables}}
        self._inventory.write_text(json.dumps({"all": {"children": group}}))

    def start(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a command where a run of a playbook finds all that it needs."""
        environment = {
            **os.environ,
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / ".ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "JIRA_FEDERATION_LEDGER": str(self.folder / "ledger.sqlite3"),
            "ATLASSIAN_EMAIL": "me@example.com",
            "ATLASSIAN_API_TOKEN": "not-a-secret",
            **self._stand_in.trust,
        }
        with self._output.open("a") as output:
            return subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs that the service was asked for."""
        return list(self._stand_in.ask("jobs"))

    @property
    def output(self) -> str:
        """All that was said so far."""
        return self._output.read_text()

    def run(self, contender: str, *, look_every: float) -> Cost:
        """Have a contender schedule all jobs and wait for them.

        :param look_every: how often those look at a job that cannot tell by themselves, in seconds.
        """
        values = json.dumps({"look_every": look_every})
        with_uri = self.playbook(str(CONTENDERS / "with_uri.yml"), "-e", values)
        arguments = [self._api_url, str(look_every), MIGRATED_FROM, *self.product_urls]
        commands = {
            COLLECTION: self.playbook("jira_cloud.federation.link_update"),
            **{name: [*with_uri, "--forks", str(forks)] for forks, name in URI.items()},
            CURL: [str(CONTENDERS / "with_curl.sh"), *arguments],
            CURLS: [str(CONTENDERS / "with_curls.sh"), *arguments],
        }
        return self._measured(commands[contender])

    def look(self) -> Cost:
        """Have C(uri) look once at each job there is."""
        jobs: dict[str, list[dict[str, str]]] = {name: [] for name in self.names}
        for job in self.jobs:
            name = job["body"]["productURL"].rpartition("/")[2].partition(".")[0]
            jobs[name].append({"site_id": job["site_id"], "job_id": job["job_id"]})
        path = self.folder / "jobs.json"
        path.write_text(json.dumps({"jobs": jobs}))
        return self._measured(self.playbook(str(CONTENDERS / "look_with_uri.yml"), "-e", f"@{path}"))

    def playbook(self, playbook: str, *arguments: str) -> list[str]:
        return ["ansible-playbook", "-i", str(self._inventory), playbook, *arguments]

    def _measured(self, command: list[str]) -> Cost:
        said, requests, traffic = len(self.output), self._stand_in.ask("requests"), self._stand_in.ask("traffic")
        path = self.folder / "cost.json"
        process = self.start(sys.executable, "-I", "-S", str(LAUNCHER), str(path), *command)
        plan = self._time_until(PLAN, process, said)
        process.wait()
        cost = json.loads(path.read_text())
        sent = Counter(self._stand_in.ask("requests"))
        sent.subtract(requests)
        refused = sent.pop("refused by the rate limit", 0)
        lines = self.output.count("\n", said)
        links_requests = sent["schedule"] + sent["status"]
        seen, jobs = self._stand_in.ask("traffic"), self.jobs
        ends = [datetime.fromisoformat(job["ends_at"]).timestamp() for job in jobs]
        return Cost(
            wall=cost["wall"],
            cpu=cost["cpu"],
            peak=cost["peak"],
            requests=sent.total(),
            links_requests=links_requests,
            refused=refused,
            connections=seen["connections"] - traffic["connections"],
            at_once=seen["most_at_once"],
            at_once_to_links_api=seen["most_at_once_to_links_api"],
            at_once_to_a_site=seen["most_at_once_to_a_site"],
            used=self._stand_in.used(links_requests - refused, seen),
            lines=lines,
            lines_an_hour=3600 * lines / cost["wall"],
            plan=plan,
            late=cost["ended"] - max(ends, default=cost["ended"]),
            ok=cost["returncode"] == 0 and self._is_updated(jobs),
        )

    def _is_updated(self, jobs: list[dict[str, Any]]) -> bool:
        """Whether there is a job for each pair, no second one for any, and all are complete."""
        complete = [job["pair"] for job in jobs if job["status"] == "Complete"]
        pairs = len(self.names) * (len(self.names) - 1)
        return len(jobs) == len(complete) == len(set(complete)) == pairs

    def _time_until(self, words: bytes, process: subprocess.Popen[bytes], said: int) -> float:
        """The time until a process that was just started says something, in seconds; 0 if it ends without.

        :param said: how much was said before.
        """
        begin, heard = time.perf_counter(), b""
        with self._output.open("rb") as output:
            output.seek(said)
            while process.poll() is None:
                heard += output.read()
                if words in heard:
                    return time.perf_counter() - begin
                time.sleep(0.01)
        return 0


@contextmanager
def federation(instances: int, *, tls: bool = False, **script: Any) -> Iterator[Federation]:
    """A federation that nobody has updated yet.

    :param tls: reach its service by https.
    :param script: how its service is to behave, besides answering at once.
    """
    script = {"queue_seconds": 0, "backup_seconds": 0, "run_seconds": 0, **script}
    command = [sys.executable, str(STAND_IN), "--until-pid", str(os.getpid()), "--script", json.dumps(script)]
    with tempfile.TemporaryDirectory() as folder:
        authority, certificate = _certificate_in(Path(folder)) if tls else (None, [])
        with subprocess.Popen([*command, *certificate], stdout=subprocess.PIPE) as service:
            try:
                assert service.stdout
                url = json.loads(service.stdout.readline())["url"]
                yield Federation(Path(folder), StandIn(url, script.get("rate_limit"), authority), instances)
            finally:
                service.kill()


def _certificate_in(folder: Path) -> tuple[str, list[str]]:
    """The file of a new authority, and what makes a stand-in serve https with a certificate from it."""
    authority, path, certificate = trustme.CA(), folder / "authority.pem", folder / "certificate.pem"
    authority.cert_pem.write_to_path(path)
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(certificate)
    return str(path), ["--certificate", str(certificate)]


# -- Memory, and the time to start


@dataclass(frozen=True)
class WorkerMemory:
    """What a worker of Ansible holds, in MB: of its own, and with what it shares with its controller."""

    own_waiting: float
    own_idle: float
    resident_waiting: float
    resident_idle: float


def memory_of_worker(jobs: int) -> WorkerMemory:
    """A worker that waits for so many jobs, beside one that does nothing."""
    with federation(jobs + 1, queue_seconds=0, run_seconds=600, parallel=True) as there:
        run = there.playbook("jira_cloud.federation.link_update", "--limit", there.names[0])
        waiting = _worker_while(there, run, lambda: len(there.jobs) == jobs)
        pause = there.playbook(str(CONTENDERS / "idle.yml"), "--limit", there.names[0])
        idle = _worker_while(there, pause, lambda: True)
    return WorkerMemory(waiting["Private"], idle["Private"], waiting["Rss"], idle["Rss"])


def _worker_while(there: Federation, command: list[str], ready: Callable[[], bool]) -> dict[str, float]:
    """The memory of the largest worker, five seconds after everything is ready."""
    process = there.start(*command)
    try:
        deadline = time.monotonic() + 60
        while not (ready() and _children_of(process.pid)):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(there.output[-2000:])
            time.sleep(0.2)
        time.sleep(5)
        return max((_memory_of(pid) for pid in _children_of(process.pid)), key=lambda each: each["Private"])
    finally:
        process.terminate()
        process.wait()


def memory_of_all(instances: int) -> float:
    """The most that all processes of a run hold at a moment, in MB, with as many forks as instances.

    What processes share is counted once.
    """
    most = 0.0
    with federation(instances) as there:
        process = there.start(*there.playbook("jira_cloud.federation.link_update", "--forks", str(instances)))
        while process.poll() is None:
            pids = [process.pid, *_children_of(process.pid)]
            most = max(most, sum(_memory_of(pid)["Pss"] for pid in pids))
            time.sleep(0.05)
    return most


def _children_of(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def _memory_of(pid: int) -> dict[str, float]:
    """Resident, proportional and private memory of a process in MB; nothing of one that has ended."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except (FileNotFoundError, ProcessLookupError):
        text = ""
    kilobytes = {name: int(count) for name, count in re.findall(r"^(\w+): +(\d+) kB", text, re.M)}
    private = kilobytes.get("Private_Clean", 0) + kilobytes.get("Private_Dirty", 0)
    return {
        "Rss": kilobytes.get("Rss", 0) * 1024 / 1e6,
        "Pss": kilobytes.get("Pss", 0) * 1024 / 1e6,
        "Private": private * 1024 / 1e6,
    }


def import_time(plugin: str) -> float:
    """Milliseconds to import an action plugin, over what Ansible has loaded anyway."""
    script = (
        "import time, ansible.plugins.action, ansible.utils.display; start = time.perf_counter();"
        f"import ansible_collections.jira_cloud.federation.plugins.action.{plugin};"
        "print(1000 * (time.perf_counter() - start))"
    )
    environment = {**os.environ, "PYTHONPATH": os.environ["ANSIBLE_COLLECTIONS_PATH"].split(":")[0]}
    command = [sys.executable, "-c", script]
    taken = [subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True) for _time in range(7)]
    return statistics.median(float(each.stdout) for each in taken)
