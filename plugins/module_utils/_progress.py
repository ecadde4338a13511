# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said while the work goes on: who is told, how often, and in which words."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable
from enum import Enum
from typing import Protocol

from ._clock import Clock
from ._status import BACKUP, COMPLETE, ERROR, IN_PROGRESS, PENDING, RETRY


class Level(Enum):
    """What kind of line it is, for those who show lines in colour."""

    INFO = "plain"
    #: Something was scheduled.
    CHANGED = "change"
    SUCCESS = "good"
    FAILURE = "bad"
    #: Something to keep an eye on.
    WARNING = "careful"
    #: Said although nothing has happened.
    STATUS = "aside"


class Reporter(Protocol):
    """Somebody who is told while the work goes on. Nothing said to it ever holds a secret."""

    def line(self, text: str, tone: Level = Level.INFO) -> None:
        """A line of progress, to be shown at once if anybody is watching; or several in one text, to stay together."""

    def warn(self, text: str) -> None:
        """Something that a user must not overlook, also when nobody watched."""

    #: Whether somebody watches who can be shown something that is gone a moment later.
    glances: bool

    def glance(self, text: str) -> None:
        """How it stands now, until the next line or glance. Nothing is lost where it is not shown."""


class Heartbeat:
    """When to sum up, whether or not something has changed: at first soon, then ever more rarely, so that hours stay
    readable.
    """

    FIRST = 30.0
    LAST = 600.0

    def __init__(self, now: float) -> None:
        self._pause = self.FIRST
        self.due = now + self._pause

    def beat(self, now: float) -> None:
        """It was said."""
        self._pause = min(self._pause * 2, self.LAST)
        self.due = now + self._pause


class Ration:
    """How many changes are told one by one: so many in any hour. Fifty sites can have thousands."""

    PER_HOUR = 200

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: deque[float] = deque()
        #: How many were not told since this was last asked.
        self._kept_back = 0

    def allows(self) -> bool:
        """Whether one more change is told now."""
        now = self._clock.monotonic()
        while self._told and self._told[0] <= now - 3600:
            self._told.popleft()
        if len(self._told) >= self.PER_HOUR:
            self._kept_back += 1
            return False
        self._told.append(now)
        return True

    def kept_back(self) -> int:
        """How many changes were not told since the last call."""
        count, self._kept_back = self._kept_back, 0
        return count

    def rest(self) -> str:
        """What a summary says at its end of the changes that were not told since the last one; nothing if all were."""
        count = self.kept_back()
        return f"; {count} change{'' if count == 1 else 's'} not told one by one" if count else ""


#: What a summary calls the statuses, and in which order. The first ones are always told, also when they are none.
_ALWAYS = {PENDING: "queued", BACKUP: "backup", IN_PROGRESS: "running", COMPLETE: "complete", ERROR: "error"}
_WORDS = {**_ALWAYS, RETRY: "retrying"}

_TONES = {COMPLETE: Level.SUCCESS, ERROR: Level.FAILURE, RETRY: Level.WARNING}


def level_of(status: str | None) -> Level:
    """The tone in which a job's coming into a status is told."""
    return _TONES.get(status or "", Level.INFO)


def tally(statuses: Iterable[str | None]) -> str:
    """So many jobs, and how many in which status: C(12 jobs: 3 queued, 1 backup, 6 running, 2 complete, 0 error)."""
    counts = Counter(_WORDS.get(status or "", (status or "not known").lower()) for status in statuses)
    words = list(dict.fromkeys([*_ALWAYS.values(), *sorted(counts)]))
    total = counts.total()
    return f"{total} job{'' if total == 1 else 's'}: " + ", ".join(f"{counts[word]} {word}" for word in words)


def status_line(label: str, status: str, age: float, note: str = "", *, width: int = 0) -> str:
    """One job's status: C(eu -> us  IN_PROGRESS  2m10s)."""
    return f"{label:<{width}}  {status:<11}  {duration(age)}" + (f"  {note}" if note else "")


def duration(seconds: float) -> str:
    """A length of time as people read it: C(0.4s), C(42s), C(2m10s), C(3h05m), C(2d04h)."""
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
