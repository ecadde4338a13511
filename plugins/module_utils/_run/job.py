# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job of an update, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict

from .._clock import to_text
from .._errors import Code, Failure
from .._ledger.attempt import Attempt, reference_of
from .._model.policy import Policy
from .._model.update import Update
from .._progress import status_line
from .._status import ENDED, ERROR, JobStatus
from .._text import padded


class JobResult(TypedDict):
    """The modules' return value C(job)."""

    job_id: str | None
    site_id: str | None
    product: str
    product_url: str
    destination_url: str
    migrated_from: str
    migrated_from_override: str | None
    recreate_as_remote: bool
    create_backup: bool
    wave: str
    attempt: int
    status: str | None
    submitted_at: str | None
    completed_at: str | None
    elapsed: float
    attached: bool


@dataclass(frozen=True)
class Job:
    """The job of an update, as it is known now."""

    update: Update
    attempt: int
    #: None where a job would be scheduled, in check mode.
    job_id: str | None = None
    status: str | None = None
    submitted_at: datetime | None = None
    completed_at: datetime | None = None
    #: Scheduled by another call than this one.
    attached: bool = False
    #: What the service said beside the status.
    said: str = ""

    def age(self, now: datetime) -> float:
        """Seconds from its scheduling to its end, or to now."""
        return ((self.completed_at or now) - self.submitted_at).total_seconds() if self.submitted_at else 0.0

    def with_status(self, status: JobStatus, now: datetime) -> Job:
        """The same job, in the status that the service said now."""
        completed_at = now if status.word in ENDED else None
        return replace(self, status=status.word, said=status.said, completed_at=completed_at)

    def as_result(self, now: datetime) -> JobResult:
        """The job, in the words of results."""
        return {
            "job_id": self.job_id,
            **self.update.as_dict(),  # type: ignore[typeddict-item]  # its fields are those above
            "attempt": self.attempt,
            "status": self.status,
            "submitted_at": to_text(self.submitted_at) if self.submitted_at else None,
            "completed_at": to_text(self.completed_at) if self.completed_at else None,
            "elapsed": round(self.age(now), 3),
            "attached": self.attached,
        }


def job_of(update: Update, attempt: Attempt, said: str = "") -> Job:
    """The job that the ledger knows of an update.

    :param said: what the service said beside its status.
    """
    return Job(
        replace(
            update,
            create_backup=attempt.update.create_backup,
            recreate_as_remote=attempt.update.recreate_as_remote,
        ),
        attempt.number,
        job_id=attempt.job_id,
        status=attempt.status,
        submitted_at=attempt.submitted_at,
        completed_at=attempt.completed_at,
        attached=True,
        said=said,
    )


def job_line(job: Job, label: str, *, changed: bool, width: int = 0) -> str:
    """A line that says which job an update has now."""
    if job.job_id is None:
        return f"{padded(label, width)}  " + ("would be scheduled" if changed else "is being scheduled by another run")
    attempt = f" as attempt {job.attempt}" if job.attempt > 1 else ""
    note = f"scheduled{' before' if job.attached else ''}{attempt}: job {job.job_id}"
    return status_line(label, str(job.status), note, width=width)


def in_error(label: str, job: Job, policy: Policy) -> Failure:
    """What is said of a job that ended without success."""
    what = with_words(f"job {job.job_id} (attempt {job.attempt}) ended in {job.status}", job.said)
    return Failure(what, Code.JOB_ERROR, _what_now(job, policy), about=label, job_id=job.job_id)


def with_words(what: str, said: str) -> str:
    """What has happened, with what the service said of it, if anything."""
    return f"{what}: {said}" if said else what


def _what_now(job: Job, policy: Policy) -> str:
    if job.status != ERROR:
        entry = reference_of(job.update.identity(), job.attempt)
        return (
            "look at the site. To schedule it again, forget its ledger entry and run again: "
            f"ansible-playbook jira_cloud.federation.ledger -e ledger_forget={entry}"
        )
    if policy.resubmit_failed or policy.force:
        return "run again to retry it"
    return f"to retry it, run again with {policy.named.setting('resubmit_failed', 'true')}"
