# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links that were seen from one of their ends only: something is hidden there, or was not read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._ledger.store import Row
from .database import Database
from .expectations import numbers_in
from .progress import Progress


@dataclass(frozen=True)
class OneSided:
    """Two issues with links that were not seen from both of their ends."""

    source: str
    #: Where it was seen, and where not.
    issue: str
    target: str
    #: The project of the end where they were not seen: it is to be read again.
    project: Progress


def one_sided(database: Database, generation: int, projects: Sequence[Progress], limit: int) -> list[OneSided]:
    """Those between projects that are both read; a link to one that is not read can be seen from one end only."""
    # Where both ends have seen links, and not the same ones, one row has both: each row that is found is a difference.
    rows = database.query(
        "SELECT e.*, m.links AS mirrored FROM link_census_expectations AS e"
        " LEFT JOIN link_census_expectations AS m ON m.generation = e.generation AND m.project = e.target_project"
        " AND m.target_project = e.project AND m.issue = e.target AND m.target = e.issue"
        " JOIN link_census_projects AS a ON a.generation = e.generation AND a.number = e.project"
        " JOIN link_census_projects AS b ON b.generation = e.generation AND b.number = e.target_project"
        " WHERE e.generation = :generation AND a.is_read AND b.is_read"
        " AND (m.links IS NULL OR (m.links <> e.links AND e.project < e.target_project))"
        " ORDER BY e.project, e.issue, e.target_project, e.target LIMIT :limit",
        {"generation": generation, "limit": limit},
    )
    by_number = {each.number: each for each in projects}
    found = database.parsed(lambda row: list(_one_sided_in(row, by_number)), rows)
    return [each for some in found for each in some][:limit]


def _one_sided_in(row: Row, projects: Mapping[int, Progress]) -> Iterator[OneSided]:
    """The links of a row that one of its two issues has, and the other one has not."""
    here, there = projects[row["project"]], projects[row["target_project"]]
    issue, target = f"{here.project.key}-{row['issue']}", f"{there.project.key}-{row['target']}"
    seen, mirrored = set(numbers_in(row["links"])), set(numbers_in(row["mirrored"] or ""))
    source = here.project.source
    if seen - mirrored:
        yield OneSided(source, issue, target, there)
    if mirrored - seen:
        yield OneSided(source, target, issue, here)
