# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a job waited, how long its backup took, and how long it ran."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .._progress import duration
from .._status import BACKUP, ENDED, PENDING

#: A status, and the moment from when on the job was seen in it.
Seen = tuple[str, datetime]


@dataclass(frozen=True)
class Times:
    """The times of one job, in seconds, as they were seen: a poll notices a change a little late."""

    waiting: float = 0.0
    backup: float = 0.0
    #: In any other status: IN_PROGRESS, RETRY, and words that are not documented.
    running: float = 0.0

    def __str__(self) -> str:
        """For people: C(waiting 2m10s, backup 25m04s, running 15m00s), with no part that is zero."""
        parts = {"waiting": self.waiting, "backup": self.backup, "running": self.running}
        return ", ".join(f"{name} {duration(seconds)}" for name, seconds in parts.items() if seconds >= 0.05)


def times_of(history: Sequence[Seen], until: datetime) -> Times:
    """The times of a job.

    :param history: its statuses, in their order; the first one is PENDING, from the moment when it was scheduled.
    :param until: now. It does not count after the job has ended.
    """
    seconds = {PENDING: 0.0, BACKUP: 0.0, "": 0.0}
    ends = [*(since for _status, since in history[1:]), until]
    for (status, since), end in zip(history, ends, strict=False):
        if status not in ENDED:
            seconds[status if status in seconds else ""] += max((end - since).total_seconds(), 0.0)
    return Times(seconds[PENDING], seconds[BACKUP], seconds[""])
