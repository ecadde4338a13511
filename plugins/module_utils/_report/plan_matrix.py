# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of a plan: what is to be done from each instance to each of its destinations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .._run.state import Action, InstanceState, UpdateState
from .._text import names, wrapped
from .matrix import LINKS, Matrix
from .numbers import number, sum_of

#: The word of each action, for people, and its letter where there is no room for words.
WORDS = {
    Action.SCHEDULE: ("schedule", "S"),
    Action.RETRY: ("retry", "R"),
    Action.AGAIN: ("again", "G"),
    Action.ANEW: ("force", "F"),
    Action.ATTACH: ("wait", "W"),
    Action.DONE: ("done", "D"),
    Action.REFUSED: ("REFUSED", "!"),
}


def matrix_of(
    instances: Sequence[InstanceState], federation: Sequence[str], links: Mapping[str, int] | None = None
) -> list[str]:
    """The matrix, as lines: in each row an instance whose links are updated, in each column a destination.

    :param links: how many each pair has that was counted, by its label.
    """
    updates = [update for instance in instances for update in instance.updates]
    # For each pair each of its updates: one for each origin of the destination, in their order.
    pairs: dict[tuple[str, str], list[UpdateState]] = {}
    for update in updates:
        pairs.setdefault((update.instance, update.desired.destination), []).append(update)
    actions = {pair: [update.action for update in some] for pair, some in pairs.items()}
    rows = [instance.name for instance in instances]
    concerned = {*rows, *(destination for _instance, destination in actions)}
    columns = [name for name in federation if name in concerned]
    used = [action for action in WORDS if any(action in some for some in actions.values())]
    matrix = Matrix(
        rows,
        columns,
        words={pair: _words(some) for pair, some in actions.items()},
        letters={pair: "".join(WORDS[action][1] for action in some) for pair, some in actions.items()},
        legend=", ".join(f"{letter} {word}" for word, letter in (WORDS[action] for action in used)),
        counts={each.name: _counts(each, used, links) for each in instances},
        links={pair: "+".join(number(links.get(each.label)) for each in some) for pair, some in pairs.items()}
        if links
        else {},
    )
    return [*matrix.lines(), *_origins(updates)]


def _words(actions: Sequence[Action]) -> str:
    """The actions of the updates of one pair: C(schedule), C(schedule x2), or C(schedule, done)."""
    words = [WORDS[action][0] for action in actions]
    same = len(words) > 1 and len(set(words)) == 1
    return f"{words[0]} x{len(words)}" if same else ", ".join(words)


def _counts(
    instance: InstanceState, actions: Sequence[Action], links: Mapping[str, int] | None
) -> dict[str, int | str]:
    """How many jobs an instance has of each kind, and how many links."""
    counts = Counter(update.action for update in instance.updates)
    by_kind: dict[str, int | str] = {WORDS[action][0]: counts[action] for action in actions}
    return {**by_kind, LINKS: sum_of(links_of(instance.updates, links))} if links else by_kind


def links_of(updates: Iterable[UpdateState], links: Mapping[str, int]) -> list[int | None]:
    """How many links updates are for; once, where two origins of a destination are one server."""
    sources = {
        (each.instance, each.desired.destination, each.desired.update.server): links.get(each.label) for each in updates
    }
    return list(sources.values())


def _origins(updates: Sequence[UpdateState]) -> Iterator[str]:
    """The origins of the destinations that have several."""
    origins: dict[str, dict[str, None]] = {}
    for update in updates:
        if update.desired.origin:
            origins.setdefault(update.desired.destination, {})[update.desired.origin] = None
    if origins:
        each = names([f"{name} (from {names(list(some))})" for name, some in origins.items()])
        yield from wrapped(f"A destination with several origins has a job for each, in this order: {each}")
