# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The progress of a task on another host, kept there so that the controller can read it meanwhile.

A journal is a folder that the controller makes on that host, for one task. The worker writes its process id and its
progress there, one entry of JSON to a line; the controller leaves a mark whenever it reads them. Without the folder, or
when the mark gets old, the worker ends.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from .._clock import SystemClock, to_text
from .._progress import Level

#: Names the folder to the worker.
VARIABLE = "JIRA_FEDERATION_JOURNAL"
ENTRIES = "entries"
WORKER = "worker"
READ_MARK = "read"
#: For so many seconds a worker works on although nobody reads its journal. A connection may be away for a while; but
#: when the controller is gone for good, nobody would ever end a wait of a day.
UNREAD_LIMIT = 120.0


def as_entry(text: str, level: Level) -> dict[str, str]:
    """A line of progress, for a journal or a result. It may be read later, so it has its time."""
    return {"text": text, "tone": level.value, "at": to_text(SystemClock().now())}


class Journal:
    """The worker's side of a journal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._entries = (folder / ENTRIES).open("a", encoding="ascii")
        (folder / WORKER).write_text(f"{os.getpid()}\n", encoding="ascii")
        (folder / READ_MARK).touch()

    def write(self, entry: dict[str, str]) -> None:
        """Write an entry, which can be read at once.

        Where it cannot be written, as on a full disk, the work goes on: the result has the progress as well.
        """
        with suppress(OSError):
            self._entries.write(json.dumps(entry) + "\n")
            self._entries.flush()

    @property
    def unread_for(self) -> float:
        """Seconds since the controller read the journal; without end where the journal was removed."""
        try:
            return time.time() - (self._folder / READ_MARK).stat().st_mtime
        except FileNotFoundError:
            return math.inf

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._folder, ignore_errors=True)


class ControllerGone(SystemExit):
    """The worker ends: there is no controller any more."""


class RemoteClock(SystemClock):
    """The clock of a worker on another host, which ends when the controller has not read the journal for long.

    No claim is held at a checkpoint, so ending there loses nothing.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def checkpoint(self) -> None:
        super().checkpoint()
        if self._journal.unread_for > UNREAD_LIMIT:
            self._journal.remove()
            raise ControllerGone("Lost contact with the controller, stopping. Nothing is lost: run again to resume")


def entries_in(text: str) -> tuple[list[dict[str, Any]], int]:
    """The entries that are complete in a piece of a journal, and how many characters of it they take."""
    complete = text[: text.rfind("\n") + 1]
    return [json.loads(line) for line in complete.splitlines()], len(complete)
