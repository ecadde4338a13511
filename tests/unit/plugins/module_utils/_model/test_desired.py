# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked for each instance: what becomes of it, and everything that is wrong with it at once."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import FEDERATION
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import InstanceSpec, parse_specs
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.policy import Policy

ORDER = {name: option.get("default") for name, option in FEDERATION["orders"]["options"].items()}
WORLD = {
    name: {"product_url": f"https://{name}.example.net", "migrated_from": f"https://old-{name}.example.com"}
    for name in ("eu", "us", "ap")
}


def parsed(world: dict[str, Any] = WORLD, **options: Any) -> tuple[InstanceSpec, list[tuple[str, str]]]:
    """What was asked for eu, and what is wrong with it: the problem and the remedy."""
    (spec,), problems = parse_specs(parse_federation(world), [{**ORDER, "name": "eu", **options}])
    assert {each.instance for each in problems} <= {spec.name}
    return spec, [(each.problem, each.remedy) for each in problems]


def test_an_instance_has_an_update_for_each_other_instance() -> None:
    spec, problems = parsed(email="me@example.com", api_token="s3cr3t", wave="2")
    assert problems == []
    assert [each.label for each in spec.desired] == ["eu -> us", "eu -> ap"]
    update = spec.desired[1].update
    assert (update.product_url, update.destination_url) == ("https://eu.example.net", "https://ap.example.net")
    assert (update.migrated_from, update.wave, update.recreate_as_remote) == ("https://old-ap.example.com", "2", True)
    assert (spec.name, spec.product_url, spec.manner.wave) == ("eu", "https://eu.example.net", "2")
    assert (spec.account.email, spec.account.api_token) == ("me@example.com", "s3cr3t")
    assert "s3cr3t" not in repr(spec)


@pytest.mark.parametrize(
    ("destinations", "names"), [(None, ["us", "ap"]), ([""], ["us", "ap"]), (["ap"], ["ap"]), (["eu"], ["eu"])]
)
def test_destinations_can_be_chosen(destinations: list[str] | None, names: list[str]) -> None:
    spec, problems = parsed(destinations=destinations)
    assert problems == []
    assert [each.destination for each in spec.desired] == names


@pytest.mark.parametrize(
    ("options", "backup", "with_each"),
    [
        ({}, "first", None),
        ({"create_backup": "always"}, "always", True),
        ({"create_backup": "never"}, "never", None),
        ({"product": "confluence", "recreate_as_remote": False}, "never", None),
    ],
    ids=["first", "always", "never", "a confluence has none by default"],
)
def test_who_orders_a_backup(options: dict[str, Any], backup: str, with_each: bool | None) -> None:
    spec, problems = parsed(**options)
    assert problems == []
    assert spec.manner.backup == backup
    assert {each.update.create_backup for each in spec.desired} == {with_each}


def test_a_policy_is_made_of_three_options() -> None:
    assert parsed()[0].policy == Policy(force=False, resubmit_failed=True, resubmit_unknown=True)
    given = {"force": True, "resubmit_failed": False, "unknown_submission": "fail"}
    assert parsed(**given)[0].policy == Policy(force=True, resubmit_failed=False, resubmit_unknown=False)


def test_the_site_is_known_from_the_instance_or_the_federation_or_later() -> None:
    world = {**WORLD, "eu": {**WORLD["eu"], "site_id": "site-eu"}}
    assert parsed()[0].site_id is None
    assert parsed(world)[0].site_id == "site-eu"
    spec = parsed(world, site_id="another")[0]
    assert (spec.site_id, spec.desired[0].update.site_id) == ("another", "another")
    later = parsed()[0].at("found")
    assert (later.site_id, {each.update.site_id for each in later.desired}) == ("found", {"found"})


def test_the_window_closes_two_weeks_after_the_migration() -> None:
    spec, problems = parsed(migrated_at="2026-03-01")
    assert problems == []
    assert spec.window_closes == datetime(2026, 3, 16, tzinfo=timezone.utc)
    assert {each.update.window_closes for each in spec.desired} == {spec.window_closes}


@pytest.mark.parametrize(("product", "recreate", "recreates"), [("jira", True, True), ("jira", False, False)])
def test_who_recreates_links(product: str, recreate: bool, recreates: bool) -> None:
    assert parsed(product=product, recreate_as_remote=recreate)[0].recreates is recreates


@pytest.mark.parametrize(
    ("options", "problem", "remedy"),
    [
        ({"wave": " "}, "link_update_wave is empty", "give the migration wave a label"),
        ({"product": "confluence"}, "link_update_recreate_as_remote is true, which works for Jira only", "to false"),
        (
            {"product": "confluence", "recreate_as_remote": False, "create_backup": "always"},
            "link_update_create_backup is always, which works for Jira only",
            "to first or never",
        ),
        ({"destinations": ["mars"]}, "link_update_destinations has mars, which is not in the federation", "name"),
        ({"destinations": []}, "no destinations", "at least"),
        ({"site_id": "../eu"}, "link_update_site_id '../eu' is no cloud ID", "looked up"),
        ({"migrated_at": "yesterday"}, "link_update_migrated_at 'yesterday' is neither a date", ""),
        (
            {"product_url": "https://us.example.net"},
            "link_update_product_url is https://us.example.net, but link_update_federation says https://eu.example.net",
            "correct one of the two",
        ),
        ({"product_url": "http://eu.example.net"}, "link_update_product_url http://eu.example.net is not encry", ""),
        ({"name": "mars"}, "is not in the federation, which has eu, us, ap", "leave it out of the play"),
    ],
)
def test_what_is_wrong_is_a_problem_with_a_remedy(options: dict[str, Any], problem: str, remedy: str) -> None:
    spec, ((said, what_to_do),) = parsed(**options)
    assert said.startswith(problem)
    assert remedy in what_to_do
    assert what_to_do
    assert spec.desired == (), "nothing can be scheduled by mistake"


def test_the_names_of_a_large_federation_are_not_all_repeated_with_each_mistake() -> None:
    world = {f"s{number}": WORLD["eu"] | {"product_url": f"https://s{number}.example.net"} for number in range(100)}
    _spec, ((said, _remedy),) = parsed({"eu": WORLD["eu"], **world}, destinations=["mars"])
    assert said.endswith("not in the federation, which has eu, s0, s1, s2, s3, s4 and 95 more")


def test_all_that_is_wrong_is_found_at_once() -> None:
    _spec, problems = parsed(
        product="confluence", create_backup="always", wave="", destinations=["mars", "venus"], site_id="?"
    )
    assert len(problems) == 6


def test_a_product_url_of_a_confluence_needs_the_product_confluence() -> None:
    world = {**WORLD, "eu": {**WORLD["eu"], "product_url": "https://eu.example.net/wiki"}}
    _spec, ((problem, _remedy),) = parsed(world)
    assert problem.startswith("link_update_product_url https://eu.example.net/wiki is the URL of a Confluence")
    assert parsed(world, product="confluence", recreate_as_remote=False)[1] == []


def test_a_time_does_not_matter_where_nothing_is_recreated() -> None:
    assert parsed(migrated_at="yesterday", recreate_as_remote=False)[1] == []
