# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tiles of the report's page: how many updates there are of each kind, for how long, until when, and by whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from xml.etree.ElementTree import Element

from .._clock import from_text
from .._progress import duration
from .elements import tag
from .looks import ABSENT, COMPLETE, FAILED, HELD, IN_BACKUP, RETRYING, RUNNING, WAITING, Look, look_of
from .results import Report, ReportedRun


def tiles_of(report: Report, now: datetime) -> Element:
    """The section of the page."""
    tiles = list(_counts(report))
    if any(each["recreate_as_remote"] for each in report["updates"]):
        tiles.append(_deadline(report, now))
    if report["run"]:
        tiles.append(_run(report["run"]))
    return tag("div", *tiles, id="tiles")


def _counts(report: Report) -> Iterator[Element]:
    looks = Counter(look_of(each) for each in report["updates"])
    keys = Counter(look.key for look in looks.elements())
    rest = {look: looks[look] for look in (IN_BACKUP, RETRYING, HELD, ABSENT)}
    running = looks[RUNNING] + rest[IN_BACKUP] + rest[RETRYING] + keys["other"]
    waiting = keys["waiting"] + rest[HELD] + rest[ABSENT]
    yield _count(COMPLETE, looks[COMPLETE], f"of {looks.total()} jobs")
    yield _count(RUNNING, running, _parts(rest, IN_BACKUP, RETRYING))
    yield _count(FAILED, looks[FAILED], "see below" if looks[FAILED] else "")
    yield _count(WAITING, waiting, _parts(rest, HELD, ABSENT))


def _parts(counts: dict[Look, int], *looks: Look) -> str:
    return ", ".join(f"{look.word}: {counts[look]}" for look in looks)


def _count(look: Look, count: int, more: str) -> Element:
    return _tile(look.text, str(count), more, look.key)


def _deadline(report: Report, now: datetime) -> Element:
    """How much time is left to recreate links."""
    closes = sorted((each["window_closes"], each["name"]) for each in report["instances"] if each["window_closes"])
    if not closes:
        more = "Set link_update_migrated_at: links can be recreated for 14 days only"
        return _tile("Deadline", "unknown", more, id="deadline")
    first, name = from_text(closes[0][0]), closes[0][1]
    left = (first - now).total_seconds()
    whose = "" if closes[0][0] == closes[-1][0] else f" ({name} is the first)"
    value = f"{duration(left)} left" if left > 0 else "over"
    return _tile("Deadline", value, f"to recreate links, {first:%Y-%m-%d %H:%M}Z{whose}", id="deadline")


def _run(run: ReportedRun) -> Element:
    since = f"{from_text(run['started_at']):%Y-%m-%d %H:%M}Z"
    more = f"since {since}, by {run['by']}, with jira_cloud.federation {run['version']}"
    return _tile("The run took", duration(run["seconds"]), more, id="run")


def _tile(name: str, value: str, more: str, kind: str = "", **attributes: str) -> Element:
    parts = [tag("span", name), tag("b", value), tag("small", more)]
    return tag("div", *parts, class_=f"card tile {kind}".rstrip(), **attributes)
