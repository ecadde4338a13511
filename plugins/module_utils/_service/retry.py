# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking again: how often, after which pauses, and when to give up.

What may be asked again at all follows from how a request ended, see L(http).
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import TypeVar

from .._clock import Clock
from .._errors import Code, LinkUpdateError, NotAccepted, OutcomeUnknown, TooEarly
from .._progress import Heartbeat, duration
from .rate_limit import LIMITED_BACKOFF, LONGEST, with_jitter

T = TypeVar("T")

#: Backoff before a request is sent again when the service does not say how long: 1, 2, 4, 8 s, with jitter.
BACKOFF = (1.0, 2.0, 4.0, 8.0)
#: The same for a server that may be restarted meanwhile, which takes minutes: up to the budget of one call.
RESTART_BACKOFF = (*BACKOFF, 16.0, 32.0, *[60.0] * 14)
#: For how long one call waits in all, in seconds.
RETRY_BUDGET = 900.0
#: The same where it is a rate limit, which is certain to be lifted: long enough for two limits by the hour.
RATE_LIMIT_BUDGET = 2 * LONGEST
#: A delay that is worth a message, in seconds.
_WORTH_SAYING = 15.0


def retry(
    ask: Callable[[], T],
    *,
    clock: Clock,
    say: Callable[[str], None],
    after: tuple[type[LinkUpdateError], ...] = (NotAccepted, OutcomeUnknown),
) -> T:
    """Ask until there is an answer, with pauses, up to a limit. For what only reads: a job is not scheduled like this.

    :param ask: asks once.
    :param say: called with a line for each pause, so that none is silent.
    :param after: the failures after which it asks again.
    :raises LinkUpdateError: what the last attempt raised.
    """
    pauses = Backoff()
    while True:
        try:
            return within_limit(ask, clock=clock, say=say)
        except after as exc:
            seconds = pauses.after(exc)
            if seconds is None:
                advice = "check the URL, the network and the service, then run again"
                raise exc.amended(advice=advice) from None
            say(f"{exc.failure.what}; trying again in {duration(seconds)}")
            pause(seconds, clock=clock, say=say)


def within_limit(ask: Callable[[], T], *, clock: Clock, say: Callable[[str], None]) -> T:
    """Ask once, as soon as the service's rate limit allows it.

    :param say: called with a line for a long pause, unless a line says so already.
    """
    while True:
        try:
            return ask()
        except TooEarly as exc:
            if exc.is_announced:
                clock.sleep(exc.seconds)
                continue
            if exc.seconds >= _WORTH_SAYING:
                say(f"the service's rate limit is used up; continuing in {duration(exc.seconds)}")
            pause(exc.seconds, clock=clock, say=say)


def pause(seconds: float, *, clock: Clock, say: Callable[[str], None]) -> None:
    """Do nothing for so long.

    :param say: called now and then with a line: a pause can be an hour.
    """
    now = clock.monotonic()
    end, heartbeat = now + seconds, Heartbeat(now)
    while heartbeat.due < end:
        clock.sleep(heartbeat.due - now)
        now = clock.monotonic()
        say(f"still waiting for the service; continuing in {duration(end - now)}")
        heartbeat.beat(now)
    clock.sleep(max(end - now, 0.0))


class Backoff:
    """How long to wait before each further attempt of one call, and when to stop trying.

    :param backoff: the pauses in seconds where the service does not say how long.
    """

    def __init__(self, backoff: Sequence[float] = BACKOFF) -> None:
        self._backoff = backoff
        self._tries = 0
        self._waited = 0.0

    def after(self, failure: LinkUpdateError) -> float | None:
        """Seconds to wait after this failure, or None when it is time to give up."""
        limited = failure.code is Code.RATE_LIMITED
        backoff, budget = (LIMITED_BACKOFF, RATE_LIMIT_BUDGET) if limited else (self._backoff, RETRY_BUDGET)
        seconds = failure.retry_after if isinstance(failure, NotAccepted) else None
        if seconds is None:
            if self._tries >= len(backoff):
                return None
            seconds = backoff[self._tries] * random.uniform(1.0, 1.25)  # noqa: S311
            self._tries += 1
        # Never less than the rate limiter adds, or a second, tiny wait would follow.
        seconds = with_jitter(seconds)
        self._waited += seconds
        return seconds if self._waited <= budget else None
