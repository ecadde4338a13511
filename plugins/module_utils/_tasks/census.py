# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_census) does, from its options to its result."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from typing import Any

from .._clock import Clock
from .._errors import Code, Failure, InvalidOption, LinkUpdateError
from .._model.census import CensusSettings, SourceSettings
from .._model.federation import Problem
from .._progress import OneAtATime, Reporter
from .._proof.assignment import Assignment, assign
from .._proof.census import Census, Reader
from .._proof.file import LinkFile
from .._proof.file_reader import FileReader
from .._proof.inspection import Findings, Inspection
from .._proof.progress import CensusProgress
from .._proof.reading import ProjectReader, Unread
from .._proof.result import result_of
from .._proof.sorting import Sorter
from .._proof.store import CensusStore, Counting, Scope, open_store
from .._proof.summary import CensusResult
from .._report.census_text import scope_text, text_of
from .._report.files import check_folder, write_census
from .._service.data_center import DataCenter
from .._service.retry import retry
from .._service.sessions import Sessions
from .._service.site_api import SiteApi
from .._text import counted
from .._threads import Threads
from .census_options import census_naming, census_settings
from .options import ledger_location, naming_of
from .preflight import refused
from .task import Options, Result, failed


def link_census(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Count the issue links between the instances of a federation.

    :param options: as the argument spec of the module describes them, complete.
    :param check: find out who asks and what there is to read; read no issue, write nothing down.
    """
    reporter = OneAtATime(reporter)
    try:
        ledger_location(options)
        if options["delete"]:
            return _deleted(options, check, reporter, clock)
        settings = census_settings(options)
        if settings.problems:
            return _refused(settings.problems, reporter)
        if settings.report_dir:
            check_folder(settings.report_dir, naming_of(options))
        with ExitStack() as files:
            return _Counting(settings, options, files, reporter, clock).result(check)
    except LinkUpdateError as exc:
        return {"changed": False, **failed(exc.failure)}


def _refused(problems: Any, reporter: Reporter) -> Result:
    return {"changed": False, "problems": [vars(each) for each in problems], **refused(problems, reporter)}


def _deleted(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Delete what earlier censuses have counted."""
    given = str(options["delete"]).strip().lower()
    if given != "all" and not given.isdecimal():
        named = census_naming(options)
        raise InvalidOption(f"{named('delete')} is not the number of a census", "use its number, or all")
    number = None if given == "all" else int(given)
    with closing(_opened(options, clock, copy=check)) as store:
        found = [each for each in store.generations() if number in (None, each.generation)]
        if not found and number is not None:
            raise InvalidOption(f"there is no census {number} in {store.name}", "use a number that a census has shown")
        if not check:
            store.delete(number)
        done = "would be deleted" if check else "deleted"
        reporter.line(f"{counted(len(found), 'census') if len(found) == 1 else f'{len(found)} censuses'} {done}")
    return {"changed": bool(found), "deleted": sorted(each.generation for each in found)}


def _opened(options: Options, clock: Clock, *, copy: bool) -> CensusStore:
    return open_store(options["store"], clock, os.environ, ledger=options["ledger"], copy=copy)


class _Counting:
    """One census."""

    def __init__(
        self, settings: CensusSettings, options: Options, files: ExitStack, reporter: Reporter, clock: Clock
    ) -> None:
        self._settings = settings
        self._options = options
        self._reporter = reporter
        self._clock = clock
        self._threads = Threads(clock, settings.connections)
        self._sessions = Sessions(settings.connection, clock, settings.connections)
        self._sources = {each.server: each for each in settings.sources}
        file = census_naming(options)("file")
        self._files = {
            each.server: files.enter_context(LinkFile(file, each.path)) for each in settings.sources if each.path
        }

    def result(self, check: bool) -> Result:
        """Find out what there is, and count it."""
        found = self._inspected()
        assigned = assign(
            self._settings.federation, [each.source for each in self._settings.sources], found.known, found.listed
        ) if not found.problems else None
        problems = found.problems or (assigned.problems if assigned else ())
        if problems or assigned is None:
            return _refused(problems, self._reporter)
        totals = dict(self._totals(assigned))
        ...
