# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is worth a second look: typing errors, sites that have nothing in common, and dates."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from itertools import islice, product
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import (
    Federation,
    parse_federation,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.hints import hints_about, problems_with_dates
from hypothesis import assume, given
from hypothesis import strategies as st

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
OLD = "https://jira.example.com"


def federation(**origins: Any) -> Federation:
    """Instances by their names, each with its origins, or with all that is given of it."""
    return parse_federation(
        {
            name: {
                "product_url": f"https://{name}.example.net",
                **(each if isinstance(each, dict) and "url" not in each else {"migrated_from": each}),
            }
            for name, each in origins.items()
        }
    )


def hints(**origins: Any) -> list[str]:
    return list(hints_about(federation(**origins), NOW))


def misspelt(instance: str, server: str, other: str = OLD) -> str:
    return f"{instance}: its origin is {server}, and that of other instances is {other}. Is it a typing error?"


def alike(instance: str, server: str, other_instance: str, other: str) -> str:
    return (
        f"{instance}: its origin is {server}, and that of {other_instance} is {other}. Is one of them a typing error?"
    )


def unrelated(*pairs: str) -> str:
    return (
        f"No common origin: {', '.join(pairs)}. Check link_update_migrated_from and its override for a typing error, "
        "and for one server with two addresses. If the data came from different servers, change nothing: there may be "
        "no links to recreate, and the jobs do no harm"
    )


# -- Typing errors


@pytest.mark.parametrize(
    ("shared", "odd"),
    [
        (OLD, "https://jira.exmaple.com"),
        (OLD, "https://jria.example.com"),
        (OLD, "https://jira.example.co"),
        (OLD, "https://jira.example.comm"),
        (OLD, "http://jira.example.com"),
        (OLD, "https://jira.example.com/jira"),
        (f"{OLD}/jira", OLD),
        (f"{OLD}/jira", f"{OLD}/jria"),
        (OLD, f"{OLD}:8443"),
        ("https://a.dc", "http://a.dc"),
        ("https://a.dc", "https://a.dc/issues/jira"),
    ],
)
def test_an_origin_that_differs_from_all_others_by_a_typing_error_is_pointed_out(shared: str, odd: str) -> None:
    assert hints(eu=shared, us=odd, ap=shared) == [misspelt("us", odd, shared)]


@pytest.mark.parametrize(
    "odd",
    [
        "https://confluence.example.com",
        "https://jira.example-group.org",
        "https://jira2.example.com",
        "https://support.example.com/jira",
        "http://192.0.2.1:8080",
    ],
)
def test_another_server_is_no_typing_error(odd: str) -> None:
    assert hints(eu=OLD, us=odd, ap=OLD) == [unrelated("eu and us", "us and ap")]


def test_servers_that_are_numbered_are_no_typing_errors() -> None:
    for pattern in ("https://jira{}.example.com", "https://dc.example.com/jira-{}", "http://10.0.0.{}:8080"):
        one, two = pattern.format(1), pattern.format(2)
        assert hints(eu=one, us=one, ap=two) == [unrelated("eu and ap", "us and ap")]


def test_servers_that_several_instances_have_are_no_typing_errors_of_each_other() -> None:
    one, two = "https://jira-a.example.com", "https://jira-b.example.com"
    assert hints(eu=[one, two], us=[one], ap=[two, one], asia=[two, one]) == []


def test_of_two_instances_nobody_knows_which_one_has_the_typing_error() -> None:
    assert hints(eu=OLD, us="https://jira.exmaple.com") == [unrelated("eu and us")]


def test_of_several_that_are_alike_the_nearest_is_named() -> None:
    near = "https://jira-old.example.com"
    assert hints(a="https://jira-cold.example.com", b=near, c=near, d="https://jira-bold.example.com/x", e=OLD, f=OLD)[
        :1
    ] == [misspelt("a", "https://jira-cold.example.com", near)]


def test_each_origin_of_an_instance_is_looked_at() -> None:
    odd = ["https://jira.exmaple.com", "https://support.example.cmo"]
    support = "https://support.example.com"
    assert hints(eu=[OLD, support], us=odd, ap=[OLD, support]) == [
        misspelt("us", odd[0]),
        misspelt("us", odd[1], support),
    ]


def test_a_typing_error_in_an_override_is_shown_with_what_has_it() -> None:
    staging = {"url": "http://staging.dc", "override": "https://jira.exmaple.com"}
    assert hints(eu=OLD, us=[staging], ap=OLD) == [misspelt("us", "https://jira.exmaple.com")]


def test_jira_and_confluence_have_servers_of_their_own() -> None:
    wiki = {"product_url": "https://eu.example.net/wiki", "migrated_from": f"{OLD}/confluence"}
    assert hints(eu=OLD, us=OLD, wiki=wiki) == []


def test_a_typing_error_of_a_confluence_is_pointed_out_as_well() -> None:
    wikis: dict[str, Any] = {
        name: {"product_url": f"https://{name}.example.net/wiki", "migrated_from": url}
        for name, url in {"a": "https://wiki.dc", "b": "https://wiki.dc", "c": "https://wiki.cd"}.items()
    }
    assert hints(eu=OLD, **wikis) == [misspelt("c", "https://wiki.cd", "https://wiki.dc")]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://acme.example.com", "https://acmee.example.com"),
        ("https://acme.example.com", "https://acem.example.com"),
        ("https://support.example.com", "https://suppord.example.com"),
        ("https://acme.example.com", "https://acme.example.co"),
        ("https://acme.example.com", "http://acme.example.com"),
        ("https://acme.example.com/issues", "https://acme.example.com/isues"),
        ("https://acme.example.com", "https://acme.example.com/jira"),
    ],
)
def test_a_typing_error_among_the_other_origins_of_instances_with_a_common_one_is_pointed_out(
    one: str, two: str
) -> None:
    assert hints(a=[OLD, one], b=[OLD, two]) == [alike("b", two, "a", one)]
    assert hints(a=[OLD, two], b=[OLD, one]) == [alike("b", one, "a", two)]


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://jira1.example.com", "https://jira2.example.com"),
        ("https://jira1.example.com", "https://jira12.example.com"),
        ("https://jira.example.com:8080/a", "https://jira.example.com:8081/a"),
        ("https://jira-eu.example.com", "https://jira-us.example.com"),
        ("https://hr.example.com", "https://it.example.com"),
        ("https://east.example.com", "https://west.example.com"),
        ("https://jira-north.example.com", "https://jira-south.example.com"),
        ("https://acme.example.com/a", "https://acme.example.com/b"),
    ],
)
def test_servers_of_two_regions_or_with_numbers_are_no_typing_errors_of_each_other(one: str, two: str) -> None:
    assert hints(a=[OLD, one], b=[OLD, two]) == []


@given(st.integers(0, 6), st.sampled_from("bqz"), st.sampled_from(["left out", "doubled", "replaced", "swapped"]))
def test_each_slip_in_a_word_is_found(place: int, letter: str, slip: str) -> None:
    word = "account"
    head, at, tail = word[:place], word[place], word[place + 1 :]
    wrong = {
        "left out": head + tail,
        "doubled": head + at + at + tail,
        "replaced": head + letter + tail,
        "swapped": head + tail[:1] + at + tail[1:],
    }[slip]
    one, two = f"https://{word}.example.com", f"https://{wrong}.example.com"
    assume(wrong != word)
    assert hints(a=[OLD, one], b=[OLD, two]) == [alike("b", two, "a", one)]


def test_very_many_servers_are_compared_in_no_time() -> None:
    words = ["".join(letters) * 3 for letters in islice(product("abcdefgh", repeat=4), 3000)]
    origins = {f"s{site}": [OLD, *(f"https://{word}.dc" for word in words[site::100])] for site in range(100)}
    begun = time.process_time()
    assert hints(**origins) == []
    assert time.process_time() - begun < 5


def test_instances_without_a_common_origin_are_not_compared_and_those_with_one_stay_in_what_is_unrelated() -> None:
    acme, acmee = "https://acme.example.com", "https://acmee.example.com"
    assert hints(a=acme, b=acmee) == [unrelated("a and b")]
    assert hints(a=[OLD, acme], b=[OLD, acmee], c="https://other.org") == [
        alike("b", acmee, "a", acme),
        unrelated("a and c", "b and c"),
    ]


def test_an_origin_that_is_like_several_is_told_once() -> None:
    odd = "https://acme.example.com", "https://acmee.example.com", "https://acmeee.example.com"
    assert hints(a=[OLD, odd[0]], b=[OLD, odd[1]], c=[OLD, odd[2]]) == [
        alike("b", odd[1], "a", odd[0]),
        alike("c", odd[2], "b", odd[1]),
    ]
    shared = odd[0]
    assert hints(a=[OLD, shared], b=[OLD, shared], c=[OLD, odd[1]], d=[OLD, odd[2]]) == [
        misspelt("c", odd[1], shared),
        misspelt("d", odd[2], shared),
    ]


def test_what_an_instance_has_itself_is_no_other_spelling_of_its_other_origin() -> None:
    assert hints(a=[OLD, "https://jira-eu.example.com"], b=OLD) == []


# -- No common origin


def test_sites_with_a_common_origin_get_no_hint() -> None:
    assert hints(eu=OLD, us=[OLD, "https://support.example.com"], ap={"url": f"{OLD}/"}) == []


def test_the_override_is_what_counts_for_a_common_origin() -> None:
    staging = {"url": "http://staging.dc", "override": OLD}
    assert hints(eu=OLD, us=staging) == []
    assert hints(eu="http://staging.dc", us=[staging]) == [unrelated("eu and us")]


def test_each_pair_of_sites_without_a_common_origin_is_named_once() -> None:
    assert hints(eu="https://a.dc", us=["https://a.dc", "https://other.org"], ap="https://other.org") == [
        unrelated("eu and ap")
    ]


def test_a_confluence_or_what_is_not_known_yet_has_nothing_in_common_and_gets_no_hint() -> None:
    wiki = {"product_url": "https://eu.example.net/wiki", "migrated_from": "https://wiki.dc"}
    assert hints(eu=OLD, wiki=wiki, wrong="nonsense", missing=None) == []


def test_a_hint_about_many_pairs_stays_short() -> None:
    (hint,) = hints(**{f"s{number}": f"https://jira{number}.example.com" for number in range(50)})
    assert hint.startswith(
        "No common origin: s0 and s1, s0 and s2, s0 and s3, s0 and s4, s0 and s5, s0 and s6 and 1219 "
    )


@given(st.lists(st.sampled_from([OLD, "https://b.dc", "https://c.org/jira", "http://jira2.example.com"]), max_size=5))
def test_a_federation_whose_sites_all_share_an_origin_gets_no_hint_about_it(others: list[str]) -> None:
    world = {f"s{number}": list(dict.fromkeys([OLD, *others[number:]])) for number in range(4)}
    assert not [hint for hint in hints(**world) if hint.startswith("No common origin")]


# -- Pages and dates


def test_a_page_is_told_before_all_else() -> None:
    assert hints(eu=f"{OLD}/browse/ABC-1", us=OLD) == [
        f"eu: link_update_migrated_from {OLD}/browse/ABC-1 is the address of a page; using {OLD}"
    ]


def test_a_strange_date_is_told_with_the_variable_that_has_it() -> None:
    dated = [{"url": OLD, "migrated_at": "2026-03-09"}, {"url": "https://b.dc", "migrated_at": "2026-03-09"}]
    assert hints(
        eu={"migrated_from": OLD, "migrated_at": "2025-02-01"},
        us={"migrated_from": dated},
        ap={"migrated_from": OLD, "migrated_at": "2026-02-01"},
    ) == [
        "eu: link_update_migrated_at 2025-02-01 is more than a year ago. Check the year",
        "us: link_update_migrated_from: migrated_at 2026-03-09 is in the future: the 14 days to recreate links start "
        "then",
    ]


def test_a_date_far_ahead_is_a_problem_of_its_instance() -> None:
    dated = [{"url": f"https://{name}.dc", "migrated_at": "2027-01-01"} for name in "ab"]
    found = problems_with_dates(
        federation(
            eu={"migrated_from": OLD, "migrated_at": "2026-04-01"},
            us={"migrated_from": dated, "migrated_at": "2026-03-31"},
            ap=OLD,
        ),
        NOW,
    )
    advice = "Set it to the day when the migration ended or will end"
    assert [each.message for each in found] == [
        f"eu: link_update_migrated_at 2026-04-01 is more than 30 days in the future. {advice}",
        f"us: link_update_migrated_from: migrated_at 2027-01-01 is more than 30 days in the future. {advice}",
    ]
