# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many requests a cloud site of the stand-in takes from an account."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone

from ._stand_in_reply import Reply, jira_error

#: Documented: it is said when less than this share is left.
_NEAR = 0.2


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
