# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for the requests of other runs: what is said meanwhile, and when it ends."""

from __future__ import annotations

import math
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import OneAtATime
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.claim_wait import ClaimWait
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener


def waits(claim_wait: ClaimWait, clock: FakeClock, seconds: float, about: str = "eu -> us") -> None:
    end = clock.monotonic() + seconds
    while clock.monotonic() < end:
        claim_wait.wait(about)


def test_a_wait_of_minutes_has_a_line_now_and_then(clock: FakeClock, listener: Listener) -> None:
    waits(ClaimWait(clock, listener, math.inf), clock, 130)
    assert listener.lines == [
        "eu -> us  another run is sending this request; waiting for the answer",
        "eu -> us  still waiting for the other run: 30s",
        "eu -> us  still waiting for the other run: 1m30s",
    ]


def test_hours_of_it_are_neither_silent_nor_a_flood(clock: FakeClock, listener: Listener) -> None:
    waits(ClaimWait(clock, listener, math.inf), clock, 3 * 3600)
    assert 18 <= len(listener.lines) <= 26


def test_it_ends_when_the_time_to_wait_is_over_and_says_what_to_do(clock: FakeClock, listener: Listener) -> None:
    start = clock.monotonic()
    with pytest.raises(
        LinkUpdateError, match="eu -> us: timeout after 45s: another run has been sending this request for 45s"
    ) as caught:
        waits(ClaimWait(clock, listener, 45.0), clock, 1000)
    assert clock.monotonic() - start == pytest.approx(45, abs=0.1)
    assert caught.value.code == "timeout"
    assert "Run again when the other run has finished" in caught.value.failure.message


def test_the_time_is_for_all_waits_of_a_run_together(clock: FakeClock, listener: Listener) -> None:
    claim_wait, start = ClaimWait(clock, listener, 45.0), clock.monotonic()
    waits(claim_wait, clock, 30, "eu -> us")
    with pytest.raises(LinkUpdateError, match="eu -> ap"):
        waits(claim_wait, clock, 1000, "eu -> ap")
    assert clock.monotonic() - start == pytest.approx(45, abs=0.1)
    assert [line.split("  ")[0] for line in listener.lines] == ["eu -> us", "eu -> ap"]


class Together(FakeClock):
    """A clock on which several threads sleep at the same time, and pass it together."""

    def __init__(self, threads: int) -> None:
        super().__init__()
        self._together = threading.Barrier(threads, timeout=30)

    def sleep(self, seconds: float) -> None:
        # The last one to come lets the time pass for all; then all go on.
        if self._together.wait() == 0:
            super().sleep(seconds)
        self._together.wait()


def test_what_several_threads_wait_at_once_counts_once_and_each_has_lines_of_its_own(listener: Listener) -> None:
    labels = ("eu -> us", "us -> eu", "ap -> eu")
    clock = Together(len(labels))
    claim_wait, start = ClaimWait(clock, OneAtATime(listener), 45.0), clock.monotonic()

    def wait(label: str) -> str:
        with pytest.raises(LinkUpdateError) as caught:
            waits(claim_wait, clock, 1000, label)
        return caught.value.failure.about

    with ThreadPoolExecutor(len(labels)) as pool:
        assert tuple(pool.map(wait, labels)) == labels
    assert clock.monotonic() - start == pytest.approx(45, abs=0.3)
    assert sorted(listener.lines) == sorted(
        line
        for label in labels
        for line in (
            f"{label}  another run is sending this request; waiting for the answer",
            f"{label}  still waiting for the other run: 30s",
        )
    )


def test_what_happens_between_two_waits_is_no_wait(clock: FakeClock, listener: Listener) -> None:
    claim_wait = ClaimWait(clock, listener, 45.0)
    claim_wait.wait("eu -> us")
    clock.sleep(1000)
    claim_wait.wait("eu -> ap")
