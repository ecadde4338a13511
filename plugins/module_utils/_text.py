# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text that people read: in columns, and harmless wherever it comes from."""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Sequence

#: How wide blocks of text are: a terminal has 80 columns, and the clock time before a line takes 10.
WIDTH = 70

#: What stays on one line: the names of a pair, and what is to be copied. There, blanks are some that break no line.
_WHOLE = re.compile(r" -> |-e (?:'[^']*'|\S+)|ansible-playbook -i \S+ \S+")
_UNBROKEN = "\u00a0"

#: What counts as printable and shows nothing: fillers, joiners, and selectors of variants.
_BLANK = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(columns_of(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(padded(cell, width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def columns_of(text: str) -> int:
    """How many columns of a terminal a text takes: two for each wide character, none for an accent of its own."""
    return len(text) if text.isascii() else sum(map(_columns_of_one, text))


def _columns_of_one(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def padded(text: str, width: int) -> str:
    """A text with blanks behind it, so that it takes so many columns."""
    return text + " " * (width - columns_of(text))


def within(text: str, width: int) -> str:
    """The beginning of a text, as much as has room in so many columns."""
    while columns_of(text) > width:
        text = text[: width if len(text) > width else -1]
    return text


def wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    """A text as lines that are not too wide.

    :param first, others: what the first line begins with, and each other one.
    """
    lines = textwrap.wrap(
        _WHOLE.sub(lambda whole: whole[0].replace(" ", _UNBROKEN), text),
        WIDTH,
        initial_indent=first,
        subsequent_indent=others,
        break_on_hyphens=False,
        break_long_words=False,
    )
    return [line.replace(_UNBROKEN, " ") for line in lines] or [first.rstrip()]


def fitting(text: str, width: int) -> str:
    """A line of parts between semicolons, no wider than C(width): the last parts are left out, and none is cut in two.

    Only where the first part is too wide is it cut.
    """
    parts = text.split("; ")
    fits = next((most for most in range(len(parts), 1, -1) if columns_of("; ".join(parts[:most])) <= width), 1)
    return within("; ".join(parts[:fits]), width)


def harmless(text: str, most: int = 300) -> str:
    """Text of others, fit to be shown: on one line, every character of it visible, and of no more than C(most)."""
    line = visible(" ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 3]}..."


def quoted(given: object) -> str:
    """What somebody gave, in quotes and fit to be shown."""
    return harmless(repr(given), 60)


def visible(text: str) -> str:
    """A text whose every character can be seen: no terminal obeys it, and nothing in it is hidden. Lines stay lines."""
    if is_visible(text):
        return text
    return "".join(char if char == "\n" or is_visible(char) else ascii(char)[1:-1] for char in text)


def is_visible(text: str) -> bool:
    """Whether each character can be seen, and changes nothing around it. A blank counts as seen."""
    return text.isprintable() and not _BLANK.search(text)


def counted(count: int, what: str) -> str:
    """A number of things: C(1 job), C(12 jobs)."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def capitalized(text: str) -> str:
    """A text with a capital letter, as a sentence of its own. It gets no full stop: it may end with a command."""
    return f"{text[:1].upper()}{text[1:]}"


def listed(parts: Sequence[str]) -> str:
    """What is done, or who does it, within a sentence: C(a, b and c)."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def names_within(items: Sequence[str], width: int = 24) -> str:
    """A list of names for a cell of a table: as many of them as there is room for, but one at least."""
    most = next((most for most in range(len(items), 1, -1) if len(names(items, most)) <= width), 1)
    return names(items, most)


def names(items: Sequence[str], most: int = 6) -> str:
    """A list of names that stays short: C(a, b, c and 14 more)."""
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"
