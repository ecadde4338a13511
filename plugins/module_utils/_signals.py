# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that have to wait: what is begun must come to an end first."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

#: The signals that interrupt the work. A closed terminal sends SIGHUP to the workers of ansible-core before 2.19.
SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
#: Signals within so many seconds are one interruption. A terminal and Ansible's main process may both hand a Ctrl-C on,
#: and the main process sends SIGTERM as well, at once or when it has waited for a while.
TOGETHER = 1.0


@contextmanager
def deferred(tell: Callable[[], None]) -> Iterator[None]:
    """Defer a signal until the end of the block, where it is raised. When it comes again, it is raised at once.

    :param tell: called when the first signal has come and is deferred.
    """
    if threading.current_thread() is not threading.main_thread():
        # No signal interrupts another thread.
        yield
        return
    received: list[tuple[int, float]] = []
    handlers: dict[signal.Signals, Any] = {}

    def let_go() -> None:
        mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        while handlers:
            signal.signal(*handlers.popitem())
        if received:
            signal.raise_signal(received[0][0])
            received.clear()
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)

    def hold(number: int, frame: FrameType | None) -> None:
        if not received:
            received.append((number, time.monotonic()))
            tell()
        elif number == received[0][0] and time.monotonic() - received[0][1] >= TOGETHER:
            let_go()

    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    handlers.update((number, signal.getsignal(number)) for number in SIGNALS)
    for number, handler in handlers.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, hold)
    try:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        yield
    finally:
        let_go()
