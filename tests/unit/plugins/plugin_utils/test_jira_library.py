# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The public client library C(jira) works with the Data Center of the stand-in: somebody else's idea of Jira."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.tests.unit.support import standing_in
from jira import JIRA, JIRAError

HOST = "jira.example.com"
DATA_CENTER = {
    "projects": {"ABC": {"site": "eu", "issues": 250}, "DEF": {"site": "us", "issues": 3}},
    "links": [[101, "Blocks", "ABC-1", "DEF-2"], [102, "Relates", "DEF-3", "ABC-1"]],
    "token": "secret",
    "user": "ann",
    "password": "pw",
}
LOGINS: list[dict[str, Any]] = [{"token_auth": "secret"}, {"basic_auth": ("ann", "pw")}]


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with standing_in(data_centers={HOST: DATA_CENTER}) as server:
        yield f"{server.url}/{HOST}"


def client(url: str, login: dict[str, Any]) -> JIRA:
    return JIRA(url, **login, max_retries=0, timeout=60)


def links_of(issue: Any) -> list[tuple[str, str, str]]:
    """The links of an issue: id, phrase, and the key at the other end."""
    return [
        (link.id, link.type.outward, link.outwardIssue.key)
        if hasattr(link, "outwardIssue")
        else (link.id, link.type.inward, link.inwardIssue.key)
        for link in issue.fields.issuelinks
    ]


@pytest.mark.parametrize("login", LOGINS)
def test_it_logs_in_and_reads_what_there_is(url: str, login: dict[str, Any]) -> None:
    jira = client(url, login)
    assert (jira.deploymentType, jira.myself()["name"]) == ("Server", "ann")
    assert [project.key for project in jira.projects()] == ["ABC", "DEF"]
    assert "Blocks" in [each.name for each in jira.issue_link_types()]
    assert "Epic Link" in [each["name"] for each in jira.fields()]


@pytest.mark.parametrize("by_post", [True, False])
def test_it_searches_all_pages(url: str, by_post: bool) -> None:
    issues = client(url, LOGINS[0]).search_issues(
        'project = "ABC" ORDER BY key ASC', maxResults=False, fields="issuelinks", use_post=by_post
    )
    assert [issue.key for issue in issues] == [f"ABC-{number}" for number in range(1, 251)]


def test_it_reads_links_from_both_ends(url: str) -> None:
    jira = client(url, LOGINS[0])
    assert links_of(jira.issue("ABC-1")) == [("101", "blocks", "DEF-2"), ("102", "relates to", "DEF-3")]
    found = jira.search_issues('project = "DEF" ORDER BY key ASC')
    assert [links_of(issue) for issue in found] == [
        [],
        [("101", "is blocked by", "ABC-1")],
        [("102", "relates to", "ABC-1")],
    ]


@pytest.mark.parametrize(
    ("jql", "complaint"),
    [
        ('project = "NONE"', "does not exist for the field 'project'"),
        ('project = "ABC" AND key > "ABC-999"', "does not exist for field 'key'"),
        ("project ~ ABC", "is not supported"),
    ],
)
def test_it_understands_what_is_wrong_with_a_query(url: str, jql: str, complaint: str) -> None:
    with pytest.raises(JIRAError, match=complaint) as failure:
        client(url, LOGINS[0]).search_issues(jql)
    assert failure.value.status_code == 400


def test_it_understands_that_it_may_not_and_that_there_is_no_such_issue(url: str) -> None:
    for login in ({"token_auth": "wrong"}, {"basic_auth": ("ann", "wrong")}):
        with pytest.raises(JIRAError) as failure:
            client(url, login).myself()
        assert failure.value.status_code == 401
    with pytest.raises(JIRAError, match="Issue Does Not Exist") as failure:
        client(url, LOGINS[0]).issue("ABC-999")
    assert failure.value.status_code == 404
