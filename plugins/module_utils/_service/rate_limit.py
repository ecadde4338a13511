# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a service may be asked, by its own word, and how many requests may be under way at once.

Documented by the vendor: HTTP 429 over a limit, with the headers C(X-RateLimit-Limit), C(X-RateLimit-Remaining) and
C(X-RateLimit-Reset), for each client and endpoint. Numbers are not published, nor whether other answers have these
headers too. So nothing is guessed: without a header, nothing is slowed down. The endpoints of one host are not told
apart: where their limits differ, some requests wait longer than they have to.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TypeAlias

from .._clock import Clock

#: A longer wait than so many seconds is a broken clock or a broken header, not a rate limit.
LONGEST = 3600.0
#: From which part of the limit on the rest is spread over the time that it has to last.
_LOW = 0.2
#: How often the limits that others share are read, in seconds: they may be in a database elsewhere.
_READ_EVERY = 1.0
#: Two answers that tell of resets so many seconds apart tell of the same one.
_SAME_RESET = 1.0
#: How long nothing is sent after a refusal when the service does not say how long, in seconds: limits are often by the
#: minute.
LIMITED_BACKOFF = (1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0)
#: Every wait is longer by so many seconds, for clocks are never quite the same.
_MARGIN = 0.05


def with_jitter(seconds: float) -> float:
    """A wait of so many seconds and some more, at random: those who wait together must not come back together."""
    return seconds + random.uniform(_MARGIN, 0.5)  # noqa: S311


@dataclass(frozen=True)
class Allowance:
    """What an answer says of the limit."""

    #: How many more requests are allowed until the reset.
    remaining: int
    #: Seconds until then.
    reset: float
    #: How many there are between two resets, where the answer says it.
    limit: int | None = None


@dataclass(frozen=True)
class Bucket:
    """What an answer says of a limit that fills up again little by little."""

    #: How many more requests are allowed now, and how many at most.
    remaining: int
    limit: int
    #: After how many seconds one more is allowed.
    refill: float

    @property
    def pause(self) -> float:
        """Seconds between two requests: once it is nearly empty, as many as it takes to fill up by one."""
        return 0.0 if self.remaining > _LOW * self.limit else min(self.refill, LONGEST)


@dataclass(frozen=True)
class NearLimit:
    """An answer says that little of the limit is left, and not how much."""


#: What an answer says of the limit.
Hint: TypeAlias = "Allowance | Bucket | NearLimit"


class RateLimiter:
    """When one client may send its next request to one host. Not to be used by several threads at once.

    :param most: how many of its requests may be under way at once.
    """

    def __init__(self, clock: Clock, most: int = 1) -> None:
        self._clock = clock
        self._most = most
        self._blocked_until = 0.0
        #: Whether other processes do not know yet until when.
        self._is_unshared = False
        #: Until when there is a line that says so.
        self._announced_until = 0.0
        self._next_request = 0.0
        self._next_read = 0.0
        self._under_way = 0
        #: How many may be under way at once now, and from which number on that grows slowly.
        self._width, self._careful_from = 1.0, float(most)
        #: Seconds between two requests, where the limit is a bucket that is nearly empty.
        self._pace = 0.0
        #: What the service said last; None where that does not count any more.
        self._window: _Window | None = None
        #: How many requests were taken since the last refusal, how many before it, and how many of as many are left.
        self._taken = 0
        self._quota: int | None = None
        self._quota_left = 0
        #: How many refusals there were in a row; those of requests that were under way together are one.
        self._refusals = 0

    def turn(self) -> float:
        """Seconds until it is the caller's turn to send a request. Each turn is given away once."""
        return 0.0

    def delay(self) -> float:
        """Seconds until the next request may be sent, 0 for now."""
        now = self._clock.monotonic()
        if self._window and now >= self._window.reset:
            # Nobody knows how many the service allows from now on.
            self._window, self._next_request, self._width = None, 0.0, 1.0
        return max(self._blocked_until - now, self._next_request - now, 0.0)

    @property
    def has_room(self) -> bool:
        """Whether one more request may be under way."""
        if self._under_way >= int(self._width):
            return False
        return self._under_way == 0 or self._available is None or self._available > 0

    @property
    def _available(self) -> int | None:
        """How many more requests the limit allows now; None where nothing is known of it.

        Where only refusals tell of the limit, it is taken for what was allowed before the last one. When that is used
        up, one request alone finds out whether more is allowed.
        """
        if self._window:
            return self._window.available
        return None if self._quota is None else self._quota_left

    def begin(self) -> None:
        """A request is about to be sent."""
        self._under_way += 1
        self._quota_left -= 1
        if self._pace:
            self._next_request = self._clock.monotonic() + self._pace
        if self._window:
            now = self._clock.monotonic()
            self._next_request = now + self._window.pause(now)
            self._window.available -= 1

    def end(self) -> None:
        """A request has ended, answered or not."""
        self._under_way -= 1

    def answered(self, hint: Hint | None) -> None:
        """The service took a request, which has not ended yet.

        :param hint: how many requests are left, where the answer says it.
        """
        self._taken += 1
        if self._quota is not None and self._quota_left < 0:
            self._quota_left = self._quota
        if not self._is_blocked:
            self._refusals = 0
            wider = self._careful_from if self._width < self._careful_from else self._width + 1.0 / self._width
            self._width = min(wider, self._most)
        if isinstance(hint, Bucket):
            self._pace = hint.pause
            self._next_request = self._clock.monotonic() + self._pace
        elif isinstance(hint, Allowance):
            self._allowed(hint)

    def _allowed(self, allowance: Allowance) -> None:
        if allowance.remaining <= 0:
            self._block(with_jitter(allowance.reset))
            return
        now, others_under_way = self._clock.monotonic(), self._under_way - 1
        if self._window is None or self._window.is_over(now, now + allowance.reset):
            self._window = _Window(allowance.remaining, allowance.remaining)
        self._window.note(allowance, now, others_under_way)
        self._next_request = max(self._next_request, now + self._window.pause(now))

    def refused(self, seconds: float | None) -> None:
        """The service did not take a request, because the limit is used up.

        :param seconds: for how long, where it says it.
        """
        if not self._is_blocked:
            self._careful_from = max(self._width / 2, 1.0)
            self._refusals += 1
            if self._taken:
                self._quota, self._taken = self._taken, 0
            self._quota_left = self._quota or 0
        if seconds is None:
            seconds = LIMITED_BACKOFF[: max(self._refusals, 1)][-1]
        self._block(seconds)

    def must_announce(self) -> bool:
        """Whether the caller has to show a line about the wait; the next callers have not."""
        now = self._clock.monotonic()
        if now < self._announced_until:
            return False
        self._announced_until = now + self.delay()
        return True

    def block_to_share(self) -> float:
        """For how many more seconds nothing may be sent, where the other processes do not know it yet; else 0.

        This is not done when the answer comes: then there may be a job whose id has to be written down first.
        """
        is_unshared, self._is_unshared = self._is_unshared, False
        return max(self._blocked_until - self._clock.monotonic(), 0.0) if is_unshared else 0.0

    def must_read_shared(self) -> bool:
        """Whether it is time to read what other processes know. The caller has to do it."""
        now = self._clock.monotonic()
        if now < self._next_read:
            return False
        self._next_read = now + _READ_EVERY
        return True

    def block_from_others(self, seconds: float) -> None:
        """Other processes know that nothing may be sent for so long."""
        now = self._clock.monotonic()
        if 0 < seconds <= LONGEST and now + seconds > self._blocked_until:
            self._blocked_until, self._width = now + with_jitter(seconds), 1.0

    @property
    def _is_blocked(self) -> bool:
        """Whether nothing may be sent. What ends now was sent before, and tells of a time that is over."""
        return self._clock.monotonic() < self._blocked_until

    def _block(self, seconds: float) -> None:
        """The limit is used up: nothing may be sent for so long, and then one request first."""
        self._width = 1.0
        until = self._clock.monotonic() + seconds
        if until > self._blocked_until:
            self._blocked_until, self._is_unshared = until + _MARGIN, True


@dataclass
class _Window:
    """What is left of a limit until it is reset."""

    #: What the first answer said is left, and the least that any said: answers may overtake each other.
    first_remaining: int
    lowest_remaining: int
    #: What is left when all that was sent is answered.
    available: int = 0
    #: When it is reset, by the monotonic clock.
    reset: float = 0.0
    #: How many requests there are between two resets, where that is known.
    limit: int | None = None
    #: How many answers there were after the first, and how many requests of others, as far as that is certain.
    own_answers: int = -1
    requests_of_others: int = 0

    def is_over(self, now: float, next_reset: float) -> bool:
        """Whether it was reset, where an answer tells of this reset. What is left does not show that: an answer may
        have been overtaken by many.
        """
        return now >= self.reset or next_reset > self.reset + _SAME_RESET

    def note(self, allowance: Allowance, now: float, others_under_way: int) -> None:
        """An answer said what is left.

        :param others_under_way: how many other requests are under way. They may be counted or not.
        """
        self.lowest_remaining = min(self.lowest_remaining, allowance.remaining)
        self.available = self.lowest_remaining - others_under_way
        self.reset, self.limit = now + allowance.reset, allowance.limit
        self.own_answers += 1
        used = self.first_remaining - self.lowest_remaining
        self.requests_of_others = max(used - self.own_answers - others_under_way, 0)

    def pause(self, now: float) -> float:
        """Seconds between two requests. What is left, once it is little, is spread over the time that it has to last.

        Others may use the same account. They take as much of what is left as they took before.
        """
        if not self.limit or self.available > _LOW * self.limit:
            return 0.0
        time_left = max(self.reset - now, 0.0)
        own = max(self.own_answers, 1)
        share = own / (own + self.requests_of_others)
        return min(time_left / (max(self.available, 0) + 1) / share, time_left)
