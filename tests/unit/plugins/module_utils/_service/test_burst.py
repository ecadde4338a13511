# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What several requests that were under way together tell of the rate limit counts once."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import RateLimiter
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

MOST = 8


@pytest.fixture
def limiter(clock: FakeClock) -> RateLimiter:
    """One whose requests are all under way."""
    limiter = RateLimiter(clock, MOST)
    for _answer in range(MOST):
        limiter.answered(None)
    while limiter.has_room:
        limiter.begin()
    return limiter


def room_of(limiter: RateLimiter) -> int:
    """How many requests may be sent at once now."""
    count = 0
    while limiter.has_room:
        limiter.begin()
        count += 1
    return count


def test_refusals_that_come_together_are_one(limiter: RateLimiter, clock: FakeClock) -> None:
    for _refusal in range(MOST):
        limiter.refused(None)
        limiter.end()
    assert limiter.delay() < 1.5
    clock.sleep(2)
    for _answer in range(MOST // 2 - 1):
        limiter.answered(None)
    assert room_of(limiter) == MOST // 2, "half of what was too much is soon reached again"


def test_refusals_one_after_the_other_make_the_waits_longer(limiter: RateLimiter, clock: FakeClock) -> None:
    delays = []
    for _refusal in range(3):
        limiter.refused(None)
        delays.append(round(limiter.delay()))
        clock.sleep(limiter.delay())
    assert delays == [1, 2, 4]


def test_answers_that_come_after_a_refusal_make_no_room(limiter: RateLimiter, clock: FakeClock) -> None:
    limiter.refused(2.0)
    limiter.end()
    for _answer in range(MOST - 1):
        limiter.answered(None)
        limiter.end()
    clock.sleep(3)
    assert (limiter.delay(), room_of(limiter)) == (0.0, 1)
