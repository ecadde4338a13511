# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a host: what they are without a value, and what is said of those that are wrong."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import CENSUS, INSTANCE_VARIABLES
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._reading import Variables
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._record import _KNOWN


def failing(value: Any) -> Any:
    """A template that fails with a text of its own."""
    raise ValueError(value)


@pytest.mark.parametrize("name", ["wave", "product", "force"])
@pytest.mark.parametrize("template", [failing, lambda value: [value]], ids=["fails", "has another type"])
def test_what_is_said_of_a_variable_cannot_do_anything_to_who_reads_it(name: str, template: Any) -> None:
    variables = Variables("eu", {f"link_update_{name}": "x\x1b[2J\nok: [us]\u202e" + "y" * 999}, template)
    variables.read("link_update_", {name: {**INSTANCE_VARIABLES[name], "type": "bool"}})
    (problem,) = variables.problems
    assert problem.message.isprintable()
    assert len(problem.message) < 500


def test_a_credential_that_is_not_set_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATLASSIAN_EMAIL", "me@example.com")
    monkeypatch.setenv("ATLASSIAN_API_TOKEN", "of-the-environment")
    given = {"link_update_api_token": "of-the-host"}
    read = Variables("eu", given, lambda value: value).read("link_update_", INSTANCE_VARIABLES)
    assert (read["email"], read["api_token"]) == ("me@example.com", "of-the-host")
    monkeypatch.setenv("ATLASSIAN_EMAIL", "")
    assert Variables("eu", {}, str).read("link_update_", INSTANCE_VARIABLES)["email"] is None


@pytest.mark.parametrize("name", ["link_update_api_token", "link_census_token", "link_census_password"])
@pytest.mark.parametrize("template", [failing, lambda value: [value]], ids=["fails", "has another type"])
def test_nothing_is_said_of_what_a_secret_is(name: str, template: Any) -> None:
    variables = Variables("eu", {name: "c4n4ry"}, template)
    variables.read("", {name: {"type": "int"}})
    assert "c4n4ry" not in variables.problems[0].message


def test_the_account_of_a_data_center_instance_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "USER", "PASSWORD"):
        monkeypatch.setenv(f"JIRA_DC_{name}", f"{name} of the environment")
    given = {"link_census_token": "of-the-host", "link_census_user": ""}
    read = Variables("eu", given, lambda value: value).read("link_census_", CENSUS)
    assert (read["token"], read["user"], read["password"]) == (
        "of-the-host",
        "USER of the environment",
        "PASSWORD of the environment",
    )


@pytest.mark.parametrize("value", ["https://dc.example.com", {"https://jira.example.com": "https://dc.example.com"}])
def test_what_one_source_needs_is_a_text_and_what_several_need_a_dictionary(value: Any) -> None:
    for name in ("url", "token", "user", "password", "file"):
        variables = Variables("eu", {f"link_census_{name}": value}, lambda given: given)
        assert variables.read("link_census_", CENSUS)[name] == value
        assert not variables.problems


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("link_update_create_backp", "link_update_create_backup"),
        ("link_update_pol_min", "link_update_poll_min"),
        ("link_update_waves", "link_update_wave"),
        ("link_update_notify_ulr", "link_update_notify_url"),
        ("link_update_project", "link_update_projects"),
        ("link_census_tokn", "link_census_token"),
        ("link_census_urls", "link_census_url"),
        ("link_census_deletes", "link_census_delete"),
        # What the roles know, what a workflow of AWX hands on, and what is nothing like it.
        ("link_update_poll_max", None),
        ("link_update_complete", None),
        ("link_update_held_back", None),
        ("link_update_left_out", None),
        ("link_update_ticket", None),
        ("link_census_store", None),
        ("link_census_links", None),
        ("link_census_pairs_without_links", None),
        ("my_link_census_tokn", None),
    ],
)
def test_a_variable_that_is_nearly_one_of_a_role_is_a_problem(name: str, meant: str | None) -> None:
    variables = Variables("eu", {name: "x", "poll_mni": 1, "my_link_update_wav": 2}, str)
    for prefix, known in _KNOWN.items():
        variables.check_names(prefix, known)
    assert [(each.problem, each.remedy) for each in variables.problems] == (
        [
            (
                f"{name} is not a variable of this collection",
                f"write {meant}; if it is a variable of your own, give it another name",
            )
        ]
        if meant
        else []
    )
