# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in columns, and lists of names."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._text import (
    WIDTH,
    aligned,
    columns_of,
    fitting,
    names,
    names_within,
    within,
    wrapped,
)
from hypothesis import given
from hypothesis import strategies as st


def test_each_column_is_as_wide_as_its_widest_cell_and_no_line_ends_in_blanks() -> None:
    assert aligned([["a", "bbb", "c"], ["aa", "b", ""]]) == ["a   bbb  c", "aa  b"]


def test_a_wide_character_takes_two_columns_and_an_accent_of_its_own_none() -> None:
    assert aligned([["\u65e5\u672c", "a"], ["e\u0301u", "b"], ["four", "c"]]) == [
        "\u65e5\u672c  a",
        "e\u0301u    b",
        "four  c",
    ]
    assert [within("\u65e5\u672c -> eu", width) for width in (0, 1, 3, 5, 99)] == [
        "",
        "",
        "\u65e5",
        "\u65e5\u672c ",
        "\u65e5\u672c -> eu",
    ]


@given(st.text("ab \u65e5\u672c\u0301", max_size=30), st.integers(0, 60))
def test_the_beginning_of_a_text_has_room_and_no_more_than_that_is_cut_off(text: str, width: int) -> None:
    begin = within(text, width)
    assert text.startswith(begin)
    assert columns_of(begin) <= width
    assert begin == text or columns_of(begin) >= width - 1


def test_no_line_is_broken_between_the_names_of_a_pair() -> None:
    assert wrapped(f"{'x' * (WIDTH - 6)} eu -> us") == ["x" * (WIDTH - 6), "eu -> us"]


def test_a_long_text_goes_on_below_and_no_word_is_broken() -> None:
    words = " ".join(["nine-long"] * 6)
    assert wrapped(f"{words} and 13 more", "- ", "  ") == [f"- {words} and 13", "  more"]
    url = "https://example.atlassian.net/" + "x" * WIDTH
    assert wrapped(f"see {url}") == ["see", url]
    assert wrapped("", "- ") == ["-"]
    for copied in ("-e link_update_only=with_links", """-e '{"link_update_only": ["eu -> us"]}'"""):
        assert wrapped(f"{'x ' * (WIDTH // 2 - 3)}{copied}")[1] == copied, "a setting can be copied"


@given(st.lists(st.text("ab-", min_size=1, max_size=30)), st.integers(1, 60))
def test_a_cell_has_as_many_names_as_fit_and_one_at_least(items: list[str], width: int) -> None:
    text = names_within(items, width)
    assert len(text) <= width or text == names(items, 1)
    assert text == ", ".join(items) or len(", ".join(items)) > width


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


@pytest.mark.parametrize(
    ("width", "shown"),
    [
        (80, "2 running; next poll in 4s; longest 2m (eu -> us)"),
        (48, "2 running; next poll in 4s"),
        (20, "2 running"),
        (5, "2 run"),
    ],
)
def test_a_line_loses_whole_parts_where_it_is_too_wide(width: int, shown: str) -> None:
    assert fitting("2 running; next poll in 4s; longest 2m (eu -> us)", width) == shown
