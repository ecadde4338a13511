# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a census, put together from its store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from .._model.federation import Federation
from .._model.sources import Source, pairs_of
from .progress import Progress
from .store import CensusStore, Generation
from .summary import CensusResult, OutsideResult, PairResult, Relations, SourceResult, Unread

#: How many links of a pair there are, by server, site and destination.
_Counts = Mapping[tuple[str, str, str], int]


def result_of(
    store: CensusStore,
    generation: Generation,
    federation: Federation,
    sources: Sequence[Source],
    *,
    exact: Iterable[str] = (),
    outside: Mapping[str, Sequence[str]] | None = None,
) -> CensusResult:
    """What a generation has found.

    :param exact: the servers whose links came from a file.
    :param outside: the projects of each source that no instance has, as far as they are known.
    """
    number = generation.generation
    counts, projects = store.counts(number), store.projects(number)
    crowded = store.crowded(number)
    return {
        "complete": generation.complete,
        "generation": number,
        "begun_at": generation.begun_at,
        "ended_at": generation.ended_at,
        "sources": [_source(each, projects, counts, generation, each.server in set(exact)) for each in sources],
        "pairs": list(_pairs(federation, sources, counts)),
        "outside": _outside(store.outside(number), outside or {}),
        "not_covered": {
            "epic_links": _relations((each.epic_links, each.epic_links_between) for each in projects),
            "sub_tasks": _relations((each.sub_tasks, each.sub_tasks_between) for each in projects),
            "issues_over_limit": [
                {"source": source, "issue": issue, "links": links} for (source, issue), links in crowded.items()
            ],
        },
        "unread": [_unread(each) for each in projects if each.problem or not each.is_read],
    }


def _source(
    source: Source, projects: Sequence[Progress], counts: _Counts, generation: Generation, is_exact: bool
) -> SourceResult:
    own = [each for each in projects if each.project.source == source.server]
    return {
        "url": source.server,
        "read_from": generation.read_from.get(source.server, source.server),
        "exact": is_exact,
        "issues": sum(each.issues for each in own),
        "total": sum(each.issues if each.total is None else each.total for each in own),
        # Each link is expected at both of its ends.
        "links": sum(count for (server, _site, _destination), count in counts.items() if server == source.server) // 2,
        "complete": all(each.is_read and not each.problem for each in own),
    }


def _pairs(federation: Federation, sources: Sequence[Source], counts: _Counts) -> Iterable[PairResult]:
    by_pair: dict[tuple[str, str], dict[str, int]] = {}
    urls = {name: str(member.product_url) for name, member in federation.members.items()}
    for source in sources:
        for name, destination in pairs_of(source):
            count = counts.get((source.server, urls[name], urls[destination]), 0)
            by_pair.setdefault((name, destination), {})[source.server] = count
    place = {name: index for index, name in enumerate(federation.names)}
    for (name, destination), each in sorted(by_pair.items(), key=lambda pair: [place[end] for end in pair[0]]):
        yield {"instance": name, "destination": destination, "expected": sum(each.values()), "by_source": each}


def _outside(found: Mapping[tuple[str, str], int], known: Mapping[str, Sequence[str]]) -> OutsideResult:
    """The links to each project outside, and the projects without any."""
    links = Counter(dict.fromkeys(((server, key) for server, keys in known.items() for key in keys), 0))
    links.update(found)
    return {
        "links": sum(links.values()),
        "projects": [
            {"source": server, "project": key, "links": count} for (server, key), count in sorted(links.items())
        ],
    }


def _relations(counts: Iterable[tuple[int, int]]) -> Relations:
    totals, between = zip((0, 0), *counts, strict=True)
    return {"total": sum(totals), "between_instances": sum(between)}


def _unread(progress: Progress) -> Unread:
    return {
        "source": progress.project.source,
        "project": progress.project.key,
        "problem": progress.problem or f"{progress.issues:,} of {progress.total or 0:,} issues were read",
        "remedy": progress.remedy or "run again: it goes on with this project",
    }
