# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that have been PENDING for far longer than the others, and what to do about them."""

from __future__ import annotations

import json
import math
import shlex
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from .._ledger.attempt import Attempt, reference_of
from .._ledger.ledger import Ledger
from .._progress import duration
from .._status import ENDED, PENDING
from .._text import names
from .job import Job

#: A job is overdue when it waits this many times as long as the others took to start.
_FAR_LONGER = 10
#: How many are named.
_MOST_NAMED = 3


@dataclass(frozen=True)
class OverdueJob:
    """A job that has been PENDING for far longer than the others."""

    label: str
    attempt: int
    #: The name of its entry in the ledger.
    entry: str
    #: How many seconds it has been PENDING.
    seconds: float
    #: Where the ledger is, see L(Ledger.place).
    place: str | None

    @property
    def remedy(self) -> str:
        """How to schedule this pair again, and no other."""
        where = f" -e {_as_json({'link_update_ledger': self.place})}" if self.place else ""
        # The attempt before this one counts then, and may be complete.
        force = {"link_update_force": True} if self.attempt > 1 else {}
        only = _as_json({"link_update_only": [self.label], **force})
        return (
            f"To schedule {self.label} again, forget its ledger entry: ansible-playbook jira_cloud.federation.ledger "
            f"-e ledger_forget={self.entry}{where}, then run again with -e {only}"
        )


@dataclass
class _Site:
    """The jobs of one site that say whether another one is overdue."""

    #: The job that was scheduled last, of those that have started.
    last_started: Attempt | None = None
    #: The job that was scheduled first, of those that have not ended.
    first_running: Attempt | None = None

    def has_overtaken(self, job: Job) -> bool:
        """Whether a later job has started."""
        return self.last_started is not None and _is_before(job, self.last_started)

    def is_next(self, job: Job) -> bool:
        """Whether no other job of the site comes before this one."""
        first = self.first_running
        return first is None or first.job_id == job.job_id or _is_before(job, first)


def overdue_jobs(jobs: Mapping[str, Job], ledger: Ledger, now: datetime) -> dict[str, OverdueJob]:
    """The jobs of a run that have been PENDING for far longer than the others.

    A site runs its jobs in the order in which they were scheduled (inferred). So nothing is wrong with a job that
    waits for hours behind others of its site. A job is overdue in two cases: a later job of its site has started; or
    no other job of its site comes before it, and it has waited 10 times as long as the others of the run took to start
    (their median).

    :param jobs: by the labels of their pairs.
    :param ledger: knows also the jobs that other runs scheduled at the same sites.
    """
    sites = _sites_in(ledger)
    limit = _FAR_LONGER * _usual_time(jobs.values(), ledger)
    return {
        label: OverdueJob(label, job.attempt, _entry_of(job), job.age(now), ledger.place)
        for label, job in jobs.items()
        if job.status == PENDING
        if sites[job.update.site_id].has_overtaken(job)
        or (job.age(now) > limit and sites[job.update.site_id].is_next(job))
    }


def overdue_text(jobs: Sequence[OverdueJob]) -> str:
    """The jobs, for people."""
    said = [f"{each.label} ({duration(each.seconds)}, ledger entry {each.entry})" for each in jobs]
    return f"PENDING far longer than the others: {names(said, _MOST_NAMED)}"


def _sites_in(ledger: Ledger) -> defaultdict[str | None, _Site]:
    sites: defaultdict[str | None, _Site] = defaultdict(_Site)
    jobs = (each for each in ledger.attempts() if each.job_id)
    for each in sorted(jobs, key=lambda job: job.submitted_at or job.claimed_at):
        site = sites[each.update.site_id]
        if each.status != PENDING:
            site.last_started = each
        if each.status not in ENDED:
            site.first_running = site.first_running or each
    return sites


def _usual_time(jobs: Iterable[Job], ledger: Ledger) -> float:
    """How many seconds jobs took to start: the median."""
    histories = ledger.histories()
    times = [
        # The first status after PENDING.
        (seen[0][1] - job.submitted_at).total_seconds()
        for job in jobs
        if job.submitted_at and (seen := histories.get((str(job.update.site_id), str(job.job_id))))
    ]
    return median(times) if times else math.inf


def _is_before(job: Job, other: Attempt) -> bool:
    """Whether a job was scheduled before another one."""
    return bool(job.submitted_at and other.submitted_at and job.submitted_at < other.submitted_at)


def _entry_of(job: Job) -> str:
    return reference_of(job.update.identity(), job.attempt)


def _as_json(variables: Mapping[str, object]) -> str:
    """Variables for the option -e of a command line."""
    return shlex.quote(json.dumps(variables))
