# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The wait for another run that is just sending a request: never silent, and never without an end."""

from __future__ import annotations

from .._clock import Clock
from .._errors import Code, LinkUpdateError
from .._progress import Heartbeat, Level, Reporter, duration

#: How often to ask the ledger whether another run has had the answer to its request, in seconds.
_POLL = 0.2


class ClaimWait:
    """How long a run waits for the requests of other runs, all of them together.

    The lease of a claim ends each of these waits, by the clocks of two machines, which may differ.

    :param limit: seconds.
    """

    def __init__(self, clock: Clock, reporter: Reporter, limit: float) -> None:
        self._clock = clock
        self._reporter = reporter
        self._limit = self._left = limit
        self._about = ""
        self._since = 0.0
        self._heartbeat = Heartbeat(0.0)

    def wait(self, about: str) -> None:
        """Wait a moment, after which the ledger is to be asked again.

        :param about: what the other run schedules.
        :raises LinkUpdateError: there is no time left.
        """
        now = self._clock.monotonic()
        if about != self._about:
            self._about, self._since, self._heartbeat = about, now, Heartbeat(now)
            self._say("another run is just scheduling it; waiting for its outcome")
        elif now >= self._heartbeat.due:
            self._say(f"still waiting for the outcome of another run, for {duration(now - self._since)}")
            self._heartbeat.beat(now)
        if self._left <= 0:
            raise LinkUpdateError(
                f"another run has been scheduling it for {duration(now - self._since)}, and the time to wait, "
                f"{duration(self._limit)}, is over. Nothing was scheduled",
                code=Code.TIMEOUT,
                advice="rerun: when the claim of that run has ended, it tells what became of the request. If no other "
                "run is there, check the clocks of the machines that share the ledger",
                about=about,
            )
        self._clock.sleep(min(_POLL, self._left))
        self._left -= self._clock.monotonic() - now

    def _say(self, text: str) -> None:
        self._reporter.line(f"{self._about}  {text}", Level.STATUS)
