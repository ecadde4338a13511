# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What somebody at a terminal sees who scrolls back to the beginning."""

from __future__ import annotations

import html
from collections.abc import Iterator
from itertools import groupby

import pyte
from pyte.screens import Char

Row = list[Char]

#: How a line that is written over begins: see _reporter.py.
OVERWRITE = b"\r\x1b[2K"

BACKGROUND, FOREGROUND = "#1e1e1e", "#d4d4d4"
#: The colours of a usual dark terminal, normal and bright. What is bold is bright, as most terminals have it.
_COLOURS = {
    "black": ("#000000", "#767676"),
    "red": ("#cd3131", "#f14c4c"),
    "green": ("#0dbc79", "#23d18b"),
    "brown": ("#e5e510", "#f5f543"),
    "blue": ("#2472c8", "#3b8eea"),
    "magenta": ("#bc3fbc", "#d670d6"),
    "cyan": ("#11a8cd", "#29b8db"),
    "white": ("#e5e5e5", "#ffffff"),
}
_STYLE = f"""
html {{ width: max-content; background: {BACKGROUND}; color: {FOREGROUND} }}
body {{ margin: 0 }}
pre {{ margin: 0; padding: 12px 16px; font: 14px/18px "DejaVu Sans Mono", monospace }}
"""


def while_it_runs(recording: bytes) -> bytes:
    """A recording up to the middle one of the lines that were written over; nothing if there was none."""
    parts = recording.split(OVERWRITE)
    seen = [number for number, part in enumerate(parts) if number and part and b"\n" not in part]
    return OVERWRITE.join(parts[: seen[len(seen) // 2] + 1]) if seen else b""


def lines(recording: bytes) -> list[str]:
    """The lines that are left in the end, however wide."""
    screen = _screen(recording, max(map(len, recording.split(b"\n"))) + 1)
    return [line.rstrip() for line in screen.display[: screen.cursor.y + 1]]


def rows(recording: bytes, columns: int) -> list[Row]:
    """What is on a terminal of this width in the end."""
    screen = _screen(recording, columns)
    shown = [[screen.buffer[y][x] for x in range(columns)] for y in range(screen.cursor.y + 1)]
    return shown[: -1 if screen.cursor.x == 0 else None]


def page(shown: list[Row]) -> str:
    """A web page that looks like a terminal with these rows."""
    text = "\n".join("".join(_spans(row)) for row in shown)
    return f'<!doctype html><meta charset="utf-8"><style>{_STYLE}</style><pre>{text}</pre>'


def _screen(recording: bytes, columns: int) -> pyte.Screen:
    """A terminal so high that nothing leaves it."""
    screen = pyte.Screen(columns, recording.count(b"\n") + len(recording) // columns + 1)
    pyte.ByteStream(screen).feed(recording)
    return screen


def _spans(row: Row) -> Iterator[str]:
    for style, cells in groupby(row, _style):
        yield f'<span style="{style}">{html.escape("".join(cell.data for cell in cells))}</span>'


def _style(cell: Char) -> str:
    colour = (
        _COLOURS[cell.fg][cell.bold] if cell.fg in _COLOURS else FOREGROUND if cell.fg == "default" else f"#{cell.fg}"
    )
    return f"color:{colour}" + (";font-weight:bold" if cell.bold else "")
