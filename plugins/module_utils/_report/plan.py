# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is about to do, for people to read before it does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum

from .._progress import duration
from .._run.backup import BackupState
from .._run.state import Action, InstanceState, UpdateState
from .._text import names
from .app_links import checklist_of
from .app_links import text_of as app_links_text
from .matrix import matrix_of
from .results import Plan

#: What the line that counts calls each action.
_COUNTED = {
    Action.SCHEDULE: "to schedule",
    Action.RETRY: "to schedule anew after an error",
    Action.AGAIN: "to schedule anew because the outcome is unknown",
    Action.ANEW: "to schedule anew although complete",
    Action.ATTACH: "under way, to be waited for",
    Action.DONE: "done",
    Action.REFUSED: "that cannot be scheduled",
}


class _Backup(Enum):
    """What is said of instances by the backup that they rely on, in this order."""

    ORDERED = (
        "Backups: {names} order{s} one; the other jobs of an instance are scheduled when its backup is done "
        "(users report 20 minutes to 8 hours)"
    )
    UNDER_WAY = "Backups under way, their instances' jobs follow when they are done: {names}"
    DONE = "Backups done already in this wave: {names}"
    ALWAYS = "Backups: every job of {names} orders one"
    NONE = "Backups: none"


def plan_of(instances: Sequence[InstanceState], federation: Sequence[str], now: datetime) -> Plan:
    """The plan, as data: the action of each update, how many there are of each, and how many would be scheduled.

    :param federation: the names of all instances, in the order in which they are shown.
    """
    updates = _updates(instances)
    scheduled = [update for update in updates if update.changed]
    # Only these need application links that were authorized by hand.
    recreating = [update for update in scheduled if update.desired.update.recreate_as_remote]
    counts = Counter(update.action for update in updates)
    return {
        "actions": {update.label: update.action.value for update in updates},
        "counts": {action.value: counts[action] for action in Action},
        "scheduled": len(scheduled),
        "recreating": [update.label for update in recreating],
        "app_links": app_links_text(checklist_of((update.instance, update.desired) for update in recreating)),
        "text": text_of(instances, federation, now),
    }


def text_of(instances: Sequence[InstanceState], federation: Sequence[str], now: datetime) -> list[str]:
    """The plan, as lines: the matrix, what is in it, the backups, the time that is left, and what is refused."""
    waves = sorted({instance.spec.manner.wave for instance in instances})
    return [
        f"Plan for wave {', '.join(waves)}: the links of {_number(instances, 'instance')} (rows) to their destinations "
        "(columns)",
        "",
        *matrix_of(instances, federation),
        "",
        _counts(instances),
        *_backups(instances),
        *_windows(instances, now),
        *_refusals(instances),
    ]


def _updates(instances: Sequence[InstanceState]) -> list[UpdateState]:
    return [update for instance in instances for update in instance.updates]


def _number(items: Sequence[object], what: str) -> str:
    return f"{len(items)} {what}{'' if len(items) == 1 else 's'}"


def _counts(instances: Sequence[InstanceState]) -> str:
    updates = _updates(instances)
    counts = Counter(update.action for update in updates)
    counted = ", ".join(f"{counts[action]} {_COUNTED[action]}" for action in Action if counts[action])
    return f"{_number(updates, 'job')}: {counted}"


def _backups(instances: Sequence[InstanceState]) -> Iterator[str]:
    """What the backup policy comes to."""
    groups: dict[_Backup, list[str]] = {}
    for instance in instances:
        if any(update.changed for update in instance.updates):
            kind, name = _backup_of(instance)
            groups.setdefault(kind, []).append(name)
    if groups.keys() > {_Backup.NONE}:
        del groups[_Backup.NONE]
    for kind in _Backup:
        if who := groups.get(kind):
            yield kind.value.format(names=names(who), s="s" if len(who) == 1 else "")


def _backup_of(instance: InstanceState) -> tuple[_Backup, str]:
    """The backup that an instance relies on, and what is named for it: the instance, or the job that orders it."""
    if instance.spec.manner.backup == "never":
        return _Backup.NONE, instance.name
    if instance.spec.manner.backup == "always":
        return _Backup.ALWAYS, instance.name
    for update in instance.updates:
        if update.changed and update.job and update.job.update.create_backup:
            return _Backup.ORDERED, update.label
    done = instance.backup and instance.backup.state is BackupState.DONE
    return _Backup.DONE if done else _Backup.UNDER_WAY, instance.name


def _windows(instances: Sequence[InstanceState], now: datetime) -> Iterator[str]:
    """How much time is left for recreating links."""
    recreating = [instance for instance in instances if instance.spec.recreates and instance.updates]
    known = sorted((closes, each.name) for each in recreating if (closes := each.spec.window_closes))
    unknown = [each.name for each in recreating if not each.spec.window_closes]
    if known:
        closes, name = known[0]
        left = (closes - now).total_seconds()
        what = f"{duration(left)} left, until {closes:%Y-%m-%d %H:%M}Z ({name})" if left > 0 else f"over for {name}"
        yield f"Time to recreate links: {what}"
    if unknown:
        yield (
            f"Time to recreate links: not known for {names(unknown)}, as link_update_migrated_at is not set; "
            "it is two weeks from the migration"
        )


def _refusals(instances: Sequence[InstanceState]) -> list[str]:
    """Why updates are refused, each reason once."""
    refused = [update for update in _updates(instances) if update.action is Action.REFUSED]
    reasons = dict.fromkeys(update.failure.message if update.failure else update.held for update in refused)
    return [f"Refused: {reason}" for reason in reasons]
