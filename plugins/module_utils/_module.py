# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's side: the work of a task in a process of its own, on whatever host the task is delegated to."""

from __future__ import annotations

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.jira_cloud.federation.plugins.module_utils._argspec import ArgumentSpec
from ansible_collections.jira_cloud.federation.plugins.module_utils._options import Task
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Tone
from ansible_collections.jira_cloud.federation.plugins.module_utils._store_postgresql import passwords_in


class _ModuleReporter:
    """A module is heard only once it has ended: warnings are kept for its result, progress is lost."""

    def __init__(self, module: AnsibleModule) -> None:
        self._module = module

    glances = False

    def line(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Nobody is listening."""

    def warn(self, text: str) -> None:
        self._module.warn(text)

    def glance(self, text: str) -> None:
        """Nobody is watching."""


def run_module(task: Task, argument_spec: ArgumentSpec) -> None:
    """Be a module that does the task."""
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    # Ansible repeats a module's arguments at -vvv. Those that are secrets as a whole it knows; this one hides in a URL.
    module.no_log_values.update(passwords_in(module.params.get("ledger") or ""))
    result = task(module.params, module.check_mode, _ModuleReporter(module))
    if not module._diff:
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
