# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests the stand-in takes: its links API from all, and each of its cloud sites from an account."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

from ._stand_in_calls import Act, Call
from ._stand_in_reply import Reply, jira_error, refusal

#: Documented: it is said when less than this share is left.
_NEAR = 0.2


class WindowLimit:
    """So many requests in so many seconds, by all clients together.

    :param limit: these two numbers; None: any number of requests.
    """

    def __init__(self, limit: tuple[int, float] | None) -> None:
        self._limit = limit
        self._ends = 0.0
        self._used = 0

    def limited(self, act: Act) -> Act:
        """For as many calls as there may be."""

        def guarded(call: Call) -> Reply:
            if self._limit is None:
                return act(call)
            limit, seconds = self._limit
            if call.at >= self._ends:
                self._ends, self._used = call.at + seconds, 0
            self._used += 1
            reset = datetime.fromtimestamp(math.ceil(self._ends * 1000) / 1000, timezone.utc)
            headers = {
                "X-RateLimit-Limit": str(limit),
                "X-RateLimit-Remaining": str(max(limit - self._used, 0)),
                "X-RateLimit-Reset": reset.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            }
            reply = act(call) if self._used <= limit else refusal(429, "rate limit exceeded")
            return Reply(reply.status, reply.body, headers)

        return guarded


class CloudLimit:
    """A bucket of tokens for each site and account, which is filled all the time."""

    def __init__(self) -> None:
        #: How many tokens are left, and since when.
        self._left: dict[tuple[str, str], tuple[float, float]] = {}

    def take(self, limit: tuple[float, float], who: tuple[str, str], now: float) -> tuple[Reply | None, dict[str, str]]:
        """Take a token: what is answered where none is left, and the headers of every answer.

        :param limit: requests a second, and the most at once.
        :param who: the site and the account.
        """
        rate, burst = limit
        left, since = self._left.get(who, (burst, now))
        left = min(burst, left + (now - since) * rate)
        is_refused = left < 1
        left -= not is_refused
        self._left[who] = left, now
        headers = {
            "X-RateLimit-Limit": f"{burst:g}",
            "X-RateLimit-Remaining": f"{math.floor(left)}",
            "X-RateLimit-Reset": _minute(now + (burst - left) / rate),
        }
        if left < burst * _NEAR:
            headers["X-RateLimit-NearLimit"] = "true"
        if not is_refused:
            return None, headers
        wait = max(1, math.ceil((1 - left) / rate))
        return jira_error(429, "Rate limit exceeded."), {
            **headers,
            "Retry-After": str(wait),
            "RateLimit-Reason": "jira-burst-based",
        }


def _minute(seconds: float) -> str:
    """The end of a minute: the header has no seconds."""
    at = datetime.fromtimestamp(seconds, timezone.utc) + timedelta(seconds=59.999999)
    return f"{at:%Y-%m-%dT%H:%M}Z"
