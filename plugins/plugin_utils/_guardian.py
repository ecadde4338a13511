# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that is killed while it hands a line to the main process must not take the main process with it.

The queue between them has a lock. The kernel does not free it when its holder is killed; ansible-core then notices that
a worker is dead, and waits for that lock for ever. So each worker that shows lines has a guardian, a process that does
nothing but outlive it for a moment, and frees the lock if need be.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from multiprocessing.synchronize import Lock

from ansible.utils.display import Display

from ..module_utils._signals import SIGNALS

#: For how many seconds nobody who lives holds the lock.
_HELD = 2.0
#: The end of a pipe that nobody else has: it is closed when this process ends, however it ends.
_lifeline: int | None = None


def be_guarded() -> None:
    """Have a guardian, from now to the end of this process."""
    global _lifeline
    lock = getattr(getattr(Display(), "_final_q", None), "_wlock", None)
    if _lifeline is not None or lock is None:
        return
    end, _lifeline = os.pipe()
    if os.fork():
        os.close(end)
        return
    try:
        os.close(_lifeline)
        _guard(end, lock)
    finally:
        os._exit(0)


def _guard(end: int, lock: Lock) -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    os.read(end, 1)
    lock.acquire(timeout=_HELD)
    # Of somebody else's lock this is allowed as well.
    with suppress(ValueError):
        lock.release()
