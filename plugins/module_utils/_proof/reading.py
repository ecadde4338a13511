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
from functools import partial
from itertools import pairwise

from .._service.data_center import Issue, IssuePage
from .._threads import Threads
from .counting import Counting
from .progress import Progress
from .progress_lines import ProgressLines
from .searching import AGAIN, IssueGoneError, Searcher, Unread
from .sorting import Sorter

#: How many keys are kept to go on after, where the last one is gone: further and further apart.
_KEYS_KEPT = 12
#: For how many seconds a page is waited for before that is done again. No page takes longer.
_A_WHILE = 3600.0
#: How often a project is read again from its beginning when the numbers do not match.
_MOST_RESTARTS = 1


class ProjectReader:
    """Reads the issues of the projects of one source, one project after the other.

    :param ahead: ask for a page while the one before it is written, if they may be two.
    """

    def __init__(
        self, searcher: Searcher, counting: Counting, sorter: Sorter, lines: ProgressLines, ahead: Threads
    ) -> None:
        self._ahead = ahead
        self._searcher = searcher
        self._counting = counting
        self._sorter = sorter
        self._lines = lines

    def read(self, progress: Progress) -> None:
        """Read a project from where it was left to its end.

        :raises Unread: that is not possible.
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
                raise Unread(
                    f"{progress.issues:,} issues were read, but Jira says that the project has {total:,}",
                    "run again when nobody creates, moves or deletes issues in it. If it stays so, have the project "
                    "indexed again in Jira",
                )
            restarts += 1
            self._lines.say(f"{key}  {progress.issues:,} issues read, but Jira has {total:,}; reading it once more")
            self._counting.restart(progress)

    def read_again(self, progress: Progress, key: str) -> None:
        """Read one issue of a project once more, as its links have changed since it was read.

        :raises Unread, LinkUpdateError: see L(read).
        """
        if issue := self._searcher.issue(key):
            self._counting.correct(progress, key, self._sorter.expected(progress.project.key, issue))

    def _read_on(self, progress: Progress) -> None:
        """Read to the end of a project. The next page is asked for while one is written."""
        project, after = progress.project.key, list(progress.last_read)
        known = _number(after[0]) if after else 0
        with self._ahead.tasks() as tasks:
            page = self._page_after(project, after)
            while page.issues:
                numbers = _numbers(project, page.issues)
                after = [*_spaced(page.issues), *after][:_KEYS_KEPT]
                following: list[IssuePage] = []
                try:
                    tasks.start(partial(self._page_after, project, list(after)), following.append)
                finally:
                    # After a step back to an earlier key, a page begins with issues that were read before.
                    self._write(progress, page, bisect_right(numbers, known), tuple(after))
                while not following:
                    tasks.wait(_A_WHILE)
                (page,), known = following, max(known, numbers[-1])

    def _write(self, progress: Progress, page: IssuePage, read: int, last_read: tuple[str, ...]) -> None:
        """Write a page, less the first issues of it that were read before."""
        if fresh := page.issues[read:]:
            total = progress.issues + page.total - read
            self._counting.add(progress, self._sorter.page(progress.project.key, fresh, last_read, total))
            self._lines.page(progress, len(fresh))

    def _page_after(self, project: str, after: list[str]) -> IssuePage:
        """The next page; without issues at the end of the project.

        :param after: the keys to go on after, the best first. Those that are gone are removed.
        """
        while True:
            try:
                return self._searcher.page(project, after[0] if after else None)
            except IssueGoneError:
                after.pop(0)


def _numbers(project: str, issues: Sequence[Issue]) -> list[int]:
    """The numbers of the issues of a page.

    :raises Unread: the page is not what was asked for, and nobody knows what else is missing.
    """
    numbers = [_number(each.key) for each in issues if each.key.startswith(f"{project}-")]
    if len(numbers) < len(issues) or any(one >= other for one, other in pairwise(numbers)):
        raise Unread("Jira sent issues that are not in the order of their keys", f"{AGAIN}, or count from a file")
    return numbers


def _number(key: str) -> int:
    return int(key.rpartition("-")[2])


def _spaced(issues: Sequence[Issue]) -> list[str]:
    """Some keys of a page, the last one first."""
    distances = (2**power for power in range(_KEYS_KEPT))
    return [issues[-distance].key for distance in distances if distance <= len(issues)]
