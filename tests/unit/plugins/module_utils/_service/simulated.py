# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Simulated time for real threads, and a service with a rate limit that lives in it: minutes take milliseconds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from math import inf

from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, NotAccepted
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.in_flight import InFlight
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import Allowance
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.retry import within_limit
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

_MOST_ROUNDS = 100_000


@dataclass(eq=False)
class _Worker:
    """A thread that works only while it has the turn."""

    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    #: What it waits for, and until when.
    event: threading.Event = field(default_factory=threading.Event)
    until: float = 0.0
    is_over: bool = False
    failure: BaseException | None = None


class SimulatedTime(FakeClock):
    """A clock for several threads. One works at a time, and time passes when all of them wait.

    So a simulation is the same each time, however busy the machine is.
    """

    def __init__(self) -> None:
        super().__init__(datetime(2026, 3, 1, tzinfo=timezone.utc))
        self.seconds = 0.0
        self._back = threading.Semaphore(0)
        self._local = threading.local()

    def now(self) -> datetime:
        return self.time + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.wait(threading.Event(), seconds)

    def wait(self, event: threading.Event, seconds: float) -> None:
        worker: _Worker = self._local.worker
        # As on any other clock, no wait is so short that no time passes.
        worker.event, worker.until = event, self.seconds + (max(seconds, 1e-6) if seconds else 0.0)
        self._back.release()
        worker.turn.acquire()

    def run(self, works: Iterable[Callable[[], None]]) -> float:
        """Do several things at once. The seconds that it took.

        :raises AssertionError: there is no end to it.
        """
        start, workers = self.seconds, []
        for work in works:
            workers.append(worker := _Worker())
            threading.Thread(target=self._do, args=(worker, work), daemon=True).start()
        for _round in range(_MOST_ROUNDS):
            waiting = [worker for worker in workers if not worker.is_over]
            if not waiting:
                return self.seconds - start
            able = [worker for worker in waiting if worker.event.is_set() or worker.until <= self.seconds]
            if not able:
                self.seconds = min(worker.until for worker in waiting)
                assert self.seconds < inf, "all wait for each other"
            for worker in able:
                worker.turn.release()
                self._back.acquire()
                if worker.failure:
                    raise worker.failure
        raise AssertionError("they go on and on")

    def _do(self, worker: _Worker, work: Callable[[], None]) -> None:
        self._local.worker = worker
        worker.turn.acquire()
        try:
            work()
        except BaseException as exc:
            worker.failure = exc
        worker.is_over = True
        self._back.release()


class Service:
    """A service that takes so many requests in so many seconds, counted from the first one.

    :param latency: how long an answer takes; one after the other, again and again.
    :param tells: the statuses whose answers have the vendor's headers.
    """

    def __init__(
        self,
        clock: SimulatedTime,
        limit: int,
        window: float,
        latency: Iterable[float],
        tells: Iterable[int] = (200, 429),
    ) -> None:
        self._clock = clock
        self._limit, self._window = limit, window
        self._latency = list(latency)
        self._tells = set(tells)
        self._ends, self._used = 0.0, 0
        self._at_once = 0
        self.taken: list[float] = []
        self.refused: list[float] = []
        self.most_at_once = 0

    def ask(self, in_flight: InFlight) -> None:
        """Send one request, as a session does.

        :raises TooEarly, NotAccepted: it was not sent, or not taken.
        """
        with in_flight.request("me"):
            latency = self._latency[(len(self.taken) + len(self.refused)) % len(self._latency)]
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            self._clock.sleep(latency / 2)
            status, allowance = self._answer()
            self._clock.sleep(latency / 2)
            self._at_once -= 1
            told = allowance if status in self._tells else None
            if status == 429:
                in_flight.refused("me", told.reset if told else None)
                raise NotAccepted("HTTP 429", code=Code.RATE_LIMITED)
            in_flight.answered("me", told)

    def _answer(self) -> tuple[int, Allowance]:
        now = self._clock.monotonic()
        if now >= self._ends:
            self._ends, self._used = now + self._window, 0
        self._used += 1
        (self.taken if self._used <= self._limit else self.refused).append(now)
        return (
            200 if self._used <= self._limit else 429,
            Allowance(max(self._limit - self._used, 0), self._ends - now, self._limit),
        )


def asking(
    service: Service, in_flight: InFlight, clock: SimulatedTime, requests: int, at_once: int
) -> list[Callable[[], None]]:
    """So many requests, by so many threads, each of which is sent until it is taken."""
    left = list(range(requests))

    def work() -> None:
        while left:
            left.pop()
            while True:
                try:
                    within_limit(lambda: service.ask(in_flight), clock=clock, say=lambda _line: None)
                    break
                except NotAccepted:
                    pass

    return [work] * at_once
