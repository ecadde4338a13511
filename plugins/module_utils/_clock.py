# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Time as a parameter, so that tests can wait for hours without sleeping."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timezone
from typing import Protocol

from ._signals import deferred
from ._threads import end_with_the_others, uninterrupted_task


class Clock(Protocol):
    """Tells the time, and lets it pass."""

    def now(self) -> datetime:
        """The date and time in UTC, to be recorded, and compared across machines."""

    def monotonic(self) -> float:
        """Seconds since some moment. They never run backwards; for durations within one run."""

    def sleep(self, seconds: float) -> None:
        """Wait for so many seconds. All that time is a checkpoint."""

    def wait(self, event: threading.Event, seconds: float) -> None:
        """Wait until another thread sets the event, for so many seconds at most. All that time is a checkpoint."""

    def checkpoint(self) -> None:
        """Do nothing, or end the work.

        :raises SystemExit, KeyboardInterrupt: the work has to end.
        """

    def uninterrupted(self, stop: Callable[[], bool] = lambda: True) -> AbstractContextManager[None]:
        """Have what ends the work wait for the end of a block: a signal, and the end of all tasks where this is one.

        :param stop: called when a signal has come; gives back whether something has to be finished first.
        """


#: How long nobody notices that the work has to end, at most, in seconds.
_BETWEEN_CHECKPOINTS = 0.25


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.wait(threading.Event(), seconds)

    def wait(self, event: threading.Event, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not event.wait(min(max(end - time.monotonic(), 0.0), _BETWEEN_CHECKPOINTS)):
            self.checkpoint()
            if time.monotonic() >= end:
                return
        self.checkpoint()

    def checkpoint(self) -> None:
        end_with_the_others()

    def uninterrupted(self, stop: Callable[[], bool] = lambda: True) -> AbstractContextManager[None]:
        return uninterrupted_task() or deferred(lambda: self._on_deferred(stop()))

    def _on_deferred(self, unfinished: bool) -> None:
        """A signal is deferred.

        :param unfinished: something has to be finished first.
        """


def to_text(moment: datetime) -> str:
    """RFC 3339 in UTC with microseconds: sorts as text, reads back with L(from_text)."""
    return moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_text(text: str) -> datetime:
    """The moment that an RFC 3339 text names; one without an offset is taken as UTC.

    :raises ValueError: the text is no such time.
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
