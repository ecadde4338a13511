# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first task of a role: what is asked for one instance."""

from __future__ import annotations

from typing import Any

from ..module_utils._tasks.task import Result
from ..plugin_utils._action_base import RoleAction
from ..plugin_utils._invocation import Invocation, nonce
from ..plugin_utils._record import read_host
from ..plugin_utils._seal import seal


class ActionModule(RoleAction):
    """Reads the role's variables of its host. The second task says what is wrong with them, for all hosts at once."""

    def answer(self, invocation: Invocation, task_vars: dict[str, Any]) -> Result:
        record = read_host(self, invocation, task_vars)
        return invocation.mark({"changed": False, "nonce": nonce(), "sealed": seal(record.as_dict())})
