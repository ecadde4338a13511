# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's page: what it says in which place. How it looks is for the tests in a browser to see."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.window import RECREATE_WINDOW
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.elements import tag
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.style import STYLE
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import State
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    REFUSED,
    ReportHarness,
)

#: Elements of HTML that have no end.
VOID = ("meta", "br", "input")
HELD = "on hold until the backup that eu -> us ordered is done"


class Reader(HTMLParser):
    """Reads a page into a tree."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._tree = TreeBuilder()
        self.feed(page.removeprefix("<!DOCTYPE html>\n").rstrip())
        self.root = self._tree.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self._tree.end(tag)

    def handle_endtag(self, tag: str) -> None:
        self._tree.end(tag)

    def handle_data(self, data: str) -> None:
        self._tree.data(data)


class Page:
    """A page, as its readers see it."""

    def __init__(self, harness: ReportHarness, run: Any = None, **options: Any) -> None:
        harness.reported(run, **options)
        self.source = harness.text("html")
        self.root = Reader(self.source).root

    def all(self, path: str) -> list[Element]:
        return self.root.findall(f".//{path}")

    def one(self, path: str) -> Element:
        (found,) = self.all(path)
        return found

    def texts(self, path: str) -> list[str]:
        return [text_of(each) for each in self.all(path)]

    def text(self, path: str) -> str:
        return text_of(self.one(path))

    @property
    def headings(self) -> list[str]:
        return self.texts("h2")

    def cells(self) -> list[list[tuple[str, str, str]]]:
        """The class, the words and the title of each cell of the matrix."""
        return [
            [(cell.get("class", ""), text_of(cell, " "), cell.get("title", "")) for cell in row.findall("td")]
            for row in self.all("*[@id='matrix']/table/tbody/tr")
        ]


def text_of(element: Element, between: str = "") -> str:
    return between.join(element.itertext()).strip()


@pytest.fixture
def harness(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us", "ap")


@pytest.fixture
def pair(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us")


def of_many(folder: Path, count: int) -> ReportHarness:
    return ReportHarness(folder, *(f"site{number}" for number in range(count)))


def labels_of(harness: ReportHarness) -> list[str]:
    return [desired.label for spec in harness.settings().specs for desired in spec.desired]


def everything(harness: ReportHarness) -> Any:
    """A run in which a bit of everything happens."""
    jobs = {
        "eu_us": ("BACKUP", "IN_PROGRESS", "RETRY", "ERROR"),
        "us_eu": ("IN_PROGRESS", "COMPLETE"),
        "us_ap": ("IN_PROGRESS",),
        "ap_eu": ("THINKING",),
    }
    run: dict[str, Any] = {name: {"job": harness.job(name.replace("_", " -> "), *seen)} for name, seen in jobs.items()}
    return harness.run(**run, eu_ap={"held": HELD}, ap_us={"failure": REFUSED})


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
    assert page.texts("p")[0] == "As of 2026-03-01 12:00Z, 2 instances"


def test_all_that_it_marks_has_a_look(harness: ReportHarness) -> None:
    harness.orders = [*harness.orders[:2], harness.order("ap", destinations=["eu"])]
    page = Page(harness, everything(harness), stand_in_url="http://127.0.0.1:1")
    used = {name for element in page.root.iter() for name in element.get("class", "").split()}
    with_a_look = set(re.findall(r"\.([a-z][a-z_-]*)", STYLE))
    assert page.text("style") == STYLE.strip()
    assert used - with_a_look == {"absent", "broken", "other"}, "these look like all the rest of their kind"


def test_its_sections_come_in_the_order_of_their_urgency(harness: ReportHarness) -> None:
    assert Page(harness, everything(harness)).headings == [
        "What needs attention",
        "The federation",
        "Timeline",
        "Application links to authorize",
        "Variables of the run",
    ]


def test_sections_of_what_there_is_not_are_left_out(pair: ReportHarness) -> None:
    pair.orders = [pair.order("eu", recreate_as_remote=False)]
    assert Page(pair).headings == ["The federation", "Variables of the run"]


# -- The summary


@pytest.mark.parametrize(("statuses", "kind"), [(("COMPLETE",), "verdict ok"), ((), "verdict not-ok")])
def test_the_verdict_is_told_and_marked(pair: ReportHarness, statuses: tuple[str, ...], kind: str) -> None:
    jobs = {label: {"job": pair.job(label.replace("_", " -> "), *statuses)} for label in ("eu_us", "us_eu")}
    run = pair.run(**jobs)
    verdict = Page(pair, run).one("*[@id='verdict']")
    assert (text_of(verdict), verdict.get("class")) == (run["verdict"]["message"], kind)


def test_a_rehearsal_is_called_one_and_nothing_else_is(pair: ReportHarness) -> None:
    said = "A rehearsal: nothing of this has happened at any site."
    assert Page(pair, stand_in_url="http://127.0.0.1:1").text("p[@class='verdict rehearsal']") == said
    assert said not in Page(pair).source


@pytest.mark.parametrize(
    ("ends", "says"),
    [
        ({}, "Links can be recreated for two weeks after the migration; when it ended was not given."),
        ({"eu": 25, "us": 25}, "Links can be recreated until 2026-03-02 13:00Z: 1d01h left."),
        ({"eu": 25, "us": 5}, "Links can be recreated until 2026-03-01 17:00Z (us is the first): 5h00m left."),
        ({"eu": 5}, "Links can be recreated until 2026-03-01 17:00Z: 5h00m left."),
        ({"eu": -1}, "Links could be recreated until 2026-03-01 11:00Z: over."),
        ({"eu": 0}, "Links could be recreated until 2026-03-01 12:00Z: over."),
    ],
)
def test_the_time_that_is_left_to_recreate_links_is_that_of_the_first_to_run_out_of_it(
    pair: ReportHarness, ends: dict[str, int], says: str
) -> None:
    begun = pair.clock.now() - RECREATE_WINDOW
    pair.orders = [
        pair.order(name, migrated_at=(begun + timedelta(hours=ends[name])).isoformat() if name in ends else None)
        for name in ("eu", "us")
    ]
    assert Page(pair).text("*[@id='window']") == says


def test_where_no_links_are_recreated_there_is_no_time_for_that(pair: ReportHarness) -> None:
    pair.orders = [pair.order("eu", recreate_as_remote=False, migrated_at="2026-02-01")]
    assert not Page(pair).all("*[@id='window']")


# -- What needs attention


def test_each_failure_has_a_card_that_names_its_pair_once(pair: ReportHarness) -> None:
    of_instance = Failure("nothing was scheduled, no route to host", Code.UNREACHABLE, "mend the network", about="us")
    page = Page(pair, pair.run(eu_us={"failure": REFUSED}, us_eu={"failure": of_instance}))
    assert page.texts("div[@class='card broken']") == [
        "eu -> us The token is wrong.",
        "us -> eu Nothing was scheduled, no route to host. Mend the network.",
    ]


@pytest.mark.parametrize(("failed", "folded"), [(20, 0), (21, 1), (30, 10)])
def test_beyond_twenty_failures_the_others_are_folded_away(tmp_path: Path, failed: int, folded: int) -> None:
    harness = of_many(tmp_path, 6)
    pairs = [label.replace(" -> ", "_") for label in labels_of(harness)]
    page = Page(harness, harness.run(**{pair: {"failure": REFUSED} for pair in pairs[:failed]}))
    assert len(page.all("div[@class='card broken']")) == failed
    assert len(page.all("details/div[@class='card broken']")) == folded
    assert page.texts("details/summary") == ([f"{folded} more"] if folded else [])


def test_what_is_held_back_for_one_reason_has_one_card_with_what_to_do(harness: ReportHarness) -> None:
    other = "on hold until the backup that us -> eu ordered is done"
    page = Page(harness, harness.run(eu_us={"held": HELD}, eu_ap={"held": HELD}, us_ap={"held": other}))
    advice = (
        "A rerun takes up the backup, or orders another one if it was not made; with link_update_create_backup set to "
        "never, it goes on without one."
    )
    assert page.texts("div[@class='card held-card']") == [
        f"eu -> us, eu -> ap On hold until the backup that eu -> us ordered is done. {advice}",
        f"us -> ap On hold until the backup that us -> eu ordered is done. {advice}",
    ]


# -- The matrix


def test_each_cell_tells_the_state_of_its_pair_and_how_long_its_job_took(harness: ReportHarness) -> None:
    harness.orders = [*harness.orders[:2], harness.order("ap", destinations=["eu"])]
    assert Page(harness, everything(harness)).cells() == [
        [
            ("self", "·", ""),
            ("error", "ERROR 4m00s #1", "eu -> us, ERROR, 4m00s, #1"),
            ("held", "HELD", "eu -> ap, held"),
        ],
        [
            ("complete", "COMPLETE 2m00s #1", "us -> eu, COMPLETE, 2m00s, #1"),
            ("self", "·", ""),
            ("open", "IN_PROGRESS 2m00s #1", "us -> ap, IN_PROGRESS, 2m00s, #1"),
        ],
        [
            ("open", "THINKING 1m00s #1", "ap -> eu, THINKING, 1m00s, #1"),
            ("absent mute", "\N{EN DASH}", "ap -> us, absent, not in this run"),
            ("self", "·", ""),
        ],
    ]


def test_a_pair_without_a_job_says_why_in_a_word(pair: ReportHarness) -> None:
    pair.claim("us -> eu")
    pair.orders = pair.orders[:1]
    assert Page(pair, pair.run(eu_us={"failure": REFUSED})).cells() == [
        [("self", "·", ""), ("failed", "FAILED", "eu -> us, failed")],
        [("open mute", "SENDING", "us -> eu, open, not in this run"), ("self", "·", "")],
    ]


def test_rows_and_columns_are_named(pair: ReportHarness) -> None:
    page = Page(pair)
    assert page.texts("th[@scope='col']") == ["eu", "us"]
    assert page.texts("*[@id='matrix']//th[@scope='row']") == ["eu", "us"]
    assert [text_of(each) for each in page.one("*[@id='matrix']/table/thead/tr")] == ["", "eu", "us"]
    assert "Rows: whose links are updated. Columns: where they point to." in page.texts("p[@class='faint']")


@pytest.mark.parametrize(
    ("count", "look", "words"),
    [(8, "matrix", ["COMPLETE", "THINKING", "IN_PROGRESS"]), (9, "matrix dense", ["done", "THINKING", "running"])],
)
def test_many_instances_get_short_words(tmp_path: Path, count: int, look: str, words: list[str]) -> None:
    harness = of_many(tmp_path, count)
    seen = {"site1": "COMPLETE", "site2": "THINKING", "site3": "IN_PROGRESS"}
    jobs = {f"site0_{name}": {"job": harness.job(f"site0 -> {name}", status)} for name, status in seen.items()}
    page = Page(harness, harness.run(**jobs))
    table = page.one("*[@id='matrix']/table")
    assert table.get("class") == look
    assert [text_of(each) for each in table.findall("./tbody/tr[1]/td/b")[:3]] == words
    assert page.cells()[0][3][2].startswith("site0 -> site3, IN_PROGRESS, "), "the title has the word of the service"


def merged(pair: ReportHarness) -> Any:
    """A run in which one destination has several origins, and each of its updates another fate."""
    pair.change("us", migrated_from=[f"https://{name}.example.com" for name in ("jira", "old", "third")])
    done = {"job": pair.job("eu -> us (from jira.example.com)", "IN_PROGRESS", "COMPLETE")}
    broken = {"job": pair.job("eu -> us (from old.example.com)", "RETRY", "ERROR")}
    other = {"job": pair.job("eu -> us (from third.example.com)", "ERROR")}
    labels = [f"eu -> us (from {name}.example.com)" for name in ("jira", "old", "third")]
    return pair.run(**dict(zip(labels, (done, broken, other), strict=True)))


SEVERAL = (
    "Where a destination has several origins, a pair has a job for each. Its cell shows the worst of them, and how "
    "many are like that. Point at a cell to read of each."
)


def test_the_cell_of_several_origins_shows_the_worst_of_them_and_its_title_each(pair: ReportHarness) -> None:
    page = Page(pair, merged(pair))
    title = (
        "eu -> us\nfrom jira.example.com: COMPLETE, 2m00s, #1\nfrom old.example.com: ERROR, 2m00s, #1\n"
        "from third.example.com: ERROR, 1m00s, #1"
    )
    assert page.cells()[0] == [("self", "·", ""), ("error", "ERROR 2 of 3", title)]
    assert page.cells()[1][0] == ("absent", "\N{EN DASH}", "us -> eu, absent")
    assert page.text("p[@id='several']") == SEVERAL


def test_where_no_destination_has_several_origins_the_page_does_not_speak_of_that(pair: ReportHarness) -> None:
    assert not Page(pair).all("p[@id='several']")


@pytest.mark.parametrize(
    ("fates", "shown"),
    [
        ((State.COMPLETE, State.OPEN), ("open", "IN_PROGRESS 1 of 2")),
        ((State.OPEN, State.ABSENT), ("absent", "\N{EN DASH} 1 of 2")),
        ((State.ABSENT, State.HELD), ("held", "HELD 1 of 2")),
        ((State.ERROR, State.HELD), ("error", "ERROR 1 of 2")),
        ((State.ERROR, State.FAILED), ("failed", "FAILED 1 of 2")),
        ((State.COMPLETE, State.COMPLETE), ("complete", "COMPLETE 2 of 2")),
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


def test_each_origin_has_its_own_card_and_its_own_line_of_the_timeline(pair: ReportHarness) -> None:
    page = Page(pair, merged(pair))
    labels = [f"eu -> us (from {name}.example.com)" for name in ("old", "third", "jira")]
    assert [text_of(each[0]) for each in page.all("div[@class='card broken']")] == labels[:2]
    assert [text_of(each[0]) for each in page.all("*[@id='timeline']/div")] == labels
    assert page.one("*[@id='timeline']").get("class") == "long"


def test_where_labels_have_no_origins_the_timeline_leaves_more_room_for_its_bars(pair: ReportHarness) -> None:
    pair.job("eu -> us")
    assert Page(pair).one("*[@id='timeline']").get("class") is None


# -- The timeline


def test_each_job_has_a_line_and_what_failed_comes_first(harness: ReportHarness) -> None:
    harness.orders = [*harness.orders[:2], harness.order("ap", destinations=["eu"])]
    page = Page(harness, everything(harness))
    lines = page.all("*[@id='timeline']/div[@class='line']")
    told = [[(text_of(part), part.get("class"), part.get("title")) for part in line.findall("span")] for line in lines]
    assert told == [
        [("eu -> us", None, "eu -> us, job job 1 of eu -> us"), ("4m00s", "error", None)],
        [("us -> eu", None, "us -> eu, job job 1 of us -> eu"), ("2m00s", "complete", None)],
        [("us -> ap", None, "us -> ap, job job 1 of us -> ap"), ("2m00s …", "open", None)],
        [("ap -> eu", None, "ap -> eu, job job 1 of ap -> eu"), ("1m00s …", "open", None)],
    ]


def test_the_timeline_says_of_when_it_is_and_what_its_colours_mean(pair: ReportHarness) -> None:
    pair.job("eu -> us", "IN_PROGRESS", "COMPLETE")
    pair.clock.sleep(3600)
    page = Page(pair)
    (key,) = [each for each in page.all("p[@class='faint']") if each.find("span") is not None]
    assert text_of(key) == ("2026-03-01 12:00:00Z to 2026-03-01 12:02:00Z, as it was seen. queuedbackuprunningretry")
    colours = [each.get("class") for each in key.findall("span[@class='legend']/span")]
    assert colours == ["key pending", "key backup", "key in_progress", "key retry"]


def test_the_bars_of_a_job_lie_where_its_time_was(pair: ReportHarness) -> None:
    pair.job("eu -> us", "IN_PROGRESS", "THINKING", "COMPLETE")
    pair.clock.sleep(60)
    pair.job("us -> eu")
    pair.clock.sleep(60)
    tracks = Page(pair).all("*[@id='timeline']/div/div[@class='track']")
    assert [
        [(stripe.get("class"), stripe.get("style"), stripe.get("title")) for stripe in track] for track in tracks
    ] == [
        [
            ("pending", "left:0.00%;width:20.00%", "PENDING 1m00s"),
            ("in_progress", "left:20.00%;width:20.00%", "IN_PROGRESS 1m00s"),
            ("other", "left:40.00%;width:20.00%", "THINKING 1m00s"),
        ],
        [("pending", "left:80.00%;width:20.00%", "PENDING 1m00s")],
    ]


def test_a_job_of_this_very_moment_has_a_bar_as_well(pair: ReportHarness) -> None:
    pair.job("eu -> us")
    stripe = Page(pair).one("*[@id='timeline']/div/div/i")
    assert stripe.get("style") == "left:0.00%;width:0.00%"


@pytest.mark.parametrize(("count", "folded"), [(60, False), (61, True)])
def test_a_timeline_of_more_than_sixty_jobs_is_folded_away(tmp_path: Path, count: int, folded: bool) -> None:
    harness = of_many(tmp_path, 9)
    for label in labels_of(harness)[:count]:
        harness.job(label)
    page = Page(harness)
    assert len(page.all("*[@id='timeline']/div[@class='line']")) == count
    assert page.one("*[@id='timeline']").tag == ("details" if folded else "div")
    assert page.texts("details/summary") == ([f"{count} jobs"] if folded else [])


# -- The rest


def test_each_application_link_can_be_ticked_off(harness: ReportHarness) -> None:
    harness.orders = [harness.order("eu"), harness.order("us", recreate_as_remote=False)]
    page = Page(harness)
    (row,) = page.all("*[@id='app-links']/table[@class='plain']/tr")
    header, boxes = row
    assert (header.get("scope"), text_of(header, " ")) == ("row", "eu https://eu.example.net")
    (link,) = header.findall("a")
    assert (link.get("href"), link.get("rel")) == ("https://eu.example.net", "noreferrer")
    assert [(each.get("title"), text_of(each)) for each in boxes] == [
        ("https://us.example.net", "us"),
        ("https://ap.example.net", "ap"),
    ]
    assert [each.get("type") for each in row.iter("input")] == ["checkbox", "checkbox"]
    (how,) = [text for text in page.texts("p") if text.startswith("Recreating links needs each of them")]
    assert "once, by hand; no API tells which are done" in how
    assert how.endswith(
        "On the site of the product, for each destination: open any issue, choose Link issue, open the Local "
        "drop-down, choose the destination, choose Authorize and search."
    )


def test_the_variables_are_shown_as_they_would_be_written(pair: ReportHarness) -> None:
    page = Page(pair, settings={"link_update_poll_min": 2.5, "link_update_group": "größte"})
    rows = {text_of(row[0]): text_of(row[1]) for row in page.all("*[@id='settings']/table[@class='plain']/tr")}
    assert rows["link_update_poll_min"] == "2.5"
    assert rows["link_update_group"] == '"größte"'
    assert {row[0].get("scope") for row in page.all("*[@id='settings']/table/tr")} == {"row"}
    assert len(page.all("*[@id='settings']//code")) == len(rows)


def test_a_character_that_cannot_be_seen_is_shown_as_what_it_is() -> None:
    element = tag("p", "one\ntwo\x00", tag("b", "three\x1b"), "four\u202e", "five")
    assert (element.text, element[0].text, element[0].tail) == ("one\ntwo\\x00", "three\\x1b", "four\\u202efive")
    assert tag("p", "one", " two").text == "one two"
