# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Progress messages: who gets them, how often, and how they read."""

from __future__ import annotations

import math
import re
import textwrap
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import Enum
from typing import Protocol

from ._clock import Clock
from ._status import BACKUP, COMPLETE, FAILURES, IN_PROGRESS, PENDING, RETRY
from ._text import counted, padded


class Level(Enum):
    """What kind of message a line is. It decides the colour."""

    INFO = "plain"
    #: Something was scheduled.
    CHANGED = "change"
    SUCCESS = "good"
    FAILURE = "bad"
    #: Worth attention, but no failure.
    WARNING = "careful"
    #: Nothing has changed.
    STATUS = "aside"
    #: Shown with -v only: one line would be too much for each of a thousand jobs.
    DETAIL = "detail"


def timed(text: str, moment: datetime, width: int = 0) -> str:
    """A text with the clock time before it, as it is here. Further lines stand below the first one.

    :param width: break lines that are wider, between two words; 0 for none. A command stays whole, to be copied.
    """
    margin = 10
    lines = text.split("\n")
    if width > 2 * margin:
        wrapper = textwrap.TextWrapper(
            width - margin, replace_whitespace=False, break_long_words=False, break_on_hyphens=False
        )
        lines = [each for line in lines for each in ([line] if _is_command(line) else wrapper.wrap(line) or [""])]
    first, *others = lines
    begin = f"{moment.astimezone():%H:%M:%S}  {first}"
    return "\n".join([begin, *(f"{'':{margin}}{each}".rstrip() for each in others)])


def _is_command(line: str) -> bool:
    return line.lstrip().startswith("ansible-playbook ")


class Reporter(Protocol):
    """Shows progress. No text that it gets contains a secret."""

    def line(self, text: str, level: Level = Level.INFO) -> None:
        """Show a line at once. A text of several lines is shown in one piece."""

    def warn(self, text: str) -> None:
        """Show a warning, also at the end."""

    #: Whether it can show a text that is gone a moment later.
    glances: bool

    def glance(self, text: str) -> None:
        """Show a text until the next line or glance. It tells nothing that a line does not tell as well."""


class SilentReporter:
    """Shows nothing."""

    glances = False

    def line(self, text: str, level: Level = Level.INFO) -> None:
        """Not shown."""

    def warn(self, text: str) -> None:
        """Not shown."""

    def glance(self, text: str) -> None:
        """Not shown."""


class InDetail:
    """Shows with -v only what is neither a failure nor a warning.

    :param failures: whether a failure is shown without -v, too. Where it is what somebody wants to see, it is not.
    """

    glances = False

    def __init__(self, reporter: Reporter, *, failures: bool = True) -> None:
        self._reporter = reporter
        self._shown = {Level.FAILURE, Level.WARNING} if failures else {Level.WARNING}

    def line(self, text: str, level: Level = Level.INFO) -> None:
        self._reporter.line(text, level if level in self._shown else Level.DETAIL)

    def warn(self, text: str) -> None:
        self._reporter.warn(text)

    def glance(self, text: str) -> None:
        """Not shown."""


class OneAtATime:
    """What several threads show. The text of one never gets into that of another."""

    def __init__(self, reporter: Reporter) -> None:
        self._reporter = reporter
        # The handler of a signal may show something while this thread does.
        self._lock = threading.RLock()
        self.glances = reporter.glances

    def line(self, text: str, level: Level = Level.INFO) -> None:
        with self._lock:
            self._reporter.line(text, level)

    def warn(self, text: str) -> None:
        with self._lock:
            self._reporter.warn(text)

    def glance(self, text: str) -> None:
        with self._lock:
            self._reporter.glance(text)


class Heartbeat:
    """When to show a summary although nothing has changed: often at first, then less and less often."""

    FIRST = 30.0
    LAST = 600.0

    def __init__(self, now: float) -> None:
        self._pause = self.FIRST
        self.due = now + self._pause

    def beat(self, now: float) -> None:
        """A summary was shown now."""
        self._pause = min(self._pause * 2, self.LAST)
        self.due = now + self._pause


class Summaries:
    """Shows a summary each minute, and a glance in between."""

    MINUTE = 60.0
    #: In seconds.
    GLANCE = 0.25

    def __init__(self, reporter: Reporter, clock: Clock) -> None:
        self._reporter = reporter
        self._clock = clock
        self.begin = clock.monotonic()
        self._next_summary = self.begin + self.MINUTE
        self._next_glance = self.begin

    def show(self, summary: Callable[[float], str], glance: Callable[[float], str]) -> None:
        """Show what is due.

        :param summary, glance: get the time, and give the text.
        """
        now = self._clock.monotonic()
        if now >= self._next_summary:
            self._next_summary = now + self.MINUTE
            self._reporter.line(summary(now), Level.STATUS)
        if now >= self._next_glance and self._reporter.glances:
            self._next_glance = now + self.GLANCE
            self._reporter.glance(glance(now))


class Ration:
    """Limits how many jobs have a line of their own in any hour. Fifty sites can have thousands of changes."""

    PER_HOUR = 200

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._shown: deque[float] = deque()
        self._left_out = 0

    def level(self, wanted: Level) -> Level:
        """The level of one more line: the one that is wanted, or L(DETAIL) where there were too many."""
        now = self._clock.monotonic()
        while self._shown and self._shown[0] <= now - 3600:
            self._shown.popleft()
        if len(self._shown) >= self.PER_HOUR:
            self._left_out += 1
            return Level.DETAIL
        self._shown.append(now)
        return wanted

    def note(self) -> str:
        """The end of a summary: how many changes were left out since the last one. Empty if none was."""
        count, self._left_out = self._left_out, 0
        return (
            f"; {counted(count, 'change')} not listed (limit: {self.PER_HOUR} lines an hour; -v lists all)"
            if count
            else ""
        )


#: What people call the statuses of jobs. In this order a summary counts them, each that occurs.
WORDS = {
    COMPLETE: "complete",
    **dict.fromkeys(sorted(FAILURES), "failed"),
    RETRY: "retrying",
    IN_PROGRESS: "running",
    BACKUP: "backup",
    PENDING: "waiting",
}

_LEVELS = {COMPLETE: Level.SUCCESS, RETRY: Level.WARNING, **dict.fromkeys(FAILURES, Level.FAILURE)}


def level_of(status: str | None) -> Level:
    """The level of the line that shows that a job has got this status."""
    return _LEVELS.get(status or "", Level.INFO)


def tally(statuses: Iterable[str | None]) -> str:
    """How many jobs are complete, and how many in each other status that occurs: C(2 of 12 complete, 1 failed).

    :param statuses: of the service, or in words; None where it is not known.
    """
    counts = Counter(WORDS.get(status or "", (status or "not known").lower()) for status in statuses)
    order = list(dict.fromkeys([*WORDS.values(), *sorted(counts)]))
    others = (f"{counts[word]} {word}" for word in order[1:] if counts[word])
    return ", ".join([f"{counts[order[0]]} of {counts.total()} complete", *others])


def status_line(label: str, status: str, note: object = "", *, width: int = 0) -> str:
    """One job's status: C(eu -> us  IN_PROGRESS  waiting 2m10s)."""
    return f"{padded(label, width)}  {status:<11}  {note}".rstrip()


def roughly(seconds: float) -> str:
    """An estimate of a length of time, in words that promise no more: C(about 40s), C(about 41m), C(about 2h10m)."""
    unit = next((unit for limit, unit in ((60, 5), (3600, 60), (86400, 600)) if seconds < limit), 3600)
    text = duration(max(math.ceil(seconds / unit), 1) * unit)
    return f"about {re.sub('(?<=[mhd])00[smh]$', '', text)}"


def duration(seconds: float) -> str:
    """A length of time, short: C(0.4s), C(42s), C(2m10s), C(3h05m), C(2d04h)."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f}s"
    whole = round(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if not minutes:
        return f"{whole}s"
    if not hours:
        return f"{minutes}m{whole % 60:02}s"
    if not days:
        return f"{hours}h{minutes % 60:02}m"
    return f"{days}d{hours % 24:02}h"
