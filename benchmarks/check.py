# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check costs, beside the least time that the limit of the sites allows.

    .venv/bin/python benchmarks/check.py --issues 100000

The sites take 10 requests a second each, and answer in 50 ms. The links are counted first, which is not measured.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Any

COLLECTIONS = Path(sys.prefix, "collections")
COLLECTION = COLLECTIONS / "ansible_collections/jira_cloud/federation"
LAUNCHER = Path(__file__).with_name("launcher.py")
ALONE = "ansible_collections.jira_cloud.federation.tests.unit.run_alone"
SERVER, HOST = "https://jira.example.com", "jira.example.com"
INSTANCES = [f"site{number:02}" for number in range(1, 21)]
PROJECTS = {f"PRJ{number:02}": name for number, name in enumerate(INSTANCES, 1)}
SITES = {name: {"product_url": f"https://{name}.example.net", "migrated_from": SERVER} for name in INSTANCES}
FEDERATION = {
    name: {**site, "projects": [key for key, where in PROJECTS.items() if where == name]}
    for name, site in SITES.items()
}
#: How many requests a second a site takes, how many at once, and how long it takes for an answer.
RATE, BURST, LATENCY = 10.0, 10.0, 0.05
ORDER = {
    **dict.fromkeys(("product_url", "site_id", "destinations", "product", "migrated_at", "email", "api_token")),
    "create_backup": "never",
    "preflight": True,
    "recreate_as_remote": "auto",
    "wave": "1",
    "force": False,
    "resubmit_failed": True,
    "unknown_submission": "resubmit",
}


def options_of(folder: Path, url: str) -> dict[str, dict[str, Any]]:
    """The options of both tasks."""
    shared = {
        "federation": FEDERATION,
        "ledger": str(folder / "ledger.sqlite3"),
        "report_dir": str(folder / "report"),
        "settings": {},
        "validate_certs": True,
        "ca_path": None,
        "stand_in_url": url,
    }
    unset = dict.fromkeys(("url", "token", "user", "password", "file", "store", "delete", "unless_complete"))
    return {
        "link_census": {**shared, **unset, "accounts": [], "connections": 4, "request_timeout": 120.0},
        "link_check": {
            **shared,
            "orders": [{"name": name, **ORDER} for name in INSTANCES],
            "sample": "all",
            "confidence": 0.99,
            "max_missing": None,
            "jobs": "any",
            "connections": 4,
            "census_store": None,
            "request_timeout": 30.0,
        },
    }


def run(task: str, options: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run a task in a process of its own: what it cost, and its result."""
    cost, given = folder / "cost.json", folder / "options.json"
    given.write_text(json.dumps(options))
    with given.open() as source, (folder / "told.json").open("w") as told:
        command = [sys.executable, LAUNCHER, cost, sys.executable, "-m", ALONE, task]
        environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS)}
        subprocess.run(command, check=True, env=environment, stdin=source, stdout=told)
    result = json.loads((folder / "told.json").read_text())["result"]
    found: dict[str, Any] = json.loads(cost.read_text())
    return {**found, "result": result}


def calls_at(url: str) -> dict[str, dict[str, int]]:
    """How many calls of each kind the sites got."""
    with urllib.request.urlopen(f"{url}/stand-in/calls") as answer:
        found: dict[str, dict[str, int]] = json.load(answer)
    return {site: calls for site, calls in found.items() if calls.get("remotelink")}


def show(cost: dict[str, Any], calls: dict[str, dict[str, int]]) -> None:
    """Compare what a check cost with the least time that the limit allows."""
    total, issues = cost["result"]["total"], [each["remotelink"] for each in calls.values()]
    requests = sum(count for each in calls.values() for count in each.values())
    least = max(issues) / RATE
    print(f"{len(calls)} sites, {sum(issues):,} issues, {total['expected']:,} links, {requests:,} requests")
    print(f"found {total['found']:,}, wall {cost['wall']:.1f} s, the limit allows {least:.1f} s for the slowest site:")
    print(f"  {cost['wall'] / least:.3f} times as long")
    per_1000 = cost["cpu"] / requests * 1000
    print(f"CPU {cost['cpu']:.1f} s ({per_1000:.2f} s for 1,000 requests), peak {cost['peak']:.1f} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description="What a check costs, beside what the limit of the sites allows.")
    parser.add_argument("--issues", type=int, default=100_000)
    arguments = parser.parse_args()
    # Each issue has a link or two: where there are as many links as issues, one issue of seven has none.
    size = {"projects": PROJECTS, "issues": arguments.issues, "links": arguments.issues}
    script = {
        "sites": SITES,
        "data_centers": {HOST: {"generate": size}},
        "completed": True,
        "cloud_limit": [RATE, BURST],
    }
    stand_in = [sys.executable, str(COLLECTION / "plugins/plugin_utils/stand_in.py"), "--script", json.dumps(script)]
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(stand_in, stdout=subprocess.PIPE, text=True) as server,
        closing(server.stdout or open(os.devnull)) as said,  # noqa: PTH123
    ):
        try:
            folder, url = Path(name), json.loads(said.readline())["url"]
            options = options_of(folder, url)
            run("link_census", options["link_census"], folder)
            change = json.dumps({"latency_seconds": LATENCY}).encode()
            urllib.request.urlopen(urllib.request.Request(f"{url}/stand-in/script", change, method="POST")).close()
            show(run("link_check", options["link_check"], folder), calls_at(url))
        finally:
            server.kill()


if __name__ == "__main__":
    main()
