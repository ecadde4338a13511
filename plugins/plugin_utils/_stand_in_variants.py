# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to write the URL of an issue, which all lead to the same one."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

_WAYS: dict[str, Callable[[str, str], str]] = {
    "upper_host": lambda base, key: f"{_upper_host(base)}/browse/{key}",
    "lower_key": lambda base, key: f"{base}/browse/{key.lower()}",
    "query": lambda base, key: f"{base}/browse/{key}?focusedCommentId=10001#comment-10001",
    "encoded": lambda base, key: f"{base}/browse/{key.replace('-', '%2D')}",
}
VARIANTS = tuple(_WAYS)


def url_as(variant: str, base: str, key: str) -> str:
    """The URL of an issue, written in one of these ways."""
    return _WAYS[variant](base, key)


def _upper_host(base: str) -> str:
    parts = urlsplit(base)
    return parts._replace(netloc=parts.netloc.upper()).geturl()
