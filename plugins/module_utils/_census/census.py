# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Counting one generation: each project of each source is read, then both ends of each link are compared."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Protocol

from .._model.projects import split_key
from .._store.counting import Counting
from .._store.one_sided import OneSided
from .._store.progress import Progress
from .._text import counted, names
from .._threads import Threads
from .progress_lines import ProgressLines
from .searching import ProjectUnread

#: So many links are read again whose ends do not match. More are no change, but something that is missing.
_MOST_CHANGED = 100
#: So many issues are named where the other end of their links was not read.
_MOST_NAMED = 5


class Reader(Protocol):
    """Reads the issues of one source."""

    def read(self, progress: Progress) -> None:
        """Read a project from where it was left to its end.

        :raises ProjectUnread: that is not possible.
        :raises LinkUpdateError: nothing of the source can be read.
        """

    def read_again(self, progress: Progress, key: str) -> None:
        """Read one issue of a project once more, as its links have changed since it was read.

        :raises ProjectUnread, LinkUpdateError: see L(read).
        """


class Census:
    """One generation that is being counted.

    :param open_reader: gives a reader of a source, by its server. Each is used by one thread at a time.
    :param unseen: by the server of a source, the keys of projects that sites list and the source does not.
    """

    def __init__(
        self,
        counting: Counting,
        open_reader: Callable[[str], Reader],
        lines: ProgressLines,
        threads: Threads,
        unseen: Mapping[str, Collection[str]],
    ) -> None:
        self._counting = counting
        self._open_reader = open_reader
        self._lines = lines
        self._threads = threads
        self._unseen = unseen
        self._idle: defaultdict[str, list[Reader]] = defaultdict(list)

    def count(self) -> None:
        """Read what an earlier run has not read, and compare.

        :raises LinkUpdateError: a source cannot be read. What was read until then is kept.
        """
        projects = self._counting.projects
        self._threads.for_each([each for each in projects if not each.is_read], self._read)
        if found := self._counting.one_sided(_MOST_CHANGED):
            self._read_again(found)
        for progress, problem, remedy in (*(self._missing_ends() if found else ()), *self._unseen_ends()):
            self._counting.end_project(progress, problem, remedy)
            self._lines.failed(progress, problem)
        self._counting.end(complete=all(each.is_read for each in projects))

    def _read(self, progress: Progress) -> None:
        if progress.problem and progress.issues == progress.total:
            # It was read to its end, and something was missing that may be visible by now.
            self._counting.restart(progress)
        self._lines.begin(progress)
        try:
            with self._reader(progress) as reader:
                reader.read(progress)
        except ProjectUnread as exc:
            self._counting.end_project(progress, exc.problem, exc.remedy)
            self._lines.failed(progress, exc.problem)
        else:
            self._counting.end_project(progress)
            self._lines.done(progress)

    @contextmanager
    def _reader(self, progress: Progress) -> Iterator[Reader]:
        """A reader that no other thread uses meanwhile."""
        idle = self._idle[progress.project.source]
        try:
            reader = idle.pop()
        except IndexError:
            # Not asked before: another thread could take the last one in between.
            reader = self._open_reader(progress.project.source)
        try:
            yield reader
        finally:
            idle.append(reader)

    def _read_again(self, found: Sequence[OneSided]) -> None:
        """Read issues again whose links may have been made or removed between the reading of their two ends."""
        projects = {(each.project.source, each.project.key): each for each in self._counting.projects}
        for source, key in dict.fromkeys((each.source, key) for each in found for key in (each.issue, each.target)):
            progress = projects[source, split_key(key)[0]]
            with self._reader(progress) as reader, suppress(ProjectUnread):
                reader.read_again(progress, key)

    def _missing_ends(self) -> Iterator[tuple[Progress, str, str]]:
        """The projects with issues that did not show a link which another issue has, and what there is to say."""
        missing: dict[int, dict[str, None]] = defaultdict(dict)
        projects = {each.number: each for each in self._counting.projects}
        for each in self._counting.one_sided():
            missing[each.project.number][each.target] = None
        for number, issues in missing.items():
            their = "its" if len(issues) == 1 else "their"
            yield (
                projects[number],
                f"{counted(len(issues), 'issue')} did not show {their} end of links from other instances: "
                + names(list(issues), _MOST_NAMED),
                "they may be archived, moved, hidden, or missing in the search index. Give the account access to them, "
                "or have the project indexed again, then run again. Or count from a file",
            )

    def _unseen_ends(self) -> Iterator[tuple[Progress, str, str]]:
        """The projects with links to one that a site lists and that the source does not, and what there is to say: such
        a project was not made on the site.
        """
        outside = self._counting.outside()
        for each in self._counting.projects:
            unseen = self._unseen.get(each.project.source, ())
            found = {key: links for key, links in outside.get(each.number, {}).items() if key in unseen}
            if found and each.is_read:
                yield (
                    each,
                    f"{counted(sum(found.values()), 'link')} to {names(sorted(found))}: a site lists it, and this "
                    "account does not see the project",
                    "it may be archived. Restore it, or give the account Browse projects there, then run again. If it "
                    "was not migrated, set link_update_projects of the site. Or count from a file",
                )
