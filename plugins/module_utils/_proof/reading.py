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

from collections.abc import Sequence
from functools import partial

from .._clock import Clock
from .._errors import AnswerTooLarge, Code, LinkUpdateError, NotAccepted, OutcomeUnknown
from .._model.projects import issue_key
from .._progress import duration
from .._service.data_center import DataCenter, Issue, IssuePage
from .._service.retry import RESTART_BACKOFF, Backoff, pause, within_limit
from .._text import counted
from .progress import CensusProgress
from .sorting import Sorter
from .store import Counting, Progress

#: How many issues are asked for at once. A hundred with many links can be two megabytes.
MOST_ISSUES = 200
#: After so many good pages in a row, pages get larger again.
_GOOD_PAGES = 10
#: How long to wait before a smaller page is asked for, in seconds.
_BEFORE_SMALLER = 1.0
#: So many keys are kept to go on after, where the last one is gone. The n-th is 2^n issues before it.
_KEYS_KEPT = 12
#: How often a project is read again from its beginning when the numbers do not match.
_MOST_RESTARTS = 1
#: What is answered by somebody else while Jira is away; None is no answer.
_OUTAGE = frozenset({None, 502, 503, 504})
_AGAIN = "run again: it goes on with this project"


class Unread(Exception):
    """A project that cannot be read to its end, while others can.

    :param problem: what happened.
    :param remedy: what to do.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


class ProjectReader:
    """Reads the issues of the projects of one source, one project after the other.

    :param fields: the fields of issues to ask for.
    """

    def __init__(
        self,
        center: DataCenter,
        counting: Counting,
        sorter: Sorter,
        shown: CensusProgress,
        clock: Clock,
        fields: Sequence[str] = ("issuelinks", "parent"),
    ) -> None:
        self._center = center
        self._counting = counting
        self._sorter = sorter
        self._shown = shown
        self._say = shown.say
        self._clock = clock
        self._fields = fields
        self._size = MOST_ISSUES
        self._good_pages = 0
        #: Whether Jira has known the account before.
        self._is_known = False

    def count(self, key: str) -> int:
        """How many issues a project has, as the account sees it.

        :raises Unread: it is not visible.
        :raises LinkUpdateError: the source cannot be asked.
        """
        try:
            return self._asked(_jql(key), 0).total
        except LinkUpdateError as exc:
            if exc.failure.http_status == 400:
                raise Unread(
                    f"the project is not visible to this account, or does not exist: {exc.failure.what}",
                    "give the account Browse projects there, or correct link_update_projects",
                ) from None
            raise

    def read(self, progress: Progress) -> None:
        """Read a project from where it was left to its end.

        :raises Unread: that is not possible.
        :raises LinkUpdateError: nothing of the source can be read.
        """
        key, restarts = progress.project.key, 0
        while True:
            self._read_on(progress)
            total = self.count(key)
            if progress.issues == total:
                return
            before = progress.issues
            self._read_on(progress)
            if progress.issues == (total := self.count(key)):
                return
            if progress.issues != before:
                continue
            if restarts == _MOST_RESTARTS:
                raise Unread(
                    f"{progress.issues:,} issues were read, but Jira says that the project has {total:,}",
                    f"{_AGAIN}, best when nobody creates, moves or deletes issues; if it stays so, have the project "
                    "indexed again",
                )
            restarts += 1
            self._say(f"{key}  read {progress.issues:,} of {total:,} issues; reading the project once more")
            self._counting.restart(progress)

    def _read_on(self, progress: Progress) -> None:
        """Read to the end of a project."""
        after = list(progress.last_read)
        while page := self._page_after(progress, after):
            known = _number(progress.last_read[0]) if progress.last_read else 0
            self._check(progress.project.key, page.issues)
            # After a fallback to an earlier key, the page begins with issues that were read before.
            fresh = [each for each in page.issues if _number(each.key) > known]
            after = [*_spaced(page.issues), *progress.last_read][:_KEYS_KEPT]
            if fresh:
                total = progress.issues + page.total - (len(page.issues) - len(fresh))
                self._counting.add(progress, self._sorter.page(progress.project.key, fresh, tuple(after), total))
                self._shown.page(progress, len(fresh))

    def _page_after(self, progress: Progress, after: list[str]) -> IssuePage | None:
        """The next page; None at the end of the project.

        :param after: the keys to go on after, the best first. Those that are gone are removed.
        """
        key = progress.project.key
        while True:
            try:
                page = self._asked(_jql(key, after[0] if after else None), self._size)
            except LinkUpdateError as exc:
                if exc.failure.http_status != 400:
                    raise
                if not after:
                    self.count(key)
                    raise Unread(exc.failure.what, _AGAIN) from None
                # The issue was deleted or moved since it was read.
                after.pop(0)
                continue
            return page if page.issues else None

    def _asked(self, jql: str, size: int) -> IssuePage:
        """One page, asked for again as long as that may help, and with fewer issues where it was too much.

        :raises Unread: Jira does not answer this question, however small it is.
        :raises LinkUpdateError: it does not answer at all.
        """
        attempts = _Attempts()
        while True:
            try:
                page = within_limit(
                    partial(self._searched, jql, min(size, self._size)), clock=self._clock, say=self._say
                )
            except (NotAccepted, OutcomeUnknown) as exc:
                failure: LinkUpdateError = exc
            except LinkUpdateError as exc:
                # A node that has just started may not know its tokens yet.
                if exc.code is not Code.UNAUTHORIZED or not self._is_known:
                    raise
                failure = exc
            else:
                self._note_good()
                return page
            seconds = attempts.pause_after(failure, is_smallest=self._size == 1)
            if isinstance(failure, OutcomeUnknown):
                # A page that is too large, or takes too long to make.
                self._size, self._good_pages = max(self._size // 2, 1), 0
            self._say(f"{failure.failure.what}; trying again in {duration(seconds)}")
            pause(seconds, clock=self._clock, say=self._say)

    def _searched(self, jql: str, size: int) -> IssuePage:
        page = self._center.search(jql, size, self._fields)
        if size and page.total and not page.issues:
            what = f"a page without issues, although there are {counted(page.total, 'issue')}"
            raise OutcomeUnknown(what, http_status=200)
        return page

    def _note_good(self) -> None:
        self._is_known = True
        self._good_pages += 1
        if self._good_pages >= _GOOD_PAGES and self._size < MOST_ISSUES:
            self._size, self._good_pages = min(2 * self._size, MOST_ISSUES), 0

    @staticmethod
    def _check(project: str, issues: Sequence[Issue]) -> None:
        """:raises Unread: the page is not what was asked for, and nobody knows what else is missing."""
        numbers = [_number(each.key) for each in issues if (issue_key(each.key) or ("",))[0] == project]
        if len(numbers) < len(issues) or numbers != sorted(set(numbers)):
            raise Unread("Jira sent issues that are not in the order of their keys", f"{_AGAIN}, or count from a file")


class _Attempts:
    """How long to wait before one page is asked for again, and when to stop."""

    def __init__(self) -> None:
        self._outage, self._few = Backoff(RESTART_BACKOFF), Backoff()

    def pause_after(self, failure: LinkUpdateError, *, is_smallest: bool) -> float:
        """Seconds to wait.

        :param is_smallest: whether the page had one issue.
        :raises Unread, LinkUpdateError: it was tried often enough.
        """
        is_this_page = isinstance(failure, AnswerTooLarge) or (
            isinstance(failure, OutcomeUnknown) and failure.failure.http_status not in _OUTAGE
        )
        if is_this_page and not is_smallest:
            return _BEFORE_SMALLER
        # Where Jira answers, and only not this question, the next project is worth more than a long wait.
        is_quick = is_this_page or failure.code is Code.UNAUTHORIZED
        seconds = (self._few if is_quick else self._outage).after(failure)
        if seconds is not None:
            return seconds
        if is_this_page:
            raise Unread(failure.failure.what, f"look into the log of Jira, then {_AGAIN}")
        raise failure


def _jql(project: str, after: str | None = None) -> str:
    """What finds the issues of a project in the order of their keys."""
    beyond = f' AND key > "{after}"' if after else ""
    return f'project = "{project}"{beyond} ORDER BY key ASC'


def _number(key: str) -> int:
    return (issue_key(key) or ("", 0))[1]


def _spaced(issues: Sequence[Issue]) -> list[str]:
    """Some keys of a page, the last one first, further and further apart."""
    keys = [each.key for each in issues]
    return [keys[-distance] for distance in (2**power for power in range(_KEYS_KEPT)) if distance <= len(keys)]
