# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sites whose jobs have left out some links, and repairs of these."""

from __future__ import annotations

import contextlib
import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_REPAIR, ORDER
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.checks import CheckScope, Form, Stratum
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.opening import open_store
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.repairs import Repair, RepairLink
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.store import CensusStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.census import link_census
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.repair import link_repair
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.repair_options import repair_settings
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Result
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener, standing_in

SERVER = "https://jira.example.com"
SITES = {"eu": "ABC", "us": "DEF", "ap": "GHI"}
URLS = {name: f"https://{name}.example.net" for name in SITES}
FEDERATION = {name: {"product_url": url, "migrated_from": SERVER} for name, url in URLS.items()}
ISSUES = 40
EMAIL, TOKEN = "ann@example.com", "token-that-nobody-may-see"
#: The instance, the issue and the target of a link.
Ends = tuple[str, str, str]
LEASE = timedelta(minutes=5)


def links() -> list[list[Any]]:
    """From each issue of eu a link to the one of us with the same number, from some a second one, and one to ap."""
    return [
        *([number, "Blocks", f"ABC-{number}", f"DEF-{number}"] for number in range(1, ISSUES + 1)),
        *([100 + number, "Relates", f"DEF-{number}", f"ABC-{number}"] for number in (4, 5)),
        [200, "Blocks", "ABC-1", "GHI-1"],
    ]


def left_out(pair: str, *numbers: int) -> dict[str, list[list[str]]]:
    """Links of a pair of eu and us that no job makes."""
    one, other = (SITES[name] for name in pair.split(" -> "))
    return {pair: [[f"{one}-{number}", f"{other}-{number}"] for number in numbers]}


#: Five links that are missing.
LEFT_OUT = {**left_out("eu -> us", 1, 2, 3), **left_out("us -> eu", 3, 4)}
MISSING: list[Ends] = [(pair[:2], *ends) for pair, rows in LEFT_OUT.items() for ends in rows]  # type: ignore[misc]


class RepairHarness:
    """A stand-in, a census of its Data Center, a ledger with jobs, and repairs."""

    def __init__(self, folder: Path, **script: Any) -> None:
        self.folder = folder
        self.clock = FakeClock()
        self.script = {
            "sites": FEDERATION,
            "data_centers": {
                "jira.example.com": {
                    "projects": {key: {"site": site, "issues": ISSUES} for site, key in SITES.items()},
                    "links": links(),
                }
            },
            "completed": True,
            "leave_out": LEFT_OUT,
            **script,
        }
        self.findings = folder / "link_check_findings.csv"
        self.options: dict[str, Any] = {
            **{name: option.get("default") for name, option in LINK_REPAIR.items()},
            "federation": FEDERATION,
            "orders": [order_of(name) for name in SITES],
            "findings": str(self.findings),
            "ledger": str(folder / "ledger.sqlite3"),
            "report_dir": str(folder / "report"),
            "settings": {"link_update_group": "federated_instances"},
            "request_timeout": 5.0,
        }

    @contextlib.contextmanager
    def serving(self, *, status: str = "COMPLETE", forms: bool = True) -> Iterator[RepairHarness]:
        """The stand-in serves meanwhile. Its links were counted, and the ledger has a job of each pair.

        :param status: of the jobs.
        :param forms: whether a check has found links of Jira.
        """
        with standing_in(**self.script) as server:
            self.options["stand_in_url"] = self.url = server.url
            self._count()
            self._schedule(status)
            if forms:
                self._check()
            self.find(MISSING)
            yield self

    @contextlib.contextmanager
    def serving_as_real(self) -> Iterator[RepairHarness]:
        """The same, with sites that get the real credentials, as they would on the internet."""
        self.script.update(email=EMAIL, api_token=TOKEN)
        with standing_in(**self.script) as server:
            self.url = server.url
            urls = {name: f"{server.url}/{name}.example.net" for name in SITES}
            self.options["federation"] = {
                name: {"product_url": url, "migrated_from": SERVER} for name, url in urls.items()
            }
            self._count(url=f"{server.url}/jira.example.com", token="a-token-of-data-center")
            self._schedule("COMPLETE")
            self.find(MISSING)
            yield self

    def _count(self, **more: Any) -> None:
        options = {
            **dict.fromkeys(("url", "token", "user", "password", "file", "store", "delete", "ca_path", "report_dir")),
            "accounts": [{"name": name, "email": EMAIL, "api_token": TOKEN} for name in SITES],
            "connections": 1,
            "unless_complete": False,
            "validate_certs": True,
            **{name: self.options[name] for name in ("federation", "ledger", "settings", "request_timeout")},
            "stand_in_url": self.options["stand_in_url"],
            **more,
        }
        told = link_census(options, False, Listener(), self.clock)
        assert told["complete"], told

    def _schedule(self, status: str) -> None:
        """Have in the ledger that the job of each pair was scheduled."""
        with open_ledger(self.options["ledger"], self.clock, os.environ) as ledger:
            for spec in repair_settings(self.options).specs:
                for desired in spec.at(f"site-{spec.name}").desired:
                    claim = ledger.claim(desired.update, 1, LEASE)
                    assert claim
                    job_id = f"job of {desired.label}"
                    ledger.record_job(claim, job_id, "PENDING")
                    ledger.record_status(f"site-{spec.name}", job_id, status)

    def _check(self) -> None:
        """Have in the store what the links of eu and us look like."""
        pairs = [("eu", "us"), ("us", "eu")]
        strata = tuple(Stratum(SERVER, 1, URLS[one], URLS[other], ISSUES) for one, other in pairs)
        with self.store() as store, store.checks.begin(CheckScope("digest", {}, strata), LEASE) as checking:
            for one, other in pairs:
                link = next(each for each in self.links(one) if URLS[other] in each["object"]["url"])
                app_id = link["globalId"].partition("&")[0].removeprefix("appId=")
                form = Form(app_id, "com.atlassian.jira", link["application"]["name"])
                checking.add_form(URLS[one], URLS[other], form)
            checking.end(True, {})

    def store(self) -> CensusStore:
        """The store, to look into it."""
        return open_store(self.folder / "census.sqlite3", self.clock)

    def journal(self) -> list[Repair]:
        with self.store() as store:
            return store.repairs.every(URLS.values())

    def note_created(self, issue: str, target: str, global_id: str) -> None:
        """Have in the journal that a repair has created a link of eu that is there."""
        link = self.link("eu", issue, target)
        made = RepairLink(SERVER, URLS["eu"], URLS["us"], issue, target, global_id, "blocks", link["object"]["url"])
        with self.store() as store, store.repairs.begin(LEASE) as repairing:
            repairing.created(repairing.intend(made).number, link["id"])

    def find(self, missing: Sequence[Ends], *others: str) -> None:
        """Write a file of findings.

        :param others: further rows.
        """
        with self.findings.open("w", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["instance", "issue", "target", "verdict", "relationship", "url", "note"])
            rows.writerows([*ends, "missing", "blocks", "", ""] for ends in missing)
            file.writelines(f"{each}\r\n" for each in others)

    def repair(self, *, check: bool = False, listener: Listener | None = None, **options: Any) -> Result:
        """One repair."""
        self.listener = listener or Listener()
        return link_repair({**self.options, **options}, check, self.listener, self.clock)

    # -- what the sites have

    def ask(self, name: str) -> Any:
        return requests.get(f"{self.url}/stand-in/{name}", timeout=10).json()

    def switch(self, **fields: Any) -> None:
        """Change the script."""
        assert requests.post(f"{self.url}/stand-in/script", json=fields, timeout=10).status_code == 200

    def links(self, site: str) -> list[dict[str, Any]]:
        """All remote links of a site."""
        found: list[dict[str, Any]] = self.ask(f"remote-links/{site}")
        return found

    def every_link(self) -> dict[str, list[dict[str, Any]]]:
        return {site: sorted(self.links(site), key=lambda link: (link["issue"], link["id"])) for site in SITES}

    def there(self) -> Counter[Ends]:
        """How often each link is there."""
        return Counter((site, link["issue"], link["object"]["title"]) for site in SITES for link in self.links(site))

    def link(self, site: str, issue: str, target: str) -> dict[str, Any]:
        """The only link between two issues."""
        (found,) = (each for each in self.links(site) if (each["issue"], each["object"]["title"]) == (issue, target))
        return found

    def calls(self, kind: str) -> int:
        """How many calls of a kind all sites got."""
        return sum(each.get(kind, 0) for each in self.ask("calls").values())

    def as_somebody(self, method: str, site: str, path: str, document: Any = None) -> None:
        """Do something at a site, as a person does."""
        url = f"{self.url}/{site}.example.net/rest/api/3/issue/{path}"
        answer = requests.request(method, url, json=document, auth=("bob@example.com", "token"), timeout=10)
        assert answer.ok, answer.text


def order_of(name: str, **options: Any) -> dict[str, Any]:
    """What is asked for one instance."""
    order = {option: each.get("default") for option, each in ORDER.items()}
    return {**order, "name": name, "email": EMAIL, "api_token": TOKEN, **options}


def ends_of(links: Sequence[dict[str, Any]]) -> list[Ends]:
    """The links of a result."""
    return [(each["instance"], each["issue"], each["target"]) for each in links]


def reasons_of(links: Sequence[dict[str, Any]]) -> dict[Ends, str]:
    """The same, with their reasons."""
    return dict(zip(ends_of(links), (each["reason"] for each in links), strict=True))
