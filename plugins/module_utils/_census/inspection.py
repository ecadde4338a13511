# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census must know before it reads an issue: who asks, which projects there are, and how large they are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from .._errors import LinkUpdateError
from .._model.census import CensusSettings, SourceSettings
from .._model.federation import Problem
from .._model.sources import jira_members
from .._threads import Threads
from .access import Access
from .assignment import Assignment, assign
from .searching import ProjectUnread, Searcher

_T = TypeVar("_T")


@dataclass
class Findings:
    """What was found out. Where there are problems, the rest is not complete."""

    problems: list[Problem] = field(default_factory=list)
    #: The user at each source that is asked, by its server.
    users: dict[str, str] = field(default_factory=dict)
    assignment: Assignment = field(default_factory=Assignment)
    #: How many issues each project has that can be read, by server and key. Of a file nobody knows that.
    issues: dict[tuple[str, str], int] = field(default_factory=dict)


class Inspection:
    """Asks the sources, and the sites whose projects nobody has declared."""

    def __init__(self, settings: CensusSettings, access: Access) -> None:
        self._settings = settings
        self._access = access
        self._found = Findings()
        #: The keys of the projects of each source, by its server, and those that sites list, by instance.
        self._known: dict[str, Sequence[str]] = {}
        self._listed: dict[str, Sequence[str]] = {}

    def findings(self, threads: Threads) -> Findings:
        """Everything that can be found out, and all that is wrong with it."""
        settings, found = self._settings, self._found
        threads.for_each(settings.sources, self._ask_source)
        threads.for_each(self._to_be_asked(), self._ask_site)
        if not found.problems:
            sources = [each.source for each in settings.sources]
            found.assignment = assign(settings.federation, sources, self._known, self._listed, self._access.files)
            found.problems += found.assignment.problems
        if not found.problems:
            self._count_issues()
        return found

    def _count_issues(self) -> None:
        searchers: dict[str, Searcher] = {}
        for each in self._found.assignment.projects:
            if each.source in self._access.files:
                continue
            if each.source not in searchers:
                searchers[each.source] = self._access.searcher(each.source, self._access.say)
            # Whoever reads it says why it cannot be read.
            with suppress(ProjectUnread):
                self._found.issues[each.source, each.key] = searchers[each.source].count(each.key)

    def _to_be_asked(self) -> list[str]:
        servers = {each.server for each in self._settings.sources}
        return [
            name
            for name, member in jira_members(self._settings.federation)
            if member.projects is None and servers & {origin.server for origin in member.origins}
        ]

    def _ask_source(self, source: SourceSettings) -> None:
        if file := self._access.files.get(source.server):
            self._known[source.server] = file.projects()
            return

        def ask() -> tuple[str, Sequence[str]]:
            center = self._access.center(source)
            return self._access.retry(center.account), self._access.retry(center.projects)

        if answers := self._answers("", ask):
            self._found.users[source.server], self._known[source.server] = answers
            if not answers[1]:
                self._problem(
                    "",
                    f"{answers[0]} sees no project of {source.server}",
                    "give the account Browse projects on all projects that were migrated",
                )

    def _ask_site(self, name: str) -> None:
        named = self._settings.federation.named
        if name not in self._settings.accounts:
            remedy = f"run without --limit, or set {named('projects')} for this instance"
            self._problem(
                name, "its projects are not known: it takes no part in the run, so its site cannot be asked", remedy
            )
            return

        def ask() -> Sequence[str]:
            site = self._access.site(name)
            # A site shows its public projects to anybody: a token that has expired would look like a few projects.
            self._access.retry(site.account)
            return site.projects(self._access.retry)

        keys = self._answers(name, ask)
        if keys is not None:
            self._listed[name] = keys

    def _answers(self, instance: str, ask: Callable[[], _T]) -> _T | None:
        """What is answered, or None where that is a problem."""
        try:
            return ask()
        except LinkUpdateError as exc:
            self._problem(instance, exc.failure.what, exc.failure.advice or "run again when it answers")
            return None

    def _problem(self, instance: str, problem: str, remedy: str) -> None:
        self._found.problems.append(Problem(instance, problem, remedy))
