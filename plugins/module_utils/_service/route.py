# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the environment says of proxies and of whose certificates are trusted, checked before anything is sent."""

from __future__ import annotations

import ssl
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .._errors import Code, InvalidOption, LinkUpdateError, MissingLibrary
from .._urls import is_loopback
from .adapter import HAS_REQUESTS, HAS_SOCKS

if HAS_REQUESTS:
    import requests


def way_to(url: str, verify: bool | str) -> dict[str, Any]:
    """How a request gets to a URL, in the words of requests.

    :param verify: see L(Connection.verify).
    :raises LinkUpdateError: it cannot get there.
    """
    with requests.Session() as session:
        way = session.merge_environment_settings(url, {}, True, verify, None)
    # An environment's proxy is honoured, except on the way to this very machine.
    if is_loopback(urlsplit(url).hostname or ""):
        way["proxies"] = {}
    if proxy := requests.utils.select_proxy(url, way["proxies"]):
        _check_proxy(urlsplit(url).scheme, proxy)
    if url.startswith("https:") and isinstance(way["verify"], str):
        _check_authorities(way["verify"])
    return dict(way)


@cache  # reading all of them takes a while
def _check_authorities(path: str) -> None:
    try:
        is_folder = Path(path).is_dir()
        ssl.create_default_context(cafile=None if is_folder else path, capath=path if is_folder else None)
    except (OSError, ValueError) as exc:
        raise LinkUpdateError(
            f"certificates cannot be read from {path}: {exc}",
            code=Code.TLS,
            advice="correct ca_path, or the environment variable REQUESTS_CA_BUNDLE: it must be a file with "
            "certificates in PEM, or a folder of them",
        ) from None


def _check_proxy(scheme: str, url: str) -> None:
    """:raises InvalidOption: it is no URL of a proxy. It is not quoted, a password can be in it."""
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        parts.port  # noqa: B018  (the property checks the port)
        # What has another character in it cannot be looked up, and would be quoted then.
        host = (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise _bad_proxy(scheme, "is not a URL") from None
    if parts.scheme not in ("http", "https", "socks4", "socks4a", "socks5", "socks5h"):
        raise _bad_proxy(scheme, "does not begin with http://, https://, socks4://, socks5:// or socks5h://")
    if not host or any(not each.isprintable() or each in ' <>"\\^`{|}@%' for each in host):
        raise _bad_proxy(scheme, "has no host name")
    if parts.scheme.startswith("socks") and not HAS_SOCKS:
        raise MissingLibrary(
            f"the Python library PySocks is missing, which the SOCKS proxy for {scheme}:// needs",
            "install it for the Python that runs this task",
        )


def _bad_proxy(scheme: str, what: str) -> InvalidOption:
    return InvalidOption(
        f"the proxy for {scheme}:// in the environment {what}",
        f"set the environment variable {scheme}_proxy (or all_proxy) to a URL such as http://proxy.example.com:3128, "
        "or add the host to no_proxy",
    )
