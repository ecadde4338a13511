# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are found however they are spelled, and nothing else is hidden."""

from __future__ import annotations

import base64
import html
import json
import quopri
import re
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._secrets import (
    HIDDEN,
    passwords_in,
    without,
    without_passwords,
)

#: As Atlassian makes them; one that looks encoded itself; one with all that is spelled in other ways somewhere.
TOKENS = ("ATATT3xFfGF0-ab_cdEFgh=1A2B3C4D", "per%3dcent\\n&amp;=3Dmore", 'q"u\\o/t+e ü€𝄞<s3cr3t>&')

Spell = Callable[[str], str]


def percent(text: str) -> str:
    return quote(text, safe="")


def lower_percent(text: str) -> str:
    """As C(%3d), which another library writes."""
    return "".join(f"%{each:02x}" for each in text.encode())


def every(pattern: str) -> Spell:
    return lambda text: "".join(pattern.format(char=char, code=ord(char)) for char in text)


def json_units(text: str) -> str:
    return "".join(f"\\u{unit.hex().upper()}" for char in text for unit in _units(char))


def _units(char: str) -> list[bytes]:
    data = char.encode("utf-16-be")
    return [data[start : start + 2] for start in range(0, len(data), 2)]


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


SPELLINGS: dict[str, Spell] = {
    "as it is": str,
    "in upper case": str.upper,
    "URL": percent,
    "URL, of all characters and in lower case": lower_percent,
    "URL in a URL": lambda text: percent(percent(text)),
    "JSON": json.dumps,
    "JSON as UTF-8": lambda text: json.dumps(text, ensure_ascii=False),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text)),
    "JSON, of all characters": json_units,
    "HTML": html.escape,
    "HTML, decimal": every("&#{code};"),
    "HTML, hexadecimal": every("&#x{code:X};"),
    "HTML with leading zeros": every("&#x000{code:x};"),
    "HTML of a URL in JSON": lambda text: json.dumps(html.escape(percent(text))),
    "Python": lambda text: repr(text.encode()),
    "MIME": lambda text: quopri.encodestring(text.encode()).decode(),
    "another character set": lambda text: text.encode().decode("latin-1"),
    "hexadecimal": lambda text: text.encode().hex(),
    "folded": "\r\n\t ".join,
    "with what cannot be seen": "\u200b\x1b\u202e".join,
}
ENCODED: dict[str, Spell] = {
    "base64": b64,
    "base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    "base64 without padding": lambda text: b64(text).rstrip("="),
    "base64 in a URL": lambda text: percent(b64(text)),
    "base64 in lines": lambda text: base64.encodebytes((text * 4).encode()).decode(),
    "base64 after a name": lambda text: b64(f"me:{text}"),
    "base64 in the midst of more": lambda text: b64(f"user {text} as well"),
    "base64 in the midst of still more": lambda text: b64(f"users {text} as well"),
}


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_secret_is_hidden_however_it_is_spelled(spell: Spell, token: str) -> None:
    shown = without(f"begin {spell(token)} end", [token])
    assert HIDDEN in shown
    assert re.fullmatch(r"begin (b?['\"\\]*)\*{8}[\"'\\]* end", shown)


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("spell", ENCODED.values(), ids=ENCODED.keys())
def test_no_more_than_the_ends_of_a_secret_in_base64_are_left(spell: Spell, token: str) -> None:
    shown = without(spell(token), [token])
    assert HIDDEN in shown
    left = re.sub(r"%3D|\W", "", shown.replace(HIDDEN, ""))
    # What was encoded with it is there, and at each end a character or two that have a few bits of the secret.
    assert len(left) <= len(re.sub(r"\W", "", spell(""))) + 3 * shown.count(HIDDEN)


def test_each_of_several_secrets_is_hidden_wherever_it_is_also_where_they_overlap() -> None:
    assert without("abc and bcd, abcd, ABC%44", ["abc", "bcd"]) == f"{HIDDEN} and {HIDDEN}, {HIDDEN}, {HIDDEN}"
    assert without("s3cret s3cret", ["s3cret"]) == f"{HIDDEN} {HIDDEN}"


@pytest.mark.parametrize("secrets", [[], [""], ["another-s3cret"]])
@pytest.mark.parametrize("text", ["", "a%20b &amp; c\\n\\u0041 =3D\n&nbsp", 'C:\\new "x"', "\ud800 \x1b"])
def test_a_text_without_a_secret_stays_as_it_is(text: str, secrets: list[str]) -> None:
    assert without(text, secrets) == text


def test_what_looks_like_half_of_a_short_secret_is_not_hidden() -> None:
    assert without("an A, YWI and 6162", ["=41", "ab"]) == "an A, YWI and 6162"


@pytest.mark.parametrize(
    "text", ["\\" * 65536, "%41" * 20000, "&#65;" * 13000, "A" * 65536, "s3cre" * 13000, "a " * 30000]
)
def test_no_answer_takes_long_to_be_cleaned(text: str) -> None:
    before = time.process_time()
    without(text, ["s3cret-" * 30])
    assert time.process_time() - before < 10, "seconds, of a machine that has other things to do"


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:hunter2@db:5432/ledger", "postgresql://me:********@db:5432/ledger"),
        ("postgresql://me:hun%2Fter@db/ledger", "postgresql://me:********@db/ledger"),
        ("postgresql://me:hun/ter@db/ledger", "postgresql://me:********@db/ledger"),
        ("postgresql://me:hun#ter@db/ledger", "postgresql://me:********@db/ledger"),
        ("postgresql://me:hun?ter@db/ledger", "postgresql://me:********@db/ledger"),
        ("postgresql://me:hun@ter@db/ledger", "postgresql://me:********@db/ledger"),
        ("postgresql://me:hunter2", "postgresql://me:********"),
        ("postgresql://me:hun/ter", "postgresql://me:********"),
        ("postgresql://db/ledger?user=me&password=hunter2&x=y", "postgresql://db/ledger?user=me&password=********&x=y"),
        ("postgresql://db/ledger?password=hun?ter#2", "postgresql://db/ledger?password=********"),
        ("postgresql://db/ledger?password=hun&ter2", "postgresql://db/ledger?password=********"),
        ("postgresql://db/ledger?pass%77ord=hunter2", "postgresql://db/ledger?pass%77ord=********"),
        ("postgresql://db/ledger?sslPassword=hunter2", "postgresql://db/ledger?sslPassword=********"),
        ("postgresql://db/l?oauth_client_secret=hunter2", "postgresql://db/l?oauth_client_secret=********"),
        ("postgresql://db/l?scram_client_key=hunter2", "postgresql://db/l?scram_client_key=********"),
        ("http://me:hun/ter@proxy:3128", "http://me:********@proxy:3128"),
        ("host=db password=hunter2", "********"),
        ("postgresql:/me:hunter2@db", "********"),
        ("postgresql://db:5432/ledger", "postgresql://db:5432/ledger"),
        ("postgresql://me@db/ledger?sslmode=verify-full", "postgresql://me@db/ledger?sslmode=verify-full"),
        ("https://api.example.com/links/v1", "https://api.example.com/links/v1"),
        ("/srv/me@work/a=b", "/srv/me@work/a=b"),
        ("~/me@work", "~/me@work"),
        ("federated_instances", "federated_instances"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_whatever_may_be_its_password(url: str, shown: str) -> None:
    assert without_passwords(url, url) == shown


def test_a_password_is_found_as_it_is_written_and_as_it_is() -> None:
    assert passwords_in("postgresql://me:hun%2Fter@db") == ["hun%2Fter", "hun/ter"]
    assert without_passwords("the password hun/ter is wrong", "postgresql://me:hun%2Fter@db") == (
        f"the password {HIDDEN} is wrong"
    )


@pytest.mark.parametrize(
    ("url", "passwords"),
    [
        ("postgresql://me:hunter2@db/ledger", ["hunter2"]),
        ("postgresql://me:h%40nter@db/ledger", ["h%40nter", "h@nter"]),
        ("postgresql://me@db/ledger?password=hunter2&connect_timeout=3&sslpassword=s3cret", ["hunter2", "s3cret"]),
        ("postgresql://db/ledger?PASSWORD=hunter2", ["hunter2"]),
        ("postgresql://me:hunter2@db/ledger?password=a=b", ["hunter2", "a=b"]),
        ("postgresql://me:pass@word@db/ledger", ["pass@word"]),
        ("postgresql://me@db/ledger?user=me&password=", []),
        ("/var/lib/ledger", []),
    ],
)
def test_every_password_of_a_url_is_found_as_it_is_written_and_as_it_is(url: str, passwords: list[str]) -> None:
    assert passwords_in(url) == passwords
    for password in passwords:
        assert without_passwords(f"refused: {password}", url) == "refused: ********"


@pytest.mark.parametrize("secret", ['t0k"en', "t0k\\en", "t0k en", "t0kén", "t0ken%", "t0k/en"])
def test_a_secret_is_hidden_in_each_spelling_that_may_come_back(secret: str) -> None:
    spellings = [secret, json.dumps(secret)[1:-1], quote(secret, safe=""), secret.encode().decode("latin-1")]
    for spelling in spellings:
        assert without(f"<{spelling}>", [secret]) == "<********>", "and no part of it is left"


def test_no_secret_hides_nothing() -> None:
    assert without("as it was", [""]) == "as it was"
