# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Expectations as they are written: in numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .._ledger.store import Row
from .._model.projects import split_key
from .._service.data_center import IssueLink


@dataclass(frozen=True)
class Expectation:
    """A remote link that an issue must have to an issue of another instance."""

    issue: str
    target: str
    #: Where it is in the order in which samples are drawn.
    rank: int
    #: The ids of the links between the two, ascending.
    link_ids: tuple[int, ...]
    #: The types of these links, each with what the issue calls it.
    phrases: tuple[tuple[str, str], ...]


class Ranks:
    """The order of a generation, which is no order that anything else has."""

    def __init__(self, seed: str) -> None:
        self._keyed = hashlib.blake2b(key=bytes.fromhex(seed), digest_size=8)

    def rank(self, server: str, issue: str, target: str) -> int:
        """A number from 0 to 2 ** 63 - 1."""
        keyed = self._keyed.copy()
        keyed.update(f"{server} {issue} {target}".encode())
        return int.from_bytes(keyed.digest(), "big") >> 1


def text_of(numbers: Iterable[int]) -> str:
    """Numbers as one text, the same for the same numbers."""
    return " ".join(map(str, sorted(set(numbers))))


def numbers_in(text: str) -> tuple[int, ...]:
    """The numbers in a text of L(text_of)."""
    return tuple(map(int, text.split()))


def by_target(links: Sequence[IssueLink]) -> dict[str, list[IssueLink]]:
    """The links of one issue, by the issue that they lead to."""
    found: dict[str, list[IssueLink]] = {}
    for link in links:
        found.setdefault(link.other, []).append(link)
    return found


def expectation_in(row: Row, phrases: Mapping[int, tuple[str, str]]) -> Expectation:
    """The expectation that a row has.

    :param phrases: by their numbers.
    """
    return Expectation(
        f"{row['key']}-{row['issue']}",
        f"{row['target_key']}-{row['target']}",
        row["rank"],
        numbers_in(row["links"]),
        tuple(phrases[number] for number in numbers_in(row["phrases"])),
    )


@dataclass(frozen=True)
class Rows:
    """Makes the rows of a project's expectations."""

    server: str
    #: The number of the project in the generation, and those of all projects of its source by their keys.
    project: int
    projects: Mapping[str, int]
    ranks: Ranks
    #: The numbers of phrases.
    phrases: Mapping[tuple[str, str], int]

    def of(self, issue: str, links: Sequence[IssueLink]) -> Iterator[str]:
        """Those of one issue, as they are in SQL."""
        number = split_key(issue)[1]
        for target, between in by_target(links).items():
            key, target_number = split_key(target)
            ids, phrases = self._texts(between)
            yield (
                f"({self.project}, {self.projects[key]}, {number}, {target_number},"
                f" {self.ranks.rank(self.server, issue, target)}, '{ids}', '{phrases}')"
            )

    def _texts(self, links: Sequence[IssueLink]) -> tuple[str, str]:
        """The ids and the phrases of the links between two issues."""
        if len(links) == 1:
            # Nearly all of them, and a million of these have to be quick.
            return str(int(links[0].link_id)), str(self.phrases[links[0].type, links[0].phrase])
        return (
            text_of(int(each.link_id) for each in links),
            text_of(self.phrases[each.type, each.phrase] for each in links),
        )
