# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One generation of a census while it is counted.

Each write is a transaction that first extends the lease, which keeps others from taking the generation over meanwhile,
and that changes nothing where another process holds the generation now.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Self

from .._clock import to_text
from .._errors import LedgerError
from .._model.projects import split_key
from .._service.data_center import IssueLink
from .database import Database
from .expectations import Ranks, Rows
from .holding import HELD, Holding
from .insertions import Texts, insertions
from .one_sided import OneSided, one_sided
from .phrases import phrases_in
from .progress import COLUMNS, Page, Progress, columns_of

#: Whether this process holds the generation, and whether a project is as it was when this process last wrote it.
_HELD = "generation = :generation AND holder = :holder"
_UNCHANGED = (
    "EXISTS (SELECT 1 FROM link_census_generations AS g JOIN link_census_projects AS p ON p.generation = g.generation"
    " WHERE g.generation = :generation AND g.holder = :holder AND p.number = :number AND p.step = :step)"
)
_EXTEND = f"UPDATE link_census_generations SET lease_until = :lease_until WHERE {_HELD}"  # noqa: S608
_PROGRESS = (
    f"UPDATE link_census_projects SET step = :step + 1, {', '.join(f'{name} = :{name}' for name in COLUMNS)}"  # noqa: S608
    f" WHERE generation = :generation AND number = :number AND step = :step AND {_UNCHANGED}"
)
_FORGET = "DELETE FROM link_census_expectations WHERE generation = :generation AND project = :number"
#: What was read of one project.
_OF_PROJECT = ("link_census_expectations", "link_census_outside", "link_census_crowded")


class Counting:
    """A generation that this process counts. May be used by several threads."""

    def __init__(self, database: Database, holding: Holding, projects: list[Progress]) -> None:
        self.generation = holding.generation
        self.is_resumed = holding.is_resumed
        self.begun_at = holding.begun_at
        self.projects = projects
        self._db = database
        self._holding = holding
        self._ranks = Ranks(holding.seed)
        self._numbers: dict[str, dict[str, int]] = {}
        for each in projects:
            self._numbers.setdefault(each.project.source, {})[each.project.key] = each.number
        self._phrases: dict[tuple[str, str], int] | None = None
        self._numbering = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        # Where that fails, the end of this process tells others, or that of the lease.
        with suppress(LedgerError):
            self.release()

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

    def keep_alive(self) -> None:
        """Tell others that this process goes on, as for a long wait.

        :raises LedgerError: another process counts the generation now.
        """
        self._hold(_EXTEND)

    def release(self) -> None:
        """Let others go on with the generation at once."""
        self._db.execute(
            f"UPDATE link_census_generations SET lease_until = '' WHERE {_HELD}",  # noqa: S608
            self._key(),
        )

    def end(self, complete: bool) -> None:
        """The generation is counted.

        :raises LedgerError: another process counts it now.
        """
        self._hold(
            f"UPDATE link_census_generations SET ended_at = :now, complete = :complete, lease_until = '' WHERE {_HELD}",  # noqa: S608
            complete=complete,
        )

    def one_sided(self, limit: int = 1000) -> list[OneSided]:
        """The links between projects that are both read, and that were seen from one end only."""
        return one_sided(self._db, self.generation, self.projects, limit)

    def outside(self) -> dict[int, dict[str, int]]:
        """The links that leave the federation, by the number of a project, and by the project that they lead to."""
        rows = self._db.query("SELECT * FROM link_census_outside WHERE generation = :generation", self._key())
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

    # -- what all of this has in common

    def _key(self) -> dict[str, Any]:
        return {"generation": self.generation, "holder": self._holding.holder}

    def _held(self) -> dict[str, Any]:
        now = self._db.now()
        return {**self._key(), "now": to_text(now), "lease_until": to_text(now + self._holding.lease)}

    def _hold(self, statement: str, **parameters: Any) -> None:
        if not self._db.execute(statement, {**self._held(), **parameters}):
            raise self._lost()

    def _write(
        self, progress: Progress, after: Progress, statements: Iterable[str] = (), texts: dict[str, Any] | None = None
    ) -> None:
        """Write how far a project is read, together with what was read."""
        parameters = {
            **self._held(),
            **columns_of(after),
            **(texts or {}),
            "number": progress.number,
            "step": progress.step,
        }
        if not self._db.execute(_EXTEND, parameters, *statements, _PROGRESS):
            # Where a connection broke after a write, the second try finds it done.
            self._check_written(parameters)
        vars(progress).update(vars(after), step=progress.step + 1)

    def _check_written(self, parameters: dict[str, Any]) -> None:
        if not self._db.query(f"SELECT 1 AS it WHERE {_UNCHANGED}", {**parameters, "step": parameters["step"] + 1}):
            raise self._lost()

    def _lost(self) -> LedgerError:
        """The failure where this process does not hold the generation any more."""
        rows = self._db.query("SELECT holder FROM link_census_generations WHERE generation = :generation", self._key())
        if not rows:
            return deleted(self.generation)
        return LedgerError(
            f"another process counts the links of census {self.generation} now, so this one has stopped",
            "let the other one end. If it is stopped, run the same command again: it goes on where that one stopped",
        )

    def _numbers_of_phrases(self, page: Page) -> dict[tuple[str, str], int]:
        """The numbers of all phrases, those of this page among them."""
        wanted = {(link.type, link.phrase) for _issue, links in page.expectations for link in links}
        with self._numbering:
            if self._phrases is None:
                self._phrases = phrases_in(self._db, self.generation)
            for each in wanted - self._phrases.keys():
                self._add_phrase(each, len(self._phrases) + 1)
                self._phrases[each] = len(self._phrases) + 1
            return dict(self._phrases)

    def _add_phrase(self, phrase: tuple[str, str], number: int) -> None:
        texts = Texts()
        row = f"({number}, {texts.name(phrase[0])}, {texts.name(phrase[1])})"
        self._db.execute(
            _EXTEND,
            {**self._held(), **texts.parameters},
            *insertions("link_census_phrases", "number, type, phrase", [row], HELD, "DO NOTHING"),
        )


def deleted(generation: int) -> LedgerError:
    """The failure where somebody has deleted a generation meanwhile."""
    return LedgerError(
        f"census {generation} was deleted while its links were counted",
        "run the same command again: it counts the links from the beginning",
    )


def _insertions(expectations: list[str], outside: list[str], crowded: list[str]) -> Iterator[str]:
    """The statements that write what a page has."""
    yield from insertions(
        "link_census_expectations",
        "project, target_project, issue, target, rank, links, phrases",
        expectations,
        _UNCHANGED,
        "(generation, project, target_project, issue, target)"
        " DO UPDATE SET links = excluded.links, phrases = excluded.phrases",
    )
    yield from insertions(
        "link_census_outside",
        "project, other, links",
        outside,
        _UNCHANGED,
        "(generation, project, other) DO UPDATE SET links = link_census_outside.links + excluded.links",
    )
    yield from insertions(
        "link_census_crowded",
        "project, issue, links",
        crowded,
        _UNCHANGED,
        "(generation, project, issue) DO UPDATE SET links = excluded.links",
    )
