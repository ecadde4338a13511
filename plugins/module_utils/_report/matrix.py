# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of a plan: what is to be done from each instance to each of its destinations."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

from .._run.state import Action, InstanceState
from .._text import aligned

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

Actions = Mapping[tuple[str, str], Action]


def matrix_of(instances: Sequence[InstanceState], federation: Sequence[str]) -> list[str]:
    """The matrix, as lines: in each row an instance whose links are updated, in each column a destination."""
    updates = [update for instance in instances for update in instance.updates]
    actions = {(update.instance, update.desired.destination): update.action for update in updates}
    rows = [instance.name for instance in instances]
    concerned = {*rows, *(destination for _instance, destination in actions)}
    columns = [name for name in federation if name in concerned]
    return (_with_letters if len(columns) > _MOST_WORDS else _with_words)(rows, columns, actions)


def _with_words(rows: Sequence[str], columns: Sequence[str], actions: Actions) -> list[str]:
    words = {pair: action.value for pair, action in actions.items()}
    return aligned([["", *columns], *([row, *(words.get((row, column), ".") for column in columns)] for row in rows)])


def _with_letters(rows: Sequence[str], columns: Sequence[str], actions: Actions) -> list[str]:
    """Numbers stand for the names of the columns. A legend explains them and the letters."""
    letters = {pair: _LETTERS[action] for pair, action in actions.items()}
    number = {name: str(index) for index, name in enumerate(columns, 1)}
    head = ["", "", *number.values()]
    cells = [[number[row], row, *(letters.get((row, column), ".") for column in columns)] for row in rows]
    others = ", ".join(f"{number[column]} {column}" for column in columns if column not in rows)
    used = ", ".join(f"{letter} {action.value}" for action, letter in _LETTERS.items() if action in actions.values())
    return [*aligned([head, *cells]), *(textwrap.wrap(f"and {others}", 100) if others else []), "", used]
