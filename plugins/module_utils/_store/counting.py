# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One generation of a census while it is counted."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from .._ledger.store import Row
from .._model.projects import split_key
from .._service.data_center import IssueLink
from .database import Database
from .expectations import Ranks, Rows
from .insertions import Texts, insertions
from .lease import Lease, UnderLease
from .leased import GENERATIONS
from .one_sided import OneSided, one_sided
from .phrases import phrases_in
from .progress import COLUMNS, Page, Progress, columns_of

#: Whether this process holds the generation, and a project is as it was when this process last wrote it.
_UNCHANGED = (
    "EXISTS (SELECT 1 FROM link_census_generations AS g JOIN link_census_projects AS p ON p.generation = g.generation"
    " WHERE g.generation = :generation AND g.holder = :holder AND p.number = :number AND p.step = :step)"
)
_PROGRESS = (
    f"UPDATE link_census_projects SET step = :step + 1, {', '.join(f'{name} = :{name}' for name in COLUMNS)}"  # noqa: S608
    f" WHERE generation = :generation AND number = :number AND step = :step AND {_UNCHANGED}"
)
_FORGET = "DELETE FROM link_census_expectations WHERE generation = :generation AND project = :number"
#: What was read of one project.
_OF_PROJECT = ("link_census_expectations", "link_census_outside", "link_census_crowded")


class Counting(UnderLease):
    """A generation that this process counts. May be used by several threads."""

    def __init__(self, database: Database, lease: Lease, projects: list[Progress]) -> None:
        super().__init__(lease)
        self.generation = lease.number
        self.projects = projects
        self._db = database
        self._ranks = Ranks(lease.row["seed"])
        self._numbers: dict[str, dict[str, int]] = {}
        for each in projects:
            self._numbers.setdefault(each.project.source, {})[each.project.key] = each.number
        self._phrases: dict[tuple[str, str], int] | None = None
        self._numbering = threading.Lock()

    def add(self, progress: Progress, page: Page) -> None:
        """Write a page, all or nothing. What it has replaces what was written of the same issues before.

        :raises LedgerError: it was not written, for example as another process counts the generation now.
        """
        project, texts = progress.number, Texts()
        expectations = self._rows(progress, page)
        outside = [f"({project}, {texts.name(key)}, {int(links)})" for key, links in page.outside.items()]
        crowded = [f"({project}, {split_key(issue)[1]}, {int(links)})" for issue, links in page.crowded.items()]
        self._write(progress, progress.after(page), _insertions(expectations, outside, crowded), texts.parameters)

    def correct(self, progress: Progress, issue: str, links: Sequence[IssueLink]) -> None:
        """Replace what was written of one issue that was read before.

        :param links: all that it has to issues of other instances.
        """
        number = split_key(issue)[1]
        forgetting = f"{_FORGET} AND issue = {number} AND {_UNCHANGED}"
        page = Page(expectations=[(issue, links)])
        self._write(progress, progress, [forgetting, *_insertions(self._rows(progress, page), [], [])])

    def restart(self, progress: Progress) -> None:
        """Forget what was read of a project."""
        forgetting = (
            f"DELETE FROM {table} WHERE generation = :generation AND project = :number AND {_UNCHANGED}"  # noqa: S608
            for table in _OF_PROJECT
        )
        self._write(progress, Progress(progress.project, progress.number, step=progress.step), forgetting)

    def end_project(self, progress: Progress, problem: str | None = None, remedy: str | None = None) -> None:
        """A project was read to its end, or cannot be read.

        :param problem: why it cannot.
        :param remedy: what to do.
        """
        self._write(progress, replace(progress, is_read=problem is None, problem=problem, remedy=remedy))

    def end(self, complete: bool) -> None:
        """The generation is counted.

        :raises LedgerError: another process counts it now.
        """
        self._lease.end(complete)

    def one_sided(self, limit: int = 1000) -> list[OneSided]:
        """The links between projects that are both read, and that were seen from one end only."""
        return one_sided(self._db, self.generation, self.projects, limit)

    def outside(self) -> dict[int, dict[str, int]]:
        """The links that leave the federation, by the number of a project, and by the project that they lead to."""
        rows = self._db.query("SELECT * FROM link_census_outside WHERE generation = :generation", self._lease.key)
        found: dict[int, dict[str, int]] = {}
        for row in rows:
            found.setdefault(row["project"], {})[row["other"]] = row["links"]
        return found

    def _rows(self, progress: Progress, page: Page) -> list[str]:
        """The expectations of a page, as they are in SQL."""
        rows = Rows(
            progress.project.source,
            progress.number,
            self._numbers[progress.project.source],
            self._ranks,
            self._numbers_of_phrases(page),
        )
        return [row for issue, links in page.expectations for row in rows.of(issue, links)]

    def _write(
        self, progress: Progress, after: Progress, statements: Iterable[str] = (), texts: dict[str, Any] | None = None
    ) -> None:
        """Write how far a project is read, together with what was read."""
        parameters = {
            **columns_of(after),
            **(texts or {}),
            "number": progress.number,
            "step": progress.step,
        }
        if not self._lease.execute(parameters, *statements, _PROGRESS):
            # Where a connection broke after a write, the second try finds it done.
            self._check_written(parameters)
        vars(progress).update(vars(after), step=progress.step + 1)

    def _check_written(self, parameters: Row) -> None:
        following = {**self._lease.key, "number": parameters["number"], "step": parameters["step"] + 1}
        if not self._db.query(f"SELECT 1 AS it WHERE {_UNCHANGED}", following):
            raise self._lease.lost()

    def _numbers_of_phrases(self, page: Page) -> dict[tuple[str, str], int]:
        """The numbers of all phrases, those of this page among them."""
        wanted = {(link.type, link.phrase) for _issue, links in page.expectations for link in links}
        with self._numbering:
            if self._phrases is None:
                self._phrases = phrases_in(self._db, self.generation)
            for each in sorted(wanted - self._phrases.keys()):
                self._add_phrase(each, len(self._phrases) + 1)
                self._phrases[each] = len(self._phrases) + 1
            return dict(self._phrases)

    def _add_phrase(self, phrase: tuple[str, str], number: int) -> None:
        texts = Texts()
        row = f"({number}, {texts.names(phrase)})"
        self._lease.execute(
            texts.parameters,
            *insertions(
                "link_census_phrases", "generation, number, type, phrase", [row], GENERATIONS.held, "DO NOTHING"
            ),
        )


def _insertions(expectations: list[str], outside: list[str], crowded: list[str]) -> Iterator[str]:
    """The statements that write what a page has."""
    yield from insertions(
        "link_census_expectations",
        "generation, project, target_project, issue, target, rank, links, phrases",
        expectations,
        _UNCHANGED,
        "(generation, project, target_project, issue, target)"
        " DO UPDATE SET links = excluded.links, phrases = excluded.phrases",
    )
    yield from insertions(
        "link_census_outside",
        "generation, project, other, links",
        outside,
        _UNCHANGED,
        "(generation, project, other) DO UPDATE SET links = link_census_outside.links + excluded.links",
    )
    yield from insertions(
        "link_census_crowded",
        "generation, project, issue, links",
        crowded,
        _UNCHANGED,
        "(generation, project, issue) DO UPDATE SET links = excluded.links",
    )
