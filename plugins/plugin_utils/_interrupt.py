# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Long work in a worker that the user may interrupt: it has some seconds to end well, and its lines are still shown.

Ctrl-C reaches the main process and, before ansible-core 2.19, the workers. The main process then sends SIGTERM to its
workers and stops reading the queue of Display's lines, so these lines take a pipe of their own.
"""

from __future__ import annotations

import atexit
import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from multiprocessing.connection import wait
from types import FrameType
from typing import TypeVar

from ansible.utils.display import Display

from ..module_utils._progress import timed
from ..module_utils._signals import SIGNALS

_T = TypeVar("_T")

#: How many seconds an interrupted worker may still take. They begin when the request that is under way is recorded.
GRACE = 5


class _LastLines:
    """Lines of interrupted workers, which the main process shows at its exit."""

    def __init__(self) -> None:
        self._main_process = os.getpid()
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)
        atexit.register(self._show)

    def add(self, line: str) -> None:
        """Hand a line to the main process. It is dropped if the pipe is full; the pipe holds at least 4 KiB."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._writer, f"{line}\n".encode())

    def _show(self) -> None:
        """Show the lines, and wait for the workers that still write some. A run that ends normally leaves neither.

        The workers limit themselves. multiprocessing waits for the same processes right after this hook.
        """
        # A forked process inherits this hook.
        if os.getpid() != self._main_process:
            return
        while True:
            workers = [process.sentinel for process in multiprocessing.active_children() if not process.daemon]
            text = self._read()
            if workers or text:
                # From here on Ctrl-C ends the main process at once. A KeyboardInterrupt would show a traceback.
                signal.signal(signal.SIGINT, signal.SIG_DFL)
            # Standard error still leads to the terminal if Ctrl-C has also ended the "tee" behind standard output.
            with contextlib.suppress(OSError):
                for line in text.splitlines():
                    Display().display(line, stderr=True)
            if not workers:
                return
            wait([self._reader, *workers])

    def _read(self) -> str:
        data = b""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self._reader, 65536):
                data += chunk
        return data.decode(errors="replace")


#: Made when this file is loaded. Ansible loads action plugins in its main process, before it forks a worker.
_LAST_LINES = _LastLines()
#: Where standard error leads. From ansible-core 2.19 on a worker's own leads nowhere.
_STDERR = os.dup(2)
#: The signals that have interrupted the work of this process.
_received: list[signal.Signals] = []
#: Has an item once such a signal has come, even if it is deferred. The handler of a signal takes no lock, such as that
#: of an event: it may interrupt another handler.
_expected: list[bool] = []


def show(line: str) -> bool:
    """Show a line if the work of this process was interrupted, so that Display cannot any more.

    Threads that the work has left behind may go on for a moment; nobody wants to know.
    """
    if not _received or threading.current_thread() is threading.main_thread():
        if not _expected:
            return False
        _LAST_LINES.add(line)
    return True


def expect_interrupt() -> None:
    """What interrupts the work has come, and waits until something is finished."""
    _expected.append(True)


def tell_at_once(line: str) -> None:
    """Show a line of a worker that goes on, while the main process may be about to end, or has ended."""
    with contextlib.suppress(OSError):
        os.write(_STDERR, f"{timed(line, datetime.now(timezone.utc))}\n".encode())


def raise_again() -> None:
    """Raise KeyboardInterrupt if the work was interrupted and goes on nevertheless.

    Python drops an exception that a signal raises while it runs a finalizer, such as those of closed connections.
    """
    if _received:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _dropped_in_silence() -> Iterator[None]:
    """Python shows a traceback of an exception that it drops; the user needs none of an interrupt, see raise_again."""
    show_dropped = sys.unraisablehook

    def show_others(dropped: sys.UnraisableHookArgs) -> None:
        if dropped.exc_type is not KeyboardInterrupt:
            show_dropped(dropped)

    sys.unraisablehook = show_others
    try:
        yield
    finally:
        sys.unraisablehook = show_dropped


def interruptible(work: Callable[[], _T], notice: Sequence[str]) -> _T:
    """Do the work in a worker, such that a signal raises KeyboardInterrupt in it and shows the notice to the user.

    The work then has GRACE seconds to end; a second SIGINT ends the worker at once.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        _received.append(signal.Signals(number))
        _expected.append(True)
        _limit()
        for line in notice:
            show(timed(line, datetime.now(timezone.utc)))
        raise KeyboardInterrupt

    # The signals stay blocked wherever an exception of the handler would miss the code that deals with it.
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    before = {number: signal.getsignal(number) for number in SIGNALS}
    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, interrupt)
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            with _dropped_in_silence():
                return work()
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    except (KeyboardInterrupt, SystemExit):
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        # Handed on to Ansible's own handler, which also ends the processes that the worker has started. Python's would
        # wait for the worker's threads.
        for number in _received:
            is_pythons = before[number] is signal.default_int_handler
            signal.signal(number, signal.SIG_DFL if is_pythons else before[number])
            signal.raise_signal(number)
        raise
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _limit() -> None:
    """Have the kernel end this process after GRACE seconds, or at once upon a second SIGINT."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(GRACE)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # The interrupted main process sends SIGTERM at once. SIG_IGN would make Python complain of one that it has noted.
    signal.signal(signal.SIGTERM, _disregard)
    signal.signal(signal.SIGHUP, _disregard)


def _disregard(number: int, frame: FrameType | None) -> None:
    """Let a signal pass."""
