# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Data Center with known links, and censuses of it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import requests
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.census import link_census
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Result
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener, standing_in

SERVER = "https://jira.example.com"
#: The site of each project, and how many issues it has. Nobody has OLD.
SITES = {"EUA": "eu", "EUB": "eu", "USA": "us", "USB": "us", "APA": "ap", "OLD": None}
ISSUES = {"EUA": 137, "EUB": 41, "USA": 160, "USB": 23, "APA": 90, "OLD": 30}
INSTANCES = ("eu", "us", "ap")
TOKEN, PASSWORD = "dc-token-that-nobody-may-see", "dc-password-that-nobody-may-see"
FEDERATION = {name: {"product_url": f"https://{name}.example.net", "migrated_from": SERVER} for name in INSTANCES}


@dataclass
class Truth:
    """What is in a Data Center, made and counted by this file alone."""

    #: Id, type, and the keys of source and destination of each link.
    links: list[tuple[int, str, str, str]]
    sub_tasks: dict[str, str] = field(default_factory=dict)
    epics: dict[str, str] = field(default_factory=dict)

    def expected(self) -> dict[str, int]:
        """How many remote links each pair of instances must have."""
        found: dict[str, set[tuple[str, str]]] = {
            f"{one} -> {other}": set() for one in INSTANCES for other in INSTANCES if one != other
        }
        for _id, _type, source, destination in self.links:
            for here, there in ((source, destination), (destination, source)):
                pair = f"{site_of(here)} -> {site_of(there)}"
                if pair in found:
                    found[pair].add((here, there))
        return {pair: len(ends) for pair, ends in found.items()}

    def between(self) -> int:
        """How many links there are between issues of different instances."""
        sites = ((site_of(source), site_of(destination)) for _id, _type, source, destination in self.links)
        return sum(None not in (one, other) and one != other for one, other in sites)

    def outside(self) -> dict[str, int]:
        """How many links leave the federation, by the project that they lead to."""
        found: Counter[str] = Counter()
        for _id, _type, source, destination in self.links:
            for here, there in ((source, destination), (destination, source)):
                if site_of(here) and not site_of(there):
                    found[there.partition("-")[0]] += 1
        return dict(found)


def site_of(key: str) -> str | None:
    return SITES[key.partition("-")[0]]


def made_up(seed: int = 1, links: int = 400) -> Truth:
    """Links between any two issues, some of which have several."""
    random = Random(seed)
    keys = [f"{project}-{number}" for project, count in ISSUES.items() for number in range(1, count + 1)]
    inside = [key for key in keys if site_of(key)]
    made = []
    for number in range(links):
        source, destination = random.sample(keys, 2)
        made.append((10000 + number, random.choice(["Blocks", "Relates"]), source, destination))
        if number % 10 == 0:
            made.append((20000 + number, "Cloners", destination, source))
    epics = dict(zip(random.sample(inside, 30), random.choices(inside, k=30), strict=True))
    return Truth(made, sub_tasks={f"EUA-{number}": "EUA-1" for number in range(50, 60)}, epics=epics)


class CensusHarness:
    """A stand-in with a Data Center, a store, and censuses."""

    def __init__(self, folder: Path, truth: Truth, **switches: Any) -> None:
        self.folder, self.truth = folder, truth
        self.clock = FakeClock()
        self.script = {
            "sites": FEDERATION,
            "data_centers": {
                "jira.example.com": {
                    "projects": {key: {"site": site, "issues": ISSUES[key]} for key, site in SITES.items()},
                    "links": [list(each) for each in truth.links],
                    "sub_tasks": truth.sub_tasks,
                    "epics": {key: epic for key, epic in truth.epics.items() if key != epic},
                    "token": "rehearsal",
                    **switches,
                }
            },
        }
        self.options: dict[str, Any] = {
            "federation": FEDERATION,
            "accounts": [{"name": name, "email": None, "api_token": None} for name in INSTANCES],
            **dict.fromkeys(("url", "token", "user", "password", "file", "store", "delete", "ca_path")),
            "ledger": str(folder / "ledger.sqlite3"),
            "connections": 1,
            "unless_complete": False,
            "report_dir": str(folder / "report"),
            "settings": {"link_update_group": "federated_instances"},
            "validate_certs": True,
            "request_timeout": 120.0,
        }

    @contextlib.contextmanager
    def serving(self) -> Iterator[CensusHarness]:
        """The stand-in serves meanwhile."""
        with standing_in(**self.script) as server:
            self.options["stand_in_url"] = server.url
            yield self

    def count(
        self, *, check: bool = False, listener: Listener | None = None, **options: Any
    ) -> tuple[Result, Listener]:
        """One census."""
        listener = listener or Listener(glances=True)
        return link_census({**self.options, **options}, check, listener, self.clock), listener

    def switch(self, **switches: Any) -> None:
        """Change the switches of the Data Center."""
        url = f"{self.options['stand_in_url']}/stand-in/data-centers/jira.example.com"
        assert requests.post(url, json=switches, timeout=10).status_code == 200

    def asked(self) -> dict[str, int]:
        """What the Data Center was asked so far."""
        url = f"{self.options['stand_in_url']}/stand-in/data-centers"
        found: dict[str, int] = requests.get(url, timeout=10).json()["jira.example.com"]
        return found

    def leases(self) -> list[str]:
        """Until when the censuses that are being counted are held."""
        if not (self.folder / "census.sqlite3").exists():
            return []
        return [lease for (lease,) in self._query("SELECT lease_until FROM link_census_generations") if lease]

    def rows(self) -> list[tuple[Any, ...]]:
        """All expectations in the store, less what is a matter of chance."""
        return self._query(
            "SELECT p.key, e.issue, t.key, e.target, e.links FROM link_census_expectations AS e"
            " JOIN link_census_projects AS p ON p.generation = e.generation AND p.number = e.project"
            " JOIN link_census_projects AS t ON t.generation = e.generation AND t.number = e.target_project"
            " WHERE e.generation = (SELECT max(generation) FROM link_census_generations)"
            " ORDER BY p.key, e.issue, t.key, e.target"
        )

    def _query(self, statement: str) -> list[tuple[Any, ...]]:
        with contextlib.closing(sqlite3.connect(self.folder / "census.sqlite3")) as db:
            return db.execute(statement).fetchall()


def pairs_of(result: Result) -> dict[str, int]:
    """The numbers of a result."""
    return {f"{each['instance']} -> {each['destination']}": each["expected"] for each in result["pairs"]}
