# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trying again what failed for a moment, as long as it is likely to pass."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TypeVar

from .._clock import Clock
from .store import Unavailable

T = TypeVar("T")

#: For how many seconds a database may be away: a restart, or a lock that a backup holds for a minute.
OUTAGE_LIMIT = 120.0
#: For how many it may be away when a run begins. Nothing is at stake yet, and its URL may be wrong.
OPENING_LIMIT = 10.0
#: The pauses between tries, in seconds; the last is repeated. A connection that broke while idle needs none.
_PAUSES = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
#: For how many seconds nothing is tried after that, so that hundreds of calls do not wait one after the other.
_REST = 30.0


class OutageRetry:
    """All calls of one ledger share it: what one has waited for in vain the next does not wait for again.

    Several threads may call at once. What one finds out another may know already, which does no harm.
    """

    def __init__(self, clock: Clock, limit: float = OUTAGE_LIMIT) -> None:
        self._clock = clock
        self._limit = limit
        self._failing_since: float | None = None
        self._rests_until = -math.inf
        self._failure: Unavailable | None = None

    def renew(self) -> None:
        """Forget earlier failures."""
        self._failing_since, self._rests_until = None, -math.inf

    @property
    def rests(self) -> bool:
        """Whether nothing is to be tried for a while."""
        return self._clock.monotonic() < self._rests_until

    def repeat(self, act: Callable[[], T]) -> T:
        """Do something until it succeeds; it must do no harm when it is done twice.

        :raises Unavailable: it has failed for too long.
        """
        if (failure := self._failure) and self.rests:
            raise failure.amended() from None
        tries, since = 0, math.inf
        while True:
            try:
                result = act()
            except Unavailable as exc:
                since = self._pause(exc, _PAUSES[min(tries, len(_PAUSES) - 1)], since)
                tries += 1
            else:
                self.renew()
                return result

    def _pause(self, failure: Unavailable, seconds: float, since: float) -> float:
        """Wait, unless that was done for too long. Since when a call fails.

        :param since: the same as far as it is known. On a full disk, the calls of other threads may go on to succeed.
        """
        now, failing_since = self._clock.monotonic(), self._failing_since
        failing_since = now if failing_since is None else failing_since
        self._failing_since, since = failing_since, min(since, failing_since)
        if now + seconds - since > self._limit:
            self._failure, self._rests_until = failure, now + _REST
            raise failure
        self._clock.sleep(seconds)
        return since
