# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How progress messages read, and how often they are shown."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from itertools import pairwise

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import (
    Heartbeat,
    Level,
    OneAtATime,
    Ration,
    duration,
    roughly,
    status_line,
    tally,
    timed,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock
from hypothesis import given
from hypothesis import strategies as st

HOUR = 3600.0
#: How many changes have a line of their own in an hour.
SHOWN = 200


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0.0s"),
        (0, "0.0s"),
        (0.44, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (42.4, "42s"),
        (59.4, "59s"),
        (59.6, "1m00s"),
        (130, "2m10s"),
        (3599.6, "1h00m"),
        (3 * HOUR + 5 * 60, "3h05m"),
        (24 * HOUR - 1, "23h59m"),
        (52 * HOUR, "2d04h"),
    ],
)
def test_a_length_of_time_reads_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@given(st.floats(min_value=0, max_value=1e7))
def test_a_length_of_time_is_short_and_never_has_60_seconds(seconds: float) -> None:
    text = duration(seconds)
    assert len(text) <= 7
    assert not text.endswith(("60s", "60m", "24h"))


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (status_line("eu -> us", "IN_PROGRESS", "waiting 2m10s"), "eu -> us  IN_PROGRESS  waiting 2m10s"),
        (status_line("eu -> us", "COMPLETE", "running 3.0s", width=10), "eu -> us    COMPLETE     running 3.0s"),
        (status_line("eu -> us", "RETRY"), "eu -> us  RETRY"),
    ],
)
def test_a_status_has_one_line_in_columns(line: str, text: str) -> None:
    assert line == text


def beats(heartbeat: Heartbeat, until: float) -> list[float]:
    """The moments at which a summary is shown when nothing ever changes."""
    moments = []
    while heartbeat.due <= until:
        moments.append(heartbeat.due)
        heartbeat.beat(heartbeat.due)
    return moments


def test_the_first_summary_comes_soon_and_the_next_ones_less_and_less_often() -> None:
    assert beats(Heartbeat(0), 1800) == [30, 90, 210, 450, 930, 1530]


@given(st.floats(min_value=0, max_value=100))
def test_hours_of_waiting_stay_readable(hours: float) -> None:
    moments = beats(Heartbeat(0), (hours + 1) * HOUR)
    assert len([moment for moment in moments if moment >= hours * HOUR]) <= 10


def test_silence_is_never_longer_than_ten_minutes() -> None:
    moments = beats(Heartbeat(0), 100 * HOUR)
    assert max(later - earlier for earlier, later in pairwise(moments)) == 600


def test_a_summary_counts_the_jobs_by_status_in_words_and_the_most_important_first() -> None:
    statuses = ["PENDING"] * 3 + ["BACKUP"] + ["IN_PROGRESS"] * 6 + ["COMPLETE"] * 2 + ["ERROR", "CANCELLED", "RETRY"]
    assert tally(statuses) == "2 of 15 complete, 2 failed, 1 retrying, 6 running, 1 backup, 3 waiting"
    assert tally(["THINKING", "on hold", None]) == "0 of 3 complete, 1 not known, 1 on hold, 1 thinking"
    assert tally([]) == "0 of 0 complete"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "about 5.0s"),
        (38, "about 40s"),
        (59.9, "about 1m"),
        (61, "about 2m"),
        (40 * 60 + 1, "about 41m"),
        (2 * HOUR + 60, "about 2h10m"),
        (3 * HOUR - 60, "about 3h"),
        (25.5 * HOUR, "about 1d02h"),
    ],
)
def test_an_estimate_promises_no_more_than_it_knows(seconds: float, text: str) -> None:
    assert roughly(seconds) == text


def test_a_text_has_its_clock_time_and_its_other_lines_stand_below(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    moment = datetime(2026, 3, 1, 1, 4, 5, tzinfo=timezone.utc)
    try:
        assert timed("eu  done", moment) == "02:04:05  eu  done"
        assert timed("Plan\neu  us\n\nend", moment) == "02:04:05  Plan\n          eu  us\n\n          end"
        assert timed("eu -> us  ERROR        it was well-known", moment, 40) == (
            "02:04:05  eu -> us  ERROR        it was\n          well-known"
        )
        command = "  ansible-playbook -i INVENTORY jira_cloud.federation.link_check"
        assert timed(f"To do:\n{command}", moment, 40).endswith(f"\n          {command}"), "it can be copied"
        assert timed("Plan\n\neu -> us", moment, 17) == "02:04:05  Plan\n\n          eu -> us", "too narrow"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_the_changes_shown_in_any_hour_are_limited_and_the_rest_is_counted(clock: FakeClock) -> None:
    ration = Ration(clock)
    shown = []
    for _change in range(10 * SHOWN):
        if ration.level(Level.INFO) is Level.INFO:
            shown.append(clock.monotonic())
        clock.sleep(7)
    for moment in shown:
        assert sum(moment <= other < moment + HOUR for other in shown) <= SHOWN
    assert ration.note().startswith(f"; {10 * SHOWN - len(shown)} changes ")


@pytest.mark.parametrize(("more", "note"), [(0, ""), (1, "; 1 change not listed "), (30, "; 30 changes not listed ")])
def test_a_summary_ends_with_how_many_changes_were_not_shown_since_the_last_one(
    clock: FakeClock, more: int, note: str
) -> None:
    ration = Ration(clock)
    for _change in range(SHOWN + more):
        ration.level(Level.INFO)
    limit = "(limit: 200 lines an hour; -v lists all)"
    assert [ration.note(), ration.note()] == [f"{note}{limit}" if note else "", ""]


class Terminal:
    """A reporter that shows a text letter by letter, and has to be called by one thread at a time."""

    glances = True

    def __init__(self) -> None:
        self.shown: list[str] = []

    def line(self, text: str, level: Level = Level.INFO) -> None:
        for letter in f"{text}\n":
            self.shown.append(letter)
            # Whoever else wants to show something gets the chance.
            time.sleep(0)

    def warn(self, text: str) -> None:
        self.line(text)

    def glance(self, text: str) -> None:
        self.line(text)


def test_what_several_threads_show_never_mixes() -> None:
    terminal = Terminal()
    reporter = OneAtATime(terminal)
    together = threading.Barrier(8, timeout=30)

    def show(number: int) -> list[str]:
        texts = [f"{kind} {number}, first line\n{kind} {number}, second line" for kind in ("line", "warn", "glance")]
        together.wait()
        reporter.line(texts[0])
        reporter.warn(texts[1])
        reporter.glance(texts[2])
        return texts

    with ThreadPoolExecutor(8) as pool:
        texts = [each for shown in pool.map(show, range(8)) for each in shown]
    lines = "".join(terminal.shown).splitlines()
    assert sorted("\n".join(pair) for pair in zip(lines[::2], lines[1::2], strict=True)) == sorted(texts)
