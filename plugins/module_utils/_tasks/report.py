# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last stage of a run: the verdict and the report."""

from __future__ import annotations

from .._clock import Clock
from .._errors import LinkUpdateError
from .._model.settings import Settings
from .._progress import Level, Reporter
from .._report.files import write_report
from .._report.report import report_of
from .._report.reports_reminder import completed_in, reminder_of
from .._report.results import RunResult, Verdict
from .._run.state import State
from .._text import WIDTH, wrapped
from .options import ledger_at
from .task import Result, failed

#: The names of the states in the statistics.
STATES = {
    "complete": State.COMPLETE,
    "under_way": State.OPEN,
    "error": State.ERROR,
    "failed": State.FAILED,
    "held_back": State.HELD,
    "not_scheduled": State.ABSENT,
}


def report_stage(settings: Settings, run: RunResult | None, reporter: Reporter, clock: Clock) -> Result:
    """Show the verdict, and write the report. The ledger is only read, and no site is asked.

    :param run: the result of a run that scheduled or waited. Without one, only the ledger is known.
    """
    result: Result = {"files": {}}
    verdict, reminder = run["verdict"] if run else None, ""
    try:
        with ledger_at(settings.ledger, clock, copy=True) as ledger:
            now = clock.now()
            report = report_of(settings, run, ledger, now)
        verdict = report["verdict"]
        reminder = reminder_of(settings, completed_in(report["updates"]), now, is_end=verdict["ok"])
        if settings.report_dir and "report" in settings.stages:
            result["files"] = write_report(report, settings.report_dir, settings.named)
    except LinkUpdateError as exc:
        # The verdict is shown also when the report cannot be written.
        result |= failed(exc.failure)
    if verdict:
        if reminder:
            reporter.line("\n".join(wrapped(reminder)))
        reporter.line(_line(verdict, result["files"]), Level.SUCCESS if verdict["ok"] else Level.FAILURE)
        result |= {"verdict": verdict, "stats": _stats(verdict)}
    return result


def _line(verdict: Verdict, files: dict[str, str]) -> str:
    """The verdict and where the report is, on lines that fit where one would be too long."""
    message = verdict["message"]
    report = f"Report: {files['html']}" if files else ""
    if len(message) <= WIDTH:
        return f"{message}. {report}" if report else message
    return "\n".join([*wrapped(f"{message}." if report else message), *filter(None, [report])])


def _stats(verdict: Verdict) -> Result:
    """The verdict's numbers, under names that can stand beside those of other playbooks of a workflow."""
    counts = {f"link_update_{name}": verdict["counts"][state.value] for name, state in STATES.items()}
    return {"link_update_ok": verdict["ok"], **counts, "link_update_left_out": len(verdict["left_out"])}
