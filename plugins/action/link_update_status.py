# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_update_status)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..module_utils._ansible.argspec import LINK_UPDATE_STATUS
from ..module_utils._tasks.status import link_update_status
from ..module_utils._tasks.task import Result
from ..plugin_utils._action_base import Module, TaskAction
from ..plugin_utils._inventory import options_of
from ..plugin_utils._reporter import DisplayReporter


class ActionModule(TaskAction):
    """See the documentation of the module."""

    module = Module("link_update_status", LINK_UPDATE_STATUS, link_update_status)

    def perform(
        self,
        module: Module,
        arguments: Mapping[str, Any],
        task_vars: dict[str, Any] | None,
        reporter: DisplayReporter,
        *,
        here: bool,
    ) -> Result:
        if "orders" not in arguments:
            arguments = {**options_of(task_vars or {}, self._templar.template), **arguments}
        return super().perform(module, arguments, task_vars, reporter, here=here)
