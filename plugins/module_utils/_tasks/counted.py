# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What censuses have counted of the pairs of a run. Their store is only read; where there is none, none is made."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .._clock import Clock
from .._errors import LinkUpdateError
from .._model.federation import Federation, parse_federation
from .._model.links import COUNT, NOT_COUNTED, Count, CountedLinks, Gap
from .._model.pairs import pairs_between
from .._model.selection import asks_for_links
from .._model.sources import Source, pairs_of, sources_of
from .._progress import Reporter
from .._store.generations import Generation
from .._store.opening import open_store
from .._store.store import CensusStore
from .._text import counted, names
from .options import census_location, naming_of
from .task import Options

#: So many projects that are not read are named.
_MOST_NAMED = 6


def counted_links(options: Options, federation: Federation, reporter: Reporter, clock: Clock) -> CountedLinks:
    """What was counted of the links of a federation.

    :raises LinkUpdateError: the store cannot be read, and the pairs of the run follow from it. Otherwise that is a
        warning: the numbers are good to have, and no reason to let the time for recreating pass.
    """
    try:
        with open_store(census_location(options, federation.named), clock, copy=True) as store:
            return links_in(store, federation)
    except LinkUpdateError as exc:
        if asks_for_links(options["only"]):
            raise
        reporter.warn(f"The plan and the report have no numbers of links: {exc}")
        return NOT_COUNTED


def known_census(options: Options, where: Path | str, clock: Clock) -> list[str]:
    """What to say of the complete census that there is of each source; empty where one has none.

    :param where: the store, see L(store_location).
    """
    federation = parse_federation(options["federation"], naming_of(options))
    with open_store(where, clock, copy=True) as store:
        counts = () if federation.problems else links_in(store, federation).counts
    if len(counts) < len(sources_of(federation)):
        return []
    return [
        f"The links of {each.source} are counted: census {each.generation}, begun {each.begun_at:%Y-%m-%d %H:%M}Z"
        for each in counts
    ]


def links_in(store: CensusStore, federation: Federation) -> CountedLinks:
    """What a store has of the links of a federation."""
    generations = store.generations()
    pairs: dict[str, int] = {}
    counts: list[Count] = []
    gaps: list[Gap] = []
    # Who has never counted misses nothing.
    for source in sources_of(federation) if generations else ():
        sites = frozenset(str(federation.members[name].product_url) for name in source.instances)
        newest = next((each for each in generations if each.product_urls.get(source.server) == sites), None)
        complete = store.last_complete(sites, source.server)
        if complete:
            found = store.counts(complete.generation)
            pairs |= _pairs(found, source, federation)
            if newest and newest != complete:
                # A newer one that is not complete has found links there: how many is not known, but not none.
                newer = _pairs(store.counts(newest.generation), source, federation)
                pairs = {label: count for label, count in pairs.items() if count or not newer.get(label)}
            # Not the sum of the pairs: two of them have the same links where a site has two copies of the source.
            links = sum(count for (server, *_sites), count in found.items() if server == source.server)
            counts.append(_count(complete, source, federation, links))
        if newest is None or newest != complete:
            gaps.append(_gap(store, newest, source))
    checks = store.checks.past([str(member.product_url) for member in federation.members.values()])
    return CountedLinks(pairs, tuple(counts), tuple(gaps), tuple(each.result for each in checks))


def _pairs(found: Mapping[tuple[str, str, str], int], source: Source, federation: Federation) -> dict[str, int]:
    """The links of each pair from one source, also where there are none."""
    urls = {name: str(federation.members[name].product_url) for name in source.instances}
    return {
        pair.label: found.get((source.server, urls[name], urls[destination]), 0)
        for name, destination in pairs_of(source)
        for pair in pairs_between(federation, name, destination)
        if pair.origin.server == source.server
    }


def _count(census: Generation, source: Source, federation: Federation, links: int) -> Count:
    return Count(
        source.server,
        census.read_from[source.server],
        census.generation,
        census.begun_at,
        census.ended_at or census.begun_at,
        links,
        {name: federation.members[name].migration_end(source.server) for name in source.instances},
    )


def _gap(store: CensusStore, newest: Generation | None, source: Source) -> Gap:
    """Why the numbers are not those of the newest census, or there are none."""
    if newest is None:
        instances = f"{counted(len(source.instances), 'instance')} ({names(source.instances, _MOST_NAMED)})"
        return Gap(source.server, f"there is no census of its {instances}", f"Count the links: {COUNT}")
    unread = [
        each.project.key
        for each in store.progress(newest.generation)
        if each.project.source == source.server and (each.problem or not each.is_read)
    ]
    which = f": {counted(len(unread), 'project')} unread ({names(unread, _MOST_NAMED)})" if unread else ""
    return Gap(
        source.server,
        f"census {newest.generation}, begun {newest.begun_at:%Y-%m-%d %H:%M}Z, is not complete{which}",
        f"Run again: {COUNT}. It goes on where it stopped, and says what is missing",
    )
