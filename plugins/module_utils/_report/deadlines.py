# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plan says of the time that is left to recreate links. Only what would be scheduled needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from .._progress import duration
from .._run.state import InstanceState, UpdateState
from .._text import names


def recreating_of(updates: Iterable[UpdateState]) -> list[UpdateState]:
    """The updates that would be scheduled and whose links would be recreated."""
    return [each for each in updates if each.changed and each.desired.update.recreate_as_remote]


def deadlines_of(updates: Iterable[UpdateState]) -> list[datetime]:
    """Until when each of the updates that would recreate links has to be scheduled, as far as it is known."""
    return [closes for each in recreating_of(updates) if (closes := each.desired.update.window_closes)]


def time_left(instances: Sequence[InstanceState], now: datetime) -> Iterator[str]:
    """How much time is left, for whom it is least, and for whom nobody knows."""
    known = [(min(deadlines), each.name) for each in instances if (deadlines := deadlines_of(each.updates))]
    unknown = [name for each in instances for name in _not_known(each)]
    if known:
        closes, name = min(known)
        left = duration(max((closes - now).total_seconds(), 0))
        yield f"Time to recreate links: {left} left, until {closes:%Y-%m-%d %H:%M}Z ({name})"
    if unknown:
        yield (
            f"Time to recreate links: not known for {names(unknown)}, as link_update_migrated_at is not set; "
            "it is two weeks from the migration"
        )


def _not_known(instance: InstanceState) -> list[str]:
    """For whom nobody knows the time left: an instance, or those of its pairs whose origin has no date."""
    recreating = recreating_of(instance.updates)
    pairs = [each.label for each in recreating if each.desired.update.window_closes is None]
    return [instance.name] if pairs and len(pairs) == len(recreating) else pairs
