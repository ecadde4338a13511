# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census has found, in the words of results and of C(link_census.json)."""

from __future__ import annotations

from typing import TypedDict


class SourceResult(TypedDict):
    """One Data Center instance whose links were counted."""

    #: Its base URL, as the links had it.
    url: str
    #: What was read: a URL, or a file.
    read_from: str
    #: Whether the numbers are exact: a file of SQL has also the issues that no account sees.
    exact: bool
    #: How many issues were read, and how many there are as the account sees it.
    issues: int
    total: int
    #: How many links between issues of different instances it has.
    links: int
    complete: bool


class PairResult(TypedDict):
    """The links from the issues of one instance to those of another one."""

    instance: str
    destination: str
    #: How many remote links the instance must have to the destination.
    expected: int
    #: The same, for each source.
    by_source: dict[str, int]


class OutsideProject(TypedDict):
    """A project that no instance of the federation has."""

    source: str
    project: str
    #: How many links of the federation's issues lead to it.
    links: int


class OutsideResult(TypedDict):
    """The links that leave the federation."""

    links: int
    projects: list[OutsideProject]


class Relations(TypedDict):
    """Relations between issues that are no issue links."""

    total: int
    #: Those of them whose ends are in different instances.
    between_instances: int


class CrowdedIssue(TypedDict):
    """An issue with more links to other instances than an issue of a cloud site can have remote links."""

    source: str
    issue: str
    links: int


class NotCovered(TypedDict):
    """What no job recreates, counted apart."""

    epic_links: Relations
    sub_tasks: Relations
    issues_over_limit: list[CrowdedIssue]


class Unread(TypedDict):
    """Something that keeps a census from being complete."""

    source: str
    #: Empty where it is about all of the source.
    project: str
    problem: str
    remedy: str


class CensusResult(TypedDict):
    """A census: of all sources of a federation, made at one time."""

    complete: bool
    generation: int
    #: RFC 3339; the end is None as long as something is unread.
    begun_at: str
    ended_at: str | None
    sources: list[SourceResult]
    #: Every ordered pair of Jira instances that have a source in common, also those without links.
    pairs: list[PairResult]
    outside: OutsideResult
    not_covered: NotCovered
    unread: list[Unread]


class Statistics(TypedDict):
    """The numbers for workflows. AWX passes them on as variables."""

    link_census_complete: bool
    link_census_generation: int
    link_census_links: int
    link_census_pairs_with_links: int
    link_census_pairs_without_links: int
    link_census_unread: int
