# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_census) does, from its options to its result."""

from __future__ import annotations

import os
from pathlib import Path

from .._census.access import Access
from .._census.assignment import Assignment
from .._census.census import Census, Reader
from .._census.inspection import Findings, Inspection
from .._census.progress_lines import ProgressLines
from .._census.result import result_of
from .._census.summary import CensusResult, Statistics
from .._clock import Clock
from .._errors import Code, Failure, LinkUpdateError
from .._model.census import CensusSettings
from .._naming import CENSUS, Naming
from .._progress import Level, Reporter
from .._report.census_scope import dates_text, scope_text
from .._report.census_text import text_of
from .._report.files import CENSUS as FILE
from .._report.files import check_folder, write_json
from .._store.counting import Counting
from .._store.opening import open_store, store_location, warning_about_store
from .._store.scope import Scope
from .._store.store import CensusStore
from .._text import counted, names
from .._threads import Threads
from .census_deletion import delete_censuses
from .census_options import census_settings
from .counted import known_census
from .options import ledger_location, naming_of
from .preflight import refused
from .task import Options, Result, failed, task

_DONE = "counted"


@task
def link_census(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Count the issue links between the instances of a federation.

    :param options: as the argument spec of the module describes them, complete.
    :param check: find out who asks and what there is to read; read no issue, write nothing down.
    """
    ledger_location(options)
    named = naming_of(options, CENSUS)
    where = store_location(options["store"], options["ledger"], os.environ, named("store"))
    if options["delete"]:
        return delete_censuses(options, where, check, reporter, clock)
    if options["unless_complete"] and (known := known_census(options, where, clock)):
        reporter.line("\n".join(known))
        return {"changed": False, "text": known}
    settings = census_settings(options)
    if settings.problems:
        return refused(settings.problems, reporter, _DONE)
    if settings.report_dir:
        # Before anything is read: a census of hours must not end without its file.
        check_folder(settings.report_dir, settings.federation.named, [FILE])
    with Access(settings, named, clock, reporter.line) as access:
        return _Work(settings, named, where, access, reporter, clock).result(check)


class _Work:
    """One census, from what there is to read to its result."""

    def __init__(
        self,
        settings: CensusSettings,
        named: Naming,
        where: Path | str,
        access: Access,
        reporter: Reporter,
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._named = named
        self._where = where
        self._access = access
        self._reporter = reporter
        self._clock = clock
        self._threads = Threads(clock, settings.connections)
        self._sources = [each.source for each in settings.sources]

    def result(self, check: bool) -> Result:
        """Find out what there is, and count it."""
        found = Inspection(self._settings, self._access).findings(self._threads)
        if found.problems:
            return refused(found.problems, self._reporter, _DONE)
        lines = self._show(found)
        if check:
            self._reporter.line("Check mode: no issue is read, and nothing is written")
            return {"changed": False, "text": lines}
        self._warn_of_store()
        with open_store(self._where, self._clock) as store:
            return self._counted(store, found)

    def _show(self, found: Findings) -> list[str]:
        """Show what there is to read."""
        assigned = found.assignment
        lines = scope_text(self._settings.federation, assigned.projects, found.issues, found.users, assigned.outside)
        self._reporter.line("\n".join(lines))
        for name, keys in assigned.unknown.items():
            if keys and not self._access.files:
                self._reporter.warn(
                    f"{name} has {counted(len(keys), 'project')} that the account does not see in Data Center: "
                    f"{names(keys)}. If it was migrated, give the account Browse projects: its links are not counted"
                )
        return lines

    def _warn_of_store(self) -> None:
        """Say what a user should know of the store before relying on it."""
        warning = warning_about_store(self._where, os.environ, self._named("store"))
        if warning and not self._settings.connection.is_rehearsal:
            self._reporter.warn(warning)

    def _counted(self, store: CensusStore, found: Findings) -> Result:
        with store.begin(self._scope(found.assignment), self._settings.connection.store_lease) as counting:
            self._say_begun(counting, store)
            failure = self._count(counting, found)
        generation = store.generation(counting.generation)
        federation, files = self._settings.federation, self._access.files
        census = result_of(store, generation, federation, self._sources, files=files, outside=found.assignment.outside)
        lines = [*text_of(census), *dates_text(federation, generation.begun_at, generation.ended_at)]
        self._reporter.line("\n".join(lines), Level.INFO if census["complete"] else Level.FAILURE)
        result: Result = {"changed": True, **census, "text": lines, "stats": _statistics(census)}
        if self._settings.report_dir:
            result["file"] = write_json(FILE, census, self._settings.report_dir, federation.named)
            self._reporter.line(f"For programs: {result['file']}")
        failure = failure or _incomplete(census)
        return result | failed(failure) if failure else result

    def _scope(self, assigned: Assignment) -> Scope:
        urls = {name: str(member.product_url) for name, member in self._settings.federation.members.items()}
        return Scope(
            {each.server: str(each.read_from) for each in self._settings.sources},
            assigned.projects,
            {each.server: [urls[name] for name in each.instances] for each in self._sources},
            {server: file.version for server, file in self._access.files.items()},
        )

    def _say_begun(self, counting: Counting, store: CensusStore) -> None:
        read = sum(each.is_read for each in counting.projects)
        if counting.is_resumed:
            self._reporter.line(
                f"Census {counting.generation}, begun {counting.begun_at:%Y-%m-%d %H:%M}Z, goes on: "
                f"{read} of {counted(len(counting.projects), 'project')} read"
            )
        else:
            self._reporter.line(f"Census {counting.generation} begins. It is kept in {store.name}")

    def _count(self, counting: Counting, found: Findings) -> Failure | None:
        """Read the projects. Why that was stopped, if it was."""
        lines = ProgressLines(
            self._reporter,
            self._clock,
            total=sum(found.issues.values()),
            read=sum(each.issues for each in counting.projects),
            width=max((len(each.project.key) for each in counting.projects), default=0),
        )
        unknown = found.assignment.unknown
        unseen = {
            each.server: {key for name in each.instances for key in unknown.get(name, ())} for each in self._sources
        }

        def open_reader(server: str) -> Reader:
            return self._access.reader(server, counting, lines)

        try:
            Census(counting, open_reader, lines, self._threads, unseen).count()
        except LinkUpdateError as exc:
            self._reporter.line(exc.failure.message, Level.FAILURE)
            return exc.failure
        return None


def _incomplete(census: CensusResult) -> Failure | None:
    """What to fail with where something is missing."""
    if census["complete"]:
        return None
    what = names([f"{each['project'] or each['source']} ({each['problem']})" for each in census["unread"]], 3)
    return Failure(
        f"the census is not complete: {what}", Code.CENSUS_INCOMPLETE, "see what to do above, then run again"
    )


def _statistics(census: CensusResult) -> Statistics:
    expected = [each["expected"] for each in census["pairs"]]
    return {
        "link_census_complete": census["complete"],
        "link_census_generation": census["generation"],
        "link_census_links": sum(each["links"] for each in census["sources"]),
        "link_census_pairs_with_links": sum(each > 0 for each in expected),
        "link_census_pairs_without_links": sum(each == 0 for each in expected),
        "link_census_unread": len(census["unread"]),
    }
