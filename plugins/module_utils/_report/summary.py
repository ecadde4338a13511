# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the page of the report says first: the verdict, and where the rest is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from .._run.state import State
from .._text import capitalized
from .elements import tag, with_labels
from .looks import COMPLETE, FAILED
from .page import rehearsal_note
from .results import Report


def summary_of(report: Report, now: datetime) -> Iterator[Element]:
    """The head of the page."""
    where = "" if report["run"] else ", from the ledger alone"
    yield tag(
        "p",
        f"As of {now:%Y-%m-%d %H:%M}Z, {len(report['instances'])} instances{where}. All data: ",
        tag("a", "report.csv", href="report.csv"),
        ", ",
        tag("a", "report.json", href="report.json"),
        class_="faint",
    )
    yield from rehearsal_note(report["rehearsal"])
    ok = report["verdict"]["ok"]
    shape, key = (COMPLETE.shape, COMPLETE.key) if ok else ("!", FAILED.key)
    yield tag(
        "div",
        tag("strong", f"{shape} {_headline(report)}"),
        tag("p", *with_labels(capitalized(report["verdict"]["message"]))),
        class_=f"verdict {key}",
        id="verdict",
    )


def _headline(report: Report) -> str:
    counts = report["verdict"]["counts"]
    complete = counts.get(State.COMPLETE.value, 0)
    failed = counts.get(State.ERROR.value, 0) + counts.get(State.FAILED.value, 0)
    total = sum(counts.values())
    if complete == total:
        return f"Complete: all {total} jobs"
    standing = f"{complete} of {total} jobs complete"
    return f"{failed} failed, {standing}" if failed else standing
