# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a claim, and whether that process lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.claimant import is_at_work, is_gone, myself


def _child_that_waits() -> tuple[subprocess.Popen[str], str]:
    """A process that says who it is and lives until its input is closed."""
    code = (
        f"import sys; sys.path[:] = {sys.path!r}; "
        f"from {myself.__module__} import myself; print(myself(), flush=True); sys.stdin.read()"
    )
    child = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout
    return child, child.stdout.readline().strip()


def test_this_process_is_not_gone() -> None:
    assert not is_gone(myself())
    assert is_at_work(myself())


def test_a_process_is_gone_once_it_was_killed_even_before_it_is_reaped() -> None:
    child, claimant = _child_that_waits()
    assert not is_gone(claimant)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(claimant), "a zombie sends nothing any more"
    child.communicate()
    assert is_gone(claimant)


def test_another_process_with_the_same_id_is_not_the_claimant() -> None:
    machine, pid, start = myself().split(" ")
    assert is_gone(f"{machine} {pid} {int(start) - 1}")
    assert not is_at_work(f"{machine} {pid} {int(start) - 1}")


def test_nothing_is_known_of_processes_on_other_machines() -> None:
    machine, *rest = myself().split(" ")
    assert not is_gone(" ".join(["other/boot/pid:[1]", "999999999", "1"]))
    assert not is_gone(" ".join([machine + "0", *rest]))
    assert not is_at_work(" ".join([machine + "0", *rest]))


def test_where_no_start_time_is_known_the_process_id_alone_decides() -> None:
    machine, pid, start = myself().split(" ")
    assert start != "?"
    assert not is_gone(f"{machine} {pid} ?")
    assert is_gone(f"{machine} 999999999 ?")


def said_by_a_process(code: str, *arguments: str) -> str:
    """What a process of its own says that knows L(is_gone) and L(myself)."""
    code = f"import os, sys\nsys.path[:] = {sys.path!r}\nfrom {myself.__module__} import is_gone, myself\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True, check=True
    ).stdout


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_a_process_of_somebody_else_is_not_gone() -> None:
    claimant = f"{myself().split(' ')[0]} 1 ?"
    # What a process of root can read, Python loads before it is none any more.
    code = "myself()\nos.setuid(65534)\nprint(is_gone(sys.argv[1]))"
    assert said_by_a_process(code, claimant) == "False\n"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can hide /proc from a process")
def test_where_the_system_tells_nothing_of_its_processes_the_host_and_the_process_id_decide(tmp_path: Path) -> None:
    code = (
        "os.chroot(sys.argv[1])\n"
        "print(myself() == f'{os.uname().nodename} {os.getpid()} ?')\n"
        "print(is_gone(myself()), is_gone(f'{os.uname().nodename} 999999999 ?'))\n"
    )
    assert said_by_a_process(code, str(tmp_path)) == "True\nFalse True\n"
