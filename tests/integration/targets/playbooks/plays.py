# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playbooks of somebody's own. One run costs more than all that is looked at in it, so that most of them have several
plays.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta, timezone
from typing import Any

from federations import Controller, Federation, Run

ROLE = "jira_cloud.federation.link_update"
#: The playbook has the name of the role.
PACKAGED = ROLE
REHEARSE = "jira_cloud.federation.rehearse"
#: Each is both a role and a playbook.
CENSUS, CHECK, REPAIR, REPORTS = (
    f"jira_cloud.federation.link_{name}" for name in ("census", "check", "repair", "reports")
)
LEDGER = "jira_cloud.federation.ledger"
STATUS = "jira_cloud.federation.status"
#: A rehearsal that takes no longer than it must.
QUICK = {
    "rehearsal_queue_seconds": 0,
    "rehearsal_backup_seconds": 0,
    "rehearsal_run_seconds": 0,
    "link_update_poll_min": 0.05,
}


def role(kind: str = "import_role", **keywords: Any) -> dict[str, Any]:
    """A task that brings in the role."""
    return {f"ansible.builtin.{kind}": {"name": ROLE}, **keywords}


def play(name: str, *tasks: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """A play of somebody's own."""
    return {
        "name": name,
        "hosts": "federated_instances",
        "gather_facts": False,
        "connection": "local",
        "tasks": list(tasks),
        **keywords,
    }


def update(name: str, variables: dict[str, Any] | None = None, **keywords: Any) -> dict[str, Any]:
    """A play of the role, after whose errors the next play still has all hosts."""
    return play(name, role(ignore_errors=True), vars=variables or {}, **keywords)


def imported(playbook: str, **variables: Any) -> dict[str, Any]:
    """A playbook of the collection, in a playbook of somebody's own."""
    return {"ansible.builtin.import_playbook": playbook, "vars": variables}


def run_plays(controller: Controller, plays: list[dict[str, Any]], *arguments: str, **extra: Any) -> Run:
    path = controller.folder / "plays.yml"
    path.write_text(json.dumps(plays))
    return controller.run(str(path), *arguments, extra=extra)


def unauthorized(federation: Federation) -> None:
    """Have the inventory say nothing of the application links."""
    inventory = json.loads(federation.inventory.read_text())
    del inventory["all"]["children"]["federated_instances"]["vars"]["link_update_app_links_authorized"]
    federation.inventory.write_text(json.dumps(inventory))


def told(run: Run) -> dict[str, str]:
    """What was said in each play, without line breaks."""
    parts = re.split(r"^PLAY (?:\[(.*?)\] \**|RECAP \**)$", run.output, flags=re.M)
    plays: dict[str, str] = {}
    for name, said in zip(parts[1::2], parts[2::2], strict=True):
        plays[name] = " ".join([*plays.get(name, "").split(), *said.split()])
    return plays


def days_ago(days: float) -> str:
    return (datetime.now(timezone.utc) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def statistics(run: Run) -> dict[str, Any]:
    """What workflows read."""
    found = re.search(r"RUN: (\{.*?\})", run.message)
    assert found, "no statistics"
    return dict(json.loads(found[1]))
