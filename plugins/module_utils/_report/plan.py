# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is about to do, for people to read before it does it."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from .._model.app_links import checklist_of
from .._model.app_links import text_of as app_links_text
from .._progress import duration
from .._run.backup import BackupState
from .._run.state import Action, InstanceState
from .._text import aligned, names

#: What each action is called: in a cell, in a cell where there is room for a letter only, and in the line that counts.
_WORDS = {
    Action.SCHEDULE: ("schedule", "S", "to schedule"),
    Action.RETRY: ("retry", "R", "to schedule anew after an error"),
    Action.AGAIN: ("again", "U", "to schedule anew because the outcome is unknown"),
    Action.ANEW: ("anew", "N", "to schedule anew although complete"),
    Action.ATTACH: ("attach", "A", "under way, to be waited for"),
    Action.DONE: ("done", "D", "done"),
    Action.REFUSED: ("refused", "!", "that cannot be scheduled"),
}
_SCHEDULED = frozenset({Action.SCHEDULE, Action.RETRY, Action.AGAIN, Action.ANEW})

#: A matrix with more destinations than this has a letter in each cell, so that it fits a terminal.
_MOST_WORDS = 8


def plan_of(instances: Sequence[InstanceState], federation: Sequence[str], now: datetime) -> dict[str, Any]:
    """The plan, as data: each pair's action, how many there are of each, and how many would be scheduled.

    :param federation: the names of all instances, in the order in which they are shown.
    """
    entries = [entry for instance in instances for entry in instance.entries]
    counts = Counter(entry.action for entry in entries)
    scheduled = [entry for entry in entries if entry.action in _SCHEDULED]
    # Only these need application links that were authorized by hand.
    recreating = [entry for entry in scheduled if entry.desired.update.recreate_as_remote]
    return {
        "actions": {entry.desired.label: entry.action.value for entry in entries},
        "counts": {action.value: counts[action] for action in Action},
        "scheduled": len(scheduled),
        "recreating": [entry.desired.label for entry in recreating],
        "app_links": app_links_text(checklist_of((entry.instance, entry.desired) for entry in recreating)),
        "text": text_of(instances, federation, now),
    }


def text_of(instances: Sequence[InstanceState], federation: Sequence[str], now: datetime) -> list[str]:
    """The plan, as lines: the matrix, what is in it, the backups, the time that is left, and what is refused."""
    entries = [entry for instance in instances for entry in instance.entries]
    waves = sorted({entry.desired.update.wave for entry in entries})
    lines = [
        f"Plan for wave {', '.join(waves)}: the links of {len(instances)} "
        f"{'instance' if len(instances) == 1 else 'instances'} (rows) to their destinations (columns)",
        "",
        *matrix_of(instances, federation),
        "",
        _counts(entries),
    ]
    lines += _backups(instances)
    lines += _windows(instances, now)
    refusals = dict.fromkeys(str(entry.failure or entry.held) for entry in entries if entry.action is Action.REFUSED)
    lines += [f"Refused: {why}" for why in refusals]
    return lines


def matrix_of(instances: Sequence[InstanceState], federation: Sequence[str]) -> list[str]:
    """Who gets links to whom, and what is to be done for it; destinations that do not fit get numbers and a legend."""
    rows = [instance.name for instance in instances]
    concerned = {*rows, *(entry.desired.destination for instance in instances for entry in instance.entries)}
    columns = [name for name in federation if name in concerned]
    actions = {(entry.instance, entry.desired.destination): entry.action for i in instances for entry in i.entries}
    brief = len(columns) > _MOST_WORDS
    number = {name: str(index) for index, name in enumerate(columns, 1)}

    def cell(row: str, column: str) -> str:
        action = actions.get((row, column))
        return "." if action is None else _WORDS[action][brief]

    if not brief:
        return aligned([["", *columns], *([row, *(cell(row, column) for column in columns)] for row in rows)])
    head = ["", "", *(number[column] for column in columns)]
    lines = aligned([head, *([number[row], row, *(cell(row, column) for column in columns)] for row in rows)])
    others = [f"{number[column]} {column}" for column in columns if column not in rows]
    used = [f"{letter} {word}" for action, (word, letter, _text) in _WORDS.items() if action in actions.values()]
    legend = textwrap.wrap(f"and {', '.join(others)}", 100) if others else []
    return [*lines, *legend, "", ", ".join(used)]


def _counts(entries: Sequence[Any]) -> str:
    counts = Counter(entry.action for entry in entries)
    total = f"{len(entries)} job{'' if len(entries) == 1 else 's'}: "
    return total + ", ".join(f"{counts[action]} {_WORDS[action][2]}" for action in Action if counts[action])


def _backups(instances: Sequence[InstanceState]) -> list[str]:
    """What the backup policy comes to."""
    ordering, done, under_way, always = [], [], [], []
    for instance in instances:
        scheduled = [entry for entry in instance.entries if entry.action in _SCHEDULED]
        if not scheduled:
            continue
        if instance.order.backup == "always":
            always.append(instance.name)
        elif instance.order.backup == "first":
            first = next((entry for entry in scheduled if entry.job and entry.job.update.create_backup), None)
            if first:
                ordering.append(first.desired.label)
            elif instance.backup and instance.backup.state is BackupState.DONE:
                done.append(instance.name)
            else:
                under_way.append(instance.name)
    lines = []
    if ordering:
        lines.append(
            f"Backups: {names(ordering)} order{'s' if len(ordering) == 1 else ''} one; the other jobs of an instance "
            "are scheduled when its backup is done (users report 20 minutes to 8 hours)"
        )
    if under_way:
        lines.append(f"Backups under way, their instances' jobs follow when they are done: {names(under_way)}")
    if done:
        lines.append(f"Backups done already in this wave: {names(done)}")
    if always:
        lines.append(f"Backups: every job of {names(always)} orders one")
    if not lines and any(entry.action in _SCHEDULED for instance in instances for entry in instance.entries):
        lines.append("Backups: none")
    return lines


def _windows(instances: Sequence[InstanceState], now: datetime) -> list[str]:
    """How much time is left for recreating links."""
    recreating = [each for each in instances if any(one.desired.update.recreate_as_remote for one in each.entries)]
    known = sorted((closes, each.name) for each in recreating if (closes := each.order.window_closes))
    unknown = [each.name for each in recreating if not each.order.window_closes]
    lines = []
    if known:
        closes, name = known[0]
        left = (closes - now).total_seconds()
        what = f"{duration(left)} left, until {closes:%Y-%m-%d %H:%M}Z ({name})" if left > 0 else f"over for {name}"
        lines.append(f"Time to recreate links: {what}")
    if unknown:
        lines.append(
            f"Time to recreate links: not known for {names(unknown)}, as link_update_migrated_at is not set; "
            "it is two weeks from the migration"
        )
    return lines
