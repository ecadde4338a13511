# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statuses of a job, in the words of the vendor's guide.

Documented on developer.atlassian.com/cloud/migration ("Migration utility APIs", group "Link fixing").
"""

from __future__ import annotations

PENDING = "PENDING"
BACKUP = "BACKUP"
IN_PROGRESS = "IN_PROGRESS"
RETRY = "RETRY"
COMPLETE = "COMPLETE"
ERROR = "ERROR"

#: The statuses after which nothing more happens to a job. A word that is not known is not among them.
ENDED = frozenset({COMPLETE, ERROR})
KNOWN = ENDED | {PENDING, BACKUP, IN_PROGRESS, RETRY}
