# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The data of a Data Center that nobody listed: as much as is asked for, the same each time."""

from __future__ import annotations

import random
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, combinations, count, cycle
from math import gcd
from typing import Any
from urllib.parse import urlsplit

from ._stand_in_issues import LINK_TYPES, Issues, LinkTable, Project, placed

_GENERATE_KEYS = {"seed", "projects", "issues", "links", "local", "epics", "sub_tasks"}
_FIRST_LINK_ID = 10000
#: A project of no instance, and how many issues each of the rehearsal's projects has, and it.
_OUTSIDE = "OLD"
_REHEARSAL_ISSUES, _OUTSIDE_ISSUES = 40, 12
#: How many links the pairs of instances have in a rehearsal, in turn: 20 between four instances. Two projects that are
#: not of such a pair have some as well, which are not counted.
_LINKS, _OTHER_LINKS = (5, 7, 0, 5, 3, 0), 2

#: Two projects, by their position, and how many links there are between them.
Between = tuple[int, int, int]


def generated(given: Mapping[str, Any]) -> Issues:
    """Data as large as a script asks for.

    :param given: C(generate) of the script, see C(DataCenter).
    :raises ValueError: it makes no sense.
    """
    unknown = sorted(set(given) - _GENERATE_KEYS)
    if unknown:
        raise ValueError(f"generate: unknown: {', '.join(unknown)}; known are {', '.join(sorted(_GENERATE_KEYS))}")
    sites: Mapping[str, str | None] = given["projects"]
    each, rest = divmod(given["issues"], len(sites))
    projects = [
        Project(key, site, range(1, each + (position < rest) + 1)) for position, (key, site) in enumerate(sites.items())
    ]
    pairs = [
        (one, other)
        for one, other in combinations(range(len(projects)), 2)
        if given.get("local") or projects[one].site != projects[other].site
    ]
    issues = _issues(projects, _shared(given["links"], pairs), given.get("seed", 1))
    for name, ends in (("epics", issues.epics), ("sub_tasks", issues.parents)):
        ends.update(_children(given.get(name, 0), projects, anywhere=name == "epics"))
    return issues


def _shared(links: int, pairs: Sequence[tuple[int, int]]) -> list[Between]:
    """Links, shared out among pairs of projects."""
    share, rest = divmod(links, len(pairs) or 1)
    return [(one, other, share + (position < rest)) for position, (one, other) in enumerate(pairs)]


def rehearsed(sites: Mapping[str, Mapping[str, Any]]) -> dict[str, Issues]:
    """A small Data Center for each origin of these sites, by its base URL.

    :param sites: those of a script; C(migrated_from), C(migrated_from_override) and C(projects) as in the inventory.
    """
    servers: dict[str, dict[str, str | None]] = {}
    for name, site in sites.items():
        if urlsplit(site["product_url"]).path.strip("/") == "wiki":
            continue
        for url, server in _origins_of(site):
            projects = servers.setdefault(server, {})
            keys = _given_keys(site.get("projects"), {url, server}) or _keys_like(name, projects)
            projects.update(dict.fromkeys(keys, name))
    return {server: _rehearsed(projects) for server, projects in servers.items()}


def _rehearsed(sites: dict[str, str | None]) -> Issues:
    projects = [Project(key, site, range(1, _REHEARSAL_ISSUES + 1)) for key, site in sites.items()]
    projects.append(Project(_free(_OUTSIDE, sites), None, range(1, _OUTSIDE_ISSUES + 1)))
    wanted = dict(zip(combinations(dict.fromkeys(sites.values()), 2), cycle(_LINKS)))
    cells: dict[tuple[str | None, str | None], list[tuple[int, int]]] = {}
    for one, other in combinations(range(len(projects)), 2):
        cells.setdefault((projects[one].site, projects[other].site), []).append((one, other))
    between = [
        each for pair, places in cells.items() for each in _shared(wanted.get(pair, _OTHER_LINKS * len(places)), places)
    ]
    issues = _issues(projects, between, 1)
    issues.epics.update(_children(6, projects, anywhere=True))
    issues.parents.update(_children(9, projects, anywhere=False))
    return issues


def _origins_of(site: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The URL of each origin of a site, and the base URL that its links had."""
    given = site.get("migrated_from") or ()
    for origin in given if isinstance(given, (list, tuple)) else [given]:
        fields = origin if isinstance(origin, Mapping) else {"url": origin}
        url = str(fields.get("url") or "").rstrip("/")
        yield url, str(fields.get("override") or site.get("migrated_from_override") or url).rstrip("/")


def _given_keys(given: Any, urls: Collection[str]) -> list[str]:
    """The keys of a site's projects of the origin with one of these URLs, as far as somebody gave them."""
    if isinstance(given, Mapping):
        given = next((keys for url, keys in given.items() if str(url).rstrip("/") in urls), None)
    return [str(key) for key in given] if isinstance(given, (list, tuple)) else []


def _keys_like(name: str, taken: Iterable[str]) -> list[str]:
    """Two keys of projects that look like the name of an instance."""
    letters = "".join(each for each in name.upper() if each.isascii() and each.isalnum()).lstrip("0123456789")[:6]
    first = _free(f"{letters or 'P'}A", taken)
    return [first, _free(f"{letters or 'P'}B", [*taken, first])]


def _free(key: str, taken: Iterable[str]) -> str:
    return next(each for each in chain([key], (f"{key}{number}" for number in count(2))) if each not in taken)


def _issues(projects: Sequence[Project], between: Iterable[Between], seed: int) -> Issues:
    placed(projects)
    sources, destinations = array("I"), array("I")
    for one, other, links in between:
        for source, destination in _ends(projects[one], projects[other], links, seed):
            sources.append(source)
            destinations.append(destination)
    types = list(LINK_TYPES)
    kinds = bytes(range(len(types))) * (len(sources) // len(types) + 1)
    ids = range(_FIRST_LINK_ID, _FIRST_LINK_ID + len(sources))
    table = LinkTable(ids, types, kinds[: len(sources)], sources, destinations)
    return Issues(projects, table, {}, {})


def _ends(one: Project, other: Project, links: int, seed: int) -> Iterator[tuple[int, int]]:
    """The ends of links between two projects, never the same two twice: all pairs of their issues are one round."""
    width, cells = len(other.numbers), len(one.numbers) * len(other.numbers)
    if links > cells:
        raise ValueError(f"there are not {links} pairs of issues of {one.key} and {other.key}")
    chance = random.Random(f"{seed} {one.key} {other.key}")  # noqa: S311
    cell = chance.randrange(cells) if cells else 0
    step = next((each for each in iter(lambda: chance.randrange(cells) + 1, None) if gcd(each, cells) == 1), 1)
    for number in range(links):
        source, destination = one.first + cell // width, other.first + cell % width
        yield (destination, source) if number % 2 else (source, destination)
        cell = (cell + step) % cells


def _children(wanted: int, projects: Sequence[Project], *, anywhere: bool) -> dict[int, int]:
    """So many issues, and for each another one that is its epic or its parent.

    :param anywhere: whether that may be in another project.
    """
    issues = sum(len(each.numbers) for each in projects)
    own = {
        project.first + position: project.first
        for project in projects
        for position in range(1, len(project.numbers), max(1, (issues - len(projects)) // max(1, wanted)))
    }
    chosen = list(own.items())[:wanted]
    return {child: (parent + issues // 2) % issues if anywhere and child % 2 else parent for child, parent in chosen}
