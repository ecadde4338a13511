# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing the pages of a project: each at once, or several together where they come fast."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from .._clock import Clock
from .._service.data_center import Issue
from .._store.counting import Counting
from .._store.progress import Page, Progress
from .progress_lines import ProgressLines
from .sorting import Sorter

#: A page that comes so many seconds after the last write is written at once. Those that wait are lost in a kill.
_PAUSE = 0.5
#: No more issues than this wait to be written.
_MOST_ISSUES = 10_000


class PageWriter:
    """Writes what is read of one project. Use as a context manager: at its end, everything is written."""

    def __init__(
        self, progress: Progress, counting: Counting, sorter: Sorter, lines: ProgressLines, clock: Clock
    ) -> None:
        self._progress = progress
        self._counting = counting
        self._sorter = sorter
        self._lines = lines
        self._clock = clock
        #: What is not written yet.
        self._page: Page | None = None
        self._written_at = clock.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._write()

    def add(self, issues: Sequence[Issue], left: int, last_read: Sequence[str]) -> None:
        """Write a page, now or soon.

        :param left: how many issues there are after it.
        :param last_read: see L(Progress.last_read).
        """
        before = self._page.issues if self._page else 0
        total = self._progress.issues + before + len(issues) + left
        page = self._sorter.page(self._progress.project.key, issues, tuple(last_read), total)
        self._page = self._page.joined(page) if self._page else page
        if self._clock.monotonic() - self._written_at >= _PAUSE or self._page.issues >= _MOST_ISSUES:
            self._write()

    def _write(self) -> None:
        if page := self._page:
            self._page = None
            self._counting.add(self._progress, page)
            self._lines.page(self._progress, page.issues)
            self._written_at = self._clock.monotonic()
