# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rehearsals, recorded at a terminal of their own. Nothing real is contacted."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import termios
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from itertools import product
from pathlib import Path
from typing import Any

#: Height of the terminal. No output depends on it.
ROWS = 50
SITES = {
    4: ["eu", "us", "ap", "au"],
    12: ["berlin", "boston", "delhi", "lagos", "lima", "osaka", "oslo", "paris", "perth", "seoul", "sydney", "tokyo"],
    30: [
        f"{unit}-{region}"
        for unit, region in product(
            ("retail", "bank", "travel", "media", "energy"), ("eu", "us", "ap", "au", "uk", "ca")
        )
    ],
}
#: So long does a job take, in seconds: all jobs of a rehearsal are done in a minute or two.
RUN_SECONDS = {4: 1.5, 12: 0.5, 30: 0.2}


@dataclass(frozen=True)
class Rehearsal:
    """A rehearsal of so many sites in which this happens."""

    sites: int
    result: str
    variables: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.sites}-{self.result}"

    def record(self, folder: Path, columns: int) -> bytes:
        """Make it in an empty folder, where it leaves its report: what came to a terminal of this width."""
        (folder / "inventory.yml").write_text(json.dumps(_inventory(SITES[self.sites])))
        command = "ansible-playbook -i inventory.yml jira_cloud.federation.rehearse"
        settings = {
            "link_update_poll_min": 0.2,
            "rehearsal_run_seconds": RUN_SECONDS[self.sites],
            "rehearsal_backup_seconds": 1,
            **self.variables,
        }
        shown = f"$ {command}\r\n".encode()
        return shown + _at_a_terminal([*command.split(), "-e", json.dumps(settings)], folder, columns)


def report_in(folder: Path) -> Path:
    """The report that a rehearsal in this folder has left."""
    return folder / "link_update_report" / "rehearsal" / "report.html"


def _inventory(names: list[str]) -> dict[str, Any]:
    hosts = {name: {"link_update_product_url": f"https://example-{name}.atlassian.net"} for name in names}
    variables = {
        "link_update_migrated_from": "https://jira.example.com",
        "link_update_migrated_at": (datetime.now(timezone.utc) - timedelta(days=3)).strftime("%Y-%m-%d"),
        # The report shows who ran it; without this, that is the account and the machine that made the picture.
        "awx_user_name": "Ann Admin",
    }
    return {"all": {"children": {"federated_instances": {"hosts": hosts, "vars": variables}}}}


def _environment(folder: Path) -> dict[str, str]:
    """As a user has it who has just opened a terminal."""
    unwanted = ("NO_COLOR", "ANSIBLE_NOCOLOR", "ANSIBLE_FORCE_COLOR", "COLUMNS", "LINES")
    inherited = {name: value for name, value in os.environ.items() if name not in unwanted}
    home = {"HOME": str(folder), "ANSIBLE_HOME": str(folder / ".ansible")}
    return {**inherited, **home, "TERM": "xterm-256color", "TZ": "UTC", "ANSIBLE_LOCALHOST_WARNING": "false"}


def _at_a_terminal(command: list[str], folder: Path, columns: int) -> bytes:
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (ROWS, columns))
    with subprocess.Popen(
        command,
        env=_environment(folder),
        cwd=folder,
        stdin=follower,
        stdout=follower,
        stderr=follower,
        start_new_session=True,
    ):
        os.close(follower)
        said = b""
        with suppress(OSError):  # the other side of the terminal is closed
            while more := os.read(leader, 65536):
                said += more
    os.close(leader)
    return said
