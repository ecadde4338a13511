# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the issues of a project from a file of links, as L(reading) does it from the REST API."""

from __future__ import annotations

from .._store.counting import Counting
from .._store.progress import Progress
from .file import LinkFile
from .progress_lines import ProgressLines
from .sorting import Sorter


class FileReader:
    """Reads the issues of the projects of one source. The file has only those that have links."""

    def __init__(self, file: LinkFile, counting: Counting, sorter: Sorter, lines: ProgressLines) -> None:
        self._file = file
        self._counting = counting
        self._sorter = sorter
        self._lines = lines

    def read(self, progress: Progress) -> None:
        """Read a project. It takes seconds, so one that was left in the middle is read again."""
        if progress.issues:
            self._counting.restart(progress)
        for issues in self._file.issues(progress.project.key):
            page = self._sorter.page(progress.project.key, issues, (issues[-1].key,), None)
            self._counting.add(progress, page)
            self._lines.page(progress, len(issues))

    def read_again(self, progress: Progress, key: str) -> None:
        """A file does not change."""
