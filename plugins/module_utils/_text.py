# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text in columns."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, each column as wide as its widest cell."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def wrapped(rows: Sequence[Sequence[str]], width: int = 60) -> list[str]:
    """Rows of cells as lines like L(aligned), with cells that are longer than C(width) on several lines."""
    lines: list[tuple[str, ...]] = []
    for row in rows:
        cells = [textwrap.wrap(cell, width, break_on_hyphens=False) or [""] for cell in row]
        lines += itertools.zip_longest(*cells, fillvalue="")
    return aligned(lines)


def names(items: Sequence[str], most: int = 6) -> str:
    """A list of names that stays short: C(a, b, c and 14 more)."""
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown} and {len(items) - most} more"
