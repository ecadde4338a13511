# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the headers of an answer say of the rate limit. Which there are: see L(rate_limit)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from .._clock import Clock, from_text
from .rate_limit import LONGEST, Allowance, Bucket, NearLimit

#: What says when the service may be asked again. C(X-RateLimit-Reset) (ISO 8601) is documented by the vendor;
#: C(Retry-After) is not, but standard (RFC 9110).
RESET, RETRY_AFTER = "X-RateLimit-Reset", "Retry-After"
#: More requests than a limit ever allows.
_MOST = 10**9
#: More seconds than a rate limit ever lasts.
_NEVER = 7 * 86400.0


def retry_after(headers: Mapping[str, str], clock: Clock, names: Sequence[str] = (RESET, RETRY_AFTER)) -> float | None:
    """Seconds until the service may be asked again; None where the headers do not say, or not sensibly.

    :param names: the headers that may say it. The first one counts that does.
    """
    now = _time_there(headers, clock)
    for name in names:
        try:
            seconds = _READ[name](headers[name], now)
        except (KeyError, ValueError, OverflowError):
            continue
        if 0 <= seconds <= LONGEST:
            return seconds
    return None


def allowance_in(headers: Mapping[str, str], reset: float) -> Allowance | None:
    """How many more requests are allowed, where the headers say it.

    :param reset: seconds until the count starts again.
    """
    try:
        remaining = _count(headers["X-RateLimit-Remaining"])
        limit = _count(headers["X-RateLimit-Limit"]) if "X-RateLimit-Limit" in headers else None
    except (KeyError, ValueError):
        return None
    return Allowance(remaining, reset, limit)


def bucket_in(headers: Mapping[str, str]) -> Bucket | None:
    """What the headers of a Data Center instance say: its rate limit is a bucket of tokens, one for each request.

    Documented: C(X-RateLimit-FillRate) tokens are added every C(X-RateLimit-Interval-Seconds), up to
    C(X-RateLimit-Limit). Several nodes of a cluster have a bucket each.
    """
    try:
        remaining, limit = _count(headers["X-RateLimit-Remaining"]), _count(headers["X-RateLimit-Limit"])
        rate, interval = _count(headers["X-RateLimit-FillRate"]), _count(headers["X-RateLimit-Interval-Seconds"])
        return Bucket(remaining, limit, interval / rate) if rate > 0 else None
    except (KeyError, ValueError):
        return None


def near_limit_in(headers: Mapping[str, str]) -> NearLimit | None:
    """What a cloud site says when less than a fifth of its limit is left. The header is documented."""
    return NearLimit() if headers.get("X-RateLimit-NearLimit", "").strip().lower() == "true" else None


def says_never(headers: Mapping[str, str]) -> bool:
    """Whether a refusal says to come back so late that it means never.

    Seen in code: the greatest number of seconds that there is, for an account that an administrator has blocked.
    """
    try:
        return float(headers[RETRY_AFTER]) > _NEVER
    except (KeyError, ValueError):
        return False


def _count(text: str) -> int:
    """A number of requests.

    :raises ValueError: it is none, or too large to be one.
    """
    count = int(text[:20])
    if abs(count) > _MOST:
        raise ValueError("too large")
    return count


def _time_there(headers: Mapping[str, str], clock: Clock) -> datetime:
    """The time at the service, so that a clock that is wrong here does not turn into a wait."""
    here = clock.now()
    try:
        there = _http_date(headers["Date"])
    except (KeyError, ValueError, OverflowError):
        return here
    # It comes in whole seconds: a clock that agrees with it, as far as that goes, is the better one.
    return here if -1 <= (here - there).total_seconds() <= 2 else there


def _seconds_until(text: str, now: datetime) -> float:
    """From now to a moment in ISO 8601."""
    return (from_text(text) - now).total_seconds()


def _seconds_after(text: str, now: datetime) -> float:
    """A number of seconds, or the time from now to a date as HTTP has it."""
    try:
        return float(text)
    except ValueError:
        return (_http_date(text) - now).total_seconds()


def _http_date(text: str) -> datetime:
    date = parsedate_to_datetime(text)
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


_READ = {RESET: _seconds_until, RETRY_AFTER: _seconds_after}
