# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a run sends its notifications."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from .._errors import InvalidOption
from .._secrets import without
from .._text import is_visible
from .._urls import is_loopback

_EXAMPLE = "give the URL of a webhook, such as https://hooks.example.com/..."
#: A shorter part of a URL is a word such as C(v1), and no secret.
_SHORTEST = 6


@dataclass(frozen=True)
class Webhook:
    """A URL that takes a POST. Who knows it can post there, so all of it is secret, apart from the host."""

    url: str = field(repr=False)

    @property
    def host(self) -> str:
        """What messages call it."""
        return urlsplit(self.url).hostname or ""

    def clean(self, text: str) -> str:
        """A text that may repeat the URL or parts of it, without them."""
        rest = self.url.partition("://")[2].partition("/")[2]
        # A part such as C(bot<number>:<token>) has parts in turn.
        parts = [each for between in (r"[/?&=#;]", r"[^\w-]") for each in re.split(between, rest)]
        parts = [each for each in parts if len(each) >= _SHORTEST]
        return without(text, [each for part in (rest, *parts) for each in (part, unquote(part)) if each])


def webhook_of(option: str, url: str) -> Webhook:
    """The webhook at a URL.

    :raises InvalidOption: it cannot be one, or is not encrypted on its way to another machine. It is not quoted.
    """
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (the property checks the port)
    except ValueError:
        raise InvalidOption(f"{option} is not a URL", _EXAMPLE) from None
    if parts.scheme not in ("http", "https"):
        raise InvalidOption(f"{option} does not begin with https://", _EXAMPLE)
    if not parts.hostname or re.search(r"\s", url) or not is_visible(url):
        raise InvalidOption(f"{option} names no host, or has a space or another character that no URL has", _EXAMPLE)
    if "@" in parts.netloc:
        raise InvalidOption(f"{option} has a user name or a password before its host", "give a URL without them")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise InvalidOption(f"{option} is not encrypted", "use https:// (http:// is for a loopback address only)")
    return Webhook(url)
