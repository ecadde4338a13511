# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection is built and installed once, for all who look at it."""

from __future__ import annotations

from pathlib import Path

import pytest
from released import build, install


@pytest.fixture(scope="session")
def tarball(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("tarball"))


@pytest.fixture(scope="session")
def collections(tmp_path_factory: pytest.TempPathFactory, tarball: Path) -> Path:
    """A collections path with the collection installed from its tarball."""
    return install(tmp_path_factory.mktemp("installed"), tarball)
