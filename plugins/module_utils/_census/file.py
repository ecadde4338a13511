# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Issue links from a CSV file that a database administrator has exported, instead of those that the REST API shows.

The file is sorted in a temporary database: one with all links of a large instance would not fit into memory.
"""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Self

from .._errors import InvalidOption
from .._model.projects import is_issue_key, split_key
from .._service.data_center import Issue, IssueLink
from .._text import harmless, names, quoted

#: The columns that the query in the documentation selects.
COLUMNS = ("link_id", "source_key", "target_key", "type", "outward", "inward", "pstyle")
#: How databases write that there is no value.
_NOTHING = frozenset({"", "null", "\\n", "(null)"})
#: The style of the links between an issue and its sub-tasks. Any other style is one of Jira Software: epics.
_SUB_TASK = "jira_subtask"
#: Issues that are handed on together.
_ISSUES = 1000
#: A field that is longer is no key and no phrase.
_LONGEST = 1000


class LinkFile:
    """The links of one source, from a file. Use as a context manager.

    :raises InvalidOption: it cannot be read, or has something else in it. The message names the line.
    """

    def __init__(self, option: str, path: Path) -> None:
        self._option, self._path = option, path
        #: The same until somebody puts another export in the place of this one.
        self.version = ""
        self._db = sqlite3.connect("")
        try:
            self._load()
        except BaseException as exc:
            self._db.close()
            if isinstance(exc, sqlite3.Error):
                remedy = "check that the disk with the temporary files (TMPDIR) has free space"
                raise self._wrong(f"cannot be sorted: {exc}", remedy) from None
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._db.close()

    def projects(self) -> list[str]:
        """The keys of the projects whose issues have links."""
        return [key for (key,) in self._db.execute("SELECT DISTINCT project FROM ends ORDER BY project")]

    def issues(self, project: str) -> Iterator[list[Issue]]:
        """The issues of a project that have links, some at a time, in the order of their numbers."""
        rows = self._db.execute(
            "SELECT number, link_id, other, type, phrase, style FROM ends WHERE project = ? ORDER BY number, link_id",
            [project],
        )
        some: list[Issue] = []
        for number, links in groupby(rows, key=lambda row: row[0]):
            some.append(_issue(f"{project}-{number}", list(links)))
            if len(some) == _ISSUES:
                yield some
                some = []
        if some:
            yield some

    def _load(self) -> None:
        self._db.execute("CREATE TABLE links (link_id TEXT PRIMARY KEY, line INTEGER)")
        self._db.execute(
            "CREATE TABLE ends"
            " (project TEXT, number INTEGER, link_id TEXT, other TEXT, type TEXT, phrase TEXT, style TEXT)"
        )
        with self._opened() as rows:
            self._check_columns(next(rows, []))
            for row in rows:
                if row:
                    self._add(rows.line_num, dict(zip(COLUMNS, row, strict=False)), len(row))
        if not self._db.execute("SELECT 1 FROM links").fetchone():
            raise self._wrong("has no link")
        self._db.execute("CREATE INDEX by_issue ON ends (project, number, link_id)")

    @contextmanager
    def _opened(self) -> Iterator[Any]:
        try:
            with self._path.open(encoding="utf-8-sig", newline="") as file:
                found = os.fstat(file.fileno())
                self.version = f"{found.st_size} {found.st_mtime_ns}"
                rows = csv.reader(file, strict=True)
                try:
                    yield rows
                except csv.Error as exc:
                    raise self._wrong(f"line {rows.line_num} is not CSV: {exc}") from None
        except OSError as exc:
            raise self._wrong(f"cannot be read: {exc.strerror or exc}", "check the path and its permissions") from None
        except UnicodeDecodeError:
            raise self._wrong("is not UTF-8") from None

    def _check_columns(self, head: Sequence[str]) -> None:
        found = [each.strip().lower() for each in head]
        if found == list(COLUMNS):
            return
        if len(found) == 1 and any(mark in found[0] for mark in ";\t|"):
            raise self._wrong("is not separated by commas")
        missing = [name for name in COLUMNS if name not in found]
        what = f"lacks the columns {names(missing)}" if missing else "has other columns"
        raise self._wrong(f"{what} in its first line, which must be {','.join(COLUMNS)}")

    def _add(self, line: int, row: dict[str, str], fields: int) -> None:
        if fields != len(COLUMNS):
            raise self._wrong(f"line {line} has {fields} fields instead of {len(COLUMNS)}")
        row = {name: value.strip() for name, value in row.items()}
        for name in ("source_key", "target_key"):
            if not is_issue_key(row[name]):
                raise self._wrong(f"line {line} has {quoted(row[name])} as {name}, which is no issue key")
        if not row["link_id"].isascii() or not row["link_id"].isdigit() or len(row["link_id"]) > 20:
            raise self._wrong(f"line {line} has {quoted(row['link_id'])} as link_id, which is no number")
        try:
            self._db.execute("INSERT INTO links VALUES (?, ?)", [row["link_id"], line])
        except sqlite3.IntegrityError:
            raise self._wrong(f"line {line} has the link_id {row['link_id']} a second time") from None
        style = "" if row["pstyle"].lower() in _NOTHING else row["pstyle"]
        kind = harmless(row["type"], _LONGEST)
        # At its source, a link has the outward phrase: "ABC-1 blocks DEF-2".
        for here, there, phrase in (("source_key", "target_key", "outward"), ("target_key", "source_key", "inward")):
            project, number = split_key(row[here])
            values = [project, number, row["link_id"], row[there], kind, harmless(row[phrase], _LONGEST), style]
            if not style or here == "target_key":
                self._db.execute("INSERT INTO ends VALUES (?, ?, ?, ?, ?, ?, ?)", values)

    def _wrong(self, what: str, remedy: str = "export it again with the query in the documentation") -> InvalidOption:
        return InvalidOption(f"{self._option} {harmless(str(self._path))} {what}", remedy)


def _issue(key: str, rows: Sequence[tuple[int, str, str, str, str, str]]) -> Issue:
    """An issue with its links. The parent and the epic of an issue are links of their own styles, from them to it."""
    links = tuple(IssueLink(link, other, kind, phrase) for _n, link, other, kind, phrase, style in rows if not style)
    parents = [other for _n, _link, other, _kind, _phrase, style in rows if style == _SUB_TASK]
    epics = [other for _n, _link, other, _kind, _phrase, style in rows if style not in ("", _SUB_TASK)]
    return Issue(key, links, next(iter(parents), None), next(iter(epics), None))
