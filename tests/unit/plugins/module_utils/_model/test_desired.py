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
    ],
)
def test_who_orders_a_backup(options: dict[str, Any], backup: str, with_each: bool | None) -> None:
    spec, problems = parsed(**options)
    assert problems == []
    assert spec.manner.backup == backup
    assert {each.update.create_backup for each in spec.desired} == {with_each}


def test_a_policy_is_made_of_three_options() -> None:
    assert parsed()[0].policy == Policy(force=False, resubmit_failed=True, resubmit_unknown=True)
    given: dict[str, Any] = {"force": True, "resubmit_failed": False, "unknown_submission": "fail"}
    assert parsed(**given)[0].policy == Policy(force=True, resubmit_failed=False, resubmit_unknown=False)


def test_the_site_is_known_from_the_instance_or_the_federation_or_later() -> None:
    world = {**WORLD, "eu": {**WORLD["eu"], "site_id": "site-eu"}}
    assert parsed()[0].site_id is None
    assert parsed(world)[0].site_id == "site-eu"
    spec = parsed(world, site_id="another")[0]
    assert (spec.site_id, spec.desired[0].update.site_id) == ("another", "another")
    later = parsed()[0].at("found")
    assert (later.site_id, {each.update.site_id for each in later.desired}) == ("found", {"found"})


@pytest.mark.parametrize(
    ("options", "problem", "remedy"),
    [
        ({"wave": " "}, "link_update_wave is empty", "give the wave a label"),
        (
            {"product": "confluence"},
            "link_update_product_url https://eu.example.net is the URL of a Jira, but link_update_product is conf",
            "add /wiki to the URL, or leave link_update_product out",
        ),
        ({"product": "wiki"}, "link_update_product is 'wiki'", "set it to jira or confluence, or leave it out"),
        ({"recreate_as_remote": "maybe"}, "link_update_recreate_as_remote is 'maybe'", "set it to auto, true or false"),
        ({"recreate_as_remote": None}, "link_update_recreate_as_remote is None", "set it to auto, true or false"),
        ({"destinations": ["mars"]}, "link_update_destinations has mars, which is not in the federation", "name"),
        (
            {"destinations": []},
            "no destinations",
            "add another instance to the federation, or a name to link_update_destinations",
        ),
        ({"site_id": "../eu"}, "link_update_site_id '../eu' is not a cloud ID", "looked up"),
        (
            {"product_url": "https://us.example.net"},
            "link_update_product_url is https://us.example.net, but link_update_federation says https://eu.example.net",
            "correct one of the two",
        ),
        ({"product_url": "http://eu.example.net"}, "link_update_product_url http://eu.example.net is not encry", ""),
        ({"name": "mars"}, "is not in the federation (eu, us, ap", "leave it out of the run"),
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
    assert said.endswith("not in the federation (eu, s0, s1, s2, s3, s4 and 95 more)")


def test_all_that_is_wrong_is_found_at_once() -> None:
    _spec, problems = parsed(
        product="confluence", recreate_as_remote="?", wave="", destinations=["mars", "venus"], site_id="?"
    )
    assert len(problems) == 6


# -- Jira and Confluence

WIKI = {"product_url": "https://eu.example.net/wiki", "migrated_from": "https://old-wiki.example.com"}
MIXED: dict[str, Any] = {"eu": WORLD["eu"], "eu-wiki": WIKI, "us": WORLD["us"]}


def manners(spec: InstanceSpec) -> dict[str, tuple[bool, str | None]]:
    """Whether the links of each pair are recreated, and if not, why."""
    return {each.label: (each.update.recreate_as_remote, each.regular) for each in spec.desired}


@pytest.mark.parametrize("product", [None, "", "jira", "Jira", " JIRA "])
def test_a_jira_recreates_its_links_to_other_jira_sites_alone(product: str | None) -> None:
    spec, problems = parsed(MIXED, product=product, destinations=["eu", "eu-wiki", "us"])
    assert problems == []
    assert manners(spec) == {
        "eu -> eu": (False, "the links are local"),
        "eu -> eu-wiki": (False, "the destination is Confluence"),
        "eu -> us": (True, None),
    }
    assert {each.update.product for each in spec.desired} == {"jira"}
    assert spec.recreates


@pytest.mark.parametrize("product", [None, "confluence", "Confluence", "CONFLUENCE"])
@pytest.mark.parametrize("backup", ["first", "always", "never"])
def test_a_confluence_recreates_nothing_and_orders_no_backup(product: str | None, backup: str) -> None:
    spec, problems = parsed(MIXED, name="eu-wiki", product=product, create_backup=backup)
    assert problems == []
    assert manners(spec) == dict.fromkeys(["eu-wiki -> eu", "eu-wiki -> us"], (False, "the product is Confluence"))
    assert {(each.update.product, each.update.create_backup) for each in spec.desired} == {("confluence", None)}
    assert (spec.manner.backup, spec.recreates) == ("never", False)


def test_the_url_of_a_confluence_is_none_of_a_jira() -> None:
    (problem,) = parse_specs(parse_federation(MIXED), [{**ORDER, "name": "eu-wiki", "product": "JIRA"}])[1]
    assert problem.message == (
        "eu-wiki: link_update_product_url https://eu.example.net/wiki is the URL of a Confluence, but "
        "link_update_product is jira. Remove /wiki from the URL, or leave link_update_product out"
    )


# -- What is recreated


@pytest.mark.parametrize(
    ("value", "recreates"),
    [
        ("auto", True),
        ("Auto", True),
        (True, True),
        ("yes", True),
        ("True", True),
        (1, True),
        (False, False),
        ("no", False),
        ("off", False),
        (0, False),
    ],
)
def test_recreating_is_left_to_each_pair_or_given(value: Any, recreates: bool) -> None:
    spec, problems = parsed(recreate_as_remote=value)
    assert problems == []
    assert manners(spec) == dict.fromkeys(["eu -> us", "eu -> ap"], (recreates, None))
    assert spec.recreates is recreates


def test_each_pair_that_cannot_be_recreated_is_named_where_all_are_to_be() -> None:
    mixed = {**MIXED, "us": {**WORLD["us"], "migrated_from": ["https://a.dc", "https://old.atlassian.net"]}}
    spec, ((problem, remedy),) = parsed(mixed, recreate_as_remote=True, destinations=["eu", "eu-wiki", "us"])
    assert problem == (
        "link_update_recreate_as_remote is true, but links cannot be recreated for eu -> eu (the links are local), "
        "eu -> eu-wiki (the destination is Confluence), "
        "eu -> us (from old.atlassian.net) (the origin is a cloud site)"
    )
    assert remedy == "set it to auto: these pairs get a regular update, the others are recreated"
    assert spec.desired == ()


def test_nothing_is_recreated_and_nothing_has_to_be_explained_where_nobody_wants_it() -> None:
    spec, problems = parsed(MIXED, recreate_as_remote=False, destinations=["eu", "eu-wiki", "us"])
    assert problems == []
    assert manners(spec) == dict.fromkeys(["eu -> eu", "eu -> eu-wiki", "eu -> us"], (False, None))


CLOUD = "https://old.atlassian.net"


@pytest.mark.parametrize(
    "given", [CLOUD, f"{CLOUD}/browse/ABC-1", [{"url": "https://a.dc", "override": CLOUD}]], ids=str
)
def test_data_of_a_cloud_site_gets_a_regular_update(given: Any) -> None:
    world = {**WORLD, "us": {**WORLD["us"], "migrated_from": given}}
    assert manners(parsed(world)[0])["eu -> us"] == (False, "the origin is a cloud site")
    assert manners(parsed(world, recreate_as_remote=False)[0])["eu -> us"] == (False, None)
    ((problem, _remedy),) = parsed(world, recreate_as_remote=True)[1]
    assert problem.endswith("true, but links cannot be recreated for eu -> us (the origin is a cloud site)")


@pytest.mark.parametrize(
    ("own", "given"),
    [
        ("https://us.atlassian.net", "https://us.atlassian.net"),
        ("https://us.atlassian.net", "HTTPS://US.Atlassian.NET:443/"),
        ("https://us.atlassian.net", "https://us.atlassian.net/jira/your-work?a#b"),
        ("https://us.atlassian.net", "https://us.atlassian.net./browse/ABC-1"),
        ("https://us.atlassian.net/wiki", "https://us.atlassian.net/wiki/home"),
        ("https://us.atlassian.net", ["https://a.dc", {"url": "https://us.atlassian.net"}]),
        ("https://us.atlassian.net", {"url": "https://a.dc", "override": "https://us.atlassian.net"}),
        ("https://us.atlassian.net", {"url": "https://us.atlassian.net", "override": "https://a.dc"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("wanted", ["auto", True])
def test_a_site_is_refused_as_its_own_origin(wanted: Any, own: str, given: Any) -> None:
    world = {"eu": WORLD["eu"], "us": {"product_url": "https://us.atlassian.net", "migrated_from": given}}
    specs, problems = parse_specs(parse_federation(world), [{**ORDER, "name": "eu", "recreate_as_remote": wanted}])
    assert problems[0].message == (
        f"us: its origin is {own}, the URL of this instance itself. Set link_update_migrated_from to the base URL "
        "that its data had before the migration"
    )
    assert specs[0].desired == ()
    assert parsed(world, recreate_as_remote=False)[1] == [], "a regular update can be asked for"


def test_a_site_that_is_its_own_origin_is_one_problem_however_many_point_to_it() -> None:
    world = {**WORLD, "us": {**WORLD["us"], "migrated_from": WORLD["us"]["product_url"]}}
    problems = parse_specs(parse_federation(world), [{**ORDER, "name": name} for name in WORLD])[1]
    assert [each.instance for each in problems] == ["us"]


# -- Origins and dates

A, B = "https://a.dc", "https://b.dc"


def at(day: int) -> datetime:
    """When a window closes that was opened on this day of March."""
    return datetime(2026, 3, 14 + day, tzinfo=timezone.utc)


def test_an_instance_has_an_update_for_each_origin_of_each_destination() -> None:
    world = {**WORLD, "us": {**WORLD["us"], "migrated_from": [A, {"url": "http://staging.dc", "override": B}]}}
    spec, problems = parsed(world)
    assert problems == []
    assert [
        (each.label, each.origin, each.update.migrated_from, each.update.migrated_from_override)
        for each in spec.desired
    ] == [
        ("eu -> us (from a.dc)", "a.dc", A, None),
        ("eu -> us (from b.dc)", "b.dc", "http://staging.dc", B),
        ("eu -> ap", "", "https://old-ap.example.com", None),
    ]
    assert len({each.update.at("site-eu").identity() for each in spec.desired}) == 3


def test_the_window_of_a_pair_is_that_of_its_origin_at_the_product_or_else_of_the_product() -> None:
    world = {
        "eu": {
            **WORLD["eu"],
            "migrated_from": [{"url": A, "migrated_at": "2026-03-02"}, B],
            "migrated_at": "2026-03-05",
        },
        "us": {**WORLD["us"], "migrated_from": [A, B, "https://c.dc"], "migrated_at": "2026-03-01"},
    }
    spec, problems = parsed(world)
    assert problems == []
    assert {each.origin: each.update.window_closes for each in spec.desired} == {
        "a.dc": at(2),
        "b.dc": at(5),
        "c.dc": at(5),
    }
    assert {each.destination_closes for each in spec.desired} == {at(1)}
    assert spec.window_closes == at(2), "the first of its pairs"


def test_the_window_of_the_destination_is_that_of_its_origin_or_else_its_own() -> None:
    dated = [{"url": A, "migrated_at": "2026-03-02"}, B]
    world = {**WORLD, "us": {**WORLD["us"], "migrated_from": dated, "migrated_at": "2026-03-05"}}
    spec, _problems = parsed(world)
    assert [(each.label, each.destination_closes, each.update.window_closes) for each in spec.desired] == [
        ("eu -> us (from a.dc)", at(2), None),
        ("eu -> us (from b.dc)", at(5), None),
        ("eu -> ap", None, None),
    ]


def test_one_server_is_one_server_behind_an_override() -> None:
    staging = {"url": "http://staging.dc", "override": A, "migrated_at": "2026-03-02"}
    world = {"eu": {**WORLD["eu"], "migrated_from": [staging]}, "us": {**WORLD["us"], "migrated_from": A}}
    assert parsed(world)[0].window_closes == at(2)


def test_what_gets_a_regular_update_has_no_window() -> None:
    dated = {name: {**each, "migrated_at": "2026-03-02"} for name, each in MIXED.items()}
    spec, problems = parsed(dated)
    assert problems == []
    assert {each.label: (each.update.window_closes, each.destination_closes) for each in spec.desired} == {
        "eu -> eu-wiki": (None, None),
        "eu -> us": (at(2), at(2)),
    }
    assert parsed(dated, recreate_as_remote=False)[0].window_closes is None
