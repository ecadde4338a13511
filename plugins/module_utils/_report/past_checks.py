# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The checks that have ended, as the report has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from .._proof.summary import CheckResult
from .results import ReportedCheck, ReportedChecks

#: So many checks are shown of which only the sums count.
MOST_CHECKS = 12


def checks_of(results: Sequence[Mapping[str, Any]]) -> ReportedChecks:
    """The last check, and the sums of those before it.

    :param results: the newest first.
    """
    checks = [cast("CheckResult", dict(each)) for each in results]
    return {"last": checks[0] if checks else None, "history": [in_short(each) for each in checks[:MOST_CHECKS]]}


def in_short(check: CheckResult) -> ReportedCheck:
    """A check without its pairs."""
    return {
        "check": check["check"],
        "ended_at": check["ended_at"],
        "ok": check["ok"],
        "sampled": check["sampled"],
        "total": check["total"],
    }
