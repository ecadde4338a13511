# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources of a census: the Data Center instances that the Jira sites of a federation came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import permutations
from typing import Any

from .._errors import InvalidOption
from .._text import listed
from .._urls import JIRA, product_of
from .federation import Federation, Member
from .origin import origin_url


@dataclass(frozen=True)
class Source:
    """One Jira server, as the links had it."""

    #: Its base URL.
    server: str
    #: The URLs of the copies of it that were migrated, itself among them where it was.
    copies: tuple[str, ...]
    #: The names of the Jira instances that have data of it.
    instances: tuple[str, ...]


def sources_of(federation: Federation) -> list[Source]:
    """The sources of a federation. One that was a cloud site is none: a census reads Data Center instances."""
    copies: dict[str, dict[str, None]] = {}
    instances: dict[str, dict[str, None]] = {}
    for name, member in jira_members(federation):
        for origin in member.origins:
            if not origin.is_cloud:
                copies.setdefault(origin.server, {})[origin.url] = None
                instances.setdefault(origin.server, {})[name] = None
    return [Source(server, tuple(copies[server]), tuple(instances[server])) for server in copies]


def jira_members(federation: Federation) -> Iterator[tuple[str, Member]]:
    """The Jira instances of a federation: those of Confluence have no issues."""
    for name, member in federation.members.items():
        if member.product_url and product_of(member.product_url) == JIRA:
            yield name, member


def pairs_of(source: Source) -> Iterator[tuple[str, str]]:
    """The ordered pairs of instances that links of a source can be between."""
    yield from permutations(source.instances, 2)


def given_by_source(variable: str, given: Any, sources: list[Source]) -> dict[str, Any]:
    """What a user gave, by the server of the source that it is for.

    :param given: one value for the only source; or, for several, a mapping from their URLs to values.
    :raises InvalidOption: it cannot be told for which source a value is.
    """
    if isinstance(given, Mapping):
        servers = {url: each.server for each in sources for url in (*each.copies, each.server)}
        found = {}
        for name, value in given.items():
            url = origin_url(variable, name, [])
            if url not in servers:
                raise InvalidOption(
                    f"{variable} has {url}, which is not an origin of the federation",
                    f"use {listed([each.server for each in sources])}",
                )
            found[servers[url]] = value
        return found
    return dict.fromkeys((each.server for each in sources), given)


def only_source(variable: str, given: Any, sources: list[Source], environment: str = "") -> None:
    """Refuse one value that cannot be for several sources.

    :param environment: where else the value may come from, as messages call it.
    :raises InvalidOption: it is one.
    """
    if len(sources) > 1 and not isinstance(given, Mapping):
        raise InvalidOption(
            f"{variable}{environment} is one value, but the federation has {len(sources)} sources",
            f"set {variable} to a dictionary with a value for each of {listed([each.server for each in sources])}",
        )
