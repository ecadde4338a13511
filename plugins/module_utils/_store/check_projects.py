# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The projects of a check, and where their links lead, by the numbers that they have in the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._ledger.store import Row
from .._model.projects import split_key
from .check_scope import highest_rank
from .checks import CheckedLink, Stratum
from .database import Database
from .progress import progress_in
from .scope import Project


@dataclass(frozen=True)
class CheckedProject:
    """A project whose issues are asked."""

    #: Where it is in the order of the check.
    place: int
    generation: int
    number: int
    project: Project
    #: What is asked of its links, by the numbers of the projects that they lead to.
    strata: Mapping[int, Stratum]

    @property
    def key(self) -> Row:
        """Which project it is, as parameters."""
        return {"generation": self.generation, "project": self.number}

    @property
    def last_ranks(self) -> dict[int, int]:
        """The highest rank that is asked, by the same numbers."""
        return {number: highest_rank(each) for number, each in self.strata.items()}

    def is_sampled(self, row: Row) -> bool:
        """Whether an expectation of it is asked."""
        return bool(row["rank"] <= highest_rank(self.strata[row["target_project"]]))


#: A project in the store: the number of its census, and its own.
Number = tuple[int, int]


@dataclass(frozen=True)
class CheckedProjects:
    """All projects of a check."""

    asked: Sequence[CheckedProject]
    #: Those that links lead to are among them.
    projects: Mapping[Number, Project]
    #: By source and key.
    numbers: Mapping[tuple[str, str], Number]

    def of_site(self, product_url: str) -> list[CheckedProject]:
        """Those of an instance, in the order of the check."""
        return [each for each in self.asked if each.project.product_url == product_url]

    def place_of(self, link: CheckedLink) -> tuple[int, int, int, int, int]:
        """The numbers of a link: its census, the project and the number of its issue, those of its target."""
        (key, issue), (target_key, target) = split_key(link.issue), split_key(link.target)
        generation, project = self.numbers[link.server, key]
        return generation, project, issue, self.numbers[link.server, target_key][1], target


def projects_of(database: Database, strata: Sequence[Stratum]) -> CheckedProjects:
    """The projects of a check."""
    by_pair = {(each.generation, each.server, each.product_url, each.destination_url): each for each in strata}
    projects = dict(_projects_in(database, strata))
    asked: dict[Number, dict[int, Stratum]] = {}
    for generation, number, target in _linked_in(database, strata):
        here, there = projects.get((generation, number)), projects.get((generation, target))
        if here and there:
            stratum = by_pair.get((generation, here.source, here.product_url, there.product_url))
            if stratum:
                asked.setdefault((generation, number), {})[target] = stratum
    return CheckedProjects(
        [
            CheckedProject(place, generation, number, projects[generation, number], leading_to)
            for place, ((generation, number), leading_to) in enumerate(asked.items())
        ],
        projects,
        {(each.source, each.key): number for number, each in projects.items()},
    )


def _projects_in(database: Database, strata: Iterable[Stratum]) -> Iterator[tuple[Number, Project]]:
    """All projects of the sources of a check, by their numbers."""
    for generation, server in {(each.generation, each.server) for each in strata}:
        rows = database.query(
            "SELECT * FROM link_census_projects WHERE generation = :generation AND source = :server",
            {"generation": generation, "server": server},
        )
        yield from (((generation, each.number), each.project) for each in database.parsed(progress_in, rows))


def _linked_in(database: Database, strata: Iterable[Stratum]) -> Iterator[tuple[int, int, int]]:
    """The numbers of projects with links between them, in the order of the check."""
    for generation in sorted({each.generation for each in strata}):
        rows = database.query(
            "SELECT DISTINCT project, target_project FROM link_census_expectations WHERE generation = :generation"
            " ORDER BY project, target_project",
            {"generation": generation},
        )
        yield from ((generation, row["project"], row["target_project"]) for row in rows)
