# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census has found, for people: how many links, between which instances, and what is not in the numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._census.summary import CensusResult, OutsideProject, PairResult, Relations, SourceResult, Unread
from .._text import capitalized, counted, names, wrapped
from .._urls import short_url
from .matrix import LINKS, Matrix
from .numbers import COMPLETE_AS_SEEN, number, number_of, sum_of

#: So many projects, issues or problems are named.
_MOST_NAMED = 6
_MOST_UNREAD = 20


def text_of(result: CensusResult) -> list[str]:
    """A census, as lines: what was read, the matrix, what is not in it, and what keeps it from being complete."""
    notes = [*_pairs(result), *_outside(result), *_not_covered(result)]
    return [
        *(line for source in result["sources"] for line in wrapped(_source(source, result), others="  ")),
        *(_matrix(result["pairs"]) if result["pairs"] else []),
        *(line for note in notes for line in wrapped(note, others="  ")),
        *_unread(result["unread"]),
    ]


def _source(source: SourceResult, result: CensusResult) -> str:
    """What was read of one source: C(jira.example.com: 48,210 issues, 1,234 links between instances)."""
    read = number(source["issues"])
    issues = read if source["issues"] == source["total"] else f"{read} of {number(source['total'])}"
    where = f", read from {source['read_from']}" if source["read_from"] != source["url"] else ""
    links = number_of(source["links"], "link")
    found = f"{short_url(source['url'])}: {issues} issues{where}, {links} between instances"
    complete = ("exact" if source["exact"] else COMPLETE_AS_SEEN) if source["complete"] else "NOT complete"
    return f"Census {result['generation']} of {found}, {complete}"


def _matrix(pairs: Sequence[PairResult]) -> list[str]:
    """In each row the instance that must have the links, in each column the one that they lead to."""
    links = {(each["instance"], each["destination"]): number(each["expected"]) for each in pairs}
    sums = dict.fromkeys((each["instance"] for each in pairs), 0)
    for each in pairs:
        sums[each["instance"]] += each["expected"]
    nothing = dict.fromkeys(links, "")
    counts = {name: {LINKS: number(count)} for name, count in sums.items()}
    return Matrix([*sums], [*sums], words=nothing, letters=nothing, legend="", counts=counts, links=links).lines()


def _pairs(result: CensusResult) -> Iterator[str]:
    """How many remote links the instances must have, and which pairs certainly have none."""
    pairs = result["pairs"]
    if pairs:
        least = "" if result["complete"] else "at least "
        expected = least + sum_of([each["expected"] for each in pairs])
        yield (
            f"Remote links that the sites must have: {expected}, one at each end of a link. Several links between the "
            "same two issues count as one"
        )
    none = [f"{each['instance']} -> {each['destination']}" for each in pairs if not each["expected"]]
    if none and result["complete"]:
        yield f"No links: {counted(len(none), 'pair')} of {len(pairs)} ({names(none, 3)})"


def _outside(result: CensusResult) -> Iterator[str]:
    """The links to projects that no instance has."""
    outside = result["outside"]
    if outside["links"] or outside["projects"]:
        most = sorted(outside["projects"], key=lambda each: -each["links"])
        yield (
            f"Leave the federation, not counted: {number_of(outside['links'], 'link')}. Projects of no instance: "
            f"{names([_project(each) for each in most], _MOST_NAMED)}"
        )


def _project(project: OutsideProject) -> str:
    return f"{project['project']} ({number(project['links'])})"


def _not_covered(result: CensusResult) -> Iterator[str]:
    """The relations that are no issue links, and the issues with too many of these."""
    found = result["not_covered"]
    kinds = {"epic link": found["epic_links"], "sub-task": found["sub_tasks"]}
    if apart := [_relations(kind, each) for kind, each in kinds.items() if each["total"]]:
        yield f"No issue links, so counted apart: {', '.join(apart)}"
    if crowded := found["issues_over_limit"]:
        issues = [f"{each['issue']} ({number(each['links'])})" for each in crowded]
        yield (
            f"Over the limit of 2,000 remote links: {counted(len(crowded), 'issue')} "
            f"({names(issues, _MOST_NAMED)}). Not all links of these can be recreated"
        )


def _relations(kind: str, found: Relations) -> str:
    return f"{number_of(found['total'], kind)} ({number(found['between_instances'])} between instances)"


def _unread(unread: Sequence[Unread]) -> Iterator[str]:
    """What is missing, and below it what to do. What is wrong with several projects in the same way is said once."""
    if not unread:
        return
    shared: dict[tuple[str, str, str], list[str]] = {}
    for each in unread:
        shared.setdefault((each["source"], each["problem"], each["remedy"]), []).append(each["project"])
    yield f"The census is not complete: {counted(len(shared), 'problem')}. The numbers above are too small"
    for (source, problem, remedy), projects in list(shared.items())[:_MOST_UNREAD]:
        which = names([*filter(None, projects)], _MOST_NAMED)
        where = f"{short_url(source)}, {which}" if which else short_url(source)
        yield from wrapped(f"{where}: {problem}", "- ", "  ")
        yield from wrapped(capitalized(remedy), "  To do: ", "  ") if remedy else ()
    if (more := len(shared) - _MOST_UNREAD) > 0:
        yield f"{more} more: link_census.json has all of them"
