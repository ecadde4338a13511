# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said while the work goes on: who is told, and in which words."""

from __future__ import annotations

from typing import Protocol


class Reporter(Protocol):
    """Somebody who is told while the work goes on. Nothing said to it ever holds a secret."""

    def line(self, text: str) -> None:
        """One line of progress, to be shown at once if anybody is watching."""

    def warn(self, text: str) -> None:
        """Something that a user must not overlook, also when nobody watched."""


class Heartbeat:
    """When to speak although nothing has changed: at first soon, then ever more rarely, so that hours stay readable."""

    FIRST = 30.0
    LAST = 600.0

    def __init__(self, now: float) -> None:
        self.changed(now)

    def changed(self, now: float) -> None:
        """Something was said anyway."""
        self._pause = self.FIRST
        self.due = now + self._pause

    def beat(self, now: float) -> None:
        """The heartbeat itself was said."""
        self._pause = min(self._pause * 2, self.LAST)
        self.due = now + self._pause


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
