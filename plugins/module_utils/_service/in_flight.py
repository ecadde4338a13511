# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests that are under way, and which one may be sent next."""

from __future__ import annotations

import math
import threading
from bisect import insort
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from .._clock import Clock
from .._errors import TooEarly
from .rate_limit import Hint, RateLimiter


class SharedLimits(Protocol):
    """Where processes that share a rate limit tell each other that it is used up."""

    def blocked_for(self, client: str) -> float:
        """For how many more seconds a client may send nothing; 0 where it may."""

    def block_for(self, client: str, seconds: float) -> None:
        """A client may send nothing for so long."""


@dataclass(eq=False)
class _Waiting:
    """A request that waits for one of those under way to end."""

    limiter: RateLimiter
    urgency: float
    may_go: threading.Event = field(default_factory=threading.Event)
    #: Whether it counts as under way.
    admitted: bool = False


class InFlight:
    """The requests of all sessions of a task. May be used by several threads at once.

    :param most: how many may be under way at once.
    :param limiter: makes that of each client; without one, a client may have all requests that may be under way.
    """

    def __init__(self, clock: Clock, most: int = 1, limiter: Callable[[], RateLimiter] | None = None) -> None:
        self._clock = clock
        self._most = most
        self._new_limiter = limiter or partial(RateLimiter, clock, most)
        self._under_way = 0
        self._limiters: dict[str, RateLimiter] = {}
        #: The most urgent first, otherwise in the order in which they came.
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()
        self._shared: SharedLimits | None = None

    @contextmanager
    def sharing(self, limits: SharedLimits) -> Iterator[None]:
        """Tell other processes when a rate limit is used up, and wait for those that they tell of."""
        self._shared = limits
        try:
            yield
        finally:
            for client in list(self._limiters):
                self._share_block(client, limits)
            self._shared = None

    @contextmanager
    def request(self, client: str, urgency: float = 0.0) -> Iterator[None]:
        """A block that sends one request. Waits as long as there are as many as there may be.

        :param client: a name for who sends it and where to, the same in all processes.
        :param urgency: the smaller, the sooner it goes of those that wait.
        :raises TooEarly: the rate limit does not allow one now.
        """
        self._exchange_limits(client)
        limiter = self._limiter_of(client)
        self._await_turn(limiter)
        self._enter(_Waiting(limiter, urgency))
        try:
            yield
        finally:
            with self._lock:
                self._leave(limiter)

    def answered(self, client: str, hint: Hint | None) -> None:
        """See L(RateLimiter.answered)."""
        with self._lock:
            self._limiter_of(client).answered(hint)

    def refused(self, client: str, seconds: float | None) -> None:
        """See L(RateLimiter.refused)."""
        with self._lock:
            self._limiter_of(client).refused(seconds)

    def _limiter_of(self, client: str) -> RateLimiter:
        if client not in self._limiters:
            self._limiters.setdefault(client, self._new_limiter())
        return self._limiters[client]

    def _exchange_limits(self, client: str) -> None:
        """Share the limit with other processes, both ways. Without the lock: a database can be slow."""
        if limits := self._shared:
            self._share_block(client, limits)
            with self._lock:
                must_read = self._limiter_of(client).must_read_shared()
            if must_read:
                seconds = limits.blocked_for(client)
                with self._lock:
                    self._limiter_of(client).block_from_others(seconds)

    def _share_block(self, client: str, limits: SharedLimits) -> None:
        with self._lock:
            seconds = self._limiter_of(client).block_to_share()
        if seconds > 0:
            limits.block_for(client, seconds)

    def _await_turn(self, limiter: RateLimiter) -> None:
        """Wait until it is the turn of one more request. Who waits is woken once."""
        with self._lock:
            seconds = limiter.turn()
        if seconds > 0:
            self._clock.sleep(seconds)

    def _enter(self, waiting: _Waiting) -> None:
        with self._lock:
            insort(self._waiting, waiting, key=lambda each: each.urgency)
            self._admit()
        try:
            self._clock.wait(waiting.may_go, math.inf)
        except BaseException:
            with self._lock:
                self._give_up(waiting)
            raise
        if not waiting.admitted:
            with self._lock:
                raise TooEarly(waiting.limiter.delay(), is_announced=not waiting.limiter.must_announce())

    def _admit(self) -> None:
        """Let go who waits, as far as there is room."""
        for waiting in list(self._waiting):
            if self._under_way >= self._most:
                return
            is_early = waiting.limiter.delay() > 0
            if is_early or waiting.limiter.has_room:
                self._waiting.remove(waiting)
                if not is_early:
                    waiting.admitted = True
                    waiting.limiter.begin()
                    self._under_way += 1
                waiting.may_go.set()

    def _leave(self, limiter: RateLimiter) -> None:
        limiter.end()
        self._under_way -= 1
        self._admit()

    def _give_up(self, waiting: _Waiting) -> None:
        if waiting.admitted:
            self._leave(waiting.limiter)
        elif waiting in self._waiting:
            self._waiting.remove(waiting)
