# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which updates of an instance may be scheduled: none but the one that orders the backup, until the backup is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from .._errors import Code, JobUnknown, LinkUpdateError
from .._progress import Level
from .._service.links_api import NEW_FOR, LinksApi
from .._service.retry import retry
from .._text import counted
from .backup import LONGEST_BACKUP, Backup, BackupState, backup_of
from .state import InstanceState, UpdateState
from .toolbox import Toolbox

#: What has become of a job whose backup never was seen to be done.
_NOT_DONE = "ended without success or was lost"
#: The same of one that the service no longer knows.
_LOST = "was lost: the service no longer knows its job"
#: The same of one that there is not.
_NOT_SCHEDULED = "could not be scheduled"


class BackupGate:
    """The gate of one instance. It holds updates back, and says so.

    :param order: schedules the update that orders the backup.
    """

    def __init__(
        self, instance: InstanceState, api: LinksApi, tools: Toolbox, order: Callable[[UpdateState], None]
    ) -> None:
        self._instance = instance
        self._api = api
        self._tools = tools
        self._order = order

    def admit(self, missing: list[UpdateState]) -> list[UpdateState]:
        """Which of the updates that have no job may be scheduled now. Orders the backup where there is none."""
        backup = self._instance.backup = self._backup()
        lost = next((each for each in missing if each.desired.update.identity() == backup.identity), None)
        if backup.state is BackupState.DONE:
            return missing
        if backup.state is BackupState.UNDER_WAY and not lost:
            return missing if self._tools.check else self._hold(missing)
        stays = next((each for each in self._instance.updates if _stays(each) and self._orders(each, backup)), None)
        if stays:
            return self._give_up(missing, stays.label, _NOT_DONE)
        bearer = lost or missing[0]
        self._order(bearer)
        rest = [each for each in missing if each is not bearer]
        if self._tools.check:
            return rest
        if bearer.failure:
            return self._give_up(rest, bearer.label, _NOT_SCHEDULED)
        self._instance.backup = self._backup()
        return rest if self._instance.backup.state is BackupState.DONE else self._hold(rest)

    def reopen(self) -> list[UpdateState]:
        """Which of the updates that were on hold may be scheduled now that the backup's job has another status."""
        held = self._instance.held()
        backup = self._instance.backup = self._backup()
        if backup.state is BackupState.DONE:
            self._say(f"backup done; scheduling {counted(len(held), 'more job')}", Level.SUCCESS)
            return held
        if backup.state is BackupState.FAILED:
            self._give_up(held, self.bearer(backup), _NOT_DONE)
        return []

    def lose(self, bearer: str) -> None:
        """The service does not know the job any more that ordered the backup."""
        self._give_up(self._instance.held(), bearer, _LOST)

    def bearer(self, backup: Backup) -> str:
        """What messages call the update whose job ordered the backup; a narrowed run may not have it."""
        for each in self._instance.updates:
            if self._orders(each, backup):
                return each.label
        return f"{self._instance.name} -> {backup.destination_url}" if backup.destination_url else "its first job"

    def _backup(self) -> Backup:
        """Where the backup stands: what the ledger says, and the service of a job that is none of this run's."""
        update, ledger, clock = self._instance.spec.desired[0].update, self._tools.ledger, self._tools.clock
        backup = backup_of(update, ledger)
        while backup.in_flight and not self._tools.check:
            self._tools.claim_wait.wait(self._instance.name)
            backup = backup_of(update, ledger)
        is_ours = any(self._orders(each, backup) for each in self._instance.updates)
        if backup.state is not BackupState.UNDER_WAY or backup.job_id is None or is_ours:
            return backup
        site_id, job_id = str(update.site_id), backup.job_id
        try:
            status = retry(lambda: self._api.status(site_id, job_id), clock=clock, say=self._say)
        except JobUnknown:
            known = ledger.attempt_of(site_id, job_id)
            age = (clock.now() - known.submitted_at).total_seconds() if known and known.submitted_at else 0.0
            return backup if age < NEW_FOR else replace(backup, state=BackupState.FAILED)
        except LinkUpdateError:
            # The wait for it, or a rerun, will tell.
            return backup
        ledger.record_status(site_id, job_id, status.word)
        return backup_of(update, ledger)

    def _hold(self, rest: list[UpdateState]) -> list[UpdateState]:
        """Put updates on hold until the backup is done. None of them may be scheduled now."""
        if rest and self._instance.backup:
            bearer = self.bearer(self._instance.backup)
            for each in rest:
                each.held = f"on hold until the backup ordered by {bearer} is done"
            closes = min(each.deadline for each in rest)
            if closes - self._tools.clock.now() < LONGEST_BACKUP:
                self._tools.reporter.warn(
                    f"{self._instance.name}: links can be recreated until {closes:%Y-%m-%d %H:%M}Z only, and a backup "
                    f"can take {LONGEST_BACKUP.total_seconds() / 3600:.0f} h. To go on without the backup, run again "
                    "with -e link_update_create_backup=never"
                )
        return []

    def _give_up(self, rest: list[UpdateState], bearer: str, why: str) -> list[UpdateState]:
        """Put updates on hold for good, as their backup failed. This run may schedule none of them."""
        for each in rest:
            each.held, each.stuck = f"the backup failed: {bearer} {why}", True
        if rest:
            count = counted(len(rest), "job")
            self._say(f"{count} not scheduled: the backup failed: {bearer} {why}", Level.FAILURE)
        return []

    def _say(self, text: str, level: Level = Level.INFO) -> None:
        self._tools.say(self._instance.name, text, level)

    def _orders(self, update: UpdateState, backup: Backup) -> bool:
        """Whether this update's job is the one that ordered the backup."""
        return update.desired.update.identity() == backup.identity


def _stays(update: UpdateState) -> bool:
    """Whether the user wants an update to stay as it is; one whose time is over keeps nobody from another backup."""
    return update.settled and not (update.failure and update.failure.code is Code.WINDOW_CLOSED)
