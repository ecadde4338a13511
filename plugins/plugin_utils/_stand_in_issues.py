# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of the stand-in's Data Center: projects, issues and links, in little memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import Any

#: Types of links: what each says on the side of the destination, and on that of the source.
LINK_TYPES = {
    "Blocks": ("is blocked by", "blocks"),
    "Cloners": ("is cloned by", "clones"),
    "Duplicate": ("is duplicated by", "duplicates"),
    "Relates": ("relates to", "relates to"),
}
_PROJECT_KEYS = {"site", "issues", "hidden", "archived"}


@dataclass
class Project:
    """A project. Its issues have the indexes from C(first) on, in the order of their numbers."""

    key: str
    #: Name of the instance that it was migrated to; None where it was not.
    site: str | None
    #: Of all its issues, ascending.
    numbers: Sequence[int]
    #: The account may not see it, nor links to its issues.
    is_hidden: bool = False
    #: No search knows it. Links to its issues are seen.
    is_archived: bool = False
    first: int = 0
    #: The numbers of the issues that a search finds, ascending.
    found: Sequence[int] = ()

    @property
    def is_listed(self) -> bool:
        """Whether the account is told that there is such a project."""
        return not self.is_hidden and not self.is_archived

    def index_of(self, number: int) -> int | None:
        """The index of the issue with this number, if there is one."""
        position = bisect_left(self.numbers, number)
        is_there = position < len(self.numbers) and self.numbers[position] == number
        return self.first + position if is_there else None


@dataclass(frozen=True)
class Link:
    """A link as one of its two issues has it."""

    link_id: int
    type: str
    other: int
    #: Whether the issue is the source of the link, and its phrase the outward one.
    is_outward: bool


@dataclass
class LinkTable:
    """All links: their sources and destinations are indexes of issues."""

    ids: Sequence[int]
    types: Sequence[str]
    #: For each link the position of its type.
    kinds: Sequence[int]
    sources: Sequence[int]
    destinations: Sequence[int]
    #: The numbers of the links of the first issue, then those of the second and so on; and where each begins.
    _order: array[int] = field(init=False)
    _begins: array[int] = field(init=False)

    def sort(self, issues: int) -> None:
        """Note which links each issue has.

        :param issues: how many there are.
        """
        counts = array("I", bytes(4 * (issues + 1)))
        for ends in (self.sources, self.destinations):
            for index in ends:
                counts[index + 1] += 1
        self._begins = array("I", accumulate(counts))
        free, self._order = self._begins[:], array("I", bytes(8 * len(self.ids)))
        for number, ends in enumerate(zip(self.sources, self.destinations, strict=True)):
            for index in ends:
                self._order[free[index]] = number
                free[index] += 1

    def of(self, index: int) -> Iterator[Link]:
        """The links of an issue."""
        for number in self._order[self._begins[index] : self._begins[index + 1]]:
            source, destination = self.sources[number], self.destinations[number]
            is_outward = source == index
            other = destination if is_outward else source
            yield Link(self.ids[number], self.types[self.kinds[number]], other, is_outward)


class Issues:
    """What a Data Center has, and what of it the account sees.

    :param parents: index of a sub-task -> that of its parent.
    :param epics: index of an issue -> that of its epic.
    """

    def __init__(
        self, projects: Sequence[Project], links: LinkTable, parents: dict[int, int], epics: dict[int, int]
    ) -> None:
        self.projects = {each.key: each for each in projects}
        self.link_types = dict(LINK_TYPES)
        self.links, self.parents, self.epics = links, parents, epics
        self._in_order = list(projects)
        self._firsts = [each.first for each in projects]
        #: Indexes of the issues that the account does not see, not even at the other end of a link.
        self._unseen: set[int] = set()
        links.sort(sum(len(each.numbers) for each in projects))

    def hide(self, keys: Iterable[str]) -> None:
        """Let the account no longer see these issues, nor links to them, as if they were deleted."""
        for key in keys:
            self._leave_out(key, is_seen=False)

    def archive(self, keys: Iterable[str]) -> None:
        """Let no search find these issues. Links to them are seen."""
        for key in keys:
            self._leave_out(key, is_seen=True)

    def find(self, key: str) -> int | None:
        """The index of an issue, if there is one with this key, whoever sees it."""
        project, _dash, number = key.rpartition("-")
        known = self.projects.get(project)
        return known.index_of(int(number)) if known and number.isascii() and number.isdigit() else None

    def index_of(self, key: str) -> int:
        """The index of an issue.

        :raises ValueError: there is none with this key.
        """
        index = self.find(key)
        if index is None:
            raise ValueError(f"there is no issue {key}")
        return index

    def sees(self, index: int) -> bool:
        """Whether the account sees an issue, be it at the other end of a link."""
        return index not in self._unseen and not self.project_of(index).is_hidden

    def project_of(self, index: int) -> Project:
        """The project of an issue."""
        return self._in_order[bisect_right(self._firsts, index) - 1]

    def key_of(self, index: int) -> str:
        """The key of an issue."""
        project = self.project_of(index)
        return f"{project.key}-{project.numbers[index - project.first]}"

    def every_link(self) -> Iterator[tuple[int, str, int, int]]:
        """Id, type, source and destination of each link, whoever sees it."""
        links = self.links
        for link_id, kind, source, destination in zip(
            links.ids, links.kinds, links.sources, links.destinations, strict=True
        ):
            yield link_id, links.types[kind], source, destination

    def _leave_out(self, key: str, *, is_seen: bool) -> None:
        index = self.index_of(key)
        project, number = self.project_of(index), int(key.rpartition("-")[2])
        project.found = [each for each in project.found if each != number]
        if not is_seen:
            self._unseen.add(index)


def placed(projects: Sequence[Project]) -> Sequence[Project]:
    """The projects, whose issues have got their indexes."""
    firsts = accumulate((len(each.numbers) for each in projects), initial=0)
    for project, first in zip(projects, firsts, strict=False):
        project.first = first
        project.found = project.numbers if project.is_listed else ()
    return projects


def issues_of(given: Mapping[str, Any]) -> Issues:
    """The data that a script lists.

    :param given: C(projects), C(links), C(sub_tasks), C(epics), C(link_types), see C(DataCenter).
    :raises ValueError: it makes no sense.
    """
    projects = placed([_project_of(key, values) for key, values in given.get("projects", {}).items()])
    link_types = {**LINK_TYPES, **{name: tuple(both) for name, both in given.get("link_types", {}).items()}}
    ids, kinds, sources, destinations = (list[int]() for each in range(4))
    issues = Issues(projects, LinkTable(ids, list(link_types), kinds, sources, destinations), {}, {})
    issues.link_types = link_types
    for link_id, name, source, destination in given.get("links", ()):
        if source == destination:
            raise ValueError(f"the link {link_id} leads from an issue to itself")
        ids.append(int(link_id))
        kinds.append(list(link_types).index(name))
        sources.append(issues.index_of(source))
        destinations.append(issues.index_of(destination))
    issues.links.sort(sum(len(each.numbers) for each in projects))
    for name, ends in (("sub_tasks", issues.parents), ("epics", issues.epics)):
        ends.update((issues.index_of(key), issues.index_of(other)) for key, other in given.get(name, {}).items())
    for key, values in given.get("projects", {}).items():
        issues.hide(_keys(key, values.get("hidden")))
        issues.archive(_keys(key, values.get("archived")))
    return issues


def _project_of(key: str, values: Mapping[str, Any]) -> Project:
    unknown = sorted(set(values) - _PROJECT_KEYS)
    if unknown:
        raise ValueError(f"project {key}: unknown: {', '.join(unknown)}; known are {', '.join(sorted(_PROJECT_KEYS))}")
    issues = values.get("issues", 0)
    numbers = range(1, issues + 1) if isinstance(issues, int) else sorted(issues)
    if any(one == other for one, other in pairwise(numbers)):
        raise ValueError(f"project {key}: an issue is there twice")
    return Project(key, values.get("site"), numbers, values.get("hidden") is True, values.get("archived") is True)


def _keys(project: str, numbers: Any) -> list[str]:
    return [f"{project}-{number}" for number in numbers] if isinstance(numbers, (list, tuple)) else []
