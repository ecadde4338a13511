# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check finds missing is what a repair creates, and then a check finds nothing missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_REPAIR
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.repair import link_repair
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Result
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.checks import (
    CheckHarness,
    numbered,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener


def repair(harness: CheckHarness, **options: Any) -> Result:
    """A repair of what the last check has found."""
    defaults = {name: option.get("default") for name, option in LINK_REPAIR.items()}
    given = {name: value for name, value in harness.options.items() if name in LINK_REPAIR}
    findings = str(harness.folder / "report" / "link_check_findings.csv")
    return link_repair({**defaults, **given, "findings": findings, **options}, False, Listener(), harness.clock)


def there(harness: CheckHarness) -> list[Any]:
    """All remote links of the sites."""
    url = f"{harness.options['stand_in_url']}/stand-in/remote-links"
    return [requests.get(f"{url}/{site}", timeout=10).json() for site in ("eu", "us")]


def test_of_500_links_exactly_the_missing_ones_are_named_created_and_removed_again(tmp_path: Path) -> None:
    script = {"leave_out": {"eu -> us": 20, "us -> eu": 17}, "stale": {"eu -> us": 3}}
    harness = CheckHarness(tmp_path, numbered(250), **script)
    with harness.serving():
        before = there(harness)
        told, _listener = harness.check()
        total = told["total"]
        assert (total["expected"], total["missing"], total["stale"]) == (500, 37, 3)
        missing = {ends for ends, verdict in harness.verdicts().items() if verdict == "missing"}
        assert len(missing) == 37

        created = repair(harness)["created"]
        assert {(each["issue"], each["target"]) for each in created} == missing
        assert len(created) == 37
        assert repair(harness)["created"] == []

        told, _listener = harness.check()
        assert (told["total"]["missing"], told["total"]["found"], told["total"]["stale"]) == (0, 497, 3)
        assert repair(harness)["text"] == ["link_repair_findings has no missing link: nothing to create"]

        undone = repair(harness, undo=True)["undone"]
        assert {(each["issue"], each["target"]) for each in undone} == missing
        assert there(harness) == before
        assert harness.check()[0]["total"]["missing"] == 37
