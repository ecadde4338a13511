# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sections of the report's page that say how it went, and what a person has to do."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.window import RECREATE_WINDOW
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.overdue import OverdueJob
from ansible_collections.jira_cloud.federation.plugins.module_utils._version import VERSION
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.pages import (
    HELD,
    Page,
    everything,
    labels_of,
    merged,
    of_many,
    text_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    REFUSED,
    ReportHarness,
)


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us", "ap")


@pytest.fixture
def pair(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us")


# -- The tiles


def tiles_of(page: Page) -> dict[str, tuple[str, str]]:
    """The value of each tile, and its small text."""
    told = ([text_of(part) for part in tile] for tile in page.one("*[@id='tiles']"))
    return {name: (value, more) for name, value, more in told}


def test_the_tiles_count_the_jobs_and_what_counts_among_them(harness: ReportHarness) -> None:
    tiles = tiles_of(Page(harness, everything(harness)))
    assert {name: tile for name, tile in tiles.items() if " " in name and name[0] not in "TR"} == {
        "✓ complete": ("1", "of 6 jobs"),
        "► running": ("2", "backup: 0, retrying: 0"),
        "✕ failed": ("2", "see below"),
        "○ waiting": ("1", "on hold: 1, not scheduled: 0"),
    }


@pytest.mark.parametrize(
    ("status", "running", "waiting"),
    [("PENDING", 0, 2), ("BACKUP", 1, 1), ("RETRY", 1, 1), ("IN_PROGRESS", 1, 1), ("THINKING", 1, 1)],
)
def test_each_job_is_counted_once(pair: ReportHarness, status: str, running: int, waiting: int) -> None:
    pair.job("eu -> us", status)
    tiles = tiles_of(Page(pair))
    assert [tiles[name][0] for name in ("✓ complete", "► running", "✕ failed", "○ waiting")] == [
        "0",
        str(running),
        "0",
        str(waiting),
    ]


def test_it_says_how_long_the_run_took_and_who_ran_it_with_which_version(pair: ReportHarness) -> None:
    assert "The run took" not in tiles_of(Page(pair))
    tiles = tiles_of(Page(pair, pair.run(), run_by="alice, AWX job 7"))
    assert tiles["The run took"] == (
        "0.0s",
        f"since 2026-03-01 12:00Z, by alice, AWX job 7, with jira_cloud.federation {VERSION}",
    )


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ({}, ("unknown", "Set link_update_migrated_at: links can be recreated for 14 days only")),
        ({"eu": 25, "us": 25}, ("1d01h left", "to recreate links, 2026-03-02 13:00Z")),
        ({"eu": 25, "us": 5}, ("5h00m left", "to recreate links, 2026-03-01 17:00Z (us is the first)")),
        ({"eu": 5}, ("5h00m left", "to recreate links, 2026-03-01 17:00Z")),
        ({"eu": -1}, ("over", "to recreate links, 2026-03-01 11:00Z")),
        ({"eu": 0}, ("over", "to recreate links, 2026-03-01 12:00Z")),
    ],
)
def test_the_deadline_is_that_of_the_first_instance_to_run_out_of_time(
    pair: ReportHarness, ends: dict[str, int], says: tuple[str, str]
) -> None:
    begun = pair.clock.now() - RECREATE_WINDOW
    pair.orders = [
        pair.order(name, migrated_at=(begun + timedelta(hours=ends[name])).isoformat() if name in ends else None)
        for name in ("eu", "us")
    ]
    assert tiles_of(Page(pair))["Deadline"] == says


def test_where_no_links_are_recreated_there_is_no_deadline(pair: ReportHarness) -> None:
    pair.orders = [pair.order("eu", recreate_as_remote=False, migrated_at="2026-02-01")]
    assert "Deadline" not in tiles_of(Page(pair))


# -- The progress of each site


def test_the_progress_of_each_site_is_told_in_words_and_in_a_bar_the_worst_first(harness: ReportHarness) -> None:
    sites = Page(harness, everything(harness)).all("div[@class='site']")
    told = [[text_of(part) for part in site] for site in sites]
    assert [[name, words] for name, _bar, words in told] == [
        ["✕ eu", "0 of 2 complete, 1 failed, 1 on hold"],
        ["✕ ap", "0 of 2 complete, 1 failed, 1 THINKING"],
        ["► us", "1 of 2 complete, 1 running"],
    ]
    bars = [(each.get("class"), each.get("style")) for each in sites[2].iter("i")]
    assert bars == [("bar complete", "width:50.00%"), ("bar running", "width:50.00%")]


def test_of_many_sites_those_that_are_complete_are_on_one_line(tmp_path: Path) -> None:
    harness = of_many(tmp_path, 13)
    jobs = {label: {"job": harness.job(label, "COMPLETE")} for label in labels_of(harness)[:24]}
    page = Page(harness, harness.run(**jobs))
    assert len(page.all("div[@class='site']")) == 11
    assert "✓ 2 sites: all 24 jobs complete (site0, site1)" in page.texts("p")


# -- What needs attention


def cards_of(page: Page) -> dict[str, list[str]]:
    return {text_of(card[0]): [text_of(line) for line in card.iter("li")] for card in page.one("*[@id='attention']")}


def test_a_site_with_problems_has_one_card_with_each_problem_once(harness: ReportHarness) -> None:
    of_instance = Failure("nothing was scheduled, no route to host", Code.UNREACHABLE, "mend the network", about="us")
    wrong = replace(REFUSED, about="eu -> ap")
    page = Page(
        harness,
        harness.run(
            eu_us={"failure": REFUSED},
            eu_ap={"failure": wrong},
            us_eu={"failure": of_instance},
            ap_eu={"job": harness.job("ap -> eu", "ERROR")},
        ),
    )
    cards = cards_of(page)
    assert cards.pop("✕ ap")[0].startswith("1 of 2 jobs (to eu) failed: The job (attempt 1) ended in ERROR")
    assert cards == {
        "✕ eu": ["all 2 jobs failed: The token is wrong"],
        "✕ us": ["1 of 2 jobs (to eu) failed: Nothing was scheduled, no route to host. Mend the network"],
    }


def test_each_origin_of_a_destination_is_named_in_the_card(pair: ReportHarness) -> None:
    (line,) = cards_of(Page(pair, merged(pair)))["✕ eu"]
    assert line.startswith("2 of 3 jobs (to us from old.example.com, us from third.example.com) failed: ")


def test_what_is_on_hold_has_a_card_with_what_to_do(harness: ReportHarness) -> None:
    other = "on hold until the backup that us -> eu ordered is done"
    advice = (
        "Run the same command again: it schedules them when the backup is done. To go on without a backup: "
        "-e link_update_create_backup=never"
    )
    page = Page(harness, harness.run(eu_us={"held": HELD}, eu_ap={"held": HELD}, us_ap={"held": other}))
    assert cards_of(page) == {
        "‖ eu": [f"all 2 jobs on hold: On hold until the backup that eu -> us ordered is done. {advice}"],
        "‖ us": [f"1 of 2 jobs (to ap) on hold: On hold until the backup that us -> eu ordered is done. {advice}"],
    }


def test_a_job_that_is_overdue_has_a_card_with_what_to_do(pair: ReportHarness) -> None:
    late = OverdueJob("eu -> us", 1, "0a1b2c3d.1", 7200.0, None)
    page = Page(pair, pair.run(eu_us={"job": pair.job("eu -> us"), "overdue": late}))
    (line,) = cards_of(page)["○ eu"]
    assert line.startswith("1 of 1 jobs (to us) overdue: PENDING far longer than the others: eu -> us (2h00m,")
    assert line.endswith(late.remedy)


def test_what_is_not_known_of_a_job_is_in_the_card_of_its_site(pair: ReportHarness) -> None:
    trouble = {"job": pair.job("eu -> us"), "trouble": Failure("no route to host", Code.UNREACHABLE)}
    assert cards_of(Page(pair, pair.run(eu_us=trouble))) == {"○ eu": ["eu -> us: status unavailable: no route to host"]}


def test_of_very_many_problems_of_one_site_some_are_told(tmp_path: Path) -> None:
    harness = of_many(tmp_path, 9)
    became = {f"site0_site{each}": {"failure": Failure(f"trouble {each}", Code.UNREACHABLE)} for each in range(1, 9)}
    lines = cards_of(Page(harness, harness.run(**became)))["✕ site0"]
    assert [line.rpartition(" ")[2] for line in lines] == ["1", "2", "3", "4", "5", "jobs"]
    assert lines[-1] == "3 more, see the table of all jobs"


# -- The table of all jobs


def rows_of(page: Page) -> list[list[str]]:
    return [[text_of(cell) for cell in row] for row in page.all("*[@id='jobs']//tbody/tr")]


def test_the_table_has_each_job_the_problems_first_and_then_the_slowest(harness: ReportHarness) -> None:
    page = Page(harness, everything(harness))
    rows = rows_of(page)
    assert [row[:2] for row in rows] == [
        ["eu -> us", "✕ failed"],
        ["ap -> us", "✕ failed"],
        ["eu -> ap", "‖ on hold"],
        ["us -> eu", "✓ complete"],
        ["us -> ap", "► running"],
        ["ap -> eu", "? THINKING"],
    ]
    assert rows[0][2:8] == ["job 1 of eu -> us", "1m00s", "1m00s", "2m00s", "1", "jira.example.com"]
    assert rows[0][8].startswith("The job (attempt 1) ended in ERROR. Run again to retry it")
    assert [row[2:7] for row in rows[1:3]] == [[""] * 5] * 2
    assert [row[8] for row in rows[1:4]] == ["The token is wrong", HELD.replace("on hold", "On hold", 1), ""]
    assert [row.get("class") for row in page.all("*[@id='jobs']//tbody/tr")] == [None] * 3 + ["fine"] * 3


def test_a_job_has_the_origin_that_its_links_have(pair: ReportHarness) -> None:
    rows = {row[1]: row[7] for row in rows_of(Page(pair, merged(pair)))}
    assert rows["✓ complete"] == "jira.example.com"
    assert rows["✕ failed"] in ("old.example.com", "third.example.com")


@pytest.mark.parametrize(("failed", "switch"), [([], 0), (["eu_us"], 1), (["eu_us", "us_eu"], 0)])
def test_the_table_can_be_narrowed_to_problems_where_there_are_some_and_others(
    pair: ReportHarness, failed: list[str], switch: int
) -> None:
    page = Page(pair, pair.run(**{each: {"failure": REFUSED} for each in failed}))
    assert len(page.all("*[@id='only-problems']")) == switch


# -- The application links


def boxes_of(page: Page) -> list[tuple[str, bool]]:
    """The text of each box, and whether it is ticked."""
    labels = page.all("*[@id='app-links']//label")
    ticked = [each.find("input") for each in labels]
    assert all((box.get("checked") is None) == (box.get("disabled") is None) for box in ticked if box is not None)
    return [
        (text_of(label), box is not None and "checked" in box.attrib) for label, box in zip(labels, ticked, strict=True)
    ]


def test_each_application_link_can_be_ticked_off(harness: ReportHarness) -> None:
    harness.orders = [harness.order("eu"), harness.order("us", recreate_as_remote=False)]
    page = Page(harness)
    (row,) = page.all("*[@id='app-links']/table[@class='plain']/tr")
    header, boxes = row
    assert (header.get("scope"), text_of(header, " ")) == ("row", "eu https://eu.example.net")
    (link,) = header.findall("a")
    assert (link.get("href"), link.get("rel")) == ("https://eu.example.net", "noreferrer")
    assert [each.get("title") for each in boxes] == ["https://us.example.net", "https://ap.example.net"]
    assert boxes_of(page) == [("us", False), ("ap", False)]
    (how,) = [text for text in page.texts("p") if text.startswith("Recreating links needs each of them")]
    assert "A ticked box: a job that needs the link is complete." in how


def test_an_application_link_that_a_complete_job_has_used_is_ticked_off(harness: ReportHarness) -> None:
    harness.orders = [harness.order("eu"), harness.order("us")]
    became: dict[str, Any] = {
        "eu_us": {"job": harness.job("eu -> us", "COMPLETE")},
        "eu_ap": {"job": harness.job("eu -> ap", "ERROR")},
        "us_eu": {"job": harness.job("us -> eu", "COMPLETE")},
        "us_ap": {"job": harness.job("us -> ap", "COMPLETE")},
    }
    page = Page(harness, harness.run(**became))
    assert boxes_of(page) == [("us used", True), ("ap", False), ("all 2 other instances 2 used", True)]


def test_a_regular_update_that_is_complete_says_nothing_of_its_application_link(harness: ReportHarness) -> None:
    harness.orders = [harness.order("eu"), harness.order("us")]
    job = harness.job("eu -> us", "COMPLETE", recreate_as_remote=False)
    assert ("us", False) in boxes_of(Page(harness, harness.run(eu_us={"job": job})))
