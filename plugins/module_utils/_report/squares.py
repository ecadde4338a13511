# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The matrix of the report's page: the state of each pair, in as many words as there is room for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .._model.pairs import label_of
from .._progress import duration
from .elements import tag
from .looks import by_severity, look_of, severity
from .results import Report, ReportedUpdate

#: A federation with more instances than this has no words in its cells, and names turned upright.
_MOST_WIDE = 8
#: One with more than this has a shape in each cell and no more. The rest is shown for the cell that is pointed at.
_MOST_DENSE = 24

_OF_SEVERAL = (
    "Where a destination has several origins, a pair has a job for each. Its cell shows the worst of them, and how "
    "many are like that. Point at a cell to read of each."
)

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
    yield _legend(report)
    if any(len(some) > 1 for some in updates.values()):
        yield tag("p", _OF_SEVERAL, class_="faint", id="several")
    rows = [
        tag("tr", _head(name, "row"), *(_cell(updates.get((name, other), ()), size) for other in names))
        for name in names
    ]
    head = tag("tr", tag("td"), *(_head(name, "col") for name in names))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_=f"matrix{size}")
    yield tag("div", table, class_="wide", id="matrix")


def _head(name: str, scope: str) -> Element:
    return tag("th", tag("span", name), scope=scope, title=name)


def _legend(report: Report) -> Element:
    looks = by_severity(look_of(each) for each in report["updates"])
    keys = (tag("span", each.text, class_=f"chip {each.key}") for each in looks)
    return tag("p", *keys, " Point at a cell to read more.", class_="faint legend", id="legend")


def _cell(updates: _Updates, size: str) -> Element:
    """The cell of a pair, which has an update for each origin of its destination."""
    if not updates:
        return tag("td", "\N{MIDDLE DOT}", class_="self")
    worst = min(updates, key=lambda each: severity(look_of(each)))
    look = look_of(worst)
    several = len(updates) > 1
    count = sum(look_of(each) == look for each in updates)
    if size == " tiny":
        content: list[Element | str] = [look.shape + (str(count) if several else "")]
    else:
        # Where there are no words, there is no room for the attempt.
        more = f"{count} of {len(updates)}" if several else " ".join(_more(worst)[: 1 if size else None])
        content = [tag("b", look.shape if size else look.text), tag("span", more)]
    return tag("td", *content, class_=look.key + ("" if worst["in_run"] else " mute"), title=_title(updates, size))


def _title(updates: _Updates, size: str) -> str:
    """All that there is to say of a pair; of several origins each on a line of its own."""
    if len(updates) == 1:
        return f"{updates[0]['label']}, {_said(updates[0], size)}"
    pair = label_of(updates[0]["instance"], updates[0]["destination"])
    return "\n".join([pair, *(f"from {each['origin']}: {_said(each, size)}" for each in updates)])


def _said(update: ReportedUpdate, size: str) -> str:
    not_told = [] if update["in_run"] else ["not in this run"]
    # The page of very many instances must stay small.
    links = [] if update["links"] is None or size == " tiny" else [f"{update['links']:,} links"]
    return ", ".join([look_of(update).word, *_more(update), *links, *not_told])


def _more(update: ReportedUpdate) -> list[str]:
    """How long a job took, and which attempt it is, if it is not the first one."""
    if not update["job_id"] or update["elapsed"] is None:
        return []
    attempt = update["attempt"] or 1
    return [duration(update["elapsed"]), *([f"attempt {attempt}"] if attempt > 1 else [])]
