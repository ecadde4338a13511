# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has done for one instance: which jobs are still to be waited for, and the sentence at the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._links_api import COMPLETE, ENDED, ERROR


def jobs_to_wait_for(submitted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The jobs that results of C(link_update_job) leave to be waited for: those that exist and have not ended."""
    return [
        {"site_id": job["site_id"], "job_id": job["job_id"], "label": result["label"]}
        for result in submitted
        if (job := result.get("job")) and job["job_id"] and job["status"] not in ENDED
    ]


def verdict_of(
    submitted: Sequence[Mapping[str, Any]], waited: Mapping[str, Any], *, wait: bool = True, check: bool = False
) -> dict[str, Any]:
    """C(ok), C(message), and the labels of the updates in each state.

    :param submitted: the results of C(link_update_job), of a loop, say.
    :param waited: the result of C(link_update_wait); one that was skipped counts as well.
    :param wait: whether the jobs were to be waited for: then nothing less than complete will do.
    :param check: nothing was scheduled, only looked at.
    """
    complete, scheduled, running, failed = "complete", "scheduled", "running", "failed"
    states: dict[str, list[str]] = {complete: [], scheduled: [], running: [], failed: []}
    now = {(job["site_id"], job["job_id"]): job["status"] for job in waited.get("jobs", [])}
    for result in submitted:
        job = result.get("job") or {}
        status = now.get((job.get("site_id"), job.get("job_id")), job.get("status"))
        if result.get("failed") or "failure" in result or status == ERROR:
            state = failed
        elif status == COMPLETE:
            state = complete
        else:
            state = scheduled if result.get("changed") and not now else running
        states[state].append(str(result.get("label")))
    words = {
        complete: "complete",
        scheduled: "would be scheduled" if check else "scheduled, not waited for",
        running: "still under way",
        failed: "FAILED",
    }
    sentences = [
        "; ".join(f"{len(pairs)} {words[state]}: {', '.join(pairs)}" for state, pairs in states.items() if pairs)
    ]
    sentences += [
        str(result.get("msg")) for result in (*submitted, waited) if result.get("failed") or "failure" in result
    ]
    unfinished = states[scheduled] + states[running] if wait and not check else []
    return {
        "ok": not (states[failed] or waited.get("failed") or "failure" in waited or unfinished),
        "message": ". ".join(sentences),
        **states,
    }
