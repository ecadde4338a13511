# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is written of a census, and how it is read again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.store import Row, Unavailable
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.progress import Page
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.schema import CENSUS
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.scope import Project, Scope
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.store import CensusStore
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._store.censuses import (
    AP,
    EU,
    LEASE,
    PAGES,
    SCOPE,
    SERVER,
    US,
    counted,
    link,
    page,
    project,
    read,
    store_at,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

COUNTS = {(SERVER, EU, US): 1, (SERVER, EU, AP): 1, (SERVER, US, EU): 1, (SERVER, AP, EU): 1}


# -- Counts


def test_two_links_between_the_same_issues_are_one_expectation_with_both(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store)
        assert store.counts(generation) == COUNTS
        assert store.links(generation) == {SERVER: 3}
        (found,) = store.walk(generation, SERVER, EU, US)
        assert (found.issue, found.target, found.link_ids) == ("A-1", "C-7", (8, 16))
        assert sorted(found.phrases) == [("Blocks", "blocks"), ("Relates", "relates to")]
        (mirrored,) = store.walk(generation, SERVER, US, EU)
        assert mirrored.link_ids == (8, 16), "in whatever order they were seen"


def test_the_same_keys_in_two_sources_are_counted_apart(location: str) -> None:
    other = "https://other.example.com"
    scope = Scope(
        {SERVER: SERVER, other: "/tmp/links.csv"},
        (*SCOPE.projects, Project(other, "A", EU), Project(other, "C", US)),
    )
    with store_at(location) as store, store.begin(scope, LEASE) as counting:
        first, second = (each for each in counting.projects if each.project.key == "A")
        counting.add(first, page(("A-1", [link(1, "C-1")]), ("A-2", [link(2, "C-1")])))
        counting.add(second, page(("A-1", [link(1, "C-1")])))
        assert store.counts(counting.generation) == {(SERVER, EU, US): 2, (other, EU, US): 1}
        assert [each.issue for each in store.walk(counting.generation, other, EU, US)] == ["A-1"]


def test_a_page_that_is_written_again_doubles_no_expectation(location: str) -> None:
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        for _time in range(2):
            counting.add(project(counting, "A"), PAGES["A"])
        assert store.counts(counting.generation) == {(SERVER, EU, US): 1, (SERVER, EU, AP): 1}
        assert store.walk(counting.generation, SERVER, EU, US)[0].link_ids == (8, 16)


def test_a_page_of_more_rows_than_a_statement_takes_is_written_whole(location: str) -> None:
    crowd = [link(number, f"C-{number}") for number in range(1, 2002)]
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        counting.add(project(counting, "A"), Page([("A-1", crowd)], crowded={"A-1": 2001}, issues=1))
        assert store.counts(counting.generation) == {(SERVER, EU, US): 2001}
        assert store.crowded(counting.generation) == {(SERVER, "A-1"): 2001}


def test_what_is_counted_apart_adds_up_over_pages(location: str) -> None:
    one = Page(outside={"X": 2, "Y": 1}, epic_links=3, epic_links_between=1, sub_tasks=4, sub_tasks_between=2)
    with store_at(location) as store:
        with store.begin(SCOPE, LEASE) as counting:
            counting.add(project(counting, "A"), Page(total=20))
            for key in ("A", "A", "C"):
                counting.add(project(counting, key), replace(one, issues=5, last_read=(f"{key}-5", f"{key}-4")))
        assert store.outside(counting.generation) == {(SERVER, "X"): 6, (SERVER, "Y"): 3}
        numbers = [project(counting, key).number for key in "AC"]
        assert counting.outside() == dict(zip(numbers, [{"X": 4, "Y": 2}, {"X": 2, "Y": 1}], strict=True))
        found = store.progress(counting.generation)[0]
        assert found == counting.projects[0], "what is written is what the process goes on with"
        assert (found.issues, found.total, found.epic_links, found.epic_links_between) == (10, 20, 6, 2)
        assert (found.sub_tasks, found.sub_tasks_between, found.last_read) == (8, 4, ("A-5", "A-4"))


# -- One project


def test_a_project_that_is_read_again_begins_with_nothing_and_leaves_the_others(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store, complete=False)
        with store.begin(SCOPE, LEASE) as counting:
            counting.add(project(counting, "A"), Page(outside={"X": 1}, crowded={"A-1": 2500}))
            counting.restart(project(counting, "A"))
            found = project(counting, "A")
            assert (found.issues, found.last_read, found.total, found.is_read) == (0, (), None, False)
        assert store.counts(generation) == {(SERVER, US, EU): 1, (SERVER, AP, EU): 1}
        assert not store.outside(generation)
        assert not store.crowded(generation)


def test_a_project_that_cannot_be_read_keeps_why_and_what_to_do(location: str) -> None:
    with store_at(location) as store:
        with store.begin(SCOPE, LEASE) as counting:
            counting.end_project(project(counting, "A"), "the account may not see it", "give it the permission")
            counting.end_project(project(counting, "B"))
            counting.end(complete=False)
        a, b, c, _d = store.progress(counting.generation)
        assert (a.is_read, a.problem, a.remedy) == (False, "the account may not see it", "give it the permission")
        assert (b.is_read, b.problem, c.is_read) == (True, None, False)
        with store.begin(SCOPE, LEASE) as again:
            again.end_project(project(again, "A"))
        assert store.progress(again.generation)[0].problem is None, "it could be read at last"


# -- Both ends


def test_a_link_that_is_seen_from_both_ends_is_not_listed(location: str) -> None:
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        read(counting, PAGES)
        assert counting.one_sided() == []


def test_a_link_that_is_seen_from_one_end_is_listed_with_the_project_to_read_again(location: str) -> None:
    pages = {
        **PAGES,
        "B": page(("B-5", [link(5, "C-5"), link(6, "C-5")])),
        # From here, 16 and 5 are not seen, and 4 is seen from here only.
        "C": page(("C-7", [link(8, "A-1", "is blocked by"), link(4, "A-1")]), ("C-5", [link(6, "B-5")])),
        # From here, nothing is seen.
        "D": page(),
    }
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        read(counting, pages)
        found = [(each.issue, each.target, each.project.project.key) for each in counting.one_sided()]
        assert found == [("A-1", "C-7", "C"), ("C-7", "A-1", "A"), ("A-2", "D-1", "D"), ("B-5", "C-5", "C")]
        assert len(counting.one_sided(limit=1)) == 1
        assert store.links(counting.generation) == {SERVER: 5}


def test_ends_that_lack_a_link_are_listed_however_many_come_before_them(location: str) -> None:
    both, one = ([link(number, "C-1") for number in numbers] for numbers in ((1, 2), (1,)))
    pages = {
        **PAGES,
        # Made between the reading of the two ends, so that only the later one has the second link.
        "A": page(*((f"A-{number}", one) for number in range(1, 6))),
        "C": page(("C-1", [each._replace(other=f"A-{number}") for number in range(1, 6) for each in both])),
        "D": page(),
    }
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        read(counting, pages)
        found = [(each.issue, each.target) for each in counting.one_sided(limit=2)]
        assert found == [("C-1", "A-1"), ("C-1", "A-2")]


def test_numbers_as_large_as_the_keys_of_jira_allow_are_kept(location: str) -> None:
    large = 10**17
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        links = [link(large, f"C-{large}")]
        counting.add(project(counting, "A"), Page([(f"A-{large}", links)], crowded={f"A-{large}": 2001}, issues=1))
        (found,) = store.walk(counting.generation, SERVER, EU, US)
        assert (found.issue, found.target, found.link_ids) == (f"A-{large}", f"C-{large}", (large,))
        assert store.crowded(counting.generation) == {(SERVER, f"A-{large}"): 2001}


def test_a_link_to_a_project_that_is_not_read_is_not_listed(location: str) -> None:
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        counting.add(project(counting, "A"), PAGES["A"])
        counting.end_project(project(counting, "A"))
        counting.end_project(project(counting, "C"), "the account may not see it", "give it the permission")
        assert counting.one_sided() == []


# -- Ranks


def test_a_pair_is_walked_by_ranks_that_no_other_order_has_anything_to_do_with(location: str) -> None:
    many = page(*((f"A-{number}", [link(number, f"C-{number}")]) for number in range(1, 201)))
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        counting.add(project(counting, "A"), many)
        whole = store.walk(counting.generation, SERVER, EU, US)
        assert {each.issue for each in whole} == {f"A-{number}" for number in range(1, 201)}
        assert [each.rank for each in whole] == sorted(each.rank for each in whole)
        numbers = [int(each.issue[2:]) for each in whole]
        rising = sum(one < other for one, other in pairwise(numbers))
        assert 70 < rising < 130, "as often up as down"
        begun = store.walk(counting.generation, SERVER, EU, US, limit=30)
        assert begun + store.walk(counting.generation, SERVER, EU, US, begun[-1].rank) == whole


def test_another_census_has_another_order(location: str) -> None:
    many = page(*((f"A-{number}", [link(number, f"C-{number}")]) for number in range(1, 51)))
    orders = []
    with store_at(location) as store:
        for _time in range(2):
            with store.begin(SCOPE, LEASE) as counting:
                counting.add(project(counting, "A"), many)
                counting.end(complete=True)
            orders.append([each.issue for each in store.walk(counting.generation, SERVER, EU, US)])
    assert orders[0] != orders[1]


# -- A connection that breaks


class AnswersGetLost(PostgresqlStore):
    """A store that changes something, and whose answer to that is lost."""

    losing = False

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        changed = super().execute(statement, parameters, *more)
        if self.losing:
            self.losing = False
            raise Unavailable("the connection broke")
        return changed


def test_a_page_whose_answer_is_lost_is_written_once(postgresql: str) -> None:
    database = AnswersGetLost(postgresql, CENSUS)
    with CensusStore(database, FakeClock()) as store, store.begin(SCOPE, LEASE) as counting:
        progress = project(counting, "A")
        counting.add(progress, PAGES["A"])
        database.losing = True
        counting.add(progress, Page(outside={"X": 1}, issues=7, last_read=("A-99",)))
        assert not database.losing
        assert store.outside(counting.generation) == {(SERVER, "X"): 1}
        assert (progress.issues, store.progress(counting.generation)[0].issues) == (17, 17)
        database.losing = True
        counting.end(complete=True)
        assert store.generations()[0].complete


def test_a_page_that_fails_leaves_what_was_there(location: str) -> None:
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        progress = project(counting, "A")
        counting.add(progress, PAGES["A"])
        before = replace(progress), store.counts(counting.generation)
        with pytest.raises((LedgerError, OverflowError)):
            counting.add(progress, Page([("A-3", [link(9, "C-9")])], issues=2**70, last_read=("A-3",)))
        assert (progress, store.counts(counting.generation)) == before
        counting.add(progress, page(("A-3", [link(9, "C-9")])))
        assert store.counts(counting.generation)[SERVER, EU, US] == 2


# -- What counts


def test_the_last_complete_census_of_exactly_these_instances_counts(location: str) -> None:
    smaller = replace(SCOPE, projects=SCOPE.projects[:3])
    with store_at(location) as store:
        assert store.last_complete({EU, US, AP}, SERVER) is None
        first, second = counted(store), counted(store)
        with store.begin(smaller, LEASE) as counting:
            counting.end(complete=True)
        other = counting.generation
        begun = counted(store, complete=False)
        assert [each.generation for each in store.generations()] == [begun, other, second, first]
        found = store.last_complete({EU, US, AP}, SERVER)
        assert found
        assert (found.generation, found.read_from) == (second, {SERVER: SERVER})
        found = store.last_complete({EU, US}, SERVER)
        assert found
        assert found.generation == other
        assert store.last_complete({EU}, SERVER) is None
        assert store.last_complete({EU, US, AP}, "https://other.example.com") is None


def test_an_instance_without_a_project_is_one_of_the_instances_of_a_census(location: str) -> None:
    empty = "https://empty.example.net"
    with store_at(location) as store:
        with store.begin(replace(SCOPE, instances={SERVER: [empty, EU]}), LEASE) as counting:
            counting.end(complete=True)
        assert store.last_complete({EU, US, AP, empty}, SERVER)
        assert store.last_complete({EU, US, AP}, SERVER) is None


def test_a_census_has_the_times_of_its_beginning_and_its_end(location: str, clock: FakeClock) -> None:
    with store_at(location, clock) as store:
        with store.begin(SCOPE, LEASE) as counting:
            assert store.generations()[0].ended_at is None
            clock.sleep(60)
            counting.end(complete=False)
        (found,) = store.generations()
        assert found.ended_at
        assert found.begun_at == counting.begun_at <= found.ended_at
        with store.begin(SCOPE, LEASE) as again:
            (found,) = store.generations()
            assert (again.begun_at, found.ended_at) == (counting.begun_at, None), "it goes on"


# -- Deletion


@pytest.mark.parametrize(("which", "left"), [(lambda first: first, 1), (lambda _first: None, 0)])
def test_a_deleted_census_leaves_nothing(location: str, which: Callable[[int], int | None], left: int) -> None:
    with store_at(location) as store:
        generations = counted(store), counted(store)
        assert store.delete(which(generations[0])) == 2 - left
        assert [each.generation for each in store.generations()] == list(generations[2 - left :])
        assert not store.counts(generations[0])
        assert not store.progress(generations[0])
        assert store.counts(generations[1]) == (COUNTS if left else {})
        assert store.delete(generations[0]) == 0


def test_what_is_deleted_does_not_stay_beside_the_file(tmp_path: Path) -> None:
    path = tmp_path / "census.sqlite3"
    with store_at(str(path)) as store:
        with store.begin(SCOPE, LEASE) as counting:
            for issue in range(1, 16):
                crowd = [link(number, f"C-{number}") for number in range(1, 2001)]
                counting.add(project(counting, "A"), page((f"A-{issue}", crowd)))
        store.delete(None)
        assert path.stat().st_size > 1.2 * 2**20
        assert path.with_name("census.sqlite3-journal").stat().st_size <= 2**20


def test_a_process_whose_census_is_deleted_stops_and_writes_nothing(location: str) -> None:
    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting:
        store.delete(None)
        with pytest.raises(LedgerError, match=r"census 1 was deleted while .* Run the same command again"):
            counting.add(project(counting, "A"), PAGES["A"])
        assert not store.counts(counting.generation)


def test_issues_with_expectations_are_counted_by_instance(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store)
        # A-1 has links of two types to one issue.
        assert store.issues(generation) == {(SERVER, EU): 2, (SERVER, US): 1, (SERVER, AP): 1}
