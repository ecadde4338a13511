# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statuses of a job.

Documented on developer.atlassian.com/cloud/migration ("Migration utility APIs", group "Link fixing"), unless a comment
here says that it is inferred.
"""

from __future__ import annotations

from typing import NamedTuple

PENDING = "PENDING"
BACKUP = "BACKUP"
IN_PROGRESS = "IN_PROGRESS"
RETRY = "RETRY"
COMPLETE = "COMPLETE"
ERROR = "ERROR"

DOCUMENTED = frozenset({PENDING, BACKUP, IN_PROGRESS, RETRY, COMPLETE, ERROR})
#: Inferred: other words for COMPLETE. How the wire spells the words of the guide is not documented.
SAME_AS_COMPLETE = frozenset({"COMPLETED", "DONE", "SUCCESS", "SUCCEEDED", "SUCCESSFUL"})
#: Inferred: other words for an end without success. FAILED, CANCELLED and DEAD are those of the tasks of Jira Cloud's
#: REST API. What made a job end so is not known, so no run schedules one again unless a person says so.
NOT_DOCUMENTED_FAILURES = frozenset(
    {"FAILED", "FAILURE", "CANCELLED", "CANCELED", "ABORTED", "REJECTED", "TIMED_OUT", "DEAD"}
)

FAILURES = NOT_DOCUMENTED_FAILURES | {ERROR}
#: The statuses after which nothing more happens to a job. A word that is not known is not among them.
ENDED = FAILURES | {COMPLETE}
KNOWN = DOCUMENTED | ENDED


class JobStatus(NamedTuple):
    """What the service says of a job."""

    #: One of L(KNOWN), or the service's own word in upper case.
    word: str
    #: What it says beside the word, such as why the job has failed; empty where it says nothing.
    said: str = ""
