# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a plugin loads: not what it does not need, because Ansible loads plugins in each run anew."""

from __future__ import annotations

import os
import subprocess
import sys

from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION, COLLECTIONS

PACKAGE = "ansible_collections.jira_cloud.federation.plugins"
#: Those that send nothing.
SILENT = ("link_update_ledger", "link_update_outcome", "link_update_read", "link_update_status")
NAMES = {path.stem for path in (COLLECTION / "plugins" / "modules").glob("*.py") if path.stem != "__init__"}
#: Tells after each plugin which libraries are there, of those that not every plugin may need.
PROGRAM = """
import importlib, sys

for plugin in sys.argv[1:]:
    importlib.import_module(plugin)
    print(plugin, *(each for each in ("psycopg", "requests", "urllib3") if each in sys.modules))
"""


def loaded_by(*plugins: str) -> dict[str, str]:
    """The libraries that are there in a process when it has imported these plugins, up to each of them."""
    # Where this process finds Ansible, too: ansible-test brings it by the path, not in the environment that it makes.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(COLLECTIONS), *filter(None, sys.path)])}
    command = [sys.executable, "-c", PROGRAM, *(f"{PACKAGE}.{plugin}" for plugin in plugins)]
    done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, text=True, check=True)
    return {
        plugin: libraries for plugin, _space, libraries in (line.partition(" ") for line in done.stdout.splitlines())
    }


def test_a_plugin_loads_no_library_that_it_may_not_need() -> None:
    # In one process: what is not there after the last of them, none has loaded.
    names = [*SILENT, *sorted(NAMES.difference(SILENT))]
    loaded = loaded_by(*(f"{kind}.{name}" for name in names for kind in ("action", "modules")))
    silent = {plugin: libraries for plugin, libraries in loaded.items() if plugin.endswith(SILENT)}
    assert silent == dict.fromkeys(silent, ""), "it sends nothing"
    assert len(silent) == 2 * len(SILENT)
    others = {plugin: libraries for plugin, libraries in loaded.items() if plugin not in silent}
    assert others == dict.fromkeys(others, "requests urllib3"), "only a ledger in PostgreSQL needs psycopg"
    assert len(others) == 2 * len(NAMES.difference(SILENT))
