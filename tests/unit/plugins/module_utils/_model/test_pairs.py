# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pairs the instances of a federation form, and what they are called."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.origin import Origin
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.pairs import Pair, pairs_between, pairs_of
from hypothesis import given
from hypothesis import strategies as st


def instance(name: str, **more: Any) -> dict[str, Any]:
    return {"product_url": f"https://{name}.example.net", "migrated_from": f"http://{name}.example.com", **more}


EU, US, ASIA = (instance(name) for name in ("eu", "us", "asia"))
WORLD = {"eu": EU, "us": US, "asia": ASIA}


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
    with pytest.raises(InvalidOption, match=r"mars is not in the federation \(eu, us, asia"):
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


SEVERAL = {**US, "migrated_from": ["http://a.dc", {"url": "http://staging.dc", "override": "http://b.dc/jira"}]}


def test_a_destination_with_several_origins_has_a_pair_for_each() -> None:
    assert pairs_of({"eu": EU, "us": SEVERAL}, "eu", backup="first") == [
        {
            "label": "eu -> us (from a.dc)",
            "destination": "us",
            "destination_url": "https://us.example.net",
            "migrated_from": "http://a.dc",
            "migrated_from_override": None,
            "create_backup": True,
        },
        {
            "label": "eu -> us (from b.dc/jira)",
            "destination": "us",
            "destination_url": "https://us.example.net",
            "migrated_from": "http://staging.dc",
            "migrated_from_override": "http://b.dc/jira",
            "create_backup": False,
        },
    ]


def test_the_origins_of_the_product_make_no_pairs() -> None:
    assert [pair["label"] for pair in pairs_of({"eu": EU, "us": SEVERAL}, "us")] == ["us -> eu"]


@given(st.lists(st.integers(min_value=1, max_value=4), min_size=2, max_size=5))
def test_there_are_as_many_pairs_as_the_destinations_have_origins(counts: list[int]) -> None:
    world = {
        f"i{place}": instance(f"i{place}", migrated_from=[f"http://o{number}.dc" for number in range(count)])
        for place, count in enumerate(counts)
    }
    labels = [pair["label"] for product in world for pair in pairs_of(world, product)]
    assert len(labels) == sum(counts) * (len(counts) - 1)
    assert len(set(labels)) == len(labels), "no two pairs are called alike"


def test_one_origin_is_not_named_in_whatever_form_it_was_given() -> None:
    for form in ("http://a.dc", ["http://a.dc"], {"url": "http://a.dc"}):
        federation = parse_federation({"eu": EU, "us": {**US, "migrated_from": form}})
        assert list(pairs_between(federation, "eu", "us")) == [Pair("eu", "us", Origin("http://a.dc"))]


@pytest.mark.parametrize("backup", ["first", "always"])
def test_a_confluence_orders_no_backup(backup: str) -> None:
    wiki = {**EU, "product_url": "https://eu.example.net/wiki"}
    assert [pair["create_backup"] for pair in pairs_of({"eu": wiki, "us": US}, "eu", backup=backup)] == [False]
