# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user decides where the ledger leaves a choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Policy:
    """What to do where the ledger leaves a choice."""

    #: Schedule a complete update anew.
    force: bool = False
    #: Schedule an update anew whose last job ended in ERROR.
    resubmit_failed: bool = True
    #: Schedule an update anew when nobody knows whether its last request was taken; otherwise fail.
    resubmit_unknown: bool = True
