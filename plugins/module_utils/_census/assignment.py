# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which project of which source was migrated to which instance."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from .._model.federation import Federation, Member, Problem
from .._model.sources import Source, jira_members
from .._store.scope import Project
from .._text import names

#: A project: the server of its source, and its key.
_Project = tuple[str, str]


@dataclass(frozen=True)
class Assignment:
    """The projects of a federation."""

    projects: tuple[Project, ...] = ()
    #: The projects that no instance has, by the server of their source.
    outside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: The projects that a site lists and none of its sources knows, by the name of the instance.
    unknown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def assign(
    federation: Federation,
    sources: Sequence[Source],
    known: Mapping[str, Collection[str]],
    listed: Mapping[str, Sequence[str]],
    files: Collection[str] = (),
) -> Assignment:
    """Assign the projects that the user declares, and of the other instances those that both sides know.

    :param known: the keys of the projects of each source, by its server.
    :param listed: the keys of the projects of the sites that were asked, by the name of the instance.
    :param files: the servers that are read from files, which know only projects with links.
    """
    assigner = _Assigner(federation, sources, known, listed, files)
    projects = tuple(
        Project(server, key, str(federation.members[name].product_url))
        for (server, key), name in assigner.instances.items()
    )
    outside = {
        each.server: tuple(sorted(key for key in known[each.server] if (each.server, key) not in assigner.instances))
        for each in sources
    }
    return Assignment(projects, outside, assigner.unknown, tuple(assigner.problems))


class _Assigner:
    def __init__(
        self,
        federation: Federation,
        sources: Sequence[Source],
        known: Mapping[str, Collection[str]],
        listed: Mapping[str, Sequence[str]],
        files: Collection[str],
    ) -> None:
        self._named = federation.named
        self._known = known
        self._servers = {each.server for each in sources}
        members = dict(jira_members(federation))
        #: The instance that each project was migrated to.
        self.instances: dict[_Project, str] = dict(_declared(members, self._servers))
        self.problems: list[Problem] = []
        declared = set(self.instances)
        for name, keys in listed.items():
            self._assign(name, members[name], keys, declared)
        #: The projects that sites list and no source knows, by the name of the instance.
        self.unknown = {
            name: tuple(sorted(set(keys).difference(*(self._known[each] for each in self._servers_of(members[name])))))
            for name, keys in listed.items()
        }
        if not self.problems:
            self.problems += self._without_projects(sources, listed, files)

    def _servers_of(self, member: Member) -> list[str]:
        servers = dict.fromkeys(origin.server for origin in member.origins)
        return [each for each in servers if each in self._servers]

    def _assign(self, name: str, member: Member, keys: Sequence[str], declared: Collection[_Project]) -> None:
        """Assign the projects that a site lists."""
        servers = self._servers_of(member)
        for key in keys:
            found = [each for each in servers if key in self._known[each] and (each, key) not in declared]
            if len(found) > 1:
                self._problem(name, f"{key} is a project of {names(found)}, and nobody said which one was migrated")
            elif found and (other := self.instances.setdefault((found[0], key), name)) != name:
                self._problem(
                    name,
                    f"{key} is a project of this site and of {other}, but only one of them can have that of {found[0]}",
                )

    def _problem(self, name: str, what: str) -> None:
        option = self._named("projects")
        self.problems.append(Problem(name, what, f"set {option} to the keys that were migrated to this instance"))

    def _without_projects(
        self, sources: Sequence[Source], listed: Mapping[str, Sequence[str]], files: Collection[str]
    ) -> Iterator[Problem]:
        """An instance without any project would have no links, and the census would look complete."""
        for source in sources:
            own = {key: name for (server, key), name in self.instances.items() if server == source.server}
            if source.server in files and not own.keys() & set(self._known[source.server]):
                what = f"the file with the links of {source.server} has no project of the federation"
                yield Problem("", what, f"use the file of this server, or correct {self._named('projects')}")
                continue
            for name in source.instances:
                # In a file are the projects with links only. But each site has some project.
                may_have_none = source.server in files and listed.get(name, True)
                if name not in own.values() and not may_have_none:
                    yield Problem(
                        name,
                        f"no project of {source.server} is known to be at this site",
                        "give the account Browse projects there, or set "
                        f"{self._named('projects')} to the keys that were migrated to it",
                    )


def _declared(members: Mapping[str, Member], servers: Collection[str]) -> Iterator[tuple[_Project, str]]:
    """The projects that the user declares."""
    for name, member in members.items():
        for server, keys in (member.projects or {}).items():
            if server in servers:
                yield from (((server, key), name) for key in keys)
