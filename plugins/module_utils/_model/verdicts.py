# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check says of the links that must be there."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What was found where an issue must have a remote link to an issue of another instance."""

    FOUND = "found"
    MISSING = "missing"
    #: There is one to the same key, but it still leads to the old base URL.
    STALE = "stale"
    #: The same link is there more than once.
    DUPLICATE = "duplicate"
    #: The issue itself is not on its site, or the account does not see it.
    SOURCE_ABSENT = "source_absent"
    #: The link is missing, and the issue that it has to lead to is not on its site, or the account does not see it.
    TARGET_ABSENT = "target_absent"
    #: The site was asked, and gave no usable answer.
    UNANSWERED = "unanswered"


#: Of the links of a pair whose job is not complete: they were not asked for.
NOT_YET = "not_yet"
#: The link is there.
GOOD = frozenset({Verdict.FOUND, Verdict.DUPLICATE})
