# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the service, and as whom."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Account, Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE


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
