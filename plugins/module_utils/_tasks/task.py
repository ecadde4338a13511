# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task is: from options to a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from .._clock import Clock
from .._errors import Failure, LinkUpdateError
from .._progress import OneAtATime, Reporter

#: As the argument spec of the module describes them, complete.
Options = Mapping[str, Any]
Result = dict[str, Any]
#: Gets the options, whether it is check mode, whom to tell, and the time.
Task = Callable[[Options, bool, Reporter, Clock], Result]


def failed(failure: Failure) -> Result:
    """The result of a task that failed."""
    return {"failed": True, "msg": failure.message, "failure": failure.as_result()}


def task(work: Task) -> Task:
    """A task whose failures are results, and whose threads may all show something."""

    @wraps(work)
    def done(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
        try:
            return work(options, check, OneAtATime(reporter), clock)
        except LinkUpdateError as exc:
            return {"changed": False, **failed(exc.failure)}

    return done
