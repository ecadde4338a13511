# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is still to be asked of one site in a check."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from .._ledger.store import Row
from .check_projects import CheckedProject
from .database import Database

#: Within so many numbers issues are looked for at once, as the rows take memory for a moment.
_SPAN = 50_000
#: What the issues of a project are expected to have, each with its verdict where it has one.
_EXPECTED = (
    "FROM {targets} AS t JOIN link_census_expectations AS e"
    " ON e.generation = :generation AND e.project = :project AND e.target_project = t.column1"
    " LEFT JOIN link_check_verdicts AS v ON v.check_number = :check_number AND v.generation = e.generation"
    " AND v.project = e.project AND v.issue = e.issue AND v.target_project = e.target_project AND v.target = e.target"
)
_FIRST = (
    "SELECT MIN(s.issue) AS issue FROM (SELECT (SELECT MIN(e.issue) FROM link_census_expectations AS e"
    " WHERE e.generation = :generation AND e.project = :project AND e.target_project = t.column1"
    " AND e.issue > :after) AS issue FROM {targets} AS t) AS s"
)
_ISSUES = (
    f"SELECT e.issue, MAX(CASE WHEN v.verdict IS NULL THEN 1 ELSE 0 END) AS is_open {_EXPECTED}"
    " WHERE e.rank <= t.column2 AND e.issue BETWEEN :first AND :last GROUP BY e.issue ORDER BY e.issue"
)
_OPEN = (
    f"SELECT e.issue, e.target_project, e.target, e.phrases, e.rank <= t.column2 AS is_sampled {_EXPECTED}"
    " WHERE v.verdict IS NULL AND e.issue IN ({issues}) ORDER BY e.issue, e.target_project, e.target"
)


@dataclass
class SiteWork:
    """The issues of one site."""

    #: How many the check asks, and how many of these have all their verdicts.
    size: int = 0
    done: int = 0
    #: The numbers of those that were without one at the beginning, by project: eight bytes each.
    _issues: list[tuple[CheckedProject, array[int]]] = field(default_factory=list)
    #: What is asked now: expectations by issue.
    _asked: dict[tuple[int, int, int], set[tuple[int, int]]] = field(default_factory=dict)

    def read(self, database: Database, check: int, projects: Iterable[CheckedProject]) -> SiteWork:
        """Find out what is to be asked in these projects."""
        for each in projects:
            issues = array("q")
            for row in _issues_of(database, check, each):
                self.size += 1
                self.done += not row["is_open"]
                if row["is_open"]:
                    issues.append(row["issue"])
            self._issues.append((each, issues))
        return self

    def following(self, after: tuple[int, int], limit: int) -> Iterator[tuple[CheckedProject, array[int]]]:
        """The next issues, by project."""
        for project, issues in self._issues:
            if project.place >= after[0] and limit > 0:
                begin = bisect_right(issues, after[1]) if project.place == after[0] else 0
                following = issues[begin : begin + limit]
                limit -= len(following)
                if following:
                    yield project, following

    def ask(self, project: CheckedProject, rows: Iterable[Row]) -> None:
        """These expectations are asked now."""
        for row in rows:
            issue = (project.generation, project.number, row["issue"])
            self._asked.setdefault(issue, set()).add((row["target_project"], row["target"]))

    def answer(self, place: tuple[int, int, int, int, int]) -> None:
        """An expectation has a verdict now.

        :param place: see L(CheckedProjects.place_of).
        """
        issue, target = place[:3], place[3:]
        if issue in self._asked:
            self._asked[issue].discard(target)
            if not self._asked[issue]:
                del self._asked[issue]
                self.done += 1


def _issues_of(database: Database, check: int, project: CheckedProject) -> Iterator[Row]:
    """The issues of a project that a check asks, by their numbers."""
    parameters = {**project.key, "check_number": check}
    last = 0
    while True:
        (row,) = database.query(_FIRST.format(targets=project.targets), {**parameters, "after": last})
        if row["issue"] is None:
            return
        last = row["issue"] + _SPAN - 1
        span = {"first": row["issue"], "last": last}
        yield from database.query(_ISSUES.format(targets=project.targets), {**parameters, **span})


def open_expectations(database: Database, check: int, project: CheckedProject, issues: Iterable[int]) -> list[Row]:
    """The expectations of some issues that have no verdict, by issue."""
    statement = _OPEN.format(targets=project.targets, issues=", ".join(map(str, issues)))
    return database.query(statement, {**project.key, "check_number": check})
