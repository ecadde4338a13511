# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a URL or a cloud ID, and what to do about it."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._urls import (
    base_url,
    cloud_id,
    database_name,
    site_url,
)

EXAMPLE = "give one such as https://jira.example.com"


@pytest.mark.parametrize(
    ("url", "what", "advice"),
    [
        ("http://a.example.com", "url http://a.example.com is not encrypted", "use https://"),
        ("https://me@a.example.com", "url has an @ in it", "give credentials as email and api_token"),
        ("https://a:b", "url 'https://a:b' is not a URL: ", EXAMPLE),
        ("a.example.com", "url 'a.example.com' is not a base URL: it does not begin with https://", EXAMPLE),
        ("https://", "url 'https://' is not a base URL: it names no host", EXAMPLE),
        ("https://a b", "url 'https://a b' is not a base URL: it has a space or another character", EXAMPLE),
        (
            "https://a.example.com/?x",
            "url 'https://a.example.com/?x' is not a base URL: it has a ? or #",
            "leave that out",
        ),
    ],
)
def test_each_rule_says_what_is_wrong_and_what_to_do(url: str, what: str, advice: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        site_url("url", url)
    assert failure.value.failure.what.startswith(what)
    assert failure.value.failure.advice.startswith(advice)


@pytest.mark.parametrize("char", ["\x1b", "\x00", "\x9b", "\u202e", "\u200b", "\u3164", "\ud800", "\n", "\u2028"])
@pytest.mark.parametrize(
    "url", ["https://a{}.example.com", "https://a.example.com/{}x", "h{}ttps://a", "a{}", "https://a:{}"]
)
def test_a_url_with_what_cannot_be_seen_is_refused_and_shown_as_what_it_is(url: str, char: str) -> None:
    for rule in (site_url, base_url):
        with pytest.raises(InvalidOption) as failure:
            rule("url", url.format(char))
        assert failure.value.failure.message.isprintable()


def test_no_message_is_as_long_as_what_it_is_about() -> None:
    for rule, value in ((site_url, "x" * 9999), (site_url, f"https://a:{'x' * 9999}"), (cloud_id, "x" * 9999)):
        with pytest.raises(InvalidOption) as failure:
            rule("option", value)
        assert len(failure.value.failure.message) < 900


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (
            "postgresql://me:hunter2@db.example.com:5432/ledger?sslmode=require",
            "postgresql://me@db.example.com:5432/ledger",
        ),
        ("postgres://db", "postgres://db"),
        ("postgresql://", "postgresql://"),
        ("postgresql:///ledger?host=/tmp", "postgresql:///ledger"),
        ("postgresql://me:a%40b%C3%BC:c@[::1]:5432,other:1/ledger", "postgresql://me@[::1]:5432,other:1/ledger"),
        ("postgresql://%2Ftmp/ledger", "postgresql://%2Ftmp/ledger"),
        ("postgresql://:hunter2@db/ledger", "postgresql://db/ledger"),
        ("postgresql://me:hun@ter2@db/ledger", None),
        ("postgresql://me:hun/ter2@db/ledger", None),
        ("postgresql://me:hun?ter2@db/ledger", None),
        ("postgresql://me:hun#ter2@db/ledger", None),
        ("postgresql://me:1?a=ter2@db/ledger", None),
        ("postgresql://me:%E0@db/ledger", None),
        ("postgresql://me:%0@db/ledger", None),
        ("postgresql://me:%00@db/ledger", None),
        ("postgresql://me:\x1b@db/ledger", None),
        ("postgresql://me:hunter2", None),
        ("postgresql://db:1x/ledger", None),
        ("postgresql://db/ledger?password", None),
        ("postgresql://db/ledger?password=a&b", None),
        ("postgresql://db/ledger?password=a=b", None),
        ("mysql://db/ledger", None),
        ("/srv/ledger", None),
    ],
)
def test_a_database_is_named_without_its_password_or_has_no_name(url: str, name: str | None) -> None:
    assert database_name(url) == name


def test_what_is_no_cloud_id_is_said_to_be_none() -> None:
    with pytest.raises(InvalidOption) as failure:
        cloud_id("site_id", "eu/us")
    assert failure.value.failure.what.startswith("site_id 'eu/us' is no cloud ID")
    assert failure.value.failure.advice == "leave it out to have it looked up"
