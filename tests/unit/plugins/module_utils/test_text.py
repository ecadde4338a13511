# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in columns, and lists of names."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._text import aligned, names, wrapped


def test_each_column_is_as_wide_as_its_widest_cell_and_no_line_ends_in_blanks() -> None:
    assert aligned([["a", "bbb", "c"], ["aa", "b", ""]]) == ["a   bbb  c", "aa  b"]


def test_a_cell_of_more_than_sixty_characters_goes_on_below() -> None:
    words = " ".join(["nine-long"] * 6)
    assert len(words) == 59
    assert wrapped([["eu", f"{words}.", "do"]]) == [f"eu  {words}.  do"]
    assert wrapped([["eu", f"{words} .", "do"]]) == [f"eu  {words}  do", "    ."]


def test_a_word_is_not_broken_at_its_hyphen_and_an_empty_cell_is_one_as_well() -> None:
    assert wrapped([["", "a well-known"]], width=10) == ["  a", "  well-known"]


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, ""),
        (1, "a"),
        (6, "a, b, c, d, e, f"),
        (7, "a, b, c, d, e, f and 1 more"),
        (26, "a, b, c, d, e, f and 20 more"),
    ],
)
def test_a_list_of_names_stays_short(count: int, said: str) -> None:
    assert names("abcdefghijklmnopqrstuvwxyz"[:count]) == said
