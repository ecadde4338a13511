# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One process counts a census at a time; after its end, however that comes, the next one goes on."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import claimant
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.store import Row
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.counting import Counting
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.progress import Page
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.schema import CENSUS
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
    store_at,
)
from ansible_collections.jira_cloud.federation.tests.unit.processes import PROCESSES
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


def as_if(monkeypatch: pytest.MonkeyPatch, process: str) -> None:
    """From now on, who begins a census is another process."""
    monkeypatch.setattr(claimant, "myself", lambda: process)


HERE = claimant.myself().split(" ")[0]
#: A process of this machine that has ended, and one of another machine, of which nothing is known.
ENDED, ELSEWHERE = f"{HERE} {os.getpid()} 1", "elsewhere 1 2"


# -- To go on


def test_a_census_that_was_interrupted_goes_on_where_it_was(location: str) -> None:
    with store_at(location) as store:
        with store.begin(SCOPE, LEASE) as counting:
            assert not counting.is_resumed
            counting.add(project(counting, "A"), PAGES["A"])
            counting.add(project(counting, "A"), page(("A-14", [link(9, "C-3", "relates to", "Relates")])))
            counting.end_project(project(counting, "B"))
        with store.begin(SCOPE, LEASE) as again:
            assert (again.generation, again.is_resumed, again.projects) == (
                counting.generation,
                True,
                counting.projects,
            )
            assert (project(again, "A").last_read, project(again, "A").issues) == (("A-14",), 20)
            again.add(project(again, "C"), page(("C-3", [link(9, "A-14", "relates to", "Relates")])))
        assert store.walk(again.generation, SERVER, US, EU)[0].phrases == (("Relates", "relates to"),)


def test_the_order_of_the_scope_does_not_matter_and_what_is_in_it_does(location: str) -> None:
    turned = replace(SCOPE, projects=SCOPE.projects[::-1])
    fewer = replace(SCOPE, projects=SCOPE.projects[1:])
    moved = replace(SCOPE, projects=(replace(SCOPE.projects[0], product_url=US), *SCOPE.projects[1:]))
    elsewhere = replace(SCOPE, read_from={SERVER: "/tmp/links.csv"})
    exported = replace(elsewhere, files={SERVER: "another export in its place"})
    with store_at(location) as store:
        begun = []
        for scope in (SCOPE, turned, fewer, moved, elsewhere, exported, SCOPE):
            with store.begin(scope, LEASE) as counting:
                begun.append(counting.generation)
    assert begun == [1, 1, 2, 3, 4, 5, 1]


def test_a_census_that_is_complete_is_followed_by_a_new_one(location: str) -> None:
    with store_at(location) as store:
        complete = counted(store)
        with store.begin(SCOPE, LEASE) as counting:
            assert (counting.generation, counting.is_resumed) == (complete + 1, False)
            assert not any(each.issues for each in counting.projects)


# -- Two at once


def test_a_second_process_is_refused_while_the_first_one_counts(location: str) -> None:
    with store_at(location) as first, store_at(location) as second:
        with first.begin(SCOPE, LEASE):
            with pytest.raises(LedgerError) as caught:
                second.begin(SCOPE, LEASE)
            assert caught.value.failure.what == (
                f"another process counts the links of this federation already (census 1 in {second.name})"
            )
            assert caught.value.failure.advice == (
                "let it end. If it was killed, run the same command again in 5 min: it goes on where that one stopped"
            )
        assert second.begin(SCOPE, LEASE).is_resumed, "the first one has ended"


def test_another_federation_may_be_counted_at_the_same_time(location: str) -> None:
    other = replace(SCOPE, projects=SCOPE.projects[1:])
    with store_at(location) as store, store.begin(SCOPE, LEASE) as one, store.begin(other, LEASE) as two:
        one.add(project(one, "A"), PAGES["A"])
        two.add(project(two, "C"), page(("C-1", [link(1, "D-1")])))
        one.add(project(one, "D"), PAGES["D"])
        assert len(store.counts(one.generation)) == 3
        assert len(store.counts(two.generation)) == 1


def test_of_many_that_begin_at_once_one_counts(location: str) -> None:
    def begin(_number: int) -> Counting | LedgerError:
        store = store_at(location)
        stores.append(store)
        try:
            return store.begin(SCOPE, LEASE)
        except LedgerError as exc:
            return exc

    store_at(location).close()
    stores: list[CensusStore] = []
    with ThreadPoolExecutor(8) as pool:
        begun = list(pool.map(begin, range(8)))
    assert [each.generation for each in begun if isinstance(each, Counting)] == [1]
    for each in stores:
        each.close()


def test_threads_that_read_a_project_each_write_all_they_have(location: str) -> None:
    def read(key: str) -> None:
        target = "C" if key in "AB" else "A"
        for number in range(1, 11):
            links = [link(number, f"{target}-{number}", f"{key} {number}")]
            counting.add(project(counting, key), page((f"{key}-{number}", links), issues=1))

    with store_at(location) as store, store.begin(SCOPE, LEASE) as counting, ThreadPoolExecutor(4) as pool:
        list(pool.map(read, "ABCD"))
        assert sum(store.counts(counting.generation).values()) == 40
        for key, (site, other) in {"B": (EU, US), "D": (AP, EU)}.items():
            found = store.walk(counting.generation, SERVER, site, other)
            phrases = {each.phrases for each in found if each.issue.startswith(key)}
            assert phrases == {(("Blocks", f"{key} {number}"),) for number in range(1, 11)}


# -- Who has died


def test_a_process_of_this_machine_that_has_ended_is_taken_over_at_once(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_at(location) as store:
        with monkeypatch.context() as patch:
            as_if(patch, ENDED)
            dead = store.begin(SCOPE, LEASE)
            dead.add(project(dead, "A"), PAGES["A"])
        assert store.begin(SCOPE, LEASE).projects == dead.projects


def expire(location: str) -> None:
    """Have all leases end; a server has a clock that no test can move."""
    statement = "UPDATE link_census_generations SET lease_until = '2026-01-01T00:00:00.000000Z'"
    if location.startswith("postgresql:"):
        with psycopg.connect(location) as connection:
            connection.execute(statement)
    else:
        with closing(sqlite3.connect(location, isolation_level=None)) as file:
            file.execute(statement)


def test_a_process_of_another_machine_is_taken_over_when_its_lease_is_over(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_at(location) as store:
        with monkeypatch.context() as patch:
            as_if(patch, ELSEWHERE)
            silent = store.begin(SCOPE, LEASE)
        for act in (lambda: silent.add(project(silent, "A"), PAGES["A"]), silent.keep_alive):
            expire(location)
            act()
            with pytest.raises(LedgerError, match=r"another process .* in 5 min"):
                store.begin(SCOPE, LEASE)
        expire(location)
        assert store.begin(SCOPE, LEASE).is_resumed


def test_a_process_of_this_machine_that_waits_for_longer_than_its_lease_is_not_taken_over(location: str) -> None:
    with store_at(location) as store:
        slow = store.begin(SCOPE, LEASE)
        expire(location)
        with pytest.raises(LedgerError, match="another process counts"):
            store.begin(SCOPE, LEASE)
        slow.add(project(slow, "A"), PAGES["A"])


class IsSlow(SqliteStore):
    """A store in which something happens before anything is changed for the first time."""

    meanwhile: Callable[[], None] | None = None

    def execute(self, statement: str, parameters: Row, *more: str) -> int:
        if meanwhile := self.meanwhile:
            self.meanwhile = None
            meanwhile()
        return super().execute(statement, parameters, *more)


def test_a_process_that_goes_on_at_the_last_moment_is_not_taken_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "census.sqlite3"
    database = IsSlow(path, CENSUS)
    with store_at(str(path)) as store, CensusStore(database, FakeClock()) as other:
        with monkeypatch.context() as patch:
            as_if(patch, ELSEWHERE)
            silent = store.begin(SCOPE, LEASE)
        expire(str(path))
        database.meanwhile = silent.keep_alive
        with pytest.raises(LedgerError, match="another process counts"):
            other.begin(SCOPE, LEASE)
        assert database.meanwhile is None
        silent.add(project(silent, "A"), PAGES["A"])


def test_who_was_taken_over_stops_and_mixes_nothing(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with store_at(location) as store, store_at(location) as other:
        with monkeypatch.context() as patch:
            as_if(patch, ENDED)
            earlier = store.begin(SCOPE, LEASE)
        later = other.begin(SCOPE, LEASE)
        later.add(project(later, "A"), PAGES["A"])
        progress = store.progress(1)
        for act in (
            lambda: earlier.add(project(earlier, "C"), PAGES["C"]),
            lambda: earlier.add(project(earlier, "A"), Page(outside={"X": 1}, crowded={"A-1": 3000})),
            lambda: earlier.restart(project(earlier, "A")),
            lambda: earlier.end_project(project(earlier, "A")),
            lambda: earlier.end(complete=True),
            earlier.keep_alive,
        ):
            with pytest.raises(LedgerError, match=r"another process counts the links of census 1 now, so this one has"):
                act()
        earlier.release()
        assert store.progress(1) == progress
        assert len(store.counts(1)) == 2
        assert not store.outside(1)
        assert not store.crowded(1)
        later.add(project(later, "C"), PAGES["C"])
        later.end(complete=True)


# -- Real kills


def whole(number: int) -> Page:
    """The page of an issue of A; every other one also has a new kind of link."""
    key = f"A-{number}"
    return Page([(key, [link(number, f"C-{number}", f"kind {number // 2}")])], issues=1, last_read=(key,), total=60)


def read_all(location: str, is_begun: Any) -> None:
    """Count, from wherever it is."""
    with store_at(location, SystemClock()) as store, store.begin(SCOPE, LEASE) as counting:
        is_begun.set()
        read = project(counting, "A")
        while read.issues < 60:
            counting.add(read, whole(read.issues + 1))
        counting.end_project(read)
        counting.end(complete=True)


def killed(location: str, seconds: float) -> int | None:
    """Have a process count, and kill it when it has done so for a while; how it ended."""
    is_begun = PROCESSES.Event()
    process = PROCESSES.Process(target=read_all, args=(location, is_begun))
    process.start()
    assert is_begun.wait(60)
    process.join(timeout=seconds)
    process.kill()
    process.join(timeout=60)
    return process.exitcode


def is_complete(location: str) -> bool:
    with store_at(location) as store:
        return any(each.complete for each in store.generations())


@pytest.mark.slow
def test_a_census_that_is_killed_again_and_again_ends_as_one_that_is_not(location: str) -> None:
    chance = random.Random(18)
    for _time in range(4):
        assert killed(location, chance.uniform(0, 0.05)) in (-signal.SIGKILL, 0)
        # A process may be killed between the end of the census and its own.
        if is_complete(location):
            break
    else:
        read_all(location, threading.Event())
    with store_at(location) as store:
        (found,) = store.generations()
        assert found.complete
        assert (store.progress(1)[0].issues, store.counts(1)) == (60, {(SERVER, EU, US): 60})
        walked = store.walk(1, SERVER, EU, US)
        assert {(each.issue, each.link_ids, each.phrases) for each in walked} == {
            (f"A-{number}", (number,), (("Blocks", f"kind {number // 2}"),)) for number in range(1, 61)
        }


def test_a_holder_that_nobody_could_have_written_ends_in_a_message(
    location: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_at(location) as store:
        with monkeypatch.context() as patch:
            as_if(patch, "nonsense")
            store.begin(SCOPE, LEASE)
        with pytest.raises(LedgerError, match=r"the census .* is damaged: .* Delete the census and count the links"):
            store.begin(SCOPE, LEASE)
