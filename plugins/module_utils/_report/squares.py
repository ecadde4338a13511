# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of the report's page: the state of each pair, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from .._progress import duration
from .._run.state import State
from .elements import tag
from .results import Report, ReportedUpdate
from .style import LETTERS, SHORT

#: A federation with more instances than this gets short words, and names turned upright.
_MOST_WIDE = 8
#: One with more than this gets a letter in each cell. The rest is shown for the cell that is pointed at.
_MOST_DENSE = 40

_WITHOUT_JOB = {State.HELD.value: "HELD", State.FAILED.value: "FAILED", State.ABSENT.value: "\N{EN DASH}"}


def squares_of(report: Report) -> Iterator[Element]:
    """The section of the page: every pair, whatever the size of the federation."""
    names = [each["name"] for each in report["instances"]]
    updates = {(each["instance"], each["destination"]): each for each in report["updates"]}
    size = "" if len(names) <= _MOST_WIDE else " dense" if len(names) <= _MOST_DENSE else " tiny"
    yield tag("h2", "The federation")
    yield tag("p", "Rows: whose links are updated. Columns: where they point to.", class_="faint")
    if size == " tiny":
        yield tag("p", f"{_legend(report)}. Point at a cell to read more.", class_="faint", id="letters")
    rows = [
        tag("tr", tag("th", name, scope="row"), *(_cell(updates.get((name, other)), size) for other in names))
        for name in names
    ]
    head = tag("tr", tag("td"), *(tag("th", name, scope="col") for name in names))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_=f"matrix{size}")
    yield tag("div", table, class_="wide", id="matrix")


def _cell(update: ReportedUpdate | None, size: str) -> Element:
    if update is None:
        return tag("td", "\N{MIDDLE DOT}", class_="self")
    word = _word(update)
    more = []
    if update["job_id"] and update["elapsed"] is not None:
        more = [duration(update["elapsed"]), f"#{update['attempt']}"]
    said = [update["label"], update["status"] or update["state"], *more]
    said += [] if update["in_run"] else ["not in this run"]
    content = (
        [_letter(word)]
        if size == " tiny"
        else [tag("b", SHORT.get(word, word) if size else word), tag("span", " ".join(more))]
    )
    return tag("td", *content, class_=update["state"] + ("" if update["in_run"] else " mute"), title=", ".join(said))


def _word(update: ReportedUpdate) -> str:
    return _WITHOUT_JOB.get(update["state"]) or update["status"] or "SENDING"


def _legend(report: Report) -> str:
    used = {_word(each) for each in report["updates"]}
    words = [*(word for word in LETTERS if word in used), *sorted(used - set(LETTERS))]
    means = {**SHORT, _WITHOUT_JOB[State.ABSENT.value]: "no job"}
    return ", ".join(f"{_letter(word)} {means.get(word, word)}" for word in words)


def _letter(word: str) -> str:
    return LETTERS.get(word, "?")
