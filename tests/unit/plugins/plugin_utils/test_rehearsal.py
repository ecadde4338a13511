# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables of a rehearsal cannot be right."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import REHEARSAL_VARIABLES
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._rehearsal import problems_of

TIMES = [name for name in REHEARSAL_VARIABLES if name.endswith("_seconds")]


def problems(**given: Any) -> list[str]:
    """What is said of the variables of a rehearsal of two instances."""
    return [each.message for each in problems_of({**dict.fromkeys(REHEARSAL_VARIABLES), **given}, ["eu", "us"])]


def test_times_may_be_nothing_or_a_fraction_of_a_second() -> None:
    assert problems() == problems(**dict.fromkeys(TIMES, 0.0)) == problems(**dict.fromkeys(TIMES, 0.2)) == []


@pytest.mark.parametrize("name", TIMES)
def test_a_time_is_never_negative(name: str) -> None:
    assert problems(**{name: -0.5}) == [f"rehearsal_{name} is -0.5. Use 0 or more seconds"]


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (
            {"fail": ["eu -> ap"]},
            "rehearsal_fail has 'eu -> ap', which is no pair of the federation. Use a name such as eu -> us",
        ),
        (
            {"not_admin": ["ap"]},
            "rehearsal_not_admin has 'ap', which is no instance of the federation. Use a name such as eu",
        ),
        ({"rate_limit": [0, 10]}, "rehearsal_rate_limit is [0, 10]. Use [requests, seconds]"),
        ({"rate_limit": [60]}, "rehearsal_rate_limit is [60]. Use [requests, seconds]"),
    ],
)
def test_names_and_numbers_that_cannot_be_right_are_told(given: dict[str, Any], says: str) -> None:
    (problem,) = problems(**given)
    assert problem.startswith(says)
