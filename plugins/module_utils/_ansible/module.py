# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module's side: the work of a task in a process of its own, on whatever host the task is delegated to."""

from __future__ import annotations

import os
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from .._clock import SystemClock
from .._progress import Level
from .._secrets import passwords_in
from .._tasks.task import Task
from .._text import visible
from .argspec import ArgumentSpec
from .journal import VARIABLE, ControllerGone, Journal, RemoteClock, as_entry


class _ModuleReporter:
    """A module's result is seen only once it has ended, so what it says goes to a journal as well, if there is one."""

    def __init__(self, module: AnsibleModule, journal: Journal | None) -> None:
        self._module = module
        self._journal = journal
        self.said: list[dict[str, str]] = []

    glances = False

    def line(self, text: str, level: Level = Level.INFO) -> None:
        entry = as_entry(text, level)
        self.said.append(entry)
        if self._journal:
            self._journal.write(entry)

    def warn(self, text: str) -> None:
        if self._journal:
            self.line(f"Warning: {text}", Level.WARNING)
        else:
            self._module.warn(visible(text))

    def glance(self, text: str) -> None:
        """Nobody is watching."""


def run_module(task: Task, argument_spec: ArgumentSpec) -> None:
    """Be a module that does the task."""
    module = AnsibleModule(argument_spec=argument_spec, supports_check_mode=True)
    # Ansible repeats a module's arguments at -vvv. Those that are secrets as a whole it knows; these hide in a URL.
    for option in ("ledger", "store", "census_store"):
        module.no_log_values.update(passwords_in(module.params.get(option) or ""))
    journal = Journal(Path(os.environ[VARIABLE])) if VARIABLE in os.environ else None
    reporter = _ModuleReporter(module, journal)
    try:
        result = task(module.params, module.check_mode, reporter, RemoteClock(journal) if journal else SystemClock())
    except ControllerGone as exc:
        module.fail_json(msg=str(exc))
    result["progress"] = reporter.said
    if not module._diff:
        result.pop("diff", None)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
