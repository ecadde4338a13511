# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options as they are checked, and as they are documented: the same types, defaults and choices."""

from __future__ import annotations

import importlib
import re
from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from ansible_collections.jira_cloud.federation.plugins.doc_fragments.links import ModuleDocFragment
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible import argspec
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import KEYS
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._reading import _SECRET
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._roles import ROLES, Role
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION

MODULES = (
    "link_census",
    "link_check",
    "link_repair",
    "link_reports",
    "link_update_job",
    "link_update_ledger",
    "link_update_outcome",
    "link_update_run",
    "link_update_status",
    "link_update_wait",
    "site_info",
)
#: The variables of a credential default to the environment of whoever runs the task.
ENVIRONMENT = {
    "email": "ATLASSIAN_EMAIL",
    "api_token": "ATLASSIAN_API_TOKEN",
    "token": "JIRA_DC_TOKEN",
    "user": "JIRA_DC_USER",
    "password": "JIRA_DC_PASSWORD",
}
SECRET = ("api_token", "token", "password")
CHECKED = ("type", "elements", "required", "default", "choices")


def documented(module: str) -> dict[str, Any]:
    """The options that a module documents, those of its fragments included. Its own come first."""
    code = importlib.import_module(f"ansible_collections.jira_cloud.federation.plugins.modules.{module}")
    documentation = yaml.safe_load(code.DOCUMENTATION)
    options: dict[str, Any] = {}
    for name in documentation.get("extends_documentation_fragment", []):
        if name.startswith("jira_cloud.federation.links"):
            fragment = getattr(ModuleDocFragment, (name.partition("links.")[2] or "documentation").upper())
            options |= yaml.safe_load(fragment).get("options", {})
    return options | documentation.get("options", {})


def documented_of(role: str) -> dict[str, Any]:
    """The variables that a role documents."""
    text = (COLLECTION / f"roles/{role}/meta/argument_specs.yml").read_text(encoding="utf-8")
    options: dict[str, Any] = yaml.safe_load(text)["argument_specs"][role]["options"]
    return options


def read_by(role: Role) -> dict[str, Any]:
    """The variables that the first task of a role reads."""
    of_instance = {name: argspec.INSTANCE_VARIABLES[name] for name in (*KEYS, *role.order)}
    return {f"link_update_{name}": option for name, option in of_instance.items()} | role.variables | role.proof


def facts(options: Mapping[str, Mapping[str, Any]], parts: str) -> dict[str, Any]:
    """What is said of options, without their descriptions."""
    return {
        name: {key: option.get(key) or None if key == "required" else option.get(key) for key in CHECKED}
        | {"options": facts(option[parts], parts) if option.get(parts) else None}
        for name, option in options.items()
    }


@pytest.mark.parametrize("module", MODULES)
def test_the_options_of_a_module_are_those_that_it_documents(module: str) -> None:
    spec = getattr(argspec, module.upper())
    assert facts(spec, "options") == facts(documented(module), "suboptions")


@pytest.mark.parametrize("module", MODULES)
def test_a_token_is_never_logged_and_credentials_come_from_the_environment(module: str) -> None:
    spec = getattr(argspec, module.upper())
    for options in (spec, *((spec.get(name) or {}).get("options") or {} for name in ("orders", "accounts"))):
        for name, variable in ENVIRONMENT.items():
            if name in options:
                assert options[name]["fallback"][1] == [variable]
                assert options[name].get("no_log", False) is (name in SECRET)


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_the_variables_of_a_role_are_those_that_it_documents(role: Role) -> None:
    documented, read = documented_of(role.name), read_by(role)
    assert {*read, "link_update_rehearsal"} == set(documented)
    for name, option in read.items():
        said = documented[name]
        assert said["type"] == option["type"] or {said["type"], option["type"]} <= {"str", "path", "raw"}, name
        assert (said.get("elements"), said.get("choices")) == (option.get("elements"), option.get("choices")), name
        assert "default" not in option or said["default"] == option["default"], name
        assert said.get("no_log", False) is option.get("no_log", False), name


@pytest.mark.parametrize("role", ROLES.values(), ids=list(ROLES))
def test_the_defaults_of_a_role_are_those_of_the_code_and_none_can_hold_a_secret(role: Role) -> None:
    defaults = yaml.safe_load((COLLECTION / f"roles/{role.name}/defaults/main.yml").read_text(encoding="utf-8"))
    read = read_by(role)
    for name, value in defaults.items():
        assert value == read[name].get("default", value), name
        assert name not in _SECRET, name
    missing = [name for name in set(read) - set(defaults) if name.startswith(role.name) and "default" in read[name]]
    assert not missing


def test_the_page_of_variables_has_each_variable_of_the_roles_once_with_its_default() -> None:
    page = (COLLECTION / "docs/docsite/rst/variables.rst").read_text(encoding="utf-8")
    rows = re.findall(r"^   \* - (``link.+)\n     -(.*)$", page, re.MULTILINE)
    told = [(name, default) for names, default in rows for name in re.findall(r"\w+", names)]
    documented = {name: option for role in ROLES for name, option in documented_of(role).items()}
    assert sorted(name for name, _default in told) == sorted(documented)
    for name, default in told:
        value = documented[name].get("default")
        assert value in (None, []) or str(value).lower() in default, name


def test_a_rehearsal_has_the_variables_that_its_playbook_documents() -> None:
    text = (COLLECTION / "playbooks/rehearse.yml").read_text(encoding="utf-8")
    assert [name for name in argspec.REHEARSAL_VARIABLES if f"rehearsal_{name}" not in text] == []
    kinds = {name: (option["type"], option.get("elements")) for name, option in argspec.REHEARSAL_VARIABLES.items()}
    assert kinds == {
        **dict.fromkeys(("fail", "retry", "not_admin", "linking_off"), ("list", "str")),
        **dict.fromkeys(("queue_seconds", "backup_seconds", "run_seconds", "latency_seconds"), ("float", None)),
        "parallel": ("bool", None),
        "leave_out": ("raw", None),
        "rate_limit": ("list", "float"),
        "ledger": ("path", None),
    }
