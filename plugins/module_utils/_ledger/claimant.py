# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who holds a claim in the ledger, and whether that process still lives."""

from __future__ import annotations

import os
import socket
from pathlib import Path


def myself() -> str:
    """This process, in a text that no other process ever has: machine, process id, time of birth."""
    return f"{_machine()} {os.getpid()} {_birth(os.getpid()) or '?'}"


def is_gone(claimant: str) -> bool:
    """Whether a claimant certainly does not live any more.

    Of a process on another machine, or in another container, nothing can be known from here: False, its lease decides.
    """
    machine, pid, birth = claimant.split(" ")
    if machine != _machine():
        return False
    if birth != "?":
        return _birth(int(pid)) != birth
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def _machine() -> str:
    """Names the running kernel and the space its process ids count in, where Linux tells; else the host."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{socket.gethostname()}/{boot}/{Path('/proc/self/ns/pid').readlink()}".replace(" ", "_")
    except OSError:
        return socket.gethostname().replace(" ", "_")


def _birth(pid: int) -> str | None:
    """When a process started, in ticks since the kernel did: a process id alone is given out again.

    None for a process that does not exist, has ended and was not yet reaped, or cannot be looked at.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    # The second field, the name in parentheses, may itself hold anything.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else fields[18]
