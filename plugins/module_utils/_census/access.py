# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a census reaches its sources and the sites."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Self, TypeVar

from .._clock import Clock
from .._errors import Code, LinkUpdateError
from .._model.census import CensusSettings, SourceSettings
from .._naming import Naming
from .._service.data_center import DataCenter
from .._service.retry import retry
from .._service.sessions import Sessions
from .._service.site_api import SiteApi
from .._store.counting import Counting
from .census import Reader
from .file import LinkFile
from .file_reader import FileReader
from .progress_lines import ProgressLines
from .reading import ProjectReader
from .searching import Searcher
from .sorting import Sorter

_T = TypeVar("_T")


class Access:
    """Opens what a census reads from. Use as a context manager.

    :param named: what messages call the options of a census.
    :param say: gets a line for each pause before something is asked for again.
    :raises InvalidOption: a file is not right.
    """

    def __init__(self, settings: CensusSettings, named: Naming, clock: Clock, say: Callable[[str], None]) -> None:
        self._settings = settings
        self._named = named
        self._clock = clock
        self.say = say
        self._sources = {each.server: each for each in settings.sources}
        self._sessions = Sessions(settings.connection, clock, settings.connections)
        self._fields: dict[str, list[str]] = {}
        self.files: dict[str, LinkFile] = {}
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as opened:
            for server, source in self._sources.items():
                if source.path:
                    self.files[server] = opened.enter_context(LinkFile(self._named("file"), source.path))
            self._opened = opened.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._opened.close()

    def center(self, source: SourceSettings) -> DataCenter:
        """The API of a source.

        :raises InvalidOption: a credential is missing, or cannot be one.
        """
        return DataCenter(self._sessions.open_data_center(source.account), str(source.read_from), self._named)

    def site(self, name: str) -> SiteApi:
        """The API of the site of an instance.

        :raises InvalidOption: a credential is missing, or cannot be one.
        """
        federation = self._settings.federation
        session = self._sessions.open(self._settings.accounts[name])
        return SiteApi(session, str(federation.members[name].product_url), federation.named)

    def retry(self, question: Callable[[], _T]) -> _T:
        """Ask until there is an answer.

        :raises LinkUpdateError: there is none.
        """
        return retry(question, clock=self._clock, say=self.say)

    def searcher(self, server: str, say: Callable[[str], None]) -> Searcher:
        """What asks a source for issues.

        :param say: gets a line for each pause.
        :raises LinkUpdateError: the source cannot be asked.
        """
        center = self.center(self._sources[server])
        return Searcher(center, self._fields_of(server, center), self._settings.federation.named, say, self._clock)

    def reader(self, server: str, counting: Counting, lines: ProgressLines) -> Reader:
        """What reads the projects of a source.

        :raises LinkUpdateError: the source cannot be asked.
        """
        projects = [each.project for each in counting.projects if each.project.source == server]
        sorter = Sorter({each.key: each.product_url for each in projects})
        if server in self.files:
            return FileReader(self.files[server], counting, sorter, lines)

        def say(text: str) -> None:
            # A pause can be longer than the lease of the generation.
            counting.keep_alive()
            lines.say(text)

        return ProjectReader(self.searcher(server, say), counting, sorter, lines, self._clock)

    def _fields_of(self, server: str, center: DataCenter) -> list[str]:
        """The fields of issues to ask for: their epics are in one that has another id in each instance."""
        if server not in self._fields:
            epic = None
            try:
                epic = self.retry(center.epic_field)
            except LinkUpdateError as exc:
                # They are only counted apart: no reason to count nothing where a proxy lets nothing but searches pass.
                if exc.code not in (Code.NOT_FOUND, Code.FORBIDDEN):
                    raise
            self._fields[server] = ["issuelinks", "parent", *([epic] if epic else [])]
        return self._fields[server]
