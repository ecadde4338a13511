# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation: the instances that one Data Center instance was split into, and the pairs they form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import InvalidOption
from .._urls import base_url, cloud_id, site_url

#: What an instance is known by, and the inventory variable each comes from.
VARIABLES = {
    "product_url": "link_update_product_url",
    "site_id": "link_update_site_id",
    "migrated_from": "link_update_migrated_from",
    "migrated_from_override": "link_update_migrated_from_override",
}
_OPTIONAL = frozenset({"site_id", "migrated_from_override"})
_CHECKS: dict[str, Callable[[str, str], str]] = {"product_url": site_url, "site_id": cloud_id}

Member = dict[str, "str | None"]


@dataclass(frozen=True)
class Problem:
    """Something that keeps a federation from being updated."""

    #: Empty where it is about all of them.
    instance: str
    problem: str
    remedy: str


def federation_of(names: Sequence[str], hostvars: Mapping[str, Mapping[str, Any]]) -> dict[str, Member]:
    """The federation that inventory hosts form, as their variables have it.

    :param names: the hosts.
    :param hostvars: their variables.
    :raises InvalidOption: there are none.
    """
    if not names:
        raise InvalidOption("the group of the federated instances has no hosts")
    return {name: {key: hostvars[name].get(variable) for key, variable in VARIABLES.items()} for name in names}


def normalised(federation: Mapping[str, Mapping[str, Any]]) -> tuple[dict[str, Member], list[Problem]]:
    """The instances, normalised, and every problem there is with what is known of them. What is wrong is None."""
    problems: list[Problem] = []
    instances: dict[str, Member] = {}
    for name, given in federation.items():
        instance: Member = {}
        for key, variable in VARIABLES.items():
            value = given.get(key) if isinstance(given, Mapping) else None
            instance[key] = None
            if not value:
                if key not in _OPTIONAL:
                    problems.append(Problem(name, f"{variable} is not set", "set it for this host of the inventory"))
                continue
            try:
                instance[key] = _CHECKS.get(key, base_url)(variable, str(value))
            except InvalidOption as exc:
                problems.append(Problem(name, exc.message, "correct it in the inventory"))
        instances[name] = instance
    return instances, problems + _shared_urls(instances)


def checked(federation: Mapping[str, Mapping[str, Any]]) -> dict[str, Member]:
    """A federation whose members are complete and have sensible, different URLs, normalised.

    :raises InvalidOption: every problem found, one to a line.
    """
    instances, problems = normalised(federation)
    if problems:
        lines = "\n".join(f"{each.instance}: {each.problem}" for each in problems)
        raise InvalidOption(f"the federation is not complete, nothing was sent:\n{lines}")
    return instances


def pairs_of(
    federation: Mapping[str, Mapping[str, Any]],
    product: str,
    destinations: Sequence[str] | None = None,
    backup: str = "never",
) -> list[dict[str, Any]]:
    """The updates of one instance: one for each destination, in the order of the destinations.

    :param product: the name of the instance whose links are updated.
    :param destinations: names; all the others of the federation if None. The product itself is allowed: local links.
    :param backup: C(first), C(always) or C(never): which of them carry the order for a backup.
    :raises InvalidOption: a name is not in the federation.
    """
    instances = checked(federation)
    names = (
        [name for name in instances if name != product] if destinations is None else list(dict.fromkeys(destinations))
    )
    for name in (product, *names):
        if name not in instances:
            raise InvalidOption(f"{name} is not in the federation, which has {', '.join(instances)}")
    return [
        {
            "label": f"{product} -> {name}",
            "destination": name,
            "destination_url": instances[name]["product_url"],
            "migrated_from": instances[name]["migrated_from"],
            "migrated_from_override": instances[name]["migrated_from_override"],
            "create_backup": backup == "always" or (backup == "first" and index == 0),
        }
        for index, name in enumerate(names)
    ]


def _shared_urls(instances: Mapping[str, Member]) -> list[Problem]:
    """Two instances of one URL are one instance with two names: a slip of the pen."""
    first: dict[str, str] = {}
    return [
        Problem(name, f"link_update_product_url {url} is that of {first[url]}, too", "correct one of the two")
        for name, instance in instances.items()
        if (url := instance.get("product_url")) and first.setdefault(url, name) != name
    ]
