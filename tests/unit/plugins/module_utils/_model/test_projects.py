# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which projects a user declares for an instance, and which sources a federation has."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.projects import is_issue_key, split_key
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.sources import (
    Source,
    given_by_source,
    only_source,
    pairs_of,
    sources_of,
)

A, B = "https://a.example.com", "https://b.example.com/jira"


def instance(name: str, **more: Any) -> dict[str, Any]:
    return {"product_url": f"https://{name}.example.net", "migrated_from": A, **more}


def test_the_keys_of_the_only_origin_are_a_list_and_those_of_several_a_dictionary() -> None:
    federation = parse_federation(
        {
            "eu": instance("eu", projects=["ABC", "def", "ABC"]),
            "us": instance("us", projects="GHI,JK_2"),
            "ap": instance("ap", migrated_from=[A, B], projects={f"{A}/": ["X1"], B: "ABC"}),
            "au": instance("au"),
        }
    )
    assert not federation.problems
    assert [each.projects for each in federation.members.values()] == [
        {A: ("ABC", "DEF")},
        {A: ("GHI", "JK_2")},
        {A: ("X1",), B: ("ABC",)},
        None,
    ]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ({"projects": ["ABC-1"]}, "link_update_projects has 'ABC-1', which is not a project key"),
        ({"projects": 7}, "link_update_projects is not a list of project keys"),
        ({"projects": {B: ["ABC"]}}, f"link_update_projects has {B}, which is not an origin of the instance"),
        ({"projects": ["ABC"], "migrated_from": [A, B]}, "is a list, but the instance has 2 origins"),
        ({"aliases": ["http://eu.example.org"]}, "link_update_aliases http://eu.example.org is not encrypted"),
    ],
)
def test_what_cannot_be_projects_or_aliases_is_a_problem_of_its_instance(more: dict[str, Any], problem: str) -> None:
    (found,) = parse_federation({"eu": instance("eu", **more)}).problems
    assert found.instance == "eu"
    assert problem in found.problem
    assert found.remedy


def test_a_project_of_one_origin_has_one_instance_and_a_key_of_two_origins_may_have_two() -> None:
    given = {"eu": instance("eu", projects=["ABC"]), "us": instance("us", projects=["ABC"])}
    (problem,) = parse_federation(given).problems
    assert problem.message.startswith(f"us: link_update_projects has ABC of {A}, which eu has as well")
    given["us"]["migrated_from"] = B
    assert not parse_federation(given).problems


@pytest.mark.parametrize(
    ("text", "key"),
    [("ABC-1", ("ABC", 1)), ("A_2-90", ("A_2", 90)), ("ABC-0", None), ("abc-1", None), ("ABC-1 OR x", None), (7, None)],
)
def test_the_key_of_an_issue_is_a_project_and_a_number(text: Any, key: Any) -> None:
    assert is_issue_key(text) is (key is not None)
    assert key is None or split_key(text) == key


def test_the_sources_are_the_data_center_servers_of_jira_instances_whichever_copy_was_migrated() -> None:
    federation = parse_federation(
        {
            "eu": instance("eu"),
            "us": instance("us", migrated_from=[{"url": "https://copy.example.com", "override": A}, B]),
            "ap": instance("ap", migrated_from=["https://old.atlassian.net", B]),
            "wiki": {"product_url": "https://eu.example.net/wiki", "migrated_from": "https://wiki.example.com"},
        }
    )
    sources = sources_of(federation)
    assert sources == [
        Source(A, (A, "https://copy.example.com"), ("eu", "us")),
        Source(B, (B,), ("us", "ap")),
    ]
    assert list(pairs_of(sources[1])) == [("us", "ap"), ("ap", "us")]
    assert given_by_source("url", {"https://copy.example.com/": "x"}, sources) == {A: "x"}
    with pytest.raises(InvalidOption, match="2 sources"):
        only_source("url", "https://c.example.com", sources)
    with pytest.raises(InvalidOption, match="not an origin of the federation"):
        given_by_source("token", {"https://c.example.com": "x"}, sources)
