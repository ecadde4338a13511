# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check has found, in the words of results and of C(link_check.json)."""

from __future__ import annotations

from typing import TypedDict


class Numbers(TypedDict):
    """Some links, counted by what a check says of them."""

    #: How many the census has.
    expected: int
    #: How many of them have one of the verdicts below.
    checked: int
    found: int
    missing: int
    stale: int
    duplicate: int
    source_absent: int
    target_absent: int
    unanswered: int
    #: Those whose job is not complete. They were not asked for.
    not_yet: int
    #: How many of the others are missing, with the confidence of the check. Everything but found and duplicate counts.
    missing_at_most: int


class PairResult(Numbers):
    """The links from the issues of one instance to those of another one."""

    instance: str
    destination: str


class CheckResult(TypedDict):
    """A check."""

    #: Whether no pair, and not all of them together, may miss more than C(max_missing).
    ok: bool
    confidence: float
    #: Its number.
    check: int
    #: RFC 3339.
    begun_at: str
    ended_at: str
    #: Whether only a part of the links of a pair was to be checked.
    sampled: bool
    #: The share of links that may be missing.
    max_missing: float
    total: Numbers
    pairs: list[PairResult]


class Statistics(TypedDict):
    """The numbers for workflows. AWX passes them on as variables."""

    link_check_ok: bool
    link_check_expected: int
    link_check_found: int
    link_check_missing: int
    link_check_missing_at_most: int
    link_check_not_yet: int
