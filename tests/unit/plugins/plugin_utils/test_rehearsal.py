# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which variables of a rehearsal cannot be right, and what a rehearsal has of the inventory."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import (
    LINK_CENSUS,
    REHEARSAL_VARIABLES,
)
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._rehearsal import _sites_of, census_at, problems_of

TIMES = [name for name in REHEARSAL_VARIABLES if name.endswith("_seconds")]


def problems(**given: Any) -> list[str]:
    """What is said of the variables of a rehearsal of two instances."""
    return [each.message for each in problems_of({**dict.fromkeys(REHEARSAL_VARIABLES), **given}, ["eu", "us"])]


def test_times_may_be_nothing_or_a_fraction_of_a_second() -> None:
    assert problems() == problems(**dict.fromkeys(TIMES, 0.0)) == problems(**dict.fromkeys(TIMES, 0.2)) == []


def test_links_are_left_out_by_number_or_by_pair() -> None:
    assert problems(leave_out="3") == problems(leave_out=3) == problems(leave_out={"eu -> us": 3}) == []


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
        (
            {"leave_out": {"eu -> ap": 3}},
            "rehearsal_leave_out has 'eu -> ap', which is no pair of the federation. Use a name such as eu -> us",
        ),
        ({"leave_out": "some"}, "rehearsal_leave_out is 'some'. Use a number, or numbers by pair"),
        ({"rate_limit": [0, 10]}, "rehearsal_rate_limit is [0, 10]. Use [requests, seconds]"),
        ({"rate_limit": [60]}, "rehearsal_rate_limit is [60]. Use [requests, seconds]"),
    ],
)
def test_names_and_numbers_that_cannot_be_right_are_told(given: dict[str, Any], says: str) -> None:
    (problem,) = problems(**given)
    assert problem.startswith(says)


FEDERATION: dict[str, Any] = {
    "eu": {
        "product_url": "https://eu.example.net",
        "site_id": None,
        "migrated_from": [{"url": "https://staging.example.com", "override": "https://jira.example.com"}],
        "projects": ["ABC"],
    },
    "us": {
        "product_url": "https://us.example.net",
        "site_id": "11223344-a1b2-3b33-c444-def123456789",
        "migrated_from": ["https://jira.example.com", "https://old.atlassian.net"],
    },
    "ap": {"product_url": "https://ap.example.net", "migrated_from": {"url": 7}, "projects": "not a list?"},
    "au": {"product_url": None, "migrated_from": "https://jira.example.com"},
}


def test_the_stand_in_has_the_data_center_instances_and_starts_whatever_is_wrong_with_the_inventory() -> None:
    assert _sites_of(FEDERATION) == {
        "eu": {
            "product_url": "https://eu.example.net",
            "site_id": None,
            "migrated_from": ["https://jira.example.com"],
            "projects": {"https://jira.example.com": ("ABC",)},
        },
        "us": {
            "product_url": "https://us.example.net",
            "site_id": "11223344-a1b2-3b33-c444-def123456789",
            "migrated_from": ["https://jira.example.com"],
            "projects": {},
        },
        "ap": {"product_url": "https://ap.example.net", "site_id": None, "migrated_from": [], "projects": {}},
    }


def test_a_rehearsed_census_asks_all_sites_and_has_no_account_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("JIRA_DC_TOKEN", "JIRA_DC_USER", "JIRA_DC_PASSWORD", "ATLASSIAN_EMAIL", "ATLASSIAN_API_TOKEN"):
        monkeypatch.setenv(name, "real")
    place = {"stand_in_url": "http://127.0.0.1:1", "ledger": "l", "census_store": "s", "report_dir": "r/rehearsal"}
    given = census_at(place, {name: FEDERATION[name] for name in ("eu", "us")})
    options = ArgumentSpecValidator(LINK_CENSUS).validate(given).validated_parameters
    assert [each["name"] for each in options["accounts"]] == ["eu", "us"]
    assert "real" not in repr(options)
    assert (options["store"], options["ledger"], options["report_dir"]) == ("s", "l", "r/rehearsal")
    assert options["federation"]["eu"]["projects"] == ["ABC"]
