# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A connection to this machine that is not called local: tasks over it run as modules, as on any other host."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as LocalConnection

DOCUMENTATION = """
name: elsewhere
short_description: This machine, as though it were another one
description: For tests.
author: The jira_cloud.federation authors
options: {}
"""


class Connection(LocalConnection):
    """The local connection under another name."""

    transport = "elsewhere"
