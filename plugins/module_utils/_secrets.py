# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding secrets in what may repeat them, and hiding them there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, unquote


def passwords_in(url: str) -> list[str]:
    """The passwords that a URL holds, as they are written there and as they are: libpq takes one before the host, and
    others as settings after the C(?).
    """
    authority = url.partition("://")[2].partition("/")[0].rpartition("@")[0]
    settings = (each.partition("=") for each in re.split("[?&]", url)[1:])
    written = [authority.partition(":")[2], *(value for name, _is, value in settings if "password" in name.lower())]
    return [secret for each in written for secret in dict.fromkeys((each, unquote(each))) if secret]


def without_passwords(text: str, url: str) -> str:
    """A text that may repeat a URL, without the URL's passwords."""
    return without(text, passwords_in(url))


def without(text: str, secrets: Iterable[str]) -> str:
    """A text that may repeat secrets, without them."""
    for secret in secrets:
        text = text.replace(secret, "********")
    return text


def spellings_of(secret: str) -> list[str]:
    """A secret as it may come back: as it is, as a header is decoded, as in JSON, as in a URL."""
    spellings = {secret, secret.encode().decode("latin-1"), json.dumps(secret)[1:-1], quote(secret, safe="")}
    return sorted(filter(None, spellings), key=len, reverse=True)
