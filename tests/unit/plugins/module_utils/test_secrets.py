# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Secrets are found in what may repeat them, and hidden there."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._secrets import (
    passwords_in,
    spellings_of,
    without,
    without_passwords,
)


@pytest.mark.parametrize(
    ("url", "passwords"),
    [
        ("postgresql://me:hunter2@db/ledger", ["hunter2"]),
        ("postgresql://me:h%40nter@db/ledger", ["h%40nter", "h@nter"]),
        ("postgresql://me@db/ledger?password=hunter2&connect_timeout=3&sslpassword=s3cret", ["hunter2", "s3cret"]),
        ("postgresql://db/ledger?PASSWORD=hunter2", ["hunter2"]),
        ("postgresql://me:hunter2@db/ledger?password=a=b", ["hunter2", "a=b"]),
        ("postgresql://me:pass@word@db/ledger", ["pass@word"]),
        ("postgresql://me@db/ledger?user=me&password=", []),
        ("/var/lib/ledger", []),
    ],
)
def test_every_password_of_a_url_is_found_as_it_is_written_and_as_it_is(url: str, passwords: list[str]) -> None:
    assert passwords_in(url) == passwords
    for password in passwords:
        assert without_passwords(f"refused: {password}", url) == "refused: ********"


@pytest.mark.parametrize("secret", ['t0k"en', "t0k\\en", "t0k en", "t0kén", "t0ken%", "t0k/en"])
def test_a_secret_is_hidden_in_each_spelling_that_may_come_back(secret: str) -> None:
    spellings = [secret, json.dumps(secret)[1:-1], quote(secret, safe=""), secret.encode().decode("latin-1")]
    for spelling in spellings:
        assert without(f"<{spelling}>", spellings_of(secret)) == "<********>", "and no part of it is left"


def test_no_secret_hides_nothing() -> None:
    assert without("as it was", spellings_of("")) == "as it was"
