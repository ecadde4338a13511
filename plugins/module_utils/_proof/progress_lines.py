# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a check is: a line for each site that is done, a summary each minute, and a glance in between."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from .._clock import Clock
from .._progress import Level, Reporter, Summaries, duration
from .._text import harmless
from .site_work import SiteWork

#: How many seconds there are between two lines on the trouble with one site.
_TROUBLE = 60.0


class ProgressLines:
    """Shows the progress of a check. May be used by several threads at once, as the reporter may be."""

    def __init__(self, reporter: Reporter, clock: Clock, sites: Sequence[SiteWork]) -> None:
        self._reporter = reporter
        self._clock = clock
        self._sites = sites
        self._lock = threading.Lock()
        self._summaries = Summaries(reporter, clock)
        self._next_trouble: dict[str, float] = {}

    def tick(self) -> None:
        """Show what is due."""
        self._summaries.show(self._summary, self._summary)

    def trouble(self, name: str, text: str) -> None:
        """A site has to be asked again. Several threads have the same trouble: one line is enough."""
        with self._lock:
            now = self._clock.monotonic()
            if now < self._next_trouble.get(name, now):
                return
            self._next_trouble[name] = now + _TROUBLE
        self._reporter.line(f"{name}: {harmless(text)}", Level.WARNING)

    def done(self, site: SiteWork) -> None:
        """A site was asked for all its issues, or is not asked any more."""
        took = duration(self._clock.monotonic() - self._summaries.begin)
        asked = site.done - site.before
        if site.failure:
            left = f"{site.total - site.done:,} of {site.total:,} issues not asked"
            self._reporter.line(f"{site.name}  stopped, {left}: {site.failure.message}", Level.FAILURE)
        elif asked:
            before = f", {asked:,} of them now" if site.before else ""
            what = "issue" if site.done == 1 else "issues"
            self._reporter.line(f"{site.name}  {site.done:,} {what}{before}  {took}")

    def _summary(self, now: float) -> str:
        """C(12,400 of 48,210 issues  98/s  6m05s left, the most at eu)."""
        done, total = (sum(getattr(each, name) for each in self._sites) for name in ("done", "total"))
        asked, seconds = sum(each.done - each.before for each in self._sites), now - self._summaries.begin
        line = f"{done:,} of {total:,} issues"
        if not asked or seconds <= 0:
            return line
        slowest = max(self._sites, key=lambda each: self._seconds_left(each, seconds))
        left = self._seconds_left(slowest, seconds)
        where = f", the most at {slowest.name}" if len(self._sites) > 1 and left else ""
        return f"{line}  {asked / seconds:,.0f}/s  {duration(left)} left{where}"

    def _seconds_left(self, site: SiteWork, seconds: float) -> float:
        """How long the rest of a site takes at its pace. One that has not begun is as fast as all together are."""
        left = 0 if site.failure else max(site.total - site.done, 0)
        asked = site.done - site.before or sum(each.done - each.before for each in self._sites)
        return left * seconds / asked if asked else 0.0
