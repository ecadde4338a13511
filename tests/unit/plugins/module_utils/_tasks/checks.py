# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation with known links, a census of them, and checks at sites whose remote links a script decides on."""

from __future__ import annotations

import contextlib
import csv
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center import IssueLink
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.opening import open_store, store_location
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.progress import Page
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.scope import Project, Scope
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.check import link_check
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.options import federation_and_specs
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Result
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener, standing_in

SERVER = "https://jira.example.com"
INSTANCES = ("eu", "us", "ap")
#: The project of each instance.
PROJECTS = {"eu": "EUA", "us": "USA", "ap": "APA"}
TOKEN = "api-token-that-nobody-may-see"
#: The types of links, each with what its ends are called.
TYPES = {
    "Blocks": ("blocks", "is blocked by"),
    "Relates": ("relates to", "relates to"),
    "Cloners": ("clones", "is cloned by"),
}
#: What a mapping of an order has where nobody sets anything.
_ORDER: dict[str, Any] = {
    **dict.fromkeys(("product_url", "site_id", "destinations", "product", "migrated_at")),
    "email": "ann@example.com",
    "api_token": TOKEN,
    "create_backup": "never",
    "preflight": True,
    "recreate_as_remote": "auto",
    "wave": "1",
    "force": False,
    "resubmit_failed": True,
    "unknown_submission": "resubmit",
}

#: Id, type, and the keys of source and destination of each link.
Links = Sequence[tuple[int, str, str, str]]


def numbered(count: int, source: str = "EUA", target: str = "USA", first: int = 1) -> Links:
    """A link from each of so many issues to the one with the same number in another project."""
    return [
        (10000 + number, "Blocks", f"{source}-{number}", f"{target}-{number}") for number in range(first, first + count)
    ]


def instance_of(key: str) -> str:
    return next(name for name, project in PROJECTS.items() if key.startswith(f"{project}-"))


class CheckHarness:
    """A stand-in with remote links, a store with a census, and checks.

    :param store: where the store is, if not beside the ledger.
    :param script: what the stand-in does with the links.
    """

    def __init__(
        self,
        folder: Path,
        links: Links,
        *,
        members: Mapping[str, Mapping[str, Any]] | None = None,
        store: str | None = None,
        issues: int | None = None,
        **script: Any,
    ) -> None:
        self.folder, self.links = folder, links
        self.clock = FakeClock()
        most = issues or max(int(key.partition("-")[2]) for link in links for key in link[2:])
        self.federation: dict[str, dict[str, Any]] = {
            name: {
                "product_url": f"https://{name}.example.net",
                "site_id": f"site-{name}",
                "migrated_from": SERVER,
                **(members or {}).get(name, {}),
            }
            for name in INSTANCES
        }
        known = ("product_url", "site_id", "migrated_from")
        self.script: dict[str, Any] = {
            "sites": {name: {key: each[key] for key in known} for name, each in self.federation.items()},
            "data_centers": {
                "jira.example.com": {
                    "projects": {key: {"site": name, "issues": most} for name, key in PROJECTS.items()},
                    "links": [list(each) for each in links],
                }
            },
            "completed": True,
            **script,
        }
        self.options: dict[str, Any] = {
            "federation": self.federation,
            "orders": [{"name": name, **_ORDER} for name in INSTANCES],
            "sample": "auto",
            "confidence": 0.99,
            "max_missing": None,
            "jobs": "any",
            "connections": 4,
            "census_store": store,
            "ledger": str(folder / "ledger.sqlite3"),
            "report_dir": str(folder / "report"),
            "settings": {"link_update_group": "federated_instances"},
            "validate_certs": True,
            "ca_path": None,
            "request_timeout": 30.0,
        }

    @contextlib.contextmanager
    def serving(self) -> Iterator[CheckHarness]:
        """The stand-in serves meanwhile, and the links are counted."""
        self.count()
        with standing_in(**self.script) as server:
            self.options["stand_in_url"] = server.url
            yield self

    def count(self) -> None:
        """Make a census of the links."""
        urls = {name: each["product_url"] for name, each in self.federation.items()}
        scope = Scope({SERVER: SERVER}, tuple(Project(SERVER, key, urls[name]) for name, key in PROJECTS.items()))
        where = store_location(self.options["census_store"], self.options["ledger"], os.environ, "census_store")
        lease = timedelta(minutes=5)
        with contextlib.closing(open_store(where, self.clock)) as store, store.begin(scope, lease) as counting:
            for progress in counting.projects:
                own = self._links_of(progress.project.key)
                counting.add(progress, Page([*own.items()], issues=len(own), total=len(own)))
                counting.end_project(progress)
            counting.end(complete=True)

    def _links_of(self, project: str) -> dict[str, list[IssueLink]]:
        found: dict[str, list[IssueLink]] = {}
        for number, kind, source, target in self.links:
            for here, there, phrase in zip((source, target), (target, source), TYPES[kind], strict=True):
                if here.startswith(f"{project}-") and instance_of(here) != instance_of(there):
                    found.setdefault(here, []).append(IssueLink(str(number), there, kind, phrase))
        return dict(sorted(found.items(), key=lambda each: int(each[0].partition("-")[2])))

    def check(
        self,
        *,
        check: bool = False,
        only: Collection[str] = INSTANCES,
        listener: Listener | None = None,
        **options: Any,
    ) -> tuple[Result, Listener]:
        """One check.

        :param only: the instances of the play.
        """
        listener = listener or Listener(glances=True)
        orders = [each for each in self.options["orders"] if each["name"] in only]
        return link_check({**self.options, "orders": orders, **options}, check, listener, self.clock), listener

    def findings(self) -> list[dict[str, str]]:
        """The file with the findings."""
        with (self.folder / "report" / "link_check_findings.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def verdicts(self) -> dict[tuple[str, str], str]:
        """The verdicts in that file, by issue and target."""
        return {(each["issue"], each["target"]): each["verdict"] for each in self.findings()}

    def written(self) -> dict[str, Any]:
        """The file with the numbers."""
        result: dict[str, Any] = json.loads((self.folder / "report" / "link_check.json").read_text(encoding="utf-8"))
        return result

    def asked(self, kind: str = "remotelink") -> dict[str, int]:
        """How many calls of a kind each site got so far."""
        found = requests.get(f"{self.options['stand_in_url']}/stand-in/calls", timeout=10).json()
        return {site: count for site, calls in found.items() if (count := calls.get(kind, 0))}

    def switch(self, **fields: Any) -> None:
        """Change the script while the stand-in runs."""
        answer = requests.post(f"{self.options['stand_in_url']}/stand-in/script", json=fields, timeout=10)
        assert answer.status_code == 200, answer.text

    def record_jobs(self, statuses: Mapping[str, str]) -> None:
        """Have jobs of pairs in the ledger, by their labels."""
        _federation, specs, problems = federation_and_specs(self.options, ROLE)
        assert not problems
        with open_ledger(self.options["ledger"], self.clock, os.environ) as ledger:
            for desired in (each for spec in specs for each in spec.desired if each.label in statuses):
                update = desired.update
                claim = ledger.claim(update, 1, timedelta(seconds=60))
                assert claim
                ledger.record_job(claim, f"job {desired.label}", "PENDING")
                if statuses[desired.label] != "PENDING":
                    ledger.record_status(str(update.site_id), f"job {desired.label}", statuses[desired.label])


def numbers_of(result: Result) -> dict[str, dict[str, int]]:
    """The numbers of each pair that are not 0."""
    return {
        f"{each['instance']} -> {each['destination']}": {
            name: number for name, number in each.items() if isinstance(number, int) and number
        }
        for each in result["pairs"]
        if each["expected"]
    }
