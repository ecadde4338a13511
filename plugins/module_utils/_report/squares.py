# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of the report's page: the state of each pair, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .._model.pairs import label_of
from .._progress import duration
from .._run.state import State
from .elements import tag
from .results import Report, ReportedUpdate
from .style import LETTERS, SHORT

#: A federation with more instances than this gets short words, and names turned upright.
_MOST_WIDE = 8
#: One with more than this gets a letter in each cell. The rest is shown for the cell that is pointed at.
_MOST_DENSE = 40

_OF_SEVERAL = (
    "Where a destination has several origins, a pair has a job for each. Its cell shows the worst of them, and how "
    "many are like that. Point at a cell to read of each."
)
_WITHOUT_JOB = {State.HELD.value: "HELD", State.FAILED.value: "FAILED", State.ABSENT.value: "\N{EN DASH}"}
#: From the worst to the best.
_SEVERITY = (State.FAILED, State.ERROR, State.HELD, State.ABSENT, State.OPEN, State.COMPLETE)

_Updates = Sequence[ReportedUpdate]


def squares_of(report: Report) -> Iterator[Element]:
    """The section of the page: every pair, whatever the size of the federation."""
    names = [each["name"] for each in report["instances"]]
    updates: dict[tuple[str, str], list[ReportedUpdate]] = {}
    for each in report["updates"]:
        updates.setdefault((each["instance"], each["destination"]), []).append(each)
    size = "" if len(names) <= _MOST_WIDE else " dense" if len(names) <= _MOST_DENSE else " tiny"
    yield tag("h2", "The federation")
    yield tag("p", "Rows: whose links are updated. Columns: where they point to.", class_="faint")
    if any(len(some) > 1 for some in updates.values()):
        yield tag("p", _OF_SEVERAL, class_="faint", id="several")
    if size == " tiny":
        yield tag("p", f"{_legend(report)}. Point at a cell to read more.", class_="faint", id="letters")
    rows = [
        tag("tr", tag("th", name, scope="row"), *(_cell(updates.get((name, other), ()), size) for other in names))
        for name in names
    ]
    head = tag("tr", tag("td"), *(tag("th", name, scope="col") for name in names))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_=f"matrix{size}")
    yield tag("div", table, class_="wide", id="matrix")


def _cell(updates: _Updates, size: str) -> Element:
    """The cell of a pair, which has an update for each origin of its destination."""
    if not updates:
        return tag("td", "\N{MIDDLE DOT}", class_="self")
    worst = min(updates, key=lambda each: _SEVERITY.index(State(each["state"])))
    word = _word(worst)
    several = len(updates) > 1
    count = sum(_word(each) == word for each in updates)
    if size == " tiny":
        content: list[Element | str] = [_letter(word) + (str(count) if several else "")]
    else:
        more = f"{count} of {len(updates)}" if several else " ".join(_more(worst))
        content = [tag("b", SHORT.get(word, word) if size else word), tag("span", more)]
    return tag("td", *content, class_=worst["state"] + ("" if worst["in_run"] else " mute"), title=_title(updates))


def _title(updates: _Updates) -> str:
    """All that there is to say of a pair; of several origins each on a line of its own."""
    if len(updates) == 1:
        return f"{updates[0]['label']}, {_said(updates[0])}"
    pair = label_of(updates[0]["instance"], updates[0]["destination"])
    return "\n".join([pair, *(f"from {each['origin']}: {_said(each)}" for each in updates)])


def _said(update: ReportedUpdate) -> str:
    not_told = [] if update["in_run"] else ["not in this run"]
    return ", ".join([update["status"] or update["state"], *_more(update), *not_told])


def _more(update: ReportedUpdate) -> list[str]:
    """How long a job took, and which attempt it is."""
    if not update["job_id"] or update["elapsed"] is None:
        return []
    return [duration(update["elapsed"]), f"#{update['attempt']}"]


def _word(update: ReportedUpdate) -> str:
    return _WITHOUT_JOB.get(update["state"]) or update["status"] or "SENDING"


def _legend(report: Report) -> str:
    used = {_word(each) for each in report["updates"]}
    words = [*(word for word in LETTERS if word in used), *sorted(used - set(LETTERS))]
    means = {**SHORT, _WITHOUT_JOB[State.ABSENT.value]: "no job"}
    return ", ".join(f"{_letter(word)} {means.get(word, word)}" for word in words)


def _letter(word: str) -> str:
    return LETTERS.get(word, "?")
