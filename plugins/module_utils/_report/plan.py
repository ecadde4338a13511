# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is about to do, for people to read before it does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from .._model.links import NOT_COUNTED, WITH_LINKS, CountedLinks
from .._progress import roughly
from .._run.estimate import Estimate, Open
from .._run.state import Action, InstanceState, State, UpdateState
from .._text import counted, names, wrapped
from .._urls import short_url
from .app_links import checklist_of
from .app_links import text_of as app_links_text
from .backups import backups_of
from .deadlines import recreating_of, time_left
from .numbers import COMPLETE_AS_SEEN, sum_of
from .plan_matrix import links_of, matrix_of
from .results import Plan
from .verdict import left_out_by_only

#: What the line that counts calls each action.
_COUNTED = {
    Action.SCHEDULE: "to schedule",
    Action.RETRY: "to retry",
    Action.AGAIN: "to schedule again",
    Action.ANEW: "forced",
    Action.ATTACH: "to wait for",
    Action.DONE: "done",
    Action.REFUSED: "refused",
}

#: Why an update is a regular one where the user wants all to be.
_NOT_WANTED = "link_update_recreate_as_remote is false"
#: So many of the jobs that share a reason are named.
_MOST_NAMED = 3


def plan_of(
    instances: Sequence[InstanceState],
    federation: Sequence[str],
    now: datetime,
    unselected: int = 0,
    estimate: Estimate | None = None,
    links: CountedLinks = NOT_COUNTED,
) -> Plan:
    """The plan, as data: the action of each update, how many there are of each, and how many would be scheduled.

    :param federation: the names of all instances, in the order in which they are shown.
    :param unselected: how many pairs link_update_only leaves out.
    :param estimate: by the jobs of earlier runs.
    :param links: those that were counted.
    """
    updates = _updates(instances)
    scheduled = [update for update in updates if update.changed]
    # Only these need application links that were authorized by hand.
    recreating = recreating_of(updates)
    counts = Counter(update.action for update in updates)
    return {
        "actions": {update.label: update.action.value for update in updates},
        "counts": {action.value: counts[action] for action in Action},
        "scheduled": len(scheduled),
        "recreating": [update.label for update in recreating],
        "app_links": app_links_text(checklist_of((update.instance, update.desired) for update in recreating)),
        "links": {update.label: links.pairs[update.label] for update in updates if update.label in links.pairs},
        "text": text_of(instances, federation, now, unselected, estimate, links),
    }


def text_of(
    instances: Sequence[InstanceState],
    federation: Sequence[str],
    now: datetime,
    unselected: int = 0,
    estimate: Estimate | None = None,
    links: CountedLinks = NOT_COUNTED,
) -> list[str]:
    """The plan, as lines: the numbers, the matrix, links, backups, what is recreated, the times, what is refused."""
    only = f"; {left_out_by_only(unselected)}" if unselected else ""
    if not instances:
        return [f"Plan: no jobs{only}"]
    waves = sorted({instance.spec.manner.wave for instance in instances})
    notes = [
        *_links(instances, links),
        *backups_of(instances, now),
        *_manners(instances),
        *time_left(instances, now),
        *(_how_long(instances, estimate) if estimate else ()),
        *_refusals(instances),
    ]
    return [
        f"Plan for wave {', '.join(waves)}: {_counts(instances)}{only}",
        *matrix_of(instances, federation, links.pairs),
        *(line for note in notes for line in wrapped(note, others="  ")),
    ]


def _updates(instances: Sequence[InstanceState]) -> list[UpdateState]:
    return [update for instance in instances for update in instance.updates]


def _counts(instances: Sequence[InstanceState]) -> str:
    updates = _updates(instances)
    counts = Counter(update.action for update in updates)
    each = ", ".join(f"{counts[action]} {_COUNTED[action]}" for action in Action if counts[action])
    return f"{counted(len(updates), 'job')} ({each})"


def _links(instances: Sequence[InstanceState], links: CountedLinks) -> Iterator[str]:
    """How many links the jobs are for, when they were counted, and which pairs have none."""
    updates = _updates(instances)
    if links.counts and updates:
        since = min(each.begun_at for each in links.counts)
        complete = "exact" if all(each.is_exact for each in links.counts) else COMPLETE_AS_SEEN
        yield f"Remote links: {sum_of(links_of(updates, links.pairs))}, counted {since:%Y-%m-%d %H:%M}Z, {complete}"
        if none := [update.label for update in updates if links.pairs.get(update.label) == 0]:
            yield (
                f"No links: {counted(len(none), 'pair')} ({names(none, _MOST_NAMED)}). Their jobs still update links "
                f"in texts, which are not counted. To leave these pairs out: -e link_update_only={WITH_LINKS}"
            )
        if unknown := [update.label for update in updates if update.label not in links.pairs]:
            yield f"Not counted (?): {counted(len(unknown), 'pair')} ({names(unknown, _MOST_NAMED)})"
    yield from (f"{short_url(each.source)}: {each.problem}. {each.remedy}" for each in links.gaps)


def _manners(instances: Sequence[InstanceState]) -> Iterator[str]:
    """Which jobs recreate links, and which are regular updates, and why."""
    updates = _updates(instances)
    regular: dict[str, list[str]] = {}
    for update in updates:
        if not update.desired.update.recreate_as_remote:
            regular.setdefault(update.desired.regular or _NOT_WANTED, []).append(update.label)
    recreating = len(updates) - sum(map(len, regular.values()))
    yield f"Jobs that recreate links: {recreating} of {len(updates)}"
    if regular:
        reasons = (
            f"{len(labels)} because {reason} ({names(labels, _MOST_NAMED)})" for reason, labels in regular.items()
        )
        yield f"Regular updates: {', '.join(reasons)}"


def _how_long(instances: Sequence[InstanceState], estimate: Estimate) -> Iterator[str]:
    """How long it will take, if anything is known of that."""
    sites: dict[str, Open] = {}
    for update in _updates(instances):
        if update.changed or update.state is State.OPEN:
            sites.setdefault(str(update.desired.update.site_id), Open()).waiting += 1
    seconds = estimate.seconds_left(sites) if sites else None
    if seconds is not None:
        jobs = counted(estimate.jobs, "earlier job")
        yield f"Estimate: {roughly(seconds)} plus backups and jobs of others (from {jobs} in the ledger)"


def _refusals(instances: Sequence[InstanceState]) -> Iterator[str]:
    """Why updates are refused, each reason once."""
    refused: dict[str, list[str]] = {}
    for update in _updates(instances):
        if update.action is Action.REFUSED:
            reason = replace(update.failure, about="").message if update.failure else update.held
            refused.setdefault(str(reason), []).append(update.label)
    for reason, labels in refused.items():
        who = f"{len(labels)} jobs ({names(labels, _MOST_NAMED)})" if len(labels) > 1 else labels[0]
        yield f"Refused: {who}: {reason}"
