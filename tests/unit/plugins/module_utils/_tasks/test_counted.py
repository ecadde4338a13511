# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run knows of the links that were counted: from a real store, over real HTTP, to its plan, jobs and report."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import CountedLinks, Gap
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center import IssueLink
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.opening import open_store
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.progress import Page
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.scope import Project, Scope
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.counted import links_in
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import Options
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.test_run_task import (
    RunHarness,
    run_harness,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

SERVER, OLD = "https://jira.example.com", "https://old.example.com"
NAMES = ("eu", "us", "ap")
COUNT = "ansible-playbook -i INVENTORY jira_cloud.federation.link_census"
GOES_ON = f"Run again: {COUNT}. It goes on where it stopped, and says what is missing"


class Census:
    """Censuses in a store. Each instance has a project of its name in each source: EU, US, AP."""

    def __init__(self, store: Path, clock: FakeClock, url: str = "https://{}.example.net") -> None:
        self._store = store
        self._clock = clock
        self._url = url

    def count(self, links: int = 2, *, names: tuple[str, ...] = NAMES, unread: str = "") -> None:
        """Count so many links between the first two instances.

        :param unread: a project that cannot be read.
        """
        projects = tuple(Project(SERVER, name.upper(), self._url.format(name)) for name in names)
        other = {names[0].upper(): names[1].upper(), names[1].upper(): names[0].upper()}
        with (
            open_store(self._store, self._clock) as store,
            store.begin(Scope({SERVER: SERVER}, projects), timedelta(hours=1)) as counting,
        ):
            for progress in counting.projects:
                key = progress.project.key
                if key in other:
                    counting.add(progress, _page(key, other[key], links))
                problem = ("the account may not browse it", "give it Browse projects") if key == unread else ()
                counting.end_project(progress, *problem)
            counting.end(not unread)

    def links(self, **members: Any) -> CountedLinks:
        """What a run of these instances knows."""
        given = {
            name: {"product_url": self._url.format(name), "migrated_from": SERVER, **members.get(name, {})}
            for name in NAMES
        }
        with open_store(self._store, self._clock, copy=True) as store:
            return links_in(store, parse_federation(given))


def _page(key: str, other: str, links: int) -> Page:
    """Issues of a project, each with a link to the one with the same number in the other project."""
    seen = [(f"{key}-{n}", [IssueLink(str(n), f"{other}-{n}", "Blocks", "blocks")]) for n in range(1, links + 1)]
    return Page(seen, issues=links, total=links, last_read=tuple(issue for issue, _links in seen[-1:]))


@pytest.fixture
def census(tmp_path: Path) -> Census:
    return Census(tmp_path / "census.sqlite3", FakeClock())


# -- What the store has


def test_the_newest_complete_census_says_how_many_links_each_pair_has_also_where_there_are_none(census: Census) -> None:
    census.count(links=5)
    census.count(links=2)
    links = census.links(eu={"migrated_at": "2026-02-20"})
    assert links.pairs == {f"{one} -> {two}": 0 if "ap" in (one, two) else 2 for one, two in permutations(NAMES, 2)}
    (count,) = links.counts
    assert (count.source, count.read_from, count.generation, count.links) == (SERVER, SERVER, 2, 4)
    assert {name: end and end.day for name, end in count.migrations.items()} == {"eu": 20, "us": None, "ap": None}
    assert not links.gaps


def test_where_nobody_has_counted_nothing_is_known_and_nothing_is_made(census: Census, tmp_path: Path) -> None:
    assert census.links() == CountedLinks()
    assert not list(tmp_path.iterdir())


def test_a_newer_census_that_is_not_complete_does_not_count_and_is_named(census: Census) -> None:
    census.count(links=2)
    census.count(links=1, unread="AP")
    links = census.links()
    assert (links.pairs["eu -> us"], links.counts[0].generation) == (2, 1)
    assert links.gaps == (
        Gap(SERVER, "census 2, begun 2026-03-01 12:00Z, is not complete: 1 project unread (AP)", GOES_ON),
    )


def test_a_pair_has_not_no_links_where_a_newer_census_that_is_not_complete_has_found_some(census: Census) -> None:
    census.count(links=0)
    census.count(links=3, unread="AP")
    links = census.links()
    assert links.counts[0].generation == 1
    assert {label: count for label, count in links.pairs.items() if "ap" not in label} == {}
    assert links.pairs["eu -> ap"] == 0


def test_a_census_of_other_instances_says_nothing_of_these(census: Census) -> None:
    census.count(names=("eu", "us"))
    links = census.links()
    assert (links.pairs, links.counts) == ({}, ())
    assert links.gaps == (
        Gap(
            SERVER,
            "there is no census of its 3 instances (eu, us, ap)",
            f"Count the links: {COUNT}",
        ),
    )


def test_each_origin_of_a_destination_has_the_links_of_its_source(census: Census) -> None:
    census.count(links=2)
    links = census.links(us={"migrated_from": [SERVER, {"url": "https://copy.example.com", "override": OLD}]})
    of_eu = {label: count for label, count in links.pairs.items() if label.startswith("eu -> us")}
    assert of_eu == {"eu -> us (from jira.example.com)": 2}


def test_the_links_of_two_copies_of_one_source_are_those_of_the_source_once(census: Census) -> None:
    census.count(links=2)
    copies = [{"url": f"https://copy{number}.example.com", "override": SERVER} for number in (1, 2)]
    links = census.links(us={"migrated_from": copies})
    assert sum(label.startswith("eu -> us") and count == 2 for label, count in links.pairs.items()) == 2
    assert links.counts[0].links == 4


# -- A run


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[RunHarness]:
    yield from run_harness(tmp_path)


def counted(harness: RunHarness, **how: Any) -> None:
    census = Census(harness.folder / "census.sqlite3", harness.clock, f"{harness.server.url}/{{}}.example.net")
    census.count(**how)


def run(harness: RunHarness, **options: Any) -> Options:
    orders = [harness.order(name, create_backup="never") for name in NAMES]
    return harness.run(*orders, **options)


def test_a_plan_and_a_report_have_the_links_and_a_run_with_links_leaves_the_other_pairs_out(
    harness: RunHarness,
) -> None:
    counted(harness, links=2)
    result = run(harness, only=["with_links"], stages=["preflight", "plan", "submit", "wait", "report"])
    assert sorted(harness.scheduled) == ["eu -> us", "us -> eu"]
    shown = harness.listener.shown
    assert "Plan for wave 1: 2 jobs (2 to schedule); left out by link_update_only: 4 pairs" in shown
    assert "eu         .           schedule 2" in shown
    assert [text for text in harness.listener.warnings if "Left out: 4 pairs without links by the census" in text]
    assert result["verdict"]["ok"]
    report = json.loads((harness.report / "report.json").read_text(encoding="utf-8"))
    assert {each["label"]: each["links"] for each in report["updates"]} == {
        f"{one} -> {two}": 0 if "ap" in (one, two) else 2 for one, two in permutations(NAMES, 2)
    }


def test_where_no_pair_has_links_a_run_with_links_schedules_nothing_and_is_good(harness: RunHarness) -> None:
    counted(harness, links=0)
    result = run(harness, only=["with_links"])
    assert "failed" not in result
    assert (harness.scheduled, result["changed"], result["verdict"]["ok"]) == ([], False, True)
    assert "Plan: no jobs; left out by link_update_only: 6 pairs" in harness.listener.shown


def test_with_links_is_refused_without_a_census_and_nothing_is_sent(harness: RunHarness) -> None:
    result = run(harness, only=["with_links"])
    assert result["failure"]["code"] == "invalid_option"
    assert "link_update_only is with_links, but there is no complete census." in result["msg"]
    assert not harness.requests


def test_a_store_that_cannot_be_read_costs_a_run_the_numbers_and_a_run_with_links_is_refused(
    harness: RunHarness,
) -> None:
    (harness.folder / "census.sqlite3").write_text("no database", encoding="utf-8")
    result = run(harness, only=["with_links"])
    assert (result["failed"], harness.requests) == (True, {})
    assert "census.sqlite3" in result["msg"]
    assert run(harness, stages=["plan"])["plan"]["links"] == {}
    (warning,) = [text for text in harness.listener.warnings if "no numbers of links" in text]
    assert "census.sqlite3" in warning
