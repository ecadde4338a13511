# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bound of a sample: published values, and its exact coverage."""

from __future__ import annotations

from math import comb

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.sampling import (
    bound,
    share_of_error,
    size_for,
)


@pytest.mark.parametrize(
    ("total", "drawn", "missing", "at_95", "at_99"),
    [
        (100, 20, 1, 19, 26),
        (1000, 300, 11, 56, 64),
        (2000, 300, 0, 18, 28),
        (2000, 300, 5, 66, 82),
        (10000, 1000, 3, 74, 96),
        (50, 50, 4, 4, 4),
        (7, 0, 0, 7, 7),
    ],
)
def test_the_bound_has_the_known_values(total: int, drawn: int, missing: int, at_95: int, at_99: int) -> None:
    assert bound(total, drawn, missing, 0.95) == at_95
    assert bound(total, drawn, missing, 0.99) == at_99


@pytest.mark.parametrize(
    ("total", "most", "at_95", "at_99"), [(1000, 10, 238, 341), (10000, 100, 291, 444), (1000, 0, 950, 990)]
)
def test_the_size_of_a_sample_has_the_known_values(total: int, most: int, at_95: int, at_99: int) -> None:
    for confidence, size in ((0.95, at_95), (0.99, at_99)):
        assert size_for(total, most, confidence) == size
        assert bound(total, size, 0, confidence) <= most < bound(total, size - 1, 0, confidence)


@pytest.mark.parametrize(("confidence", "least"), [(0.95, 0.95037), (0.99, 0.99004)])
def test_however_many_links_are_missing_the_bound_covers_them_as_often_as_it_says(
    confidence: float, least: float
) -> None:
    total, drawn = 200, 40
    bounds = [bound(total, drawn, seen, confidence) for seen in range(drawn + 1)]
    coverage = [
        sum(
            comb(missing, seen) * comb(total - missing, drawn - seen)
            for seen in range(drawn + 1)
            if bounds[seen] >= missing
        )
        / comb(total, drawn)
        for missing in range(total + 1)
    ]
    assert min(coverage) == pytest.approx(least, abs=0.000005)
    assert min(coverage) >= confidence


def test_a_larger_sample_with_the_same_finding_never_makes_the_bound_larger() -> None:
    bounds = [bound(5000, drawn, 3, 0.99) for drawn in range(3, 5001, 119)]
    assert bounds == sorted(bounds, reverse=True)


def test_a_million_links_are_no_problem() -> None:
    assert bound(1_000_000, 1_000_000, 12, 0.99) == 12
    assert bound(1_000_000, 20_000, 0, 0.99) == pytest.approx(228, abs=1)


def test_several_statements_share_what_may_be_wrong() -> None:
    assert share_of_error(0.99, 20) == pytest.approx(0.9995)
    assert share_of_error(0.99, 1) == share_of_error(0.99, 0) == pytest.approx(0.99)
