# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking a Data Center instance for issues until it answers: for fewer at once, or later."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from .._clock import Clock
from .._errors import AnswerTooLarge, Code, LinkUpdateError, NotAccepted, OutcomeUnknown
from .._naming import Naming
from .._progress import duration
from .._service.data_center import DataCenter, Issue, IssuePage
from .._service.retry import RESTART_BACKOFF, Backoff, pause, within_limit
from .._text import counted

#: How many issues are asked for at once. A hundred with many links can be two megabytes.
MOST_ISSUES = 200
#: After so many good pages in a row, pages get larger again.
_GOOD_PAGES = 10
#: How long to wait before a smaller page is asked for, in seconds.
_BEFORE_SMALLER = 1.0
#: What is answered by somebody else while Jira is away; None is no answer.
_OUTAGE = frozenset({None, 502, 503, 504})
#: What to do about a project that could not be read.
AGAIN = "run again: it goes on with this project"


class ProjectUnread(Exception):
    """A project cannot be read to its end, while others can.

    :param problem: what happened.
    :param remedy: what to do.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


class IssueGone(Exception):
    """The issue that a page was to begin after was deleted or moved, as Jira answers."""


class Searcher:
    """Asks one instance. Used by one thread at a time.

    :param fields: the fields of issues to ask for.
    :param named: what messages call the options of a federation.
    :param say: gets a line for each pause.
    """

    def __init__(
        self, center: DataCenter, fields: Sequence[str], named: Naming, say: Callable[[str], None], clock: Clock
    ) -> None:
        self._center = center
        self._fields = fields
        self._named = named
        self._say = say
        self._clock = clock
        self._size = MOST_ISSUES
        self._good_pages = 0
        #: Whether Jira has known the account before.
        self._is_known = False

    def count(self, project: str) -> int:
        """How many issues a project has, as the account sees it.

        :raises ProjectUnread: it is not visible.
        :raises LinkUpdateError: the instance does not answer.
        """
        try:
            return self._asked(_jql(project), 0).total
        except LinkUpdateError as exc:
            if exc.failure.http_status != 400:
                raise
            raise self._invisible(exc) from None

    def page(self, project: str, after: str | None) -> IssuePage:
        """The issues of a project after one of them, or from the first one on; none at the end of the project.

        :raises IssueGone: there is no such issue any more.
        :raises ProjectUnread: Jira cannot answer this, however small the page is.
        :raises LinkUpdateError: the instance does not answer.
        """
        try:
            return self._asked(_jql(project, after), self._size)
        except LinkUpdateError as exc:
            if exc.failure.http_status != 400:
                raise
            if after:
                raise IssueGone from None
            raise self._invisible(exc) from None

    def issue(self, key: str) -> Issue | None:
        """One issue; None where it is gone, or not visible.

        :raises ProjectUnread, LinkUpdateError: see L(page).
        """
        try:
            found = self._asked(f'key = "{key}"', 1).issues
        except LinkUpdateError as exc:
            if exc.failure.http_status != 400:
                raise
            return None
        return next((each for each in found if each.key == key), None)

    def _invisible(self, exc: LinkUpdateError) -> ProjectUnread:
        return ProjectUnread(
            f"the project is not visible to this account, or does not exist: {exc.failure.what}",
            f"give the account Browse projects there, or correct {self._named('projects')}; then run again",
        )

    def _asked(self, jql: str, size: int) -> IssuePage:
        attempts = _Attempts()
        while True:
            search = partial(self._searched, jql, min(size, self._size))
            try:
                page = within_limit(search, clock=self._clock, say=self._say)
            except (NotAccepted, OutcomeUnknown) as exc:
                failure: LinkUpdateError = exc
            except LinkUpdateError as exc:
                if exc.failure.http_status == 200 and exc.code is Code.REJECTED:
                    # Jira answers, but leaves out what was asked for.
                    raise ProjectUnread(exc.failure.what, exc.failure.advice) from None
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


class _Attempts:
    """How long to wait before one page is asked for again, and when to stop."""

    def __init__(self) -> None:
        self._outage, self._few = Backoff(RESTART_BACKOFF), Backoff()

    def pause_after(self, failure: LinkUpdateError, *, is_smallest: bool) -> float:
        """Seconds to wait.

        :param is_smallest: whether the page had one issue.
        :raises ProjectUnread, LinkUpdateError: it was tried often enough.
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
            raise ProjectUnread(failure.failure.what, f"look into the log of Jira, then {AGAIN}")
        raise failure


def _jql(project: str, after: str | None = None) -> str:
    """What finds the issues of a project in the order of their numbers."""
    beyond = f' AND key > "{after}"' if after else ""
    return f'project = "{project}"{beyond} ORDER BY key ASC'
