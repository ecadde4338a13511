# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How requests are signed, and that no secret is ever shown."""

from __future__ import annotations

import html
import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic, Bearer
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering

EMAIL, TOKEN = "jürgen@example.com", 'ATATT3x "s3crét"+/='
BASIC, BEARER = Basic(EMAIL, TOKEN), Bearer(TOKEN)
ENCODED = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()

both = pytest.mark.parametrize("auth", [BASIC, BEARER], ids=["basic", "bearer"])


def failure_of(auth: Basic | Bearer | None, status: int, answer: object = None) -> LinkUpdateError:
    """What a request ends in that the service refuses."""
    with Wire(answering(status, json.dumps(answer))) as wire, pytest.raises(LinkUpdateError) as failure:
        Session(Connection(timeout=5), auth, FakeClock()).get(wire.url)
    return failure.value


@pytest.mark.parametrize(
    ("auth", "header"), [(BASIC, f"Basic {ENCODED}"), (BEARER, f"Bearer {TOKEN}")], ids=["basic", "bearer"]
)
def test_every_request_is_signed(clock: FakeClock, auth: Basic | Bearer, header: str) -> None:
    session = Session(Connection(timeout=5), auth, clock)
    with Wire(answering(200, "{}"), answering(200, "{}")) as wire:
        session.get(wire.url)
        session.post(wire.url, {})
    for request in wire.requests:
        assert f"\r\nAuthorization: {header}\r\n" in request


def test_a_session_without_credentials_signs_nothing(
    clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    with Wire(answering(200, "{}")) as wire:
        Session(Connection(timeout=5), None, clock).get(wire.url)
    assert "authorization" not in wire.requests[0].lower()


@both
def test_no_failure_repeats_a_secret_however_it_is_spelled(auth: Basic | Bearer) -> None:
    spellings = [TOKEN, TOKEN.encode().decode("latin-1"), json.dumps(TOKEN), auth.header.decode()]
    spellings += [
        quote(TOKEN).lower(),
        html.escape(TOKEN),
        ENCODED.rstrip("="),
        ENCODED.translate(str.maketrans("+/", "-_")),
    ]
    spellings += ["\n".join(TOKEN)]
    failure = failure_of(auth, 400, {"message": " ".join(spellings)})
    assert "********" in failure.failure.what
    for part in ("s3cr", "ATATT3x", ENCODED):
        assert part not in f"{failure} {failure.failure}"


@both
def test_no_redirect_tells_a_secret_or_a_command_for_a_terminal(auth: Basic | Bearer, clock: FakeClock) -> None:
    to = {"Location": f"https://elsewhere.example.com/{quote(TOKEN)}\x1b[2J"}
    with Wire(answering(302, "", to)) as wire, pytest.raises(LinkUpdateError) as failure:
        Session(Connection(timeout=5), auth, clock).get(wire.url)
    assert "redirected to https://elsewhere.example.com/********" in failure.value.failure.what
    assert failure.value.failure.what.isprintable()
    assert "s3cr" not in str(failure.value)


@both
def test_credentials_do_not_show_their_secret(auth: Basic | Bearer) -> None:
    assert "s3cr" not in repr(auth)


@both
def test_the_name_for_the_shared_rate_limit_tells_clients_and_hosts_apart_and_shows_neither(
    auth: Basic | Bearer,
) -> None:
    others = [Basic("ann@example.com", TOKEN), Bearer("another token")]
    names = {auth.client_at("a.example.com"), auth.client_at("b.example.com")}
    names |= {other.client_at("a.example.com") for other in others}
    assert len(names) == 4
    assert all(name.isalnum() and len(name) == 64 for name in names)


def test_the_name_of_a_basic_client_does_not_change_with_the_release_or_the_token() -> None:
    """Releases that share a ledger share its limits."""
    name = sha256(f"{EMAIL} api.example.com".encode()).hexdigest()
    assert {BASIC.client_at("api.example.com"), Basic(EMAIL, "new").client_at("api.example.com")} == {name}


@pytest.mark.parametrize(
    ("auth", "status", "advice"),
    [
        (BASIC, 401, "check the e-mail address and the API token"),
        (BASIC, 403, "make the account an organization or site admin"),
        (BASIC, 404, ""),
        (BEARER, 401, "check the token"),
        (BEARER, 403, "give the owner of the token the permissions"),
        (None, 401, ""),
    ],
)
def test_what_to_do_about_a_refusal_depends_on_the_credentials(
    auth: Basic | Bearer | None, status: int, advice: str
) -> None:
    failure = failure_of(auth, status).failure
    assert failure.advice.startswith(advice)
    assert bool(failure.advice) == bool(advice)
    assert failure.what.endswith(f"HTTP {status}")
