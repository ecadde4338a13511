# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of a status."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from .._progress import duration
from .matrix import Matrix
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


def rank(pair: PairStatus) -> tuple[bool, int]:
    """Sorts pairs from the worst to the best. A word of the service that is not documented comes after ERROR."""
    return not pair.is_problem, _ORDER.index(pair.word if pair.word in _LETTERS else "backup")


def matrix_of(pairs: Iterable[PairStatus], federation: Sequence[str]) -> list[str]:
    """The matrix, as lines: in each row an instance whose links are updated, in each column a destination."""
    # For each pair its jobs, the worst first: one for each origin of the destination.
    cells: dict[tuple[str, str], list[PairStatus]] = {}
    for each in sorted(pairs, key=rank):
        cells.setdefault((each.update.instance, each.update.desired.destination), []).append(each)
    instances, concerned = {pair[0] for pair in cells}, {name for pair in cells for name in pair}
    rows = [name for name in federation if name in instances]
    columns = [name for name in federation if name in concerned]
    counts = Counter((row, each.word) for (row, _column), jobs in cells.items() for each in jobs)
    used = sorted({word for _row, word in counts}, key=lambda word: ((*_ORDER, word).index(word), word))
    return Matrix(
        rows,
        columns,
        words={pair: _words(jobs) for pair, jobs in cells.items()},
        letters={pair: "".join(_LETTERS.get(each.word, "?") for each in jobs) for pair, jobs in cells.items()},
        legend=", ".join(f"{_LETTERS[word]} {_head(word)}" for word in used if word in _LETTERS),
        counts={row: {_head(word): counts[row, word] for word in used} for row in rows},
        other="",
    ).lines()


def _head(word: str) -> str:
    return _HEAD.get(word, word)


def _words(jobs: Sequence[PairStatus]) -> str:
    """The jobs of a pair: C(done 15m), C(done x2), or of several the worst, C(ERROR 1 of 2)."""
    worst = jobs[0]
    word = _SHORT.get(worst.word, worst.word)
    if len(jobs) == 1:
        return word if worst.seconds is None else f"{word} {_brief(worst.seconds)}"
    same = sum(each.word == worst.word for each in jobs)
    return f"{word} x{same}" if same == len(jobs) else f"{word} {same} of {len(jobs)}"


def _brief(seconds: float) -> str:
    """A length of time in a cell: C(42s), C(15m), C(3h05m)."""
    return re.sub(r"(?<=m)\d\ds$", "", duration(seconds))
