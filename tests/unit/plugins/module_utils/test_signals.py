# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signals that come while something has to be finished first: real processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._signals import deferred
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS

PROGRAM = """
import os, signal, sys
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils import _signals

def say(text):
    print(text, flush=True)

def send(name):
    os.kill(os.getpid(), getattr(signal, name))

_signals.TOGETHER = {together}
if {ignoring}:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
with SystemClock().uninterrupted():
    for name in {names}:
        send(name)
        say("went on")
    say("finished")
say("left")
"""
ALL = ["SIGINT", "SIGTERM", "SIGHUP"]


def run(*names: str, ignoring: bool = False, together: float = 0.0) -> tuple[list[str], int]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(names=names, ignoring=ignoring, together=together)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout.splitlines(), done.returncode


@pytest.mark.parametrize("name", ALL)
def test_a_signal_ends_a_process_only_when_it_has_finished(name: str) -> None:
    assert run(name) == (["went on", "finished"], -getattr(signal, name))


@pytest.mark.parametrize("name", ALL)
def test_the_same_signal_later_ends_it_at_once(name: str) -> None:
    assert run(name, name) == (["went on"], -getattr(signal, name))


def test_the_same_signal_in_the_same_moment_does_not() -> None:
    assert run("SIGINT", "SIGINT", together=1e6) == (["went on"] * 2 + ["finished"], -signal.SIGINT)


def test_other_signals_do_not_however_often_they_come() -> None:
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGTERM")
    assert run(*names) == (["went on"] * 4 + ["finished"], -signal.SIGINT)


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    assert run("SIGHUP", "SIGHUP", ignoring=True) == (["went on"] * 2 + ["finished", "left"], 0)


def test_without_a_signal_nothing_has_changed() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with SystemClock().uninterrupted():
        assert signal.getsignal(signal.SIGTERM) not in before
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, ())


def test_whoever_stops_it_is_told_at_once_and_once() -> None:
    told: list[str] = []
    said: list[str] = []

    def work() -> None:
        with deferred(lambda: told.append("told")):
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGTERM)
            said.extend(told)

    with pytest.raises(KeyboardInterrupt):
        work()
    assert said == ["told"]


def test_other_threads_need_no_holding_back() -> None:
    done = []

    def work() -> None:
        with SystemClock().uninterrupted():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert done
