# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for another run that is sending a request. It shows progress, and it ends."""

from __future__ import annotations

import math
import threading
from dataclasses import dataclass

from .._clock import Clock
from .._errors import Code, LinkUpdateError
from .._progress import Heartbeat, Level, Reporter, duration

#: Seconds between two reads of the ledger while another run waits for an answer.
_POLL = 0.2


@dataclass
class _Wait:
    """The wait for one request of another run."""

    since: float
    heartbeat: Heartbeat


class ClaimWait:
    """Limits the time that a run waits for the requests of other runs, all together. Several threads may wait at once.

    The lease of a claim ends each of these waits, unless the clocks of the two machines differ.

    :param limit: seconds.
    """

    def __init__(self, clock: Clock, reporter: Reporter, limit: float) -> None:
        self._clock = clock
        self._reporter = reporter
        self._limit = self._left = limit
        #: The time that was waited is counted until this moment.
        self._counted = -math.inf
        self._lock = threading.Lock()
        self._waits: dict[str, _Wait] = {}

    def wait(self, about: str) -> None:
        """Wait a moment. Then the caller reads the ledger again.

        :param about: what the other run schedules.
        :raises LinkUpdateError: there is no time left.
        """
        now = self._clock.monotonic()
        if about not in self._waits:
            self._waits[about] = _Wait(now, Heartbeat(now))
            self._say(about, "another run is sending this request; waiting for the answer")
        wait = self._waits[about]
        if now >= wait.heartbeat.due:
            self._say(about, f"still waiting for the other run: {duration(now - wait.since)}")
            wait.heartbeat.beat(now)
        if self._left <= 0:
            raise LinkUpdateError(
                f"timeout after {duration(self._limit)}: another run has been sending this request for "
                f"{duration(now - wait.since)}. Nothing was scheduled",
                code=Code.TIMEOUT,
                advice="run again when the other run has finished. If there is no other run, check the clocks of the "
                "machines that share the ledger",
                about=about,
            )
        self._clock.sleep(min(_POLL, self._left))
        self._count(now, self._clock.monotonic())

    def _count(self, start: float, end: float) -> None:
        """Subtract the time that was waited. Time in which several threads waited counts once."""
        with self._lock:
            self._left -= max(end - max(start, self._counted), 0.0)
            self._counted = max(self._counted, end)

    def _say(self, about: str, text: str) -> None:
        self._reporter.line(f"{about}  {text}", Level.STATUS)
