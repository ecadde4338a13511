# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests are under way at once, and which one is next."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import TooEarly
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.in_flight import InFlight
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.pace import Pace
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import Allowance
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._service.simulated import SimulatedTime
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


class Interrupted(BaseException):
    """Who waits is interrupted."""


class ImpatientClock(FakeClock):
    """A clock on which nobody waits for another: who would have to is interrupted."""

    def wait(self, event: threading.Event, seconds: float) -> None:
        if not event.is_set():
            raise Interrupted


def ask(in_flight: InFlight, allowance: Allowance | None = None, client: str = "me", times: int = 1) -> None:
    """Send a request, and take its answer."""
    for _time in range(times):
        with in_flight.request(client):
            in_flight.answered(client, allowance)


def room(in_flight: InFlight, client: str = "me") -> int:
    """How many requests may be under way at once now."""
    with ExitStack() as under_way:
        for number in range(100):
            try:
                under_way.enter_context(in_flight.request(client))
            except Interrupted:
                return number
    raise AssertionError("there is no end to it")


@pytest.fixture
def in_flight() -> InFlight:
    return InFlight(ImpatientClock(), most=4)


# -- How many


def test_never_more_at_once_than_there_may_be_for_all_clients_together() -> None:
    in_flight, all_places = InFlight(SystemClock(), most=4), threading.Barrier(4)
    lock, counts, under_way = threading.Lock(), [], [0]
    clients = [f"client {number}" for number in range(3)]
    for client in clients:
        ask(in_flight, client=client, times=4)

    def work(number: int) -> None:
        client = clients[number % len(clients)]
        with in_flight.request(client):
            with lock:
                under_way[0] += 1
                counts.append(under_way[0])
            # Nobody comes through before four are under way.
            all_places.wait(30)
            with lock:
                under_way[0] -= 1
            in_flight.answered(client, None)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(200)))
    assert len(counts) == 200
    assert max(counts) == 4


def test_it_begins_with_one_and_widens_with_each_answer_that_says_nothing_of_a_limit(in_flight: InFlight) -> None:
    seen = []
    for _answer in range(6):
        seen.append(room(in_flight))
        ask(in_flight)
    assert seen == [1, 4, 4, 4, 4, 4]


def test_what_is_not_answered_widens_nothing(in_flight: InFlight) -> None:
    for _request in range(3):
        with in_flight.request("me"):
            pass
    assert room(in_flight) == 1


def test_one_at_a_time_stays_one_at_a_time() -> None:
    in_flight = InFlight(ImpatientClock())
    ask(in_flight, times=5)
    assert room(in_flight) == 1


def test_at_the_first_refusal_it_goes_back_to_one() -> None:
    clock = ImpatientClock()
    in_flight = InFlight(clock, most=4)
    ask(in_flight, times=4)
    with in_flight.request("me"), in_flight.request("me"), in_flight.request("me"):
        in_flight.refused("me", 5)
        in_flight.answered("me", None)
        in_flight.answered("me", None)
    clock.sleep(6)
    assert room(in_flight) == 1, "also when some that were under way are taken after it"
    ask(in_flight)
    assert room(in_flight) == 2


def test_clients_widen_each_for_itself(in_flight: InFlight) -> None:
    ask(in_flight, times=3, client="me")
    assert room(in_flight, "somebody else") == 1


def test_no_more_are_under_way_than_are_left(in_flight: InFlight) -> None:
    ask(in_flight, times=4)
    ask(in_flight, Allowance(2, reset=60.0, limit=3))
    assert room(in_flight) == 2


def test_what_is_under_way_may_be_counted_already_or_not(in_flight: InFlight) -> None:
    ask(in_flight, times=4)
    with in_flight.request("me"), in_flight.request("me"):
        in_flight.answered("me", Allowance(3, reset=60.0))
        assert room(in_flight) == 2, "one of the three may be the other one's"


def test_after_the_reset_it_begins_with_one_again() -> None:
    clock = ImpatientClock()
    in_flight = InFlight(clock, most=4)
    ask(in_flight, Allowance(900, reset=60.0, limit=1000), times=4)
    clock.sleep(59)
    assert room(in_flight) == 4
    clock.sleep(2)
    assert room(in_flight) == 1, "the service may allow fewer than before"


# -- Who is next


def test_first_come_first_served() -> None:
    clock = SimulatedTime()
    in_flight = InFlight(clock, most=2)
    served = []

    def work(number: int) -> None:
        clock.sleep(10 - number)
        with in_flight.request("me"):
            served.append(number)
            clock.sleep(20)

    clock.run([lambda number=number: work(number) for number in range(6)])
    assert served == [5, 4, 3, 2, 1, 0]


def test_who_waits_for_one_client_is_in_the_way_of_no_other() -> None:
    clock = SimulatedTime()
    in_flight = InFlight(clock, most=2)
    begun = []

    def work(client: str, comes_at: float) -> None:
        clock.sleep(comes_at)
        with in_flight.request(client):
            begun.append((client, clock.seconds))
            clock.sleep(10)

    clock.run([lambda: work("a", 0), lambda: work("a", 1), lambda: work("b", 2)])
    assert begun == [("a", 0), ("b", 2), ("a", 10)]


def test_who_is_interrupted_while_it_waits_gives_its_place_back(in_flight: InFlight) -> None:
    with in_flight.request("me"):
        for _waiting in range(3):
            with pytest.raises(Interrupted), in_flight.request("me"):
                pass
    assert room(in_flight) == 1
    ask(in_flight, times=4)
    assert room(in_flight) == 4


def test_who_is_interrupted_when_it_was_just_let_go_gives_its_place_back(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = ImpatientClock()
    in_flight = InFlight(clock)

    def interrupt(event: threading.Event, seconds: float) -> None:
        assert event.is_set()
        raise Interrupted

    with monkeypatch.context() as interrupted:
        interrupted.setattr(clock, "wait", interrupt)
        with pytest.raises(Interrupted), in_flight.request("me"):
            pass
    assert room(in_flight) == 1


def test_a_request_that_fails_gives_its_place_back(in_flight: InFlight) -> None:
    with pytest.raises(OSError, match="no network"), in_flight.request("me"):
        raise OSError("no network")
    assert room(in_flight) == 1


# -- The limit is used up


def seconds_of_all(in_flight: InFlight, requests: int) -> list[tuple[float, bool]]:
    """For how long each of so many requests is too early, and whether somebody else says so."""
    told = []
    for _request in range(requests):
        with pytest.raises(TooEarly) as early, in_flight.request("me"):
            pass
        told.append((early.value.seconds, early.value.is_announced))
    return told


def test_a_limit_that_is_used_up_is_told_to_all_and_said_by_one() -> None:
    clock = ImpatientClock()
    in_flight = InFlight(clock, most=4)
    for _window in range(2):
        ask(in_flight, Allowance(0, reset=60.0, limit=60))
        told = seconds_of_all(in_flight, 5)
        assert {seconds for seconds, _said in told} == {told[0][0]}
        assert 60 < told[0][0] < 60.6
        assert [is_announced for _seconds, is_announced in told] == [False, True, True, True, True]
        clock.sleep(told[0][0] + 0.001)


def test_who_waits_when_the_limit_is_used_up_is_told_at_once() -> None:
    clock = SimulatedTime()
    in_flight = InFlight(clock, most=2)
    told = []

    def use_up(seconds: float) -> None:
        with in_flight.request("me"):
            clock.sleep(seconds)
            in_flight.answered("me", Allowance(0, reset=60.0, limit=60))

    def come_next() -> None:
        clock.sleep(1)
        with pytest.raises(TooEarly) as early, in_flight.request("me"):
            pass
        told.append((clock.seconds, early.value.is_announced))

    clock.run([lambda: ask(in_flight)])
    clock.run([lambda: use_up(5), lambda: use_up(50), come_next, come_next])
    assert told == [(5, False), (5, True)], "although another request is under way"


# -- What other processes know


class Told:
    """What processes share, and how often it is read and told."""

    def __init__(self, blocked: float = 0.0) -> None:
        self.blocked = blocked
        self.read: list[str] = []
        self.told: list[tuple[str, float]] = []

    def blocked_for(self, client: str) -> float:
        self.read.append(client)
        return self.blocked

    def block_for(self, client: str, seconds: float) -> None:
        self.told.append((client, seconds))


def test_other_processes_are_asked_once_a_second_for_each_client() -> None:
    clock, shared = ImpatientClock(), Told()
    in_flight = InFlight(clock)
    with in_flight.sharing(shared):
        for _request in range(21):
            ask(in_flight, client="me")
            clock.sleep(0.1)
        ask(in_flight, client="somebody else")
    assert shared.read == ["me", "me", "me", "somebody else"]


@pytest.mark.parametrize(("blocked", "waits"), [(3600.0, True), (3601.0, False), (0.0, False)])
def test_what_they_tell_is_believed_for_an_hour_at_most(in_flight: InFlight, blocked: float, waits: bool) -> None:
    with in_flight.sharing(Told(blocked)):
        if waits:
            assert blocked < seconds_of_all(in_flight, 1)[0][0] <= blocked + 0.5
        else:
            ask(in_flight)


def test_neither_what_they_tell_nor_another_refusal_shortens_a_wait(in_flight: InFlight) -> None:
    ask(in_flight)
    with in_flight.request("me"), in_flight.request("me"):
        in_flight.refused("me", 60)
        in_flight.refused("me", 10)
    with in_flight.sharing(Told(5.0)):
        assert seconds_of_all(in_flight, 1) == [(pytest.approx(60.05), False)]


def test_when_they_tell_of_a_limit_it_begins_with_one_again() -> None:
    clock, shared = ImpatientClock(), Told()
    in_flight = InFlight(clock, most=4)
    with in_flight.sharing(shared):
        ask(in_flight, times=4)
        shared.blocked = 5
        clock.sleep(1)
        clock.sleep(seconds_of_all(in_flight, 1)[0][0] + 0.001)
        shared.blocked = 0
        assert room(in_flight) == 1


def test_they_are_told_of_a_limit_once_and_not_when_it_is_lifted() -> None:
    clock, shared = ImpatientClock(), Told()
    in_flight = InFlight(clock)
    with in_flight.sharing(shared):
        with in_flight.request("me"):
            in_flight.refused("me", 60)
            assert shared.told == [], "there may be a job first whose id has to be written down"
        clock.sleep(20)
        seconds_of_all(in_flight, 2)
        assert shared.told == [("me", pytest.approx(40.05))]
        clock.sleep(41)
        with in_flight.request("me"):
            in_flight.refused("me", 60)
        clock.sleep(61)
        ask(in_flight)
        assert len(shared.told) == 1


def test_they_are_told_at_the_end_for_each_client_when_nothing_more_is_sent() -> None:
    clock, shared = ImpatientClock(), Told()
    in_flight = InFlight(clock)
    with in_flight.sharing(shared):
        for client in ("me", "somebody else", "who is not limited"):
            with in_flight.request(client):
                if client == "who is not limited":
                    in_flight.answered(client, None)
                else:
                    in_flight.refused(client, 30)
        assert shared.told == []
    assert shared.told == [("me", pytest.approx(30.05)), ("somebody else", pytest.approx(30.05))]
    clock.sleep(2)
    ask(in_flight, client="who is not limited")
    assert len(shared.read) == 3, "what is no longer shared is not read"


# -- Where each request has its turn


def paced(clock: FakeClock) -> InFlight:
    return InFlight(clock, most=8, limiter=partial(Pace, clock, 2, rate=10))


def test_each_client_waits_for_its_own_turn_and_is_woken_once() -> None:
    clock = FakeClock()
    in_flight = paced(clock)
    for _time in range(3):
        ask(in_flight, client="me")
        ask(in_flight, client="you")
    # The turns of both are at the same moments.
    assert clock.naps == pytest.approx([0.1, 0.1], abs=0.02)


def test_who_waits_for_its_turn_is_not_under_way() -> None:
    class Watched(FakeClock):
        def sleep(self, seconds: float) -> None:
            under_way.append(in_flight._under_way)
            super().sleep(seconds)

    under_way: list[int] = []
    in_flight = paced(Watched())
    ask(in_flight, times=3)
    assert under_way == [0, 0]


def test_each_client_has_no_more_under_way_than_it_may() -> None:
    in_flight = paced(ImpatientClock())
    ask(in_flight, times=3)
    ask(in_flight, client="you", times=3)
    assert room(in_flight) == 2
    with in_flight.request("me"), in_flight.request("me"):
        assert room(in_flight, "you") == 2


def test_a_refusal_is_told_to_who_waited_for_its_turn_meanwhile() -> None:
    class Refusing(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            in_flight.refused("me", 5)

    in_flight = paced(Refusing())
    ask(in_flight)
    with pytest.raises(TooEarly) as early:
        ask(in_flight)
    assert early.value.seconds == pytest.approx(5, abs=0.1)
