# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page that needs nothing else: no network, no script.

It is built as a tree of elements, so that whatever a name holds, it is text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, tostring

from .._clock import from_text
from .._model.app_links import STEPS
from .._progress import duration
from .._run.state import State
from .._status import BACKUP, ENDED, IN_PROGRESS, PENDING, RETRY
from .report import segments_of

_STYLE = """
:root { color-scheme: light dark; --ground: #fff; --card: #f5f6f8; --ink: #17191e; --faint: #5b6270; --line: #d8dbe2;
  --complete: #bfe5c6; --error: #f6b9b5; --failed: #f6b9b5; --held: #f7dfa6; --open: #c3d8fa; --absent: transparent;
  --pending: #c9cdd6; --backup: #dcc3f2; --running: #8fb8f5; --retry: #f2c14e; --other: #9aa1ae; }
@media (prefers-color-scheme: dark) { :root { --ground: #14161a; --card: #1e2127; --ink: #e8eaee; --faint: #9aa1ae;
  --line: #353a44; --complete: #1f5a2c; --error: #7a2420; --failed: #7a2420; --held: #6a5215; --open: #23406f;
  --pending: #4a5060; --backup: #5d3f7d; --running: #2f62ad; --retry: #92700f; --other: #5b6270; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 88rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 15px/1.45 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
p { margin: .25rem 0; } .faint { color: var(--faint); } code { font-size: .9em; overflow-wrap: anywhere; }
.verdict { margin: 1rem 0; padding: .75rem 1rem; border-radius: .5rem; font-weight: 600; }
.verdict.ok { background: var(--complete); } .verdict.not-ok { background: var(--error); }
.verdict.rehearsal { background: var(--held); }
.wide { overflow-x: auto; } table { border-collapse: collapse; }
th, td { border: 1px solid var(--line); padding: .3rem .5rem; text-align: left; vertical-align: top; }
th { font-weight: 600; } table.plain td { overflow-wrap: anywhere; }
.matrix th, .matrix td { font-size: .8rem; } .matrix td { text-align: center; white-space: nowrap; }
.matrix th[scope=row] { position: sticky; left: 0; z-index: 1; background: var(--ground); max-width: 12rem;
  overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.matrix td b { display: block; font-weight: 600; } .matrix .mute, .matrix .mute b { font-style: italic;
  font-weight: 400; }
.matrix.dense th, .matrix.dense td { font-size: .68rem; padding: .15rem .25rem; }
.matrix.dense th[scope=col] { writing-mode: vertical-rl; transform: rotate(180deg); max-height: 9rem;
  overflow: hidden; }
.complete { background: var(--complete); } .error, .failed { background: var(--error); font-weight: 700; }
.held { background: var(--held); } .open { background: var(--open); } .self { color: var(--faint); }
.card { background: var(--card); border-left: .35rem solid var(--error); border-radius: .35rem; margin: .5rem 0;
  padding: .5rem .75rem; white-space: pre-line; break-inside: avoid; } .card.held-card { border-color: var(--retry); }
.line { display: grid; grid-template-columns: 11rem 1fr 5rem; gap: .5rem; align-items: center; font-size: .8rem;
  break-inside: avoid; } .line > span { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.track { position: relative; height: .8rem; background: var(--card); border-radius: .2rem; overflow: hidden; }
.track i { position: absolute; top: 0; bottom: 0; min-width: 2px; background: var(--other); }
.track .pending, .key.pending { background: var(--pending); } .track .backup, .key.backup { background: var(--backup); }
.track .in_progress, .key.in_progress { background: var(--running); }
.track .retry, .key.retry { background: var(--retry); }
.legend { white-space: nowrap; }
.key { display: inline-block; width: .8rem; height: .8rem; border-radius: .2rem; margin: 0 .3rem 0 1rem; }
label { display: inline-block; margin-right: 1rem; } summary { cursor: pointer; }
@media (max-width: 40rem) { .line { grid-template-columns: 7rem 1fr 4.5rem; } body { padding: .6rem; }
  table.plain :is(table, tbody, tr, th, td) { display: block; } }
@media print { * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } .wide { overflow: visible; }
  body { max-width: none; padding: 0; font-size: 11px; } .matrix.dense { table-layout: fixed; width: 100%; }
  .matrix.dense th, .matrix.dense td { font-size: 6.5px; padding: 1px; white-space: normal; }
  @page { size: A4 landscape; margin: 10mm; } }
"""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

#: A federation with more instances than this gets short words, and names turned upright.
_MOST_WIDE = 8
#: So many failures are told at once; the others are folded away, so that the matrix is not far down.
_MOST_CARDS = 20
#: A timeline with more jobs than this is folded away at first.
_MOST_OPEN = 60

_SHORT = {PENDING: "queued", BACKUP: "backup", IN_PROGRESS: "running", RETRY: "retry", "COMPLETE": "done"}
_WITHOUT_JOB = {State.HELD.value: "HELD", State.FAILED.value: "FAILED", State.ABSENT.value: "\N{EN DASH}"}
_HELD_ADVICE = (
    "A rerun takes up the backup, or orders another one if it was not made; with link_update_create_backup set to "
    "never, it goes on without one."
)
_BROKEN = (State.FAILED.value, State.ERROR.value)


def html_of(report: Mapping[str, Any]) -> str:
    """The page."""
    now = from_text(report["generated_at"])
    title = f"Link updates, wave {report['wave']}"
    head = _tag(
        "head",
        _tag("meta", charset="utf-8"),
        _tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        _tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        _tag("title", title),
        _tag("style", _STYLE),
    )
    body = _tag(
        "body",
        *_summary(title, report, now),
        *_attention(report),
        *_matrix(report),
        *_timeline(report, now),
        *_app_links(report),
        *_settings(report),
    )
    page = tostring(_tag("html", head, body, lang="en"), encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{page}\n"


def _summary(title: str, report: Mapping[str, Any], now: datetime) -> Iterable[Element]:
    verdict = report["verdict"]
    yield _tag("h1", title)
    yield _tag("p", f"As of {now:%Y-%m-%d %H:%M}Z, {len(report['instances'])} instances", class_="faint")
    if report["rehearsal"]:
        yield _tag("p", "A rehearsal: nothing of this has happened at any site.", class_="verdict rehearsal")
    yield _tag("p", verdict["message"], class_=f"verdict {'ok' if verdict['ok'] else 'not-ok'}", id="verdict")
    closes = sorted((each["window_closes"], each["name"]) for each in report["instances"] if each["window_closes"])
    if closes:
        first, name = from_text(closes[0][0]), closes[0][1]
        left = (first - now).total_seconds()
        what = f"{duration(left)} left" if left > 0 else "over"
        whose = "" if closes[0][0] == closes[-1][0] else f" ({name} is the first)"
        text = f"Links can be recreated until {first:%Y-%m-%d %H:%M}Z{whose}: {what}."
    else:
        text = "Links can be recreated for two weeks after the migration; when it ended was not given."
    yield _tag("p", text, id="window")


def _attention(report: Mapping[str, Any]) -> Iterable[Element]:
    """What failed, first, and what to do about it."""
    broken = [each for each in report["updates"] if each["state"] in _BROKEN]
    held = [each for each in report["updates"] if each["state"] == State.HELD.value]
    if not broken and not held:
        return
    yield _tag("h2", "What needs attention")
    cards = [
        _tag("div", _tag("strong", update["label"]), " ", _tag("span", _what_happened(update)), class_="card broken")
        for update in broken
    ]
    yield from cards[:_MOST_CARDS]
    if cards[_MOST_CARDS:]:
        more = cards[_MOST_CARDS:]
        yield _tag("details", _tag("summary", f"{len(more)} more"), *more)
    by_reason: dict[str, list[str]] = {}
    for update in held:
        by_reason.setdefault(update["held"], []).append(update["label"])
    for reason, labels in by_reason.items():
        text = f"{reason[:1].upper()}{reason[1:]}. {_HELD_ADVICE}"
        yield _tag("div", _tag("strong", ", ".join(labels)), " ", _tag("span", text), class_="card held-card")


def _what_happened(update: Mapping[str, Any]) -> str:
    if update["failure"]:
        message, label = str(update["failure"]["message"]), f"{update['label']}: "
        # The card begins with the label already.
        rest = message.removeprefix(label)
        return message if rest == message else f"{rest[:1].upper()}{rest[1:]}."
    return "A request was sent and its answer never recorded: whether there is a job is unknown. A rerun decides."


def _matrix(report: Mapping[str, Any]) -> Iterable[Element]:
    names = [each["name"] for each in report["instances"]]
    cells = {(each["instance"], each["destination"]): each for each in report["updates"]}
    dense = len(names) > _MOST_WIDE
    yield _tag("h2", "The federation")
    yield _tag("p", "Rows: whose links are updated. Columns: where they point to.", class_="faint")
    rows = [
        _tag("tr", _tag("th", name, scope="row"), *(_cell(cells.get((name, other)), dense) for other in names))
        for name in names
    ]
    head = _tag("tr", _tag("td"), *(_tag("th", name, scope="col") for name in names))
    table = _tag("table", _tag("thead", head), _tag("tbody", *rows), class_="matrix dense" if dense else "matrix")
    yield _tag("div", table, class_="wide", id="matrix")


def _cell(update: Mapping[str, Any] | None, dense: bool) -> Element:
    if update is None:
        return _tag("td", "\N{MIDDLE DOT}", class_="self")
    status = update["status"]
    word = _WITHOUT_JOB.get(update["state"]) or status or "SENDING"
    if dense:
        word = _SHORT.get(word, word)
    more = [duration(update["elapsed"])] if update["elapsed"] is not None and update["job_id"] else []
    more += [f"#{update['attempt']}"] if update["attempt"] and update["job_id"] else []
    said = [update["label"], status or update["state"], *more, *([] if update["in_run"] else ["not in this run"])]
    style = update["state"] + ("" if update["in_run"] else " mute")
    return _tag("td", _tag("b", word), _tag("span", " ".join(more)), class_=style, title=", ".join(said))


def _timeline(report: Mapping[str, Any], now: datetime) -> Iterable[Element]:
    jobs = [each for each in report["updates"] if each["history"]]
    if not jobs:
        return
    jobs.sort(key=lambda each: (each["state"] not in _BROKEN, each["submitted_at"]))
    spans = {each["label"]: segments_of(each, now) for each in jobs}
    begin = min(from_text(each["submitted_at"]) for each in jobs)
    end = max(max((to for status, since, to in spans[each["label"]]), default=begin) for each in jobs)
    whole = max((end - begin).total_seconds(), 0.001)
    yield _tag("h2", "Timeline")
    keys = [_key(status) for status in (PENDING, BACKUP, IN_PROGRESS, RETRY)]
    when = f"{begin:%Y-%m-%d %H:%M:%S}Z to {end:%Y-%m-%d %H:%M:%S}Z, as it was seen. "
    yield _tag("p", when, *keys, class_="faint")
    lines = [_line(each, spans[each["label"]], begin, whole) for each in jobs]
    if len(jobs) <= _MOST_OPEN:
        yield _tag("div", *lines, id="timeline")
    else:
        yield _tag("details", _tag("summary", f"{len(jobs)} jobs"), *lines, id="timeline")


def _key(status: str) -> Element:
    return _tag("span", _tag("span", class_=f"key {status.lower()}"), _SHORT[status], class_="legend")


def _line(
    update: Mapping[str, Any], spans: list[tuple[str, datetime, datetime]], begin: datetime, whole: float
) -> Element:
    bars = []
    for status, since, to in spans:
        left = 100 * (since - begin).total_seconds() / whole
        width = 100 * (to - since).total_seconds() / whole
        bars.append(
            _tag(
                "i",
                class_=status.lower() if status in _SHORT else "other",
                style=f"left:{left:.2f}%;width:{width:.2f}%",
                title=f"{status} {duration((to - since).total_seconds())}",
            )
        )
    ended = update["status"] in ENDED
    return _tag(
        "div",
        _tag("span", update["label"], title=f"{update['label']}, job {update['job_id']}"),
        _tag("div", *bars, class_="track"),
        _tag(
            "span", duration(update["elapsed"]) + ("" if ended else " \N{HORIZONTAL ELLIPSIS}"), class_=update["state"]
        ),
        class_="line",
    )


def _app_links(report: Mapping[str, Any]) -> Iterable[Element]:
    if not report["app_links"]:
        return
    yield _tag("h2", "Application links to authorize")
    yield _tag(
        "p",
        "Recreating links needs each of them, once, by hand; no API tells which are done. On the site of the product, "
        f"for each destination: {', '.join(STEPS)}.",
    )
    rows = []
    for product in report["app_links"]:
        boxes = [
            _tag("label", _tag("input", type="checkbox"), " ", each["name"], title=each["url"])
            for each in product["destinations"]
        ]
        link = _tag("a", product["product_url"], href=product["product_url"], rel="noreferrer")
        rows.append(_tag("tr", _tag("th", product["product"], _tag("br"), link, scope="row"), _tag("td", *boxes)))
    yield _tag("div", _tag("table", *rows, class_="plain"), class_="wide", id="app-links")


def _settings(report: Mapping[str, Any]) -> Iterable[Element]:
    yield _tag("h2", "Variables of the run")
    rows = [
        _tag("tr", _tag("th", name, scope="row"), _tag("td", _tag("code", json.dumps(value, ensure_ascii=False))))
        for name, value in report["settings"].items()
    ]
    yield _tag("div", _tag("table", *rows, class_="plain"), class_="wide", id="settings")


def _tag(kind: str, /, *children: Element | str, **attributes: str) -> Element:
    """An element. C(class_) stands for C(class), and C(http_equiv) for C(http-equiv)."""
    element = Element(kind, {key.rstrip("_").replace("_", "-"): value for key, value in attributes.items()})
    for child in children:
        if isinstance(child, Element):
            element.append(child)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + _text(child)
        else:
            element.text = (element.text or "") + _text(child)
    return element


def _text(text: str) -> str:
    """What no page may hold, control characters, is shown as what it is."""
    return "".join(char if char.isprintable() or char == "\n" else repr(char)[1:-1] for char in text)
