# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(stand_in), and the only one: a stand-in serves the machine that the playbook runs on."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible import constants
from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.jira_cloud.federation.plugins.module_utils._argspec import STAND_IN
from ansible_collections.jira_cloud.federation.plugins.module_utils._options import REHEARSAL_EMAIL, REHEARSAL_TOKEN
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._stage import StageError, start_stand_in


class ActionModule(ActionBase):  # type: ignore[misc]
    """See the documentation of the module."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result: dict[str, Any] = super().run(tmp, task_vars)
        options = self.validate_argument_spec(argument_spec=STAND_IN)[1]
        ledger = options.pop("ledger")
        script = {name: value for name, value in options.items() if value is not None}
        # Actions run in a child of ansible-playbook.
        until_pid = os.getppid()
        try:
            url = start_stand_in({**script, "email": REHEARSAL_EMAIL, "api_token": REHEARSAL_TOKEN}, until_pid)
        except (StageError, OSError) as exc:
            raise AnsibleActionFail(str(exc)) from exc
        # Ansible removes this folder when the run is over.
        folder = Path(constants.DEFAULT_LOCAL_TMP)
        result.update(changed=False, url=url, ledger=ledger or str(folder / "rehearsal.sqlite3"))
        return result
