# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a census are handed."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where censuses are to be: what is promised of one place holds for each kind."""
    if request.param == "sqlite":
        return str(tmp_path / "state" / "census.sqlite3")
    return str(request.getfixturevalue("postgresql"))
