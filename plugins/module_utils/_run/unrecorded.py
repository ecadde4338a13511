# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that the service has scheduled and the ledger could not record."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from .._errors import Code
from .._ledger.ledger import Claim, reference
from .state import UpdateState


def recording(claim: Claim, job_id: str) -> str:
    """How to record a job by hand, to be pasted."""
    entry = shlex.quote(f"ledger_record={reference(claim.identity, claim.attempt)}={job_id}")
    return (
        "before the next run, when the ledger can be written again, record the job: "
        f"ansible-playbook -i INVENTORY jira_cloud.federation.ledger -e {entry}"
    )


def unrecorded(updates: Iterable[UpdateState]) -> list[str]:
    """The pairs whose job the ledger does not know, each with the id of the job."""
    return [
        f"{each.label}: job {each.failure.job_id}"
        for each in updates
        if each.failure and each.failure.code is Code.LEDGER and each.failure.job_id
    ]
