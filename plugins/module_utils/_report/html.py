# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page that needs nothing else: no network, no script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element, tostring

from .._clock import from_text
from .._progress import duration
from .._run.state import State
from .app_links import STEPS
from .elements import tag
from .results import Report, ReportedUpdate
from .style import SHORT, STYLE
from .timeline import timeline_of

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

#: A federation with more instances than this gets short words, and names turned upright.
_MOST_WIDE = 8
#: So many failures are told at once; the others are folded away, so that the matrix is not far down.
_MOST_CARDS = 20

_WITHOUT_JOB = {State.HELD.value: "HELD", State.FAILED.value: "FAILED", State.ABSENT.value: "\N{EN DASH}"}
_HELD_ADVICE = (
    "A rerun takes up the backup, or orders another one if it was not made; with link_update_create_backup set to "
    "never, it goes on without one."
)


def html_of(report: Report) -> str:
    """The page."""
    now = from_text(report["generated_at"])
    title = f"Link updates, wave {report['wave']}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", STYLE),
    )
    body = tag(
        "body",
        tag("h1", title),
        *_summary(report, now),
        *_attention(report),
        *_matrix(report),
        *timeline_of(report, now),
        *_app_links(report),
        *_settings(report),
    )
    page = tostring(tag("html", head, body, lang="en"), encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{page}\n"


def _summary(report: Report, now: datetime) -> Iterator[Element]:
    verdict = report["verdict"]
    yield tag("p", f"As of {now:%Y-%m-%d %H:%M}Z, {len(report['instances'])} instances", class_="faint")
    if report["rehearsal"]:
        yield tag("p", "A rehearsal: nothing of this has happened at any site.", class_="verdict rehearsal")
    yield tag("p", verdict["message"], class_=f"verdict {'ok' if verdict['ok'] else 'not-ok'}", id="verdict")
    yield tag("p", _window(report, now), id="window")


def _window(report: Report, now: datetime) -> str:
    """How much time is left to recreate links."""
    closes = sorted((each["window_closes"], each["name"]) for each in report["instances"] if each["window_closes"])
    if not closes:
        return "Links can be recreated for two weeks after the migration; when it ended was not given."
    first, name = from_text(closes[0][0]), closes[0][1]
    left = (first - now).total_seconds()
    what = f"{duration(left)} left" if left > 0 else "over"
    whose = "" if closes[0][0] == closes[-1][0] else f" ({name} is the first)"
    return f"Links can be recreated until {first:%Y-%m-%d %H:%M}Z{whose}: {what}."


def _attention(report: Report) -> Iterator[Element]:
    """What failed and what is held back, and what to do about it."""
    cards = [
        _card(update["label"], _without_names(update["failure"]["message"], update), "broken")
        for update in report["updates"]
        if update["failure"]
    ]
    held = list(_held_cards(report))
    if not cards and not held:
        return
    yield tag("h2", "What needs attention")
    yield from cards[:_MOST_CARDS]
    if more := cards[_MOST_CARDS:]:
        yield tag("details", tag("summary", f"{len(more)} more"), *more)
    yield from held


def _held_cards(report: Report) -> Iterator[Element]:
    by_reason: dict[str, list[str]] = {}
    for update in report["updates"]:
        if update["state"] == State.HELD.value and update["held"]:
            by_reason.setdefault(update["held"], []).append(update["label"])
    for reason, labels in by_reason.items():
        yield _card(", ".join(labels), f"{_as_sentence(reason)} {_HELD_ADVICE}", "held-card")


def _card(title: str, text: str, kind: str) -> Element:
    return tag("div", tag("strong", title), " ", tag("span", text), class_=f"card {kind}")


def _without_names(message: str, update: ReportedUpdate) -> str:
    """A message without what it is about, which its card begins with."""
    return _as_sentence(message.removeprefix(f"{update['label']}: ").removeprefix(f"{update['instance']}: "))


def _as_sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _matrix(report: Report) -> Iterator[Element]:
    names = [each["name"] for each in report["instances"]]
    cells = {(each["instance"], each["destination"]): each for each in report["updates"]}
    dense = len(names) > _MOST_WIDE
    yield tag("h2", "The federation")
    yield tag("p", "Rows: whose links are updated. Columns: where they point to.", class_="faint")
    rows = [
        tag("tr", tag("th", name, scope="row"), *(_cell(cells.get((name, other)), dense) for other in names))
        for name in names
    ]
    head = tag("tr", tag("td"), *(tag("th", name, scope="col") for name in names))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="matrix dense" if dense else "matrix")
    yield tag("div", table, class_="wide", id="matrix")


def _cell(update: ReportedUpdate | None, dense: bool) -> Element:
    if update is None:
        return tag("td", "\N{MIDDLE DOT}", class_="self")
    word = _WITHOUT_JOB.get(update["state"]) or update["status"] or "SENDING"
    more = []
    if update["job_id"] and update["elapsed"] is not None:
        more = [duration(update["elapsed"]), f"#{update['attempt']}"]
    said = [update["label"], update["status"] or update["state"], *more]
    said += [] if update["in_run"] else ["not in this run"]
    return tag(
        "td",
        tag("b", SHORT.get(word, word) if dense else word),
        tag("span", " ".join(more)),
        class_=update["state"] + ("" if update["in_run"] else " mute"),
        title=", ".join(said),
    )


def _app_links(report: Report) -> Iterator[Element]:
    if not report["app_links"]:
        return
    yield tag("h2", "Application links to authorize")
    yield tag(
        "p",
        "Recreating links needs each of them, once, by hand; no API tells which are done. On the site of the product, "
        f"for each destination: {', '.join(STEPS)}.",
    )
    rows = []
    for product in report["app_links"]:
        boxes = [
            tag("label", tag("input", type="checkbox"), " ", each["name"], title=each["url"])
            for each in product["destinations"]
        ]
        link = tag("a", product["product_url"], href=product["product_url"], rel="noreferrer")
        rows.append(tag("tr", tag("th", product["product"], tag("br"), link, scope="row"), tag("td", *boxes)))
    yield tag("div", tag("table", *rows, class_="plain"), class_="wide", id="app-links")


def _settings(report: Report) -> Iterator[Element]:
    yield tag("h2", "Variables of the run")
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", tag("code", json.dumps(value, ensure_ascii=False))))
        for name, value in report["settings"].items()
    ]
    yield tag("div", tag("table", *rows, class_="plain"), class_="wide", id="settings")
