# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which remote links lead to an issue of another instance."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.matching import (
    IssueLinks,
    Target,
    bases_of,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.remote_links import RemoteLink

US = bases_of("https://us.example.atlassian.net", "https://jira.example.com:8443", "https://old.example.com/jira")
DATA_CENTER = bases_of("https://jira-dc.example.com/jira")
APP = "a1b2-c3"


def to(url: str, global_id: str = "") -> RemoteLink:
    return RemoteLink(1, global_id, url, "blocks", "com.atlassian.jira", "US", "ABC-7")


def leads_there(
    link: RemoteLink, keys: tuple[str, ...] = ("ABC-7",), issue_id: str = "10007", app_id: str = APP
) -> bool:
    return IssueLinks([link]).to(Target(frozenset(keys), US, issue_id, app_id), DATA_CENTER) == [link]


@pytest.mark.parametrize(
    "url",
    [
        "https://us.example.atlassian.net/browse/ABC-7",
        "https://us.example.atlassian.net:443/browse/ABC-7",
        "https://US.Example.atlassian.NET./browse/abc-7",
        "http://us.example.atlassian.net/browse/ABC-7/",
        "https://us.example.atlassian.net/browse/ABC-7?focusedCommentId=1#comment",
        "https://us.example.atlassian.net/browse/ABC%2D7",
        "https://us.example.atlassian.net/jira/browse/ABC-7",
        "https://jira.example.com:8443/browse/ABC-7",
        "https://old.example.com/jira/browse/ABC-7",
    ],
)
def test_a_link_leads_to_an_issue_however_its_address_is_written(url: str) -> None:
    assert leads_there(to(url), issue_id="")


@pytest.mark.parametrize(
    "url",
    [
        "https://us.example.atlassian.net/browse/ABC-77",
        "https://us.example.atlassian.net/browse/XABC-7",
        "https://us.example.atlassian.net/projects/ABC-7",
        "https://us.example.atlassian.net/?page=/browse/ABC-7",
        "https://jira.example.com/browse/ABC-7",
        "https://old.example.com/browse/ABC-7",
        "https://old.example.com/jira2/browse/ABC-7",
        "https://us.example.atlassian.net.evil.example/browse/ABC-7",
        "https://eu.example.atlassian.net/browse/ABC-7",
        "https://[us.example/browse/ABC-7",
        "https://us.example.atlassian.net:x/browse/ABC-7",
        "/browse/ABC-7",
        "",
    ],
)
def test_a_link_to_something_else_does_not_count(url: str) -> None:
    assert not leads_there(to(url))


def test_a_moved_issue_has_two_keys() -> None:
    assert leads_there(to("https://us.example.atlassian.net/browse/NEW-3"), keys=("ABC-7", "NEW-3"))


@pytest.mark.parametrize(
    ("url", "app", "matches"),
    [
        ("https://unknown.example.com/browse/ABC-7", APP, True),
        ("https://unknown.example.com/whatever", APP, True),
        ("https://unknown.example.com/browse/ABC-7", "another", False),
        ("https://us.example.atlassian.net/browse/NEW-3", "another", True),
        ("https://jira-dc.example.com/jira/browse/ABC-7", APP, False),
    ],
)
def test_the_id_of_the_issue_in_the_global_id_confirms_a_link(url: str, app: str, matches: bool) -> None:
    assert leads_there(to(url, f"appId={app}&issueId=10007")) is matches
    assert not leads_there(to("https://unknown.example.com/browse/ABC-7", f"appId={app}&issueId=10008"))


def test_an_id_says_nothing_where_the_application_link_is_not_known() -> None:
    link = to("https://unknown.example.com/browse/ABC-7", "appId=&issueId=10007")
    assert not leads_there(link, app_id="")
    assert IssueLinks([link]).with_id("10007") == [link]


def test_a_link_that_matches_twice_is_one_link() -> None:
    assert leads_there(to("https://us.example.atlassian.net/browse/ABC-7", f"appId={APP}&issueId=10007"))


def test_links_to_the_old_base_url_are_found_by_it() -> None:
    link = to("https://jira-dc.example.com/jira/browse/ABC-7")
    assert IssueLinks([link]).at(["ABC-7"], DATA_CENTER) == [link]
    assert not IssueLinks([link]).at(["ABC-7"], US)
