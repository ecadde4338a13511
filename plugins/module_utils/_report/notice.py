# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a notification of a run says: a text that needs nothing else beside it, and the numbers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, TypedDict

from .._errors import Code, sentence
from .._run.job import with_words
from .._run.state import InstanceState, State, UpdateState
from .._status import PENDING
from .._text import counted, harmless
from .reasons import most_of
from .results import RunResult

#: The most characters of a text: it is read on a phone.
_LONGEST = 500

Event = Literal["job_error", "failed", "ended"]


class Numbers(TypedDict):
    """How many jobs a run has in each state. A refused run has none."""

    complete: int
    failed: int
    running: int
    waiting: int
    on_hold: int
    total: int


class Notice(Numbers):
    """The document that is sent. C(text) comes first, for who reads it as it is."""

    text: str
    event: Event
    ok: bool
    wave: str
    report: str | None


def job_error_notice(wave: str, failed: UpdateState, instances: Sequence[InstanceState]) -> Notice:
    """A job has ended without success, and the run goes on."""
    numbers = _numbers(instances)
    said = [_how_it_ended(failed), f"{_standing(numbers)}; the run goes on"]
    return _notice("job_error", wave, said, numbers)


def end_notice(wave: str, result: RunResult, instances: Sequence[InstanceState]) -> Notice:
    """A run has ended, or was refused.

    :param instances: of the run; none where it was refused.
    """
    numbers = _numbers(instances)
    verdict = result.get("verdict")
    ok = verdict is not None and verdict["ok"] and not result.get("failed")
    how = "FAILED" if not ok else "done" if numbers["complete"] == numbers["total"] else "ended"
    said = [how, *most_of(list(dict.fromkeys(_refusals(result)))), *([verdict["message"]] if verdict else [])]
    return _notice("ended" if ok else "failed", wave, said, numbers, result.get("files"))


def _notice(
    event: Event, wave: str, said: Iterable[str], numbers: Numbers, files: Mapping[str, str] | None = None
) -> Notice:
    # A text of the service may have its own full stop.
    text = f"Link update, wave {wave}: " + " ".join(f"{each.removesuffix('.')}." for each in said)
    return {
        "text": harmless(text, _LONGEST),
        "event": event,
        "ok": event == "ended",
        "wave": wave,
        **numbers,
        "report": (files or {}).get("html"),
    }


def _numbers(instances: Sequence[InstanceState]) -> Numbers:
    updates = [update for each in instances for update in each.updates]
    states = [update.state for update in updates]
    waiting = sum(update.state is State.OPEN and _status_of(update) == PENDING for update in updates)
    return {
        "complete": states.count(State.COMPLETE),
        "failed": states.count(State.ERROR) + states.count(State.FAILED),
        "running": states.count(State.OPEN) - waiting,
        "waiting": waiting,
        "on_hold": states.count(State.HELD),
        "total": len(updates),
    }


def _standing(numbers: Numbers) -> str:
    """The numbers as words: C(11 of 12 jobs complete, 1 failed)."""
    counts = {
        "failed": numbers["failed"],
        "running": numbers["running"],
        "waiting": numbers["waiting"],
        "on hold": numbers["on_hold"],
    }
    counts["not scheduled"] = numbers["total"] - numbers["complete"] - sum(counts.values())
    others = [f"{count} {name}" for name, count in counts.items() if count]
    return ", ".join([f"{numbers['complete']} of {numbers['total']} jobs complete", *others])


def _refusals(result: RunResult) -> Iterator[str]:
    """What ended the run before its time. The messages for a screen point to tables that are not here."""
    if "failure" in result and "verdict" not in result:
        yield "Nothing was scheduled"
    if problems := result.get("problems"):
        yield from (sentence(each["problem"], each["remedy"], about=each["instance"]) for each in problems)
    elif "failure" in result and result["failure"]["code"] == Code.APP_LINKS:
        count = counted(len(result["plan"]["recreating"]), "pair")
        yield (
            f"Authorize the application links of {count} by hand first. "
            "Then run again with -e link_update_app_links_authorized=true"
        )
    elif "msg" in result:
        yield result["msg"]


def _how_it_ended(update: UpdateState) -> str:
    return with_words(f"{update.label} ended in {_status_of(update)}", update.job.said if update.job else "")


def _status_of(update: UpdateState) -> str | None:
    return update.job.status if update.job else None
