# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The moment by which a request has to be over, however slow each part of it is."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import lru_cache
from typing import Self, TypeVar

T = TypeVar("T")

#: What has the system discard what it still has to send when a connection is closed.
_DISCARD = struct.pack("ii", 1, 0)


class Deadline:
    """Cuts the connections that it watches when it passes. Use as a context manager."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._end = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._watched: list[socket.socket] = []
        self._watchdog = _watchdog_of(os.getpid())
        self._watchdog.watch(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._watchdog.leave(self)
        with self._lock:
            while self._watched:
                self._watched.pop().close()

    def __str__(self) -> str:
        return f"timed out after {self._seconds:g} s"

    @property
    def end(self) -> float:
        """When it passes, by the monotonic clock."""
        return self._end

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self._end

    def left(self) -> float:
        """Seconds until then, more than 0.

        :raises TimeoutError: it has passed.
        """
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError(str(self))
        return left

    def restart(self) -> None:
        """Have its time begin again, for the next part of a long answer."""
        self._end = time.monotonic() + self._seconds

    @contextmanager
    def paused(self) -> Iterator[None]:
        """What is done meanwhile is no part of the request."""
        self._watchdog.leave(self)
        start = time.monotonic()
        try:
            yield
        finally:
            self._end += time.monotonic() - start
            self._watchdog.watch(self)

    def watch(self, descriptor: int) -> None:
        """Have a connection cut in time.

        :param descriptor: of its socket, which may be wrapped, or closed before its answer is read.
        """
        with self._lock:
            self._watched.append(socket.socket(fileno=os.dup(descriptor)))
        if self.is_over:
            self.cut()

    def wait_for(self, work: Callable[[], T]) -> T:
        """What work that cannot be interrupted results in. A thread does it, and is left alone where it takes too long.

        :raises TimeoutError: it did.
        """
        future: Future[T] = Future()

        def do() -> None:
            try:
                future.set_result(work())
            except BaseException as exc:
                future.set_exception(exc)

        threading.Thread(target=do, daemon=True).start()
        return future.result(self.left())

    def cut(self) -> None:
        """Wake who waits for the connections; when they are closed, nothing is sent any more."""
        with self._lock:
            for connection in self._watched:
                with contextlib.suppress(OSError):  # the other end has closed it
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _DISCARD)
                    connection.shutdown(socket.SHUT_RDWR)


class _Watchdog:
    """Cuts the connections of all deadlines of this process that pass. A thread for each would take longer than many a
    request.
    """

    def __init__(self) -> None:
        self._deadlines: set[Deadline] = set()
        self._changed = threading.Condition()
        #: When the thread looks again; None where there is no thread.
        self._wakes_at: float | None = None

    def watch(self, deadline: Deadline) -> None:
        """Cut the connections of a deadline when it passes."""
        with self._changed:
            self._deadlines.add(deadline)
            if self._wakes_at is None:
                self._wakes_at = deadline.end
                threading.Thread(target=self._work, daemon=True).start()
            elif deadline.end < self._wakes_at:
                self._changed.notify()

    def leave(self, deadline: Deadline) -> None:
        """A deadline is kept, or passes at another time."""
        with self._changed:
            self._deadlines.discard(deadline)

    def _work(self) -> None:
        """Wait for one deadline after the other, until there is none at the end of a wait."""
        while True:
            with self._changed:
                late = [each for each in self._deadlines if each.is_over]
                self._deadlines.difference_update(late)
                if not late:
                    if not self._deadlines:
                        self._wakes_at = None
                        return
                    self._wakes_at = min(each.end for each in self._deadlines)
                    self._changed.wait(self._wakes_at - time.monotonic())
            for each in late:
                each.cut()


@lru_cache(maxsize=1)
def _watchdog_of(process: int) -> _Watchdog:
    """The watchdog of a process: a thread does not survive a fork."""
    return _Watchdog()
