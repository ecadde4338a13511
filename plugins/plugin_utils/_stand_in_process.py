# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in for the service, as a process for the time of one task."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_STAND_IN = Path(__file__).with_name("stand_in.py")


class StandInError(Exception):
    """The stand-in did not start."""


@contextmanager
def stand_in_for(script: dict[str, Any]) -> Iterator[str]:
    """A stand-in, by its URL. It ends with the block, and with this process, however that ends.

    :param script: how it is to behave, see C(stand_in.Script).
    :raises StandInError: it did not start; the message says why.
    """
    process = subprocess.Popen(  # noqa: S603 (our own file)
        [sys.executable, str(_STAND_IN), "--until-pid", str(os.getpid()), "--script", json.dumps(script)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    # Its first line is the URL; if it fails instead, everything it says is why.
    with process.stdout or io.BytesIO() as said:
        try:
            ready = said.readline()
            try:
                url = str(json.loads(ready)["url"])
            except ValueError:
                raise StandInError(f"the stand-in did not start: {(ready + said.read()).decode()}") from None
            yield url
        finally:
            process.kill()
            process.wait()
