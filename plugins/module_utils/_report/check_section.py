# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check of the links on a page: what it has found of each pair, what that means, and how it was before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .._clock import from_text
from .._progress import duration
from .._proof.result import misses_too_many
from .._proof.summary import CheckResult, Numbers, PairResult
from .._text import capitalized, names
from .check_looks import FOUND, MISSING, NOT_YET
from .check_steps import steps_of
from .check_words import good_in, label_in, percent, statement, summary_of
from .elements import table_of, tag, with_labels
from .links import MOST_DENSE, MOST_WIDE, head_of
from .looks import Look
from .numbers import number
from .results import Report, ReportedCheck, ReportedChecks

#: So many pairs are told of.
_MOST_PAIRS = 10
FINDINGS = "link_check_findings.csv"

_IN_A_MATRIX = (
    "How many links of an instance (row) to each other one (column) were found, of those that were checked. Point at a "
    "cell to read more."
)
_IN_SUMS = "How many links of each instance were found, of those that were checked."

#: What was found of each pair, by the instance and the destination.
_Rows = dict[str, dict[str, PairResult]]


def checked_links_of(report: Report) -> Iterator[Element]:
    """The section of the report's page; nothing where nobody has checked."""
    last = report["checks"]["last"]
    if last is None:
        return
    yield tag("h2", "Check of the links")
    yield tag(
        "p",
        f"Check {last['check']}, which ended {_minute(last['ended_at'])}. It knows nothing of what has changed since. ",
        class_="faint",
    )
    yield from check_section(last, report["checks"], is_rehearsal=report["rehearsal"])


def check_section(last: CheckResult, checks: ReportedChecks, *, is_rehearsal: bool) -> Iterator[Element]:
    """What a check has found, and what the checks before it."""
    yield _headline(last)
    rows = _rows(last["pairs"])
    if rows:
        is_small = len(rows) <= MOST_DENSE
        yield tag("p", _IN_A_MATRIX if is_small else _IN_SUMS, class_="faint")
        yield from [_legend(last)] if is_small else ()
        yield tag("div", _matrix(rows, last) if is_small else _sums(rows, last), class_="wide", id="check")
    yield from _pairs(last)
    yield from _to_do(last, is_rehearsal)
    if len(checks["history"]) > 1:
        yield tag("h3", "The checks so far")
        yield tag("div", _trend(checks["history"]), class_="wide", id="checks")


def _headline(last: CheckResult) -> Element:
    """The bound in words, and what it rests on."""
    look = FOUND if last["ok"] else MISSING
    begun, ended = (from_text(last[name]) for name in ("begun_at", "ended_at"))
    rests_on = (
        f"A check of {'a sample' if last['sampled'] else 'all links'}. It began {_minute(last['begun_at'])} and took "
        f"{duration((ended - begun).total_seconds())}. "
        f"Allowed to be missing: {percent(last['max_missing']) if last['max_missing'] else 'none'}."
    )
    shape = look.shape if last["ok"] else "!"
    parts = (tag("strong", f"{shape} {summary_of(last)}"), tag("p", rests_on))
    return tag("div", *parts, class_=f"verdict {look.key}", id="check-verdict")


def _rows(pairs: Sequence[PairResult]) -> _Rows:
    instances = dict.fromkeys(name for each in pairs for name in (each["instance"], each["destination"]))
    rows: _Rows = {name: {} for name in instances}
    for each in pairs:
        rows[each["instance"]][each["destination"]] = each
    return rows


def _look(numbers: Numbers, last: CheckResult) -> Look | None:
    """How a pair stands; None where there is nothing to be found."""
    if not numbers["expected"]:
        return None
    if numbers["not_yet"] == numbers["expected"]:
        return NOT_YET
    return MISSING if misses_too_many(numbers, last["max_missing"]) else FOUND


def _legend(last: CheckResult) -> Element:
    seen = {_look(each, last) for each in last["pairs"]}
    keys = (
        tag("span", f"{look.shape} {meaning}", class_=f"chip {look.key}")
        for look, meaning in (
            (MISSING, "too many missing"),
            (NOT_YET, "job not complete"),
            (FOUND, "no more missing than allowed"),
        )
        if look in seen
    )
    return tag("p", *keys, class_="faint legend")


def _matrix(rows: _Rows, last: CheckResult) -> Element:
    is_wide = len(rows) <= MOST_WIDE
    head = tag("tr", tag("td"), *(head_of(name, "col") for name in rows))
    body = [
        tag("tr", head_of(name, "row"), *(_cell(cells.get(other), last, is_wide) for other in rows))
        for name, cells in rows.items()
    ]
    return tag("table", tag("thead", head), tag("tbody", *body), class_="matrix" if is_wide else "matrix dense")


def _cell(pair: PairResult | None, last: CheckResult, is_wide: bool) -> Element:
    if pair is None:
        return tag("td", "\N{MIDDLE DOT}", class_="self")
    label = label_in(pair)
    look = _look(pair, last)
    if look is None:
        return tag("td", "0", class_="self", title=f"{label}: no links")
    if look is NOT_YET:
        title = f"{label}: the job for {number(pair['expected'])} links is not complete"
        return tag("td", tag("b", look.text), class_=look.key, title=title)
    title = f"{label}: {statement(pair, last)}"
    found = _found(pair) if is_wide else _found_in_short(pair)
    return tag("td", tag("b", f"{look.shape} {found}"), *_more(pair), class_=look.key, title=title)


def _more(pair: Numbers) -> Iterator[Element]:
    """What the number of links that were found does not say."""
    if pair["missing_at_most"] > pair["checked"] - good_in(pair):
        yield tag("span", f"at most {number(pair['missing_at_most'])} missing")
    if pair["not_yet"]:
        yield tag("span", f"{number(pair['not_yet'])} not yet")


def _found(numbers: Numbers) -> str:
    """How many links were found, of those that were checked."""
    return f"{number(good_in(numbers))} / {number(numbers['checked'])}"


def _found_in_short(numbers: Numbers) -> str:
    """The same where there is little room."""
    return number(good_in(numbers)) if good_in(numbers) == numbers["checked"] else _found(numbers)


def _sums(rows: _Rows, last: CheckResult) -> Element:
    """For each instance, how many links were found, and how many of its pairs miss too many."""
    columns = ("Instance", "Found / checked", "Missing at most", "Not yet", "Pairs that miss too many")
    body = []
    for name, cells in rows.items():
        own = list(cells.values())
        too_many = sum(_look(each, last) is MISSING for each in own)
        good, checked, at_most, not_yet = (
            sum(map(good_in, own)),
            *(sum(each[key] for each in own) for key in ("checked", "missing_at_most", "not_yet")),
        )
        sums = (f"{number(good)} / {number(checked)}", number(at_most), number(not_yet), number(too_many))
        body.append(tag("tr", tag("th", name, scope="row"), *(tag("td", each, class_="number") for each in sums)))
    return table_of(columns, body)


def _pairs(last: CheckResult) -> Iterator[Element]:
    """The pairs that need a person, and those that are not checked yet."""
    bad = [each for each in last["pairs"] if _look(each, last) is MISSING]
    bad.sort(key=lambda each: -each["missing_at_most"])
    lines = [f"{label_in(each)}: {statement(each, last)}" for each in bad]
    if more := len(lines[_MOST_PAIRS:]):
        lines[_MOST_PAIRS:] = [f"{more} more pairs miss too many links"]
    waiting = [each for each in last["pairs"] if each["not_yet"]]
    if waiting:
        count = number(sum(each["not_yet"] for each in waiting))
        labels = names([label_in(each) for each in waiting], _MOST_PAIRS)
        lines.append(f"Not yet: {count} links whose jobs are not complete ({labels})")
    if lines:
        yield tag("ul", *(tag("li", *with_labels(line)) for line in lines), id="check-pairs")


def _to_do(last: CheckResult, is_rehearsal: bool) -> Iterator[Element]:
    items = [
        tag("li", capitalized(text), *([tag("br"), tag("code", *with_labels(command))] if command else []))
        for text, command in steps_of(last, FINDINGS, is_rehearsal=is_rehearsal)
    ]
    if items:
        look = NOT_YET if last["ok"] else MISSING
        card = tag("div", tag("strong", "What to do"), tag("ul", *items), class_=f"card {look.key}")
        yield tag("div", card, id="check-steps")


def _trend(history: Sequence[ReportedCheck]) -> Element:
    """The checks, the newest first: with each fewer links should be missing."""
    most = max((each["total"]["missing_at_most"] for each in history), default=0)
    columns = ("Check", "Ended", "Links", "Found / checked", "Missing at most", "Not yet")
    return table_of(columns, (_row(each, most) for each in history))


def _row(check: ReportedCheck, most: int) -> Element:
    total, look = check["total"], FOUND if check["ok"] else MISSING
    at_most = total["missing_at_most"]
    part = [tag("span", class_=f"bar {look.key}", style=f"width:{100 * at_most / most:.1f}%")] if at_most else []
    return tag(
        "tr",
        tag("th", f"{look.shape} {check['check']}", scope="row"),
        tag("td", _minute(check["ended_at"])),
        tag("td", "a sample" if check["sampled"] else "all"),
        tag("td", _found(total), class_="number"),
        tag("td", tag("span", number(at_most), class_="number"), tag("span", *part, class_="track"), class_="trend"),
        tag("td", number(total["not_yet"]), class_="number"),
    )


def _minute(moment: str) -> str:
    return f"{from_text(moment):%Y-%m-%d %H:%M}Z"
