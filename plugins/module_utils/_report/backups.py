# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says about backups: who orders one, who waits for one, and where that may take too long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum

from .._run.backup import LONGEST_BACKUP, WITHOUT_BACKUP, BackupState
from .._run.state import InstanceState
from .._text import names
from .deadlines import deadlines_of


class _Backup(Enum):
    """The lines about backups, in this order."""

    ORDERED = (
        "Backups: ordered by {names}. The other jobs of an instance start after its backup (usually 20 min to 8 h)"
    )
    UNDER_WAY = "Backups running: {names}. Their other jobs start after the backup"
    DONE = "Backups already done in this wave: {names}"
    ALWAYS = "Backups: every job of {names} orders one"
    NONE = "Backups: none"


def backups_of(instances: Sequence[InstanceState], now: datetime) -> Iterator[str]:
    """The lines about backups."""
    groups: dict[_Backup, list[str]] = {}
    for instance in instances:
        if any(update.changed for update in instance.updates):
            kind, name = _backup_of(instance)
            groups.setdefault(kind, []).append(name)
    if groups.keys() > {_Backup.NONE}:
        del groups[_Backup.NONE]
    for kind in _Backup:
        if who := groups.get(kind):
            yield kind.value.format(names=names(who))
    yield from _too_long(instances, now)


def _backup_of(instance: InstanceState) -> tuple[_Backup, str]:
    """The backup that an instance relies on, and the name to show: the instance, or the job that orders the backup."""
    if instance.spec.manner.backup == "never":
        return _Backup.NONE, instance.name
    if instance.spec.manner.backup == "always":
        return _Backup.ALWAYS, instance.name
    for update in instance.updates:
        if update.changed and update.job and update.job.update.create_backup:
            return _Backup.ORDERED, update.label
    done = instance.backup and instance.backup.state is BackupState.DONE
    return _Backup.DONE if done else _Backup.UNDER_WAY, instance.name


def _too_long(instances: Sequence[InstanceState], now: datetime) -> Iterator[str]:
    """The instances whose deadline to recreate links may pass before their backup is done."""
    late = [
        f"{instance.name} {min(deadlines):%Y-%m-%d %H:%M}Z"
        for instance in instances
        if (deadlines := _deadlines_behind_backup(instance)) and min(deadlines) - now < LONGEST_BACKUP
    ]
    if late:
        yield (
            f"Warning: a backup can take {LONGEST_BACKUP.total_seconds() / 3600:.0f} h, and the deadline to recreate "
            f"links is near: {names(late)}. {WITHOUT_BACKUP}"
        )


def _deadlines_behind_backup(instance: InstanceState) -> list[datetime]:
    """The deadlines of the jobs that wait for the backup of their instance."""
    if _backup_of(instance)[0] not in (_Backup.ORDERED, _Backup.UNDER_WAY):
        return []
    return deadlines_of(each for each in instance.updates if each.job and not each.job.update.create_backup)
