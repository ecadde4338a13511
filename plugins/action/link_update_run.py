# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_update_run)."""

from __future__ import annotations

from typing import Any

from ..module_utils._ansible.argspec import LINK_UPDATE_RUN
from ..module_utils._clock import Clock
from ..module_utils._progress import Reporter
from ..module_utils._tasks.run import link_update_run
from ..module_utils._tasks.task import Options, Result
from ..plugin_utils._action_base import TaskAction, take_environment
from ..plugin_utils._invocation import Invocation
from ..plugin_utils._leader import Leader


class ActionModule(TaskAction):
    """See the documentation of the module."""

    argument_spec = LINK_UPDATE_RUN
    lasting = True

    def work(self, options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
        return link_update_run(options, check, reporter, clock)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> Result:
        if "orders" in self._task.args:
            return super().run(tmp, task_vars)
        # As the second task of the role, it is told by the first one what to do.
        task_vars = task_vars or {}
        take_environment(self)
        invocation = Invocation(self, task_vars)
        if not invocation.stages or invocation.leader() != invocation.host:
            return {"changed": False}
        return Leader(self, invocation, task_vars).lead()
