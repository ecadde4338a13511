# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of the remote links that the stand-in's jobs make: which are left out, stale, double, or removed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum, auto
from hashlib import blake2b

from ._stand_in_issues import Issues
from ._stand_in_script import Script

#: An issue and the one that it links to, by their keys.
Ends = tuple[str, str]


class Fate(Enum):
    """What becomes of a remote link."""

    #: No job makes it.
    LEFT_OUT = auto()
    #: It still leads to the Data Center.
    STALE = auto()
    #: It is there twice.
    DOUBLE = auto()
    #: A job makes it, and then somebody removes it.
    REMOVED = auto()


class Fates:
    """What becomes of each remote link.

    :param data_centers: the data that the sites were migrated from, by where the server is.
    :raises ValueError: the script asks for what is not there.
    """

    def __init__(self, script: Script, data_centers: Mapping[str, Issues]) -> None:
        self._data_centers = data_centers
        #: By the site, the issue and the target.
        self._known: dict[tuple[str, str, str], Fate] = {}
        for site, issue, target in script.removed:
            self._known[site, issue, target] = Fate.REMOVED
        wanted = self._wanted(script)
        ends = {pair: sorted(found, key=lambda each: number_of(*each)) for pair, found in self._ends(wanted).items()}
        # What is named comes first, so that chance does not choose it for something else.
        for is_number in (False, True):
            for pair, fate, asked in _asked(wanted):
                if isinstance(asked, int) is is_number:
                    self._settle(pair, fate, ends.get(pair, []), asked)
        self._check_removed(script.removed)

    def of(self, site: str, issue: str, target: str) -> Fate | None:
        """What becomes of the link from an issue at a site; None for one that is as it should be."""
        return self._known.get((site, issue, target))

    def _wanted(self, script: Script) -> dict[str, dict[Fate, int | Collection[Ends]]]:
        wanted: defaultdict[str, dict[Fate, int | Collection[Ends]]] = defaultdict(dict)
        left_out = script.leave_out
        if isinstance(left_out, int):
            pair, there = self._first_pair(left_out, list(script.sites))
            left_out = {pair: there} if there else {}
        for fate, pairs in ((Fate.LEFT_OUT, left_out), (Fate.STALE, script.stale), (Fate.DOUBLE, script.double)):
            for pair, asked in pairs.items():
                wanted[pair][fate] = asked if isinstance(asked, int) else [(each[0], each[1]) for each in asked]
        return wanted

    def _first_pair(self, number: int, names: Collection[str]) -> tuple[str, int]:
        """The first pair that has so many links, or else the one with the most; and how many of these."""
        pairs = {f"{one} -> {other}": None for one in names for other in names if one != other}
        found = self._ends(pairs)
        there = {pair: min(number, len(found.get(pair, ()))) for pair in pairs}
        return max(there.items(), key=lambda each: each[1], default=("", 0))

    def _ends(self, pairs: Collection[str]) -> dict[str, set[Ends]]:
        """The links that the jobs of these pairs are to make."""
        found: defaultdict[str, set[Ends]] = defaultdict(set)
        if pairs:
            for issues in self._data_centers.values():
                for index, other in both_ways(issues):
                    pair = f"{issues.project_of(index).site} -> {issues.project_of(other).site}"
                    if pair in pairs:
                        found[pair].add((issues.key_of(index), issues.key_of(other)))
        return found

    def _settle(self, pair: str, fate: Fate, every: Collection[Ends], asked: int | Collection[Ends]) -> None:
        """Choose links of a pair: those that are named, or so many by chance, the same each time."""
        site = pair.partition(" -> ")[0]
        if isinstance(asked, int):
            free = [ends for ends in every if (site, *ends) not in self._known]
            if len(free) < asked:
                raise ValueError(f"{pair}: {asked} links cannot be {_word(fate)}, only {len(free)} are left")
            asked = free[:asked]
        for ends in asked:
            if ends not in every:
                raise ValueError(f"{pair}: {' -> '.join(ends)} cannot be {_word(fate)}, no job of the pair makes it")
            self._known[(site, *ends)] = fate

    def _check_removed(self, rows: Iterable[tuple[str, str, str]]) -> None:
        for site, issue, target in rows:
            linked = (
                issues.key_of(link.other)
                for issues in self._data_centers.values()
                if (index := issues.find(issue)) is not None and issues.project_of(index).site == site
                for link in issues.links.of(index)
                if issues.project_of(link.other).site not in (None, site)
            )
            if target not in linked:
                raise ValueError(f"removed: {site} has no issue {issue} with a link to {target} at another site")


def both_ways(issues: Issues) -> Iterator[tuple[int, int]]:
    """The indexes of both ends of each link, once from each side."""
    for _link_id, _type, source, destination in issues.every_link():
        yield source, destination
        yield destination, source


def number_of(*names: str) -> int:
    """A number that is always the same, and another one for each name."""
    return int.from_bytes(blake2b("\0".join(names).encode(), digest_size=6).digest(), "big")


def _asked(
    wanted: Mapping[str, Mapping[Fate, int | Collection[Ends]]],
) -> Iterator[tuple[str, Fate, int | Collection[Ends]]]:
    for pair, fates in wanted.items():
        for fate, asked in fates.items():
            yield pair, fate, asked


def _word(fate: Fate) -> str:
    return fate.name.lower().replace("_", " ")
