# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation at a stand-in for the service, those who update its links, and what one of them costs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CONTENDERS = HERE / "contenders"
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
        self._folder = folder
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

    @property
    def jobs(self) -> list[dict[str, Any]]:
        """The jobs that the service was asked for."""
        return list(self._ask("jobs"))

    def run(self, contender: str, *, look_every: float) -> Cost:
        """Have a contender schedule all jobs and wait for them.

        :param look_every: how often the two that cannot tell by themselves look at a job, in seconds.
        """
        commands = {
            COLLECTION: self._playbook("jira_cloud.federation.link_update"),
            URI: self._playbook(str(CONTENDERS / "with_uri.yml"), "-e", json.dumps({"look_every": look_every})),
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
        path = self._folder / "jobs.json"
        path.write_text(json.dumps({"jobs": jobs}))
        return self._measured(self._playbook(str(CONTENDERS / "look_with_uri.yml"), "-e", f"@{path}"))

    def _playbook(self, playbook: str, *arguments: str) -> list[str]:
        return ["ansible-playbook", "-i", str(self._inventory), playbook, *arguments]

    def _measured(self, command: list[str]) -> Cost:
        environment = {
            **os.environ,
            "HOME": str(self._folder),
            "ANSIBLE_HOME": str(self._folder / ".ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "JIRA_FEDERATION_LEDGER": str(self._folder / "ledger.sqlite3"),
            "ATLASSIAN_EMAIL": "me@example.com",
            "ATLASSIAN_API_TOKEN": "not-a-secret",
        }
        before = self._ask("requests")
        with (self._folder / "output").open("a") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                command, cwd=self._folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )
            # Of the process and of all that it has waited for: workers, modules, curls.
            status, usage = os.wait4(process.pid, 0)[1:]
            wall = time.perf_counter() - start
            ended = time.time()
        process.returncode = os.waitstatus_to_exitcode(status)
        after = self._ask("requests")
        sent = {name: after[name] - before.get(name, 0) for name in after}
        refused = sent.pop("refused by the rate limit", 0)
        jobs = self.jobs
        pairs = len(self.names) * (len(self.names) - 1)
        complete = sum(job["status"] == "Complete" for job in jobs)
        last = max((datetime.fromisoformat(job["ends_at"]).timestamp() for job in jobs), default=ended)
        return Cost(
            wall=wall,
            cpu=usage.ru_utime + usage.ru_stime,
            peak=usage.ru_maxrss * 1024 / 1e6,
            requests=sum(sent.values()),
            links_requests=sent.get("schedule", 0) + sent.get("status", 0),
            refused=refused,
            late=ended - last,
            ok=process.returncode == 0 and len({job["pair"] for job in jobs}) == len(jobs) == complete == pairs,
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
