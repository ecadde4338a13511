# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared in the benchmark does the same work, each in its way, and what is said of it is true."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import fields

import pytest
from federations import COLLECTION as CHECKOUT

sys.path.insert(0, str(CHECKOUT / "benchmarks"))
from bench import Scenario, measured
from measuring import COLLECTION, CURL, CURLS, URI, Cost, Federation, federation

INSTANCES = 3
JOBS = INSTANCES * (INSTANCES - 1)


def is_done(there: Federation, cost: Cost, contender: str) -> None:
    assert cost.ok, there.output
    # The collection looks at the first answer of a service that it has never met.
    assert cost.links_requests == 2 * JOBS + (contender == COLLECTION)
    assert cost.requests - cost.links_requests == (4 if contender == COLLECTION else 1) * INSTANCES
    assert cost.refused == 0


@pytest.mark.parametrize("contender", [COLLECTION, URI[5], CURL, CURLS])
def test_each_contender_schedules_each_job_once_and_sees_it_complete(contender: str) -> None:
    with federation(INSTANCES) as there:
        is_done(there, there.run(contender, look_every=0.1), contender)


@pytest.mark.parametrize("contender", [COLLECTION, URI[20], CURL, CURLS])
def test_each_contender_trusts_the_certificate_of_a_stand_in_that_is_reached_by_https(contender: str) -> None:
    with federation(INSTANCES, tls=True) as there:
        is_done(there, there.run(contender, look_every=0.1), contender)


@pytest.mark.parametrize(("contender", "at_once", "latency"), [(CURL, 1, 0.1), (CURLS, 8, 1)])
def test_curls_send_as_many_requests_at_once_as_they_are_called(contender: str, at_once: int, latency: float) -> None:
    with federation(4, latency_seconds=latency) as there:
        cost = there.run(contender, look_every=0.1)
    assert (cost.at_once, cost.ok) == (at_once, True)
    assert cost.connections == cost.requests


@pytest.mark.parametrize("contender", [CURL, CURLS])
def test_curls_wait_for_jobs_that_take_their_time(contender: str) -> None:
    with federation(INSTANCES, run_seconds=0.5) as there:
        cost = there.run(contender, look_every=0.1)
        assert cost.ok, there.output
        assert cost.links_requests > 2 * JOBS


@pytest.mark.parametrize("contender", [CURL, CURLS])
@pytest.mark.parametrize("fate", ["fail", "no_job"])
def test_curls_fail_where_a_job_does_or_an_answer_has_none(contender: str, fate: str) -> None:
    with federation(INSTANCES, **{fate: ["site01.example.net -> site02.example.net"]}) as there:
        there.run(contender, look_every=0.1)
        assert json.loads((there.folder / "cost.json").read_text())["returncode"] == 1


def test_a_contender_that_does_not_come_to_the_end_has_failed() -> None:
    with federation(INSTANCES, rate_limit=[4, 3600]) as there:
        cost = there.run(CURL, look_every=0.1)
        assert not cost.ok
        assert (cost.refused, cost.used) == (1, 1)
        assert len(there.jobs) == 4


def test_a_rerun_asks_nothing_of_the_links_api_and_a_look_all_of_it() -> None:
    with federation(INSTANCES) as there:
        first = there.run(COLLECTION, look_every=0.1)
        assert first.ok
        assert (first.lines, first.plan < first.wall) == (len(there.output.splitlines()), True)
        again = there.run(COLLECTION, look_every=0.1)
        assert again.links_requests == 0
        assert (first.lines + again.lines, 0 < again.plan < again.wall) == (len(there.output.splitlines()), True)
        look = there.look()
        assert (look.links_requests, look.plan) == (JOBS, 0)


def test_a_contender_is_compared_with_ours_of_the_same_round_and_a_slow_one_runs_once() -> None:
    walls = {COLLECTION: [1, 2, 4], CURLS: [3, 20, 8], CURL: [5]}

    def costing(name: str) -> Callable[[Federation], Cost]:
        each = iter(walls[name])
        return lambda _there: Cost(**{**dict.fromkeys((one.name for one in fields(Cost)), 1), "wall": next(each)})

    found = measured(Scenario("made up", 2, {name: costing(name) for name in walls}, once=(CURL,)), pairs=3)
    assert {name: (each["wall"], each["to_ours"]["wall"]) for name, each in found.items()} == {
        COLLECTION: (2, 1),
        CURLS: (8, 3),
        CURL: (5, 5),
    }
