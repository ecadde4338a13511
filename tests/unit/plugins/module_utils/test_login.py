# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who runs a process."""

from __future__ import annotations

import os
import socket

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._login import login


def test_a_login_is_the_user_and_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "alice")
    assert login() == f"alice@{socket.gethostname()}"


def test_a_user_without_a_name_has_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    nobody = 2**31 - 7
    monkeypatch.setattr(os, "getuid", lambda: nobody)
    assert login() == f"uid {nobody}@{socket.gethostname()}"
