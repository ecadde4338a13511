# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which project was migrated to which instance."""

from __future__ import annotations

from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._census.assignment import Assignment, assign
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.sources import sources_of

A, B = "https://a.example.com", "https://b.example.com"


def assigned(
    given: dict[str, dict[str, Any]],
    known: dict[str, list[str]],
    listed: dict[str, list[str]] | None = None,
    files: tuple[str, ...] = (),
) -> Assignment:
    federation = parse_federation(
        {
            name: {"product_url": f"https://{name}.example.net", "migrated_from": A, **more}
            for name, more in given.items()
        }
    )
    assert not federation.problems
    return assign(federation, sources_of(federation), known, listed or {}, files)


def projects_of(assignment: Assignment) -> set[tuple[str, str, str]]:
    return {(each.source, each.key, each.product_url[8:10]) for each in assignment.projects}


def test_a_site_has_the_projects_that_it_lists_and_the_source_knows_and_the_others_are_outside() -> None:
    found = assigned({"eu": {}, "us": {}}, {A: ["ABC", "DEF", "OLD"]}, {"eu": ["ABC", "NEW"], "us": ["DEF"]})
    assert not found.problems
    assert projects_of(found) == {(A, "ABC", "eu"), (A, "DEF", "us")}
    assert found.outside == {A: ("OLD",)}


def test_what_a_user_declares_goes_before_what_a_site_lists() -> None:
    found = assigned({"eu": {"projects": ["ABC", "GONE"]}, "us": {}}, {A: ["ABC", "DEF"]}, {"us": ["ABC", "DEF"]})
    assert not found.problems
    # One that the source does not know is kept: reading it says so.
    assert projects_of(found) == {(A, "ABC", "eu"), (A, "GONE", "eu"), (A, "DEF", "us")}


def test_a_project_that_two_sites_list_is_a_problem_that_says_what_to_set() -> None:
    found = assigned({"eu": {}, "us": {}}, {A: ["ABC", "DEF"]}, {"eu": ["ABC"], "us": ["ABC", "DEF"]})
    (problem,) = found.problems
    assert problem.message == (
        f"us: ABC is a project of this site and of eu, but only one of them can have that of {A}. Set "
        "link_update_projects to the keys that were migrated to this instance"
    )


def test_a_key_of_two_origins_of_one_site_is_a_problem_unless_another_instance_has_one_of_them() -> None:
    merged: dict[str, dict[str, Any]] = {"eu": {"migrated_from": [A, B]}, "us": {"migrated_from": B}}
    known, listed = {A: ["ABC"], B: ["ABC", "DEF"]}, {"eu": ["ABC"], "us": ["DEF"]}
    (problem,) = assigned(merged, known, listed).problems
    assert problem.instance == "eu"
    assert f"ABC is a project of {A}, {B}, and nobody said which one was migrated" in problem.problem
    merged["us"]["projects"] = ["ABC"]
    found = assigned(merged, known, {"eu": ["ABC"]})
    # eu has none of B's then, and a census would find no links of it there.
    (problem,) = found.problems
    assert f"no project of {B} is known to be at this site" in problem.problem


def test_an_instance_without_any_project_is_a_problem_as_its_count_would_be_zero_and_look_complete() -> None:
    (problem,) = assigned({"eu": {}, "us": {}}, {A: ["ABC"]}, {"eu": ["ABC"], "us": []}).problems
    assert (problem.instance, problem.problem) == ("us", f"no project of {A} is known to be at this site")
    assert "Browse projects" in problem.remedy


def test_a_file_need_not_have_a_project_of_each_instance_but_of_one_and_each_site_has_some() -> None:
    given: dict[str, dict[str, Any]] = {"eu": {"projects": ["ABC"]}, "us": {}}
    assert not assigned(given, {A: ["ABC", "OLD"]}, {"us": ["DEF"]}, files=(A,)).problems
    (problem,) = assigned(given, {A: ["XYZ"]}, {"us": ["DEF"]}, files=(A,)).problems
    assert problem.problem == f"the file with the links of {A} has no project of the federation"
    (problem,) = assigned(given, {A: ["ABC"]}, {"us": []}, files=(A,)).problems
    assert (problem.instance, problem.problem) == ("us", f"no project of {A} is known to be at this site")
