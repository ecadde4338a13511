# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The findings of a check as a table for spreadsheets. A repair reads it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping

from .._store.checks import CheckedLink
from .spreadsheet import harmless_cell

COLUMNS = ("instance", "issue", "target", "verdict", "relationship", "url", "note")


def findings_csv(findings: Iterable[CheckedLink], instances: Mapping[str, str]) -> str:
    """The findings, one to a row.

    :param instances: the names of instances, by their product URLs.
    """
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for each in findings:
        row = (
            instances.get(each.product_url, each.product_url),
            each.issue,
            each.target,
            each.verdict.value,
            each.relationship,
            each.url,
            each.note,
        )
        rows.writerow(map(harmless_cell, row))
    return text.getvalue()
