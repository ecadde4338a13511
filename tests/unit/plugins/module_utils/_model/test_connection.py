# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the service, and as whom."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import (
    Account,
    Connection,
    DataCenterAccount,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE, Naming


@pytest.mark.parametrize(("timeout", "seconds"), [(0.5, 32), (30, 150)])
def test_a_claim_lasts_longer_than_one_request_can(timeout: float, seconds: float) -> None:
    assert Connection(timeout=timeout).lease.total_seconds() == seconds


def test_a_connection_to_a_stand_in_is_a_rehearsal() -> None:
    assert (Connection().is_rehearsal, Connection(stand_in_url="http://127.0.0.1:1").is_rehearsal) == (False, True)
    assert Connection().verify is True


@pytest.mark.parametrize(
    ("strange", "name"),
    [
        (" ", "a space"),
        ("\t", "a tab"),
        ("\n", "a line break"),
        ("\r", "a line break"),
        ("\u200b", "an invisible character"),
    ],
)
def test_a_character_that_no_credential_has_is_named(strange: str, name: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        Account("me@example.com", f"s3cr{strange}et").checked()
    assert str(failure.value) == (f"api_token has {name} in it. Check the file or variable it comes from")


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (
            Account("", " \n", named=ROLE),
            "no e-mail address and no API token. Set ATLASSIAN_EMAIL and ATLASSIAN_API_TOKEN, or link_update_email and "
            "link_update_api_token",
        ),
        (Account("", "t0ken"), "no e-mail address. Set ATLASSIAN_EMAIL or email"),
        (Account("me", named=ROLE), "no API token. Set ATLASSIAN_API_TOKEN or link_update_api_token"),
        (Account("me"), "no API token. Set ATLASSIAN_API_TOKEN or api_token"),
    ],
)
def test_a_credential_that_is_missing_is_named_with_where_to_put_it(account: Account, says: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        account.checked()
    assert str(failure.value) == says


def test_a_byte_order_mark_and_the_line_end_of_a_file_are_no_part_of_a_credential() -> None:
    assert Account(" me@example.com\n", " \ufeff t0ken\r\n").checked() == Account("me@example.com", "t0ken")


CENSUS = Naming("link_census_")


@pytest.mark.parametrize(
    ("account", "says"),
    [
        (
            DataCenterAccount("", " \n", "", named=CENSUS),
            "no token for the Data Center instance, and no user name with a password. Set JIRA_DC_TOKEN or "
            "link_census_token. Without a token, set JIRA_DC_USER and JIRA_DC_PASSWORD, or link_census_user and "
            "link_census_password",
        ),
        (
            DataCenterAccount(user="ann", named=CENSUS),
            "no password for the Data Center instance. Set JIRA_DC_PASSWORD or link_census_password",
        ),
        (
            DataCenterAccount(password="s3cr3t"),
            "no user name for the Data Center instance. Set JIRA_DC_USER or user",
        ),
        (
            DataCenterAccount("t0ken", "ann", "s3cr3t", named=CENSUS),
            "link_census_token is set, and link_census_user or link_census_password as well, or in the environment "
            "(JIRA_DC_TOKEN, JIRA_DC_USER, JIRA_DC_PASSWORD). Set only the token, or "
            "only the user name and the password",
        ),
        (
            DataCenterAccount(user="a:nn", password="s3cr3t", named=CENSUS),
            "link_census_user has a colon in it. Use a token, or another user",
        ),
        (DataCenterAccount("t0k en"), "token has a space in it. Check the file or variable it comes from"),
        (
            DataCenterAccount(user="ann", password="s3cr\tet"),
            "password has a tab in it. Check the file or variable it comes from",
        ),
    ],
)
def test_credentials_for_a_data_center_that_cannot_be_right_are_named_and_not_quoted(
    account: DataCenterAccount, says: str
) -> None:
    with pytest.raises(InvalidOption) as failure:
        account.checked()
    assert str(failure.value) == says


@pytest.mark.parametrize(
    ("account", "checked"),
    [
        (DataCenterAccount("\ufeff t0ken\r\n", "", "\n"), DataCenterAccount("t0ken")),
        (
            DataCenterAccount("", " ann lee\n", "s3cr et\n"),
            DataCenterAccount(user="ann lee", password="s3cr et"),
        ),
    ],
)
def test_a_data_center_gets_a_token_or_a_login_less_what_surrounds_them(
    account: DataCenterAccount, checked: DataCenterAccount
) -> None:
    assert account.checked() == checked


def test_the_credentials_of_a_data_center_do_not_show_their_secrets() -> None:
    assert "s3cr3t" not in repr(DataCenterAccount("s3cr3t", "ann", "s3cr3t"))
