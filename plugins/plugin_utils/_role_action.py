# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the per-host tasks of a role have in common."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.jira_cloud.federation.plugins.module_utils._options import Result
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._environment import take_environment
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._invocation import Invocation


class RoleAction(ActionBase):  # type: ignore[misc]
    """A task of every host, which does its part of the invocation that it belongs to."""

    def answer(self, invocation: Invocation, task_vars: dict[str, Any]) -> Result:
        """The result of the task."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        result: Result = super().run(tmp, task_vars)
        take_environment(self)
        invocation = Invocation(self, task_vars or {})
        # Where the tags select no stage, the role does nothing at all.
        return result | (self.answer(invocation, task_vars or {}) if invocation.stages else {"changed": False})
