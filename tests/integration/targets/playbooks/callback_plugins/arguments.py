# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes down the arguments of each task that has ended, as callbacks for log servers do."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: arguments
type: aggregate
short_description: The arguments of each task that has ended
description: For tests.
author: The jira_cloud.federation authors
options: {}
"""


class CallbackModule(CallbackBase):
    """Appends to the file that the environment variable ARGUMENTS names."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "arguments"
    CALLBACK_NEEDS_ENABLED = True

    def v2_runner_on_ok(self, result: Any) -> None:
        with Path(os.environ["ARGUMENTS"]).open("a", encoding="utf-8") as file:
            file.write(f"{result._task.action} {dict(result._task.args)}\n")

    v2_runner_on_failed = v2_runner_on_ok
