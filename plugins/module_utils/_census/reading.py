# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading all issues of one project, page by page, such that none is missed and a rerun goes on where this one stopped.

Offsets end at some number, so each page begins after the last key that was read: C(key > "ABC-123"). Jira looks up that
issue: where it was deleted or moved meanwhile, it answers HTTP 400, and an earlier key is used. A page may be shorter
than what was asked for. So only an empty page is the end, and only if Jira says that no issue is left. Then the number
of issues that were read is compared with the number that Jira has for the whole project.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from .._clock import Clock
from .._model.projects import split_key
from .._service.data_center import Issue, IssuePage
from .._store.counting import Counting
from .._store.progress import Progress
from .page_writer import PageWriter
from .progress_lines import ProgressLines
from .searching import AGAIN, IssueGone, ProjectUnread, Searcher
from .sorting import Sorter

#: How many keys are kept to go on after, where the last one is gone: further and further apart.
_KEYS_KEPT = 12
#: How often a project is read again from its beginning when the numbers do not match.
_MOST_RESTARTS = 1


class ProjectReader:
    """Reads the issues of the projects of one source, one project after the other."""

    def __init__(
        self, searcher: Searcher, counting: Counting, sorter: Sorter, lines: ProgressLines, clock: Clock
    ) -> None:
        self._clock = clock
        self._searcher = searcher
        self._counting = counting
        self._sorter = sorter
        self._lines = lines

    def read(self, progress: Progress) -> None:
        """Read a project from where it was left to its end.

        :raises ProjectUnread: that is not possible.
        :raises LinkUpdateError: nothing of the source can be read.
        """
        key, restarts = progress.project.key, 0
        while True:
            before = progress.issues
            self._read_on(progress)
            total = self._searcher.count(key)
            if progress.issues == total:
                return
            # Where issues were created meanwhile, there is more to read now.
            if before < progress.issues < total:
                continue
            if restarts == _MOST_RESTARTS:
                raise ProjectUnread(
                    f"{progress.issues:,} issues were read, but Jira says that the project has {total:,}",
                    "run again when nobody creates, moves or deletes issues in it. If it stays so, have the project "
                    "indexed again in Jira",
                )
            restarts += 1
            self._lines.say(f"{key}  {progress.issues:,} issues read, but Jira has {total:,}; reading it once more")
            self._counting.restart(progress)

    def read_again(self, progress: Progress, key: str) -> None:
        """Read one issue of a project once more, as its links have changed. If it is gone, it has none.

        :raises ProjectUnread, LinkUpdateError: see L(read).
        """
        issue = self._searcher.issue(key)
        links = self._sorter.expected(progress.project.key, issue) if issue else []
        self._counting.correct(progress, key, links)

    def _read_on(self, progress: Progress) -> None:
        """Read to the end of a project."""
        project, after = progress.project.key, list(progress.last_read)
        known = split_key(after[0])[1] if after else 0
        with PageWriter(progress, self._counting, self._sorter, self._lines, self._clock) as writer:
            while (page := self._page_after(project, after)).issues:
                numbers = _numbers(project, page.issues, split_key(after[0])[1] if after else 0)
                after = [*_spaced(page.issues), *after][:_KEYS_KEPT]
                # After a step back to an earlier key, a page begins with issues that were read before.
                if fresh := page.issues[bisect_right(numbers, known) :]:
                    writer.add(fresh, page.total - len(page.issues), after)
                known = max(known, numbers[-1])

    def _page_after(self, project: str, after: list[str]) -> IssuePage:
        """The next page; without issues at the end of the project.

        :param after: the keys to go on after, the best first. Those that are gone are removed.
        """
        while True:
            try:
                return self._searcher.page(project, after[0] if after else None)
            except IssueGone:
                after.pop(0)


def _numbers(project: str, issues: Sequence[Issue], after: int) -> list[int]:
    """The numbers of the issues of a page.

    :param after: the number that they must be greater than. Else one and the same page could come for ever.
    :raises ProjectUnread: the page is not what was asked for, and nobody knows what else is missing.
    """
    numbers = [split_key(each.key)[1] for each in issues if each.key.startswith(f"{project}-")]
    if len(numbers) < len(issues) or any(one >= other for one, other in pairwise([after, *numbers])):
        raise ProjectUnread(
            "Jira sent issues that are not in the order of their keys", f"{AGAIN}, or count from a file"
        )
    return numbers


def _spaced(issues: Sequence[Issue]) -> list[str]:
    """Some keys of a page, the last one first."""
    distances = (2**power for power in range(_KEYS_KEPT))
    return [issues[-distance].key for distance in distances if distance <= len(issues)]
