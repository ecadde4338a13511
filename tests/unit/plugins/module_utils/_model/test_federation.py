# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which instances form a federation, and which pairs the instances form."""

from __future__ import annotations

from datetime import datetime, timezone
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
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.origin import Origin


def instance(name: str, **more: Any) -> dict[str, Any]:
    return {"product_url": f"https://{name}.example.net", "migrated_from": f"http://{name}.example.com", **more}


def hostvars(**instances: dict[str, Any]) -> dict[str, dict[str, Any]]:
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
        "eu": Member(EU["product_url"], "site-eu", (Origin(EU["migrated_from"]),)),
        "us": Member(US["product_url"], None, (Origin(US["migrated_from"], "http://older.example.com/jira"),)),
    }


@pytest.mark.parametrize(("name", "reserved"), [("eu -> us", "->"), ("eu->us", "->"), ("us (from a.dc)", "(from")])
def test_no_name_has_what_the_labels_of_pairs_have_so_that_no_two_pairs_have_one_label(
    name: str, reserved: str
) -> None:
    (problem,) = parse_federation({**WORLD, name: instance("fourth")}).problems
    assert (
        problem.message
        == f"{name}: its name has '{reserved}' in it, which only labels of pairs have. Give it another name"
    )


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
    with pytest.raises(
        InvalidOption, match=r"us: link_update_product_url https://eu\.example\.net is also the URL of eu"
    ):
        checked({"eu": EU, "us": {**US, "product_url": spelling}})


def test_instances_may_come_from_one_server() -> None:
    one_origin = {name: {**each, "migrated_from": "http://jira.example.com"} for name, each in WORLD.items()}
    assert checked(one_origin).names == ["eu", "us", "asia"]


def test_each_problem_comes_with_what_to_do() -> None:
    given = {
        "eu": {**EU, "product_url": "http://eu.example.net", "site_id": "../eu"},
        "us": {**US, "migrated_from": "jira"},
        "asia": {**ASIA, "product_url": US["product_url"]},
        "mars": {},
        "venus": None,
    }
    not_set = "set it for this instance"
    assert [(each.instance, each.remedy) for each in parse_federation(given).problems] == [
        ("eu", "use https:// (http:// is for a loopback address only)"),
        ("eu", "correct it, or leave it out: then it is looked up"),
        ("us", "use a URL such as https://jira.example.com"),
        *[("mars", not_set)] * 2,
        *[("venus", not_set)] * 2,
        ("asia", "correct one of the two"),
    ]


def test_a_word_that_is_misspelt_is_a_problem_as_what_it_says_would_be_left_out() -> None:
    (problem,) = parse_federation(
        {"eu": {**EU, "migrated_from_overide": "https://jira.example.com"}, "us": US}
    ).problems
    assert problem.message == (
        "eu: link_update_federation has the unknown key migrated_from_overide. The keys are product_url, site_id, "
        "migrated_from, migrated_from_override, migrated_at, projects, aliases"
    )


# -- Jira and Confluence, and pages


def test_jira_and_confluence_of_one_site_are_two_instances() -> None:
    federation = checked({"eu": EU, "eu-wiki": {**EU, "product_url": f"{EU['product_url']}/wiki"}})
    assert [member.product_url for member in federation.members.values()] == [
        "https://eu.example.net",
        "https://eu.example.net/wiki",
    ]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://eu.example.net", "https://EU.example.net:443/jira/your-work"),
        ("https://eu.example.net/wiki", "https://eu.example.net./wiki/spaces/ABC?a#b"),
    ],
)
def test_one_product_twice_is_refused_however_it_is_spelt(one: str, two: str) -> None:
    (problem,) = parse_federation({"eu": {**EU, "product_url": one}, "us": {**US, "product_url": two}}).problems
    assert problem.message == f"us: link_update_product_url {one} is also the URL of eu. Correct one of the two"


def test_every_page_that_is_taken_off_is_told_with_its_instance_and_variable() -> None:
    federation = checked(
        {
            "eu": {**EU, "product_url": "https://eu.example.net/browse/ABC-1"},
            "us": {
                "product_url": "https://us.example.net/",
                "migrated_from": "http://us.example.com/login.jsp?next=1",
                "migrated_from_override": "http://older.example.com/jira/secure/Dashboard.jspa",
            },
        }
    )
    assert federation.notices == (
        "eu: link_update_product_url https://eu.example.net/browse/ABC-1 is the address of a page; "
        "using https://eu.example.net",
        "us: link_update_migrated_from http://us.example.com/login.jsp?... is the address of a page; "
        "using http://us.example.com",
        "us: link_update_migrated_from_override http://older.example.com/jira/secure/Dashboard.jspa is the address of "
        "a page; using http://older.example.com/jira",
    )


# -- Origins


OLDER = "http://older.example.com"


@pytest.mark.parametrize(
    ("values", "origins"),
    [
        ({"migrated_from": ["http://a.dc", {"url": "http://b.dc"}]}, (Origin("http://a.dc"), Origin("http://b.dc"))),
        ({"migrated_from": {"url": "http://a.dc", "override": OLDER}}, (Origin("http://a.dc", OLDER),)),
        ({"migrated_from": ["http://a.dc"], "migrated_from_override": OLDER}, (Origin("http://a.dc", OLDER),)),
        ({"migrated_from": {"url": "http://a.dc"}, "migrated_from_override": OLDER}, (Origin("http://a.dc", OLDER),)),
        ({"migrated_from": ["http://a.dc", "http://b.dc"], "migrated_from_override": ""}, None),
    ],
)
def test_an_instance_has_the_origins_that_were_given(
    values: dict[str, Any], origins: tuple[Origin, ...] | None
) -> None:
    expected = origins or (Origin("http://a.dc"), Origin("http://b.dc"))
    assert checked({"eu": EU, "us": {**US, **values}}).members["us"].origins == expected


@pytest.mark.parametrize("given", [["http://a.dc", "http://b.dc"], [{"url": "http://a.dc", "override": "http://b.dc"}]])
def test_one_override_for_several_origins_or_a_second_one_is_refused(given: Any) -> None:
    (problem,) = parse_federation({"eu": {**EU, "migrated_from": given, "migrated_from_override": OLDER}}).problems
    assert problem.message == (
        "eu: link_update_migrated_from_override is set, but link_update_migrated_from is a list. "
        "Move it into the entry that it belongs to, as override"
    )


@pytest.mark.parametrize("given", [None, "", [], {}, ()])
def test_no_origin_is_as_good_as_none_given(given: Any) -> None:
    (problem,) = parse_federation({"eu": {**EU, "migrated_from": given}}).problems
    assert problem.message == "eu: link_update_migrated_from is not set. Set it for this instance"


@pytest.mark.parametrize("key", ["product_url", "migrated_from_override", "site_id", "migrated_at"])
@pytest.mark.parametrize("strange", [["https://a.dc"], {"url": "https://a.dc"}, 5.5, True])
def test_a_value_of_another_kind_is_a_problem_and_no_accident(key: str, strange: Any) -> None:
    assert [each.instance for each in parse_federation({"eu": {**EU, key: strange}, "us": US}).problems] in (
        ["eu"],
        # True is a cloud ID.
        [],
    )


MAY = datetime(2026, 5, 1, tzinfo=timezone.utc)
JUNE = datetime(2026, 6, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("member", "server", "end"),
    [
        (Member(), "http://a.dc", None),
        (Member(migrated_at=MAY), "http://a.dc", MAY),
        (Member(origins=(Origin("http://a.dc", None, JUNE),), migrated_at=MAY), "http://a.dc", JUNE),
        (Member(origins=(Origin("http://a.dc", None, JUNE),), migrated_at=MAY), "http://b.dc", MAY),
        (Member(origins=(Origin("http://a.dc", None, JUNE),)), "http://b.dc", None),
        (Member(origins=(Origin("http://a.dc"),), migrated_at=MAY), "http://a.dc", MAY),
        (Member(origins=(Origin("http://staging.dc", "http://a.dc", JUNE),), migrated_at=MAY), "http://a.dc", JUNE),
        (
            Member(origins=(Origin("http://staging.dc", "http://a.dc", JUNE),), migrated_at=MAY),
            "http://staging.dc",
            MAY,
        ),
        (
            Member(origins=(Origin("http://s.dc", "http://a.dc", JUNE), Origin("http://a.dc", None, MAY))),
            "http://a.dc",
            MAY,
        ),
    ],
)
def test_a_migration_ended_when_its_origin_says_or_else_the_instance(
    member: Member, server: str, end: datetime | None
) -> None:
    assert member.migration_end(server) == end


def test_a_date_that_is_none_is_a_problem_of_its_instance() -> None:
    (problem,) = parse_federation({"eu": {**EU, "migrated_at": "yesterday"}}).problems
    assert problem.message.startswith("eu: link_update_migrated_at 'yesterday' is not a date (2026-03-01) or")
