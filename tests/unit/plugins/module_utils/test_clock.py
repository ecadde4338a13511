# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as it is recorded, and the machine's own clock."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils import _clock
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


class StoppedClock(SystemClock):
    """Counts its checkpoints, and ends the work at one of them."""

    def __init__(self, ends_at: int) -> None:
        self.checkpoints = 0
        self._ends_at = ends_at

    def checkpoint(self) -> None:
        self.checkpoints += 1
        if self.checkpoints == self._ends_at:
            raise SystemExit("the work is stopped")


def test_waiting_for_another_thread_ends_when_that_is_done() -> None:
    begun, done = threading.Event(), threading.Event()

    def work() -> None:
        assert begun.wait(30)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    begun.set()
    SystemClock().wait(done, float("inf"))
    assert done.is_set()
    thread.join()


def test_waiting_ends_when_the_time_is_over() -> None:
    clock, never = SystemClock(), threading.Event()
    then = clock.monotonic()
    clock.wait(never, 0.01)
    assert clock.monotonic() - then >= 0.01
    clock.wait(never, 0)
    clock.wait(never, -1)


@pytest.mark.parametrize("seconds", [0.0, 0.01])
def test_each_wait_has_a_checkpoint_however_short_it_is(seconds: float) -> None:
    there = threading.Event()
    there.set()
    for wait in (lambda clock: clock.wait(there, seconds), lambda clock: clock.sleep(seconds)):
        clock = StoppedClock(ends_at=1)
        with pytest.raises(SystemExit):
            wait(clock)


def test_a_long_wait_has_one_checkpoint_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_clock, "_BETWEEN_CHECKPOINTS", 0.01)
    clock = StoppedClock(ends_at=2)
    with pytest.raises(SystemExit):
        clock.wait(threading.Event(), float("inf"))
