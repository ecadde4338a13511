# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs to wait for."""

from __future__ import annotations

DOCUMENTATION = r"""
name: jobs
short_description: The jobs to wait for after updates were scheduled
version_added: 0.1.0
description:
  - Turns results of M(jira_cloud.federation.link_update_job) into the O(jira_cloud.federation.link_update_wait#module:jobs) of
    M(jira_cloud.federation.link_update_wait). Leaves out updates without a job, and jobs that have ended.
options:
  _input:
    description: The results, for example RV(ignore:results) of a loop.
    type: list
    elements: dict
    required: true
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Wait for what was scheduled
  jira_cloud.federation.link_update_wait:
    jobs: "{{ scheduled.results | jira_cloud.federation.jobs }}"
"""

RETURN = r"""
_value:
  description: For each job a dictionary with C(site_id), C(job_id) and C(label).
  type: list
  elements: dict
"""

from collections.abc import Callable
from typing import Any

from ..module_utils._report.pending import jobs_to_wait_for
from ..plugin_utils._filter import as_filter


class FilterModule:
    """The filter's entry."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"jobs": as_filter(jobs_to_wait_for)}
