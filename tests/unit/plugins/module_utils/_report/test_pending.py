# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs the results of C(link_update_job) leave to be waited for."""

from __future__ import annotations

from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._report.pending import jobs_to_wait_for
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import COMPLETE, ERROR

Result = dict[str, Any]

FAILURE: Result = {"failed": True, "msg": "eu -> us: the token is wrong", "failure": {"code": "unauthorized"}}


def submitted(label: str, status: str | None = "PENDING", *, changed: bool = True, **more: Any) -> Result:
    """A result of C(link_update_job) with a job, whose id is made of the label."""
    job_id = f"job of {label}" if status else None
    return {
        "label": label,
        "changed": changed,
        "job": {"site_id": "site-eu", "job_id": job_id, "status": status},
        **more,
    }


def test_jobs_that_exist_and_have_not_ended_are_waited_for() -> None:
    results = [
        submitted("new"),
        submitted("attached", "RETRY", changed=False),
        submitted("strange", "PONDERING"),
        submitted("done", COMPLETE),
        submitted("broken", ERROR),
        submitted("would be", None),
        {"label": "refused", **FAILURE},
        submitted("late", "IN_PROGRESS", failed=True),
    ]
    assert jobs_to_wait_for(results) == [
        {"site_id": "site-eu", "job_id": f"job of {label}", "label": label}
        for label in ("new", "attached", "strange", "late")
    ]
