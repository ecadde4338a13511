# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation at a stand-in for the service, those who update its links, and what one of them costs."""

from __future__ import annotations

import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CONTENDERS = HERE / "contenders"
LAUNCHER = HERE / "launcher.py"
STAND_IN = HERE.parent / "plugins" / "plugin_utils" / "stand_in.py"

#: What the three contenders are called.
COLLECTION, URI, CURL = "collection", "uri", "curl"


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
    #: From the end of the last job to the end of the run.
    late: float
    #: Whether it ended well, with every job scheduled once and complete.
    ok: bool


class Federation:
    """So many instances at a stand-in of their own, and a place to update their links from."""

    def __init__(self, folder: Path, url: str, instances: int) -> None:
        self.folder = folder
        self._url = url
        self.names = [f"site{number:02}" for number in range(1, instances + 1)]
        self.product_urls = [f"{url}/{name}.example.net" for name in self.names]
        self._api_url = f"{url}/api.example.net/links/v1"
        self._inventory = folder / "inventory.json"
        hosts = {
            name: {"link_update_product_url": product_url, "link_update_migrated_from": "https://jira.example.com"}
            for name, product_url in zip(self.names, self.product_urls, strict=True)
        }
        variables = {"link_update_api_url": self._api_url, "link_update_app_links_authorized": True}
        group = {"federated_instances": {"hosts": hosts, "vars": variables}}
        self._inventory.write_text(json.dumps({"all": {"children": group}}))

    def start(self, *command: str, **environ: str) -> subprocess.Popen[bytes]:
        """Start a command where a run of a playbook finds all that it needs."""
        environment = {
            **os.environ,
            "HOME": str(self.folder),
            "ANSIBLE_HOME": str(self.folder / ".ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "JIRA_FEDERATION_LEDGER": str(self.folder / "ledger.sqlite3"),
            "ATLASSIAN_EMAIL": "me@example.com",
            "ATLASSIAN_API_TOKEN": "not-a-secret",
            **environ,
        }
        with (self.folder / "output").open("a") as output:
            return subprocess.Popen(
                command, cwd=self.folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs that the service was asked for."""
        return list(self._ask("jobs"))

    def run(self, contender: str, *, look_every: float) -> Cost:
        """Have a contender schedule all jobs and wait for them.

        :param look_every: how often the two that cannot tell by themselves look at a job, in seconds.
        """
        commands = {
            COLLECTION: self.playbook("jira_cloud.federation.link_update"),
            URI: self.playbook(str(CONTENDERS / "with_uri.yml"), "-e", json.dumps({"look_every": look_every})),
            CURL: [
                str(CONTENDERS / "with_curl.sh"),
                self._api_url,
                str(look_every),
                "https://jira.example.com",
                *self.product_urls,
            ],
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
        before = self._ask("requests")
        path = self.folder / "cost.json"
        self.start(sys.executable, "-I", "-S", str(LAUNCHER), str(path), *command).wait()
        cost = json.loads(path.read_text())
        after = self._ask("requests")
        sent = {name: after[name] - before.get(name, 0) for name in after}
        refused = sent.pop("refused by the rate limit", 0)
        jobs = self.jobs
        pairs = len(self.names) * (len(self.names) - 1)
        complete = sum(job["status"] == "Complete" for job in jobs)
        last = max((datetime.fromisoformat(job["ends_at"]).timestamp() for job in jobs), default=cost["ended"])
        once_each = len({job["pair"] for job in jobs}) == len(jobs)
        return Cost(
            wall=cost["wall"],
            cpu=cost["cpu"],
            peak=cost["peak"],
            requests=sum(sent.values()),
            links_requests=sent.get("schedule", 0) + sent.get("status", 0),
            refused=refused,
            late=cost["ended"] - last,
            ok=cost["returncode"] == 0 and once_each and complete == pairs,
        )

    def _ask(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self._url}/stand-in/{what}") as answer:
            return json.load(answer)


@contextmanager
def federation(instances: int, **script: Any) -> Iterator[Federation]:
    """A federation that nobody has updated yet.

    :param script: how its service is to behave, besides answering at once.
    """
    script = {"queue_seconds": 0, "backup_seconds": 0, "run_seconds": 0, **script}
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(STAND_IN), "--until-pid", str(os.getpid()), "--script", json.dumps(script)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as service:
            try:
                assert service.stdout
                yield Federation(Path(folder), json.loads(service.stdout.readline())["url"], instances)
            finally:
                service.kill()


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
                raise RuntimeError((there.folder / "output").read_text()[-2000:])
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
