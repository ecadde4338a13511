# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A check of the links as one page: C(link_check.html)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from urllib.parse import quote
from xml.etree.ElementTree import Element

from .._clock import from_text
from .._model.verdicts import Verdict
from .._proof.summary import CheckResult
from .._store.checks import CheckedLink, PastCheck
from .check_looks import LOOKS, MEANINGS
from .check_section import FINDINGS, check_section
from .elements import table_of, tag
from .numbers import number
from .page import page_of, rehearsal_note
from .past_checks import checks_of
from .results import ReportedChecks

#: So many findings are on the page.
MOST_FINDINGS = 1000
_COLUMNS = ("Instance", "Issue", "Must have a link to", "Verdict", "Relationship", "Note")


@dataclass(frozen=True)
class CheckReport:
    """A check that has ended, and what there is to report of it."""

    result: CheckResult
    findings: Iterable[CheckedLink]
    #: The names of instances, by their product URLs.
    instances: Mapping[str, str]
    #: The checks before it, the newest first.
    history: Sequence[PastCheck] = ()
    is_rehearsal: bool = False

    @property
    def checks(self) -> ReportedChecks:
        """This check and those before it."""
        return checks_of([self.result, *(each.result for each in self.history)])


def check_html(report: CheckReport) -> str:
    """The page."""
    result = report.result
    title = f"Check {result['check']} of the links"
    return page_of(
        title,
        tag("h1", title),
        tag(
            "p",
            f"As of {from_text(result['ended_at']):%Y-%m-%d %H:%M}Z. All data: ",
            tag("a", FINDINGS, href=FINDINGS),
            ", ",
            tag("a", "link_check.json", href="link_check.json"),
            class_="faint",
        ),
        *rehearsal_note(report.is_rehearsal),
        *check_section(result, report.checks, is_rehearsal=report.is_rehearsal),
        *_verdicts(result),
        *_findings(report),
    )


def _verdicts(result: CheckResult) -> Iterator[Element]:
    """The verdicts that were given, and what each means."""
    rows = []
    for verdict, look in LOOKS.items():
        # The fields have the names of the verdicts.
        count: int = result["total"][verdict.value]
        if count:
            chip = tag("span", look.text, class_=f"chip {look.key}")
            links = tag("td", number(count), class_="number")
            rows.append(tag("tr", tag("th", chip, scope="row"), links, tag("td", MEANINGS[verdict])))
    if rows:
        yield tag("h2", "Verdicts")
        yield tag("div", table_of(("Verdict", "Links", "What it means"), rows), class_="wide", id="verdicts")


def _findings(report: CheckReport) -> Iterator[Element]:
    """The links that are not plainly there."""
    yield tag("h2", "Findings")
    findings = list(islice(report.findings, MOST_FINDINGS + 1))
    if not findings:
        yield tag("p", "None: each link that was checked is there.", class_="faint")
        return
    shown = findings[:MOST_FINDINGS]
    if len(findings) > len(shown):
        yield tag("p", f"The first {number(len(shown))}. ", tag("a", FINDINGS, href=FINDINGS), " has all of them.")
    table = table_of(_COLUMNS, (_finding(each, report.instances) for each in shown))
    yield tag("div", tag("div", table, class_="wide"), id="findings")


def _finding(link: CheckedLink, instances: Mapping[str, str]) -> Element:
    look = LOOKS[link.verdict]
    note = link.note
    if link.verdict is Verdict.STALE and link.url:
        note = f"{note}. It leads to {link.url}" if note else f"It leads to {link.url}"
    return tag(
        "tr",
        tag("td", instances.get(link.product_url, link.product_url)),
        tag("th", _issue(link.product_url, link.issue), scope="row"),
        tag("td", _issue(link.destination_url, link.target)),
        tag("td", tag("span", look.text, class_=f"chip {look.key}")),
        tag("td", link.relationship),
        tag("td", note),
    )


def _issue(site: str, key: str) -> Element:
    return tag("a", key, href=f"{site}/browse/{quote(key, safe='-')}", rel="noreferrer")
