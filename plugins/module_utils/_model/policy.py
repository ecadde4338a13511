# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user decides: when a job is scheduled again, how long to wait, how often to poll."""

from __future__ import annotations

from dataclasses import dataclass, field

from .._naming import MODULE, Naming

#: The pause before the next look at a job, as a part of its age: noticing its end costs at most that part of its time.
PART_OF_AGE = 0.05


@dataclass(frozen=True)
class Policy:
    """What to do where the ledger leaves a choice."""

    #: Schedule a complete update again.
    force: bool = False
    #: Retry an update whose last job ended in ERROR.
    resubmit_failed: bool = True
    #: Schedule an update again when it is unknown whether its last request was taken; otherwise fail.
    resubmit_unknown: bool = True
    #: What messages call the options.
    named: Naming = field(default=MODULE, compare=False)


@dataclass(frozen=True)
class PollPolicy:
    """How long to wait, and how often to look; all in seconds."""

    timeout: float = 86400.0
    poll_min: float = 2.0
    poll_max: float = 60.0

    def pause(self, age: float) -> float:
        """The time until the next look at a job of this age."""
        return min(max(PART_OF_AGE * age, self.poll_min), self.poll_max)
