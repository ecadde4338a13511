# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as a table for spreadsheets."""

from __future__ import annotations

import csv
import io

from .results import Report

_COLUMNS = (
    "instance",
    "destination",
    "origin",
    "state",
    "status",
    "attempt",
    "job_id",
    "submitted_at",
    "completed_at",
    "elapsed",
    "create_backup",
    "in_run",
    "site_id",
    "product_url",
    "destination_url",
    "migrated_from",
    "migrated_from_override",
    "recreate_as_remote",
    "failure",
    "waiting",
    "backup",
    "running",
    "links",
)


def csv_of(report: Report) -> str:
    """The report's updates, one to a row."""
    text = io.StringIO()
    rows = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    for update in report["updates"]:
        failure = update["failure"]["message"] if update["failure"] else update["held"]
        rows.writerow({key: harmless_cell(value) for key, value in {**update, "failure": failure}.items()})
    return text.getvalue()


def harmless_cell(value: object) -> object:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
