# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables of a host: what they are without a value, and what is said of those that are wrong."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import INSTANCE_VARIABLES
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


@pytest.mark.parametrize("name", ["link_update_api_token"])
def test_nothing_is_said_of_what_a_secret_is(name: str) -> None:
    variables = Variables("eu", {name: "c4n4ry"}, failing)
    variables.read("link_update_", INSTANCE_VARIABLES)
    assert "c4n4ry" not in variables.problems[0].message


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("create_backp", "create_backup"),
        ("pol_min", "poll_min"),
        ("waves", "wave"),
        ("notify_ulr", "notify_url"),
        # What the role knows, what a workflow of AWX hands on, and what is nothing like it.
        ("poll_max", None),
        ("complete", None),
        ("held_back", None),
        ("left_out", None),
        ("ticket", None),
    ],
)
def test_a_variable_that_is_nearly_one_of_the_role_is_a_problem(name: str, meant: str | None) -> None:
    variables = Variables("eu", {f"link_update_{name}": "x", "poll_mni": 1, "my_link_update_wav": 2}, str)
    variables.check_names("link_update_", _KNOWN)
    assert [(each.problem, each.remedy) for each in variables.problems] == (
        [
            (
                f"link_update_{name} is not a variable of this collection",
                f"write link_update_{meant}; if it is a variable of your own, give it another name",
            )
        ]
        if meant
        else []
    )
