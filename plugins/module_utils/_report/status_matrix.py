# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of a status: each pair in a word, or in a letter, or counted by instance, as there is room for it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .._progress import duration
from .._text import WIDTH, aligned, columns_of, names_within, wrapped
from .status import COMPLETE, NOT_SCHEDULED, SENDING, PairStatus

#: The letter of each word, where there is no room for it; from the worst to the best.
_LETTERS = {
    "failed": "F",
    "ERROR": "E",
    "backup": "B",
    "running": "R",
    "retrying": "T",
    "waiting": "W",
    SENDING: "S",
    "on hold": "H",
    NOT_SCHEDULED: "-",
    COMPLETE: "D",
}
_ORDER = list(_LETTERS)
#: What stands for a word in a cell, and at the head of a column.
_SHORT = {COMPLETE: "done", NOT_SCHEDULED: "-"}
_HEAD = {COMPLETE: "done", NOT_SCHEDULED: "no job"}

#: For each pair its jobs, the worst first: one for each origin of the destination.
Cells = Mapping[tuple[str, str], Sequence[PairStatus]]


def rank(pair: PairStatus) -> tuple[bool, int]:
    """Sorts pairs from the worst to the best. A word of the service that is not documented comes after ERROR."""
    return not pair.is_problem, _ORDER.index(pair.word if pair.word in _LETTERS else "backup")


def matrix_of(pairs: Iterable[PairStatus], federation: Sequence[str]) -> list[str]:
    """The matrix, as lines: in each row an instance whose links are updated, in each column a destination."""
    cells: dict[tuple[str, str], list[PairStatus]] = {}
    for each in sorted(pairs, key=rank):
        cells.setdefault((each.update.instance, each.update.desired.destination), []).append(each)
    instances, concerned = {pair[0] for pair in cells}, {name for pair in cells for name in pair}
    rows = [name for name in federation if name in instances]
    columns = [name for name in federation if name in concerned]
    ways = (_with_words(rows, columns, cells), _with_letters(rows, columns, cells))
    return next((lines for lines in ways if max(map(columns_of, lines)) <= WIDTH), None) or _by_instance(rows, cells)


def _with_words(rows: Sequence[str], columns: Sequence[str], cells: Cells) -> list[str]:
    table = [[row, *(_words(cells.get((row, column), ()), row == column) for column in columns)] for row in rows]
    return aligned([["from \\ to", *columns], *table])


def _words(jobs: Sequence[PairStatus], is_itself: bool) -> str:
    """The jobs of a pair: C(done 15m), C(done x2), or of several the worst, C(ERROR 1 of 2)."""
    if not jobs:
        return "." if is_itself else ""
    worst = jobs[0]
    word = _SHORT.get(worst.word, worst.word)
    if len(jobs) == 1:
        return word if worst.seconds is None else f"{word} {_brief(worst.seconds)}"
    same = sum(each.word == worst.word for each in jobs)
    return f"{word} x{same}" if same == len(jobs) else f"{word} {same} of {len(jobs)}"


def _brief(seconds: float) -> str:
    """A length of time in a cell: C(42s), C(15m), C(3h05m)."""
    return re.sub(r"(?<=m)\d\ds$", "", duration(seconds))


def _with_letters(rows: Sequence[str], columns: Sequence[str], cells: Cells) -> list[str]:
    """Numbers stand for the names of the columns. A legend explains them and the letters."""
    number = {name: str(index) for index, name in enumerate(columns, 1)}
    letters = {pair: "".join(_LETTERS.get(each.word, "?") for each in jobs) for pair, jobs in cells.items()}
    table = [
        [number[row], row, *(letters.get((row, column), "." if row == column else "") for column in columns)]
        for row in rows
    ]
    others = ", ".join(f"{number[column]} {column}" for column in columns if column not in rows)
    used = {each.word for jobs in cells.values() for each in jobs}
    legend = ", ".join(f"{letter} {_HEAD.get(word, word)}" for word, letter in _LETTERS.items() if word in used)
    head = ["", "from \\ to", *number.values()]
    return [*aligned([head, *table]), *(wrapped(f"and {others}") if others else []), *wrapped(legend)]


def _by_instance(rows: Sequence[str], cells: Cells) -> list[str]:
    """How many jobs of each instance are what. Instances with the same numbers share a row."""
    counts: dict[str, Counter[str]] = {row: Counter() for row in rows}
    for (row, _column), jobs in cells.items():
        counts[row].update(each.word for each in jobs)
    words = sorted({word for each in counts.values() for word in each}, key=lambda word: (*_ORDER, word).index(word))
    alike: dict[tuple[int, ...], list[str]] = {}
    for row, count in counts.items():
        alike.setdefault(tuple(count[word] for word in words), []).append(row)
    table = [[names_within(some), *(str(each or ".") for each in numbers)] for numbers, some in alike.items()]
    return aligned([["instance", *(_HEAD.get(word, word) for word in words)], *table])
