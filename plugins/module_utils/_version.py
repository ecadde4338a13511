# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which version of the collection this is: a module that has been sent to another machine has no galaxy.yml there."""

from __future__ import annotations

VERSION = "0.1.0"
