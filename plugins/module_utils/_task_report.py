# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_report) does, from its options to its result."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock
from ansible_collections.jira_cloud.federation.plugins.module_utils._entries import State
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._federation import checked
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._options import Options, Result, failed
from ansible_collections.jira_cloud.federation.plugins.module_utils._orders import orders_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Reporter, Tone
from ansible_collections.jira_cloud.federation.plugins.module_utils._report import csv_of, report_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report_html import html_of


def link_update_report(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Say what was done for a federation, and write it down. The ledger is only read, and no site is asked.

    :param options: as the argument spec of the module describes them, complete.
    :param check: write nothing.
    """
    try:
        orders = orders_of(options["federation"], options["orders"], {})
        with open_ledger(options["ledger"], clock, os.environ, copy=True) as ledger:
            report = report_of(
                orders=orders,
                given=options["orders"],
                instances=checked(options["federation"]),
                run=options["run"],
                ledger=ledger,
                settings=options["settings"],
                rehearsal=options["rehearsal"],
                now=clock.now(),
            )
    except LinkUpdateError as exc:
        return {"changed": False, **failed(exc)}
    verdict = report["verdict"]
    result: Result = {"changed": False, "verdict": verdict, "files": {}, "stats": _stats(verdict)}
    where = ""
    try:
        if options["directory"] and not check:
            result["files"] = _write(report, options["directory"])
            where = f"; report: {result['files']['html']}"
    except LinkUpdateError as exc:
        # What was done in hours must be said also where it cannot be written down.
        result.update(failed(exc))
    result["message"] = f"{verdict['message']}{where}"
    reporter.line(result["message"][:1].upper() + result["message"][1:], Tone.GOOD if verdict["ok"] else Tone.BAD)
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
    return {"link_update_ok": verdict["ok"], **counts}


def _write(report: dict[str, Any], directory: str) -> dict[str, str]:
    """Write the three files, none before all of them could be; what was written where."""
    folder = Path(directory)
    texts = {
        "html": html_of(report),
        "json": json.dumps(report, indent=2, ensure_ascii=False) + "\n",
        "csv": csv_of(report),
    }
    files = {kind: folder / f"report.{kind}" for kind in texts}
    fresh = {kind: path.with_name(f".{path.name}.{os.getpid()}") for kind, path in files.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for kind, text in texts.items():
            fresh[kind].write_text(text, encoding="utf-8")
        for kind, path in files.items():
            fresh[kind].replace(path)
    except OSError as exc:
        raise LinkUpdateError(
            f"the report cannot be written to {folder}: {exc.strerror}. Set link_update_report_dir to a folder that "
            "is yours to write, or to an empty string for none",
            code="report",
        ) from exc
    finally:
        for path in fresh.values():
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return {kind: str(path) for kind, path in files.items()}
