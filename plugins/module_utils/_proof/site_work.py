# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issues of one site that a check still has to ask for."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace

from .._errors import Failure
from .._service.remote_links import MOST_KEYS
from .._store.checking import Checking
from .._store.checks import IssueWork

#: At least so many issues are taken at once: they are looked up with one request.
_LEAST = 10
#: After so many issues in a row without an answer, the site is left alone.
_GIVE_UP = 10


class SiteWork:
    """The issues of a site. Several threads take some of them each.

    :param needs: whether the links to a destination matter.
    :param workers: how many threads there are.
    """

    def __init__(
        self, name: str, product_url: str, checking: Checking, needs: Callable[[str, str], bool], workers: int
    ) -> None:
        self.name = name
        self.product_url = product_url
        self.total = checking.size(product_url)
        #: How many issues an earlier run has asked for, and how many are done with those of this one.
        self.before = self.done = checking.done(product_url)
        #: Why the site is not asked any more.
        self.failure: Failure | None = None
        #: Whether a link may be one that is missing, which only the form of others can tell.
        self.has_doubts = False
        #: Whether the links are read for the last time.
        self.is_final = False
        self._checking = checking
        self._needs = needs
        self._workers = workers
        self._lock = threading.Lock()
        self._after: tuple[int, int] | None = None
        self._unanswered = 0

    def take(self) -> list[IssueWork]:
        """Some issues for one thread; none where there are none left."""
        with self._lock:
            while not self.failure:
                # Few at the end, so that no thread has work for much longer than the others.
                share = math.ceil((self.total - self.done) / (2 * self._workers))
                works = self._checking.work(self.product_url, self._after, min(max(share, _LEAST), MOST_KEYS))
                if not works:
                    return []
                self._after = works[-1].place
                if needed := [*self._needed(works)]:
                    return needed
            return []

    def begin_again(self) -> None:
        """Take the issues that have doubts once more, for the last time."""
        self._after, self.is_final = None, True

    def answered(self) -> None:
        """An issue was asked for, and the site has said what there is."""
        with self._lock:
            self.done += not self.is_final
            self._unanswered = 0

    def unanswered(self, failure: Failure) -> None:
        """The site gives no answer for an issue."""
        with self._lock:
            self.done += not self.is_final
            self._unanswered += 1
            if self._unanswered >= _GIVE_UP:
                self._stop(failure)

    def stop(self, failure: Failure) -> None:
        """The site is not asked any more."""
        with self._lock:
            self._stop(failure)

    def _stop(self, failure: Failure) -> None:
        self.failure = self.failure or failure

    def _needed(self, works: list[IssueWork]) -> Iterator[IssueWork]:
        """The issues, less the links that make no difference."""
        for work in works:
            wanted = tuple(each for each in work.expectations if self._needs(self.product_url, each.destination_url))
            if wanted:
                yield replace(work, expectations=wanted)
            else:
                self.done += not self.is_final
