# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pairs of a check: how many links each must have, and those of which it is too early to say so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from .._model.federation import Federation
from .._model.sources import Source, pairs_of
from .._store.checks import Stratum
from .plan import PairPlan

#: How many links there must be, by source, instance and destination.
Counts = Mapping[tuple[str, str, str], int]


def pairs_to_check(
    federation: Federation,
    sources: Sequence[Source],
    instances: Collection[str],
    generations: Mapping[str, int],
    counts: Counts,
    not_yet: Collection[tuple[str, str, str]],
) -> list[PairPlan]:
    """The pairs of the instances that are asked, in the order of the federation.

    :param instances: the names of those that take part.
    :param generations: the census of each source, by its server.
    :param not_yet: by source, and the names of instance and destination: whose jobs are not complete.
    """
    urls = {name: str(member.product_url) for name, member in federation.members.items()}

    def pair(name: str, destination: str) -> PairPlan:
        expected = waiting = 0
        strata = []
        for source in sources:
            count = counts.get((source.server, urls[name], urls[destination]), 0)
            expected += count
            if (source.server, name, destination) in not_yet:
                waiting += count
            elif count:
                generation = generations[source.server]
                strata.append(Stratum(source.server, generation, urls[name], urls[destination], count))
        return PairPlan(name, destination, urls[name], urls[destination], expected, waiting, tuple(strata))

    return [pair(*names) for names in _pairs(federation, sources) if names[0] in instances]


def _pairs(federation: Federation, sources: Sequence[Source]) -> Iterator[tuple[str, str]]:
    """Every ordered pair of instances that have a source in common."""
    found = {names for source in sources for names in pairs_of(source)}
    place = {name: index for index, name in enumerate(federation.names)}
    yield from sorted(found, key=lambda names: [place[each] for each in names])
