# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rooms of the code: which of them may import which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION

MODULE_UTILS = COLLECTION / "plugins" / "module_utils"
#: What each room may import besides itself. The files that are in no room are the ground of all others.
MAY_IMPORT = {
    "ground": set(),
    "_model": {"ground"},
    "_service": {"ground", "_model"},
    "_ledger": {"ground", "_model"},
    "_run": {"ground", "_model", "_service", "_ledger"},
    "_store": {"ground", "_model", "_service", "_ledger"},
    "_census": {"ground", "_model", "_service", "_ledger", "_store"},
    "_proof": {"ground", "_model", "_service", "_ledger", "_store"},
    "_report": {"ground", "_model", "_service", "_ledger", "_run", "_store", "_census", "_proof"},
    "_tasks": {"ground", "_model", "_service", "_ledger", "_run", "_store", "_census", "_proof", "_report"},
    "_ansible": {"ground", "_model", "_service", "_ledger", "_run", "_store", "_census", "_proof", "_report", "_tasks"},
}
#: The only room that may import Ansible.
ANSIBLE = "_ansible"


def room_of(path: Path) -> str:
    first = path.relative_to(MODULE_UTILS).parts[0]
    return "ground" if first.endswith(".py") else first


def imports_of(path: Path) -> Iterator[str]:
    """The rooms that a file imports from, C(ansible) among them."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
            yield from ("ansible" for name in names if name.partition(".")[0] == "ansible")
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            assert not (node.module or "").startswith("ansible_collections"), f"{path}: imports are relative"
            if (node.module or "").partition(".")[0] == "ansible":
                yield "ansible"
        elif isinstance(node, ast.ImportFrom):
            folder = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
            for each in node.names:
                target = folder.with_suffix(".py") if folder.with_suffix(".py").exists() else folder / f"{each.name}.py"
                assert target.exists(), f"{path} imports {target}, which does not exist"
                yield room_of(target)


def test_each_room_imports_only_rooms_below_it() -> None:
    files = [path for path in MODULE_UTILS.rglob("*.py") if path.name != "__init__.py"]
    assert {room_of(path) for path in files} == set(MAY_IMPORT), "the map above names every room, and no other"
    for path in files:
        room = room_of(path)
        allowed = MAY_IMPORT[room] | {room} | ({"ansible"} if room == ANSIBLE else set())
        assert set(imports_of(path)) <= allowed, path


def test_the_unit_tests_have_the_same_rooms() -> None:
    tests = {path.name for path in Path(__file__).parent.iterdir() if path.is_dir() and path.name.startswith("_")}
    assert tests - {"__pycache__"} == set(MAY_IMPORT) - {"ground"}
