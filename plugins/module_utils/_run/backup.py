# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The backup of an instance: its state. Before it is done, no link of the instance may change.

A job orders a backup, and starts when the backup is done. Documented by the vendor: in the status C(Backup), a job has
not started, because its backup is running. Not documented: whether the other jobs of the site wait too. So they are not
scheduled before.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from .._ledger.ledger import Ledger
from .._model.update import Update
from .._status import COMPLETE, ENDED, IN_PROGRESS, RETRY

#: The statuses that a job has only after its backup. A word that is not documented is not among them.
_PAST_BACKUP = frozenset({IN_PROGRESS, RETRY, COMPLETE})

#: How long a backup can take, as users report.
LONGEST_BACKUP = timedelta(hours=8)
#: What a person can do who does not want to wait for it, or whose backup failed.
WITHOUT_BACKUP = "To go on without a backup: -e link_update_create_backup=never"


class BackupState(Enum):
    """How far the backup of an instance has come in a wave."""

    NOT_ORDERED = auto()
    UNDER_WAY = auto()
    DONE = auto()
    #: The job that ordered it ended without success, or was lost, before it was seen to run.
    FAILED = auto()


@dataclass(frozen=True)
class Backup:
    """The backup of an instance, and the job that ordered it last."""

    state: BackupState
    #: The identity of that job's update.
    identity: str | None = None
    #: This or another run is sending the request now.
    in_flight: bool = False
    job_id: str | None = None
    destination_url: str | None = None


def backup_of(update: Update, ledger: Ledger) -> Backup:
    """The backup of an update's product in the update's wave, whichever of its updates ordered it.

    :param ledger: jobs that it does not know do not count.
    """
    state, last = BackupState.NOT_ORDERED, None
    for attempt in ledger.backups(update):
        seen = {attempt.status}
        if attempt.update.site_id and attempt.job_id:
            seen.update(status for status, since in ledger.history(attempt.update.site_id, attempt.job_id))
        under_way = attempt.in_flight or (attempt.job_id is not None and attempt.status not in ENDED)
        state = BackupState.UNDER_WAY if under_way else BackupState.FAILED
        last = Backup(state, attempt.identity, attempt.in_flight, attempt.job_id, attempt.update.destination_url)
        if seen & _PAST_BACKUP:
            return Backup(BackupState.DONE, attempt.identity, False, attempt.job_id, attempt.update.destination_url)
    return last or Backup(state)
