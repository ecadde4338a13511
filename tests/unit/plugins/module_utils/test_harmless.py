# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text of others can do nothing to whoever reads it."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import sentence
from ansible_collections.jira_cloud.federation.plugins.module_utils._text import (
    harmless,
    is_visible,
    visible,
)
from hypothesis import given
from hypothesis import strategies as st

ANYTHING = st.text(st.characters(), max_size=400)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, ünïcode, 日本語 and 🙂", "plain, ünïcode, 日本語 and 🙂"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\r\nok: [eu]\n\n\tb", "a ok: [eu] b"),
        ("a\u2028b\x85c\x1dd\u00a0e", "a b c d e"),
        ("gnp\u202egpj.exe\u2066", "gnp\\u202egpj.exe\\u2066"),
        ("a\u200bb\ufeffc\xadd\u2060", "a\\u200bb\\ufeffc\\xadd\\u2060"),
        ("a\u3164b\u2800c\u034fd\ufe0fe", "a\\u3164b\\u2800c\\u034fd\\ufe0fe"),
        ("\x00\x08\x7f", "\\x00\\x08\\x7f"),
        ("\ud800", "\\ud800"),
        ("\U000e0041\U000e0100", "\\U000e0041\\U000e0100"),
        ("  ", ""),
    ],
)
def test_what_cannot_be_seen_is_shown_as_what_it_is_and_lines_become_one(text: str, shown: str) -> None:
    assert harmless(text) == shown


@given(ANYTHING)
def test_whatever_a_text_holds_it_is_one_line_that_can_be_seen_sent_and_stored(text: str) -> None:
    shown = harmless(text)
    assert shown.isprintable()
    assert all(map(is_visible, shown))
    assert len(shown) <= 300
    assert shown.encode().decode() == shown, "it can be stored"
    assert harmless(shown) == shown


def test_a_text_that_is_too_long_ends_in_dots() -> None:
    assert harmless("x" * 300) == "x" * 300
    assert harmless("x" * 301) == "x" * 297 + "..."
    assert harmless("\x1b" * 9, 10) == "\\x1b\\x1..."


def test_lines_that_are_meant_stay_lines() -> None:
    assert visible("a  b\n\tc\x1b") == "a  b\n\\tc\\x1b"


def test_no_message_says_more_than_can_be_seen() -> None:
    assert sentence("lost\x1b", "rerun\u202e", about="eu\n-> us") == "eu -> us: lost\\x1b. Rerun\\u202e"
