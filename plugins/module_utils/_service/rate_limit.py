# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a service may be asked, by its own word.

Documented by the vendor: HTTP 429 over a limit, with the headers C(X-RateLimit-Limit), C(X-RateLimit-Remaining) and
C(X-RateLimit-Reset), for each client and endpoint. Numbers are not published, nor whether other answers bear these
headers too. So nothing is guessed: without a header, nothing is slowed down. The endpoints of one host are not told
apart: where their limits differ, that errs on the gentle side.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Protocol

from .._clock import Clock

#: Quiet for longer than so many seconds is a broken clock or a broken header, not a rate limit.
LONGEST = 3600.0
#: From which part of the limit on the rest is spread over the time that it has to last.
_LOW = 0.2
#: How often the board is read, in seconds: it may be a database elsewhere.
_READ_EVERY = 1.0
#: Nobody comes back earlier than so many seconds after the moment that was named, for clocks are never quite the same.
_LATER = 0.05


def with_jitter(seconds: float) -> float:
    """A wait of so many seconds and some more, at random: those who wait together must not come back together."""
    return seconds + random.uniform(_LATER, 0.5)  # noqa: S311


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
    """Where processes that share a limit tell each other that it is used up."""

    def quiet(self, client: str) -> float:
        """For how many more seconds a client is not to ask anything."""

    def block_for(self, client: str, seconds: float) -> None:
        """A client is not to ask anything for so long."""


class RateLimiter:
    """The pace of one client at one host.

    :param client: a name for the two, the same in all processes.
    """

    def __init__(self, client: str, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._quiet_until = 0.0
        #: Whether others have still to be told of it.
        self._untold = False
        self._next_turn = 0.0
        self._next_reading = 0.0

    def delay(self, board: SharedLimits | None) -> float:
        """Seconds until the next request may be sent, 0 for now."""
        now = self._clock.monotonic()
        if board:
            self.tell(board)
            if now >= self._next_reading:
                self._next_reading = now + _READ_EVERY
                quiet = board.quiet(self._client)
                if 0 < quiet <= LONGEST and now + quiet > self._quiet_until:
                    self._quiet_until = now + with_jitter(quiet)
        return max(self._quiet_until - now, self._next_turn - now, 0.0)

    def tell(self, board: SharedLimits) -> None:
        """Have others know that the limit is used up, unless they do.

        This is not done when the answer comes: then there may be a job whose id has to be written down first.
        """
        left = self._quiet_until - self._clock.monotonic()
        if self._untold and left > 0:
            board.block_for(self._client, left)
        self._untold = False

    def allowed(self, allowance: Allowance) -> None:
        """An answer said how much is left."""
        if allowance.remaining <= 0:
            self.refused(with_jitter(allowance.reset))
        elif allowance.limit and allowance.remaining <= _LOW * allowance.limit:
            self._next_turn = self._clock.monotonic() + allowance.reset / (allowance.remaining + 1)
        else:
            self._next_turn = 0.0

    def refused(self, seconds: float) -> None:
        """The service is not to be asked for so long: the limit is used up."""
        until = self._clock.monotonic() + seconds
        if until > self._quiet_until:
            self._quiet_until, self._untold = until + _LATER, True
