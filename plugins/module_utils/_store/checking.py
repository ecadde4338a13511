# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One check while it is made."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from .._ledger.store import Row
from .._model.verdicts import Verdict
from .check_projects import CheckedProject, projects_of
from .check_scope import strata_of
from .check_work import SiteIssues, open_expectations
from .checks import CheckedLink, Form, IssueWork, PlacedExpectation
from .database import Database
from .expectations import numbers_in
from .insertions import Texts, insertions
from .lease import Lease, UnderLease
from .leased import CHECKS
from .phrases import phrases_in
from .verdicts import FORGET_UNANSWERED, findings, tallies, verdict_insertions

_FORM = "check_number, product_url, destination_url, app_id, application_type, application_name"


class Checking(UnderLease):
    """A check that this process makes. May be used by several threads."""

    def __init__(self, database: Database, lease: Lease) -> None:
        """:raises LedgerError: another process makes the check now."""
        super().__init__(lease)
        self.number = lease.number
        self._db = database
        if lease.is_resumed:
            lease.extend({}, FORGET_UNANSWERED)
        self.strata = strata_of(database, lease.number)
        self._projects = projects_of(database, self.strata)
        self._phrases = {
            generation: {number: each for each, number in phrases_in(database, generation).items()}
            for generation in {each.generation for each in self.strata}
        }
        self._sites: dict[str, SiteIssues] = {}
        self._lock = threading.RLock()

    def work(self, product_url: str, after: tuple[int, int] | None = None, limit: int = 100) -> list[IssueWork]:
        """The next issues of a site that have an expectation without a verdict, by their places.

        :param after: the place of the last one that is known; None for the first ones.
        """
        site = self._site(product_url)
        found: list[IssueWork] = []
        for project, issues in site.following(after or (0, 0), limit):
            rows = open_expectations(self._db, self.number, project, issues)
            with self._lock:
                site.ask(project, filter(project.is_sampled, rows))
            found.extend(self._work_in(rows, project))
        return found

    def size(self, product_url: str) -> int:
        """How many issues of a site the check asks."""
        return self._site(product_url).size

    def done(self, product_url: str) -> int:
        """How many of these have all their verdicts."""
        return self._site(product_url).done

    def add(self, links: Sequence[CheckedLink]) -> None:
        """Write verdicts, all or none of them. They replace those that were unanswered, and no others.

        :raises LedgerError: they were not written, for example as another process makes the check now.
        """
        texts = Texts()
        statements = list(verdict_insertions(self._projects, links, texts))
        self._lease.extend(texts.parameters, *statements)
        for each in links:
            site = self._site(each.product_url)
            with self._lock:
                site.answer(self._projects.place_of(each))

    def add_form(self, product_url: str, destination_url: str, form: Form) -> None:
        """Write what the links of an ordered pair look like. The first one of a check counts.

        :raises LedgerError: another process makes the check now.
        """
        texts = Texts()
        values = (product_url, destination_url, form.app_id, form.application_type, form.application_name)
        row = f"({texts.names(values)})"
        writing = insertions("link_check_forms", _FORM, [row], CHECKS.held, "DO NOTHING")
        self._lease.extend(texts.parameters, *writing)

    def tallies(self) -> dict[tuple[str, str, str], Counter[Verdict]]:
        """How often each verdict was given in the sample, by source, instance and destination."""
        return tallies(self._db, self.number, self._projects)

    def findings(self) -> Iterator[CheckedLink]:
        """What is not plainly found, by instance, issue and target."""
        return findings(self._db, self.number, self._projects)

    def end(self, complete: bool, result: Mapping[str, Any]) -> None:
        """The check is made.

        :raises LedgerError: another process makes it now.
        """
        self._lease.end(complete, result=json.dumps(result))

    def _site(self, product_url: str) -> SiteIssues:
        with self._lock:
            if product_url not in self._sites:
                projects = self._projects.of_site(product_url)
                self._sites[product_url] = SiteIssues().read(self._db, self.number, projects)
            return self._sites[product_url]

    def _work_in(self, rows: Sequence[Row], project: CheckedProject) -> Iterator[IssueWork]:
        """The issues of a project, each with its expectations."""
        for issue, group in groupby(rows, key=lambda row: row["issue"]):
            expectations: dict[bool, list[PlacedExpectation]] = {True: [], False: []}
            for row in group:
                expectations[project.is_sampled(row)].append(self._expectation_in(row, project))
            yield IssueWork(
                project.project.source,
                f"{project.project.key}-{issue}",
                (project.place, issue),
                tuple(expectations[True]),
                tuple(expectations[False]),
            )

    def _expectation_in(self, row: Row, project: CheckedProject) -> PlacedExpectation:
        there = self._projects.projects[project.generation, row["target_project"]]
        phrases = self._phrases[project.generation]
        return PlacedExpectation(
            f"{there.key}-{row['target']}",
            there.product_url,
            tuple(phrases[number] for number in numbers_in(row["phrases"])),
        )
