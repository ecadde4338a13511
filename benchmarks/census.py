# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census costs, beside a bare loop of requests that reads and parses the same pages.

    .venv/bin/python benchmarks/census.py --issues 1000000 --links 300000

Each is a process of its own, at one stand-in, in turn: the loop, the task alone, and the playbook.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

COLLECTIONS = Path(sys.prefix, "collections")
COLLECTION = COLLECTIONS / "ansible_collections/jira_cloud/federation"
LAUNCHER = Path(__file__).with_name("launcher.py")
SERVER, HOST = "https://jira.example.com", "jira.example.com"
INSTANCES = ("eu", "us", "ap")
PROJECTS = {f"PRJ{number}": INSTANCES[number % len(INSTANCES)] for number in range(9)}
FEDERATION = {name: {"product_url": f"https://{name}.example.net", "migrated_from": SERVER} for name in INSTANCES}

#: What people write first: it knows no trap.
LOOP = """
import sys
import requests
url, *projects = sys.argv[1:]
session = requests.Session()
session.headers["Authorization"] = "Bearer rehearsal"
fields = ["issuelinks", "parent", "customfield_10100"]
for project in projects:
    last = ""
    while True:
        jql = f'project = "{project}"' + last + " ORDER BY key ASC"
        issues = session.post(url, json={"jql": jql, "fields": fields, "maxResults": 200}).json()["issues"]
        if not issues:
            break
        last = f' AND key > "{issues[-1]["key"]}"'
"""


def measured(what: str, command: Sequence[str], folder: Path, **options: Any) -> float:
    """Run a command and show what it cost. Its seconds."""
    cost = folder / "cost.json"
    subprocess.run([sys.executable, LAUNCHER, cost, *command], check=True, stdout=subprocess.DEVNULL, **options)
    found = json.loads(cost.read_text())
    assert found["returncode"] == 0, f"{what} failed"
    print(f"{what:<10} {found['wall']:7.1f} s  CPU {found['cpu']:6.1f} s  peak {found['peak']:6.1f} MB", flush=True)
    seconds: float = found["wall"]
    return seconds


def options_of(folder: Path, url: str) -> dict[str, Any]:
    """The options of the task."""
    names = ("url", "token", "user", "password", "file", "store", "delete", "unless_complete", "ca_path", "report_dir")
    unset = dict.fromkeys(names)
    accounts = [{"name": name, "email": None, "api_token": None} for name in INSTANCES]
    return {
        **unset,
        "federation": FEDERATION,
        "accounts": accounts,
        "ledger": str(folder / "task/ledger.sqlite3"),
        "connections": 1,
        "settings": {},
        "validate_certs": True,
        "request_timeout": 120.0,
        "stand_in_url": url,
    }


def play_of(folder: Path, url: str) -> list[dict[str, Any]]:
    """A play that counts at the stand-in, as a rehearsal does."""
    options = {name: each for name, each in options_of(folder, url).items() if each not in (None, {})}
    options["ledger"] = str(folder / "play/ledger.sqlite3")
    task = {"name": "Count", "jira_cloud.federation.link_census": options}
    return [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}]


def main() -> None:
    parser = argparse.ArgumentParser(description="What a census costs, beside a bare loop of requests.")
    parser.add_argument("--issues", type=int, default=1_000_000)
    parser.add_argument("--links", type=int, default=300_000)
    arguments = parser.parse_args()
    size = {"projects": PROJECTS, "issues": arguments.issues, "links": arguments.links}
    script = json.dumps({"sites": FEDERATION, "data_centers": {HOST: {"generate": size}}})
    stand_in = [sys.executable, str(COLLECTION / "plugins/plugin_utils/stand_in.py"), "--script", script]
    environment = {**os.environ, "PYTHONPATH": str(COLLECTIONS), "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS)}
    with (
        tempfile.TemporaryDirectory() as name,
        subprocess.Popen(stand_in, stdout=subprocess.PIPE, text=True) as server,
        closing(server.stdout or open(os.devnull)) as said,  # noqa: PTH123
    ):
        try:
            folder, url = Path(name), json.loads(said.readline())["url"]
            (folder / "options.json").write_text(json.dumps(options_of(folder, url)))
            (folder / "play.json").write_text(json.dumps(play_of(folder, url)))
            loop = [sys.executable, "-c", LOOP, f"{url}/{HOST}/rest/api/2/search", *PROJECTS]
            bare = measured("bare loop", loop, folder)
            alone = [
                sys.executable,
                "-m",
                "ansible_collections.jira_cloud.federation.tests.unit.run_alone",
                "link_census",
            ]
            with (folder / "options.json").open() as options:
                task = measured("task", alone, folder, env=environment, stdin=options)
            playbook = [str(Path(sys.prefix, "bin/ansible-playbook")), "-i", "localhost,", str(folder / "play.json")]
            play = measured("playbook", playbook, folder, env=environment)
            print(f"times the bare loop: task {task / bare:.2f}, playbook {play / bare:.2f}")
            print(f"store: {(folder / 'task/census.sqlite3').stat().st_size / 1e6:.1f} MB")
        finally:
            server.kill()


if __name__ == "__main__":
    main()
