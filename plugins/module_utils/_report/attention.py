# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page of the report says first: what failed, what is held back, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .._run.state import State
from .._text import names
from .elements import tag, with_labels
from .results import Report, ReportedUpdate

#: So many are told at once; more are folded away, so that the matrix is not far down.
_MOST_OPEN = 20
#: So many are told at all. Where everything fails, the page must still open.
_MOST_CARDS = 200
#: So many of the updates that wait for the same backup are named.
_MOST_NAMED = 60

_HELD_ADVICE = (
    "A rerun takes up the backup, or orders another one if it was not made; with link_update_create_backup set to "
    "never, it goes on without one."
)


def attention_of(report: Report) -> Iterator[Element]:
    """The section of the page; nothing where all is well."""
    failed = [
        _card(update["label"], _without_names(update["failure"]["message"], update), "broken")
        for update in report["updates"]
        if update["failure"]
    ]
    held = list(_held_cards(report))
    if failed or held:
        yield tag("h2", "What needs attention")
        yield from _folded(failed)
        yield from _folded(held)


def _folded(cards: Sequence[Element]) -> Iterator[Element]:
    yield from cards[:_MOST_OPEN]
    if more := cards[_MOST_OPEN:_MOST_CARDS]:
        yield tag("details", tag("summary", f"{len(more)} more"), *more)
    if left_out := len(cards[_MOST_CARDS:]):
        yield tag("p", f"{left_out} more are in report.json and report.csv.", class_="left-out")


def _held_cards(report: Report) -> Iterator[Element]:
    by_reason: dict[str, list[str]] = {}
    for update in report["updates"]:
        if update["state"] == State.HELD.value and update["held"]:
            by_reason.setdefault(update["held"], []).append(update["label"])
    for reason, labels in by_reason.items():
        yield _card(names(labels, _MOST_NAMED), f"{_as_sentence(reason)} {_HELD_ADVICE}", "held-card")


def _card(title: str, text: str, kind: str) -> Element:
    return tag("div", tag("strong", *with_labels(title)), " ", tag("span", *with_labels(text)), class_=f"card {kind}")


def _without_names(message: str, update: ReportedUpdate) -> str:
    """A message without what it is about, which its card begins with."""
    return _as_sentence(message.removeprefix(f"{update['label']}: ").removeprefix(f"{update['instance']}: "))


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."
