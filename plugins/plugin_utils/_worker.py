# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The process that Ansible's controller starts for a task, which must not outlive the controller."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from ..module_utils._clock import SystemClock
from ._interrupt import expect_interrupt, raise_again, tell_at_once

#: What is shown when the run is stopped while a request is under way.
_FINISHING = "Stopping as soon as the requests already sent are answered and recorded. A second signal stops at once."


class WorkersClock(SystemClock):
    """The clock of a worker process, which ends when the controller is gone or the user has interrupted the run.

    Ansible's workers live in sessions of their own: when the controller is killed they go on to the end of their task,
    which for a wait is hours. No claim is held at a checkpoint, so ending there loses nothing.
    """

    def __init__(self) -> None:
        self._controller = os.getppid()

    def checkpoint(self) -> None:
        super().checkpoint()
        raise_again()
        if os.getppid() != self._controller:
            raise SystemExit("the controller is gone")

    def _on_deferred(self, unfinished: bool) -> None:
        expect_interrupt()
        if unfinished:
            tell_at_once(_FINISHING)


@contextmanager
def leaving_with_the_controller() -> Iterator[None]:
    """End this process when the controller is gone, also while it waits for an answer. No claim may be held."""
    controller, over = os.getppid(), threading.Event()

    def watch() -> None:
        while not over.wait(1):
            if os.getppid() != controller:
                os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        over.set()
