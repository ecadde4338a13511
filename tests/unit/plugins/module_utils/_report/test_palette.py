# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The colours of the report's page: what means something can be told apart, also by those who see no colours."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._report import looks
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.palette import GROUNDS, TINTS
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.style import STYLE

#: What WCAG 2 asks of text, and of what means something and is no text.
TEXT, SIGN = 4.5, 3.0
#: Cells that must not be taken for each other.
APART = [
    *(("failed", other) for other in ("complete", "running", "backup", "retry", "held", "waiting", "absent", "other")),
    *(("complete", other) for other in ("running", "backup", "retry", "held")),
]
#: Bars that follow each other: in the progress of a site, and in the timeline.
BARS_APART = [
    *(("failed", other) for other in ("complete", "running", "waiting", "held")),
    *(("waiting", "backup"), ("backup", "running"), ("running", "retry")),
]

schemes = pytest.mark.parametrize("scheme", ["light", "dark"])


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_a_contrast_is_what_wcag_says_it_is() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@schemes
def test_text_can_be_read_on_its_ground(scheme: str) -> None:
    ground = GROUNDS[scheme]
    for text in (ground.ink, ground.faint):
        assert min(contrast(text, ground.ground), contrast(text, ground.card)) >= TEXT
    assert {key: contrast(tint.ink, tint.fill) >= TEXT for key, tint in TINTS[scheme].items()} == dict.fromkeys(
        TINTS[scheme], True
    )


@schemes
def test_a_bar_can_be_seen_on_its_ground(scheme: str) -> None:
    # What is not scheduled has none: its part of the bar stays empty.
    bars = {key: tint.solid for key, tint in TINTS[scheme].items() if key != "absent"}
    assert {key for key, solid in bars.items() if contrast(solid, GROUNDS[scheme].card) < SIGN} == set()


@schemes
def test_cells_of_different_kinds_differ_without_their_hue(scheme: str) -> None:
    fills = {key: tint.fill for key, tint in TINTS[scheme].items()}
    assert [pair for pair in APART if contrast(fills[pair[0]], fills[pair[1]]) < SIGN] == []


@schemes
def test_bars_that_follow_each_other_differ_without_their_hue(scheme: str) -> None:
    bars = {key: tint.solid for key, tint in TINTS[scheme].items()}
    assert [pair for pair in BARS_APART if contrast(bars[pair[0]], bars[pair[1]]) < SIGN] == []


def test_every_look_has_its_colours_and_a_shape_of_its_own() -> None:
    known = [each for each in vars(looks).values() if isinstance(each, looks.Look)]
    assert len(known) == 9
    assert len({each.shape for each in known}) == len({each.word for each in known}) == 9
    assert {each.key for each in known} | {"other"} == set(TINTS["light"]) == set(TINTS["dark"])


@schemes
def test_the_style_sheet_has_the_colours(scheme: str) -> None:
    for key, (fill, ink, solid) in TINTS[scheme].items():
        assert f"--{key}: {fill}; --{key}-ink: {ink}; --{key}-bar: {solid};" in STYLE
    for name, colour in GROUNDS[scheme]._asdict().items():
        assert f"--{name}: {colour};" in STYLE
