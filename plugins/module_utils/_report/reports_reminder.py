# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A line that reminds of Atlassian's reports, where jobs are complete and nobody has downloaded any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from .._clock import from_text
from .._ledger.attempt import Attempt
from .._model.settings import Settings
from .._model.vendor_reports import Kind, beginning_of_name, days_left
from .._run.state import State
from .._status import COMPLETE
from .._text import counted, names
from .results import ReportedUpdate

#: In so many last days, a run reminds whenever it can.
_FEW_DAYS = 10.0
_COMMAND = "ansible-playbook -i INVENTORY jira_cloud.federation.link_reports"

#: When the jobs of each instance were complete, by the URL of its product.
Completed = Mapping[str, Sequence[datetime]]


def reminder_of(settings: Settings, completed: Completed, now: datetime, *, is_end: bool) -> str:
    """The line; empty without need.

    :param is_end: whether a run has done all that it was asked for. Otherwise it reminds in the last days only.
    """
    if settings.connection.is_rehearsal:
        return ""
    left = {
        spec.name: days
        for spec in settings.specs
        if (moments := completed.get(spec.product_url))
        and (days := days_left(moments, now))
        and not _is_downloaded(spec.product_url, settings.report_dir, max(moments))
    }
    first = min(left.values(), default=None)
    if first is None or (not is_end and first >= _FEW_DAYS):
        return ""
    return (
        f"Atlassian's reports of {names(list(left))} were not downloaded yet, {counted(int(first), 'day')} left: "
        f"{_COMMAND}"
    )


def completed_in(updates: Iterable[ReportedUpdate]) -> Completed:
    """When the jobs in a report were complete."""
    found: dict[str, list[datetime]] = {}
    for each in updates:
        if each["state"] == State.COMPLETE.value and each["completed_at"]:
            found.setdefault(each["product_url"], []).append(from_text(each["completed_at"]))
    return found


def completed_among(attempts: Iterable[Attempt], settings: Settings) -> Completed:
    """When the jobs that a ledger has of the waves of a run were complete."""
    waves = {spec.manner.wave for spec in settings.specs}
    found: dict[str, list[datetime]] = {}
    for each in attempts:
        if each.status == COMPLETE and each.completed_at and each.update.wave in waves:
            found.setdefault(each.update.product_url, []).append(each.completed_at)
    return found


def _is_downloaded(product_url: str, report_dir: str, last: datetime) -> bool:
    """Whether the folder has a report of an instance from the day of its last job, or a later one."""
    folder, day = Path(report_dir), f"{last:%Y-%m-%d}"
    if not report_dir or not folder.is_dir():
        return False
    begins = [beginning_of_name(kind, product_url) for kind in (Kind.HISTORY, Kind.AUDIT_LOG)]
    found = (each.name for each in folder.iterdir())
    return any(name.startswith(begin) and name[len(begin) :][:10] >= day for name in found for begin in begins)
