# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a service may be asked, by its own word.

Documented by the vendor: HTTP 429 over a limit, with the headers C(X-RateLimit-Limit), C(X-RateLimit-Remaining) and
C(X-RateLimit-Reset), for each client and endpoint. Numbers are not published, nor whether other answers have these
headers too. So nothing is guessed: without a header, nothing is slowed down. The endpoints of one host are not told
apart: where their limits differ, some requests wait longer than they have to.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from .._clock import Clock

#: A longer wait than so many seconds is a broken clock or a broken header, not a rate limit.
LONGEST = 3600.0
#: From which part of the limit on the rest is spread over the time that it has to last.
_LOW = 0.2
#: How often the limits that others share are read, in seconds: they may be in a database elsewhere.
_READ_EVERY = 1.0
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


class SharedLimits(Protocol):
    """Where processes that share a rate limit tell each other that it is used up."""

    def blocked_for(self, client: str) -> float:
        """For how many more seconds a client may send nothing; 0 where it may."""

    def block_for(self, client: str, seconds: float) -> None:
        """A client may send nothing for so long."""


class RateLimiter:
    """When one client may send its next request to one host.

    :param client: a name for the two, the same in all processes.
    """

    def __init__(self, client: str, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._blocked_until = 0.0
        #: Whether other processes do not know yet until when.
        self._unshared = False
        self._next_request = 0.0
        self._next_read = 0.0

    def delay(self, limits: SharedLimits | None) -> float:
        """Seconds until the next request may be sent, 0 for now.

        :param limits: what processes share, where they do.
        """
        now = self._clock.monotonic()
        if limits:
            self.share(limits)
            if now >= self._next_read:
                self._next_read = now + _READ_EVERY
                blocked = limits.blocked_for(self._client)
                if 0 < blocked <= LONGEST and now + blocked > self._blocked_until:
                    self._blocked_until = now + with_jitter(blocked)
        return max(self._blocked_until - now, self._next_request - now, 0.0)

    def share(self, limits: SharedLimits) -> None:
        """Tell other processes that the limit is used up, unless they know.

        This is not done when the answer comes: then there may be a job whose id has to be written down first.
        """
        left = self._blocked_until - self._clock.monotonic()
        if self._unshared and left > 0:
            limits.block_for(self._client, left)
        self._unshared = False

    def allow(self, allowance: Allowance) -> None:
        """An answer said how many requests are left."""
        if allowance.remaining <= 0:
            self.block_for(with_jitter(allowance.reset))
        elif allowance.limit and allowance.remaining <= _LOW * allowance.limit:
            self._next_request = self._clock.monotonic() + allowance.reset / (allowance.remaining + 1)
        else:
            self._next_request = 0.0

    def block_for(self, seconds: float) -> None:
        """The limit is used up: nothing may be sent for so long."""
        until = self._clock.monotonic() + seconds
        if until > self._blocked_until:
            self._blocked_until, self._unshared = until + _MARGIN, True
