# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as a parameter, so that tests can wait for hours without sleeping."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from typing import Protocol

from ._signals import held_back


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> datetime:
        """The date and time in UTC, to be recorded, and compared across machines."""

    def monotonic(self) -> float:
        """Seconds since some moment. They never run backwards; for durations within one run."""

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""

    def checkpoint(self) -> None:
        """Do nothing, or end the work.

        :raises SystemExit, KeyboardInterrupt: the work has to end.
        """

    def uninterrupted(self) -> AbstractContextManager[None]:
        """Have a signal that ends the work wait for the end of a block."""


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def checkpoint(self) -> None:
        pass

    def uninterrupted(self) -> AbstractContextManager[None]:
        return held_back(lambda: None)


def to_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: sorts as text, reads back with L(from_text)."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The moment that an RFC 3339 text names; one without an offset is taken as UTC.

    :raises ValueError: the text is no such time.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
