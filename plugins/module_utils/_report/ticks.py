# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The application links on the report's page, to be ticked off. Those that a complete job has used are ticked."""

from __future__ import annotations

from collections.abc import Iterator, Set
from xml.etree.ElementTree import Element

from .._run.state import State
from .app_links import STEPS
from .elements import tag
from .results import AppLinks, Report

#: A product with more destinations than this gets one box for all of them, and so does one with none left to authorize.
_MOST_BOXES = 40

#: Pairs whose links were recreated.
_Used = Set[tuple[str, str]]


def ticks_of(report: Report) -> Iterator[Element]:
    """The section of the page; nothing where no links are recreated."""
    if not report["app_links"]:
        return
    used = {
        (each["instance"], each["destination"])
        for each in report["updates"]
        if each["recreate_as_remote"] and each["state"] == State.COMPLETE.value
    }
    yield tag("h2", "Application links to authorize")
    yield tag(
        "p",
        "Recreating links needs each of them, once, by hand; no API tells which are done. On the site of the product, "
        f"for each destination: {', '.join(STEPS)}. A ticked box: a job that needs the link is complete.",
    )
    rows = [_row(product, used, len(report["instances"]) - 1) for product in report["app_links"]]
    yield tag("div", tag("table", *rows, class_="plain"), class_="wide", id="app-links")


def _row(product: AppLinks, used: _Used, others: int) -> Element:
    link = tag("a", product["product_url"], href=product["product_url"], rel="noreferrer")
    name = tag("th", product["product"], tag("br"), link, scope="row")
    return tag("tr", name, tag("td", *_boxes(product, used, others)))


def _boxes(product: AppLinks, used: _Used, others: int) -> Iterator[Element]:
    """What can be ticked off for one product.

    :param others: how many other instances there are.
    """
    destinations = product["destinations"]
    done = [(product["product"], each["name"]) in used for each in destinations]
    if len(destinations) > _MOST_BOXES or (all(done) and len(done) > 1):
        all_others = len(destinations) == others
        text = f"all {others} other instances" if all_others else ", ".join(each["name"] for each in destinations)
        yield _box(text, f"{sum(done)} used", all(done))
        return
    for each, is_used in zip(destinations, done, strict=True):
        yield _box(each["name"], "used" if is_used else "", is_used, title=each["url"])


def _box(text: str, note: str, ticked: bool, **attributes: str) -> Element:
    state = {"checked": "checked", "disabled": "disabled"} if ticked else {}
    label = tag("label", tag("input", type="checkbox", **state), f" {text} ", **attributes)
    if note:
        label.append(tag("small", note))
    return label
