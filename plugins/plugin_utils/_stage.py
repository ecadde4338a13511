# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage of a rehearsal: a stand-in for the service that lives as long as the run of ansible-playbook does."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

_STAND_IN = Path(__file__).with_name("stand_in.py")


class StageError(Exception):
    """The stand-in did not start."""


def start_stand_in(script: dict[str, Any], until_pid: int) -> str:
    """Start a stand-in and return its URL.

    :param script: how it is to behave, see C(stand_in.Script).
    :param until_pid: the process with whose end it ends, however that comes about.
    :raises StageError: it did not start; the message says why.
    """
    process = subprocess.Popen(  # noqa: S603 (our own file)
        [sys.executable, str(_STAND_IN), "--until-pid", str(until_pid), "--script", json.dumps(script)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    # Its first line is the URL; if it fails instead, everything it says is why.
    with process.stdout or io.BytesIO() as said:
        ready = said.readline()
        try:
            return str(json.loads(ready)["url"])
        except ValueError:
            raise StageError(f"the stand-in did not start: {(ready + said.read()).decode()}") from None
