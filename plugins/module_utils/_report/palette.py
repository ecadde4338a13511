# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of the report's page, as data: a test computes their contrasts.

Each colour that means something is dark, medium or pale. Two of different kinds have a contrast of 3:1, whatever their
hue is, so that a page without colours, on paper or for the colour-blind, still has three kinds. Shapes and words tell
the rest.
"""

from __future__ import annotations

from typing import NamedTuple


class Ground(NamedTuple):
    """What is behind everything, and the text there."""

    ground: str
    #: Behind cards, tiles and bars.
    card: str
    ink: str
    faint: str
    line: str


class Tint(NamedTuple):
    """The colours of one look."""

    #: Behind the words of a cell.
    fill: str
    #: These words.
    ink: str
    #: A bar, and the edge of a card.
    solid: str


GROUNDS = {
    "light": Ground("#ffffff", "#f3f4f7", "#17191e", "#565d6b", "#c9cdd6"),
    "dark": Ground("#14161a", "#1e2127", "#e8eaee", "#a3aab7", "#3d434f"),
}

#: By the key of each look, see looks.py.
TINTS = {
    "light": {
        "failed": Tint("#7a0e0e", "#ffffff", "#7a0e0e"),
        "held": Tint("#aa830e", "#000000", "#aa830e"),
        "absent": Tint("#ffffff", "#565d6b", "#f3f4f7"),
        "other": Tint("#828999", "#000000", "#383c45"),
        "retry": Tint("#ca7410", "#000000", "#593307"),
        "waiting": Tint("#eff0f2", "#383c45", "#828999"),
        "backup": Tint("#a375d1", "#000000", "#4f2877"),
        "running": Tint("#518bd6", "#000000", "#518bd6"),
        "complete": Tint("#dff6e6", "#144524", "#2d9c52"),
    },
    "dark": {
        "failed": Tint("#ffc9c4", "#4a0505", "#ffc9c4"),
        "held": Tint("#91700c", "#ffffff", "#91700c"),
        "absent": Tint("#14161a", "#a3aab7", "#1e2127"),
        "other": Tint("#6c7484", "#ffffff", "#d2d4da"),
        "retry": Tint("#ac620e", "#ffffff", "#f7cd9e"),
        "waiting": Tint("#22252a", "#d2d4da", "#6c7484"),
        "backup": Tint("#915ac8", "#ffffff", "#dfceef"),
        "running": Tint("#3074cc", "#ffffff", "#3074cc"),
        "complete": Tint("#0c2a16", "#a0e3b7", "#268446"),
    },
}


def variables_of(scheme: str) -> str:
    """The colours as variables of a style sheet: C(--ground), C(--failed), C(--failed-ink), C(--failed-bar)."""
    colours = GROUNDS[scheme]._asdict()
    for key, (fill, ink, solid) in TINTS[scheme].items():
        colours |= {key: fill, f"{key}-ink": ink, f"{key}-bar": solid}
    return " ".join(f"--{name}: {colour};" for name, colour in colours.items())


def rules() -> str:
    """The rules that give each look its colours."""
    return "\n".join(
        f".{key} {{ background: var(--{key}); color: var(--{key}-ink); }} "
        f".bar.{key} {{ background: var(--{key}-bar); }} .card.{key} {{ border-color: var(--{key}-bar); }}"
        for key in TINTS["light"]
    )
