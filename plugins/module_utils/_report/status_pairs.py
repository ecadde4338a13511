# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pairs of a status that need attention or are under way: for how long, and what comes next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from .._progress import duration
from .._run.state import State
from .._status import BACKUP
from .._text import aligned, names_within, wrapped
from .status import PairStatus
from .status_matrix import rank

#: So many lines are shown.
_MOST_LINES = 12
_PARTS = ("waiting", "backup", "running")


def pairs_of(pairs: Sequence[PairStatus]) -> Iterator[str]:
    """The pairs as lines, with an empty one at the end: problems first, then the slowest. Nothing if there are none."""
    listed = [each for each in pairs if each.is_problem or each.update.state in (State.OPEN, State.HELD)]
    groups = list(_groups(sorted(listed, key=lambda pair: (rank(pair), -(pair.seconds or 0)))))
    shown, more = groups[:_MOST_LINES], groups[_MOST_LINES:]
    if not shown:
        return
    untimed = [some for some in shown if some[0].seconds is None]
    yield from _sentences(some for some in untimed if some[0].is_problem)
    yield from _table([some for some in shown if some not in untimed])
    yield from _sentences(some for some in untimed if not some[0].is_problem)
    if more:
        yield f"{sum(map(len, more))} more pairs are not listed. -v shows all of them, as JSON"
    if any(len(some) > 1 and some[0].seconds for some in shown):
        yield "Where a line has several pairs, its times are the longest"
    if any(each.status == BACKUP for each in listed):
        yield "A backup usually takes 20 min to 8 h"
    yield ""


def _groups(pairs: Sequence[PairStatus]) -> Iterable[list[PairStatus]]:
    """The pairs of each line: those of one instance share it, where they have no times, or where there are many."""
    groups: dict[tuple[str | None, ...], list[PairStatus]] = {}
    for each in pairs:
        alone = each.seconds is not None and len(pairs) <= _MOST_LINES
        key = (each.update.label,) if alone else (each.update.instance, each.word, each.next)
        groups.setdefault(key, []).append(each)
    return groups.values()


def _sentences(groups: Iterable[Sequence[PairStatus]]) -> Iterator[str]:
    for some in groups:
        yield from wrapped(f"{some[0].word}. Next: {some[0].next or 'wait'}", f"{_label(some)}  ", " " * 4)


def _table(groups: Sequence[Sequence[PairStatus]]) -> Iterator[str]:
    """A table of times. What comes next stands below those that share it."""
    if not groups:
        return
    columns = [part for part in _PARTS if any(getattr(each.times, part) for some in groups for each in some)]
    rows = [[_label(some), some[0].word, *(_longest(some, part) for part in columns)] for some in groups]
    head, *lines = aligned([["pair", "status", *columns], *rows])
    yield head
    following = [*(some[0].next for some in groups[1:]), None]
    for some, line, then in zip(groups, lines, following, strict=True):
        yield line
        if some[0].next and some[0].next != then:
            yield from wrapped(f"Next: {some[0].next}", " " * 4, " " * 4)


def _label(pairs: Sequence[PairStatus]) -> str:
    """C(eu -> us), or C(eu -> us, ap and 4 more)."""
    instance = pairs[0].update.instance
    return f"{instance} -> {names_within([each.update.label.removeprefix(f'{instance} -> ') for each in pairs])}"


def _longest(pairs: Sequence[PairStatus], part: str) -> str:
    seconds = max(getattr(each.times, part) for each in pairs)
    return duration(seconds) if seconds >= 0.05 else ""
