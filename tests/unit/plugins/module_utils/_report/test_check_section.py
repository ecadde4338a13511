# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check has found, on the report's page and on a page of its own."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import CountedLinks
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.verdicts import Verdict
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.check_page import CheckReport, check_html
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.files import write_check
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.checks import CheckedLink, PastCheck
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.checked import check_of
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.pages import (
    Page,
    Reader,
    text_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import ReportHarness

HEADING = "Check of the links"
NAMES = ["eu", "us", "ap"]
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
PAIRS = {
    "eu -> us": {"expected": 2000, "missing": 2, "stale": 1, "duplicate": 4},
    "us -> eu": {"expected": 0},
    "eu -> ap": {"expected": 56, "not_yet": 56},
    "ap -> eu": {"expected": 1500, "not_yet": 12},
}


class CheckPage:
    """The page of a check, as its readers see it."""

    def __init__(self, report: CheckReport) -> None:
        self.source = check_html(report)
        self.root = Reader(self.source).root

    def texts(self, path: str) -> list[str]:
        return [text_of(each) for each in self.root.findall(f".//{path}")]

    def rows(self, name: str) -> list[list[str]]:
        return [[text_of(cell) for cell in row] for row in self.root.findall(f".//*[@id='{name}']//tr")]


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, *NAMES)


def link(number: int = 1, verdict: Verdict = Verdict.MISSING, **more: Any) -> CheckedLink:
    sites = "https://jira.example.com", "https://eu.example.net", "https://us.example.net"
    return CheckedLink(*sites, f"ABC-{number}", f"OPS-{number}", verdict, **more)


def page_of(*findings: CheckedLink, history: tuple[PastCheck, ...] = (), **fields: Any) -> CheckPage:
    result = check_of(["eu", "us"], **fields)
    return CheckPage(CheckReport(result, iter(findings), {"https://eu.example.net": "eu"}, history))


def cells_of(page: Page) -> list[list[tuple[str, str]]]:
    """The class and the words of each cell of the matrix."""
    rows = page.all("*[@id='check']/table/tbody/tr")
    return [[(cell.get("class", ""), text_of(cell, ", ")) for cell in row.findall("td")] for row in rows]


# -- The section of the report


def test_where_nobody_has_checked_there_is_no_such_section(harness: ReportHarness) -> None:
    assert HEADING not in Page(harness, harness.run()).headings
    assert harness.reported(harness.run())["checks"] == {"last": None, "history": []}


def test_each_pair_has_what_was_found_of_it_in_words_and_with_a_shape(harness: ReportHarness) -> None:
    harness.links = CountedLinks(checks=(check_of(NAMES, PAIRS),))
    page = Page(harness, harness.run())
    assert page.headings.index(HEADING) == page.headings.index("The federation") + 1
    assert cells_of(page) == [
        [("self", "·"), ("failed", "✕ 1,997 / 2,000"), ("waiting", "○ not yet")],
        [("self", "0"), ("self", "·"), ("complete", "✓ 40 / 40")],
        [("complete", "✓ 1,488 / 1,488, 12 not yet"), ("complete", "✓ 40 / 40"), ("self", "·")],
    ]
    titles = [cell.get("title") for cell in page.all("*[@id='check']/table/tbody/tr[1]/td")]
    assert titles[1] == (
        "eu -> us: All 2,000 links were checked: 1,997 found, 2 missing, 1 stale, 4 of those found there more than once"
    )
    assert titles[2] == "eu -> ap: the job for 56 links is not complete"


def test_every_head_of_its_tables_says_what_it_is_of(harness: ReportHarness) -> None:
    harness.links = CountedLinks(checks=(check_of(NAMES, PAIRS), check_of(NAMES)))
    page = Page(harness, harness.run())
    heads = [each.get("scope") for name in ("check", "checks") for each in page.all(f"*[@id='{name}']//th")]
    assert set(heads) == {"col", "row"}


def test_it_says_in_words_what_is_missing_what_is_not_checked_yet_and_what_to_do(harness: ReportHarness) -> None:
    harness.links = CountedLinks(checks=(check_of(NAMES, PAIRS),))
    page = Page(harness, harness.run())
    verdict = page.one("*[@id='check-verdict']")
    assert verdict.get("class") == "verdict failed"
    assert [text_of(each) for each in verdict] == [
        "! All 3,568 links were checked: 3,565 found, 2 missing, 1 stale, 4 of those found there more than once",
        "A check of all links. It began 2026-03-01 10:00Z and took 41m00s. Allowed to be missing: none.",
    ]
    assert page.texts("*[@id='check-pairs']/li") == [
        "eu -> us: All 2,000 links were checked: 1,997 found, 2 missing, 1 stale, "
        "4 of those found there more than once",
        "Not yet: 68 links whose jobs are not complete (eu -> ap, ap -> eu)",
    ]
    assert page.texts("*[@id='check-steps']//code") == [
        "ansible-playbook -i INVENTORY jira_cloud.federation.link_update "
        """-e '{"link_update_only": ["eu -> us"]}' -e link_update_force=true""",
        "ansible-playbook -i INVENTORY jira_cloud.federation.link_repair "
        "-e link_repair_findings=link_check_findings.csv",
    ]


def test_of_a_sample_it_says_how_many_may_be_missing(harness: ReportHarness) -> None:
    drawn = {"expected": 2000, "checked": 300, "missing_at_most": 28}
    bad = {"expected": 2000, "checked": 300, "missing": 5, "missing_at_most": 82}
    check = check_of(["eu", "us"], {"eu -> us": drawn, "us -> eu": bad}, sampled=True, max_missing=0.02)
    harness.links = CountedLinks(checks=(check,))
    page = Page(harness, harness.run())
    assert cells_of(page) == [
        [("self", "·"), ("complete", "✓ 300 / 300, at most 28 missing")],
        [("failed", "✕ 295 / 300, at most 82 missing"), ("self", "·")],
    ]
    assert "With 99 % confidence at most 110 of 4,000 links are missing" in page.text("*[@id='check-verdict']/strong")
    assert "A check of a sample." in page.text("*[@id='check-verdict']/p")
    assert page.text("*[@id='check-verdict']/p").endswith("Allowed to be missing: 2 %.")


def test_a_check_that_is_good_needs_nothing_to_be_done(harness: ReportHarness) -> None:
    harness.links = CountedLinks(checks=(check_of(NAMES),))
    page = Page(harness, harness.run())
    assert page.one("*[@id='check-verdict']").get("class") == "verdict complete"
    assert page.text("*[@id='check-verdict']/strong") == "✓ All 240 links were checked: 240 found"
    assert (page.all("*[@id='check-pairs']"), page.all("*[@id='check-steps']"), page.all("*[@id='checks']")) == (
        [],
        [],
        [],
    )


def test_the_checks_so_far_are_a_table_with_a_bar_each_the_newest_first(harness: ReportHarness) -> None:
    missing = [0, 5, 10]
    checks = [
        check_of(["eu", "us"], {"eu -> us": {"missing": count}}, check=3 - index) for index, count in enumerate(missing)
    ]
    harness.links = CountedLinks(checks=tuple(checks))
    page = Page(harness, harness.run())
    assert [[text_of(cell) for cell in row] for row in page.all("*[@id='checks']/table/tbody/tr")] == [
        ["✓ 3", "2026-03-01 10:41Z", "all", "80 / 80", "0", "0"],
        ["✕ 2", "2026-03-01 10:41Z", "all", "75 / 80", "5", "0"],
        ["✕ 1", "2026-03-01 10:41Z", "all", "70 / 80", "10", "0"],
    ]
    assert [each.get("style") for each in page.all("*[@class='bar failed']")] == ["width:50.0%", "width:100.0%"]


def test_of_very_many_checks_the_newest_are_shown_and_only_the_last_has_its_pairs(harness: ReportHarness) -> None:
    harness.links = CountedLinks(checks=tuple(check_of(["eu", "us"], check=100 - each) for each in range(50)))
    checks = harness.reported(harness.run())["checks"]
    assert [each["check"] for each in checks["history"]] == list(range(100, 88, -1))
    assert "pairs" not in checks["history"][0]
    assert checks["last"] == json.loads(json.dumps(check_of(["eu", "us"], check=100)))


def test_a_large_federation_has_sums_and_a_command_that_stays_short(tmp_path: Path) -> None:
    names = [f"site{number:02}" for number in range(30)]
    harness = ReportHarness(tmp_path, *names)
    pairs = {f"site00 -> {other}": {"missing": 1, "missing_at_most": 1} for other in names[1:]}
    harness.links = CountedLinks(checks=(check_of(names, pairs),))
    page = Page(harness, harness.run())
    rows = [[text_of(cell) for cell in row] for row in page.all("*[@id='check']/table//tr")]
    assert rows[:3] == [
        ["Instance", "Found / checked", "Missing at most", "Not yet", "Pairs that miss too many"],
        ["site00", "1,131 / 1,160", "29", "0", "29"],
        ["site01", "1,160 / 1,160", "0", "0", "0"],
    ]
    assert page.texts("*[@id='check-pairs']/li")[-1] == "19 more pairs miss too many links"
    assert page.texts("*[@id='check-steps']//code")[0].endswith("link_update --limit site00 -e link_update_force=true")


# -- A page of its own


def test_the_page_of_a_check_needs_nothing_else_and_names_its_data(harness: ReportHarness) -> None:
    page = page_of()
    assert page.texts("h1") == ["Check 3 of the links"]
    assert [each.get("href") for each in page.root.findall(".//a")] == ["link_check_findings.csv", "link_check.json"]
    assert "default-src 'none'" in page.source
    assert "<script" not in page.source
    assert page.texts("p")[-1] == "None: each link that was checked is there."


def test_each_verdict_that_was_given_is_counted_and_explained() -> None:
    page = page_of(pairs={"eu -> us": {"missing": 3, "target_absent": 1, "duplicate": 2}})
    assert [[row[0], row[1]] for row in page.rows("verdicts")[1:]] == [
        ["✕ missing", "3"],
        ["∅ target absent", "1"],
        ["≡ duplicate", "2"],
        ["✓ found", "74"],
    ]
    assert all(row[2].endswith(".") for row in page.rows("verdicts")[1:])


def test_each_finding_leads_to_its_issues() -> None:
    old = "https://jira.example.com/browse/OPS-2"
    page = page_of(
        link(relationship="blocks"),
        link(2, Verdict.STALE, url=old, note="somebody knows"),
        replace(link(3, Verdict.FOUND, note="another relationship"), product_url="https://xx.example.net"),
    )
    assert page.rows("findings") == [
        ["Instance", "Issue", "Must have a link to", "Verdict", "Relationship", "Note"],
        ["eu", "ABC-1", "OPS-1", "✕ missing", "blocks", ""],
        ["eu", "ABC-2", "OPS-2", "↺ stale", "", f"somebody knows. It leads to {old}"],
        ["https://xx.example.net", "ABC-3", "OPS-3", "✓ found", "", "another relationship"],
    ]
    hrefs = [each.get("href") for each in page.root.findall(".//*[@id='findings']//a")]
    assert hrefs[:2] == ["https://eu.example.net/browse/ABC-1", "https://us.example.net/browse/OPS-1"]


def test_what_others_have_written_is_text_on_the_page() -> None:
    page = page_of(replace(link(relationship="<script>x</script>", note='"><b>'), issue="A-1/../../x?<"))
    assert "<script>x" not in page.source
    assert "/browse/A-1%2F..%2F..%2Fx%3F%3C" in page.source
    assert page.rows("findings")[1][4:] == ["<script>x</script>", '"><b>']


def test_the_checks_before_it_are_on_its_page() -> None:
    history = tuple(PastCheck(number, NOON, NOON, True, check_of(["eu", "us"], check=number)) for number in (2, 1))
    assert [row[0] for row in page_of(history=history).rows("checks")[1:]] == ["✓ 3", "✓ 2", "✓ 1"]


def test_a_rehearsal_is_not_taken_for_the_truth() -> None:
    report = CheckReport(check_of(["eu", "us"]), (), {})
    assert "A rehearsal" not in CheckPage(report).source
    assert "A rehearsal. Nothing of this has happened" in CheckPage(replace(report, is_rehearsal=True)).source


def test_of_very_many_findings_the_page_has_the_first_and_the_table_all(tmp_path: Path) -> None:
    read = 0

    def many() -> Iterator[CheckedLink]:
        nonlocal read
        for read in range(1, 5001):
            yield link(read)

    report = CheckReport(check_of(["eu", "us"]), many(), {"https://eu.example.net": "eu"})
    paths = write_check(report, str(tmp_path / "report"), ROLE)
    assert sorted(paths) == ["findings", "html", "json"]
    assert all(Path(path).stat().st_mode & 0o777 == 0o600 for path in paths.values())
    page = Path(paths["html"]).read_text(encoding="utf-8")
    assert page.count("✕ missing</span>") == 1000
    assert "The first 1,000. " in page
    with Path(paths["findings"]).open(encoding="utf-8", newline="") as file:
        assert [row["issue"] for row in csv.DictReader(file)] == [f"ABC-{number}" for number in range(1, 5001)]
    assert json.loads(Path(paths["json"]).read_text(encoding="utf-8")) == check_of(["eu", "us"])


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": 1, "instances": [{"product_url": "https://x.example.net"}]}']
)
def test_a_file_that_is_no_report_of_these_instances_stays_as_it_is(tmp_path: Path, text: str) -> None:
    (tmp_path / "report.json").write_text(text)
    write_check(CheckReport(check_of(["eu", "us"]), (), {"https://eu.example.net": "eu"}), str(tmp_path), ROLE)
    assert (tmp_path / "report.json").read_text() == text
    assert not (tmp_path / "report.html").exists()
