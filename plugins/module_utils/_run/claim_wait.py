# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for another run that is just sending a request: never silent, and never without an end."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from .._clock import Clock
from .._errors import Code, LinkUpdateError
from .._progress import Heartbeat, Level, Reporter, duration

#: How often to ask the ledger whether another run has had the answer to its request, in seconds.
_POLL = 0.2


@dataclass
class _Wait:
    """The wait for one request of another run."""

    since: float
    heartbeat: Heartbeat


class ClaimWait:
    """How long a run waits for the requests of other runs, all of them together. Several threads may wait at once.

    The lease of a claim ends each of these waits, by the clocks of two machines, which may differ.

    :param limit: seconds.
    """

    def __init__(self, clock: Clock, reporter: Reporter, limit: float) -> None:
        self._clock = clock
        self._reporter = reporter
        self._limit = self._left = limit
        #: Until when the time that was waited is counted.
        self._counted = -math.inf
        self._lock = threading.Lock()
        self._waits: dict[str, _Wait] = {}

    def wait(self, about: str) -> None:
        """Wait a moment, after which the ledger is to be asked again.

        :param about: what the other run schedules.
        :raises LinkUpdateError: there is no time left.
        """
        now = self._clock.monotonic()
        if about not in self._waits:
            self._waits[about] = _Wait(now, Heartbeat(now))
            self._say(about, "another run is just scheduling it; waiting for its outcome")
        wait = self._waits[about]
        if now >= wait.heartbeat.due:
            self._say(about, f"still waiting for the outcome of another run, for {duration(now - wait.since)}")
            wait.heartbeat.beat(now)
        if self._left <= 0:
            raise LinkUpdateError(
                f"another run has been scheduling it for {duration(now - wait.since)}, and the time to wait, "
                f"{duration(self._limit)}, is over. Nothing was scheduled",
                code=Code.TIMEOUT,
                advice="rerun: when the claim of that run has ended, it tells what became of the request. If no other "
                "run is there, check the clocks of the machines that share the ledger",
                about=about,
            )
        self._clock.sleep(min(_POLL, self._left))
        self._count(now, self._clock.monotonic())

    def _count(self, start: float, end: float) -> None:
        """Take off the time left what was waited. What several threads waited at once counts once."""
        with self._lock:
            self._left -= max(end - max(start, self._counted), 0.0)
            self._counted = max(self._counted, end)

    def _say(self, about: str, text: str) -> None:
        self._reporter.line(f"{about}  {text}", Level.STATUS)
