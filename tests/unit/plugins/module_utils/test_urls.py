# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with a URL or a cloud ID, and what to do about it."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._urls import cloud_id, site_url

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


def test_what_is_no_cloud_id_is_said_to_be_none() -> None:
    with pytest.raises(InvalidOption) as failure:
        cloud_id("site_id", "eu/us")
    assert failure.value.failure.what.startswith("site_id 'eu/us' is no cloud ID")
    assert failure.value.failure.advice == "leave it out to have it looked up"
