# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong with the stand-in's Data Center: each trap is a switch."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from ._stand_in_reply import Reply, jira_error

_LOGIN_PAGE = "<!DOCTYPE html><title>Log in - Jira</title><form id='login-form'>User name, password</form>"
_STARTING = "<!DOCTYPE html><title>503</title><h1>Jira is starting up</h1>"
#: What a blocked account is told to wait.
_FOR_EVER = str(2**63 - 1)


@dataclass
class Switches:
    """The traps. C(after) and C(at) count the searches that came before, from 0 on."""

    #: A page has no more issues than this, whatever was asked for.
    page_limit: int = 1000
    #: Where offsets end.
    offset_limit: int = 10000
    #: What comes then: C(error) for HTTP 500, or C(empty) for a page without issues.
    offset_end: str = "error"
    #: Number of searches -> keys of the issues that are deleted then.
    deleted_after: dict[str, list[str]] = field(default_factory=dict)
    #: Key of an issue -> how many bytes more it has.
    large_issue: dict[str, int] = field(default_factory=dict)
    #: Calls that a proxy does not let through, such as C(field).
    blocked_calls: list[str] = field(default_factory=list)
    #: Keys of projects that hide the field with the links.
    hidden_links: list[str] = field(default_factory=list)
    #: A page that would be larger than so many bytes is HTTP 500.
    body_limit: int | None = None
    #: ``[searches, requests, requests]``: then so many requests get no answer, and so many more HTTP 503. The server
    #: knows no session any more.
    restart_at: list[int] | None = None
    #: ``[limit, fill rate, interval in seconds]`` of the rate limit of each user.
    bucket: list[float] | None = None
    #: The account is blocked from then on.
    blocked_after: int | None = None
    #: The account is nobody from then on. A search finds the same issues, but no links.
    anonymous_after: int | None = None
    #: Every answer is the page to log in from then on, with HTTP 200.
    login_page_after: int | None = None
    #: From then on, each page begins with the first issue of its project, whatever key it is to begin after.
    repeats_after: int | None = None
    #: The pages of these searches are upside down.
    upside_down_at: list[int] = field(default_factory=list)
    #: These searches find no issues, though there are some.
    empty_page_at: list[int] = field(default_factory=list)

    def change(self, values: Mapping[str, Any]) -> None:
        """Set some switches.

        :raises ValueError: there is no such switch.
        """
        known = [each.name for each in fields(self)]
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"unknown: {name}; known are {', '.join(known)}")
            setattr(self, name, {str(key): each for key, each in value.items()} if isinstance(value, dict) else value)
        if self.offset_end not in ("error", "empty"):
            raise ValueError("offset_end is neither error nor empty")


class Guard:
    """What comes in the way of a request to a Data Center."""

    def __init__(self, switches: Switches) -> None:
        self.switches = switches
        #: How many searches came so far.
        self.searches = 0
        #: How many requests the restart has hit.
        self._hit = 0
        #: For each user how many requests there are left, and since when.
        self._buckets: dict[str, tuple[float, float]] = {}

    def is_over(self, switch: int | None) -> bool:
        """Whether as many searches came as a switch says."""
        return switch is not None and self.searches >= switch

    def restarting(self) -> Reply | None:
        """What a server that restarts answers; None where it does not."""
        searches, silent, starting = self.switches.restart_at or (0, 0, 0)
        if self.searches < searches or self._hit >= silent + starting:
            return None
        self._hit += 1
        return Reply(0, "") if self._hit <= silent else Reply(503, _STARTING)

    def refusal(self, user: str) -> tuple[Reply | None, dict[str, str]]:
        """What a user gets instead of what was asked for, and the headers of every answer to that user."""
        if self.is_over(self.switches.blocked_after):
            return _too_many(), {"Retry-After": _FOR_EVER, "X-RateLimit-Limit": "0", "X-RateLimit-Remaining": "0"}
        if self.is_over(self.switches.login_page_after):
            return Reply(200, _LOGIN_PAGE), {}
        if self.switches.bucket is None:
            return None, {}
        return self._take_from_bucket(user, *self.switches.bucket)

    def _take_from_bucket(
        self, user: str, limit: float, fill_rate: float, interval: float
    ) -> tuple[Reply | None, dict[str, str]]:
        now = time.time()
        left, since = self._buckets.get(user, (limit, now))
        rounds = (now - since) // interval
        left, since = min(limit, left + rounds * fill_rate), since + rounds * interval
        is_refused = left < 1
        left -= not is_refused
        self._buckets[user] = left, since
        headers = {
            "X-RateLimit-Limit": f"{limit:g}",
            "X-RateLimit-Remaining": f"{left:g}",
            "X-RateLimit-Interval-Seconds": f"{interval:g}",
            "X-RateLimit-FillRate": f"{fill_rate:g}",
            "retry-after": "0" if left >= 1 else f"{max(1, since + interval - now):.0f}",
        }
        return (_too_many() if is_refused else None), headers


def _too_many() -> Reply:
    return jira_error(429, "Rate limit exceeded.")
