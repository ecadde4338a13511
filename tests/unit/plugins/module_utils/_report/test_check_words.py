# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check says in one sentence, and its findings as a table."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.verdicts import Verdict
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.summary import CheckResult, Numbers
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.check_findings import COLUMNS, findings_csv
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.check_words import percent, summary_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.checks import CheckedLink

EU, US = "https://eu.example.net", "https://us.example.net"


def numbers(expected: int, **more: int) -> Numbers:
    checked = sum(count for name, count in more.items() if name in {each.value for each in Verdict})
    found: dict[str, Any] = dict.fromkeys((*(each.value for each in Verdict), "not_yet", "missing_at_most"), 0)
    return {**found, "expected": expected, "checked": checked, **more}  # type: ignore[typeddict-item]


def result(total: Numbers, *, sampled: bool = False) -> CheckResult:
    return {
        "ok": True,
        "confidence": 0.99,
        "check": 1,
        "begun_at": "2026-03-01T12:00:00.000000Z",
        "ended_at": "2026-03-01T12:10:00.000000Z",
        "sampled": sampled,
        "max_missing": 0.01,
        "total": total,
        "pairs": [],
    }


@pytest.mark.parametrize(
    ("said", "total", "sampled"),
    [
        ("All 2,000 links were checked: 2,000 found", numbers(2000, found=2000), False),
        (
            "All 2,000 links were checked: 1,996 found, 3 missing, 1 stale, 6 of those found there more than once",
            numbers(2000, found=1990, duplicate=6, missing=3, stale=1),
            False,
        ),
        ("The one link was checked: 0 found, 1 missing", numbers(1, missing=1), False),
        (
            "With 99 % confidence at most 43 of 2,000 links are missing. Checked: 300, 298 found, 2 missing",
            numbers(2000, found=298, missing=2, missing_at_most=43),
            True,
        ),
        (
            "Only 700 of 2,000 links were checked: 690 found, 10 unanswered",
            numbers(2000, found=690, unanswered=10),
            False,
        ),
        ("All 500 links were checked: 500 found", numbers(2000, found=500, not_yet=1500), False),
        (
            "Nothing was checked: the jobs for all 2,000 links are not complete",
            numbers(2000, not_yet=2000),
            False,
        ),
        ("The census has no links between these instances", numbers(0), False),
    ],
)
def test_a_check_is_one_sentence(said: str, total: Numbers, sampled: bool) -> None:
    assert summary_of(result(total, sampled=sampled)) == said


@pytest.mark.parametrize(("share", "said"), [(0.99, "99 %"), (0.999, "99.9 %"), (0.01, "1 %"), (0.29, "29 %")])
def test_a_share_is_a_percentage(share: float, said: str) -> None:
    assert percent(share) == said


def test_the_findings_are_a_table_that_no_spreadsheet_takes_for_formulas() -> None:
    text = findings_csv(
        [
            CheckedLink("https://jira.example.com", EU, US, "A-1", "C-7", Verdict.MISSING, "=HYPERLINK(1)", f"{US}/x"),
            CheckedLink("https://jira.example.com", EU, US, "A-2", "C-8", Verdict.FOUND, 'a, "b"', f"{US}/y", "-note"),
        ],
        {EU: "eu"},
    )
    head, *rows = csv.reader(io.StringIO(text))
    assert tuple(head) == COLUMNS
    assert rows == [
        ["eu", "A-1", "C-7", "missing", "'=HYPERLINK(1)", f"{US}/x", ""],
        ["eu", "A-2", "C-8", "found", 'a, "b"', f"{US}/y", "'-note"],
    ]
