# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many lines of a run say something."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Empty lines, banners of stars, and that a host has done what all hosts do.
_SAYS_NOTHING = re.compile(r"|.* \*{3,}|(ok|changed|skipping): \[\S+\]")


@dataclass(frozen=True)
class Count:
    """The lines between PLAY and RECAP."""

    lines: int
    say_something: int
    widest: int


def count(lines: Sequence[str]) -> Count:
    """Count the lines of a run."""
    between = lines[_find("PLAY [", lines) + 1 : _find("PLAY RECAP", lines)]
    saying = [line for line in between if not _SAYS_NOTHING.fullmatch(line)]
    return Count(len(between), len(saying), max(map(len, saying), default=0))


def _find(banner: str, lines: Sequence[str]) -> int:
    for number, line in enumerate(lines):
        if line.startswith(banner):
            return number
    raise SystemExit("\n".join([*lines, f"This is no run: it has no {banner}"]))


def table(counts: Iterable[tuple[str, Count]]) -> str:
    """The counts of several runs."""
    rows = [("run", "lines", "say something", "share", "widest")]
    rows += [
        (name, str(each.lines), str(each.say_something), f"{each.say_something / each.lines:.0%}", str(each.widest))
        for name, each in counts
    ]
    width = max(len(name) for name, *_others in rows)
    return "\n".join(
        f"{name:{width}}"
        + "".join(f"{other:>{len(head) + 2}}" for head, other in zip(rows[0][1:], others, strict=True))
        for name, *others in rows
    )
