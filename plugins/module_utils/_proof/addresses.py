# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The base URLs at which the links of a federation may lead to its instances, and those that they had before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .._model.federation import Federation
from .._model.sources import Source, jira_members
from .matching import Base, bases_of, is_at, place_of


@dataclass(frozen=True)
class Addresses:
    """The base URLs of a federation."""

    #: By the product URL of an instance: its own, and its aliases.
    instances: Mapping[str, tuple[Base, ...]]
    #: By the server of a source: its own, and those of the copies of it that were migrated.
    sources: Mapping[str, tuple[Base, ...]]

    def place_of(self, url: str) -> str:
        """What is at the address of an issue; empty where that is not known."""
        base, _key = place_of(url)
        places = {"instance of the federation": self.instances, "Data Center instance": self.sources}
        known = (what for what, found in places.items() for bases in found.values() if base and is_at(base, bases))
        return next(known, "")


def addresses_of(federation: Federation, sources: Sequence[Source]) -> Addresses:
    """The base URLs of a federation."""
    return Addresses(
        {
            str(member.product_url): bases_of(str(member.product_url), *member.aliases)
            for _name, member in jira_members(federation)
        },
        {each.server: bases_of(each.server, *each.copies) for each in sources},
    )
