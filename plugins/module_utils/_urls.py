# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for URLs and cloud IDs that users give."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, unquote, urlsplit

from ._errors import InvalidOption
from ._pages import context_path, looks_like_a_page, site_path
from ._text import harmless, is_visible

JIRA, CONFLUENCE = "jira", "confluence"

_EXAMPLE = "use a URL such as https://jira.example.com"
_WHERE_IT_IS = (
    "use the base URL. Jira shows it under System > General configuration, Confluence under General Configuration"
)
_ONE_URL = "use one URL here. Several URLs, where they are allowed, are a YAML list"
#: The domains that Atlassian gives cloud sites. A site may have one of its own besides.
_CLOUD_DOMAINS = (".atlassian.net", ".jira.com")
#: Letters of other scripts are fine, and an underscore, which internal names have.
_HOST_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*\.?")
_NETWORK_LOCATION = re.compile(r"(?:\[[^\[\]]+\]|[^\[\]:]+)(?::0*[1-9][0-9]*|:)?")
#: A character that no URL has.
_STRANGE = re.compile(r"[\s\\<>\"{}|^`]")
#: An empty part of a path, or one that stands for a folder: browsers and servers read each in their own way.
_NO_PART = re.compile(r"/((?:\.|%2e){0,2})(?=/)", re.IGNORECASE)
#: What may be secret in the address of a page: a query can have a password or a token, and a path a session.
_PRIVATE = re.compile(r"([?#]|;jsessionid=).+", re.IGNORECASE | re.DOTALL)
_HIDDEN = r"\1..."
_HOST = r"(?:\[[^\[\]@/?#]+\]|[^\[\]:,@/?#]*)(?::[0-9]{0,5})?"
_DATABASE = re.compile(
    r"(?P<scheme>postgres(?:ql)?://)"
    r"(?:(?P<user>[^:@/?#]*)(?::[^@/?#]*)?@)?"
    rf"(?P<rest>{_HOST}(?:,{_HOST})*(?:/[^@?#]*)?)"
    r"(?:\?[^=&@]+=[^=&@]*(?:&[^=&@]+=[^=&@]*)*)?"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


def site_url(option: str, url: str) -> str:
    """The normalised URL of something that credentials may travel to.

    :raises InvalidOption: it is no URL, or not encrypted on its way to another machine.
    """
    return _normalised(option, url, _without_query(option, url, _encrypted(option, url)))


def product_url(option: str, url: str) -> str:
    """The normalised URL of a cloud product, less the page that it may be the address of: Jira's has no path,
    Confluence's has C(/wiki).

    :raises InvalidOption: it is no URL of a cloud product.
    """
    parts = _encrypted(option, url)
    # A stand-in on this machine can have a path for each site.
    path = parts.path if is_loopback(parts.hostname or "") else site_path(parts.path)
    if path is None:
        site = _normalised(option, url, parts._replace(path=""))
        raise InvalidOption(
            f"{option} {shown_url(url)} has a path. A Jira URL has none, a Confluence URL has /wiki",
            f"use {site} for Jira, or {site}/wiki for Confluence",
        )
    return _normalised(option, url, _less_page(option, url, parts, path))


def base_url(option: str, url: str) -> str:
    """The normalised base URL that an instance had before the migration, less the page that it may be the address of.
    Nothing is sent there, so C(http://) is fine. It may be a cloud site's.

    :raises InvalidOption: it is no URL, or looks like that of a page.
    """
    if is_cloud(url):
        return product_url(option, url)
    parts = _split(option, url)
    path = context_path(parts.path)
    if looks_like_a_page(path) or (path == parts.path and (parts.query or parts.fragment)):
        raise InvalidOption(
            f"{option} {shown_url(url)} looks like the address of a page, not like a base URL", _WHERE_IT_IS
        )
    if separator := re.search("[,;]", path):
        raise InvalidOption(f"{_not_a_base_url(option, url)}: it has a {separator[0]} in it", _ONE_URL)
    return _normalised(option, url, parts._replace(path=path))


def page_notice(option: str, given: str, used: str) -> str | None:
    """What a user should know where a page was taken off a URL to make the one that is used."""
    parts = urlsplit(given)
    if parts.path.rstrip("/") == urlsplit(used).path:
        return None
    return f"{option} {shown_url(given)} is the address of a page; using {used}"


def short_url(url: str) -> str:
    """A normalised URL as labels and tables have it: its host and its path."""
    return url.partition("://")[2]


def product_of(url: str) -> str:
    """The product at a normalised URL: C(confluence) or C(jira)."""
    return CONFLUENCE if url.endswith("/wiki") else JIRA


def is_cloud(url: str) -> bool:
    """Whether a URL is certainly that of a cloud site."""
    try:
        return (urlsplit(url).hostname or "").rstrip(".").endswith(_CLOUD_DOMAINS)
    except ValueError:
        return False


def cloud_id(option: str, site_id: str) -> str:
    """The cloud ID of a site, as given.

    :raises InvalidOption: it cannot be one.
    """
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,100}", site_id):
        raise InvalidOption(
            f"{option} {harmless(repr(site_id))} is not a cloud ID such as 11223344-a1b2-3b33-c444-def123456789",
            "correct it, or leave it out: then it is looked up",
        )
    return site_id


def database_name(url: str) -> str | None:
    """What messages call a PostgreSQL database: its URL less the password and the settings. None where the URL is
    malformed, or may be understood in two ways: then nobody can tell which part of it is the password.
    """
    parts = _DATABASE.fullmatch(url)
    if parts is None or not url.isprintable() or re.search("%(?![0-9A-Fa-f]{2})|%00", url):
        return None
    try:
        unquote(url, errors="strict")
    except UnicodeDecodeError:
        return None
    return parts["scheme"] + (f"{parts['user']}@" if parts["user"] else "") + parts["rest"]


def is_loopback(host: str) -> bool:
    """Whether what is sent to this host stays on this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_encrypted(url: str) -> bool:
    """Whether nobody on the way to a URL can read or change what goes there. On this machine, nobody is on the way."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _encrypted(option: str, url: str) -> SplitResult:
    parts = _split(option, url)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise InvalidOption(
            f"{option} {shown_url(url)} is not encrypted", "use https:// (http:// is for a loopback address only)"
        )
    return parts


def _split(option: str, url: str) -> SplitResult:
    if "@" in url:
        # Not quoted: what stands before an @ is a secret, as a rule. Where it ends, only a valid URL would tell.
        raise InvalidOption(
            f"{option} has an @ in it",
            "remove what is before the @. Credentials go into ATLASSIAN_EMAIL and ATLASSIAN_API_TOKEN",
        )
    what = _not_a_base_url(option, url)
    if re.split("[?#]", url)[0].count("://") > 1:
        raise InvalidOption(f"{what}: it has more than one URL in it", _ONE_URL)
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  (the property checks the port)
    except ValueError as exc:
        raise InvalidOption(f"{what}: {harmless(str(exc))}", _EXAMPLE) from exc
    if parts.scheme not in _DEFAULT_PORTS:
        raise InvalidOption(f"{what}: it does not begin with https://", _EXAMPLE)
    if _STRANGE.search(url) or not is_visible(url):
        raise InvalidOption(f"{what}: it has a space or another character that no URL has", _EXAMPLE)
    if not parts.netloc:
        raise InvalidOption(f"{what}: it has no host name", _EXAMPLE)
    if not (_NETWORK_LOCATION.fullmatch(parts.netloc) and _is_host(parts.hostname or "")):
        raise InvalidOption(f"{what}: {harmless(parts.netloc)} is not a host name", _EXAMPLE)
    return parts


def _is_host(host: str) -> bool:
    """Whether there can be a host of this name, or with this IPv6 address."""
    if ":" not in host:
        return _HOST_NAME.fullmatch(host) is not None
    try:
        return bool(ipaddress.IPv6Address(host))
    except ValueError:
        return False


def shown_url(url: str) -> str:
    """A URL that a user pasted, as messages and reports have it: without what may be secret in it."""
    return harmless(_PRIVATE.sub(_HIDDEN, url))


def _not_a_base_url(option: str, url: str) -> str:
    return f"{option} {harmless(repr(_PRIVATE.sub(_HIDDEN, url)))} is not a base URL"


def _without_query(option: str, url: str, parts: SplitResult) -> SplitResult:
    if parts.query or parts.fragment:
        what = f"{_not_a_base_url(option, url)}: it has a ? or # in it"
        raise InvalidOption(what, "remove it, and everything after it")
    return parts


def _less_page(option: str, url: str, parts: SplitResult, path: str) -> SplitResult:
    """A URL with the path that is left of it. A query or a fragment belongs to the page, if there is one."""
    if parts.path.rstrip("/") != path.rstrip("/"):
        parts = parts._replace(query="", fragment="")
    return _without_query(option, url, parts)._replace(path=path)


def _normalised(option: str, url: str, parts: SplitResult) -> str:
    path = parts.path.rstrip("/")
    if strange := _NO_PART.search(f"{path}/"):
        part = f"the part {strange[1]}" if strange[1] else "an empty part"
        raise InvalidOption(
            f"{_not_a_base_url(option, url)}: its path has {part} in it", "use the path that a browser shows"
        )
    host = (parts.hostname or "").removesuffix(".")
    if ":" in host:
        host = f"[{host}]"
    if parts.port and parts.port != _DEFAULT_PORTS[parts.scheme]:
        host = f"{host}:{parts.port}"
    return f"{parts.scheme}://{host}{path}"
