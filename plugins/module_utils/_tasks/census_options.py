# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the options of C(link_census), each once, into what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .._errors import InvalidOption
from .._model.census import CensusSettings, SourceSettings
from .._model.connection import Account, DataCenterAccount
from .._model.federation import Problem, parse_federation
from .._model.sources import Source, given_by_source, only_source, sources_of
from .._naming import CENSUS, Naming
from .._text import names
from .._urls import site_url
from .options import connection_of, connections_in, naming_of
from .task import Options

#: The options that have a value for each source.
_CREDENTIALS = ("token", "user", "password")
_BY_SOURCE = ("url", "file", *_CREDENTIALS)
#: Those of them that no message may quote.
_SECRET = frozenset({"token", "password"})
_MOST_CONNECTIONS = 20


def census_settings(options: Options) -> CensusSettings:
    """What C(link_census) was asked for. What is wrong is among its problems.

    :raises InvalidOption: nothing can be counted.
    """
    named, of_federation = naming_of(options, CENSUS), naming_of(options)
    federation = parse_federation(options["federation"], of_federation)
    sources = sources_of(federation)
    if not sources and not federation.problems:
        raise InvalidOption(
            "there is no link to count: no Jira instance of the federation came from a Data Center instance",
            f"correct {of_federation('migrated_from')}",
        )
    connections = connections_in(options, named, _MOST_CONNECTIONS)
    reader = _SourceReader(options, sources, named)
    return CensusSettings(
        federation=federation,
        sources=tuple(reader.settings()),
        accounts={
            each["name"]: Account(each["email"] or "", each["api_token"] or "", of_federation)
            for each in options["accounts"]
        },
        connection=connection_of(options),
        connections=connections,
        report_dir=options["report_dir"] or "",
        problems=(*federation.problems, *reader.problems),
    )


class _SourceReader:
    """Reads how each source is read."""

    def __init__(self, options: Options, sources: Sequence[Source], named: Naming) -> None:
        self._sources = list(sources)
        self._named = named
        self._is_rehearsal = bool(options["stand_in_url"])
        self.problems: list[Problem] = []
        #: What is wrong with the credentials. It matters only where a source is asked.
        self._unclear: list[Problem] = []
        # A rehearsal reads no file, and sends nothing to the source: nobody need have a token yet.
        given = {} if self._is_rehearsal else options
        self._given = {option: self._by_source(option, given.get(option)) for option in _BY_SOURCE}

    def settings(self) -> Iterator[SourceSettings]:
        """How each source is read. One with a problem is left out."""
        for source in self._sources:
            if self._is_rehearsal:
                yield SourceSettings(source, source.server, DataCenterAccount())
                continue
            try:
                yield self._settings_of(source)
            except InvalidOption as exc:
                where = f" ({source.server})" if len(self._sources) > 1 else ""
                self.problems.append(Problem("", f"{exc.failure.what}{where}", exc.failure.advice))

    def _settings_of(self, source: Source) -> SourceSettings:
        read_from = self._read_from(source)
        account = DataCenterAccount(
            token=self._text("token", source),
            user=self._text("user", source),
            password=self._text("password", source),
            named=self._named,
        )
        if isinstance(read_from, Path):
            return SourceSettings(source, read_from, account)
        if self._unclear:
            # Nothing is sent. Who has set a token for another source need not read that there is none.
            self.problems += [each for each in self._unclear if each not in self.problems]
            return SourceSettings(source, read_from, account)
        return SourceSettings(source, read_from, account.checked())

    def _text(self, option: str, source: Source) -> str:
        return str(self._given[option].get(source.server) or "")

    def _by_source(self, option: str, given: Any) -> dict[str, Any]:
        if given in (None, "", {}):
            return {}
        try:
            # A token that is sent to two servers is known to the administrators of both.
            environment = f" (or JIRA_DC_{option.upper()})" if option in _CREDENTIALS else ""
            only_source(self._named(option), given, self._sources, environment)
            return given_by_source(self._named(option), given, self._sources)
        except InvalidOption as exc:
            what = exc.failure.what
            if option in _SECRET and isinstance(given, Mapping):
                # Not quoted: who confuses the two sides of the colon has a secret there.
                what = f"{self._named(option)} has a key that is not an origin of the federation"
            problems = self._unclear if option in _CREDENTIALS else self.problems
            problems.append(Problem("", what, exc.failure.advice))
            return {}

    def _read_from(self, source: Source) -> str | Path:
        """The URL or the file that a source is read from.

        :raises InvalidOption: it cannot be told, or cannot be right.
        """
        if file := self._text("file", source):
            path = Path(file).expanduser().absolute()
            if not path.is_file():
                raise InvalidOption(f"{self._named('file')} {path} is not a file", "correct the path")
            return path
        option, url = self._named("url"), self._text("url", source)
        if not url and len(source.copies) > 1:
            raise InvalidOption(
                f"{source.server} was migrated from {len(source.copies)} copies: {names(source.copies)}",
                f"set {option} to the URL of the one to read",
            )
        return site_url(option, url or source.copies[0])
