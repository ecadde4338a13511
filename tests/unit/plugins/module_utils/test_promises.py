# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is promised names tests that are there, in comments: some pages, and SECURITY.md."""

from __future__ import annotations

import re

import pytest
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION

#: What the names of files are relative to.
FOLDERS = [COLLECTION / "tests" / each for each in ("unit/plugins/module_utils", "unit/plugins", "integration/targets")]
PAGES = {
    name: (COLLECTION / name).read_text(encoding="utf-8")
    for name in (*(f"docs/docsite/rst/{page}.rst" for page in ("when_a_run_fails", "ledger", "waiting")), "SECURITY.md")
}

_COMMENT = re.compile(r"^ *(?:\.\.|<!--) tested: ([\w/]+\.py):\s+(\w+(?:,\s+\w+)*)(?: -->)?$", re.MULTILINE)


def named_by(text: str) -> set[tuple[str, str]]:
    """The tests that a page names, each with its file."""
    return {(file, name) for file, names in _COMMENT.findall(text) for name in re.findall(r"\w+", names)}


def names_in(file: str) -> list[str]:
    """The names of the tests in a file, of which there must be one."""
    (path,) = [folder / file for folder in FOLDERS if (folder / file).is_file()]
    return re.findall(r"^(?:def )?(test_\w+|Test\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize(("file", "name"), sorted(set().union(*map(named_by, PAGES.values()))))
def test_a_test_that_a_page_names_is_there(file: str, name: str) -> None:
    assert name in names_in(file)


@pytest.mark.parametrize("page", PAGES)
def test_a_comment_that_names_tests_is_understood(page: str) -> None:
    assert len(_COMMENT.findall(PAGES[page])) == len(re.findall(r"(?:\.\.|<!--) tested", PAGES[page]))


@pytest.mark.parametrize("page", ["ledger", "waiting"])
def test_every_section_of_a_page_names_a_test(page: str) -> None:
    sections = re.split(r"^(.+)\n-{3,}$", PAGES[f"docs/docsite/rst/{page}.rst"], flags=re.MULTILINE)[1:]
    assert not [title for title, text in zip(sections[::2], sections[1::2], strict=True) if not named_by(text)]


def test_every_promise_about_secrets_names_a_test() -> None:
    secrets = PAGES["SECURITY.md"].partition("## Secrets")[2].partition("## Text of others")[0]
    promises = secrets.split("\n- ")[1:]
    assert len(promises) > 5
    assert not [each for each in promises if "**" not in each or not named_by(each)]
