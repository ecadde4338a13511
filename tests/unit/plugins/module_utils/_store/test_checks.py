# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check is to ask, what is written of it, and how another process goes on with it."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import claimant
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.verdicts import Verdict
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.checking import Checking
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.checks import (
    CheckedLink,
    CheckScope,
    Form,
    IssueWork,
    PlacedExpectation,
    Stratum,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.progress import Page
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.scope import Project, Scope
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.store import CensusStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.verdicts import VERDICTS
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._store.censuses import (
    AP,
    EU,
    LEASE,
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

FOUND, MISSING, UNANSWERED = Verdict.FOUND, Verdict.MISSING, Verdict.UNANSWERED
LATER = Form("app-2", "com.atlassian.jira", "Later")
FORM = Form("app-1", "com.atlassian.jira", "Jira of US")


def scope_of(store: CensusStore, generation: int, last_rank: int | None = None) -> CheckScope:
    """All pairs of a census; of each the links up to a rank."""
    strata = [
        Stratum(server, generation, *pair, n, last_rank) for (server, *pair), n in store.counts(generation).items()
    ]
    return CheckScope(f"{generation} {last_rank}", {"sample": "all"}, tuple(sorted(strata, key=str)))


def begun(store: CensusStore, generation: int | None = None) -> Checking:
    """A check of all links of a census, by default of the small one."""
    generation = counted(store) if generation is None else generation
    return store.checks.begin(scope_of(store, generation), LEASE)


def crowd(store: CensusStore, issues: int, scope: Scope = SCOPE) -> int:
    """A census of issues of A with a link each to an issue of the same number in C, and to one in D."""
    many = [(f"A-{n}", [link(2 * n, f"C-{n}"), link(2 * n + 1, f"D-{n}")]) for n in range(1, issues + 1)]
    with store.begin(scope, LEASE) as counting:
        counting.add(project(counting, "A"), Page(many, issues=issues))
        counting.end(complete=True)
    return counting.generation


def judged(site: str, work: IssueWork, verdict: Verdict = FOUND) -> list[CheckedLink]:
    """The same verdict on all that an issue is asked for."""
    return [
        CheckedLink(work.server, site, each.destination_url, work.issue, each.target, verdict)
        for each in work.expectations
    ]


def ask_all(checking: Checking, verdict: Verdict = FOUND, sites: tuple[str, ...] = (EU, US, AP)) -> None:
    for site in sites:
        for work in checking.work(site):
            checking.add(judged(site, work, verdict))


def issues(work: list[IssueWork]) -> list[str]:
    return [each.issue for each in work]


A1_C7 = CheckedLink(SERVER, EU, US, "A-1", "C-7", FOUND)


def as_if(monkeypatch: pytest.MonkeyPatch, process: str) -> None:
    """From now on, who begins a check is another process."""
    monkeypatch.setattr(claimant, "myself", lambda: process)


# -- What is asked


def test_each_issue_with_an_expectation_is_asked_with_all_it_must_have(location: str) -> None:
    with store_at(location) as store, begun(store) as checking:
        assert checking.work(EU) == [
            IssueWork(
                SERVER,
                "A-1",
                (0, 1),
                (PlacedExpectation("C-7", US, (("Blocks", "blocks"), ("Relates", "relates to"))),),
            ),
            IssueWork(SERVER, "A-2", (0, 2), (PlacedExpectation("D-1", AP, (("Blocks", "is blocked by"),)),)),
        ]
        assert issues(checking.work(US)) == ["C-7"]
        assert issues(checking.work(AP)) == ["D-1"]
        assert checking.work("https://other.example.net") == []
        assert [checking.size(site) for site in (EU, US, AP)] == [2, 1, 1]


def test_pages_follow_each_other_over_the_projects_of_a_site(location: str) -> None:
    pages = {
        "A": page(*((f"A-{n}", [link(n, f"C-{n}")]) for n in (1, 3, 10**17))),
        "B": page(*((f"B-{n}", [link(10 + n, f"D-{n}"), link(20 + n, f"C-{n}")]) for n in (1, 2, 60_001))),
    }
    with store_at(location) as store:
        with store.begin(SCOPE, LEASE) as counting:
            read(counting, pages)
            counting.end(complete=True)
        checking = begun(store, counting.generation)
        seen: list[IssueWork] = []
        while following := checking.work(EU, seen[-1].place if seen else None, limit=2):
            assert len(following) <= 2
            seen += following
        assert issues(seen) == ["A-1", "A-3", f"A-{10**17}", "B-1", "B-2", "B-60001"]
        assert [len(each.expectations) for each in seen] == [1, 1, 1, 2, 2, 2]
        assert checking.size(EU) == 6


def test_a_project_whose_links_lead_to_hundreds_of_others_is_asked_for_all_of_them(location: str) -> None:
    others = [f"X{number}" for number in range(520)]
    scope = Scope({SERVER: SERVER}, (Project(SERVER, "A", EU), *(Project(SERVER, each, US) for each in others)))
    with store_at(location) as store:
        with store.begin(scope, LEASE) as counting:
            counting.add(project(counting, "A"), page(("A-2", [link(n, f"{key}-1") for n, key in enumerate(others)])))
            counting.end(complete=True)
        with begun(store, counting.generation) as checking:
            (work,) = checking.work(EU)
            assert [each.target for each in work.expectations] == [f"{each}-1" for each in others]
            checking.add(judged(EU, work)[1:])
            assert checking.done(EU) == 0
        with begun(store, counting.generation) as checking:
            (work,) = checking.work(EU)
            assert [each.target for each in work.expectations] == ["X0-1"]


def test_what_has_a_verdict_is_not_asked_again(location: str) -> None:
    with store_at(location) as store, begun(store, crowd(store, 3)) as checking:
        one, two, _three = checking.work(EU)
        checking.add(judged(EU, one)[:1])
        checking.add(judged(EU, two, UNANSWERED))
        assert [(each.issue, len(each.expectations)) for each in checking.work(EU)] == [("A-1", 1), ("A-3", 2)]
        assert (checking.done(EU), checking.size(EU)) == (1, 3), "half of an issue is not done"
        checking.add(judged(EU, one)[1:])
        assert checking.done(EU) == 2


def test_a_sample_asks_up_to_its_rank_and_names_what_else_an_issue_has(location: str) -> None:
    with store_at(location) as store:
        generation = crowd(store, 40)
        lowest = store.walk(generation, SERVER, EU, US, limit=10)
        sampled, last = [each.issue for each in lowest], lowest[-1].rank
        strata = [
            replace(each, last_rank=last) for each in scope_of(store, generation).strata if each.destination_url == US
        ]
        with store.checks.begin(CheckScope("10", {}, tuple(strata)), LEASE) as checking:
            work = checking.work(EU)
            assert sorted(issues(work)) == sorted(sampled)
            assert checking.size(EU) == 10
            assert {each.destination_url for some in work for each in some.expectations} == {US}
            checking.add(judged(EU, work[0]))
            assert checking.tallies() == {(SERVER, EU, US): Counter({FOUND: 1})}
        both = [replace(each, last_rank=last) for each in scope_of(store, generation).strata]
        with store.checks.begin(CheckScope("both", {}, tuple(both)), LEASE) as checking:
            partly = next(each for each in checking.work(EU) if each.others)
            assert len(partly.expectations) == len(partly.others) == 1
            other = partly.others[0]
            extra = CheckedLink(
                SERVER, EU, other.destination_url, partly.issue, other.target, MISSING, is_sampled=False
            )
            checking.add([*judged(EU, partly), extra])
            assert checking.done(EU) == 1
            assert sum(checking.tallies().values(), Counter()) == Counter({FOUND: 1}), "it does not count"
            assert list(checking.findings()) == [extra]


def test_a_larger_sample_has_all_of_a_smaller_one(location: str) -> None:
    with store_at(location) as store:
        generation = crowd(store, 40)
        samples = []
        for size in (5, 20):
            rank = store.walk(generation, SERVER, EU, US, limit=size)[-1].rank
            strata = (Stratum(SERVER, generation, EU, US, 40, rank),)
            with store.checks.begin(CheckScope(str(size), {}, strata), LEASE) as checking:
                samples.append(set(issues(checking.work(EU))))
                assert checking.strata == strata
        assert len(samples[0]) == 5
        assert samples[0] < samples[1]


def test_sources_with_the_same_keys_are_told_apart_whichever_census_they_are_in(location: str) -> None:
    other = "https://other.example.com"
    theirs = Scope({other: other}, (Project(other, "A", EU), Project(other, "C", US)))
    with store_at(location) as store:
        generations = counted(store), 0
        with store.begin(theirs, LEASE) as counting:
            counting.add(project(counting, "A"), page(("A-1", [link(1, "C-7", "causes")])))
            counting.end(complete=True)
        generations = generations[0], counting.generation
        strata = tuple(each for number in generations for each in scope_of(store, number).strata)
        with store.checks.begin(CheckScope("two", {}, strata), LEASE) as checking:
            work = checking.work(EU)
            assert [(each.server, each.issue) for each in work] == [(SERVER, "A-1"), (SERVER, "A-2"), (other, "A-1")]
            assert work[2].expectations[0].phrases == (("Blocks", "causes"),)
            assert checking.work(EU, work[1].place) == work[2:]
            checking.add(judged(EU, work[2], MISSING))
            assert checking.tallies() == {(other, EU, US): Counter({MISSING: 1})}
            assert [each.server for each in checking.findings()] == [other]


def test_an_expectation_is_found_by_its_issues(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store)
        found = store.expectation(generation, SERVER, "A-2", "D-1")
        assert found
        assert (found.issue, found.target, found.phrases) == ("A-2", "D-1", (("Blocks", "is blocked by"),))
        for server, issue, target in (
            (SERVER, "A-1", "D-1"),
            (SERVER, "X-1", "D-1"),
            ("https://other.example.com", "A-2", "D-1"),
        ):
            assert store.expectation(generation, server, issue, target) is None


# -- What is written


def test_a_verdict_is_final_unless_it_is_unanswered(location: str) -> None:
    with store_at(location) as store, begun(store) as checking:
        checking.add([replace(A1_C7, verdict=UNANSWERED, note="HTTP 503")])
        checking.add([replace(A1_C7, verdict=MISSING)])
        checking.add([A1_C7])
        assert checking.tallies() == {(SERVER, EU, US): Counter({MISSING: 1})}


def test_the_same_link_twice_at_once_counts_once(location: str) -> None:
    with store_at(location) as store, begun(store) as checking:
        checking.add([A1_C7, A1_C7])
        checking.add([])
        assert checking.tallies() == {(SERVER, EU, US): Counter({FOUND: 1})}


def test_each_verdict_is_kept(location: str) -> None:
    assert set(VERDICTS) == set(Verdict)
    with store_at(location) as store, begun(store, crowd(store, 4)) as checking:
        asked = [each for work in checking.work(EU) for each in judged(EU, work)]
        given = [replace(each, verdict=verdict) for each, verdict in zip(asked, Verdict, strict=False)]
        checking.add(given)
        assert sum(checking.tallies().values(), Counter()) == Counter(Verdict)
        assert list(checking.findings()) == [each for each in given if each.verdict != FOUND]


def test_findings_come_by_site_issue_and_target_with_what_is_said_of_them(location: str) -> None:
    """As people read keys: A-9 comes before A-10."""
    projects = [Project(SERVER, key, site) for key, site in (("Z", US), ("C", US), ("B", EU), ("A", EU))]
    targets = ["C-2", "C-10", "Z-1"]
    with store_at(location) as store:
        with store.begin(Scope({SERVER: SERVER}, tuple(projects)), LEASE) as counting:
            for key, numbers in {"B": (1,), "A": (10, 9)}.items():
                rows = [(f"{key}-{n}", [link(n, each) for each in targets]) for n in numbers]
                counting.add(project(counting, key), page(*rows))
            counting.add(project(counting, "Z"), page(("Z-1", [link(1, "A-9")])))
            counting.end(complete=True)
        with begun(store, counting.generation) as checking:
            ask_all(checking, MISSING, (US, EU))
            said = CheckedLink(SERVER, EU, US, "B-1", "C-2", FOUND, "blocks it", f"{US}/browse/C-2", "2 links")
            found = list(checking.findings())
            assert [(each.issue, each.target) for each in found] == [
                *((issue, each) for issue in ("A-9", "A-10", "B-1") for each in targets),
                ("Z-1", "A-9"),
            ]
        with store.checks.begin(replace(scope_of(store, counting.generation), digest="said"), LEASE) as checking:
            plain = replace(said, target="C-10", note="")
            checking.add([said, plain])
            assert list(checking.findings()) == [said], "what is plainly found is no finding"


def test_more_findings_than_a_page_has_are_all_named(location: str) -> None:
    with store_at(location) as store, begun(store, crowd(store, 1001)) as checking:
        for work in (checking.work(EU, limit=600), checking.work(EU, (0, 600), limit=600)):
            checking.add([each for some in work for each in judged(EU, some, MISSING)])
        found = [(each.issue, each.target) for each in checking.findings()]
        assert found == [(f"A-{n}", f"{key}-{n}") for n in range(1, 1002) for key in "CD"]


def test_the_first_form_of_a_check_counts_and_that_of_the_newest_check(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store)
        with begun(store, generation) as checking:
            checking.add_form(EU, US, FORM)
            checking.add_form(EU, US, LATER)
            assert store.checks.form(EU, US) == FORM
            checking.end(True, {})
        with begun(store, generation) as checking:
            assert store.checks.form(EU, US) == FORM, "as long as the new one has found none"
            checking.add_form(EU, US, LATER)
        assert store.checks.form(EU, US) == LATER
        assert store.checks.form(US, EU) is None


# -- To go on


def test_a_check_that_was_interrupted_goes_on_and_asks_again_what_was_unanswered(location: str) -> None:
    with store_at(location) as store:
        generation = crowd(store, 3)
        with begun(store, generation) as checking:
            one, two, _three = checking.work(EU)
            checking.add([*judged(EU, one), *judged(EU, two, UNANSWERED)])
        with begun(store, generation) as again:
            assert (again.number, again.is_resumed, again.begun_at) == (checking.number, True, checking.begun_at)
            assert (again.strata, again.size(EU), again.done(EU)) == (checking.strata, 3, 1)
            assert issues(again.work(EU)) == ["A-2", "A-3"]
            assert sum(again.tallies().values(), Counter()) == Counter({FOUND: 2})
            ask_all(again)
            assert again.done(EU) == 3
            again.end(True, {"ok": True})
        with begun(store, generation) as new:
            assert (new.number, new.is_resumed) == (checking.number + 1, False)
            assert not new.tallies()
            assert new.done(EU) == 0


def test_a_check_that_ended_incomplete_goes_on_and_another_one_is_of_its_own(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store)
        with begun(store, generation) as checking:
            checking.end(False, {"ok": False})
        scope = scope_of(store, generation)
        with store.checks.begin(replace(scope, digest="after a repair"), LEASE) as other:
            assert (other.number, other.is_resumed) == (checking.number + 1, False)
        assert begun(store, generation).number == checking.number


@pytest.mark.parametrize(("hours", "goes_on"), [(23.9, True), (24.1, False)])
def test_a_check_is_gone_on_with_for_a_day(tmp_path: Path, hours: float, goes_on: bool) -> None:
    clock = FakeClock()
    with store_at(str(tmp_path / "census"), clock) as store:
        generation = counted(store)
        with begun(store, generation) as checking:
            checking.add([A1_C7])
        clock.sleep(hours * 3600)
        with begun(store, generation) as again:
            assert again.is_resumed is goes_on
            assert bool(again.tallies()) is goes_on


# -- Two at once


def test_a_second_check_is_refused_while_the_first_one_is_made(location: str) -> None:
    with store_at(location) as store, store_at(location) as other:
        generation = counted(store)
        with begun(store, generation):
            with pytest.raises(LedgerError) as caught:
                begun(other, generation)
            assert caught.value.failure.what == (
                f"another process checks the links of this federation already (check 1 in {store.name})"
            )
            assert caught.value.failure.advice == (
                "let it end. If it was killed, run the same command again in 5 min: it goes on where that one stopped"
            )
        assert begun(other, generation).is_resumed


def test_a_check_of_another_process_is_refused_also_when_it_takes_more_than_a_day(tmp_path: Path) -> None:
    clock = FakeClock()
    with store_at(str(tmp_path / "census"), clock) as store, begun(store):
        clock.sleep(25 * 3600)
        with pytest.raises(LedgerError, match="another process checks"):
            begun(store, 1)


def test_who_was_taken_over_stops_and_writes_nothing(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = f"{claimant.myself().split(' ')[0]} 1 1"
    with store_at(location) as store, store_at(location) as other:
        generation = counted(store)
        with monkeypatch.context() as patch:
            as_if(patch, ended)
            earlier = begun(store, generation)
        later = begun(other, generation)
        assert (later.number, later.is_resumed) == (earlier.number, True)
        for act in (
            lambda: earlier.add([A1_C7]),
            lambda: earlier.add_form(EU, US, FORM),
            lambda: earlier.end(True, {}),
            earlier.keep_alive,
        ):
            with pytest.raises(LedgerError, match=r"another process goes on with check 1 now, so this one has stopped"):
                act()
        earlier.release()
        assert not later.tallies()
        assert store.checks.form(EU, US) is None
        later.add([A1_C7])
        later.end(True, {})


# -- Afterwards


def test_checks_that_have_ended_are_listed_for_the_sites_they_asked(location: str, clock: FakeClock) -> None:
    with store_at(location, clock) as store:
        generation = counted(store)
        scope = scope_of(store, generation)
        part = tuple(each for each in scope.strata if AP not in (each.product_url, each.destination_url))
        for number, strata in enumerate((scope.strata, part), 1):
            with store.checks.begin(CheckScope(f"{number}", {}, strata), LEASE) as checking:
                assert all(each.number != checking.number for each in store.checks.past([EU, US, AP]))
                clock.sleep(60)
                checking.end(number == 1, {"ok": number == 1, "pairs": [{"found": number}]})
        second, first = store.checks.past([EU])
        assert (first.number, first.complete, first.result) == (1, True, {"ok": True, "pairs": [{"found": 1}]})
        assert (second.number, second.complete) == (2, False)
        assert first.begun_at <= first.ended_at <= second.ended_at
        assert [each.number for each in store.checks.past([AP])] == [1]
        assert store.checks.past(["https://other.example.net"]) == store.checks.past([]) == []


def verdicts_at(location: str) -> int:
    statement = "SELECT COUNT(*) FROM link_check_verdicts"
    if location.startswith("postgresql:"):
        with psycopg.connect(location) as connection:
            return int(connection.execute(statement).fetchall()[0][0])
    with closing(sqlite3.connect(location)) as file:
        return int(file.execute(statement).fetchall()[0][0])


def test_verdicts_are_kept_for_a_week_and_results_for_ever(tmp_path: Path) -> None:
    clock, location = FakeClock(), str(tmp_path / "census")
    with store_at(location, clock) as store:
        generation = counted(store)
        with begun(store, generation) as checking:
            ask_all(checking)
            checking.end(True, {})
        for days, kept in ((6.9, 4), (0.2, 0)):
            clock.sleep(days * 86400)
            with begun(store, generation):
                assert verdicts_at(location) == kept
        assert [each.number for each in store.checks.past([EU])] == [1]


@pytest.mark.parametrize("everything", [False, True])
def test_with_a_census_goes_what_was_found_of_its_links(location: str, everything: bool) -> None:
    with store_at(location) as store:
        generations = counted(store), counted(store)
        for each in generations:
            with begun(store, each) as checking:
                ask_all(checking)
                checking.add_form(EU, US, FORM)
                checking.end(True, {"census": each})
        store.delete(None if everything else generations[0])
        assert verdicts_at(location) == (0 if everything else 4)
        assert [each.result["census"] for each in store.checks.past([EU])] == list(generations[::-1]), "the trend stays"
        assert store.checks.form(EU, US) == FORM


def test_a_check_whose_census_is_deleted_stops_and_is_not_gone_on_with(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store)
        with begun(store, generation) as checking:
            store.delete(None)
            with pytest.raises(
                LedgerError, match=r"a census was deleted while check 1 looked for its links\. Count the"
            ):
                checking.add([A1_C7])
            assert verdicts_at(location) == 0
        assert counted(store) == generation, "the number is given again"
        assert not begun(store, generation).is_resumed
