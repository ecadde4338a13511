# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the work on any update needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from .._clock import Clock
from .._ledger.ledger import Ledger
from .._progress import Reporter
from .claim_wait import ClaimWait
from .first_contact import FirstContact


@dataclass(frozen=True)
class Toolbox:
    """The tools of one run, shared by all that it does."""

    ledger: Ledger
    clock: Clock
    reporter: Reporter
    #: What one request can last at most, all timeouts included.
    lease: timedelta
    #: Find out only: no job is scheduled. The ledger should be a copy then.
    check: bool = False
    #: For how many seconds to wait for other runs that are just sending a request.
    wait_limit: float = math.inf

    @cached_property
    def claim_wait(self) -> ClaimWait:
        return ClaimWait(self.clock, self.reporter, self.wait_limit)

    @cached_property
    def contact(self) -> FirstContact:
        return FirstContact(self.ledger, self.clock)
