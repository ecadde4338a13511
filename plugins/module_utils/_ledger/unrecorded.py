# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that the service has and the ledger has not: their ids, and how they get into it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from .._errors import InvalidOption, LedgerError
from .._model.update import Update
from .._status import FAILURES
from .attempt import Attempt, Claim


@dataclass(frozen=True)
class Unrecorded:
    """A job that was scheduled, and could not be written down yet."""

    claim: Claim
    job_id: str
    status: str
    #: When the service has taken the request, RFC 3339.
    submitted_at: str
    #: What finds the ledger again, as users write it, if a command may say so.
    place: str | None

    @property
    def update(self) -> Update:
        return self.claim.update

    @property
    def command(self) -> str:
        """What somebody enters to have it recorded."""
        record = {name: value for name, value in self.update.as_dict().items() if value is not None}
        variables: dict[str, object] = {"ledger_record": {**record, "job_id": self.job_id}}
        if self.place:
            variables["link_update_ledger"] = self.place
        return f"ansible-playbook jira_cloud.federation.ledger -e {shlex.quote(json.dumps(variables))}"

    def columns(self) -> dict[str, str | int]:
        return {
            **self.claim.key(),
            "job_id": self.job_id,
            "status": self.status,
            "submitted_at": self.submitted_at,
        }

    def failure(self, cause: LedgerError) -> LedgerError:
        """What to say while it is not written."""
        return LedgerError(
            f"the service scheduled the job {self.job_id}, but {cause.failure.what}",
            "the run records it when the ledger is back. If the ledger does not show it after the run, record it "
            f"before any other run: {self.command}",
            job_id=self.job_id,
        )


def number_for(attempts: Sequence[Attempt]) -> int:
    """Which attempt at an update a job is that the ledger does not know.

    :param attempts: those that the ledger knows, the first one first.
    :raises InvalidOption: the update has its job.
    """
    if not attempts:
        return 1
    last = attempts[-1]
    if last.in_flight:
        raise InvalidOption(
            f"nothing was recorded: a run is sending the request of {last.reference} now",
            "wait for it to end, then look at the ledger again",
        )
    unanswered = [each.number for each in attempts if each.job_id is None]
    if unanswered:
        return unanswered[-1]
    if last.status in FAILURES:
        return last.number + 1
    raise InvalidOption(
        f"nothing was recorded: the ledger has job {last.job_id} for this update (entry {last.reference})",
        "if that entry is wrong, forget it first",
    )
