# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What people see of the verdicts of a check: a shape, a word and a colour, and what each means."""

from __future__ import annotations

from .._model.verdicts import Verdict
from .looks import COMPLETE, FAILED, HELD, RETRYING, RUNNING, WAITING, Look

FOUND = COMPLETE._replace(word="found")
MISSING = FAILED._replace(word="missing")
NOT_YET = WAITING._replace(word="not yet")

LOOKS = {
    Verdict.MISSING: MISSING,
    Verdict.STALE: Look(RETRYING.key, "\N{ANTICLOCKWISE OPEN CIRCLE ARROW}", "stale"),
    Verdict.SOURCE_ABSENT: Look(HELD.key, "\N{EMPTY SET}", "issue absent"),
    Verdict.TARGET_ABSENT: Look(HELD.key, "\N{EMPTY SET}", "target absent"),
    Verdict.UNANSWERED: Look("other", "?", "unanswered"),
    Verdict.DUPLICATE: Look(RUNNING.key, "\N{IDENTICAL TO}", "duplicate"),
    Verdict.FOUND: FOUND,
}

MEANINGS = {
    Verdict.MISSING: "The issue has no link to the other issue. Both issues are there.",
    Verdict.STALE: "The issue has a link to the other issue, but at the old base URL.",
    Verdict.SOURCE_ABSENT: "The issue itself is not on its site, or the account does not see it.",
    Verdict.TARGET_ABSENT: "The link is missing. The other issue is not on its site, or the account does not see it.",
    Verdict.UNANSWERED: "The site gave no usable answer. It counts as missing.",
    Verdict.DUPLICATE: "The link is there more than once. It counts as found.",
    Verdict.FOUND: "The link is there.",
}
