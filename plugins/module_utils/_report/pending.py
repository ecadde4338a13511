# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of results that have not ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._status import ENDED


def jobs_to_wait_for(submitted: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The jobs in results of C(link_update_job) that exist and have not ended."""
    return [
        {"site_id": job["site_id"], "job_id": job["job_id"], "label": result["label"]}
        for result in submitted
        if (job := result.get("job")) and job["job_id"] and job["status"] not in ENDED
    ]
