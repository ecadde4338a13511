# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links that were counted, in the report: on its page, in its data and in its table."""

from __future__ import annotations

from datetime import datetime, timezone
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import CountedLinks, Gap
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.pages import (
    Page,
    merged,
    of_many,
    text_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    ReportHarness,
    by_label,
    counted,
)

HEADING = "Links between the instances"
GAP = Gap("https://jira.example.com", "census 4 is not complete: 1 project unread (ABC)", "Run again")
SYMMETRIC = {"eu -> us": 12345, "us -> eu": 12345, "eu -> ap": 0, "ap -> eu": 0}


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us", "ap")


def rows_of(page: Page) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for row in page.all("*[@id='links']/table//tr")]


def notes_of(page: Page) -> list[str]:
    """What is said of each source."""
    return page.texts("*[@id='census']//p")


def test_where_nobody_has_counted_there_is_no_such_section(harness: ReportHarness) -> None:
    page = Page(harness, harness.run())
    assert HEADING not in page.headings
    report = harness.reported(harness.run())
    assert report["census"] == {"counts": [], "not_counted": []}
    assert {each["links"] for each in report["updates"]} == {None}


def test_the_links_of_each_pair_are_in_a_matrix_with_the_sum_of_each_row(harness: ReportHarness) -> None:
    harness.links = counted(SYMMETRIC)
    page = Page(harness, harness.run())
    assert page.headings.index(HEADING) == page.headings.index("The federation") + 1
    assert rows_of(page) == [
        ["", "eu", "us", "ap", "all"],
        ["eu", "·", "12,345", "0", "12,345"],
        ["us", "12,345", "·", "?", "12,345+?"],
        ["ap", "0", "?", "·", "0+?"],
    ]
    (said,) = [text for text in page.texts("p") if text.startswith("How many remote links")]
    assert said.endswith("In all: 24,690+?. 2 of 6 pairs have none. Links in texts are not counted. ?: not counted.")


def test_what_the_federation_shows_of_a_pair_has_its_links_as_well(harness: ReportHarness) -> None:
    harness.links = counted(SYMMETRIC)
    titles = [title for row in Page(harness, harness.run()).cells() for _class, _text, title in row]
    assert titles[1:3] == ["eu -> us, not scheduled, 12,345 links", "eu -> ap, not scheduled, 0 links"]
    assert titles[5] == "us -> ap, not scheduled"


def test_of_a_pair_with_several_origins_the_cell_has_the_sum_and_its_title_each(tmp_path: Path) -> None:
    pair = ReportHarness(tmp_path, "eu", "us")
    run = merged(pair)
    pair.links = counted(
        {"eu -> us (from jira.example.com)": 1200, "eu -> us (from old.example.com)": 34, "us -> eu": 1200}
    )
    page = Page(pair, run)
    assert rows_of(page)[1] == ["eu", "·", "1,234+?", "1,234+?"]
    (cell,) = [each for each in page.all("*[@id='links']//td") if each.get("title", "").startswith("eu -> us")]
    assert cell.get("title") == "eu -> us: 1,234+? links (1,200 + 34 + ?)"


def test_two_copies_of_one_server_are_one_source_in_the_sum(tmp_path: Path) -> None:
    pair = ReportHarness(tmp_path, "eu", "us")
    copies = [{"url": f"https://{name}.example.com", "override": "https://jira.example.com"} for name in ("one", "two")]
    pair.change("us", migrated_from=copies)
    labels = [desired.label for desired in pair.settings().specs[0].desired]
    pair.links = counted({**dict.fromkeys(labels, 7), "us -> eu": 7})
    assert len(labels) == 2
    assert rows_of(Page(pair, pair.run()))[1] == ["eu", "·", "7", "7"]


def test_of_very_many_instances_each_has_its_sum_and_the_pairs_with_links(tmp_path: Path) -> None:
    harness = of_many(tmp_path, 25)
    names = [f"site{number}" for number in range(25)]
    harness.links = counted(
        {f"{one} -> {two}": 0 if "site3" in (one, two) else 10 for one, two in permutations(names, 2)}
    )
    rows = rows_of(Page(harness, harness.run()))
    assert rows[:2] == [["Instance", "Links", "Pairs with links", "without"], ["site0", "230", "23", "1"]]
    assert rows[4] == ["site3", "0", "0", "24"]
    assert len(rows) == 26


def test_the_time_of_the_census_stands_beside_the_ends_of_the_migrations(harness: ReportHarness) -> None:
    ends = {"eu": 20, "us": 20, "ap": 28}
    migrations: dict[str, Any] = {
        name: datetime(2026, 2, day, 9, 30, tzinfo=timezone.utc) for name, day in ends.items()
    }
    harness.links = counted(SYMMETRIC, migrations={**migrations, "au": None})
    page = Page(harness, harness.run())
    assert notes_of(page) == [
        "24,690 remote links by census 3, complete as this account sees it. Counted 2026-02-28 09:00Z in 41m00s, read "
        "from https://jira.example.com.",
        "Migrated before the census: 2026-02-20 (eu, us). Links that were added after the migration are in the "
        "numbers, but are not expected on the site.",
        "Migrated after the census: 2026-02-28 (ap). Links that were added in between are not in the numbers.",
        "End of the migration unknown: au. Set link_update_migrated_at.",
    ]


def test_what_the_database_says_is_exact(harness: ReportHarness) -> None:
    harness.links = counted(SYMMETRIC, read_from="/srv/links.csv")
    said = notes_of(Page(harness, harness.run()))[0]
    exact = "24,690 remote links by census 3, exact. "
    assert said == f"{exact}Counted 2026-02-28 09:00Z in 41m00s, read from /srv/links.csv."
    assert harness.reported(harness.run())["census"]["counts"][0]["exact"] is True


@pytest.mark.parametrize("links", [counted(SYMMETRIC, GAP), CountedLinks(gaps=(GAP,))], ids=["older", "none"])
def test_what_is_missing_is_said_with_what_to_do(harness: ReportHarness, links: CountedLinks) -> None:
    harness.links = links
    page = Page(harness, harness.run())
    assert page.texts("*[@id='not-counted']//li") == ["Census 4 is not complete: 1 project unread (ABC). Run again"]
    assert bool(page.all("*[@id='links']")) is bool(links.counts)


def test_the_data_and_the_table_have_the_links(harness: ReportHarness) -> None:
    harness.links = counted(SYMMETRIC, GAP, migrations={"us": None, "eu": datetime(2026, 2, 20, tzinfo=timezone.utc)})
    report = harness.reported(harness.run())
    assert report["census"] == {
        "counts": [
            {
                "source": "https://jira.example.com",
                "read_from": "https://jira.example.com",
                "exact": False,
                "generation": 3,
                "begun_at": "2026-02-28T09:00:00.000000Z",
                "ended_at": "2026-02-28T09:41:00.000000Z",
                "links": 24690,
                "migrations": [
                    {"instance": "eu", "migrated_at": "2026-02-20T00:00:00.000000Z"},
                    {"instance": "us", "migrated_at": None},
                ],
            }
        ],
        "not_counted": [{"source": GAP.source, "problem": GAP.problem, "remedy": GAP.remedy}],
    }
    links = {label: each["links"] for label, each in by_label(report).items()}
    assert links == {**SYMMETRIC, "us -> ap": None, "ap -> us": None}
    rows = {f"{row['instance']} -> {row['destination']}": row["links"] for row in harness.rows()}
    assert rows == {label: "" if number is None else str(number) for label, number in links.items()}
