# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plugin loads: not what it does not need, because Ansible loads plugins in each run anew."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION, COLLECTIONS

PACKAGE = "ansible_collections.jira_cloud.federation.plugins"
#: Those that send nothing.
SILENT = ("link_update_ledger", "link_update_outcome", "link_update_read", "link_update_status")
NAMES = sorted(path.stem for path in (COLLECTION / "plugins" / "modules").glob("*.py") if path.stem != "__init__")


def loaded_by(module: str) -> set[str]:
    """The top-level packages that a module of the collection brings in by being imported."""
    script = f"import sys, {PACKAGE}.{module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    # Where this process finds Ansible, too: ansible-test brings it by the path, not in the environment that it makes.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])}
    done = subprocess.run([sys.executable, "-c", script], env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("kind", ["action", "modules"])
@pytest.mark.parametrize("name", NAMES)
def test_a_plugin_loads_no_library_that_it_may_not_need(kind: str, name: str) -> None:
    loaded = loaded_by(f"{kind}.{name}")
    assert "psycopg" not in loaded, "only a ledger in PostgreSQL needs it"
    if name in SILENT:
        assert not loaded & {"requests", "urllib3"}, "it sends nothing"
