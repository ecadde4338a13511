# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results of checks, for the tests of what is shown of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from typing import Any, cast

from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.result import is_ok
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.summary import CheckResult, Numbers

FIELDS = tuple(Numbers.__annotations__)


def numbers(expected: int = 0, **others: int) -> dict[str, int]:
    """Some links, all of which were checked and found unless it is said otherwise."""
    given = {"checked": expected - others.get("not_yet", 0), **others}
    bad = sum(given.get(name, 0) for name in ("missing", "stale", "source_absent", "target_absent", "unanswered"))
    found = given["checked"] - bad - given.get("duplicate", 0)
    return {**dict.fromkeys(FIELDS, 0), "expected": expected, "found": found, "missing_at_most": bad, **given}


def check_of(names: Sequence[str], pairs: Mapping[str, Mapping[str, int]] | None = None, **fields: Any) -> CheckResult:
    """A check of all pairs of some instances.

    :param pairs: what was found of some of them, by their labels; of the others 40 links were found.
    """
    results: list[dict[str, Any]] = [
        {
            "instance": one,
            "destination": other,
            **numbers(**{"expected": 40, **(pairs or {}).get(f"{one} -> {other}", {})}),
        }
        for one, other in permutations(names, 2)
    ]
    total = {name: sum(each[name] for each in results) for name in FIELDS}
    max_missing = fields.get("max_missing", 0.0)
    check = {
        "ok": is_ok(cast("list[Numbers]", results), cast("Numbers", total), max_missing),
        "confidence": 0.99,
        "check": 3,
        "begun_at": "2026-03-01T10:00:00.000000Z",
        "ended_at": "2026-03-01T10:41:00.000000Z",
        "sampled": False,
        "max_missing": max_missing,
        "total": total,
        "pairs": results,
        **fields,
    }
    return cast("CheckResult", check)
