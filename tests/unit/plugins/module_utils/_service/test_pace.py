# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a site is asked that does not say how fast it may be asked: simulated, with a limit that is a bucket."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.pace import Pace
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import NearLimit
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

LATENCY = 0.05


@dataclass
class Site:
    """Allows so many requests a second, and as many at once after a rest."""

    rate: float
    burst: float
    #: Whether it says that the limit is near.
    warns: bool = False
    tokens: float = field(init=False)
    refilled_at: float = 0.0

    def __post_init__(self) -> None:
        self.tokens = self.burst

    def takes(self, now: float) -> bool:
        self.tokens = min(self.tokens + (now - self.refilled_at) * self.rate, self.burst)
        self.refilled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True

    @property
    def is_near_limit(self) -> bool:
        return self.warns and self.tokens < 0.2 * self.burst


@dataclass
class Outcome:
    #: When each answer came, in seconds.
    answered: list[float] = field(default_factory=list)
    refused: int = 0

    def rate(self, begin: float, end: float) -> float:
        """How many answers a second there were in this time."""
        return sum(begin <= each < end for each in self.answered) / (end - begin)


def simulated(site: Site, requests: int, connections: int = 4, seconds: float = math.inf) -> Outcome:
    """What comes of requests that several connections send as fast as the pace lets them."""
    clock = FakeClock()
    start = clock.time
    pace = Pace(clock, connections, rate=10)
    outcome, order = Outcome(), count()
    events = [(0.0, next(order), _connection(site, pace, clock, outcome, requests)) for _each in range(connections)]
    while events:
        now, _order, connection = heapq.heappop(events)
        clock.time = start + timedelta(seconds=now)
        pause = next(connection, None)
        if pause is not None and now + pause <= seconds:
            heapq.heappush(events, (now + pause, next(order), connection))
    return outcome


def _connection(site: Site, pace: Pace, clock: FakeClock, outcome: Outcome, requests: int) -> Iterator[float]:
    """The pauses of a connection, in seconds."""
    start = clock.monotonic()
    while len(outcome.answered) < requests:
        yield pace.turn()
        if delay := pace.delay():
            yield delay
            continue
        pace.begin()
        is_taken = site.takes(clock.monotonic() - start)
        hint = NearLimit() if site.is_near_limit else None
        yield LATENCY
        if is_taken:
            outcome.answered.append(clock.monotonic() - start)
            pace.answered(hint)
            pace.end()
        else:
            outcome.refused += 1
            pace.refused(1.0)
            pace.end()
            yield 1.25


# -- A site with a limit


@pytest.mark.parametrize("connections", [4, 20])
@pytest.mark.parametrize("warns", [False, True])
def test_the_limit_of_a_site_is_used_up_to_a_tenth(warns: bool, connections: int) -> None:
    outcome = simulated(Site(10, burst=10, warns=warns), 1000, connections)
    assert 90 < outcome.answered[-1] < 110
    assert outcome.refused < 25


@pytest.mark.parametrize("warns", [False, True])
def test_a_fast_site_is_soon_asked_nearly_as_fast_as_it_allows(warns: bool) -> None:
    outcome = simulated(Site(100, burst=100, warns=warns), 3000, connections=20)
    assert outcome.rate(0, 10) > 60
    assert outcome.rate(10, 20) > 85
    assert outcome.refused < 60


def test_a_site_that_allows_little_is_not_asked_much_more() -> None:
    outcome = simulated(Site(2, burst=2), 200)
    assert outcome.answered[-1] < 1.2 * 200 / 2
    assert outcome.refused < 30


def test_a_site_that_warns_refuses_less() -> None:
    warned, unwarned = (simulated(Site(20, burst=20, warns=warns), 2000) for warns in (True, False))
    assert warned.refused < unwarned.refused / 2


# -- Turns


def pace_of(clock: FakeClock) -> Pace:
    return Pace(clock, 4, rate=10)


def ask(pace: Pace, clock: FakeClock, hint: NearLimit | None = None) -> None:
    """Send a request when it is its turn, and have it answered."""
    clock.sleep(pace.turn())
    pace.begin()
    pace.answered(hint)
    pace.end()


def test_each_turn_is_given_away_once() -> None:
    pace = pace_of(FakeClock())
    assert [pace.turn() for _each in range(4)] == pytest.approx([0, 0.1, 0.2, 0.3])


def test_what_was_not_sent_in_time_is_not_sent_at_once() -> None:
    clock = FakeClock()
    pace = pace_of(clock)
    pace.turn()
    clock.sleep(60)
    assert [pace.turn() for _each in range(3)] == pytest.approx([0, 0.1, 0.2])


def test_nobody_has_a_turn_while_the_site_takes_nothing() -> None:
    clock = FakeClock()
    pace = pace_of(clock)
    pace.refused(30)
    assert [pace.turn() for _each in range(3)] == [0, 0, 0]
    assert pace.delay() == pytest.approx(30, abs=0.1)
    clock.sleep(31)
    assert [pace.turn() for _each in range(3)] == pytest.approx([0, 0.2, 0.4])


def test_another_user_of_the_account_makes_it_slower_and_it_recovers() -> None:
    clock = FakeClock()
    pace = pace_of(clock)
    for _each in range(3):
        ask(pace, clock, NearLimit())
        clock.sleep(1)
    assert pace.rate == pytest.approx(4.05)
    end = clock.monotonic() + 60
    while clock.monotonic() < end:
        ask(pace, clock)
    assert pace.rate == pytest.approx(4.05 * 1.02**60, rel=0.1)


def test_requests_become_more_only_where_they_wait_for_their_turn() -> None:
    clock = FakeClock()
    pace = pace_of(clock)
    for _each in range(20):
        clock.sleep(1)
        ask(pace, clock)
    assert pace.rate == 10
    ask(pace, clock)
    assert pace.rate > 10


def test_until_the_site_says_that_it_is_enough_the_rate_doubles_each_second() -> None:
    clock = FakeClock()
    pace, end = pace_of(clock), clock.monotonic() + 2
    while clock.monotonic() < end:
        ask(pace, clock)
    assert 35 < pace.rate < 45


def test_the_first_hint_halves_the_rate_and_a_later_one_takes_a_tenth() -> None:
    clock = FakeClock()
    pace = pace_of(clock)
    ask(pace, clock, NearLimit())
    assert pace.rate == 5
    ask(pace, clock, NearLimit())
    assert pace.rate == 5, "the second one is about the same excess"
    clock.sleep(1)
    ask(pace, clock, NearLimit())
    assert pace.rate == 4.5


def test_some_requests_are_sent_whatever_the_site_says() -> None:
    clock = FakeClock()
    pace = pace_of(clock)
    for _each in range(100):
        clock.sleep(10)
        ask(pace, clock, NearLimit())
    assert pace.rate == 1
