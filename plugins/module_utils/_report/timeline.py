# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The timeline of the report's page: in which status each job was, and for how long."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from .._clock import from_text
from .._progress import duration
from .._run.times import Times
from .._status import BACKUP, ENDED, IN_PROGRESS, PENDING, RETRY
from .elements import fold, tag, with_labels
from .looks import look_of, look_of_status
from .results import Report, ReportedUpdate

#: A timeline with more jobs than this is folded away at first.
_MOST_OPEN = 60
#: So many jobs that failed, and so many others, are shown: those that took longest.
_MOST_JOBS = 200
#: So many statuses of one job are shown: the last ones. A job may go to RETRY and back for days.
_MOST_BARS = 20


@dataclass(frozen=True)
class Span:
    """The time that a job spent in one status."""

    status: str
    since: datetime
    to: datetime

    @property
    def seconds(self) -> float:
        return (self.to - self.since).total_seconds()


def spans_of(update: ReportedUpdate, now: datetime) -> list[Span]:
    """A job's time from its scheduling to its end, or to now."""
    history = [(each["status"], from_text(each["since"])) for each in update["history"]]
    end = from_text(update["completed_at"]) if update["completed_at"] else now
    ends = [since for _status, since in history[1:]] + [end]
    spans = [Span(status, since, to) for (status, since), to in zip(history, ends, strict=True)]
    return [span for span in spans if span.status not in ENDED]


def timeline_of(report: Report, now: datetime) -> Iterator[Element]:
    """The section of the page, with what failed first; nothing where no job has a history."""
    seen = [update for update in report["updates"] if update["history"]]
    shown = _slowest(seen)
    if not shown:
        return
    jobs = [(update, spans_of(update, now)[-_MOST_BARS:]) for update in shown]
    whole = Span("", min(spans[0].since for _update, spans in jobs), max(spans[-1].to for _update, spans in jobs))
    yield tag("h2", "Timeline")
    when = f"{whole.since:%Y-%m-%d %H:%M:%S}Z to {whole.to:%Y-%m-%d %H:%M:%S}Z, as it was seen. "
    if left_out := len(seen) - len(shown):
        when += f"{left_out} jobs that were quicker are left out; report.json and report.csv have all of them. "
    yield tag("p", when, *(_key(status) for status in (PENDING, BACKUP, IN_PROGRESS, RETRY)), class_="faint legend")
    lines = [_line(update, spans, whole) for update, spans in jobs]
    # Without the end of a label, the origins of a pair look the same.
    room = {"class_": "long"} if any(update["origin"] for update in shown) else {}
    content = tag("div", *lines, **room)
    yield tag("div", content if len(jobs) <= _MOST_OPEN else fold(f"show {len(jobs)} jobs", content), id="timeline")


def _slowest(jobs: Sequence[ReportedUpdate]) -> list[ReportedUpdate]:
    """The jobs that failed and the others, as many of both as there is room for, in the order of their scheduling."""
    shown: list[ReportedUpdate] = []
    for some in ([job for job in jobs if job["failure"]], [job for job in jobs if not job["failure"]]):
        by_time = sorted(enumerate(some), key=lambda job: job[1]["elapsed"] or 0.0, reverse=True)
        slowest = sorted(by_time[:_MOST_JOBS], key=lambda job: (job[1]["submitted_at"] or "", job[0]))
        shown += (job for _place, job in slowest)
    return shown


def _key(status: str) -> Element:
    look = look_of_status(status)
    return tag("span", tag("i", class_=f"bar {look.key}"), look.word)


def _line(update: ReportedUpdate, spans: Sequence[Span], whole: Span) -> Element:
    times = Times(update["waiting"] or 0.0, update["backup"] or 0.0, update["running"] or 0.0)
    look = look_of(update)
    name = f"{look.shape} {update['label']}"
    return tag(
        "div",
        tag("span", *with_labels(name), title=f"{update['label']}, {look.word}, job {update['job_id']}"),
        tag("div", *(_bar(span, whole) for span in spans), class_="track"),
        tag("span", str(times)),
        class_="line",
    )


def _bar(span: Span, whole: Span) -> Element:
    percent = 100 / max(whole.seconds, 0.001)
    left = percent * (span.since - whole.since).total_seconds()
    return tag(
        "i",
        class_=f"bar {look_of_status(span.status).key}",
        style=f"left:{left:.2f}%;width:{percent * span.seconds:.2f}%",
        title=f"{span.status} {duration(span.seconds)}",
    )
