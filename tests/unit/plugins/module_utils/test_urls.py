# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a URL or a cloud ID, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._urls import (
    CONFLUENCE,
    JIRA,
    base_url,
    cloud_id,
    database_name,
    is_cloud,
    product_of,
    product_url,
    site_url,
)
from hypothesis import given
from hypothesis import strategies as st

EXAMPLE = "use a URL such as https://jira.example.com"
RULES = (site_url, product_url, base_url)


@pytest.mark.parametrize(
    ("url", "what", "advice"),
    [
        ("http://a.example.com", "url http://a.example.com is not encrypted", "use https://"),
        ("https://me@a.example.com", "url has an @ in it", "remove what is before the @"),
        ("https://a:b", "url 'https://a:b' is not a base URL: Port could not be cast", EXAMPLE),
        ("a.example.com", "url 'a.example.com' is not a base URL: it does not begin with https://", EXAMPLE),
        ("https://", "url 'https://' is not a base URL: it has no host name", EXAMPLE),
        ("https://a b", "url 'https://a b' is not a base URL: it has a space or another character", EXAMPLE),
        (
            "https://a.example.com/?x",
            "url 'https://a.example.com/?...' is not a base URL: it has a ? or #",
            "remove it, and everything after it",
        ),
    ],
)
def test_each_rule_says_what_is_wrong_and_what_to_do(url: str, what: str, advice: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        site_url("url", url)
    assert failure.value.failure.what.startswith(what)
    assert failure.value.failure.advice.startswith(advice)


def refusal(rule: Callable[[str, str], str], url: str) -> str:
    with pytest.raises(InvalidOption) as failure:
        rule("url", url)
    return str(failure.value)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "host",
    [
        *(f"jira{char}example.com" for char in ",;*'!$&()+=~%"),
        *("a..b", ".a", "a...", "jira%2eexample.com", "{{host}}", "*.example.com", "'a.dc'", "a.dc:0", "a.dc:00"),
        *("a.dc,b.dc", "a.dc;b.dc", "a.dc+b.dc", "\u24d0;.dc", "a.dc:80,b.dc:80", "a\u3002b", "a\uff0eb"),
        *("a[::1]", "[::1]a", "[::1]a:80", "[::1,https]", "[::1%]", "[127.0.0.1]", "[]", ":443", "[v1.a:b]", "a:b:80"),
    ],
)
def test_a_host_that_cannot_be_is_refused_as_that(rule: Callable[[str, str], str], host: str) -> None:
    said = refusal(rule, f"https://{host}/wiki")
    assert said.startswith("url ")
    assert "is not a base URL: " in said
    assert EXAMPLE[1:] in said


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    "between", [",", ";", " ", ", ", "|", "\n", " and ", "\t", "+", "*", "", ":", "/", "%2C", "%20"]
)
@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("https://a.dc", "https://b.dc/jira"),
        ("http://a.dc:8080/jira", "https://b.dc"),
        ("https://[::1]", "http://b.dc"),
    ],
)
def test_two_urls_in_one_text_are_refused_as_that(
    rule: Callable[[str, str], str], one: str, two: str, between: str
) -> None:
    said = refusal(rule, f"{one}{between}{two}")
    assert said.endswith(
        "it has more than one URL in it. Use one URL here. Several URLs, where they are allowed, are a YAML list"
    )


@pytest.mark.parametrize("between", [",", ";", "/x,", "/jira;"])
def test_two_addresses_of_which_one_is_no_url_are_refused(between: str) -> None:
    said = refusal(base_url, f"https://a.dc/jira{between}b.dc/jira")
    assert said.endswith("in it. Use one URL here. Several URLs, where they are allowed, are a YAML list")


@pytest.mark.parametrize("char", ["{", "}", "|", "^", "`", "<", ">", '"', "\\", " ", "\u00a0"])
@pytest.mark.parametrize("rule", RULES)
def test_a_character_that_no_url_has_is_refused(rule: Callable[[str, str], str], char: str) -> None:
    for url in (f"https://a{char}b.dc", f"https://a.dc/{char}", f"https://a.dc/browse/A-1?{char}"):
        assert "it has a space or another character that no URL has" in refusal(rule, url)


@pytest.mark.parametrize(
    ("url", "normalised"),
    [
        ("https://jira_old.example.com", "https://jira_old.example.com"),
        ("https://JIRA.example.com.", "https://jira.example.com"),
        ("http://jira", "http://jira"),
        ("http://192.0.2.1:8080/jira", "http://192.0.2.1:8080/jira"),
        ("https://B\u00dcCHER.example.com/Jira/", "https://b\u00fccher.example.com/Jira"),
        ("https://xn--bcher-kva.example.com", "https://xn--bcher-kva.example.com"),
        ("https://\u4f8b\u3048.jp", "https://\u4f8b\u3048.jp"),
        ("https://a.dc:", "https://a.dc"),
        ("https://a.dc:08443", "https://a.dc:8443"),
        ("http://[2001:DB8::1]", "http://[2001:db8::1]"),
        ("https://[fe80::1%25eth0]:443/jira", "https://[fe80::1%25eth0]/jira"),
        ("HTTP://A.DC", "http://a.dc"),
    ],
)
def test_a_host_that_can_be_is_accepted(url: str, normalised: str) -> None:
    assert base_url("url", url) == normalised
    assert base_url("url", normalised) == normalised


@given(st.text(st.characters(max_codepoint=0x2FF), min_size=1, max_size=20))
def test_what_is_sent_of_a_url_has_the_host_that_was_given(host: str) -> None:
    """Nothing of it is lost, and nothing of it becomes a path, a port or a query."""
    try:
        used = base_url("url", f"https://{host}.dc/jira")
    except InvalidOption:
        return
    prefix, _separator, rest = f"{host}.dc/jira".lower().partition("://")
    assert not rest
    assert used in (f"https://{prefix}", f"https://{prefix.replace('.dc:443', '.dc')}")


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("https://eu.atlassian.net", True),
        ("https://EU.Atlassian.NET/browse/ABC-1", True),
        ("https://eu.atlassian.net.", True),
        ("https://eu.atlassian.net:443", True),
        ("https://old.jira.com/wiki", True),
        ("https://atlassian.net.example.com", False),
        ("https://myatlassian.net", False),
        ("https://atlassian.net", False),
        ("https://jira.example.com/eu.atlassian.net", False),
        ("https://[", False),
        ("nonsense", False),
    ],
)
def test_only_what_is_certainly_a_cloud_site_is_called_one(url: str, answer: bool) -> None:
    assert is_cloud(url) is answer


def test_a_cloud_site_is_never_reached_without_encryption() -> None:
    said = refusal(base_url, "http://eu.atlassian.net")
    assert said == "url http://eu.atlassian.net is not encrypted. Use https:// (http:// is for a loopback address only)"


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("//jira", "an empty part"),
        ("/jira//issues/", "an empty part"),
        ("/jira/.", "the part ."),
        ("/./jira", "the part ."),
        ("/jira/../x", "the part .."),
        ("/jira/..//", "the part .."),
        ("/jira/%2E./x", "the part %2E."),
        ("//jira/browse/ABC-1", "an empty part"),
    ],
)
def test_a_path_that_servers_read_in_different_ways_is_refused(path: str, part: str) -> None:
    says = f"is not a base URL: its path has {part} in it. Use the path that a browser shows"
    assert refusal(base_url, f"https://a.dc{path}").endswith(says)
    assert refusal(site_url, f"https://a.dc{path}").endswith(says)
    assert refusal(product_url, f"http://127.0.0.1:8080{path}").endswith(says)


@pytest.mark.parametrize("path", ["//x", "/./wiki", "/../jira", "/%2e%2e/x"])
def test_a_product_has_no_such_path_unless_it_is_that_of_a_page(path: str) -> None:
    assert "has a path. A Jira URL has none" in refusal(product_url, f"https://eu.example.net{path}")


@pytest.mark.parametrize("path", ["/.jira", "/jira.", "/...", "/a..b", "/..a/"])
def test_a_dot_in_a_name_is_fine(path: str) -> None:
    assert base_url("url", f"https://a.dc{path}") == f"https://a.dc{path.rstrip('/')}"


def test_a_site_of_a_stand_in_has_a_path_and_no_other_has() -> None:
    assert product_url("url", "http://127.0.0.1:8080/eu/wiki/") == "http://127.0.0.1:8080/eu/wiki"
    assert "has a path" in refusal(product_url, "https://eu.example.net/eu")


@pytest.mark.parametrize(
    ("url", "product"),
    [
        ("https://eu.example.net", JIRA),
        ("https://eu.example.net/wiki", CONFLUENCE),
        ("https://eu.example.net/wiki/", CONFLUENCE),
        ("https://wiki.example.net", JIRA),
        ("https://eu.example.net/wiki/spaces/ABC?a#b", CONFLUENCE),
        ("https://eu.example.net/browse/WIKI-1", JIRA),
        ("http://127.0.0.1:8080/eu/wiki", CONFLUENCE),
    ],
)
def test_the_product_follows_from_the_url(url: str, product: str) -> None:
    assert product_of(product_url("url", url)) == product


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
    assert failure.value.failure.what.startswith("site_id 'eu/us' is not a cloud ID")
    assert failure.value.failure.advice == "correct it, or leave it out: then it is looked up"
