# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What needs attention, on the page of the report: one card for each site with problems, and what to do about them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .._run.backup import WITHOUT_BACKUP
from .._text import names
from .elements import tag, with_labels
from .looks import FAILED, HELD, WAITING, Look, is_problem, look_of, problem_of
from .results import Report, ReportedInstance, ReportedUpdate

#: So many different problems of one site are told.
_MOST_TOLD = 5

_HELD_ADVICE = f"Run the same command again: it schedules them when the backup is done. {WITHOUT_BACKUP}"
#: The updates with the same problem.
_Groups = dict[tuple[Look, str], list[ReportedUpdate]]


def attention_of(report: Report) -> Iterator[Element]:
    """The section of the page; nothing where all is well."""
    sites: dict[str, list[ReportedUpdate]] = {}
    for update in report["updates"]:
        sites.setdefault(update["instance"], []).append(update)
    cards = [
        (sum(map(is_problem, updates)), card)
        for each in report["instances"]
        if (updates := sites.get(each["name"], [])) and (card := _card(each, updates)) is not None
    ]
    if cards:
        yield tag("h2", "What needs attention")
        yield tag("div", *(card for _count, card in sorted(cards, key=lambda each: -each[0])), id="attention")


def _card(instance: ReportedInstance, updates: Sequence[ReportedUpdate]) -> Element | None:
    groups: _Groups = {}
    for update in filter(is_problem, updates):
        groups.setdefault((look_of(update), problem_of(update)), []).append(update)
    lines = [_line(look, why, some, len(updates)) for (look, why), some in groups.items()]
    lines += (tag("li", *with_labels(text)) for text in _other_details(instance, updates))
    if not lines:
        return None
    if more := len(lines[_MOST_TOLD:]):
        lines[_MOST_TOLD:] = [tag("li", f"{more} more, see the table of all jobs", class_="faint")]
    kind = next((look for look in (FAILED, HELD) if any(look is each for each, _why in groups)), WAITING)
    title = tag("strong", f"{kind.shape} {instance['name']}")
    return tag("div", title, tag("ul", *lines), class_=f"card {kind.key}")


def _line(look: Look, why: str, updates: Sequence[ReportedUpdate], total: int) -> Element:
    who = f" (to {names([_destination(each) for each in updates])})"
    count = f"all {total} jobs" if len(updates) == total > 1 else f"{len(updates)} of {total} jobs{who}"
    text = f"{count} {'overdue' if look is WAITING else look.word}: {why}"
    return tag("li", *with_labels(f"{text}. {_HELD_ADVICE}" if look is HELD else text))


def _destination(update: ReportedUpdate) -> str:
    return update["destination"] + (f" from {update['origin']}" if update["origin"] else "")


def _other_details(instance: ReportedInstance, updates: Sequence[ReportedUpdate]) -> list[str]:
    """What went wrong and is no failure of an update: the status of a job is not known, for example."""
    told = {update["failure"]["message"] for update in updates if update["failure"]}
    return [text for text in instance["details"] if text not in told]
