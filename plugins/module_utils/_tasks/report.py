# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last stage of a run: the verdict and the report."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from .._clock import Clock
from .._errors import LinkUpdateError
from .._ledger.ledger import open_ledger
from .._model.desired import specs_of
from .._model.federation import checked
from .._progress import Level, Reporter
from .._report.files import write_report
from .._report.report import report_of
from .._run.state import State
from .options import Options, Result, failed


def report_stage(options: Options, run: Result | None, reporter: Reporter, clock: Clock) -> Result:
    """Say what was done for a federation, and write the report. The ledger is only read, and no site is asked.

    :param options: those of C(link_update_run).
    :param run: what the run has told so far, where it scheduled or waited; else the ledger is all there is.
    """
    result: Result = {"files": {}}
    verdict = run["verdict"] if run else None
    where = ""
    try:
        orders = specs_of(options["federation"], options["orders"], {})
        with open_ledger(options["ledger"], clock, os.environ, copy=True) as ledger:
            report = report_of(
                orders=orders,
                given=options["orders"],
                instances=checked(options["federation"]),
                run=run,
                ledger=ledger,
                settings=options["settings"],
                rehearsal=bool(options["stand_in_url"]),
                now=clock.now(),
            )
        verdict = report["verdict"]
        if options["report_dir"] and "report" in options["stages"]:
            result["files"] = write_report(report, options["report_dir"])
            where = f"; report: {result['files']['html']}"
    except LinkUpdateError as exc:
        # What was done in hours must be said also where it cannot be written down.
        result.update(failed(exc))
    if verdict:
        message = f"{verdict['message']}{where}"
        reporter.line(message[:1].upper() + message[1:], Level.SUCCESS if verdict["ok"] else Level.FAILURE)
        result.update(verdict=verdict, stats=_stats(verdict))
    return result


def _stats(verdict: Mapping[str, Any]) -> dict[str, Any]:
    """The verdict's numbers, under names that can stand beside those of other playbooks of a workflow."""
    names = {
        "complete": State.COMPLETE,
        "under_way": State.OPEN,
        "error": State.ERROR,
        "failed": State.FAILED,
        "held_back": State.HELD,
        "not_scheduled": State.ABSENT,
    }
    counts = {f"link_update_{name}": verdict["counts"][state.value] for name, state in names.items()}
    return {"link_update_ok": verdict["ok"], **counts, "link_update_left_out": len(verdict["left_out"])}
