# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a process does that ensures one update, and kills or stops itself at the step that it is given."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks import job, options
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener
from urllib3.connection import HTTPConnection


def die(*ignored: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def stop(*ignored: Any) -> None:
    """Stand still, as on a machine that is suspended, until somebody wakes this process."""
    os.kill(os.getpid(), signal.SIGSTOP)


def stop_for_longer_than_the_lease() -> None:
    Connection.lease = timedelta(seconds=1)  # type: ignore[assignment,method-assign]
    before(job.LinksApi, "schedule", stop)


def die_when_answered(connection: HTTPConnection) -> None:
    """The answer has come, and nobody has read a byte of it."""
    if select.select([connection.sock], [], [], 10)[0]:
        die()


def before(owner: Any, name: str, act: Callable[..., None] = die) -> None:
    """Have something happen before a method of a class or an object is called."""
    method = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        act(*args)
        return method(*args, **kwargs)

    setattr(owner, name, wrapped)


def after(owner: Any, name: str) -> None:
    """Die when a method has done its work."""
    method = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        method(*args, **kwargs)
        die()

    setattr(owner, name, wrapped)


def with_ledger(wrap: Callable[..., None], name: str) -> None:
    """Wrap a method of the ledger that the task will open."""
    really_open = options.open_ledger

    def open_ledger(*args: Any, **kwargs: Any) -> Any:
        ledger = really_open(*args, **kwargs)
        wrap(ledger, name)
        return ledger

    options.open_ledger = open_ledger


STEPS: dict[str, Callable[[], None]] = {
    "before the claim": lambda: with_ledger(before, "claim"),
    "claimed, nothing sent": lambda: before(job.LinksApi, "schedule"),
    "claimed, nothing sent, stopped": stop_for_longer_than_the_lease,
    "taken, no answer read": lambda: before(HTTPConnection, "getresponse", die_when_answered),
    "answered, id not recorded": lambda: with_ledger(before, "record_job"),
    "id recorded": lambda: with_ledger(after, "record_job"),
    "waiting": lambda: before(job.LinksApi, "status"),
    "end seen, not recorded": lambda: with_ledger(before, "record_status"),
}


def reach(step: str, options: dict[str, Any]) -> None:
    """Ensure one update with such options of link_update_job, up to a step."""
    STEPS[step]()
    job.link_update_job(options, False, Listener(), SystemClock())
