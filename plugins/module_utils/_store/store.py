# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where censuses are kept: one generation after the other, of which the last complete one counts."""

from __future__ import annotations

from collections.abc import Set
from datetime import timedelta
from typing import Self

from .._clock import Clock
from .._ledger.store import Store
from .check_store import CheckStore
from .counting import Counting
from .database import Database
from .expectations import Expectation
from .generations import Generation, beginning_of, generation_in
from .holding import hold
from .leased import GENERATIONS
from .progress import Progress, progress_in
from .repair_store import RepairStore
from .schema import TABLES
from .scope import Scope
from .walking import expectation, walk

#: What was checked with a census that is deleted stays as a number. Nobody goes on with it.
_END_CHECKS = (
    "UPDATE link_checks SET digest = '', holder = '', lease_until = ''"
    " WHERE check_number IN (SELECT check_number FROM link_check_strata{})"
)


class CensusStore:
    """All generations. May be used by several threads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self.name = store.name
        self._db = Database(store, clock)
        self.checks = CheckStore(self._db)
        self.repairs = RepairStore(self._db)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        self._db.close()

    # -- counting

    def begin(self, scope: Scope, lease: timedelta) -> Counting:
        """Go on with the newest generation of a scope, or with a new one if that is complete.

        :param lease: for how long others believe that this process goes on after each of its writes.
        :raises LedgerError: another process counts it.
        """
        held = hold(self._db, GENERATIONS, beginning_of(scope), lease)
        return Counting(self._db, held, self.progress(held.number))

    # -- reading

    def generations(self) -> list[Generation]:
        """All censuses, the newest first."""
        rows = self._db.query("SELECT * FROM link_census_generations ORDER BY generation DESC", {})
        return self._db.parsed(generation_in, rows)

    def generation(self, number: int) -> Generation:
        """One census.

        :raises LedgerError: it was deleted.
        """
        found = next((each for each in self.generations() if each.generation == number), None)
        if found is None:
            raise GENERATIONS.is_gone(number)
        return found

    def last_complete(self, product_urls: Set[str], server: str) -> Generation | None:
        """The newest census that is complete and has exactly these instances of a source."""
        return next(
            (
                each
                for each in self.generations()
                if each.complete and each.product_urls.get(server) == frozenset(product_urls)
            ),
            None,
        )

    def progress(self, generation: int) -> list[Progress]:
        """How far each project was read."""
        rows = self._db.query(
            "SELECT * FROM link_census_projects WHERE generation = :generation ORDER BY number",
            {"generation": generation},
        )
        return self._db.parsed(progress_in, rows)

    def counts(self, generation: int) -> dict[tuple[str, str, str], int]:
        """How many expectations there are, by source, instance and destination. Those with none are left out."""
        rows = self._db.query(
            "SELECT a.source, a.product_url, b.product_url AS destination_url, SUM(e.expected) AS expected"
            " FROM (SELECT project, target_project, COUNT(*) AS expected FROM link_census_expectations"
            " WHERE generation = :generation GROUP BY project, target_project) AS e"
            " JOIN link_census_projects AS a ON a.generation = :generation AND a.number = e.project"
            " JOIN link_census_projects AS b ON b.generation = :generation AND b.number = e.target_project"
            " GROUP BY a.source, a.product_url, b.product_url",
            {"generation": generation},
        )
        return {(row["source"], row["product_url"], row["destination_url"]): int(row["expected"]) for row in rows}

    def issues(self, generation: int) -> dict[tuple[str, str], int]:
        """How many issues there are with an expectation, by source and instance."""
        rows = self._db.query(
            "SELECT a.source, a.product_url, SUM(e.issues) AS issues FROM ("
            "SELECT project, COUNT(DISTINCT issue) AS issues FROM link_census_expectations"
            " WHERE generation = :generation GROUP BY project) AS e"
            " JOIN link_census_projects AS a ON a.generation = :generation AND a.number = e.project"
            " GROUP BY a.source, a.product_url",
            {"generation": generation},
        )
        return {(row["source"], row["product_url"]): int(row["issues"]) for row in rows}

    def links(self, generation: int) -> dict[str, int]:
        """How many links between issues of different instances there are, by source. Each is counted once."""
        rows = self._db.query(
            "SELECT a.source, SUM(length(e.links) - length(replace(e.links, ' ', '')) + 1) AS links"
            " FROM link_census_expectations AS e"
            " JOIN link_census_projects AS a ON a.generation = e.generation AND a.number = e.project"
            " WHERE e.generation = :generation AND (e.project < e.target_project OR NOT EXISTS"
            " (SELECT 1 FROM link_census_expectations AS m WHERE m.generation = e.generation"
            " AND m.project = e.target_project AND m.target_project = e.project"
            " AND m.issue = e.target AND m.target = e.issue)) GROUP BY a.source",
            {"generation": generation},
        )
        return {row["source"]: int(row["links"]) for row in rows}

    def outside(self, generation: int) -> dict[tuple[str, str], int]:
        """Links that leave the federation, by source and by the project that they lead to."""
        rows = self._db.query(
            "SELECT a.source, o.other, SUM(o.links) AS links FROM link_census_outside AS o"
            " JOIN link_census_projects AS a ON a.generation = o.generation AND a.number = o.project"
            " WHERE o.generation = :generation GROUP BY a.source, o.other ORDER BY a.source, o.other",
            {"generation": generation},
        )
        return {(row["source"], row["other"]): int(row["links"]) for row in rows}

    def crowded(self, generation: int) -> dict[tuple[str, str], int]:
        """Issues with more links than a cloud site takes, by source and key."""
        rows = self._db.query(
            "SELECT a.source, a.key, c.issue, c.links FROM link_census_crowded AS c"
            " JOIN link_census_projects AS a ON a.generation = c.generation AND a.number = c.project"
            " WHERE c.generation = :generation ORDER BY a.source, a.key, c.issue",
            {"generation": generation},
        )
        return {(row["source"], f"{row['key']}-{row['issue']}"): row["links"] for row in rows}

    def walk(
        self,
        generation: int,
        server: str,
        product_url: str,
        destination_url: str,
        after: int | None = None,
        limit: int = 1000,
    ) -> list[Expectation]:
        """Expectations of an ordered pair in one source, by their ranks.

        :param after: the rank of the last one that is known; None for the first ones.
        """
        pair = {"server": server, "product_url": product_url, "destination_url": destination_url}
        return walk(self._db, generation, pair, after, limit)

    def expectation(self, generation: int, server: str, issue: str, target: str) -> Expectation | None:
        """The expectation of an issue, if it has one."""
        return expectation(self._db, generation, server, issue, target)

    def delete(self, generation: int | None) -> int:
        """Delete a census, or all of them, with all verdicts on its links. How many there were.

        A process that counts or checks one meanwhile stops.
        """
        condition = "" if generation is None else " WHERE generation = :generation"
        parameters = {"generation": generation}
        found = self._db.query(f"SELECT generation FROM link_census_generations{condition}", parameters)  # noqa: S608
        first, *more = (f"DELETE FROM {table}{condition}" for table in TABLES)  # noqa: S608
        self._db.execute(first, parameters, *more, _END_CHECKS.format(condition))
        return len(found)
