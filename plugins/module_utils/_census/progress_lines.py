# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a census is: one line for each project that is done, a summary each minute, and a glance in between."""

from __future__ import annotations

from .._clock import Clock
from .._progress import Level, Ration, Reporter, Summaries, duration
from .._store.progress import Progress
from .._text import padded


class ProgressLines:
    """Shows the progress of a census. May be used by several threads at once, as the reporter may be.

    :param total: how many issues there are to read.
    :param read: how many of them an earlier run has read.
    """

    def __init__(self, reporter: Reporter, clock: Clock, *, total: int = 0, read: int = 0, width: int = 0) -> None:
        self._reporter = reporter
        self._clock = clock
        self._total = total
        self._before = self._read = read
        self._width = width
        self._ration = Ration(clock)
        self._summaries = Summaries(reporter, clock)
        #: How many issues each project had when this run began with it, and when that was.
        self._projects: dict[int, tuple[int, float]] = {}

    def begin(self, progress: Progress) -> None:
        """A project is read from here on."""
        self._projects[progress.number] = progress.issues, self._clock.monotonic()

    def page(self, progress: Progress, issues: int) -> None:
        """A page with so many issues was read."""
        self._read += issues
        self._summaries.show(self._summary, lambda now: self._line(progress, now))

    def done(self, progress: Progress) -> None:
        """A project was read to its end."""
        before, begin = self._projects[progress.number]
        what = f"{progress.issues:,} issues" + (f", {progress.issues - before:,} of them now" if before else "")
        took = duration(self._clock.monotonic() - begin)
        line = f"{padded(progress.project.key, self._width)}  {what}  {took}"
        # An instance can have thousands of projects.
        self._reporter.line(line, self._ration.level(Level.INFO))

    def failed(self, progress: Progress, problem: str) -> None:
        """A project could not be read to its end."""
        self._reporter.line(f"{padded(progress.project.key, self._width)}  not read: {problem}", Level.FAILURE)

    def say(self, text: str) -> None:
        """Show a line."""
        self._reporter.line(text)

    def _line(self, progress: Progress, now: float) -> str:
        """C(project ABC  12,400 of 48,210 issues  312/s  1m55s left)."""
        before, begin = self._projects[progress.number]
        total = max(progress.total or 0, progress.issues)
        how = _pace(progress.issues - before, now - begin, total - progress.issues)
        return f"project {progress.project.key}  {progress.issues:,} of {total:,} issues{how}"

    def _summary(self, now: float) -> str:
        total = max(self._total, self._read)
        how = _pace(self._read - self._before, now - self._summaries.begin, total - self._read)
        return f"{self._read:,} of {total:,} issues{how}"


def _pace(read: int, seconds: float, left: int) -> str:
    """How fast issues are read, and how long the rest takes at that pace."""
    if not read or seconds <= 0:
        return ""
    rate = read / seconds
    return f"  {rate:,.0f}/s  {duration(left / rate)} left"
