# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation: the instances that one Data Center instance was split into, and the pairs they form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidOption, sentence
from .._text import is_visible
from .._urls import base_url, cloud_id, site_url

#: What an instance is known by, and the inventory variable each comes from.
VARIABLES = {
    "product_url": "link_update_product_url",
    "site_id": "link_update_site_id",
    "migrated_from": "link_update_migrated_from",
    "migrated_from_override": "link_update_migrated_from_override",
}
_OPTIONAL = frozenset({"site_id", "migrated_from_override"})
_RULES: dict[str, Callable[[str, str], str]] = {"product_url": site_url, "site_id": cloud_id}


@dataclass(frozen=True)
class Problem:
    """Something that keeps a federation from being updated."""

    #: Empty where it is about all of them.
    instance: str
    problem: str
    remedy: str

    @property
    def message(self) -> str:
        """The problem as a sentence."""
        return sentence(self.problem, self.remedy, about=self.instance)


@dataclass(frozen=True)
class Member:
    """One instance of a federation, its URLs normalised. What is missing or wrong is None, and a problem."""

    product_url: str | None = None
    site_id: str | None = None
    migrated_from: str | None = None
    migrated_from_override: str | None = None


@dataclass(frozen=True)
class Federation:
    """The instances by name, and every problem with what is known of them."""

    members: Mapping[str, Member]
    problems: tuple[Problem, ...] = ()

    @property
    def names(self) -> list[str]:
        return list(self.members)


def federation_of(names: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """What the variables of inventory hosts say of a federation, as they are.

    :param names: the hosts.
    :param hostvars: their variables.
    :raises InvalidOption: there are none.
    """
    if not names:
        raise InvalidOption("the group of the federated instances has no hosts")
    return {name: {key: hostvars[name].get(variable) for key, variable in VARIABLES.items()} for name in names}


def parse_federation(given: Mapping[str, Any]) -> Federation:
    """The federation that a user described: for each name a mapping with the keys of L(VARIABLES)."""
    members: dict[str, Member] = {}
    problems: list[Problem] = []
    for name, values in given.items():
        members[name], found = _member(name, values if isinstance(values, Mapping) else {})
        problems += found
    return Federation(members, (*problems, *_shared_urls(members)))


def complete(federation: Federation) -> Federation:
    """The same federation, if nothing is wrong with it.

    :raises InvalidOption: every problem found, one to a line.
    """
    if federation.problems:
        lines = "\n".join(each.message for each in federation.problems)
        raise InvalidOption(f"the federation is not complete, nothing was sent:\n{lines}")
    return federation


def destinations_of(federation: Federation, product: str, destinations: Sequence[str] | None = None) -> list[str]:
    """The names of the destinations of one instance, each once, in their order.

    :param product: the name of the instance whose links are updated.
    :param destinations: names; all the others of the federation if None. The product itself is allowed: local links.
    """
    if destinations is None:
        return [name for name in federation.members if name != product]
    return list(dict.fromkeys(destinations))


def label_of(product: str, destination: str) -> str:
    """What messages call a pair."""
    return f"{product} -> {destination}"


def pairs_of(
    given: Mapping[str, Mapping[str, Any]],
    product: str,
    destinations: Sequence[str] | None = None,
    backup: str = "never",
) -> list[dict[str, Any]]:
    """The updates of one instance, as the filter C(pairs) gives them: one for each destination.

    :param given: see L(parse_federation).
    :param product, destinations: see L(destinations_of).
    :param backup: C(first), C(always) or C(never): which of them order a backup.
    :raises InvalidOption: a name is not in the federation, or the federation is not complete.
    """
    federation = complete(parse_federation(given))
    names = destinations_of(federation, product, destinations)
    for name in (product, *names):
        if name not in federation.members:
            raise InvalidOption(f"{name} is not in the federation, which has {', '.join(federation.names)}")
    return [
        {
            "label": label_of(product, name),
            "destination": name,
            "destination_url": federation.members[name].product_url,
            "migrated_from": federation.members[name].migrated_from,
            "migrated_from_override": federation.members[name].migrated_from_override,
            "create_backup": backup == "always" or (backup == "first" and index == 0),
        }
        for index, name in enumerate(names)
    ]


def _member(name: str, values: Mapping[str, Any]) -> tuple[Member, list[Problem]]:
    known: dict[str, str] = {}
    problems = []
    if not all(map(is_visible, str(name))):
        problems.append(Problem(name, "its name has a character in it that cannot be seen", "give it another name"))
    for key, variable in VARIABLES.items():
        value = values.get(key)
        if value:
            try:
                known[key] = _RULES.get(key, base_url)(variable, str(value))
            except InvalidOption as exc:
                problems.append(Problem(name, exc.failure.what, exc.failure.advice))
        elif key not in _OPTIONAL:
            problems.append(Problem(name, f"{variable} is not set", "set it for this host of the inventory"))
    return Member(**known), problems


def _shared_urls(members: Mapping[str, Member]) -> list[Problem]:
    """Two instances with one URL are one instance with two names: a slip of the pen."""
    first: dict[str, str] = {}
    return [
        Problem(name, f"link_update_product_url {url} is that of {first[url]}, too", "correct one of the two")
        for name, member in members.items()
        if (url := member.product_url) and first.setdefault(url, name) != name
    ]
