# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of a plan: what is to be done from each instance to each of its destinations."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from .._run.state import Action, InstanceState, UpdateState
from .._text import aligned, names

#: The letter of each action, where there is no room for its word.
_LETTERS = {
    Action.SCHEDULE: "S",
    Action.RETRY: "R",
    Action.AGAIN: "U",
    Action.ANEW: "N",
    Action.ATTACH: "A",
    Action.DONE: "D",
    Action.REFUSED: "!",
}

#: A matrix with more destinations than this has a letter in each cell, so that it fits a terminal.
_MOST_WORDS = 8

#: For each pair the action of each of its updates: of one for each origin of the destination, in their order.
Actions = Mapping[tuple[str, str], Sequence[Action]]


def matrix_of(instances: Sequence[InstanceState], federation: Sequence[str]) -> list[str]:
    """The matrix, as lines: in each row an instance whose links are updated, in each column a destination."""
    updates = [update for instance in instances for update in instance.updates]
    actions: dict[tuple[str, str], list[Action]] = {}
    for update in updates:
        actions.setdefault((update.instance, update.desired.destination), []).append(update.action)
    rows = [instance.name for instance in instances]
    concerned = {*rows, *(destination for _instance, destination in actions)}
    columns = [name for name in federation if name in concerned]
    lines = (_with_letters if len(columns) > _MOST_WORDS else _with_words)(rows, columns, actions)
    return [*lines, *_origins(updates)]


def _with_words(rows: Sequence[str], columns: Sequence[str], actions: Actions) -> list[str]:
    words = {pair: _words(some) for pair, some in actions.items()}
    return aligned([["", *columns], *([row, *(words.get((row, column), ".") for column in columns)] for row in rows)])


def _with_letters(rows: Sequence[str], columns: Sequence[str], actions: Actions) -> list[str]:
    """Numbers stand for the names of the columns. A legend explains them and the letters."""
    letters = {pair: "".join(_LETTERS[action] for action in some) for pair, some in actions.items()}
    number = {name: str(index) for index, name in enumerate(columns, 1)}
    head = ["", "", *number.values()]
    cells = [[number[row], row, *(letters.get((row, column), ".") for column in columns)] for row in rows]
    others = ", ".join(f"{number[column]} {column}" for column in columns if column not in rows)
    occurring = set(chain.from_iterable(actions.values()))
    used = ", ".join(f"{letter} {action.value}" for action, letter in _LETTERS.items() if action in occurring)
    return [*aligned([head, *cells]), *(textwrap.wrap(f"and {others}", 100) if others else []), "", used]


def _words(actions: Sequence[Action]) -> str:
    """The actions of the updates of one pair: C(schedule), C(schedule x2), or C(schedule, done)."""
    same = len(actions) > 1 and len(set(actions)) == 1
    return f"{actions[0].value} x{len(actions)}" if same else ", ".join(action.value for action in actions)


def _origins(updates: Sequence[UpdateState]) -> Iterator[str]:
    """The origins of the destinations that have several."""
    origins: dict[str, dict[str, None]] = {}
    for update in updates:
        if update.desired.origin:
            origins.setdefault(update.desired.destination, {})[update.desired.origin] = None
    if origins:
        told = [f"{name} (from {names(list(some))})" for name, some in origins.items()]
        yield ""
        yield f"A destination with several origins has a job for each, in this order: {names(told)}"
