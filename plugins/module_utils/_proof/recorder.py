# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing verdicts down, many at once: each of them alone would be a transaction of its own."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping, Sequence

from .._clock import Clock
from .._model.verdicts import GOOD, Verdict
from .._store.checking import Checking
from .._store.checks import CheckedLink
from .plan import CheckPlan, PairPlan
from .result import is_decided, missing_in, tally_of

#: A verdict waits for so many seconds, or for so many others.
_SECONDS, _MOST = 2.0, 500
#: After so many seconds without one, others are told that this process goes on.
_SILENCE = 20.0


class Recorder:
    """Writes verdicts, and knows which pairs need no more of them. May be used by several threads."""

    def __init__(self, checking: Checking, plan: CheckPlan, clock: Clock) -> None:
        self._checking = checking
        self._plan = plan
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: list[CheckedLink] = []
        self._written_at = clock.monotonic()
        tallies = checking.tallies()
        self._sampled: Mapping[tuple[str, str], PairPlan] = {
            (each.product_url, each.destination_url): each for each in plan.pairs if each.sample is not None
        }
        self._missing = Counter({pair: _settled(tally_of(each, tallies)) for pair, each in self._sampled.items()})

    def add(self, links: Sequence[CheckedLink]) -> None:
        """Write verdicts, at the latest with the next ones.

        :raises LedgerError: some were not written, for example as another process makes the check now.
        """
        with self._lock:
            self._waiting += links
            for each in links:
                pair = each.product_url, each.destination_url
                if each.is_sampled and each.verdict not in GOOD and pair in self._sampled:
                    self._missing[pair] += 1
            if len(self._waiting) >= _MOST or self._clock.monotonic() >= self._written_at + _SECONDS:
                self._write()

    def needs(self, product_url: str, destination_url: str) -> bool:
        """Whether another verdict on a link of a pair can make a difference."""
        pair = self._sampled.get((product_url, destination_url))
        return pair is None or not is_decided(pair, self._missing[product_url, destination_url], self._plan)

    def keep_alive(self) -> None:
        """Tell others that this process goes on, if nothing that it writes does."""
        with self._lock:
            if self._waiting:
                self._write()
            elif self._clock.monotonic() >= self._written_at + _SILENCE:
                self._checking.keep_alive()
                self._written_at = self._clock.monotonic()

    def flush(self) -> None:
        """Write what waits."""
        with self._lock:
            self._write()

    def _write(self) -> None:
        if self._waiting:
            self._checking.add(self._waiting)
            self._waiting = []
        self._written_at = self._clock.monotonic()


def _settled(tally: Mapping[Verdict, int]) -> int:
    """How many links are missing for certain: those without an answer are asked for again."""
    return missing_in(tally) - tally.get(Verdict.UNANSWERED, 0)
