# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the work on any update needs."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import timedelta

from .._clock import Clock
from .._ledger.ledger import Ledger
from .._progress import Level, Reporter
from .._status import JobStatus
from .._text import padded
from .._threads import Threads
from .claim_wait import ClaimWait
from .first_contact import FirstContact
from .state import UpdateState

#: The statuses of jobs, by the site and the id of each.
Answers = dict[tuple[str, str], JobStatus]


class Toolbox:
    """The tools of one run, shared by all that it does.

    :param lease: what one request can last at most, all timeouts included.
    :param check: find out only: no job is scheduled. The ledger should be a copy then.
    :param wait_limit: for how many seconds to wait for other runs that are just sending a request.
    :param connections: how many requests may be under way at once.
    :param answers: what a plan was told a moment before the run, which need not ask again then.
    :param on_job_error: called when a job was seen to end without success, perhaps by several threads at once.
    """

    def __init__(
        self,
        ledger: Ledger,
        clock: Clock,
        reporter: Reporter,
        lease: timedelta,
        check: bool = False,
        *,
        wait_limit: float = math.inf,
        connections: int = 1,
        answers: Answers | None = None,
        on_job_error: Callable[[UpdateState], None] = lambda update: None,
    ) -> None:
        self.ledger = ledger
        self.clock = clock
        self.reporter = reporter
        self.lease = lease
        self.check = check
        self.answers = {} if answers is None else answers
        self.on_job_error = on_job_error
        self.claim_wait = ClaimWait(clock, reporter, wait_limit)
        self.contact = FirstContact(ledger, clock)
        self.threads = Threads(clock, connections)
        #: Of the first column of lines: that of the longest label.
        self.width = 0

    def line_of(self, name: str, text: str) -> str:
        """A line about an instance or a pair, its text below that of the others."""
        return f"{padded(name, self.width)}  {text}"

    def say(self, name: str, text: str, level: Level = Level.INFO) -> None:
        """Show a line about an instance or a pair."""
        self.reporter.line(self.line_of(name, text), level)
