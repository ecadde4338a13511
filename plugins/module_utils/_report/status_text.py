# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A status as text: counts, the matrix, what needs attention, what is under way, and what to do next."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from .._progress import duration
from .._run.state import State
from .._status import ERROR
from .._text import listed, wrapped
from .status import COMPLETE, Status
from .status_matrix import matrix_of, rank
from .status_pairs import pairs_of

#: What is counted under another word.
_COUNTED = {"backup": "in backup"}

_RUN = "jira_cloud.federation.link_update"


def text_of(status: Status, ledger: str, now: datetime, *, exists: bool) -> list[str]:
    """The status, as lines that fit, unless a name is too long for that.

    :param ledger: what messages call it.
    :param exists: whether there may be a ledger.
    """
    last = status.activity.last_change
    if last is None:
        what = f"The ledger {ledger} has no job of these instances" if exists else f"No ledger at {ledger}"
        return [*wrapped(f"{what}: nothing was scheduled from here"), *wrapped(_next(status))]
    return [
        *wrapped(f"{_counts(status)}; wave {status.wave}; ledger {ledger}"),
        *wrapped(_as_of(last, now)),
        "",
        *matrix_of(status.pairs, status.names),
        "",
        *pairs_of(status.pairs),
        *wrapped(_next(status)),
    ]


def _counts(status: Status) -> str:
    """C(2 of 12 jobs complete, 1 failed, 4 running, 5 on hold)."""
    pairs = sorted(status.pairs, key=rank)
    words = Counter("failed" if each.update.state is State.ERROR else each.word for each in pairs)
    complete = words.pop(COMPLETE, 0)
    return ", ".join(
        [f"{complete} of {len(pairs)} jobs complete", *(f"{words[word]} {_COUNTED.get(word, word)}" for word in words)]
    )


def _as_of(last: datetime, now: datetime) -> str:
    ago = duration((now - last).total_seconds())
    # As the clock time before each line is: that of this machine.
    here = last.astimezone()
    day = "" if here.date() == now.astimezone().date() else f"{here:%Y-%m-%d} "
    return f"As of {day}{here:%H:%M:%S} ({ago} ago), the last change in the ledger"


def _next(status: Status) -> str:
    """What to do next."""
    if all(each.word == COMPLETE for each in status.pairs):
        return "Next: nothing is left to do"
    if status.is_run_at_work:
        return "Next: a run is at work. Wait for its end, or look again in a while"
    if status.activity.last_change is None:
        return f"Next: run {_RUN}{_what_it_does(status)}"
    return (
        f"Next: run {_RUN} again{_what_it_does(status)}. "
        "The ledger does not say whether a run is active. If one is, this is safe: no job is scheduled twice"
    )


def _what_it_does(status: Status) -> str:
    """What a run would do, as far as the ledger tells: C(. It retries 1, waits for 4 and schedules 5 jobs)."""
    states = Counter(each.update.state for each in status.pairs)
    parts = {
        "retries": sum(each.update.state is State.ERROR and each.status == ERROR for each in status.pairs),
        "waits for": states[State.OPEN],
        "schedules": states[State.HELD] + states[State.ABSENT] - sum(each.is_late for each in status.pairs),
    }
    does = {verb: count for verb, count in parts.items() if count}
    if not does:
        return ""
    *_others, last = does.values()
    return f". It {listed([f'{verb} {count}' for verb, count in does.items()])} {'job' if last == 1 else 'jobs'}"
