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
from .reasons import failure_of
from .results import RunResult

#: The most characters of a text: it is read on a phone.
_LONGEST = 500
#: So many reasons are told. A run may have one for each of thousands of jobs.
_MOST_REASONS = 3

Event = Literal["job_error", "failed", "ended"]
#: What has failed, and what to do about it; empty where nothing is known to help.
Reason = tuple[str, str]


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
    ok = not result.get("failed") and "verdict" in result and result["verdict"]["ok"]
    if ok:
        said = ["done" if numbers["complete"] == numbers["total"] else "ended", _standing(numbers), *_rest(numbers)]
    else:
        said = ["FAILED", *_standing_of(result, numbers), *_first(_reasons(result, instances))]
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


def _standing_of(result: RunResult, numbers: Numbers) -> Iterator[str]:
    """How the jobs of a run stand that has failed, as far as anybody knows."""
    if numbers["total"]:
        yield _standing(numbers)
    elif "failure" in result:
        yield "Nothing was scheduled"


def _rest(numbers: Numbers) -> Iterator[str]:
    if numbers["complete"] < numbers["total"]:
        yield "Run the same command again for the rest"


def _first(reasons: Sequence[Reason]) -> list[str]:
    """The first reasons, each once, how many there are more, and what to do about the first that it is known of."""
    each_once = list(dict(reasons))
    more = len(each_once) - _MOST_REASONS
    advice = next((advice for _what, advice in reasons if advice), "")
    return [
        *each_once[:_MOST_REASONS],
        *([counted(more, "more problem")] if more > 0 else []),
        *([f"{advice[:1].upper()}{advice[1:]}"] if advice else []),
    ]


def _reasons(result: RunResult, instances: Sequence[InstanceState]) -> list[Reason]:
    """Why a run has failed, the worst first."""
    reasons = [*_refusals(result), *_failures(instances)]
    # All that fails has a reason of its own, but for a wait that took too long.
    return reasons or [
        ("link_update_wait_timeout has passed", "the jobs go on at Atlassian: run again to wait for them")
    ]


def _refusals(result: RunResult) -> Iterator[Reason]:
    """What ended the run before its time. The messages for a screen point to tables that are not here."""
    if problems := result.get("problems"):
        yield from ((sentence(each["problem"], about=each["instance"]), each["remedy"]) for each in problems)
    elif "failure" in result and result["failure"]["code"] == Code.APP_LINKS:
        count = len(result["plan"]["recreating"])
        yield (
            f"Authorize the application links of {count} pair{'' if count == 1 else 's'} by hand first",
            "then run again with -e link_update_app_links_authorized=true",
        )
    elif "msg" in result:
        yield result["msg"], ""


def _failures(instances: Sequence[InstanceState]) -> Iterator[Reason]:
    """What the updates have failed with."""
    for instance in instances:
        for update in instance.updates:
            if failure := failure_of(update, instance.spec.policy):
                ended = update.state is State.ERROR
                yield _how_it_ended(update) if ended else sentence(failure.what, about=failure.about), failure.advice
        if stuck := sum(update.stuck for update in instance.updates):
            yield f"{instance.name}: {stuck} not scheduled, as the backup was not made", ""


def _how_it_ended(update: UpdateState) -> str:
    return with_words(f"{update.label} ended in {_status_of(update)}", update.job.said if update.job else "")


def _status_of(update: UpdateState) -> str | None:
    return update.job.status if update.job else None
