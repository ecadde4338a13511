# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see of an update: a shape, a word, and a colour, the same everywhere on the page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from .._progress import WORDS
from .._run.state import State
from .._status import BACKUP, ERROR, IN_PROGRESS, PENDING, RETRY
from .._text import capitalized
from .results import ReportedUpdate


class Look(NamedTuple):
    """What one kind of update looks like."""

    #: Its colours, see palette.py, and its class in the style sheet.
    key: str
    shape: str
    word: str

    @property
    def text(self) -> str:
        return f"{self.shape} {self.word}"


FAILED = Look("failed", "\N{MULTIPLICATION X}", WORDS[ERROR])
HELD = Look("held", "\N{DOUBLE VERTICAL LINE}", "on hold")
ABSENT = Look("absent", "\N{EN DASH}", "not scheduled")
_SENDING = Look("waiting", "\N{RIGHTWARDS ARROW}", "being sent")
WAITING = Look("waiting", "\N{WHITE CIRCLE}", WORDS[PENDING])
RUNNING = Look("running", "\N{BLACK RIGHT-POINTING POINTER}", WORDS[IN_PROGRESS])
RETRYING = Look("retry", "\N{CLOCKWISE OPEN CIRCLE ARROW}", WORDS[RETRY])
IN_BACKUP = Look("backup", "\N{WHITE SQUARE CONTAINING BLACK SMALL SQUARE}", WORDS[BACKUP])
COMPLETE = Look("complete", "\N{CHECK MARK}", "complete")

_BY_STATE = {
    State.COMPLETE.value: COMPLETE,
    State.ERROR.value: FAILED,
    State.FAILED.value: FAILED,
    State.HELD.value: HELD,
    State.ABSENT.value: ABSENT,
}
_BY_STATUS = {None: _SENDING, PENDING: WAITING, BACKUP: IN_BACKUP, IN_PROGRESS: RUNNING, RETRY: RETRYING}
#: What needs a person comes first.
_SEVERITY = ("failed", "held", "absent", "other", "retry", "waiting", "backup", "running", "complete")


def look_of(update: ReportedUpdate) -> Look:
    """The look of an update."""
    return _BY_STATE.get(update["state"]) or look_of_status(update["status"])


def look_of_status(status: str | None) -> Look:
    """The look of a job that has not ended. A word that is not documented stays as it is."""
    return _BY_STATUS.get(status) or Look("other", "?", str(status))


def severity(look: Look) -> int:
    """Sorts the worst first."""
    return _SEVERITY.index(look.key)


def by_severity(looks: Iterable[Look]) -> list[Look]:
    """Each look once, the worst first."""
    return sorted(dict.fromkeys(looks), key=severity)


def is_problem(update: ReportedUpdate) -> bool:
    """Whether a person should look at it."""
    return look_of(update) in (FAILED, HELD) or bool(update["overdue"])


def problem_of(update: ReportedUpdate) -> str:
    """What is wrong with an update, less the names that stand beside it. Empty where nothing is."""
    if failure := update["failure"]:
        said = failure["message"].removeprefix(f"{update['label']}: ").removeprefix(f"{update['instance']}: ")
        return capitalized(said.replace(f"job {update['job_id']}", "the job"))
    return capitalized(update["held"] or update["overdue"] or "")
