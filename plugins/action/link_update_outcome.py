# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The last tasks of a role: what has become of one instance in this invocation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._ansible.argspec import LINK_UPDATE_OUTCOME
from ..module_utils._tasks.task import Result
from ..plugin_utils._action_base import RoleAction
from ..plugin_utils._invocation import Invocation


class ActionModule(RoleAction):
    """Shows its host as changed if a job was scheduled for it, and as failed if something is missing."""

    def answer(self, invocation: Invocation, task_vars: dict[str, Any]) -> Result:
        what = self.validate_argument_spec(argument_spec=LINK_UPDATE_OUTCOME)[1]["of"]
        outcome = _outcome(invocation)
        if what == "jobs":
            return {"changed": outcome["changed"], **({"diff": outcome["diff"]} if self._task.diff else {})}
        if outcome["failed"]:
            # Else ansible-core shows this task's source from 2.19 on, which has nothing to do with the reason.
            self._task._ds = None
            return {"changed": outcome["changed"], "failed": True, "msg": outcome["message"]}
        return {"changed": False, "msg": outcome["message"]}


def _outcome(invocation: Invocation) -> Mapping[str, Any]:
    """What the leader says of this host, if that is about what was read of it."""
    host, leader, role = invocation.host, invocation.leader(), invocation.role
    record = invocation.marked(host, role.read)
    run = invocation.marked(leader, role.run) if leader else None
    if record is None:
        message = f"{host}: nothing was done. The first task of the role was skipped or failed"
    elif run is None:
        # Jobs may have been scheduled, for example when the host that does the work was killed.
        message = f"{host}: the run has no result, see {leader}"
    else:
        outcome: Mapping[str, Any] | None = run["outcomes"].get(host)
        if outcome and outcome["nonce"] == record["nonce"]:
            return outcome
        message = f"{host}: nothing was done, see {leader}"
    return {"failed": True, "changed": False, "message": message, "diff": []}
