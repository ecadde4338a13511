# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The forms in which a user may give origins, what they are called, and what can be recreated from them."""

from __future__ import annotations

from datetime import date, datetime, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.origin import (
    Origin,
    names_of,
    origins_in,
    why_regular,
)
from hypothesis import given
from hypothesis import strategies as st

VARIABLE = "link_update_migrated_from"
A, B = "https://a.example.com", "https://b.example.com/jira"
MARCH = datetime(2026, 3, 1, tzinfo=timezone.utc)
EU, US = "https://eu.example.net", "https://us.example.net"


def origins(given: Any) -> tuple[Origin, ...]:
    notices: list[str] = []
    found = origins_in(VARIABLE, given, notices)
    assert notices == []
    return found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (A, [Origin(A)]),
        ([A], [Origin(A)]),
        ((A, B), [Origin(A), Origin(B)]),
        ({"url": A}, [Origin(A)]),
        ([{"url": A, "override": B, "migrated_at": "2026-03-01"}], [Origin(A, B, MARCH)]),
        ([A, {"url": B, "override": None, "migrated_at": ""}], [Origin(A), Origin(B)]),
        ([{"url": A}, {"url": A, "override": B}], [Origin(A), Origin(A, B)]),
        ([{"url": A, "override": B}, B], [Origin(A, B), Origin(B)]),
        ([{"url": "HTTPS://A.example.com:443/", "override": "https://B.example.com/jira/"}], [Origin(A, B)]),
    ],
    ids=str,
)
def test_origins_are_a_url_or_a_mapping_or_a_list_of_them(given: Any, found: list[Origin]) -> None:
    assert list(origins(given)) == found


@pytest.mark.parametrize(
    "migrated_at",
    [
        "2026-03-01",
        date(2026, 3, 1),
        datetime(2026, 3, 1),
        MARCH,
        "2026-03-01 00:00:00+00:00",
        "2026-03-01T01:00+01:00",
    ],
    ids=str,
)
def test_a_date_is_one_whether_yaml_makes_it_one_or_not(migrated_at: Any) -> None:
    assert origins([{"url": A, "migrated_at": migrated_at}]) == (Origin(A, None, MARCH),)


@pytest.mark.parametrize(
    ("given", "what", "advice"),
    [
        ([None], " has an entry without a URL", "give each entry a url"),
        ([A, ""], " has an entry without a URL", "give each entry a url"),
        ([{"override": A}], " has an entry without a URL", "give each entry a url"),
        ([{"url": None}], " has an entry without a URL", "give each entry a url"),
        ([[A]], " has an entry whose URL is a list or a dictionary", "give each entry one URL, as text"),
        ([{"url": [A]}], " has an entry whose URL is a list or a dictionary", "give each entry one URL, as text"),
        (
            [{"url": A, "override": {"url": B}}],
            ": override has an entry whose URL is a list or a dictionary",
            "give each entry one URL, as text",
        ),
        ([5], " '5' is not a base URL: it does not begin with https://", "use a URL such as https://jira.example.com"),
        ([A, A], f" has {A} twice", "remove one"),
        ([A, {"url": f"{A}/", "migrated_at": "2026-03-01"}], f" has {A} twice", "remove one"),
        ([A, B, f"{A}/browse/ABC-1"], f" has {A} twice", "remove one"),
        ([{"url": A, "override": B}, {"url": A, "override": B}], f" has {A} twice", "remove one"),
        ([A, {"url": A, "override": A}], f" has {A} twice", "remove one"),
        (
            [{"url": A, "overide": B}],
            " has an entry with the unknown key overide",
            "the keys are url, override, migrated_at",
        ),
        ({A: None}, f" has an entry with the unknown key {A}", "the keys are url, override, migrated_at"),
        ([{"url": A, 5: 6}], " has an entry with the unknown key 5", "the keys are url, override, migrated_at"),
        (
            [{"url": A, "migrated_at": "soon"}],
            ": migrated_at 'soon' is not a date (2026-03-01) or a time (2026-03-01T18:30:00Z)",
            "",
        ),
        (
            [{"url": A, "override": "b"}],
            ": override 'b' is not a base URL: it does not begin with https://",
            "use a URL ",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_an_origin_is_refused_with_what_to_do(given: Any, what: str, advice: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        origins(given)
    assert failure.value.failure.what == f"{VARIABLE}{what}"
    assert failure.value.failure.advice.startswith(advice)


@pytest.mark.parametrize(
    "given",
    [
        "https://ann:s3cret@a.example.com",
        [["https://ann:s3cret@a.example.com"]],
        {"https://ann:s3cret@a.example.com": None},
        [{"url": {"https://ann:s3cret@a.example.com": 1}}],
        [{"url": A, "override": "https://ann:s3cret@a.example.com"}],
    ],
)
def test_a_refusal_has_no_password_whatever_the_form(given: Any) -> None:
    with pytest.raises(InvalidOption, match=VARIABLE) as failure:
        origins(given)
    assert "s3cret" not in str(failure.value)


def test_a_page_in_any_form_is_told() -> None:
    notices: list[str] = []
    given = [f"{A}/browse/ABC-1", {"url": B, "override": f"{A}/secure/Dashboard.jspa"}]
    assert origins_in(VARIABLE, given, notices) == (Origin(A), Origin(B, A))
    assert notices == [
        f"{VARIABLE} {A}/browse/ABC-1 is the address of a page; using {A}",
        f"{VARIABLE}: override {A}/secure/Dashboard.jspa is the address of a page; using {A}",
    ]


# -- Names


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ([(A, None), (B, None)], ["a.example.com", "b.example.com/jira"]),
        ([(A, B), (B, None)], [f"{A} as {B}", B]),
        ([(A, B)], ["b.example.com/jira"]),
        ([("http://a.dc", None), ("https://a.dc", None)], ["http://a.dc", "https://a.dc"]),
        ([("https://a.dc", None), ("https://a.dc:8443", None)], ["a.dc", "a.dc:8443"]),
    ],
)
def test_an_origin_is_called_by_what_tells_it_from_the_others(
    given: list[tuple[str, str | None]], names: list[str]
) -> None:
    assert list(names_of(given).values()) == names


URLS = st.sampled_from([f"{scheme}://{host}" for scheme in ("http", "https") for host in ("a.dc", "a.dc/jira", "b.dc")])


@given(st.lists(st.tuples(URLS, st.none() | URLS)))
def test_no_two_origins_are_called_alike(given: list[tuple[str, str | None]]) -> None:
    names = names_of(given)
    assert set(names) == set(given)
    assert len(set(names.values())) == len(names)
    assert names_of([*given, *given]) == names


# -- What is recreated


@pytest.mark.parametrize(
    ("product", "destination", "origin", "reason"),
    [
        (EU, US, Origin(A), None),
        (EU, US, Origin("http://staging.dc", A), None),
        (f"{EU}/wiki", US, Origin(A), "the product is Confluence"),
        (EU, f"{US}/wiki", Origin(A), "the destination is Confluence"),
        (EU, f"{EU}/wiki", Origin(A), "the destination is Confluence"),
        (EU, EU, Origin(A), "the links are local"),
        (EU, US, Origin("https://old.atlassian.net"), "the origin is a cloud site"),
        (EU, US, Origin(A, "https://old.atlassian.net"), "the origin is a cloud site"),
        (EU, US, Origin("https://old.atlassian.net", A), "the origin is a cloud site"),
        (EU, US, Origin("https://old.jira.com"), "the origin is a cloud site"),
    ],
)
def test_links_between_two_jira_sites_are_recreated_from_data_center(
    product: str, destination: str, origin: Origin, reason: str | None
) -> None:
    assert why_regular(product, destination, origin) == reason


@pytest.mark.parametrize(
    ("origin", "product_url", "own"),
    [
        (Origin(EU), EU, EU),
        (Origin(f"{EU}/wiki"), EU, f"{EU}/wiki"),
        (Origin(EU), f"{EU}/wiki", EU),
        (Origin(A, EU), EU, EU),
        (Origin(f"{EU}/jira/your-work"), EU, f"{EU}/jira/your-work"),
        (Origin("http://eu.example.net"), EU, "http://eu.example.net"),
        (Origin(US), EU, None),
        (Origin(f"{EU}:8443"), EU, None),
        (Origin("https://jira.eu.example.net"), EU, None),
    ],
)
def test_a_site_is_not_its_own_origin(origin: Origin, product_url: str, own: str | None) -> None:
    assert origin.url_at(product_url) == own


def test_the_server_of_an_origin_is_the_one_that_the_links_named() -> None:
    assert (Origin(A).server, Origin(A, B).server) == (A, B)
