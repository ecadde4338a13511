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
#: What each answer adds to the requests a second, so that each second they grow by this part: until the site first says
#: that it is enough, then up to near where it last said so, and from there on.
_DOUBLING, _RETURNING, _PROBING = 0.7, 0.1, 0.01
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
        #: At which rate the site said last that it is enough, and when.
        self._enough = math.inf
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

    @property
    def has_room(self) -> bool:
        return self._under_way < int(self._width)

    def answered(self, hint: Hint | None) -> None:
        super().answered(None)
        if isinstance(hint, NearLimit):
            self._slow_down()
        elif self._has_waited and not self._is_blocked:
            self._rate += self._growth

    def refused(self, seconds: float | None) -> None:
        self._slow_down()
        super().refused(seconds)

    @property
    def _growth(self) -> float:
        if math.isinf(self._enough):
            return _DOUBLING
        return _RETURNING if self._rate < _SLOWER * self._enough else _PROBING

    def _slow_down(self) -> None:
        now = self._clock.monotonic()
        if self._is_blocked or now < self._slower_at + _SETTLING:
            return
        less = _MUCH_SLOWER if math.isinf(self._enough) else _SLOWER
        self._enough, self._slower_at = self._rate, now
        self._rate = max(less * self._rate, _SLOWEST)
