# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run has done for one instance."""

from __future__ import annotations

DOCUMENTATION = r"""
name: verdict
short_description: What a run has done, in one sentence
version_added: 0.1.0
description:
  - Sums up results of M(jira_cloud.federation.link_update_job) and the jobs that
    M(jira_cloud.federation.link_update_wait) waited for.
positional: waited
options:
  _input:
    description: The results of M(jira_cloud.federation.link_update_job), for example RV(ignore:results) of a loop.
    type: list
    elements: dict
    required: true
  waited:
    description: The result of M(jira_cloud.federation.link_update_wait), also when it was skipped.
    type: dict
    required: true
  wait:
    description: Whether the jobs were to be waited for. If so, nothing less than complete is C(ok).
    type: bool
    default: true
  check:
    description: Whether this was a run in check mode, which schedules nothing.
    type: bool
    default: false
author:
  - The jira_cloud.federation authors (!UNKNOWN)
"""

EXAMPLES = r"""
- name: Say what is done and what is not
  ansible.builtin.debug:
    msg: "{{ (scheduled.results | jira_cloud.federation.verdict(waited)).message }}"
"""

RETURN = r"""
_value:
  description:
    - A dictionary with C(ok) (whether all is as it was to be), C(message), and the labels of the updates that are C(complete),
      C(scheduled) by this run and not waited for, under way (C(running)), and C(failed).
  type: dict
"""

from collections.abc import Callable
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._verdict import verdict_of
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._filter import as_filter


class FilterModule:
    """The filter's entry."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        return {"verdict": as_filter(verdict_of)}
