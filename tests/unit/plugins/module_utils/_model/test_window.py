# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""When a migration ended, and until when its links can be recreated."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.window import (
    check_migration_end,
    migration_end,
    notice_about,
    window_after,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("2026-03-01", datetime(2026, 3, 1)),
        ("20260301", datetime(2026, 3, 1)),
        ("2026-03-01T18:30:00Z", datetime(2026, 3, 1, 18, 30)),
        ("2026-03-01t18:30:00z", datetime(2026, 3, 1, 18, 30)),
        ("2026-03-01 18:30:00", datetime(2026, 3, 1, 18, 30)),
        ("2026-03-01 18:30:00.250000+00:00", datetime(2026, 3, 1, 18, 30, 0, 250000)),
        ("2026-03-01T00:30:00+02:00", datetime(2026, 2, 28, 22, 30)),
        ("2024-02-29", datetime(2024, 2, 29)),
    ],
)
def test_a_migration_ends_at_a_time_or_at_the_start_of_a_day(text: str, end: datetime) -> None:
    assert migration_end("migrated_at", text) == end.replace(tzinfo=timezone.utc)


@given(st.dates(min_value=date(1970, 1, 1), max_value=date(9999, 12, 1)))
def test_a_date_never_promises_more_time_than_any_time_of_that_day(day: date) -> None:
    closes = window_after(migration_end("migrated_at", str(day)))
    assert closes <= window_after(migration_end("migrated_at", f"{day} 00:00:00"))
    assert closes.date() - day == timedelta(days=14)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yesterday", "2026-02-30", "2026-03-01T25:00Z", "01.03.2026", "1772366400", "2026-03-01 Z"),
        *("[]", "True", "2026-03-01\x1b", "9999-12-31", "9999-12-31T23:59:59Z"),
    ],
)
def test_what_is_no_time_is_refused_with_two_examples(text: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        migration_end("migrated_at", text)
    assert str(failure.value) == (f"migrated_at {text!r} is not a date (2026-03-01) or a time (2026-03-01T18:30:00Z)")


@pytest.mark.parametrize(
    ("since", "notice"),
    [
        (timedelta(days=-30), " 2026-03-31 is in the future: the 14 days to recreate links start then"),
        (-MOMENT, " 2026-03-01 is in the future: the 14 days to recreate links start then"),
        (timedelta(), None),
        (timedelta(days=14), None),
        (timedelta(days=365), None),
        (timedelta(days=365) + MOMENT, " 2025-03-01 is more than a year ago. Check the year"),
    ],
)
def test_a_date_in_the_future_or_of_long_ago_gets_a_notice(since: timedelta, notice: str | None) -> None:
    check_migration_end("migrated_at", NOW - since, NOW)
    assert notice_about("migrated_at", NOW - since, NOW) == (notice and f"migrated_at{notice}")


@pytest.mark.parametrize("ahead", [timedelta(days=30) + MOMENT, timedelta(days=365)])
def test_a_date_far_in_the_future_is_refused(ahead: timedelta) -> None:
    with pytest.raises(InvalidOption) as failure:
        check_migration_end("migrated_at", NOW + ahead, NOW)
    assert notice_about("migrated_at", NOW + ahead, NOW) is None, "the refusal says it"
    assert failure.value.failure.what == f"migrated_at {(NOW + ahead):%Y-%m-%d} is more than 30 days in the future"
    assert failure.value.failure.advice == "set it to the day when the migration ended or will end"
