# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Credentials as they come from files and variables: what surrounds them is left out, what is none is refused."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import CONNECTION
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption, LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.sessions import open_session
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.options import account_of, connection_of
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering

EMAIL, TOKEN = "me@example.com", "c4nary-t0ken"
AROUND = ["{}\n", "{}\r\n", "{}\r", " {} ", "\t{}\n\n", "\ufeff{}\n", "\ufeff {}", "\N{NO-BREAK SPACE}{}"]


def options(**given: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in CONNECTION.items()}
    return {**defaults, "email": EMAIL, "api_token": TOKEN, **given}


def session_of(given: dict[str, Any]) -> Session:
    return open_session(connection_of(given), account_of(given), FakeClock())


@pytest.mark.parametrize("around", AROUND)
def test_what_surrounds_a_credential_is_not_sent(around: str) -> None:
    given = options(email=around.format(EMAIL), api_token=around.format(TOKEN))
    with Wire(answering(200, "{}")) as wire:
        session_of(given).get(f"{wire.url}/site")
    signature = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    assert f"Authorization: Basic {signature}\r\n" in wire.requests[0]


@pytest.mark.parametrize("around", AROUND)
def test_a_token_that_is_echoed_is_not_shown_whatever_surrounded_it(around: str) -> None:
    with Wire(answering(400, f'{{"message": "no such token {TOKEN} of {EMAIL}"}}')) as wire:
        session = session_of(options(api_token=around.format(TOKEN)))
        with pytest.raises(LinkUpdateError) as caught:
            session.get(f"{wire.url}/site")
    assert "no such token" in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        (" ", "a blank"),
        ("\n", "a line end"),
        ("\r\n", "a line end"),
        ("\t", "a tab"),
        ("\0", "a character that cannot be seen"),
        ("\x1b", "a character that cannot be seen"),
        ("\N{ZERO WIDTH SPACE}", "a character that cannot be seen"),
        ("\ufeff", "a character that cannot be seen"),
    ],
)
@pytest.mark.parametrize("name", ["email", "api_token"])
def test_a_credential_with_white_space_in_it_is_refused_by_name_and_not_shown(
    name: str, inside: str, what: str
) -> None:
    with pytest.raises(InvalidOption) as caught:
        session_of(options(**{name: f"c4nary{inside}t0ken"}))
    assert str(caught.value).startswith(f"{name} has {what} in it, ")
    assert "c4nary" not in str(caught.value)
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize("nothing", [None, "", " ", "\n", "\ufeff\n"])
@pytest.mark.parametrize("name", ["email", "api_token"])
def test_a_credential_of_nothing_but_white_space_is_not_set(name: str, nothing: str | None) -> None:
    with pytest.raises(InvalidOption, match=f"^{name} is not set. Give it, or set .* ATLASSIAN_{name.upper()}"):
        session_of(options(**{name: nothing}))


def test_a_rehearsal_needs_no_credentials_and_sends_none() -> None:
    with Wire(answering(200, "{}")) as wire:
        given = options(email=None, stand_in_url=wire.url)
        session_of(given).get("https://site.example.net/rest")
    signature = b64encode(b"rehearsal@example.com:rehearsal").decode()
    assert f"Authorization: Basic {signature}\r\n" in wire.requests[0]
