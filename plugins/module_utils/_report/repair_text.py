# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a repair has made, for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .._model.pairs import label_of
from .._naming import Naming
from .._proof.repair_outcome import Fate, Outcome
from .._text import names, wrapped
from .numbers import number, number_of

#: So many links are named for each reason, and so many reasons.
_MOST_NAMED = 4
_MOST_REASONS = 10
_DONE = {Fate.CREATED: ("Created", "Would create"), Fate.UNDONE: ("Removed", "Would remove")}


def text_of(outcomes: Sequence[Outcome], total: int, named: Naming, *, undo: bool, check: bool) -> list[str]:
    """What became of the links, as lines: how many were created or removed, of which pairs, and why others were not.

    :param total: how many links there are. Of some there is no outcome where it was stopped.
    :param named: what messages call the options of a repair.
    """
    wanted = Fate.UNDONE if undo else Fate.CREATED
    done = [each for each in outcomes if each.fate is wanted]
    if not total:
        nothing = f"{named('findings')} has no missing link: nothing to create"
        return ["No link of an earlier repair is there: nothing to remove" if undo else nothing]
    what = f"{number_of(total, 'link')} of earlier repairs" if undo else number_of(total, "missing link")
    again = f"Check again now. To remove these links: {named.setting('undo', 'true')}"
    return [
        f"{_DONE[wanted][check]} {number(len(done))} of {what}",
        *_pairs(done),
        *_reasons("Worth knowing", [each for each in done if each.reason]),
        *_reasons("Left as they are", [each for each in outcomes if each.fate is Fate.SKIPPED]),
        *_reasons("FAILED", [each for each in outcomes if each.fate is Fate.FAILED]),
        *([again] if done and not check and not undo else []),
    ]


def _pairs(outcomes: Sequence[Outcome]) -> Iterator[str]:
    counts = Counter(label_of(each.instance, each.destination) for each in outcomes)
    for pair, count in counts.items():
        yield f"  {pair}: {number(count)}"


def _reasons(head: str, outcomes: Sequence[Outcome]) -> Iterator[str]:
    """The reasons, each with the links that it is about."""
    by_reason: dict[str, list[str]] = {}
    for each in outcomes:
        by_reason.setdefault(each.reason, []).append(each.name)
    if by_reason:
        yield f"{head}: {number_of(len(outcomes), 'link')}"
    for reason, links in list(by_reason.items())[:_MOST_REASONS]:
        yield from wrapped(f"{reason}: {number_of(len(links), 'link')} ({names(links, _MOST_NAMED)})", "- ", "  ")
    if (more := len(by_reason) - _MOST_REASONS) > 0:
        yield f"- {more} more reasons"


def lines_of(outcomes: Sequence[Outcome]) -> str:
    """The links, one to a line, as a diff shows them."""
    return "".join(f"{each.instance} {each.name} ({each.relationship}) {each.url}\n" for each in outcomes)
