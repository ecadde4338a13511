# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements that insert many rows at once, under a condition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

#: How many rows one statement inserts. Older releases of SQLite take 999 parameters in a statement, and a row has three
#: texts at most.
_ROWS = 300


@dataclass
class Texts:
    """The texts in rows. A statement has their names, and its parameters have the texts."""

    parameters: dict[str, Any] = field(default_factory=dict)
    _names: dict[str, str] = field(default_factory=dict)

    def name(self, text: str) -> str:
        """What stands for a text in a statement."""
        if text not in self._names:
            self._names[text] = f"text{len(self._names)}"
            self.parameters[self._names[text]] = text
        return f":{self._names[text]}"

    def names(self, texts: Iterable[str]) -> str:
        """What stands for several texts, between commas; C(NULL) for none."""
        return ", ".join(map(self.name, texts)) or "NULL"


def insertions(table: str, columns: str, rows: Sequence[str], condition: str, on_conflict: str) -> Iterator[str]:
    """The statements that insert rows while a condition holds.

    :param columns: the first one is the same for all rows, and a parameter of its name has its value.
    :param rows: each as it is in SQL, made of numbers and of what L(Texts.name) gives.
    """
    first = columns.partition(",")[0]
    for at in range(0, len(rows), _ROWS):
        yield (
            f"INSERT INTO {table} ({columns}) SELECT :{first}, v.*"  # noqa: S608
            f" FROM (VALUES {', '.join(rows[at : at + _ROWS])}) AS v WHERE {condition} ON CONFLICT {on_conflict}"
        )
