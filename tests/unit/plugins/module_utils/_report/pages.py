# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report's page as its readers see it, for the tests of its sections."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, TreeBuilder

from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    REFUSED,
    ReportHarness,
)

#: Elements of HTML that have no end.
VOID = ("meta", "br", "input")
HELD = "on hold until the backup that eu -> us ordered is done"


class Reader(HTMLParser):
    """Reads a page into a tree."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self._tree = TreeBuilder()
        self.feed(page.removeprefix("<!DOCTYPE html>\n").rstrip())
        self.root = self._tree.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tree.start(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self._tree.end(tag)

    def handle_endtag(self, tag: str) -> None:
        self._tree.end(tag)

    def handle_data(self, data: str) -> None:
        self._tree.data(data)


class Page:
    """A page, as its readers see it."""

    def __init__(self, harness: ReportHarness, run: Any = None, **options: Any) -> None:
        harness.reported(run, **options)
        self.source = harness.text("html")
        self.root = Reader(self.source).root

    def all(self, path: str) -> list[Element]:
        return self.root.findall(f".//{path}")

    def one(self, path: str) -> Element:
        (found,) = self.all(path)
        return found

    def texts(self, path: str) -> list[str]:
        return [text_of(each) for each in self.all(path)]

    def text(self, path: str) -> str:
        return text_of(self.one(path))

    @property
    def headings(self) -> list[str]:
        return self.texts("h2")

    def cells(self) -> list[list[tuple[str, str, str]]]:
        """The class, the words and the title of each cell of the matrix."""
        return [
            [(cell.get("class", ""), text_of(cell, " "), cell.get("title", "")) for cell in row.findall("td")]
            for row in self.all("*[@id='matrix']/table/tbody/tr")
        ]


def text_of(element: Element, between: str = "") -> str:
    return between.join(element.itertext()).strip()


def of_many(folder: Path, count: int) -> ReportHarness:
    return ReportHarness(folder, *(f"site{number}" for number in range(count)))


def labels_of(harness: ReportHarness) -> list[str]:
    return [desired.label for spec in harness.settings().specs for desired in spec.desired]


def everything(harness: ReportHarness) -> Any:
    """A run in which a bit of everything happens."""
    jobs = {
        "eu_us": ("BACKUP", "IN_PROGRESS", "RETRY", "ERROR"),
        "us_eu": ("IN_PROGRESS", "COMPLETE"),
        "us_ap": ("IN_PROGRESS",),
        "ap_eu": ("THINKING",),
    }
    run: dict[str, Any] = {name: {"job": harness.job(name.replace("_", " -> "), *seen)} for name, seen in jobs.items()}
    return harness.run(**run, eu_ap={"held": HELD}, ap_us={"failure": replace(REFUSED, about="ap -> us")})


def merged(pair: ReportHarness) -> Any:
    """A run in which one destination has several origins, and each of its updates another fate."""
    pair.change("us", migrated_from=[f"https://{name}.example.com" for name in ("jira", "old", "third")])
    done = {"job": pair.job("eu -> us (from jira.example.com)", "IN_PROGRESS", "COMPLETE")}
    broken = {"job": pair.job("eu -> us (from old.example.com)", "RETRY", "ERROR")}
    other = {"job": pair.job("eu -> us (from third.example.com)", "ERROR")}
    labels = [f"eu -> us (from {name}.example.com)" for name in ("jira", "old", "third")]
    return pair.run(**dict(zip(labels, (done, broken, other), strict=True)))
