# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long the jobs of a run will take, by how long others took. Nothing but an estimate: the vendor says nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from .._ledger.ledger import Ledger
from .._status import BACKUP, COMPLETE, ENDED, PENDING
from .times import Seen, times_of


@dataclass
class _Site:
    """What was seen of the jobs of one site."""

    #: For how many seconds each of them ran that is complete.
    seconds: list[float] = field(default_factory=list)
    #: So many ran at once, at most.
    at_once: int = 1


@dataclass
class Open:
    """The jobs of one site that are not complete."""

    #: How many have not started.
    waiting: int = 0
    #: For how many seconds each of the others has run.
    running: list[float] = field(default_factory=list)


class Estimate:
    """Learns from jobs that are complete.

    The rest of a site's work is shared by as many jobs as were seen to run at once there; sites work side by side. A
    site where no job is complete is taken to be like the others. Backups are not counted.
    """

    def __init__(self) -> None:
        self._sites: defaultdict[str, _Site] = defaultdict(_Site)

    @property
    def jobs(self) -> int:
        """From how many jobs it has learned."""
        return sum(len(site.seconds) for site in self._sites.values())

    def learn(self, site_id: str, seconds: float) -> None:
        """A job of a site is complete; it was seen to run for so many seconds. One that was not tells nothing."""
        if seconds > 0:
            self._sites[site_id].seconds.append(seconds)

    def see_running(self, site_id: str, count: int) -> None:
        """So many jobs of a site run at once."""
        site = self._sites[site_id]
        site.at_once = max(site.at_once, count)

    def seconds_left(self, sites: Mapping[str, Open]) -> float | None:
        """How many seconds the jobs that are not complete will take; None where no job is complete."""
        everywhere = _mean([each for site in self._sites.values() for each in site.seconds])
        if everywhere is None:
            return None
        return max((self._left_at(site_id, each, everywhere) for site_id, each in sites.items()), default=0.0)

    def _left_at(self, site_id: str, jobs: Open, everywhere: float) -> float:
        site = self._sites[site_id]
        each = _mean(site.seconds) or everywhere
        work = each * jobs.waiting + sum(max(each - seconds, 0.0) for seconds in jobs.running)
        return work / min(site.at_once, max(jobs.waiting + len(jobs.running), 1))


def estimate_from(ledger: Ledger, now: datetime) -> Estimate:
    """What the ledger's jobs tell, of whichever run and wave.

    :raises LedgerError: the ledger cannot be read.
    """
    estimate = Estimate()
    histories = ledger.histories()
    intervals: defaultdict[str, list[Seen]] = defaultdict(list)
    for job in ledger.attempts():
        history = histories.get((str(job.update.site_id), str(job.job_id)), [])
        if job.status != COMPLETE or not job.submitted_at or not history:
            continue
        history = [(PENDING, job.submitted_at), *history]
        site_id = str(job.update.site_id)
        estimate.learn(site_id, times_of(history, now).running)
        intervals[site_id] += _running(history)
    for site_id, changes in intervals.items():
        estimate.see_running(site_id, _most_at_once(changes))
    return estimate


def _running(history: Sequence[Seen]) -> Iterable[Seen]:
    """When a job started to run, and when it ended."""
    starts = [since for status, since in history if status not in ENDED | {PENDING, BACKUP}]
    ends = [since for status, since in history if status in ENDED]
    if starts and ends:
        yield "", starts[0]
        yield COMPLETE, ends[-1]


def _most_at_once(changes: Iterable[Seen]) -> int:
    """How many jobs ran at once, at most. One that ends when another one starts is over."""
    most = running = 0
    for status, _since in sorted(changes, key=lambda each: (each[1], each[0] != COMPLETE)):
        running += -1 if status == COMPLETE else 1
        most = max(most, running)
    return most


def _mean(seconds: Sequence[float]) -> float | None:
    return sum(seconds) / len(seconds) if seconds else None
