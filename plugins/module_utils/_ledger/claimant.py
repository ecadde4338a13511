# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which process holds a claim in the ledger, and whether it still runs."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def myself() -> str:
    """This process, in a text that no other process ever has: machine, process id, start time."""
    return f"{_machine()} {os.getpid()} {_start_of(os.getpid()) or '?'}"


def is_gone(claimant: str) -> bool:
    """Whether a claimant has certainly ended.

    False for a process on another machine, or in another container: it cannot be seen from here, and its lease decides.
    """
    machine, pid, start = claimant.split(" ")
    if machine != _machine():
        return False
    if start != "?":
        return _start_of(int(pid)) != start
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def is_at_work(claimant: str) -> bool:
    """Whether a claimant certainly runs: a process of this machine. Of any other nothing is known."""
    machine, pid, start = claimant.split(" ")
    return machine == _machine() and start != "?" and _start_of(int(pid)) == start


def _machine() -> str:
    """The running kernel and the namespace of its process ids where Linux tells them, else the host."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()}/{boot}/{Path('/proc/self/ns/pid').readlink()}".replace(" ", "_")
    except OSError:
        return socket.gethostname().replace(" ", "_")


def _start_of(pid: int) -> str | None:
    """When a process started, in ticks since the kernel did: process ids are used again.

    None for a process that does not exist, has ended and was not yet reaped, or cannot be seen.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The second field is the name in parentheses, which may have blanks and parentheses in it.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]
