# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which instances form a federation, and which pairs the instances form."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import (
    Federation,
    Member,
    complete,
    federation_of,
    parse_federation,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.pairs import pairs_of
from hypothesis import given
from hypothesis import strategies as st


def instance(name: str, **more: str) -> dict[str, str]:
    return {"product_url": f"https://{name}.example.net", "migrated_from": f"http://{name}.example.com", **more}


def hostvars(**instances: dict[str, str]) -> dict[str, dict[str, str]]:
    return {
        host: {f"link_update_{key}": value for key, value in variables.items()} for host, variables in instances.items()
    }


def checked(given: dict[str, Any]) -> Federation:
    return complete(parse_federation(given))


EU, US, ASIA = (instance(name) for name in ("eu", "us", "asia"))
WORLD = {"eu": EU, "us": US, "asia": ASIA}


# -- The federation


def test_a_federation_comes_from_the_variables_of_its_hosts_and_is_normalised_when_it_is_checked() -> None:
    variables = hostvars(
        eu={**EU, "product_url": "https://EU.example.net/", "site_id": "site-eu"},
        us={**US, "migrated_from_override": "http://Older.example.com/jira/"},
        stranger=ASIA,
    )
    variables["eu"]["link_update_wave"] = "of no interest here"
    assert checked(federation_of(["eu", "us"], variables)).members == {
        "eu": Member(**EU, site_id="site-eu"),
        "us": Member(**US, migrated_from_override="http://older.example.com/jira"),
    }


def test_a_federation_has_hosts() -> None:
    with pytest.raises(InvalidOption, match="no hosts"):
        federation_of([], hostvars(eu=EU))


def test_all_that_is_wrong_with_a_federation_is_said_at_once() -> None:
    federation = federation_of(
        ["eu", "us", "asia", "mars"],
        hostvars(
            eu={**EU, "product_url": "http://eu.example.net", "site_id": "../eu"},
            us={"product_url": "https://us.example.net"},
            asia={**ASIA, "product_url": "https://us.example.net/", "migrated_from": "asia.example.com"},
            mars={},
        ),
    )
    with pytest.raises(InvalidOption) as failure:
        checked(federation)
    problems = failure.value.failure.message.splitlines()[1:]
    assert [problem.split()[:2] for problem in problems] == [
        ["eu:", "link_update_product_url"],
        ["eu:", "link_update_site_id"],
        ["us:", "link_update_migrated_from"],
        ["asia:", "link_update_migrated_from"],
        ["mars:", "link_update_product_url"],
        ["mars:", "link_update_migrated_from"],
        ["asia:", "link_update_product_url"],
    ]


@pytest.mark.parametrize("spelling", ["https://eu.example.net", "HTTPS://EU.example.net:443/"])
def test_two_instances_do_not_share_a_url(spelling: str) -> None:
    with pytest.raises(InvalidOption, match=r"us: link_update_product_url https://eu\.example\.net is that of eu"):
        checked({"eu": EU, "us": {**US, "product_url": spelling}})


def test_instances_may_come_from_one_server() -> None:
    one_origin = {name: {**each, "migrated_from": "http://jira.example.com"} for name, each in WORLD.items()}
    assert checked(one_origin).names == ["eu", "us", "asia"]


def test_checking_a_checked_federation_changes_nothing() -> None:
    once = checked(WORLD)
    assert checked({name: vars(member) for name, member in once.members.items()}) == once


# -- Its pairs


@given(st.integers(min_value=1, max_value=12))
def test_n_instances_form_all_n_times_n_less_one_ordered_pairs(n: int) -> None:
    federation = {f"i{number}": instance(f"i{number}") for number in range(n)}
    pairs = [(product, pair["destination"]) for product in federation for pair in pairs_of(federation, product)]
    assert sorted(pairs) == sorted((one, two) for one in federation for two in federation if one != two)
    assert len(pairs) == n * (n - 1)


def test_a_pair_has_what_is_the_destination_s() -> None:
    override = {**ASIA, "migrated_from_override": "http://older.example.com"}
    assert pairs_of({"eu": {**EU, "migrated_from_override": "http://not.this.one"}, "asia": override}, "eu") == [
        {
            "label": "eu -> asia",
            "destination": "asia",
            "destination_url": ASIA["product_url"],
            "migrated_from": ASIA["migrated_from"],
            "migrated_from_override": "http://older.example.com",
            "create_backup": False,
        }
    ]


@pytest.mark.parametrize(
    ("destinations", "labels"),
    [
        (None, ["us -> eu", "us -> asia"]),
        (["asia", "eu"], ["us -> asia", "us -> eu"]),
        (["asia", "asia"], ["us -> asia"]),
        (["us"], ["us -> us"]),
        ([], []),
    ],
    ids=["all the others", "in the order given", "each once", "the product itself", "none"],
)
def test_destinations_can_be_chosen(destinations: list[str] | None, labels: list[str]) -> None:
    assert [pair["label"] for pair in pairs_of(WORLD, "us", destinations)] == labels


@pytest.mark.parametrize(("product", "destinations"), [("mars", None), ("eu", ["us", "mars"])])
def test_who_is_not_in_the_federation_is_named(product: str, destinations: list[str] | None) -> None:
    with pytest.raises(InvalidOption, match="mars is not in the federation, which has eu, us, asia"):
        pairs_of(WORLD, product, destinations)


@pytest.mark.parametrize(
    ("backup", "ordered"),
    [("first", [True, False]), ("always", [True, True]), ("never", [False, False])],
)
def test_the_pairs_that_were_asked_to_order_a_backup(backup: str, ordered: list[bool]) -> None:
    assert [pair["create_backup"] for pair in pairs_of(WORLD, "eu", backup=backup)] == ordered


def test_pairs_of_a_federation_that_is_not_complete_are_refused() -> None:
    incomplete: dict[str, dict[str, Any]] = {**WORLD, "mars": {}}
    with pytest.raises(InvalidOption, match="mars"):
        pairs_of(incomplete, "eu", ["us"])


def test_each_problem_comes_with_what_to_do() -> None:
    given = {
        "eu": {**EU, "product_url": "http://eu.example.net", "site_id": "../eu"},
        "us": {**US, "migrated_from": "jira"},
        "asia": {**ASIA, "product_url": US["product_url"]},
        "mars": {},
        "venus": None,
    }
    not_set = "set it for this host of the inventory"
    assert [(each.instance, each.remedy) for each in parse_federation(given).problems] == [
        ("eu", "use https:// (http:// is for a loopback address only)"),
        ("eu", "leave it out to have it looked up"),
        ("us", "give one such as https://jira.example.com"),
        *[("mars", not_set)] * 2,
        *[("venus", not_set)] * 2,
        ("asia", "correct one of the two"),
    ]
