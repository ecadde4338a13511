# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Origins that may have a typing error, because they are like others."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain

#: How alike two URLs are that differ by a typing error: one letter in twenty, or two letters in each other's place.
_ALIKE = 0.9
#: Shorter words that differ by a letter are different words, as C(eu) and C(us) are.
_SHORTEST = 3
#: Another letter makes another word of one that is shorter: C(east) and C(west), C(acme) and C(acne).
_SHORTEST_REPLACED = 5


@dataclass(frozen=True)
class Misspelt:
    """An origin that only one instance has, and that is like one of others."""

    instance: str
    server: str
    other: str
    #: The instance with the other origin; empty where several have it.
    other_instance: str = ""

    @property
    def hint(self) -> str:
        """What a user should look at again."""
        whose = self.other_instance or "other instances"
        question = "Is one of them a typing error?" if self.other_instance else "Is it a typing error?"
        return f"{self.instance}: its origin is {self.server}, and that of {whose} is {self.other}. {question}"


def misspelt(origins: Mapping[str, Sequence[str]]) -> list[Misspelt]:
    """The origins that may have a typing error, each once.

    :param origins: the servers that the data of each instance of a product came from.
    """
    count = Counter(chain.from_iterable(origins.values()))
    shared = [server for server in count if count[server] > 1]
    single = {name: [server for server in servers if count[server] == 1] for name, servers in origins.items()}
    found = list(_like_shared(origins, single, shared))
    told = {each.server for each in found}
    left = {name: [server for server in servers if server not in told] for name, servers in single.items()}
    return [*found, *_like_each_other(origins, left)]


def _like_shared(
    origins: Mapping[str, Sequence[str]], single: Mapping[str, Sequence[str]], shared: Sequence[str]
) -> Iterator[Misspelt]:
    for name, servers in single.items():
        for server in servers:
            # What it has itself is spelt as it is meant, so the other one is another server.
            others = (other for other in shared if other not in origins[name])
            likeness, other = max(((_likeness(server, other), other) for other in others), default=(0, ""))
            if likeness >= _ALIKE:
                yield Misspelt(name, server, other)


def _like_each_other(origins: Mapping[str, Sequence[str]], single: Mapping[str, Sequence[str]]) -> Iterator[Misspelt]:
    """Those of instances that have another origin in common. Each is told with one that comes before it."""
    before: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, server in ((name, server) for name, servers in single.items() for server in servers):
        near = dict.fromkeys(each for key in _keys(server) for each in before[key])
        for other_name, other in near:
            if _is_slip(server, other) and not set(origins[name]).isdisjoint(origins[other_name]):
                yield Misspelt(name, server, other, other_name)
                break
        for key in _keys(server):
            before[key].append((name, server))


def _keys(server: str) -> list[str]:
    """Two URLs that differ by a slip have one of these in common, so that not all need to be compared with each other:
    the URL less one letter, or less its path.
    """
    less_path = (server[: slash.start()] for slash in re.finditer("(?<![:/])/", server))
    return [server, *less_path, *(server[:index] + server[index + 1 :] for index in range(len(server)))]


def _likeness(one: str, other: str) -> float:
    """How alike two base URLs are, from 0 to 1."""
    if _differ_by_numbers(one, other):
        return 0
    if _has_context_path(one, other):
        return 1
    return SequenceMatcher(None, one, other).ratio()


def _is_slip(one: str, other: str) -> bool:
    """Whether two base URLs differ by one slip of the finger. Unlike L(_likeness), it finds no likeness between the
    servers of two regions.
    """
    if _has_context_path(one, other):
        return True
    words = [re.findall(r"\w+|\W+", each) for each in (one, other)]
    differ = [pair for pair in zip(*words, strict=False) if pair[0] != pair[1]]
    return len(words[0]) == len(words[1]) and len(differ) == 1 and _is_slip_in_word(*differ[0])


def _is_slip_in_word(one: str, other: str) -> bool:
    longest = max(len(one), len(other))
    if longest < _SHORTEST or _differ_by_numbers(one, other):
        return False
    start = next(index for index in range(longest) if one[index : index + 1] != other[index : index + 1])
    one, other = one[start:], other[start:]
    swapped = one[:2] == other[1::-1] and one[2:] == other[2:]
    replaced = one[1:] == other[1:] and longest >= _SHORTEST_REPLACED
    return swapped or replaced or one[1:] == other or one == other[1:]


def _differ_by_numbers(one: str, other: str) -> bool:
    """Whether only numbers differ: servers with numbers are hardly one server."""
    return re.sub("[0-9]", "", one) == re.sub("[0-9]", "", other)


def _has_context_path(one: str, other: str) -> bool:
    """Whether one has a context path more: it was forgotten, or given twice."""
    return one.startswith(f"{other}/") or other.startswith(f"{one}/")
