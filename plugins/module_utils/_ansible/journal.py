# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task says while it works on another host, kept there so that it can be heard from the controller meanwhile.

A journal is a folder that the listener makes on that host, for one task. The worker leaves its process id there and
appends what it says, a line of JSON each; whoever reads it leaves a mark that somebody has listened. Taking the folder
away tells the worker to leave.
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

from .._clock import SystemClock
from .._progress import Level

#: Names the folder to the worker.
VARIABLE = "JIRA_FEDERATION_JOURNAL"
SAID = "said"
WORKER = "worker"
HEARD = "heard"
#: For so many seconds a worker works on without being heard. A connection may be away for a while; but when the
#: controller is gone for good, nobody would ever end a wait of a day.
SILENCE = 120.0


def as_entry(text: str, tone: Level) -> dict[str, str]:
    """What was said, for a journal or a result."""
    return {"text": text, "tone": tone.value}


class Journal:
    """The worker's side of a journal."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._said = (folder / SAID).open("a", encoding="ascii")
        (folder / WORKER).write_text(f"{os.getpid()}\n", encoding="ascii")
        (folder / HEARD).touch()

    def write(self, entry: dict[str, str]) -> None:
        """Say something: it can be heard at once.

        Where it cannot be written, as on a full disk, the work goes on: the result has what was said as well.
        """
        with suppress(OSError):
            self._said.write(json.dumps(entry) + "\n")
            self._said.flush()

    @property
    def silence(self) -> float:
        """Seconds since somebody listened; without end where the journal was taken away."""
        try:
            return time.time() - (self._folder / HEARD).stat().st_mtime
        except FileNotFoundError:
            return math.inf

    def remove(self) -> None:
        """Leave nothing behind."""
        shutil.rmtree(self._folder, ignore_errors=True)


class ControllerGone(SystemExit):
    """The worker leaves: there is nobody left to work for."""


class RemoteClock(SystemClock):
    """The clock of a worker far away, who leaves when nobody has listened for long.

    No claim is held while sleeping, so leaving then loses nothing.
    """

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        if self._journal.silence > SILENCE:
            self._journal.remove()
            raise ControllerGone(
                "nobody listens any more, so the work was left; what was scheduled is in the ledger, and a rerun "
                "takes it up"
            )


def entries_in(text: str) -> tuple[list[dict[str, Any]], int]:
    """The entries that are complete in a piece of a journal, and how many characters of it they take."""
    complete = text[: text.rfind("\n") + 1]
    return [json.loads(line) for line in complete.splitlines()], len(complete)
