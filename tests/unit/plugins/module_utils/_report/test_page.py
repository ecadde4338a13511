# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's page as a whole, its matrix and its timeline. How it looks is for the tests in a browser to see."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import Gap
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.elements import tag
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.style import STYLE
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import State
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
    counted,
)


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us", "ap")


@pytest.fixture
def pair(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us")


# -- The page


def test_it_is_a_whole_page_in_unicode_that_fits_a_telephone(pair: ReportHarness) -> None:
    page = Page(pair)
    assert page.source.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert page.one("meta[@charset]").get("charset") == "utf-8"
    assert page.one("meta[@name='viewport']").get("content") == "width=device-width, initial-scale=1"


def test_a_browser_is_told_to_load_nothing_and_to_run_nothing(pair: ReportHarness) -> None:
    policy = Page(pair).one("meta[@http-equiv='Content-Security-Policy']").get("content")
    assert policy == "default-src 'none'; style-src 'unsafe-inline'"


def test_it_is_called_by_its_wave_and_says_of_when_it_is(pair: ReportHarness) -> None:
    pair.orders = [pair.order("eu", wave="spring"), pair.order("us", wave="spring")]
    page = Page(pair)
    assert page.text("title") == page.text("h1") == "Link updates, wave spring"
    assert page.texts("p")[0] == (
        "As of 2026-03-01 12:00Z, 2 instances, from the ledger alone. All data: report.csv, report.json"
    )
    assert ", 2 instances. All" in Page(pair, pair.run()).texts("p")[0]


def test_all_that_it_marks_has_a_look(harness: ReportHarness) -> None:
    harness.orders = [*harness.orders[:2], harness.order("ap", destinations=["eu"])]
    harness.links = counted({"eu -> us": 5}, Gap("https://jira.example.com", "it is not complete", "run again"))
    page = Page(harness, everything(harness), stand_in_url="http://127.0.0.1:1")
    used = {name for element in page.root.iter() for name in element.get("class", "").split()}
    with_a_look = set(re.findall(r"\.([a-z][a-z_-]*)", STYLE))
    assert page.text("style") == STYLE.strip()
    assert used <= with_a_look


def test_its_sections_come_in_the_order_of_their_urgency(harness: ReportHarness) -> None:
    assert Page(harness, everything(harness)).headings == [
        "Progress by site",
        "What needs attention",
        "The federation",
        "All jobs",
        "Timeline",
        "Application links to authorize",
        "Variables of the run",
    ]


def test_sections_of_what_there_is_not_are_left_out(pair: ReportHarness) -> None:
    pair.orders = [pair.order("eu", recreate_as_remote=False)]
    assert Page(pair).headings == ["Progress by site", "The federation", "All jobs", "Variables of the run"]


# -- The summary


@pytest.mark.parametrize(
    ("statuses", "kind", "headline"),
    [
        (("COMPLETE",), "complete", "\N{CHECK MARK} Complete: all 2 jobs"),
        ((), "failed", "! 0 of 2 jobs complete"),
        (("ERROR",), "failed", "! 2 failed, 0 of 2 jobs complete"),
    ],
)
def test_the_verdict_is_told_with_a_headline_and_marked(
    pair: ReportHarness, statuses: tuple[str, ...], kind: str, headline: str
) -> None:
    jobs = {label: {"job": pair.job(label.replace("_", " -> "), *statuses)} for label in ("eu_us", "us_eu")}
    run = pair.run(**jobs)
    verdict = Page(pair, run).one("*[@id='verdict']")
    assert verdict.get("class") == f"verdict {kind}"
    assert [text_of(each) for each in verdict] == [headline, run["verdict"]["message"]]


def test_a_rehearsal_is_called_one_and_nothing_else_is(pair: ReportHarness) -> None:
    said = "\N{WARNING SIGN} A rehearsal. Nothing of this has happened at any site."
    assert Page(pair, stand_in_url="http://127.0.0.1:1").text("p[@class='verdict held']") == said
    assert said not in Page(pair).source


def test_the_other_files_are_a_click_away(pair: ReportHarness) -> None:
    assert [each.get("href") for each in Page(pair).all("p/a")] == ["report.csv", "report.json"]


# -- The matrix


def test_each_cell_tells_the_state_of_its_pair_and_how_long_its_job_took(harness: ReportHarness) -> None:
    harness.orders = [*harness.orders[:2], harness.order("ap", destinations=["eu"])]
    assert Page(harness, everything(harness)).cells() == [
        [
            ("self", "·", ""),
            ("failed", "✕ failed 4m00s", "eu -> us, failed, 4m00s"),
            ("held", "‖ on hold", "eu -> ap, on hold"),
        ],
        [
            ("complete", "✓ complete 2m00s", "us -> eu, complete, 2m00s"),
            ("self", "·", ""),
            ("running", "► running 2m00s", "us -> ap, running, 2m00s"),
        ],
        [
            ("other", "? THINKING 1m00s", "ap -> eu, THINKING, 1m00s"),
            ("absent mute", "\N{EN DASH} not scheduled", "ap -> us, not scheduled, not in this run"),
            ("self", "·", ""),
        ],
    ]


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        ("PENDING", "waiting", "○ waiting 1m00s"),
        ("BACKUP", "backup", "▣ backup 1m00s"),
        ("RETRY", "retry", "↻ retrying 1m00s"),
    ],
)
def test_a_job_that_has_not_ended_has_a_shape_and_a_word_for_its_status(
    pair: ReportHarness, status: str, kind: str, words: str
) -> None:
    job = pair.job("eu -> us", status)
    assert Page(pair, pair.run(eu_us={"job": job})).cells()[0][1][:2] == (kind, words)


def test_an_attempt_that_is_not_the_first_one_is_counted(pair: ReportHarness) -> None:
    pair.job("eu -> us", "ERROR")
    job = pair.job("eu -> us", "COMPLETE", attempt=2)
    assert Page(pair, pair.run(eu_us={"job": job})).cells()[0][1] == (
        "complete",
        "✓ complete 1m00s attempt 2",
        "eu -> us, complete, 1m00s, attempt 2",
    )


def test_a_cell_without_words_leaves_the_attempt_to_its_title(tmp_path: Path) -> None:
    harness = of_many(tmp_path, 9)
    harness.job("site0 -> site1", "ERROR")
    job = harness.job("site0 -> site1", "COMPLETE", attempt=2)
    cell = Page(harness, harness.run(site0_site1={"job": job})).cells()[0][1]
    assert cell == ("complete", "✓ 1m00s", "site0 -> site1, complete, 1m00s, attempt 2")


def test_a_pair_without_a_job_says_why_in_a_word(pair: ReportHarness) -> None:
    pair.claim("us -> eu")
    pair.orders = pair.orders[:1]
    assert Page(pair, pair.run(eu_us={"failure": REFUSED})).cells() == [
        [("self", "·", ""), ("failed", "✕ failed", "eu -> us, failed")],
        [("waiting mute", "→ being sent", "us -> eu, being sent, not in this run"), ("self", "·", "")],
    ]


def test_rows_and_columns_are_named(pair: ReportHarness) -> None:
    page = Page(pair)
    assert page.texts("*[@id='matrix']//th[@scope='col']") == ["eu", "us"]
    assert page.texts("*[@id='matrix']//th[@scope='row']") == ["eu", "us"]
    assert [text_of(each) for each in page.one("*[@id='matrix']/table/thead/tr")] == ["", "eu", "us"]
    assert "Rows: whose links are updated. Columns: where they point to." in page.texts("p[@class='faint']")


@pytest.mark.parametrize(
    ("count", "look", "words"),
    [(8, "matrix", ["✓ complete", "? THINKING", "► running"]), (9, "matrix dense", ["✓", "?", "►"])],
)
def test_many_instances_get_shapes(tmp_path: Path, count: int, look: str, words: list[str]) -> None:
    harness = of_many(tmp_path, count)
    seen = {"site1": "COMPLETE", "site2": "THINKING", "site3": "IN_PROGRESS"}
    jobs = {f"site0_{name}": {"job": harness.job(f"site0 -> {name}", status)} for name, status in seen.items()}
    page = Page(harness, harness.run(**jobs))
    table = page.one("*[@id='matrix']/table")
    assert table.get("class") == look
    assert [text_of(each) for each in table.findall("./tbody/tr[1]/td/b")[:3]] == words
    assert page.cells()[0][3][2].startswith("site0 -> site3, running, "), "the title has the word"
    assert page.texts("p[@id='legend']/span") == ["\N{EN DASH} not scheduled", "? THINKING", "► running", "✓ complete"]


SEVERAL = (
    "Where a destination has several origins, a pair has a job for each. Its cell shows the worst of them, and how "
    "many are like that. Point at a cell to read of each."
)


def test_the_cell_of_several_origins_shows_the_worst_of_them_and_its_title_each(pair: ReportHarness) -> None:
    page = Page(pair, merged(pair))
    title = (
        "eu -> us\nfrom jira.example.com: complete, 2m00s\nfrom old.example.com: failed, 2m00s\n"
        "from third.example.com: failed, 1m00s"
    )
    assert page.cells()[0] == [("self", "·", ""), ("failed", "✕ failed 2 of 3", title)]
    assert page.cells()[1][0] == ("absent", "\N{EN DASH} not scheduled", "us -> eu, not scheduled")
    assert page.text("p[@id='several']") == SEVERAL


def test_where_no_destination_has_several_origins_the_page_does_not_speak_of_that(pair: ReportHarness) -> None:
    assert not Page(pair).all("p[@id='several']")


@pytest.mark.parametrize(
    ("fates", "shown"),
    [
        ((State.COMPLETE, State.OPEN), ("running", "► running 1 of 2")),
        ((State.OPEN, State.ABSENT), ("absent", "\N{EN DASH} not scheduled 1 of 2")),
        ((State.ABSENT, State.HELD), ("held", "‖ on hold 1 of 2")),
        ((State.ERROR, State.HELD), ("failed", "✕ failed 1 of 2")),
        ((State.ERROR, State.FAILED), ("failed", "✕ failed 2 of 2")),
        ((State.COMPLETE, State.COMPLETE), ("complete", "✓ complete 2 of 2")),
    ],
)
def test_what_most_needs_a_person_is_the_worst(
    pair: ReportHarness, fates: tuple[State, ...], shown: tuple[str, str]
) -> None:
    pair.change("us", migrated_from=["https://jira.example.com", "https://old.example.com"])
    statuses = {State.COMPLETE: "COMPLETE", State.OPEN: "IN_PROGRESS", State.ERROR: "ERROR"}
    others: dict[State, Any] = {State.ABSENT: {}, State.HELD: {"held": HELD}, State.FAILED: {"failure": REFUSED}}
    labels = ["eu -> us (from jira.example.com)", "eu -> us (from old.example.com)"]
    became = {
        label: {"job": pair.job(label, statuses[fate])} if fate in statuses else others[fate]
        for label, fate in zip(labels, fates, strict=True)
    }
    assert Page(pair, pair.run(**became)).cells()[0][1][:2] == shown


def test_each_origin_has_its_own_line_of_the_timeline(pair: ReportHarness) -> None:
    page = Page(pair, merged(pair))
    labels = [f"eu -> us (from {name}.example.com)" for name in ("old", "third", "jira")]
    assert [text_of(each[0])[2:] for each in page.all("*[@id='timeline']/div/div")] == labels
    assert page.one("*[@id='timeline']/div").get("class") == "long"


def test_where_labels_have_no_origins_the_timeline_leaves_more_room_for_its_bars(pair: ReportHarness) -> None:
    pair.job("eu -> us")
    assert Page(pair).one("*[@id='timeline']/div").get("class") is None


# -- The timeline


def test_each_job_has_a_line_and_what_failed_comes_first(harness: ReportHarness) -> None:
    harness.orders = [*harness.orders[:2], harness.order("ap", destinations=["eu"])]
    harness.links = counted({"eu -> us": 5}, Gap("https://jira.example.com", "it is not complete", "run again"))
    page = Page(harness, everything(harness))
    lines = page.all("*[@id='timeline']/div/div[@class='line']")
    told = [[(text_of(part), part.get("title")) for part in line.findall("span")] for line in lines]
    assert told == [
        [
            ("✕ eu -> us", "eu -> us, failed, job job 1 of eu -> us"),
            ("waiting 1m00s, backup 1m00s, running 2m00s", None),
        ],
        [("✓ us -> eu", "us -> eu, complete, job job 1 of us -> eu"), ("waiting 1m00s, running 1m00s", None)],
        [("► us -> ap", "us -> ap, running, job job 1 of us -> ap"), ("waiting 1m00s, running 1m00s", None)],
        [("? ap -> eu", "ap -> eu, THINKING, job job 1 of ap -> eu"), ("waiting 1m00s", None)],
    ]


def test_the_timeline_says_of_when_it_is_and_what_its_colours_mean(pair: ReportHarness) -> None:
    pair.job("eu -> us", "IN_PROGRESS", "COMPLETE")
    pair.clock.sleep(3600)
    page = Page(pair)
    (key,) = [each for each in page.all("p[@class='faint legend']") if each.get("id") != "legend"]
    assert text_of(key) == (
        "2026-03-01 12:00:00Z to 2026-03-01 12:02:00Z, as it was seen. waitingbackuprunningretrying"
    )
    colours = [each.get("class") for each in key.findall("span/i")]
    assert colours == ["bar waiting", "bar backup", "bar running", "bar retry"]


def test_the_bars_of_a_job_lie_where_its_time_was(pair: ReportHarness) -> None:
    pair.job("eu -> us", "IN_PROGRESS", "THINKING", "COMPLETE")
    pair.clock.sleep(60)
    pair.job("us -> eu")
    pair.clock.sleep(60)
    tracks = Page(pair).all("*[@id='timeline']/div/div/div[@class='track']")
    assert [
        [(stripe.get("class"), stripe.get("style"), stripe.get("title")) for stripe in track] for track in tracks
    ] == [
        [
            ("bar waiting", "left:0.00%;width:20.00%", "PENDING 1m00s"),
            ("bar running", "left:20.00%;width:20.00%", "IN_PROGRESS 1m00s"),
            ("bar other", "left:40.00%;width:20.00%", "THINKING 1m00s"),
        ],
        [("bar waiting", "left:80.00%;width:20.00%", "PENDING 1m00s")],
    ]


def test_a_job_of_this_very_moment_has_a_bar_as_well(pair: ReportHarness) -> None:
    pair.job("eu -> us")
    stripe = Page(pair).one("*[@id='timeline']/div/div/div/i")
    assert stripe.get("style") == "left:0.00%;width:0.00%"


@pytest.mark.parametrize(("count", "folded"), [(60, False), (61, True)])
def test_a_timeline_of_more_than_sixty_jobs_is_folded_away(tmp_path: Path, count: int, folded: bool) -> None:
    harness = of_many(tmp_path, 9)
    for label in labels_of(harness)[:count]:
        harness.job(label)
    page = Page(harness)
    assert len(page.all("*[@id='timeline']//div[@class='line']")) == count
    assert page.texts("*[@id='timeline']/div[@class='fold']/label") == ([f"show {count} jobs"] if folded else [])


# -- The rest


def test_the_variables_are_shown_as_they_would_be_written(pair: ReportHarness) -> None:
    page = Page(pair, settings={"link_update_poll_min": 2.5, "link_update_group": "größte"})
    rows = {text_of(row[0]): text_of(row[1]) for row in page.all("*[@id='settings']/div[@class='fold']/dl/div")}
    assert rows["link_update_poll_min"] == "2.5"
    assert rows["link_update_group"] == '"größte"'
    assert len(page.all("*[@id='settings']//code")) == len(rows)


def test_a_character_that_cannot_be_seen_is_shown_as_what_it_is() -> None:
    element = tag("p", "one\ntwo\x00", tag("b", "three\x1b"), "four\u202e", "five")
    assert (element.text, element[0].text, element[0].tail) == ("one\ntwo\\x00", "three\\x1b", "four\\u202efive")
    assert tag("p", "one", " two").text == "one two"
