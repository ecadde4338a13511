# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of all jobs on the report's page: the problems first, then the slowest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from .._progress import duration
from .._urls import short_url
from .elements import table_of, tag, with_labels
from .looks import is_problem, look_of, problem_of, severity
from .results import Report, ReportedUpdate

#: A table of more jobs than this has the problems and the slowest.
_MOST_JOBS = 1000
_MOST_SLOW = 200

_HEAD = ("Pair", "Status", "Job", "Waiting", "Backup", "Running", "Attempt", "Origin", "What happened")


def jobs_table_of(report: Report) -> Iterator[Element]:
    """The section of the page."""
    updates = sorted(report["updates"], key=_urgency)
    problems = [each for each in updates if is_problem(each)]
    fine = updates[len(problems) :]
    shown = updates if len(updates) <= _MOST_JOBS else [*problems[:_MOST_JOBS], *fine[:_MOST_SLOW]]
    yield tag("h2", "All jobs")
    yield tag("p", _order(shown, updates), class_="faint")
    table = table_of(_HEAD, map(_row, shown))
    yield tag("div", *(_switch() if problems and fine else ()), tag("div", table, class_="wide"), id="jobs")


def _urgency(update: ReportedUpdate) -> tuple[bool, int, float]:
    return not is_problem(update), severity(look_of(update)) if is_problem(update) else 0, -(update["elapsed"] or 0.0)


def _order(shown: Sequence[ReportedUpdate], updates: Sequence[ReportedUpdate]) -> str:
    order = "Problems first, then the slowest."
    left_out = len(updates) - len(shown)
    return f"{order} {left_out} jobs are not shown here: report.csv has all of them." if left_out else order


def _switch() -> Iterator[Element]:
    yield tag("label", tag("input", type="checkbox", id="only-problems"), " only problems", class_="switch")


def _row(update: ReportedUpdate) -> Element:
    look = look_of(update)
    times = (update["waiting"], update["backup"], update["running"])
    origin = update["origin"] or short_url(update["migrated_from_override"] or update["migrated_from"])
    return tag(
        "tr",
        tag("th", *with_labels(f"{update['instance']} -> {update['destination']}"), scope="row"),
        tag("td", tag("span", look.text, class_=f"chip {look.key}")),
        tag("td", *([tag("code", update["job_id"])] if update["job_id"] else [])),
        *(tag("td", duration(each) if each else "", class_="number") for each in times),
        tag("td", str(update["attempt"] or ""), class_="number"),
        tag("td", origin),
        tag("td", *with_labels(problem_of(update))),
        **({} if is_problem(update) else {"class_": "fine"}),
    )
