# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of their own for what a test starts, kills and runs at once.

To start Python and to load everything costs more than most of them do. So one process has done that, and each of the
others is a copy of it, with nothing in it that a test has done before.
"""

from __future__ import annotations

import multiprocessing

_UNIT = "ansible_collections.jira_cloud.federation.tests.unit"

PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["psycopg", "pytest", f"{_UNIT}.run_alone", f"{_UNIT}.victim"])
