# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on several things at once. Here are all the threads that a run starts for it.

The thread that starts a task also waits for its end, and does what follows it; so only what a task itself touches is
shared between threads. A signal is deferred while there are tasks: they end at their next checkpoint, and what must
not be interrupted is finished first.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from ._clock import Clock

T = TypeVar("T")
Item = TypeVar("Item")

#: For how many seconds tasks may still take to come to a checkpoint when all of them have to end. A request that only
#: reads is not waited for any longer.
_TO_END = 0.5
#: How many threads there are at once, at most. A machine has many, but a container may not.
_MOST_THREADS = 100


class WorkEnded(SystemExit):
    """The work of all threads ends."""


class Tasks(Protocol):
    """Tasks that were started, and may not have ended."""

    @property
    def busy(self) -> bool:
        """Whether some have not ended."""

    def start(self, act: Callable[[], T], then: Callable[[T], None]) -> None:
        """Start a task.

        :param then: called with the result of the task, by the thread that waits for its end.
        """

    def wait(self, seconds: float) -> bool:
        """Wait until a task has ended, and do what follows it, but not for longer than this. Whether one has.

        :raises BaseException: what a task has raised.
        """


class Threads:
    """Does several things at once.

    :param most: how many requests may be under way at once. With 1, no thread is started at all.
    """

    def __init__(self, clock: Clock, most: int = 1) -> None:
        self._clock = clock
        self._most = most

    def for_each(self, items: Iterable[Item], act: Callable[[Item], T]) -> list[T]:
        """Do something for each of several things at once, and wait until all is done. The results, in their order."""
        results: dict[int, T] = {}
        with self.tasks() as tasks:
            for number, item in enumerate(items):
                tasks.start(partial(act, item), partial(results.__setitem__, number))
            while tasks.busy:
                tasks.wait(_FOR_EVER)
        return [results[number] for number in sorted(results)]

    @contextmanager
    def tasks(self) -> Iterator[Tasks]:
        """A place to start tasks from. Where the block is left early, the tasks end."""
        if self._most == 1:
            yield _OneByOne(self._clock)
            return
        team = _Team(self._clock)
        with self._clock.uninterrupted(team.end):
            token = _TEAM.set(team)
            try:
                yield team
            except KeyboardInterrupt:
                # The first signal is deferred, so this is the second.
                team.leave()
                raise
            finally:
                _TEAM.reset(token)
                team.settle()


class _OneByOne:
    """Each task is done when it is started."""

    busy = False

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def start(self, act: Callable[[], T], then: Callable[[T], None]) -> None:
        then(act())

    def wait(self, seconds: float) -> bool:
        self._clock.sleep(seconds)
        return False


#: More seconds than any wait takes.
_FOR_EVER = 10.0**9
#: Whose tasks this thread does, or waits for.
_TEAM: ContextVar[_Team | None] = ContextVar("team", default=None)
#: Whether this thread is within something that must not be interrupted.
_FINISHING: ContextVar[bool] = ContextVar("finishing", default=False)


class _Team:
    """Each task has a thread, as far as there may be so many."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        #: Whether all tasks have to end, and whether nobody waits for them any more.
        self._is_over = self._is_left = False
        self._threads = 0
        #: How many tasks have not ended, and those of them that have not begun.
        self._running = 0
        self._waiting: deque[Callable[[], None]] = deque()
        #: How many tasks are within something that must not be interrupted.
        self._unfinished = 0
        self._changed = threading.Condition()
        #: What follows the tasks that have ended.
        self._following: deque[Callable[[], Any]] = deque()
        self._news = threading.Event()

    @property
    def busy(self) -> bool:
        return self._running > 0 or bool(self._following)

    def start(self, act: Callable[[], T], then: Callable[[T], None]) -> None:
        with self._changed:
            self._running += 1
            self._waiting.append(partial(self._do, act, then))
            if self._threads == _MOST_THREADS:
                return
            self._threads += 1
        # None is waited for at the end of the process: a request may hang for as long as its timeout.
        threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        """Do tasks until none is left that has not begun."""
        _TEAM.set(self)
        while True:
            with self._changed:
                if not self._waiting:
                    self._threads -= 1
                    return
                task = self._waiting.popleft()
            task()

    def _do(self, act: Callable[[], T], then: Callable[[T], None]) -> None:
        following: Callable[[], Any]
        try:
            self.check()
            following = partial(then, act())
        except BaseException as exc:
            following = partial(_raise, exc)
        self._following.append(following)
        with self._changed:
            self._running -= 1
            self._changed.notify_all()
        self._news.set()

    def wait(self, seconds: float) -> bool:
        if self._running:
            self._clock.wait(self._news, seconds)
        elif not self._following:
            self._clock.sleep(seconds)
        self._news.clear()
        some = bool(self._following)
        while self._following:
            self._following.popleft()()
        return some

    def end(self) -> bool:
        """Have all tasks end. Whether something has to be finished first.

        The handler of a signal calls it, which may have interrupted anything in this thread: so no lock is taken.
        """
        self._is_over = True
        return self._unfinished > 0

    def leave(self) -> None:
        """Wait for no task any more."""
        self._is_over = self._is_left = True

    def settle(self) -> None:
        """Have all tasks end. Wait for what must not be interrupted, and a moment for the rest."""
        self.end()
        try:
            with self._changed:
                # Again and again: a signal that comes right before this thread waits does not wake it.
                while not self._changed.wait_for(lambda: self._is_left or self._unfinished == 0, _TO_END):
                    pass
                self._changed.wait_for(lambda: self._is_left or self._running == 0, _TO_END)
        finally:
            self.leave()

    def check(self) -> None:
        """:raises WorkEnded: this thread has to end."""
        if self._is_left or (self._is_over and not _FINISHING.get()):
            raise WorkEnded("the work was stopped")

    @contextmanager
    def uninterrupted(self) -> Iterator[None]:
        with self._changed:
            # Whoever comes late is not waited for.
            self.check()
            self._unfinished += 1
        token = _FINISHING.set(True)
        try:
            yield
        finally:
            _FINISHING.reset(token)
            with self._changed:
                self._unfinished -= 1
                self._changed.notify_all()


def end_with_the_others() -> None:
    """To be called at each checkpoint. In a block of L(uninterrupted_task), the work ends when nobody waits for it.

    :raises WorkEnded: all tasks have to end.
    """
    if team := _TEAM.get():
        team.check()


def uninterrupted_task() -> AbstractContextManager[None] | None:
    """A block that a task finishes although all of them have to end; None where this thread does no task."""
    team = _TEAM.get()
    return team.uninterrupted() if team else None


def _raise(exc: BaseException) -> None:
    raise exc
