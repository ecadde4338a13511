# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a ledger outlives the container that it is used in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ephemeral import is_ephemeral


@pytest.fixture(params=["run/.containerenv", ".dockerenv"])
def container(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    """The root of a container's file system."""
    mark = tmp_path / request.param
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return tmp_path


def test_in_a_container_a_ledger_in_its_own_file_system_is_ephemeral(container: Path) -> None:
    assert is_ephemeral(container / "home" / "state" / "ledger.sqlite3", {}, container)


def test_in_a_container_a_ledger_in_a_folder_that_is_mounted_is_not(container: Path) -> None:
    mounted = Path("/dev/shm")
    if not mounted.exists() or os.stat(mounted).st_dev == os.stat(container).st_dev:  # noqa: PTH116
        pytest.skip("this machine has no other file system to try it with")
    assert not is_ephemeral(mounted / "ledger.sqlite3", {}, container)


def test_on_a_machine_of_its_own_no_ledger_is_ephemeral(tmp_path: Path) -> None:
    assert not is_ephemeral(tmp_path / "ledger.sqlite3", {}, tmp_path)


def test_in_a_pod_a_ledger_in_its_own_file_system_is_ephemeral(tmp_path: Path) -> None:
    assert is_ephemeral(tmp_path / "ledger.sqlite3", {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}, tmp_path)


@pytest.mark.parametrize("name", ["AWX_PRIVATE_DATA_DIR", "AWX_ISOLATED_DATA_DIR"])
def test_the_folder_that_awx_makes_for_one_job_is_ephemeral(tmp_path: Path, name: str) -> None:
    assert is_ephemeral(tmp_path / "job" / "ledger.sqlite3", {name: str(tmp_path / "job")}, tmp_path)
    assert not is_ephemeral(tmp_path / "ledger.sqlite3", {name: str(tmp_path / "job")}, tmp_path)
