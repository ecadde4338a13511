# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How fast a site is asked that does not say how fast it may be asked.

Documented by the vendor for the REST API of Jira Cloud: HTTP 429 over a limit, with C(Retry-After), and
C(X-RateLimit-NearLimit: true) where less than a fifth of the limit is left. Numbers are not published. That limits are
for each account, site and kind of call, and that unused requests may be sent later in a burst, is seen in code.
"""

from __future__ import annotations

import math

from .._clock import Clock
from .rate_limit import Hint, NearLimit, RateLimiter

#: How many requests a second there are at least.
_SLOWEST = 1.0
#: What each answer adds to the requests a second: until the site first says that it is enough, they double each second;
#: after that, they grow by a fiftieth each second.
_QUICKLY, _SLOWLY = 0.7, 0.02
#: What is left of them when the site says that it is enough, for the first time or again.
_MUCH_SLOWER, _SLOWER = 0.5, 0.9
#: For so many seconds after it has become slower, what the site says is about what was sent before.
_SETTLING = 1.0


class Pace(RateLimiter):
    """Gives each request of one account to one site its turn. Becomes faster until the site says that it is enough.

    :param rate: how many requests a second it starts with.
    """

    def __init__(self, clock: Clock, most: int = 1, *, rate: float) -> None:
        super().__init__(clock, most)
        self._rate = rate
        self._growth, self._less = _QUICKLY, _MUCH_SLOWER
        #: When it became slower.
        self._slower_at = -math.inf
        self._next_turn = 0.0
        #: Whether requests wait for their turn. If not, they could not be sent faster.
        self._has_waited = False

    @property
    def rate(self) -> float:
        """How many requests a second there are now at most."""
        return self._rate

    def turn(self) -> float:
        if self._is_blocked:
            return 0.0
        now = self._clock.monotonic()
        seconds = max(self._next_turn - now, 0.0)
        self._has_waited = seconds > 0
        self._next_turn = now + seconds + 1 / self._rate
        return seconds

    def answered(self, hint: Hint | None) -> None:
        super().answered(None)
        if isinstance(hint, NearLimit):
            self._slow_down()
        elif self._has_waited:
            self._rate += self._growth

    def refused(self, seconds: float | None) -> None:
        self._slow_down()
        super().refused(seconds)

    def _slow_down(self) -> None:
        now = self._clock.monotonic()
        if now < self._slower_at + _SETTLING:
            return
        self._rate = max(self._less * self._rate, _SLOWEST)
        self._growth, self._less, self._slower_at = _SLOWLY, _SLOWER, now
