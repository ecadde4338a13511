# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a repair is: a line for each link, as far as there are not too many, and a summary each half minute."""

from __future__ import annotations

from .._clock import Clock
from .._progress import Level, Ration, Reporter
from .._proof.repair_outcome import Fate, Outcome

#: How many seconds there are between two summaries.
_SUMMARY = 30.0
_WORDS = {
    Fate.CREATED: ("created", "would be created"),
    Fate.UNDONE: ("removed", "would be removed"),
    Fate.SKIPPED: ("left", "would be left"),
    Fate.FAILED: ("FAILED", "FAILED"),
}
_LEVELS = {Fate.SKIPPED: Level.DETAIL, Fate.FAILED: Level.FAILURE}


class RepairProgress:
    """Shows the progress of a repair. May be used by several threads at once, as the reporter may be."""

    def __init__(self, reporter: Reporter, clock: Clock, total: int, *, check: bool) -> None:
        self._reporter = reporter
        self._clock = clock
        self._total = total
        self._check = check
        self._done = 0
        self._ration = Ration(clock)
        self._next_summary = clock.monotonic() + _SUMMARY

    def done(self, outcome: Outcome) -> None:
        """Nothing more happens to a link."""
        self._done += 1
        what = f"{outcome.instance} {outcome.name}  {_WORDS[outcome.fate][self._check]}"
        level = _LEVELS.get(outcome.fate) or self._ration.level(Level.CHANGED)
        self._reporter.line(f"{what}: {outcome.reason}" if outcome.reason else what, level)
        now = self._clock.monotonic()
        if now >= self._next_summary:
            self._next_summary = now + _SUMMARY
            self._reporter.line(f"{self._done:,} of {self._total:,} links done", Level.STATUS)
