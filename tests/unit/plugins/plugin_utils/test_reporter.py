# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the controller shows while work goes on."""

from __future__ import annotations

import fcntl
import os
import re
import struct
import termios
from datetime import datetime, timezone

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.plugin_utils import _reporter
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._reporter import DisplayReporter


def test_no_terminal_obeys_a_line_or_a_warning(capfd: pytest.CaptureFixture[str]) -> None:
    reporter = DisplayReporter()
    reporter.line("eu\x1b[2J -> us\u202e\nthe second line")
    reporter.warn("take\x07care")
    reporter.repeat({"text": "of another host\x9b31m", "tone": "plain", "at": "2026-03-01T12:00:00Z"})
    said = capfd.readouterr().out
    assert "  eu\\x1b[2J -> us\\u202e\n          the second line\n" in said
    assert "  of another host\\x9b31m\n" in said
    assert "  Warning: take\\x07care\n" in said


def test_each_line_has_its_clock_time_also_one_of_another_host(capfd: pytest.CaptureFixture[str]) -> None:
    reporter = DisplayReporter()
    reporter.line("eu  done")
    reporter.repeat({"text": "of another host", "tone": "plain", "at": "2026-03-01T12:00:00Z"})
    here, there = capfd.readouterr().out.splitlines()
    assert re.fullmatch(r"\d\d:\d\d:\d\d  eu  done", here)
    assert there == f"{datetime(2026, 3, 1, 12, tzinfo=timezone.utc).astimezone():%H:%M:%S}  of another host"


@pytest.mark.parametrize(("verbosity", "shown"), [(0, False), (1, True)])
def test_a_detail_is_shown_with_v_only(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verbosity: int, shown: bool
) -> None:
    reporter = DisplayReporter()
    monkeypatch.setattr(reporter._display, "verbosity", verbosity)
    reporter.line("eu -> us  IN_PROGRESS", Level.DETAIL)
    assert ("IN_PROGRESS" in capfd.readouterr().out) is shown


def test_a_glance_stays_on_one_line_of_the_terminal_whatever_is_in_it(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_reporter, "_WIDTH", 20)
    reporter = DisplayReporter()
    reporter.glances = True
    reporter.glance("\u65e5" * 40)
    reporter.glance("\u65e5 -> eu\n" * 40)
    shown = re.findall(r"\d\d:\d\d:\d\d  ([^\r]*)", capfd.readouterr().out)
    assert shown == ["\u65e5" * 4, "\u65e5 -> eu "]


def test_a_glance_fits_a_terminal_that_was_made_narrower(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _master, terminal = os.openpty()
    monkeypatch.setattr(_reporter, "_TERMINAL", terminal)
    monkeypatch.setattr(_reporter, "_WIDTH", 80)
    reporter = DisplayReporter()
    reporter.glances = True
    for columns in (0, 100, 30):
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        reporter.glance("x" * 200)
    shown = re.findall(r"\d\d:\d\d:\d\d  x+", capfd.readouterr().out)
    assert [len(glance) for glance in shown] == [79, 79, 29]
