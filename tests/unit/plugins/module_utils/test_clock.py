# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as it is recorded, and the machine's own clock."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock, from_text, to_text

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


def test_a_moment_is_recorded_in_utc_and_read_back_as_it_was() -> None:
    elsewhere = (NOON + timedelta(microseconds=5)).astimezone(timezone(timedelta(hours=-8)))
    assert to_text(elsewhere) == "2026-03-01T12:00:00.000005Z"
    assert from_text(to_text(elsewhere)) == elsewhere


def test_recorded_moments_sort_as_they_came() -> None:
    moments = [NOON, NOON + timedelta(microseconds=1), NOON + timedelta(seconds=9), NOON + timedelta(seconds=10)]
    assert sorted(map(to_text, moments)) == [to_text(each) for each in moments]


@pytest.mark.parametrize("text", ["2026-03-01T12:00:00", "2026-03-01T12:00:00Z", "2026-03-01T13:00:00+01:00"])
def test_a_time_without_an_offset_is_in_utc(text: str) -> None:
    assert from_text(text) == NOON
    assert from_text(text).utcoffset() is not None


def test_the_clock_of_the_machine_tells_utc_and_lets_time_pass() -> None:
    clock = SystemClock()
    before, then = datetime.now(timezone.utc), clock.monotonic()
    clock.sleep(0.01)
    assert clock.monotonic() - then >= 0.01
    assert before + timedelta(seconds=0.01) <= clock.now() <= datetime.now(timezone.utc)
