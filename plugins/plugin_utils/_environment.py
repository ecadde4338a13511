# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment of a task that works in the controller."""

from __future__ import annotations

import os
from typing import Any

from ansible.plugins.action import ActionBase


def take_environment(action: ActionBase) -> None:
    """Work in the environment that the play, a block or the task has set with C(environment), as a module would.

    An action has a process of its own, so nothing of it is left for the next task.
    """
    environment: dict[str, Any] = {}
    action._compute_environment_string(environment)
    os.environ.update({name: str(value) for name, value in environment.items()})
