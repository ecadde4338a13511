# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking again: how often, after which pauses, and when to give up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    Code,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
    TooEarly,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Heartbeat, duration
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import RateLimiter
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.retry import (
    Backoff,
    retry,
    within_limit,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener

#: The pauses in seconds where the service does not say how long to wait, and where it says that it is a rate limit.
BACKOFF = (1, 2, 4, 8)
LIMITED_BACKOFF = (*BACKOFF, 16, 32, 64)
#: The longest wait that is taken for a rate limit, and the most that one call waits in all.
LONGEST = 3600
RETRY_BUDGET, RATE_LIMIT_BUDGET = 900, 7200


def early(seconds: float) -> TooEarly:
    return TooEarly(seconds, is_announced=False)


def until(end: float, clock: FakeClock) -> Callable[[], None]:
    """What may not be asked before a moment."""

    def ask() -> None:
        if clock.monotonic() < end:
            raise early(end - clock.monotonic())

    return ask


def test_after_the_backoff_a_call_is_given_up(clock: FakeClock, listener: Listener) -> None:
    failures = [OutcomeUnknown(f"failure {number}") for number in range(10)]
    asked = iter(failures)

    def ask() -> None:
        raise next(asked)

    with pytest.raises(OutcomeUnknown) as failure:
        retry(ask, clock=clock, say=listener.line)
    assert failure.value.failure.what == f"failure {len(BACKOFF)}"
    assert failure.value.failure.advice == "check the URL, the network and the service, then run again"
    assert len(clock.naps) == len(BACKOFF)
    for nap, base in zip(clock.naps, BACKOFF, strict=True):
        assert base < nap <= 1.25 * base + 0.5
    said = [f"failure {number}; trying again in {duration(nap)}" for number, nap in enumerate(clock.naps)]
    assert listener.lines == said


def test_a_pause_is_as_long_as_the_rate_limit(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("random.uniform", lambda low, high: low)
    limiter, pauses = RateLimiter(clock), Backoff()
    for _pause in LIMITED_BACKOFF:
        limiter.refused(None)
        seconds = pauses.after(NotAccepted("busy", code=Code.RATE_LIMITED))
        assert seconds is not None
        assert seconds >= limiter.delay()
        clock.sleep(seconds)


def test_the_first_answer_ends_the_asking(clock: FakeClock, listener: Listener) -> None:
    answers: list[Any] = [NotAccepted("busy", retry_after=60), OutcomeUnknown("gone"), "here", "too late"]

    def ask() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert retry(ask, clock=clock, say=listener.line) == "here"
    assert answers == ["too late"]
    assert 60 < sum(clock.naps[:-1]) < 61
    assert 1 <= clock.naps[-1] < 2


def test_a_clear_no_is_not_asked_again(clock: FakeClock, listener: Listener) -> None:
    def ask() -> None:
        raise LinkUpdateError("no", code=Code.FORBIDDEN)

    with pytest.raises(LinkUpdateError):
        retry(ask, clock=clock, say=listener.line)
    assert (clock.naps, listener.lines) == ([], [])


def test_those_who_wait_together_do_not_come_back_together_nor_early() -> None:
    pauses = {Backoff().after(NotAccepted("busy", retry_after=10)) for dummy in range(20)}
    assert len(pauses) > 1
    assert all(pause and 10 < pause <= 10.5 for pause in pauses)


@pytest.mark.parametrize(("code", "budget"), [(Code.UNAVAILABLE, RETRY_BUDGET), (Code.RATE_LIMITED, RATE_LIMIT_BUDGET)])
def test_a_service_that_asks_to_wait_is_waited_for_so_long_and_no_longer(code: Code, budget: float) -> None:
    pauses = Backoff()
    waited = 0.0
    while (pause := pauses.after(NotAccepted("busy", code=code, retry_after=60))) is not None:
        waited += pause
        assert waited <= budget
    assert waited > budget - 61


def test_a_wait_beyond_the_budget_is_not_begun() -> None:
    assert Backoff().after(NotAccepted("busy", retry_after=RETRY_BUDGET)) is None


def test_a_rate_limit_by_the_hour_is_waited_for() -> None:
    assert Backoff().after(NotAccepted("busy", code=Code.RATE_LIMITED, retry_after=LONGEST))


def test_a_rate_limit_by_the_minute_is_waited_for_also_where_nothing_says_for_how_long() -> None:
    pauses = Backoff()
    waited = 0.0
    while (pause := pauses.after(NotAccepted("busy", code=Code.RATE_LIMITED))) is not None:
        waited += pause
    assert 120 < sum(LIMITED_BACKOFF) <= waited <= 1.25 * sum(LIMITED_BACKOFF)


def test_a_long_wait_for_the_rate_limit_is_not_silent(clock: FakeClock, listener: Listener) -> None:
    end = clock.monotonic() + 150
    within_limit(until(end, clock), clock=clock, say=listener.line)
    assert clock.monotonic() == pytest.approx(end)
    first = "the service's rate limit is used up; continuing in 2m30s"
    more = [f"still waiting for the service; continuing in {left}" for left in ("2m00s", "1m00s")]
    assert listener.lines == [first, *more]


def test_an_hour_of_waiting_for_a_second_try_is_not_silent(clock: FakeClock, listener: Listener) -> None:
    answers = [NotAccepted("busy", code=Code.RATE_LIMITED, retry_after=LONGEST), None]

    def ask() -> None:
        if answer := answers.pop(0):
            raise answer

    retry(ask, clock=clock, say=listener.line)
    assert LONGEST < sum(clock.naps) < LONGEST + 1
    assert max(clock.naps) <= Heartbeat.LAST
    assert len(listener.lines) < 15, "nor full of it"


@pytest.mark.parametrize(("seconds", "told"), [(14.9, False), (15.0, True)])
def test_a_pause_of_a_moment_is_not_worth_a_word(
    clock: FakeClock, listener: Listener, seconds: float, told: bool
) -> None:
    within_limit(until(clock.monotonic() + seconds, clock), clock=clock, say=listener.line)
    assert bool(listener.lines) is told


def test_a_limit_is_waited_for_before_each_try_and_is_no_failure(clock: FakeClock, listener: Listener) -> None:
    answers: list[Any] = [early(5.0), OutcomeUnknown("gone"), *[early(20.0)] * 10, "here"]

    def ask() -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert retry(ask, clock=clock, say=listener.line) == "here"
    assert (answers, clock.naps[0], clock.naps[-1]) == ([], 5.0, 20.0)
    assert listener.lines[-1] == "the service's rate limit is used up; continuing in 20s"


def test_what_somebody_else_says_of_a_limit_is_not_said_again(clock: FakeClock, listener: Listener) -> None:
    answers: list[Any] = [TooEarly(600.0, is_announced=True), None]

    def ask() -> None:
        if answer := answers.pop(0):
            raise answer

    within_limit(ask, clock=clock, say=listener.line)
    assert sum(clock.naps) == 600
    assert listener.lines == []
