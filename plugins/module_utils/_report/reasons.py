# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why jobs failed or have no status, for people: each reason once, with the pairs that share it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from .._errors import Code, Failure, sentence
from .._model.policy import Policy
from .._run.job import in_error, with_words
from .._run.state import InstanceState, State, UpdateState
from .._run.submission import CORRECT
from .._status import ERROR
from .._text import counted, names

#: How many reasons are in one message, and how many names with each. A message is one line of Ansible's output.
_MOST = 3


def most_of(reasons: Sequence[str]) -> list[str]:
    """The reasons that a message has room for, and how many it leaves out."""
    more = len(reasons) - _MOST
    return [*reasons[:_MOST], *([f"{counted(more, 'more reason')} not shown"] if more > 0 else [])]


def reasons_in(instances: Sequence[InstanceState]) -> list[str]:
    """The reasons of some instances: of jobs in ERROR, of other failures, and of statuses that are not available."""
    updates = [update for instance in instances for update in instance.updates]
    return [*_in_error(updates), *_shared(_failures(instances)), *_shared(_troubles(updates))]


def details_of(instance: InstanceState) -> list[str]:
    """What went wrong for one instance: a sentence for each pair, each sentence once."""
    failures = [failure_of(update, instance.spec.policy) for update in instance.updates]
    said = [failure.message for failure in failures if failure]
    said += [_status_unavailable(update, update.trouble) for update in instance.updates if update.trouble]
    return list(dict.fromkeys(said))


def failure_of(update: UpdateState, policy: Policy) -> Failure | None:
    """What went wrong for one update: in this run, or with its job at the service."""
    if update.failure or not update.job or update.state is not State.ERROR:
        return update.failure
    return in_error(update.label, update.job, policy)


def _in_error(updates: Sequence[UpdateState]) -> Iterator[str]:
    """The jobs in ERROR, with the service's own words."""
    alike: dict[tuple[str, str], list[str]] = {}
    for update in updates:
        if update.job and update.job.status == ERROR and update.state is State.ERROR:
            advice = update.failure.advice if update.failure and _is_only_in_error(update, update.failure) else ""
            alike.setdefault((update.job.said, advice), []).append(update.label)
    for (said, advice), labels in alike.items():
        yield sentence(with_words(f"{names(labels, _MOST)} ended in ERROR", said), advice)


def _failures(instances: Sequence[InstanceState]) -> Iterator[tuple[str, Failure]]:
    """The failures of updates, each with its label, without those of L(_in_error)."""
    for instance in instances:
        for update in instance.updates:
            failure = failure_of(update, instance.spec.policy)
            if failure and not _is_only_in_error(update, failure):
                yield update.label, replace(failure, advice=failure.advice or CORRECT)


def _is_only_in_error(update: UpdateState, failure: Failure) -> bool:
    """Whether a failure says no more than that the job ended in ERROR."""
    return failure.code is Code.JOB_ERROR and update.job is not None and update.job.status == ERROR


def _troubles(updates: Sequence[UpdateState]) -> Iterator[tuple[str, Failure]]:
    for update in updates:
        if trouble := update.trouble:
            yield update.label, replace(trouble, what=f"status unavailable: {trouble.what}")


def _shared(failures: Iterable[tuple[str, Failure]]) -> Iterator[str]:
    """A sentence for each reason, with what it is about."""
    shared: dict[tuple[str, str], dict[str, None]] = {}
    for label, failure in failures:
        about = shared.setdefault((failure.what, failure.advice), {})
        about[failure.about or label] = None
    for (what, advice), about in shared.items():
        yield sentence(what, advice, about=names(list(about), _MOST))


def _status_unavailable(update: UpdateState, trouble: Failure) -> str:
    since = f" since {update.last_known:%Y-%m-%d %H:%M}Z" if update.last_known else ""
    return sentence(f"status unavailable{since}: {trouble.what}", trouble.advice, about=update.label)
