# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which URLs can be a webhook, and that none of it but the host is ever shown."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.webhook import Webhook, webhook_of

URL = "https://hooks.example.com/services/T0C4N4RY/B0C4N4RY/c4n4ry%3Dp4th?sig=c4n4ry-s1g&v=1"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        (URL, "hooks.example.com"),
        ("https://chat.example.com:8443/hooks/c4n4ry", "chat.example.com"),
        ("https://office.example.com/webhook/c4n4ry@c4n4ry/in", "office.example.com"),
        ("http://127.0.0.1:8080/c4n4ry", "127.0.0.1"),
        ("http://[::1]/c4n4ry", "::1"),
        ("http://localhost/c4n4ry", "localhost"),
    ],
)
def test_a_webhook_is_known_by_its_host_and_shows_no_more(url: str, host: str) -> None:
    webhook = webhook_of("notify_url", url)
    assert (webhook.host, webhook.url) == (host, url)
    assert "c4n4ry" not in repr(webhook)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://hooks.example.com/c4n4ry", "is not encrypted"),
        ("hooks.example.com/c4n4ry", "does not begin with https://"),
        ("ftp://hooks.example.com/c4n4ry", "does not begin with https://"),
        ("file:///c4n4ry", "does not begin with https://"),
        ("https:///c4n4ry", "names no host"),
        ("https://hooks.example.com:c4n4ry/", "is not a URL"),
        ("https://[c4n4ry/", "is not a URL"),
        ("https://hooks.example.com/c4n4ry\nHost: other", "no URL has"),
        ("https://hooks.example.com/c4n4ry \x1b[2J", "no URL has"),
        ("https://user:c4n4ry@hooks.example.com/", "has a user name or a password before its host"),
    ],
)
def test_what_cannot_be_a_webhook_is_refused_and_not_quoted(url: str, why: str) -> None:
    with pytest.raises(InvalidOption, match=why) as caught:
        webhook_of("notify_url", url)
    assert caught.value.failure.message.startswith("notify_url ")
    assert "c4n4ry" not in str(caught.value)
    assert caught.value.__context__ is None or caught.value.__suppress_context__


@pytest.mark.parametrize(
    "text",
    [
        URL,
        "no route for /services/T0C4N4RY/B0C4N4RY/c4n4ry%3Dp4th",
        "the team T0C4N4RY is unknown",
        "c4n4ry=p4th is not active",
        '{"sig": "c4n4ry-s1g"}',
    ],
)
def test_no_part_of_it_is_left_in_what_may_repeat_it(text: str) -> None:
    assert "c4n4ry" not in Webhook(URL).clean(text).lower()


def test_everything_else_in_a_text_stays() -> None:
    assert Webhook(URL).clean("no_service at hooks.example.com, v1") == "no_service at hooks.example.com, v1"
