# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A matrix of pairs as lines of text: in words, in letters, or counted by instance, as there is room for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .._text import WIDTH, aligned, columns_of, names_within, padded, wrapped

Cells = Mapping[tuple[str, str], str]

#: The head of the column that has the links of each row.
LINKS = "links"


@dataclass(frozen=True)
class Matrix:
    """In each row an instance whose links are updated, in each column a destination."""

    rows: Sequence[str]
    columns: Sequence[str]
    words: Cells
    letters: Cells
    #: What the letters mean; empty where there are only links.
    legend: str
    #: For each row how many jobs there are of each kind, and how many L(LINKS) where they were counted. The kinds, in
    #: their order, are heads of columns.
    counts: Mapping[str, Mapping[str, int | str]]
    #: What stands for a pair that is in no cell.
    other: str = "."
    #: How many links each pair has; empty where nobody has counted.
    links: Cells = field(default_factory=dict)

    def lines(self) -> list[str]:
        """The matrix in the first way that fits. Where cells have no room for their links, each row has their sum."""
        ways = [self._in_words(), self._in_letters(_beside(self.letters, self.links))]
        if self.links and self.legend:
            sums = [str(self.counts[row][LINKS]) for row in self.rows]
            ways.append(self._in_letters(self.letters, [[LINKS], *([each] for each in sums)]))
        return next((lines for lines in ways if max(map(columns_of, lines)) <= WIDTH), None) or self._by_instance()

    def _in_words(self) -> list[str]:
        cells = _beside(self.words, self.links)
        return aligned([["from \\ to", *self.columns], *([row, *self._row(row, cells)] for row in self.rows)])

    def _in_letters(self, cells: Cells, last: Sequence[Sequence[str]] | None = None) -> list[str]:
        """Numbers stand for the names of the columns. A legend explains them and the letters.

        :param last: the cells of one more column.
        """
        number = {name: str(index) for index, name in enumerate(self.columns, 1)}
        lines = [["", "from \\ to", *number.values()]]
        lines += ([number[row], row, *self._row(row, cells)] for row in self.rows)
        table = aligned([[*line, *more] for line, more in zip(lines, last or [[]] * len(lines), strict=True)])
        others = ", ".join(f"{number[column]} {column}" for column in self.columns if column not in self.rows)
        legends = (f"and {others}" if others else "", self.legend)
        return [*table, *(line for text in legends if text for line in wrapped(text))]

    def _row(self, row: str, cells: Cells) -> list[str]:
        return [cells.get((row, column), "." if row == column else self.other) for column in self.columns]

    def _by_instance(self) -> list[str]:
        """How many jobs of each instance are of which kind. Instances with the same numbers share a row."""
        kinds = list(dict.fromkeys(kind for counts in self.counts.values() for kind in counts))
        alike: dict[tuple[int | str, ...], list[str]] = {}
        for row, counts in self.counts.items():
            alike.setdefault(tuple(counts.get(kind, 0) for kind in kinds), []).append(row)
        table = [[names_within(some), *(str(each or ".") for each in numbers)] for numbers, some in alike.items()]
        return aligned([["instance", *kinds], *table])


def _beside(texts: Cells, numbers: Cells) -> Cells:
    """Each cell with its number behind it, those of a column one below the other."""
    if not numbers:
        return texts
    widths: dict[str, tuple[int, int]] = {}
    for (row, column), text in texts.items():
        widest, longest = widths.get(column, (0, 0))
        widths[column] = max(widest, columns_of(text)), max(longest, len(numbers[row, column]))
    cells = {}
    for (row, column), text in texts.items():
        widest, longest = widths[column]
        number = f"{numbers[row, column]:>{longest}}"
        cells[row, column] = f"{padded(text, widest)} {number}" if widest else number
    return cells
