# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A plan at a glance: what is to be done from each instance to each of its destinations.

It has words where they fit a terminal, else letters, else only the number of jobs of each instance.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from .._run.state import Action, InstanceState, UpdateState
from .._text import WIDTH, aligned, names, names_within, wrapped

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
    ways = (_with_words(rows, columns, actions), _with_letters(rows, columns, actions))
    fitting = next((lines for lines in ways if max(map(len, lines)) <= WIDTH), None)
    return [*(fitting or _by_instance(instances)), *_origins(updates)]


def _with_words(rows: Sequence[str], columns: Sequence[str], actions: Actions) -> list[str]:
    words = {pair: _words(some) for pair, some in actions.items()}
    cells = ([row, *(words.get((row, column), ".") for column in columns)] for row in rows)
    return aligned([["from \\ to", *columns], *cells])


def _with_letters(rows: Sequence[str], columns: Sequence[str], actions: Actions) -> list[str]:
    """Numbers stand for the names of the columns. A legend explains them and the letters."""
    letters = {pair: "".join(WORDS[action][1] for action in some) for pair, some in actions.items()}
    number = {name: str(index) for index, name in enumerate(columns, 1)}
    cells = [[number[row], row, *(letters.get((row, column), ".") for column in columns)] for row in rows]
    table = aligned([["", "from \\ to", *number.values()], *cells])
    others = ", ".join(f"{number[column]} {column}" for column in columns if column not in rows)
    occurring = set(chain.from_iterable(actions.values()))
    used = ", ".join(f"{letter} {word}" for action, (word, letter) in WORDS.items() if action in occurring)
    return [*table, *(wrapped(f"and {others}") if others else []), used]


def _by_instance(instances: Sequence[InstanceState]) -> list[str]:
    """How many jobs of each instance get which action. Instances with the same numbers share a row."""
    counts = {instance.name: Counter(update.action for update in instance.updates) for instance in instances}
    used = [action for action in WORDS if any(each[action] for each in counts.values())]
    rows: dict[tuple[int, ...], list[str]] = {}
    for name, count in counts.items():
        rows.setdefault(tuple(count[action] for action in used), []).append(name)
    head = ["instance", *(WORDS[action][0] for action in used)]
    return aligned(
        [head, *([names_within(some), *(str(each or ".") for each in numbers)] for numbers, some in rows.items())]
    )


def _words(actions: Sequence[Action]) -> str:
    """The actions of the updates of one pair: C(schedule), C(schedule x2), or C(schedule, done)."""
    words = [WORDS[action][0] for action in actions]
    same = len(words) > 1 and len(set(words)) == 1
    return f"{words[0]} x{len(words)}" if same else ", ".join(words)


def _origins(updates: Sequence[UpdateState]) -> Iterator[str]:
    """The origins of the destinations that have several."""
    origins: dict[str, dict[str, None]] = {}
    for update in updates:
        if update.desired.origin:
            origins.setdefault(update.desired.destination, {})[update.desired.origin] = None
    if origins:
        each = names([f"{name} (from {names(list(some))})" for name, some in origins.items()])
        yield from wrapped(f"A destination with several origins has a job for each, in this order: {each}")
