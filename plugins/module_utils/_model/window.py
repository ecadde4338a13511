# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time in which links can be recreated: it begins when a migration has ended."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone

from .._clock import from_text
from .._errors import InvalidOption
from .._text import harmless

#: For how long after a migration former local links can be recreated; afterwards the vendor deletes the data that
#: identifies them. Documented: developer.atlassian.com/cloud/migration, "Link fixing".
RECREATE_WINDOW = timedelta(days=14)
#: A migration that ends later than this from now on is a typing error.
_MOST_AHEAD = timedelta(days=30)
#: One that ended longer ago than this may be.
_LONG_AGO = timedelta(days=365)


def migration_end(option: str, text: str) -> datetime:
    """When a migration ended, from a date or an RFC 3339 time. A date is the start of its day, UTC: nobody should
    count on the hours that are not certain.

    :raises InvalidOption: it is neither.
    """
    try:
        try:
            end = datetime.combine(date.fromisoformat(text), time(), timezone.utc)
        except ValueError:
            end = from_text(text.upper())
        window_after(end)
    except (ValueError, OverflowError) as exc:
        raise InvalidOption(
            f"{option} {harmless(repr(text))} is not a date (2026-03-01) or a time (2026-03-01T18:30:00Z)"
        ) from exc
    return end


def window_after(end: datetime) -> datetime:
    """When recreating stops being possible after a migration that ended then."""
    return end + RECREATE_WINDOW


def check_migration_end(option: str, end: datetime, now: datetime) -> None:
    """Refuse a migration that ends too far ahead.

    :raises InvalidOption: it does.
    """
    if end - now > _MOST_AHEAD:
        raise InvalidOption(
            f"{option} {_day(end)} is more than {_MOST_AHEAD.days} days in the future",
            "set it to the day when the migration ended or will end",
        )


def notice_about(option: str, end: datetime, now: datetime) -> str | None:
    """What a user should know of the end of a migration that may be right."""
    if now < end <= now + _MOST_AHEAD:
        return f"{option} {_day(end)} is in the future: the {RECREATE_WINDOW.days} days to recreate links start then"
    if now - end > _LONG_AGO:
        return f"{option} {_day(end)} is more than a year ago. Check the year"
    return None


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
