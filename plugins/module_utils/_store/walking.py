# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expectations as a census has them: those of an ordered pair by their ranks, or a single one."""

from __future__ import annotations

from .._ledger.store import Row
from .._model.projects import split_key
from .database import Database
from .expectations import Expectation, expectation_in
from .phrases import phrases_in

#: The numbers of an instance's projects of one source.
_PROJECTS = (
    "SELECT number FROM link_census_projects WHERE generation = :generation AND source = :server AND product_url = :{}"
)
_PAIR = (
    f" WHERE generation = :generation AND project IN ({_PROJECTS.format('product_url')})"
    f" AND target_project IN ({_PROJECTS.format('destination_url')})"
)
_PROJECT = "(SELECT number FROM link_census_projects WHERE generation = :generation AND source = :server AND key = :{})"
#: The projects come last, so that the key of the table finds the rows.
_NAMED = (
    "SELECT a.key, e.issue, b.key AS target_key, e.target, e.rank, e.links, e.phrases FROM ("
    "SELECT * FROM link_census_expectations{}) AS e"
    " JOIN link_census_projects AS a ON a.generation = e.generation AND a.number = e.project"
    " JOIN link_census_projects AS b ON b.generation = e.generation AND b.number = e.target_project"
    " ORDER BY e.rank"
)
_WALK = _NAMED.format(f"{_PAIR} AND rank > :after ORDER BY rank LIMIT :limit")
_ONE = _NAMED.format(
    f" WHERE generation = :generation AND project = {_PROJECT.format('key')}"
    f" AND target_project = {_PROJECT.format('target_key')} AND issue = :issue AND target = :target"
)


def walk(database: Database, generation: int, pair: Row, after: int | None, limit: int) -> list[Expectation]:
    """Those of an ordered pair with a higher rank.

    :param pair: the parameters C(server), C(product_url) and C(destination_url).
    """
    where = {"generation": generation, **pair, "after": -1 if after is None else after, "limit": limit}
    return _expectations(database, generation, database.query(_WALK, where))


def expectation(database: Database, generation: int, server: str, issue: str, target: str) -> Expectation | None:
    """That of an issue, if it has one."""
    (key, number), (target_key, target_number) = split_key(issue), split_key(target)
    rows = database.query(
        _ONE,
        {
            "generation": generation,
            "server": server,
            "key": key,
            "issue": number,
            "target_key": target_key,
            "target": target_number,
        },
    )
    return next(iter(_expectations(database, generation, rows)), None)


def _expectations(database: Database, generation: int, rows: list[Row]) -> list[Expectation]:
    phrases = {number: each for each, number in phrases_in(database, generation).items()}
    return database.parsed(lambda row: expectation_in(row, phrases), rows)
