# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says about the deadline to recreate links. It matters only for what would be scheduled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from .._model.window import RECREATE_WINDOW
from .._progress import duration
from .._run.state import InstanceState, UpdateState
from .._text import names


def recreating_of(updates: Iterable[UpdateState]) -> list[UpdateState]:
    """The updates that would be scheduled and recreate links."""
    return [each for each in updates if each.changed and each.desired.update.recreate_as_remote]


def deadlines_of(updates: Iterable[UpdateState]) -> list[datetime]:
    """The known deadlines of the updates that would recreate links."""
    return [closes for each in recreating_of(updates) if (closes := each.desired.update.window_closes)]


def time_left(instances: Sequence[InstanceState], now: datetime) -> Iterator[str]:
    """The nearest deadline, and the instances or pairs whose deadline is unknown."""
    known = [(min(deadlines), each.name) for each in instances if (deadlines := deadlines_of(each.updates))]
    unknown = [name for each in instances for name in _unknown(each)]
    if known:
        closes, name = min(known)
        left = duration(max((closes - now).total_seconds(), 0))
        yield f"Deadline to recreate links: {closes:%Y-%m-%d %H:%M}Z, {left} left ({name})"
    if unknown:
        yield (
            f"Deadline unknown for {names(unknown)}. Set link_update_migrated_at: links can be recreated for "
            f"{RECREATE_WINDOW.days} days only"
        )


def _unknown(instance: InstanceState) -> list[str]:
    """What has an unknown deadline: the instance, or those of its pairs whose origin has no date."""
    recreating = recreating_of(instance.updates)
    pairs = [each.label for each in recreating if each.desired.update.window_closes is None]
    return [instance.name] if pairs and len(pairs) == len(recreating) else pairs
