# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each promise of SECURITY.md names tests that are there."""

from __future__ import annotations

import re

import pytest
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION

PAGE = (COLLECTION / "SECURITY.md").read_text(encoding="utf-8")
PROMISES = PAGE.partition("## Secrets")[2].partition("## What is not")[0]
FOLDERS = ("tests/unit/plugins/module_utils", "tests/integration/targets/playbooks")
FILES = sorted(set(re.findall(r"`([\w/]+\.py)`", PROMISES)))
#: Quoted as they are read: less the apostrophes, and perhaps only as far as they tell one test from others.
TESTS = [" ".join(each.split()) for each in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", PROMISES)]


def all_tests() -> list[str]:
    texts = (
        path.read_text(encoding="utf-8") for folder in FOLDERS for path in (COLLECTION / folder).rglob("test_*.py")
    )
    return [name for text in texts for name in re.findall(r"def test_(\w+)", text)]


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_is_named_is_there(file: str) -> None:
    assert any((COLLECTION / folder / file).is_file() for folder in FOLDERS)


@pytest.mark.parametrize("test", TESTS)
def test_a_test_that_is_named_is_there(test: str) -> None:
    wanted = re.sub(r"\W+", "_", test.removesuffix("...").replace("'", "").lower())
    assert [name for name in all_tests() if name.startswith(wanted)]


def test_every_promise_names_a_test() -> None:
    promises = re.split(r"\n\n|\n- ", PROMISES)
    assert len(FILES) > 10
    assert not [each for each in promises if "**" in each and ".py" not in each]
