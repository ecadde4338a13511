# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of C(link_update_wait)."""

from __future__ import annotations

from ..module_utils._ansible.argspec import LINK_UPDATE_WAIT
from ..module_utils._tasks.wait import link_update_wait
from ..plugin_utils._action_base import Module, TaskAction


class ActionModule(TaskAction):
    """See the documentation of the module."""

    module = Module("link_update_wait", LINK_UPDATE_WAIT, link_update_wait)
    lasting = True
