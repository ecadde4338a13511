# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The links on the report's page: how many there were from each instance to each other one, by a census."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from xml.etree.ElementTree import Element

from .._clock import from_text
from .._progress import duration
from .._text import capitalized
from .._urls import short_url
from .elements import table_of, tag
from .looks import WAITING
from .migrations import migrations_text
from .numbers import COMPLETE_AS_SEEN, number, sum_of
from .results import NotCounted, Report, ReportedCount

#: A federation with more instances than this has its names turned upright.
MOST_WIDE = 8
#: One with more than this has no matrix: for each instance there is a sum.
MOST_DENSE = 24

_IN_A_MATRIX = "How many remote links an instance (row) must have to each other one (column), by the census."
_IN_SUMS = "How many remote links each instance must have to the others, by the census. report.csv has each pair."

#: How many links a pair has from each source.
_Numbers = Sequence[int | None]
#: By the instance and the destination.
_Rows = Mapping[str, Mapping[str, _Numbers]]


def links_of(report: Report) -> Iterator[Element]:
    """The section of the page; nothing where nobody has counted."""
    counts, gaps = report["census"]["counts"], report["census"]["not_counted"]
    if not counts and not gaps:
        return
    yield tag("h2", "Links between the instances")
    if gaps:
        yield tag("div", *map(_gap, gaps), id="not-counted")
    if counts:
        rows = _rows(report)
        is_small = len(rows) <= MOST_DENSE
        yield tag("p", f"{_IN_A_MATRIX if is_small else _IN_SUMS} {_summary(rows)}", class_="faint")
        yield tag("div", _matrix(rows) if is_small else _sums(rows), class_="wide", id="links")
        yield tag("div", tag("table", *map(_source, counts), class_="plain"), class_="wide", id="census")


def _rows(report: Report) -> _Rows:
    rows: dict[str, dict[str, dict[str, int | None]]] = {each["name"]: {} for each in report["instances"]}
    for each in report["updates"]:
        source = each["migrated_from_override"] or each["migrated_from"]
        rows[each["instance"]].setdefault(each["destination"], {})[source] = each["links"]
    return {
        name: {other: list(by_source.values()) for other, by_source in cells.items()} for name, cells in rows.items()
    }


def _summary(rows: _Rows) -> str:
    pairs = [numbers for cells in rows.values() for numbers in cells.values()]
    without = sum(map(_is_none, pairs))
    return f"In all: {_sum(pairs)}. {without} of {len(pairs)} pairs have none. Links in texts are not counted." + (
        " ?: not counted." if any(None in numbers for numbers in pairs) else ""
    )


def _matrix(rows: _Rows) -> Element:
    head = tag("tr", tag("td"), *(head_of(name, "col") for name in (*rows, "all")))
    body = []
    for name, cells in rows.items():
        own = (_cell(f"{name} -> {other}", cells.get(other)) for other in rows)
        body.append(tag("tr", head_of(name, "row"), *own, tag("td", tag("b", _sum(cells.values())))))
    size = "" if len(rows) <= MOST_WIDE else " dense"
    return tag("table", tag("thead", head), tag("tbody", *body), class_=f"matrix numbers{size}")


def head_of(name: str, scope: str) -> Element:
    return tag("th", tag("span", name), scope=scope, title=name)


def _cell(label: str, numbers: _Numbers | None) -> Element:
    if numbers is None:
        return tag("td", "\N{MIDDLE DOT}", class_="self")
    said = sum_of(numbers)
    several = f" ({' + '.join(map(number, numbers))})" if len(numbers) > 1 else ""
    faint = {} if any(numbers) else {"class_": "self"}
    return tag("td", said, title=f"{label}: {said} links{several}", **faint)


def _sums(rows: _Rows) -> Element:
    """For each instance, how many links it must have, and how many of its pairs have some."""
    body = []
    for name, cells in rows.items():
        own = cells.values()
        sums = (_sum(own), str(sum(map(any, own))), str(sum(map(_is_none, own))))
        body.append(tag("tr", tag("th", name, scope="row"), *(tag("td", each, class_="number") for each in sums)))
    return table_of(("Instance", "Links", "Pairs with links", "without"), body)


def _sum(pairs: Iterable[_Numbers]) -> str:
    return sum_of([each for numbers in pairs for each in numbers])


def _is_none(numbers: _Numbers) -> bool:
    """Whether a pair certainly has no links."""
    return set(numbers) == {0}


def _gap(gap: NotCounted) -> Element:
    title = tag("strong", f"{WAITING.shape} {short_url(gap['source'])}")
    lines = tag("li", f"{capitalized(gap['problem'])}. {gap['remedy']}")
    return tag("div", title, tag("ul", lines), class_=f"card {WAITING.key}")


def _source(count: ReportedCount) -> Element:
    begun, ended = (from_text(count[name]) for name in ("begun_at", "ended_at"))
    complete = "exact" if count["exact"] else COMPLETE_AS_SEEN
    what = f"{number(count['links'])} remote links by census {count['generation']}, {complete}. "
    took = duration((ended - begun).total_seconds())
    when = f"Counted {begun:%Y-%m-%d %H:%M}Z in {took}, read from {count['read_from']}."
    ends = {each["instance"]: each["migrated_at"] for each in count["migrations"]}
    migrations = migrations_text({name: from_text(end) if end else None for name, end in ends.items()}, begun)
    lines = [tag("p", text) for text in (what + when, *(f"{text}." for text in migrations))]
    return tag("tr", tag("th", short_url(count["source"]), scope="row"), tag("td", *lines))
