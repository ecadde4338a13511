# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's rate limit: kept, shared by those who share a ledger, and no reason for a run to fail."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import to_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import NotAccepted, TooEarly
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.in_flight import InFlight
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import (
    Allowance,
    Bucket,
    RateLimiter,
)
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._service.simulated import (
    Service,
    SimulatedTime,
    asking,
)
from ansible_collections.jira_cloud.federation.tests.unit.run_alone import Alone
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    FakeClock,
    Wire,
    answering,
    delay_of,
)
from hypothesis import given
from hypothesis import strategies as st


def says(clock: FakeClock, *, remaining: int, reset: float, status: int = 200) -> Any:
    """An answer with the vendor's headers."""
    headers = {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": to_text(clock.now() + timedelta(seconds=reset)),
    }
    return answering(status, "{}", headers)


def session_of(clock: FakeClock, email: str = "me@example.com") -> Session:
    return Session(Connection(), Basic(email, "t0ken"), clock)


@contextmanager
def sharing(clock: FakeClock, ledger: Ledger, email: str = "me@example.com") -> Iterator[Session]:
    session = session_of(clock, email)
    with session.sharing(ledger):
        yield session


def delay_of_another(clock: FakeClock, ledger: Ledger, url: str, email: str = "me@example.com") -> float:
    """The same of a session that has sent nothing yet."""
    with sharing(clock, ledger, email) as session:
        return delay_of(session, url)


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return str(tmp_path / "ledger.sqlite3")


# -- What an answer says counts for the next request


def test_nothing_is_slowed_down_without_a_word_of_the_service(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(*[answering(200, "{}"), answering(200, "{}", {"X-RateLimit-Remaining": "0"})] * 2) as wire:
        for _request in range(4):
            session.get(wire.url)
    assert not clock.naps, "until when is not known"


def test_when_the_limit_is_used_up_nothing_is_sent_until_it_is_lifted(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(says(clock, remaining=0, reset=10), says(clock, remaining=59, reset=10)) as wire:
        session.get(wire.url)
        for send in (lambda: session.get(wire.url), lambda: session.post(wire.url, {})):
            with pytest.raises(TooEarly) as early:
                send()
            assert 10 < early.value.seconds < 10.6
        assert len(wire.requests) == 1
        assert delay_of(session, "https://eu.example.net/_edge/tenant_info") == 0, "another host has its own limits"
        clock.sleep(10.6)
        session.get(wire.url)
        assert delay_of(session, wire.url) == 0


def test_what_is_left_is_spread_over_the_time_that_it_has_to_last(clock: FakeClock) -> None:
    with Wire(*[says(clock, remaining=number, reset=10) for number in (40, 39, 9, 8)]) as wire:
        session = session_of(clock)
        session.get(wire.url)
        session.get(wire.url)
        session = session_of(clock)
        session.get(wire.url)
        with pytest.raises(TooEarly) as early:
            session.get(wire.url)
        assert early.value.seconds == pytest.approx(1.0)
        clock.sleep(1.1)
        session.get(wire.url)


def test_after_a_refusal_other_requests_wait_as_well(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(says(clock, remaining=0, reset=30, status=429)) as wire:
        with pytest.raises(NotAccepted):
            session.get(wire.url)
        with pytest.raises(TooEarly) as early:
            session.get(f"{wire.url}/something/else")
    assert 30 < early.value.seconds < 30.6


# -- Several processes


def test_those_who_share_a_ledger_share_the_limit(clock: FakeClock, location: str) -> None:
    # In PostgreSQL it is the server's time that counts, so that the two clocks may differ.
    with (
        open_ledger(location, clock, {}) as ledger,
        open_ledger(location, clock, {}) as other_ledger,
        Wire(says(clock, remaining=0, reset=30, status=429)) as wire,
        sharing(clock, ledger) as session,
        sharing(clock, other_ledger) as another,
    ):
        assert delay_of(another, wire.url) == 0
        with pytest.raises(NotAccepted):
            session.get(wire.url)
        assert delay_of(session, wire.url) > 0
        clock.sleep(1)
        # The server's time goes on by itself, on a busy machine for seconds.
        least = 20 if location.startswith("postgresql") else 29
        assert least < delay_of(another, wire.url) < 31, "without having sent anything"
        stranger = delay_of_another(clock, other_ledger, wire.url, "somebody@example.com")
        assert stranger == 0, "another account has limits of its own"


def test_check_mode_keeps_the_limit_as_well(clock: FakeClock, tmp_path: Path) -> None:
    with Wire(says(clock, remaining=0, reset=30)) as wire:
        with open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger, sharing(clock, ledger) as session:
            session.get(wire.url)
        with open_ledger(str(tmp_path / "ledger"), clock, {}, copy=True) as copy:
            assert delay_of_another(clock, copy, wire.url) > 0


def test_a_clock_that_was_set_back_stops_nobody_for_long(clock: FakeClock, tmp_path: Path) -> None:
    with (
        open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger,
        Wire(says(clock, remaining=0, reset=30)) as wire,
        sharing(clock, ledger) as session,
    ):
        session.get(wire.url)
        assert delay_of(session, wire.url) > 0
        clock.time -= timedelta(days=1)
        assert delay_of_another(clock, ledger, wire.url) == 0


@pytest.mark.parametrize("date", ["Mon, 20 Nov 1995 19:12:08 +99999999999999", "yesterday", ""])
@pytest.mark.parametrize("reset", ["2026-03-01T12:00:10Z", "9999-12-31T23:59:59-23:59", "soon", "", "1e400"])
@pytest.mark.parametrize("remaining", ["0", "-1", "many", "9" * 5000, ""])
def test_no_job_is_lost_by_headers_that_mean_nothing(clock: FakeClock, date: str, reset: str, remaining: str) -> None:
    session = session_of(clock)
    headers = {"X-RateLimit-Reset": reset, "X-RateLimit-Remaining": remaining, "X-RateLimit-Limit": "60"}
    with Wire(answering(200, '{"uuid": "job-1"}', {**headers, "Date": date, "Retry-After": date})) as wire:
        assert session.post(wire.url, {}) == {"uuid": "job-1"}
        assert delay_of(session, wire.url) <= 11


def test_the_ledger_is_not_written_to_before_the_job_of_an_answer_can_be(clock: FakeClock, tmp_path: Path) -> None:
    with (
        open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger,
        Wire(says(clock, remaining=0, reset=30)) as wire,
        sharing(clock, ledger) as session,
    ):
        session.post(wire.url, {})
        assert delay_of_another(clock, ledger, wire.url) == 0
        assert delay_of(session, wire.url) > 0
        assert delay_of_another(clock, ledger, wire.url) > 0


def test_who_sends_nothing_more_tells_it_all_the_same(clock: FakeClock, tmp_path: Path) -> None:
    with (
        open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger,
        Wire(says(clock, remaining=0, reset=30)) as wire,
    ):
        with sharing(clock, ledger) as session:
            session.post(wire.url, {})
        assert delay_of_another(clock, ledger, wire.url) > 0


def test_a_ledger_that_cannot_be_read_stops_nobody(clock: FakeClock, tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger"), clock, {})
    ledger.close()
    with Wire(says(clock, remaining=0, reset=10)) as wire, sharing(clock, ledger) as session:
        assert delay_of(session, wire.url) == 0
        session.get(wire.url)
        assert delay_of(session, wire.url) > 0


# -- How fast one client may ask


def answer(limiter: RateLimiter, *remaining: int, reset: float, limit: int | None = 60) -> None:
    """Answers come, in this order, to requests that are sent one after the other."""
    for number in remaining:
        limiter.begin()
        limiter.answered(Allowance(number, reset, limit))
        limiter.end()


def answer_at_once(limiter: RateLimiter, *remaining: int, reset: float) -> list[float]:
    """Answers come, in this order, to requests that are sent at once. How long the pause is after each."""
    pauses = []
    for _request in remaining:
        limiter.begin()
    for number in remaining:
        limiter.answered(Allowance(number, reset, limit=60))
        limiter.end()
        pauses.append(limiter.delay())
    return pauses


def room(limiter: RateLimiter) -> int:
    """How many requests may be under way at once now."""
    number = 0
    while limiter.has_room:
        limiter.begin()
        number += 1
    for _request in range(number):
        limiter.end()
    return number


@pytest.mark.parametrize(("remaining", "pause"), [(13, 0.0), (12, 1.0), (1, 6.5)])
def test_what_is_left_is_spread_once_it_is_a_fifth_of_the_limit(clock: FakeClock, remaining: int, pause: float) -> None:
    limiter = RateLimiter(clock)
    answer(limiter, remaining, reset=13.0)
    assert limiter.delay() == pytest.approx(pause)


def test_each_request_that_is_sent_is_followed_by_a_pause(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=8)
    answer(limiter, 12, reset=13.0)
    clock.sleep(limiter.delay() + 0.001)
    assert limiter.delay() == 0
    limiter.begin()
    assert limiter.delay() == pytest.approx(1.0, abs=0.1), "before it is answered"


def test_without_a_limit_nobody_knows_what_is_little(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    answer(limiter, 1, reset=13.0, limit=None)
    assert limiter.delay() == 0


def test_requests_at_once_count_as_used_before_they_are_answered(clock: FakeClock) -> None:
    pauses = answer_at_once(RateLimiter(clock, most=8), 12, 11, 10, 9, reset=13.0)
    assert pauses == [pytest.approx(13.0 / (9 + 1))] * 4


@pytest.mark.parametrize("order", [(9, 10, 11, 12), (11, 9, 12, 10)])
def test_answers_that_overtake_each_other_make_the_pause_hardly_longer(
    clock: FakeClock, order: tuple[int, ...]
) -> None:
    pauses = answer_at_once(RateLimiter(clock, most=8), *order, reset=13.0)
    assert 13.0 / (9 + 1) - 0.001 <= pauses[-1] <= 13.0 / (9 + 1 - 3) + 0.001


def test_an_answer_that_was_overtaken_gives_nothing_back(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=8)
    answer_at_once(limiter, 1, 3, 2, reset=60.0)
    limiter.begin()
    assert not limiter.has_room, "one was left"


def test_who_shares_an_account_with_others_takes_its_share_of_what_is_left(clock: FakeClock) -> None:
    alone, shared = RateLimiter(clock), RateLimiter(clock)
    answer(alone, 14, 13, 12, 11, 10, 9, reset=60.0)
    answer(shared, 39, 33, 27, 21, 15, 9, reset=60.0)
    assert alone.delay() == pytest.approx(60.0 / 10)
    assert shared.delay() == pytest.approx(6 * 60.0 / 10), "of six requests one is its own"


def test_no_pause_is_longer_than_until_the_reset(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    answer(limiter, 59, 1, reset=10.0)
    assert limiter.delay() == pytest.approx(10.0)
    clock.sleep(10.001)
    assert limiter.delay() == 0


def test_requests_of_its_own_that_are_under_way_are_not_those_of_others(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=8)
    answer(limiter, 20, reset=60.0)
    assert answer_at_once(limiter, 16, 17, 18, 19, reset=60.0)[-1] == 0
    answer(limiter, 15, 14, 13, 12, reset=60.0)
    assert limiter.delay() == pytest.approx(60.0 / 13), "all of them were its own"


def test_a_later_reset_is_another_one_and_what_was_taken_before_it_does_not_count(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    answer(limiter, 59, 9, reset=1.0)
    answer(limiter, 14, 13, 12, reset=13.0)
    assert limiter.delay() == pytest.approx(13.0 / 13)


@pytest.mark.parametrize("later", [0.0, 0.9])
def test_a_reset_that_is_told_in_whole_seconds_is_the_same_one(clock: FakeClock, later: float) -> None:
    limiter = RateLimiter(clock)
    answer(limiter, 59, reset=60.0)
    answer(limiter, 9, reset=60.0 + later)
    assert limiter.delay() == pytest.approx(60.0 + later), "others have taken 49 since the first answer"


def test_an_answer_after_the_reset_is_the_first_one_of_another(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=8)
    answer(limiter, 1, reset=0.5, limit=4)
    limiter.begin()
    clock.sleep(0.6)
    limiter.answered(Allowance(3, reset=0.5, limit=4))
    limiter.end()
    assert room(limiter) == 3, "however short the time between two resets is"


# -- A service that does not say for how long


def refuse(limiter: RateLimiter, clock: FakeClock) -> float:
    """A request is refused, and what follows is waited for. For how long."""
    limiter.begin()
    limiter.refused(None)
    limiter.end()
    seconds = limiter.delay()
    clock.sleep(seconds + 0.001)
    return round(seconds)


def test_each_refusal_without_a_time_makes_the_pause_longer_and_an_answer_ends_that(clock: FakeClock) -> None:
    limiter = RateLimiter(clock)
    assert [refuse(limiter, clock) for _time in range(9)] == [1, 2, 4, 8, 16, 32, 64, 64, 64]
    limiter.begin()
    limiter.answered(None)
    limiter.end()
    assert limiter.delay() == 0
    assert [refuse(limiter, clock) for _time in range(2)] == [1, 2]


def test_what_is_refused_at_once_is_one_refusal(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=8)
    for _request in range(8):
        limiter.begin()
    for _request in range(8):
        limiter.refused(None)
        limiter.end()
    assert limiter.delay() == pytest.approx(1.05)
    clock.sleep(2)
    assert refuse(limiter, clock) == 2


def test_what_is_refused_while_others_tell_of_a_limit_is_as_good_as_the_first_refusal(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=8)
    limiter.begin()
    limiter.block_from_others(0.1)
    limiter.refused(None)
    limiter.end()
    assert limiter.delay() == pytest.approx(1.05)


def test_after_a_refusal_there_are_soon_half_as_many_at_once_and_then_slowly_more(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=8)
    for _request in range(1000):
        limiter.begin()
        limiter.answered(None)
        limiter.end()
    assert room(limiter) == 8
    refuse(limiter, clock)
    seen = []
    for _answer in range(10):
        seen.append(room(limiter))
        limiter.begin()
        limiter.answered(None)
        limiter.end()
    assert seen == [1, 4, 4, 4, 4, 4, 5, 5, 5, 5]


# -- A service with a limit, in simulated time


class Known:
    """What processes tell each other."""

    def __init__(self, clock: SimulatedTime) -> None:
        self._clock = clock
        self._until = 0.0

    def blocked_for(self, client: str) -> float:
        return max(self._until - self._clock.seconds, 0.0)

    def block_for(self, client: str, seconds: float) -> None:
        self._until = max(self._until, self._clock.seconds + seconds)


def simulate(service: Service, clock: SimulatedTime, requests: int, processes: int = 1, most: int = 8) -> float:
    """How long it takes until so many requests are taken."""
    known = Known(clock)
    with ExitStack() as stack:
        work = []
        for number in range(processes):
            in_flight = InFlight(clock, most)
            stack.enter_context(in_flight.sharing(known))
            share = (requests + number) // processes
            work += asking(service, in_flight, clock, share, at_once=most)
        return clock.run(work)


EVEN, UNEVEN = (0.2,), (0.2, 0.9, 0.05, 0.4)


@pytest.mark.parametrize(
    ("processes", "latency", "tells", "refused"),
    [
        (1, EVEN, (200, 429), 0),
        (1, UNEVEN, (200, 429), 0),
        (2, EVEN, (200, 429), 8),
        (2, UNEVEN, (200, 429), 8),
        # Where only refusals tell of the limit, it has to be met: at first with all that are under way, then with one
        # request in each window.
        (1, EVEN, (429,), 8 + 13),
        (1, UNEVEN, (429,), 8 + 13),
        (2, EVEN, (429,), 13 * 6),
    ],
)
def test_a_limit_is_used_and_hardly_ever_met(
    processes: int, latency: tuple[float, ...], tells: tuple[int, ...], refused: int
) -> None:
    clock = SimulatedTime()
    service = Service(clock, limit=60, window=10.0, latency=latency, tells=tells)
    seconds = simulate(service, clock, 760, processes)
    assert len(service.taken) == 760
    assert len(service.refused) <= refused
    assert 0.9 * 60 * seconds / 10 <= 760
    assert service.most_at_once == 8 * processes


def test_a_limit_that_nothing_tells_of_is_found_out() -> None:
    clock = SimulatedTime()
    service = Service(clock, limit=60, window=10.0, latency=EVEN, tells=())
    assert 0.6 * 60 * simulate(service, clock, 760) / 10 <= 760
    assert len(service.refused) <= 13 * 5


@given(
    limit=st.integers(1, 40),
    window=st.sampled_from([0.5, 5.0, 60.0, 600.0]),
    latency=st.lists(st.sampled_from([0.0, 0.01, 0.2, 1.0, 7.0]), min_size=1, max_size=5),
    tells=st.sampled_from([(200, 429), (429,), (200,), ()]),
    most=st.integers(1, 12),
    processes=st.integers(1, 3),
    requests=st.integers(1, 60),
)
def test_whatever_the_limit_is_all_requests_are_taken_in_the_end(
    limit: int,
    window: float,
    latency: list[float],
    tells: tuple[int, ...],
    most: int,
    processes: int,
    requests: int,
) -> None:
    clock = SimulatedTime()
    service = Service(clock, limit, window, latency, tells)
    simulate(service, clock, requests, processes, most)
    assert len(service.taken) == requests
    assert service.most_at_once <= most * processes


# -- Several processes at a real service with a limit

NAMES = ("eu", "us", "ap", "au", "br", "jp")
LIMIT, WINDOW = 20, 1.5


@pytest.fixture
def service() -> Iterator[StandIn]:
    script = Script(queue_seconds=0, backup_seconds=0, run_seconds=0, rate_limit=(LIMIT, WINDOW))
    with StandIn(script) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        yield server
        server.shutdown()


def run_alone(service: StandIn, ledger: str, names: tuple[str, ...]) -> dict[str, Any]:
    """A run for some of the instances, in a process of its own."""
    defaults = {name: option.get("default") for name, option in LINK_UPDATE_RUN.items()}
    of_order = {name: option.get("default") for name, option in LINK_UPDATE_RUN["orders"]["options"].items()}
    federation = {
        name: {
            "product_url": f"{service.url}/{name}.example.net",
            "migrated_from": "https://jira.example.com",
            "migrated_from_override": None,
            "site_id": None,
        }
        for name in NAMES
    }
    account = {"email": "me@example.com", "api_token": "t0ken"}
    options = {
        **defaults,
        "federation": federation,
        "orders": [{**of_order, **account, "name": name} for name in names],
        "stages": ["submit", "wait"],
        "app_links_authorized": True,
        "api_url": f"{service.url}/api.example.net/links/v1",
        "ledger": ledger,
        "wait_timeout": 60.0,
    }
    return Alone("link_update_run", options).end()


@pytest.mark.slow
def test_several_processes_at_a_limited_service_all_come_to_their_end(service: StandIn, location: str) -> None:
    shares = [NAMES[:2], NAMES[2:4], NAMES[4:]]
    start = time.monotonic()
    with ThreadPoolExecutor(len(shares)) as pool:
        runs = list(pool.map(lambda names: run_alone(service, location, names), shares))
    windows = (time.monotonic() - start) / WINDOW + 1
    for run in runs:
        assert "failed" not in run["result"], run["result"]
        assert run["result"]["verdict"]["ok"]
        refused = [line for line in run["lines"] if "HTTP 429" in line]
        assert len(refused) <= windows, "at most once in each window"
    pairs = [job.pair for job in service.service.jobs.values()]
    assert len(pairs) == len(set(pairs)) == len(NAMES) * (len(NAMES) - 1)


def test_requests_that_are_under_way_together_do_not_take_from_a_bucket_faster_than_it_fills(clock: FakeClock) -> None:
    limiter = RateLimiter(clock, most=2)
    for _answer in range(3):
        limiter.begin()
        limiter.answered(Bucket(remaining=10, limit=50, refill=6))
        limiter.end()
    clock.sleep(limiter.delay())
    limiter.begin()
    assert limiter.has_room
    assert limiter.delay() == pytest.approx(6)
    limiter.answered(Bucket(remaining=11, limit=50, refill=6))
    assert limiter.delay() == 0
