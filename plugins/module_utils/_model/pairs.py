# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pairs of a federation: from each instance to each other one, once for each origin that the other one has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidOption
from .._urls import JIRA, product_of
from .federation import Federation, complete, parse_federation
from .origin import Origin, names_of


@dataclass(frozen=True)
class Pair:
    """One instance whose links are updated, one that they point to, and where the data of that one came from."""

    product: str
    destination: str
    origin: Origin
    #: What people call the origin; empty where the destination has no other.
    origin_name: str = ""

    @property
    def label(self) -> str:
        """What messages call it: C(eu -> us), or C(eu -> us (from jira.example.com))."""
        return label_of(self.product, self.destination, self.origin_name)


def label_of(product: str, destination: str, origin_name: str = "") -> str:
    """What messages call a pair."""
    return f"{product} -> {destination}" + (f" (from {origin_name})" if origin_name else "")


def pairs_between(federation: Federation, product: str, destination: str) -> Iterator[Pair]:
    """The pairs of two instances of a federation, one for each origin of the destination."""
    origins = federation.members[destination].origins
    shown = names_of((each.url, each.override) for each in origins) if len(origins) > 1 else {}
    for each in origins:
        yield Pair(product, destination, each, shown.get((each.url, each.override), ""))


def destinations_of(federation: Federation, product: str, destinations: Sequence[str] | None = None) -> list[str]:
    """The names of the destinations of one instance, each once, in their order.

    :param product: the name of the instance whose links are updated.
    :param destinations: names; all the others of the federation if None. The product itself is allowed: local links.
    """
    if destinations is None:
        return [name for name in federation.members if name != product]
    return list(dict.fromkeys(destinations))


def pairs_of(
    given: Mapping[str, Mapping[str, Any]],
    product: str,
    destinations: Sequence[str] | None = None,
    backup: str = "never",
) -> list[dict[str, Any]]:
    """The updates of one instance, as the filter C(pairs) gives them: one for each origin of each destination.

    :param given: see L(parse_federation).
    :param product, destinations: see L(destinations_of).
    :param backup: C(first), C(always) or C(never): which of them order a backup, where the product is Jira.
    :raises InvalidOption: a name is not in the federation, or the federation is not complete.
    """
    federation = complete(parse_federation(given))
    names = destinations_of(federation, product, destinations)
    for name in (product, *names):
        if name not in federation.members:
            raise InvalidOption(f"{name} is not in the federation ({', '.join(federation.names)})")
    is_jira = product_of(str(federation.members[product].product_url)) == JIRA
    pairs = [pair for name in names for pair in pairs_between(federation, product, name)]
    return [
        {
            "label": pair.label,
            "destination": pair.destination,
            "destination_url": federation.members[pair.destination].product_url,
            "migrated_from": pair.origin.url,
            "migrated_from_override": pair.origin.override,
            "create_backup": is_jira and (backup == "always" or (backup == "first" and index == 0)),
        }
        for index, pair in enumerate(pairs)
    ]
