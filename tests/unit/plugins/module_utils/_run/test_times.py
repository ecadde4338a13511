# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.times import Times, times_of

BEGIN = datetime(2026, 3, 1, tzinfo=timezone.utc)


def at(seconds: float) -> datetime:
    return BEGIN + timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("history", "until", "expected", "text"),
    [
        ([], 9, Times(), ""),
        ([("PENDING", 0)], 42, Times(waiting=42), "waiting 42s"),
        ([("PENDING", 0), ("BACKUP", 10), ("IN_PROGRESS", 70)], 130, Times(10, 60, 60), None),
        (
            [("PENDING", 0), ("IN_PROGRESS", 10), ("RETRY", 20), ("IN_PROGRESS", 25), ("COMPLETE", 40)],
            4000,
            Times(10, 0, 30),
            "waiting 10s, running 30s",
        ),
        ([("PENDING", 0), ("PENDING", 5), ("REBUILDING", 10), ("ERROR", 20)], 99, Times(10, 0, 10), None),
        # A clock that was set back makes no time negative.
        ([("PENDING", 10), ("IN_PROGRESS", 5)], 8, Times(0, 0, 3), "running 3.0s"),
    ],
)
def test_each_status_counts_until_the_next(history, until, expected, text):
    times = times_of([(status, at(since)) for status, since in history], at(until))
    assert times == expected
    assert text is None or str(times) == text
