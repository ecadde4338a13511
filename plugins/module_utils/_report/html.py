# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page that needs nothing else: no network, no script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from xml.etree.ElementTree import Element, tostring

from .._clock import from_text
from .._progress import duration
from .app_links import STEPS
from .attention import attention_of
from .elements import tag, with_labels
from .results import AppLinks, Report
from .squares import squares_of
from .style import STYLE
from .timeline import timeline_of

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"

#: A product with more destinations than this gets one box to tick off for all of them.
_MOST_BOXES = 40
#: A variable may differ between all hosts. What is longer than this is cut off; report.json has all of it.
_MOST_OF_A_VALUE = 2000


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
        *attention_of(report),
        *squares_of(report),
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
    yield tag(
        "p", *with_labels(verdict["message"]), class_=f"verdict {'ok' if verdict['ok'] else 'not-ok'}", id="verdict"
    )
    if any(each["recreate_as_remote"] for each in report["updates"]):
        yield tag("p", _window(report, now), id="window")


def _window(report: Report, now: datetime) -> str:
    """How much time is left to recreate links."""
    closes = sorted((each["window_closes"], each["name"]) for each in report["instances"] if each["window_closes"])
    if not closes:
        return "Links can be recreated for two weeks after the migration; when it ended was not given."
    first, name = from_text(closes[0][0]), closes[0][1]
    left = (first - now).total_seconds()
    can, what = ("can", f"{duration(left)} left") if left > 0 else ("could", "over")
    whose = "" if closes[0][0] == closes[-1][0] else f" ({name} is the first)"
    return f"Links {can} be recreated until {first:%Y-%m-%d %H:%M}Z{whose}: {what}."


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
        boxes = _boxes(product, len(report["instances"]) - 1)
        link = tag("a", product["product_url"], href=product["product_url"], rel="noreferrer")
        rows.append(tag("tr", tag("th", product["product"], tag("br"), link, scope="row"), tag("td", *boxes)))
    yield tag("div", tag("table", *rows, class_="plain"), class_="wide", id="app-links")


def _boxes(product: AppLinks, others: int) -> list[Element]:
    """What can be ticked off for one product.

    :param others: how many other instances there are.
    """
    destinations = product["destinations"]
    if len(destinations) <= _MOST_BOXES:
        return [_box(each["name"], title=each["url"]) for each in destinations]
    if len(destinations) == others:
        return [_box(f"all {others} other instances")]
    return [_box(", ".join(each["name"] for each in destinations))]


def _box(text: str, **attributes: str) -> Element:
    return tag("label", tag("input", type="checkbox"), " ", text, **attributes)


def _settings(report: Report) -> Iterator[Element]:
    yield tag("h2", "Variables of the run")
    rows = [
        tag("tr", tag("th", name, scope="row"), tag("td", tag("code", _shown(value))))
        for name, value in report["settings"].items()
    ]
    yield tag("div", tag("table", *rows, class_="plain"), class_="wide", id="settings")


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    if len(text) <= _MOST_OF_A_VALUE:
        return text
    return f"{text[:_MOST_OF_A_VALUE]} \N{HORIZONTAL ELLIPSIS} report.json has all of it"
