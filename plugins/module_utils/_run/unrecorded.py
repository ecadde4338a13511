# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Jobs that the service scheduled and the ledger could not record."""

from __future__ import annotations

from collections.abc import Iterable

from .._errors import Code
from .state import UpdateState


def unrecorded(updates: Iterable[UpdateState]) -> list[str]:
    """The pairs whose job the ledger does not know, each with the id of the job."""
    return [
        f"{each.label}: job {each.failure.job_id}"
        for each in updates
        if each.failure and each.failure.code is Code.LEDGER and each.failure.job_id
    ]
