# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a module gets that works on another host, whose environment is not that of the controller."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_CENSUS, LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._action_base import completed

ENVIRONMENT = {
    "ATLASSIAN_EMAIL": "me@example.com",
    "ATLASSIAN_API_TOKEN": "of-the-site",
    "JIRA_DC_TOKEN": "of-the-data-center",
    "JIRA_DC_USER": "census",
    "JIRA_DC_PASSWORD": "secret",
    "JIRA_FEDERATION_LEDGER": "/controller/ledger.sqlite3",
    "JIRA_FEDERATION_NOTIFY_URL": "https://hooks.example.com/of-the-controller",
}
EU = {"name": "eu", "email": "me@example.com", "api_token": "of-the-site"}


def complete(argument_spec: Any, **arguments: Any) -> dict[str, Any]:
    return completed(arguments, argument_spec)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)


def test_a_census_elsewhere_has_all_accounts_of_the_controllers_environment() -> None:
    assert complete(LINK_CENSUS, accounts=[{"name": "eu"}]) == {
        "accounts": [EU],
        "token": "of-the-data-center",
        "user": "census",
        "password": "secret",
        "ledger": "/controller/ledger.sqlite3",
    }


def test_what_is_given_comes_before_the_environment() -> None:
    given = {"token": {"https://jira.example.com": "mine"}, "user": "me", "password": "mine", "ledger": "here"}
    assert complete(LINK_CENSUS, **given) == given | {"accounts": []}


def test_a_run_elsewhere_has_no_account_of_a_data_center() -> None:
    assert complete(LINK_UPDATE_RUN, orders=[{"name": "eu"}]) == {
        "orders": [EU],
        "ledger": "/controller/ledger.sqlite3",
        "notify_url": "https://hooks.example.com/of-the-controller",
    }
