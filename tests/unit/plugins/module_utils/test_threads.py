# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Work on several things at once: real threads, and for what ends it real processes and real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils import _signals, _threads
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._threads import (
    Threads,
    WorkEnded,
    end_with_the_others,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS, FakeClock

#: Longer than anything here takes, in seconds. Nothing waits for so long unless the test fails.
LONG = 30.0


def threads(most: int = 8) -> Threads:
    return Threads(SystemClock(), most)


# -- At once, or one after the other


def test_all_is_done_at_once() -> None:
    together = threading.Barrier(5)
    threads().for_each(range(5), lambda _number: together.wait(LONG))


def test_the_results_are_in_the_order_of_the_things_whichever_ends_first() -> None:
    ended = [threading.Event() for _number in range(5)]
    ended[4].set()

    def act(number: int) -> int:
        if number < 4:
            assert ended[number + 1].wait(LONG)
        ended[number].set()
        return number * number

    assert threads().for_each(range(5), act) == [0, 1, 4, 9, 16]


def test_nothing_to_do_is_done_at_once() -> None:
    assert threads().for_each([], str) == []


def test_one_at_a_time_needs_no_thread() -> None:
    before = threading.active_count()
    seen: list[tuple[int, int]] = []
    threads(most=1).for_each(range(3), lambda _number: seen.append((threading.get_ident(), threading.active_count())))
    assert seen == [(threading.get_ident(), before)] * 3


def test_one_at_a_time_each_task_is_done_and_followed_up_when_it_is_started(clock: FakeClock) -> None:
    done: list[str] = []
    with Threads(clock, most=1).tasks() as tasks:
        tasks.start(lambda: done.append("task"), lambda _result: done.append("then"))
        assert done == ["task", "then"]
        assert not tasks.busy
        assert not tasks.wait(5)
    assert clock.naps == [5], "there is nothing to wait for but the time"


def test_what_follows_a_task_is_done_by_the_thread_that_waits_for_it() -> None:
    by: list[int] = []
    with threads().tasks() as tasks:
        tasks.start(threading.get_ident, lambda doer: by.extend([doer, threading.get_ident()]))
        while tasks.busy:
            tasks.wait(LONG)
    assert by[0] != threading.get_ident()
    assert by[1] == threading.get_ident()


def test_waiting_ends_with_the_time_or_with_a_task() -> None:
    may_end = threading.Event()
    with threads().tasks() as tasks:
        tasks.start(lambda: may_end.wait(LONG), lambda _result: None)
        assert not tasks.wait(0)
        assert tasks.busy
        may_end.set()
        while not tasks.wait(LONG):
            pass


# -- The end of all


def sleep(clock: SystemClock) -> None:
    clock.sleep(LONG)


def wait(clock: SystemClock) -> None:
    clock.wait(threading.Event(), LONG)


def wait_for_what_is_there(clock: SystemClock) -> None:
    there = threading.Event()
    there.set()
    while True:
        clock.wait(there, LONG)


def pass_checkpoints(clock: SystemClock) -> None:
    while True:
        clock.checkpoint()


@pytest.mark.parametrize("go_on", [sleep, wait, wait_for_what_is_there, pass_checkpoints])
def test_a_task_that_fails_ends_the_others_at_their_next_checkpoint(go_on: Callable[[SystemClock], None]) -> None:
    together = threading.Barrier(3)
    ended: list[type[BaseException]] = []

    def act(number: int) -> None:
        together.wait(LONG)
        if number == 1:
            raise ValueError("task 1")
        try:
            go_on(SystemClock())
        except BaseException as exc:
            ended.append(type(exc))
            raise

    with pytest.raises(ValueError, match="task 1"):
        threads().for_each(range(3), act)
    assert ended == [WorkEnded] * 2


def test_where_the_block_is_left_early_the_tasks_end() -> None:
    begun, ended = threading.Event(), threading.Event()

    def act() -> None:
        begun.set()
        try:
            sleep(SystemClock())
        finally:
            ended.set()

    with threads().tasks() as tasks:
        tasks.start(act, lambda _result: None)
        assert begun.wait(LONG)
    assert ended.is_set()


def test_what_must_not_be_interrupted_is_finished_first_and_nothing_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_threads, "_TO_END", 0.001)
    clock = SystemClock()
    ready, over = threading.Barrier(3), threading.Event()
    done: list[str] = []

    def fail() -> None:
        ready.wait(LONG)
        raise ValueError("it failed")

    def end_with_it() -> None:
        ready.wait(LONG)
        try:
            pass_checkpoints(clock)
        finally:
            over.set()

    def finish() -> None:
        with clock.uninterrupted():
            ready.wait(LONG)
            assert over.wait(LONG)
            clock.checkpoint()
            clock.sleep(0.05)
            with clock.uninterrupted():
                clock.checkpoint()
            done.append("finished")
        clock.checkpoint()
        done.append("went on")

    with pytest.raises(ValueError, match="it failed"):
        threads().for_each([fail, end_with_it, finish], lambda act: act())
    assert done == ["finished"]


def test_nothing_that_must_not_be_interrupted_is_begun_once_all_have_to_end() -> None:
    clock = SystemClock()
    ready, over = threading.Barrier(3), threading.Event()
    done: list[str] = []

    def fail() -> None:
        ready.wait(LONG)
        raise ValueError("it failed")

    def end_with_it() -> None:
        ready.wait(LONG)
        try:
            pass_checkpoints(clock)
        finally:
            over.set()

    def begin() -> None:
        ready.wait(LONG)
        assert over.wait(LONG)
        with clock.uninterrupted():
            done.append("begun")

    with pytest.raises(ValueError, match="it failed"):
        threads().for_each([fail, end_with_it, begin], lambda act: act())
    assert not done


def test_the_ends_of_one_work_do_not_end_the_next() -> None:
    clock = SystemClock()
    with pytest.raises(ZeroDivisionError):
        threads().for_each(range(2), lambda number: 1 // number)
    clock.checkpoint()
    assert threads().for_each(range(2), lambda _number: clock.checkpoint()) == [None, None]


# -- Signals, in processes of their own

PROGRAM = """
import os, signal, sys, threading
from ansible_collections.jira_cloud.federation.plugins.module_utils import _signals
from ansible_collections.jira_cloud.federation.plugins.module_utils import _threads
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._threads import Threads

_signals.TOGETHER = 0.0
begun, deferred = threading.Barrier({number}), threading.Event()

def say(text):
    print(text, flush=True)

class Clock(SystemClock):
    def _on_deferred(self, unfinished):
        say(f"held back, unfinished: {{unfinished}}")
        deferred.set()

clock = Clock()

def send_the_signal():
    os.kill(os.getpid(), signal.{name})

def sleeps():
    begun.wait()
    try:
        clock.sleep(1000)
    finally:
        say("woken")

def hangs():
    begun.wait()
    threading.Event().wait(1000)

def finishes():
    with clock.uninterrupted():
        begun.wait()
        deferred.wait()
        say("finished")
    clock.checkpoint()
    say("went on")

def never_finishes():
    with clock.uninterrupted():
        begun.wait()
        threading.Event().wait(1000)

def sends_it_again():
    begun.wait()
    deferred.wait()
    send_the_signal()

def sends_the_signal():
    begun.wait()
    send_the_signal()

def is_followed_by_the_signal():
    begun.wait()

def follow(act):
    if act is is_followed_by_the_signal:
        send_the_signal()
        send_the_signal()

with Threads(clock, 8).tasks() as tasks:
    for act in ({tasks},):
        tasks.start(act, lambda _result, act=act: follow(act))
    while tasks.busy:
        tasks.wait(1000)
say("went on")
"""


def stopped(name: str, *tasks: str) -> list[str]:
    """What a process says that is stopped by a signal of this name, and that has to end by it."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(name=name, number=len(tasks), tasks=", ".join(tasks))],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=LONG,
    )
    assert done.returncode == -getattr(signal, name)
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_signal_ends_the_tasks_and_what_is_begun_is_finished_first(name: str) -> None:
    said = stopped(name, "sends_the_signal", "sleeps", "finishes")
    assert said[0] == "held back, unfinished: True"
    assert sorted(said[1:]) == ["finished", "woken"]


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_waits_for_no_task_that_hangs(name: str) -> None:
    assert stopped(name, "sends_the_signal", "hangs") == ["held back, unfinished: False"]


@pytest.mark.parametrize("signals", [("sends_the_signal", "sends_it_again"), ("is_followed_by_the_signal", "hangs")])
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_the_same_signal_again_ends_all_at_once(name: str, signals: tuple[str, ...]) -> None:
    said = stopped(name, "never_finishes", *signals)
    assert said == ["held back, unfinished: True"]


def test_after_a_second_signal_nothing_is_sent_that_was_not_before(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, deferred, connected, ended = (threading.Event() for _event in range(4))
    sent: list[str] = []

    class Clock(SystemClock):
        def _on_deferred(self, unfinished: bool) -> None:
            deferred.set()

    def claim_and_send(clock: SystemClock) -> None:
        try:
            with clock.uninterrupted():
                begun.set()
                assert connected.wait(LONG)
                end_with_the_others()
                sent.append("request")
        finally:
            ended.set()

    def interrupt() -> None:
        for event in (begun, deferred):
            assert event.wait(LONG)
            os.kill(os.getpid(), signal.SIGINT)

    monkeypatch.setattr(_signals, "TOGETHER", 0.0)
    threading.Thread(target=interrupt, daemon=True).start()
    with pytest.raises(KeyboardInterrupt):
        Threads(Clock(), 8).for_each([Clock()], claim_and_send)
    connected.set()
    assert ended.wait(LONG)
    assert sent == []


def test_there_are_no_more_threads_than_a_container_allows_and_all_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_threads, "_MOST_THREADS", 3)
    before, most = threading.active_count(), 0
    together = threading.Barrier(3)

    def act(number: int) -> int:
        nonlocal most
        if number < 48:
            together.wait(LONG)
        most = max(most, threading.active_count() - before)
        return number

    assert threads().for_each(range(50), act) == list(range(50))
    assert most == 3
