# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How several tasks end when the work is stopped: what is begun is finished, and nothing begins any more."""

from __future__ import annotations

import os
import signal
import threading
import time

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._signals import TOGETHER
from ansible_collections.jira_cloud.federation.plugins.module_utils._threads import (
    Threads,
    end_with_the_others,
)

LONG = 10.0


class Sender:
    """A task that connects, and then sends what must not be interrupted."""

    def __init__(self, clock: SystemClock) -> None:
        self._clock = clock
        self.connected, self.answered = threading.Event(), threading.Event()
        self.begun, self.ended = threading.Event(), threading.Event()
        self.sent: list[str] = []
        self.recorded: list[str] = []

    def send(self) -> None:
        try:
            assert self.connected.wait(LONG)
            with self._clock.uninterrupted():
                self.sent.append("request")
                self.begun.set()
                assert self.answered.wait(LONG)
                self.recorded.append("answer")
        finally:
            self.ended.set()

    def claim_and_send(self) -> None:
        try:
            with self._clock.uninterrupted():
                self.begun.set()
                assert self.connected.wait(LONG)
                end_with_the_others()
                self.sent.append("request")
        finally:
            self.ended.set()


class Stopped(Exception):
    """The work is stopped."""


@pytest.fixture
def sender() -> Sender:
    return Sender(SystemClock())


def test_what_is_sent_is_recorded_before_the_work_ends(sender: Sender) -> None:
    def work() -> None:
        with Threads(SystemClock(), 2).tasks() as tasks:
            tasks.start(sender.send, lambda nothing: None)
            sender.connected.set()
            assert sender.begun.wait(LONG)
            threading.Timer(0.2, sender.answered.set).start()
            raise Stopped

    with pytest.raises(Stopped):
        work()
    assert sender.recorded == ["answer"]


def test_who_comes_to_send_when_the_work_has_ended_does_not(sender: Sender) -> None:
    def work() -> None:
        with Threads(SystemClock(), 2).tasks() as tasks:
            tasks.start(sender.send, lambda nothing: None)
            raise Stopped

    with pytest.raises(Stopped):
        work()
    sender.connected.set()
    assert sender.ended.wait(LONG)
    assert sender.sent == []


def test_one_signal_ends_the_work_while_all_tasks_wait_for_answers(sender: Sender) -> None:
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Threads(SystemClock(), 2).for_each(range(2), lambda number: sender.answered.wait(LONG))
    assert time.monotonic() - began < LONG / 2
    sender.answered.set()


def test_after_a_second_signal_nothing_is_sent_that_was_not_before(sender: Sender) -> None:
    def interrupt() -> None:
        assert sender.begun.wait(LONG)
        for _signal in range(2):
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(TOGETHER + 0.1)

    threading.Thread(target=interrupt, daemon=True).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        Threads(SystemClock(), 2).for_each([sender], Sender.claim_and_send)
    assert TOGETHER < time.monotonic() - began < LONG / 2, "the second signal ends it, and not the first"
    sender.connected.set()
    assert sender.ended.wait(LONG)
    assert sender.sent == []
