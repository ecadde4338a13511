# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation: the instances that one or more Data Center instances were split into."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from .._errors import InvalidOption, sentence
from .._naming import ROLE, Naming
from .._text import harmless, is_visible
from .._urls import cloud_id, page_notice, product_url
from .origin import Origin, origin_url, origins_in
from .projects import Projects, projects_in
from .window import migration_end

_T = TypeVar("_T")

#: What an instance is known by. The inventory variable of each has the prefix of the role.
KEYS = ("product_url", "site_id", "migrated_from", "migrated_from_override", "migrated_at", "projects", "aliases")
_REQUIRED = frozenset({"product_url", "migrated_from"})


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
    """One instance of a federation, its URLs normalised. What is missing or wrong is None or empty, and a problem."""

    product_url: str | None = None
    site_id: str | None = None
    origins: tuple[Origin, ...] = ()
    #: When the migration to it ended; None where nobody said so.
    migrated_at: datetime | None = None
    #: The projects that were migrated to it; None where nobody said so, and its site knows.
    projects: Projects | None = None
    #: Other base URLs that links to it may have.
    aliases: tuple[str, ...] = ()

    def migration_end(self, server: str) -> datetime | None:
        """When the migration from a server to it ended, as far as somebody said so."""
        ends = [each.migrated_at for each in self.origins if each.server == server and each.migrated_at]
        return min(ends, default=self.migrated_at)


@dataclass(frozen=True)
class Federation:
    """The instances by name, and what there is to say of what was given of them."""

    members: Mapping[str, Member]
    problems: tuple[Problem, ...] = ()
    #: What a user should know, and may be right. Each begins with the name of an instance.
    notices: tuple[str, ...] = ()
    #: What messages call the options that it was given by.
    named: Naming = ROLE

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
    return {name: {key: hostvars[name].get(ROLE(key)) for key in KEYS} for name in names}


def parse_federation(given: Mapping[str, Any], named: Naming = ROLE) -> Federation:
    """The federation that a user described: for each name a mapping with some of L(KEYS)."""
    readers = [_Reader(name, values if isinstance(values, Mapping) else {}, named) for name, values in given.items()]
    members = {each.name: each.member() for each in readers}
    problems = [problem for each in readers for problem in each.problems]
    notices = tuple(f"{each.name}: {notice}" for each in readers for notice in each.notices)
    shared = (*_shared_urls(members, named), *_shared_projects(members, named))
    return Federation(members, (*problems, *shared), notices, named)


def complete(federation: Federation) -> Federation:
    """The same federation, if nothing is wrong with it.

    :raises InvalidOption: every problem found, one to a line.
    """
    if federation.problems:
        lines = "\n".join(each.message for each in federation.problems)
        raise InvalidOption(f"nothing was sent. The federation is not complete:\n{lines}")
    return federation


@dataclass
class _Reader:
    """Reads what was given of one instance."""

    name: str
    values: Mapping[str, Any]
    named: Naming
    problems: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def member(self) -> Member:
        name = str(self.name)
        if not is_visible(name):
            self._problem("its name has an invisible character in it", "give it another name")
        # Two pairs could have one label then, and the report and link_update_only tell pairs apart by their labels.
        if reserved := next((each for each in ("->", "(from ") if each in name), None):
            self._problem(
                f"its name has '{reserved.strip()}' in it, which only labels of pairs have", "give it another name"
            )
        for key in self.values:
            # An override that is misspelt would be left out, and the run be green.
            if key not in KEYS:
                what = f"{self.named('federation')} has the unknown key {harmless(str(key))}"
                self._problem(what, f"the keys are {', '.join(KEYS)}")
        url, site_id, origins = (
            self._read("product_url", self._product_url),
            self._read("site_id", cloud_id),
            self._origins(),
        )
        return Member(
            product_url=url,
            site_id=site_id,
            origins=origins,
            migrated_at=self._read("migrated_at", migration_end),
            # Without origins, nobody can tell which they are of.
            projects=self._read("projects", partial(self._projects, origins)) if origins else None,
            aliases=self._read("aliases", self._aliases) or (),
        )

    def _read(self, key: str, rule: Callable[[str, str], _T]) -> _T | None:
        """A value that a rule accepts, or None."""
        value = self.values.get(key)
        try:
            return rule(self.named(key), str(value)) if self._is_set(key) else None
        except InvalidOption as exc:
            self._problem(exc.failure.what, exc.failure.advice or "correct it")
            return None

    def _is_set(self, key: str) -> bool:
        if self.values.get(key):
            return True
        if key in _REQUIRED:
            self._problem(f"{self.named(key)} is not set", "set it for this instance")
        return False

    def _product_url(self, variable: str, given: str) -> str:
        used = product_url(variable, given)
        if notice := page_notice(variable, given, used):
            self.notices.append(notice)
        return used

    def _override(self, variable: str, given: str) -> str:
        return origin_url(variable, given, self.notices)

    def _origins_given(self, variable: str, _text: str) -> tuple[Origin, ...]:
        # Not the text: it may be a list.
        return origins_in(variable, self.values["migrated_from"], self.notices)

    def _projects(self, origins: Sequence[Origin], variable: str, _text: str) -> Projects:
        return projects_in(variable, self.values["projects"], origins)

    def _aliases(self, variable: str, _text: str) -> tuple[str, ...]:
        given = self.values["aliases"]
        each_given = given if isinstance(given, (list, tuple)) else [given]
        return tuple(dict.fromkeys(self._product_url(variable, str(each)) for each in each_given))

    def _origins(self) -> tuple[Origin, ...]:
        origins = self._read("migrated_from", self._origins_given) or ()
        override = self._read("migrated_from_override", self._override)
        if not override or not origins:
            return origins
        if len(origins) == 1 and not origins[0].override:
            return (replace(origins[0], override=override),)
        self._problem(
            f"{self.named('migrated_from_override')} is set, but {self.named('migrated_from')} is a list",
            "move it into the entry that it belongs to, as override",
        )
        return ()

    def _problem(self, problem: str, remedy: str) -> None:
        self.problems.append(Problem(self.name, problem, remedy))


def _shared_urls(members: Mapping[str, Member], named: Naming) -> list[Problem]:
    """Two instances with one URL are one instance with two names, which nobody can want."""
    first: dict[str, str] = {}
    return [
        Problem(name, f"{named('product_url')} {url} is also the URL of {first[url]}", "correct one of the two")
        for name, member in members.items()
        if (url := member.product_url) and first.setdefault(url, name) != name
    ]


def _shared_projects(members: Mapping[str, Member], named: Naming) -> Iterator[Problem]:
    """A project was migrated to one site only."""
    first: dict[tuple[str, str], str] = {}
    for name, member in members.items():
        for server, keys in (member.projects or {}).items():
            for key in keys:
                if (other := first.setdefault((server, key), name)) != name:
                    what = f"{named('projects')} has {key} of {server}, which {other} has as well"
                    yield Problem(name, what, "remove it from the one that it was not migrated to")
