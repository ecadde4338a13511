# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a census, put together from its store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TypedDict

from .._clock import to_text
from .._model.federation import Federation
from .._model.sources import Source, pairs_of
from .._store.generations import Generation
from .._store.progress import Progress
from .._store.store import CensusStore
from .summary import CensusResult, NotCovered, OutsideResult, PairResult, Relations, Unread


class _Read(TypedDict):
    issues: int
    total: int
    complete: bool


#: How many links of a pair there are, by server, site and destination.
_Counts = Mapping[tuple[str, str, str], int]


def result_of(
    store: CensusStore,
    generation: Generation,
    federation: Federation,
    sources: Sequence[Source],
    *,
    files: Collection[str] = (),
    outside: Mapping[str, Sequence[str]] | None = None,
) -> CensusResult:
    """What a generation has found.

    :param files: the servers whose links came from a file.
    :param outside: the projects of each source that no instance has, as far as they are known.
    """
    number = generation.generation
    projects, links = store.progress(number), store.links(number)
    return {
        "complete": generation.complete,
        "generation": number,
        "begun_at": to_text(generation.begun_at),
        "ended_at": to_text(generation.ended_at) if generation.ended_at else None,
        "sources": [
            {
                "url": each.server,
                "read_from": generation.read_from.get(each.server, each.server),
                "exact": each.server in files,
                **_read(each, projects),
                "links": links.get(each.server, 0),
            }
            for each in sources
        ],
        "pairs": list(_pairs(federation, sources, store.counts(number))),
        "outside": _outside(store.outside(number), outside or {}),
        "not_covered": _not_covered(projects, store.crowded(number)),
        "unread": [_unread(each) for each in projects if not each.is_read],
    }


def _read(source: Source, projects: Sequence[Progress]) -> _Read:
    """How far a source was read."""
    own = [each for each in projects if each.project.source == source.server]
    return {
        "issues": sum(each.issues for each in own),
        "total": sum(each.issues if each.total is None else each.total for each in own),
        "complete": all(each.is_read for each in own),
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


def _not_covered(projects: Sequence[Progress], crowded: Mapping[tuple[str, str], int]) -> NotCovered:
    return {
        "epic_links": _relations((each.epic_links, each.epic_links_between) for each in projects),
        "sub_tasks": _relations((each.sub_tasks, each.sub_tasks_between) for each in projects),
        "issues_over_limit": [
            {"source": source, "issue": issue, "links": links} for (source, issue), links in crowded.items()
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
