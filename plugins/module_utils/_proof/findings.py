# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of a check, as a person gives them back: read, perhaps edited, perhaps saved by a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .._errors import InvalidOption
from .._model.projects import is_issue_key
from .._model.verdicts import Verdict
from .._text import counted, harmless, names, quoted

#: The columns that are read. The others are for people.
COLUMNS = ("instance", "issue", "target", "verdict")
#: What separates columns. Where a comma is the decimal point, spreadsheets write semicolons.
_SEPARATORS = (",", ";", "\t")
#: Before these, a cell has an apostrophe, so that no spreadsheet takes it for a formula.
_FORMULA = ("'=", "'+", "'-", "'@", "'\t", "'\r")
#: In bytes. A million findings are not as large.
_LARGEST = 128 * 1024 * 1024
#: So many lines are named.
_MOST_NAMED = 5
_REMEDY = "use link_check_findings.csv as the last check wrote it, and only delete the rows that you do not want"
#: How files begin that are no text.
_ZIP, _UTF_16 = b"PK", (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Finding:
    """A link that a check has found missing."""

    #: Where it is in the file.
    line: int
    instance: str
    issue: str
    target: str


@dataclass(frozen=True)
class Findings:
    """What a file of findings has."""

    #: The missing links, each once.
    missing: tuple[Finding, ...]
    #: How many rows there are of each other verdict.
    others: Counter[Verdict]


def read_findings(option: str, path: Path, instances: Collection[str]) -> Findings:
    """The findings in a file.

    :param option: what messages call it.
    :param instances: the names of those of the federation.
    :raises InvalidOption: it cannot be read, or has something else in it. The message names the lines.
    """
    return _Reader(f"{option} {harmless(str(path))}", instances).read(path)


class _Unfit(Exception):
    """A line that cannot be used."""


class _Reader:
    """Reads one file.

    :param about: what messages call it.
    """

    def __init__(self, about: str, instances: Collection[str]) -> None:
        self._about = about
        self._instances = instances
        #: Each finding by its place, with its line.
        self._seen: dict[tuple[str, str, str], tuple[int, Verdict]] = {}
        self._unfit: list[str] = []

    def read(self, path: Path) -> Findings:
        text = self._decoded(self._content(path))
        for number, row in self._rows(text):
            try:
                self._add(number, row)
            except _Unfit as exc:
                self._unfit.append(f"line {number} {exc}")
        if self._unfit:
            what = f"has {counted(len(self._unfit), 'line')} that cannot be used"
            raise self._wrong(f"{what}: {names(self._unfit, _MOST_NAMED)}")
        missing = [Finding(line, *place) for place, (line, verdict) in self._seen.items() if verdict is Verdict.MISSING]
        verdicts = Counter(verdict for _line, verdict in self._seen.values())
        del verdicts[Verdict.MISSING]
        return Findings(tuple(missing), verdicts)

    def _content(self, path: Path) -> bytes:
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > _LARGEST:
                    raise self._wrong(f"is larger than {_LARGEST // 1024**2} MiB")
                return file.read()
        except OSError as exc:
            raise self._wrong(f"cannot be read: {exc.strerror or exc}", "correct the path") from None

    def _decoded(self, content: bytes) -> str:
        """The text of the file."""
        if content.startswith(_ZIP):
            raise self._wrong("is not CSV, but a spreadsheet or an archive", "save it as CSV, in UTF-8")
        if content.startswith(_UTF_16):
            raise self._wrong("is UTF-16", "save it as CSV, in UTF-8")
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError as exc:
            line = content.count(b"\n", 0, exc.start) + 1
            raise self._wrong(f"is not UTF-8, see line {line}", "save it as CSV, in UTF-8") from None
        if "\0" in text:
            raise self._wrong("is not text")
        if not text.strip():
            raise self._wrong("is empty")
        return text

    def _rows(self, text: str) -> Iterator[tuple[int, dict[str, str]]]:
        """The rows by the names of their columns, each with its line. Those with nothing in them are left out."""
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_separator_in(text), strict=True)
        try:
            head = self._checked([each.strip().lower() for each in next(rows, [])])
            for row in rows:
                cells = [_cell(each) for each in row]
                if not any(cells):
                    continue
                if any(cells[len(head) :]):
                    fields = f"has {len(cells)} fields instead of {len(head)}"
                    self._unfit.append(f"line {rows.line_num} {fields}")
                    continue
                yield rows.line_num, dict(zip(head, [*cells, *[""] * len(head)], strict=False))
        except csv.Error as exc:
            raise self._wrong(f"line {rows.line_num} is not CSV: {exc}") from None

    def _checked(self, head: list[str]) -> list[str]:
        """The names of the columns, if those are there that are needed."""
        if missing := [name for name in COLUMNS if name not in head]:
            raise self._wrong(f"lacks {_columns(missing)} in its first line")
        if twice := [name for name in COLUMNS if head.count(name) > 1]:
            raise self._wrong(f"has {_columns(twice)} twice in its first line")
        return head

    def _add(self, line: int, row: dict[str, str]) -> None:
        """Note one row.

        :raises _Unfit: it cannot be used.
        """
        instance, verdict = row["instance"], _verdict_in(row["verdict"])
        if instance not in self._instances:
            known = names([*self._instances])
            raise _Unfit(f"has the instance {quoted(instance)}, which is not in the federation ({known})")
        place = (instance, _key_in(row, "issue"), _key_in(row, "target"))
        first, earlier = self._seen.setdefault(place, (line, verdict))
        if earlier is not verdict:
            raise _Unfit(f"says {verdict} of {place[1]} -> {place[2]}, but line {first} says {earlier}")

    def _wrong(self, what: str, remedy: str = _REMEDY) -> InvalidOption:
        return InvalidOption(f"{self._about} {what}", remedy)


def _separator_in(text: str) -> str:
    """What separates the columns of a file."""
    head = next(io.StringIO(text, newline=""))
    return max(_SEPARATORS, key=head.count)


def _cell(text: str) -> str:
    """What a cell says, without what a spreadsheet needs."""
    text = text.strip()
    return text[1:].strip() if text.startswith(_FORMULA) else text


def _verdict_in(text: str) -> Verdict:
    try:
        return Verdict(text.lower())
    except ValueError:
        raise _Unfit(f"has the verdict {quoted(text)}, which no check gives") from None


def _key_in(row: dict[str, Any], column: str) -> str:
    key = str(row[column]).upper()
    if not is_issue_key(key):
        raise _Unfit(
            f"has {quoted(row[column])} as {column}, which is not the key of an issue (a spreadsheet makes dates of "
            "keys such as MAY-5)"
        )
    return key


def _columns(missing: Sequence[str]) -> str:
    return f"the column{'' if len(missing) == 1 else 's'} {names(missing)}"
