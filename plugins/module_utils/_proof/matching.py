# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which remote links of an issue lead to an issue of another instance. Nothing is asked here."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

from .._service.remote_links import RemoteLink

_DEFAULT_PORTS = {"http": 80, "https": 443}
#: The page of an issue; the address may have more behind its key.
_BROWSE = re.compile(r"(?P<path>.*)/browse/(?P<key>[^/]+)")
#: A part of a global id, which looks like the query of a URL.
_PART = re.compile(r"(?:^|&)(appId|issueId)=([^&]*)")


@dataclass(frozen=True)
class Base:
    """The base URL of a Jira, as links have it."""

    host: str
    path: str = ""

    def has(self, other: Base) -> bool:
        """Whether a page is at this Jira. A path may follow its own one: an old address has a context path."""
        return self.host == other.host and f"{other.path}/".startswith(f"{self.path}/")


@dataclass(frozen=True)
class Target:
    """The issue that a link has to lead to."""

    #: Its keys in capitals: the one that it had, and the one that it has where it was moved.
    keys: frozenset[str]
    #: The base URLs of its instance.
    bases: tuple[Base, ...]
    #: Its own id at its site; empty where that is not known.
    issue_id: str = ""
    #: The id of the application link that links of Jira to its instance have; empty where that is not known.
    app_id: str = ""


class IssueLinks:
    """The remote links of one issue, by what they lead to."""

    def __init__(self, links: Iterable[RemoteLink]) -> None:
        self._by_key: defaultdict[str, list[tuple[Base, RemoteLink]]] = defaultdict(list)
        self._by_id: defaultdict[str, list[tuple[Base | None, RemoteLink]]] = defaultdict(list)
        for link in links:
            base, key = place_of(link.url)
            if base and key:
                self._by_key[key].append((base, link))
            if issue_id := ids_in(link.global_id)[1]:
                self._by_id[issue_id].append((base, link))

    def to(self, target: Target, stale: Sequence[Base] = ()) -> list[RemoteLink]:
        """Those to an issue.

        :param stale: the base URLs that the instance had before. A link there does not count, whatever its id is.
        """
        found = {id(link): link for link in self.at(target.keys, target.bases)}
        for base, link in self._by_id.get(target.issue_id, ()) if target.issue_id else ():
            at_target = base is not None and is_at(base, target.bases)
            elsewhere = base is None or not is_at(base, stale)
            if at_target or (elsewhere and target.app_id and ids_in(link.global_id)[0] == target.app_id):
                found[id(link)] = link
        return list(found.values())

    def at(self, keys: Iterable[str], bases: Sequence[Base]) -> list[RemoteLink]:
        """Those to an issue with one of these keys, at one of these base URLs."""
        return [link for key in keys for base, link in self._by_key.get(key, ()) if is_at(base, bases)]

    def with_key(self, keys: Iterable[str]) -> list[RemoteLink]:
        """Those to an issue with one of these keys, at whatever site."""
        return [link for key in keys for _base, link in self._by_key.get(key, ())]

    def with_id(self, issue_id: str) -> list[RemoteLink]:
        """Those whose global id has the id of an issue, at whatever site."""
        return [link for _base, link in self._by_id.get(issue_id, ())]


def bases_of(*urls: str) -> tuple[Base, ...]:
    """The base URLs at which links can lead to an instance."""
    found = dict.fromkeys(filter(None, (base_in(url) for url in urls)))
    return tuple(found)


def base_in(url: str) -> Base | None:
    """The base URL that a base URL has; None where it is none."""
    parts = _split(url)
    host = _host(parts) if parts else ""
    return Base(host, parts.path.rstrip("/").lower()) if parts and host else None


def place_of(url: str) -> tuple[Base | None, str]:
    """Where the page of an issue is, and the key of the issue in capitals. Nothing where a URL is not that of one."""
    parts = _split(url)
    found = _BROWSE.fullmatch(parts.path.rstrip("/")) if parts else None
    host = _host(parts) if parts else ""
    if not found or not host:
        return None, ""
    return Base(host, found["path"].lower()), unquote(found["key"]).upper()


def ids_in(global_id: str) -> tuple[str, str]:
    """The ids of the application link and of the issue in the global id of a link that Jira makes, or empty texts."""
    parts = dict(_PART.findall(global_id))
    return parts.get("appId", ""), parts.get("issueId", "")


def is_at(base: Base, bases: Iterable[Base]) -> bool:
    """Whether a page is at one of these Jiras."""
    return any(each.has(base) for each in bases)


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  (the property checks the port)
    except ValueError:
        return None
    return parts


def _host(parts: SplitResult) -> str:
    """A host as C(jira.example.com), and with its port where that is not the usual one."""
    host = (parts.hostname or "").removesuffix(".")
    return f"{host}:{parts.port}" if parts.port and parts.port != _DEFAULT_PORTS.get(parts.scheme) else host
