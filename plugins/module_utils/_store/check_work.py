# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is still to be asked of one site in a check."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .._ledger.store import Row
from .check_projects import CheckedProject
from .check_scope import ALL
from .database import Database

#: Within so many numbers issues are looked for at once, as the rows take memory for a moment.
_SPAN = 50_000
_FIRST = (
    "SELECT MIN(s.issue) AS issue FROM (SELECT (SELECT MIN(e.issue) FROM link_census_expectations AS e"
    " WHERE e.generation = :generation AND e.project = :project AND e.target_project = t.column1"
    " AND e.issue > :after) AS issue FROM (VALUES {targets}) AS t) AS s"
)
#: What some issues are expected to have to one project. A server that has not counted its rows yet reads all of a
#: project where a look is less exact or has a join: for each page, that is hours in the end.
_LOOK = (
    "SELECT issue, target_project, target, rank, phrases FROM link_census_expectations WHERE generation = :generation"
    " AND project = :project AND target_project = {} AND issue BETWEEN :first AND :last AND rank <= {}"
)
#: SQLite takes 500 looks in a statement.
_LOOKS = 400
_SAMPLED = "SELECT issue, COUNT(*) AS links FROM ({looks}) AS e GROUP BY issue"
_EXPECTED = "SELECT * FROM ({looks}) AS e WHERE issue IN ({issues})"
_GIVEN = (
    "FROM link_check_verdicts WHERE check_number = :check_number AND generation = :generation AND project = :project"
    " AND issue BETWEEN :first AND :last"
)
_SAMPLED_GIVEN = f"SELECT issue, COUNT(*) AS links {_GIVEN} AND is_sampled GROUP BY issue"
_ALL_GIVEN = f"SELECT issue, target_project, target {_GIVEN}"


@dataclass
class SiteIssues:
    """The issues of one site that a check asks."""

    #: How many the check asks, and how many of these have all their verdicts.
    size: int = 0
    done: int = 0
    #: The numbers of those that were without one at the beginning, by project: eight bytes each.
    _issues: list[tuple[CheckedProject, array[int]]] = field(default_factory=list)
    #: The expectations that are asked now, by issue.
    _asked: dict[tuple[int, int, int], set[tuple[int, int]]] = field(default_factory=dict)

    def read(self, database: Database, check: int, projects: Iterable[CheckedProject]) -> SiteIssues:
        """Find out what is to be asked in these projects."""
        for each in projects:
            issues = array("q")
            for issue, is_open in _issues_of(database, check, each):
                self.size += 1
                self.done += not is_open
                if is_open:
                    issues.append(issue)
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


def _issues_of(database: Database, check: int, project: CheckedProject) -> Iterator[tuple[int, bool]]:
    """The issues of a project that a check asks, by their numbers, and whether one has no verdict yet on something."""
    parameters = {**project.key, "check_number": check}
    first = _FIRST.format(targets=", ".join(f"({number})" for number in project.strata))
    last = 0
    while True:
        (row,) = database.query(first, {**parameters, "after": last})
        if row["issue"] is None:
            return
        last = row["issue"] + _SPAN - 1
        span = {**parameters, "first": row["issue"], "last": last}
        expected: Counter[int] = Counter()
        for looks in _looks(project.last_ranks):
            expected.update(_links_in(database.query(_SAMPLED.format(looks=looks), span)))
        given = _links_in(database.query(_SAMPLED_GIVEN, span))
        yield from ((issue, expected[issue] > given.get(issue, 0)) for issue in sorted(expected))


def open_expectations(database: Database, check: int, project: CheckedProject, issues: Sequence[int]) -> list[Row]:
    """The expectations of some issues that have no verdict, in the sample or not, by issue.

    :param issues: their numbers, ascending.
    """
    parameters = {**project.key, "check_number": check, "first": issues[0], "last": issues[-1]}
    given = {_place(row) for row in database.query(_ALL_GIVEN, parameters)}
    wanted = ", ".join(map(str, issues))
    statements = [_EXPECTED.format(looks=each, issues=wanted) for each in _looks(dict.fromkeys(project.strata, ALL))]
    rows = [row for each in statements for row in database.query(each, parameters)]
    return sorted((row for row in rows if _place(row) not in given), key=_place)


def _looks(last_ranks: Mapping[int, int]) -> Iterator[str]:
    """What finds expectations up to a rank each, by the numbers of the projects that they lead to, in SQL."""
    looks = list(map(_LOOK.format, last_ranks, last_ranks.values()))
    for at in range(0, len(looks), _LOOKS):
        yield " UNION ALL ".join(looks[at : at + _LOOKS])


def _links_in(rows: Iterable[Row]) -> dict[int, int]:
    return {row["issue"]: row["links"] for row in rows}


def _place(row: Row) -> tuple[int, int, int]:
    return row["issue"], row["target_project"], row["target"]
