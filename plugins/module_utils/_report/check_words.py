# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The numbers of a check in words: for a terminal, for the report, and for a manager."""

from __future__ import annotations

from .._model.pairs import label_of
from .._model.verdicts import GOOD, Verdict
from .._proof.summary import CheckResult, Numbers, PairResult
from .numbers import number, number_of

#: What people call the verdicts on links that are not there.
_WORDS = {
    Verdict.MISSING: "missing",
    Verdict.STALE: "stale",
    Verdict.SOURCE_ABSENT: "whose own issue is absent",
    Verdict.TARGET_ABSENT: "whose target is absent",
    Verdict.UNANSWERED: "unanswered",
}


def summary_of(result: CheckResult) -> str:
    """A check in one sentence."""
    total = result["total"]
    wanted = total["expected"] - total["not_yet"]
    if not total["expected"]:
        return "The census has no links between these instances"
    if not wanted:
        return f"Nothing was checked: the jobs for all {number_of(total['expected'], 'link')} are not complete"
    return statement(total, result)


def statement(numbers: Numbers, result: CheckResult) -> str:
    """What a check says of some links: C(With 99 % confidence at most 43 of 2,000 links are missing)."""
    wanted = numbers["expected"] - numbers["not_yet"]
    checked = numbers["checked"]
    if result["sampled"] and checked < wanted:
        return (
            f"With {percent(result['confidence'])} confidence at most {number(numbers['missing_at_most'])} of "
            f"{number_of(wanted, 'link')} are missing. Checked: {number(checked)}, {verdicts_in(numbers)}"
        )
    if checked < wanted:
        which = f"Only {number(checked)} of {number_of(wanted, 'link')} were"
    else:
        which = "The one link was" if wanted == 1 else f"All {number_of(wanted, 'link')} were"
    return f"{which} checked: {verdicts_in(numbers)}"


def verdicts_in(numbers: Numbers) -> str:
    """The verdicts that occur: C(1,997 found, 3 missing)."""
    parts = [f"{number(good_in(numbers))} found"]
    parts += [f"{number(count)} {word}" for verdict, word in _WORDS.items() if (count := _count(numbers, verdict))]
    if twice := numbers["duplicate"]:
        parts.append(f"{number(twice)} of those found there more than once")
    return ", ".join(parts)


def label_in(pair: PairResult) -> str:
    """What messages call the pair of a result."""
    return label_of(pair["instance"], pair["destination"])


def good_in(numbers: Numbers) -> int:
    """How many links are there."""
    return sum(_count(numbers, verdict) for verdict in GOOD)


def not_there(numbers: Numbers) -> int:
    """How many of the links that were checked are not there, or not known to be."""
    return sum(_count(numbers, verdict) for verdict in _WORDS)


def percent(share: float) -> str:
    """A share of all: C(99 %)."""
    return f"{share * 100:.6g} %"


def _count(numbers: Numbers, verdict: Verdict) -> int:
    # The fields have the names of the verdicts.
    count: int = numbers[verdict.value]
    return count
