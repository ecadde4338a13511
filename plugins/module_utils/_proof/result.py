# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The result of a check, from how often each verdict was given."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from .._clock import to_text
from .._model.verdicts import GOOD, Verdict
from .._store.checking import Checking
from .plan import CheckPlan, PairPlan, most_of
from .sampling import bound
from .summary import CheckResult, Numbers, PairResult, Statistics

#: How often each verdict was given, by source, instance and destination.
Tallies = Mapping[tuple[str, str, str], Counter[Verdict]]


def tally_of(pair: PairPlan, tallies: Tallies) -> Counter[Verdict]:
    """The verdicts on the links of a pair, in all sources."""
    found: Counter[Verdict] = Counter()
    for each in pair.strata:
        found.update(tallies.get((each.server, each.product_url, each.destination_url), Counter()))
    return found


def missing_in(tally: Mapping[Verdict, int]) -> int:
    """How many of some links count as missing."""
    return sum(count for verdict, count in tally.items() if verdict not in GOOD)


def missing_at_most(pair: PairPlan, tally: Counter[Verdict], confidence: float) -> int:
    """How many links of a pair are missing at most, with so much confidence."""
    missing = missing_in(tally)
    if tally.total() < pair.drawn:
        # The rest was not read: the sample is not the one that was drawn, so it says nothing of the others.
        return pair.total - (tally.total() - missing)
    return missing if pair.sample is None else bound(pair.total, pair.drawn, missing, confidence)


def is_decided(pair: PairPlan, missing: int, plan: CheckPlan) -> bool:
    """Whether the rest of a sample need not be read: too many of its links are missing already."""
    return pair.sample is not None and missing > plan.may_miss(pair.total)


def result_of(plan: CheckPlan, checking: Checking, ended_at: datetime) -> CheckResult:
    """The result of a check."""
    tallies = checking.tallies()
    pairs, total = pairs_in(plan, tallies), total_of(plan, tallies)
    return {
        "ok": is_ok(pairs, total, plan.max_missing),
        "confidence": plan.confidence,
        "check": checking.number,
        "begun_at": to_text(checking.begun_at),
        "ended_at": to_text(ended_at),
        "sampled": plan.is_sampled,
        "max_missing": plan.max_missing,
        "total": total,
        "pairs": pairs,
    }


def statistics_of(result: CheckResult) -> Statistics:
    """The numbers for workflows."""
    total = result["total"]
    return {
        "link_check_ok": result["ok"],
        "link_check_expected": total["expected"],
        "link_check_found": total["found"],
        "link_check_missing": total["missing"],
        "link_check_missing_at_most": total["missing_at_most"],
        "link_check_not_yet": total["not_yet"],
    }


def pairs_in(plan: CheckPlan, tallies: Tallies) -> list[PairResult]:
    """The result of each pair."""
    found: list[PairResult] = []
    for pair in plan.pairs:
        tally = tally_of(pair, tallies)
        most = missing_at_most(pair, tally, plan.confidence)
        numbers = _numbers(pair.expected, pair.not_yet, tally, most)
        found.append({"instance": pair.instance, "destination": pair.destination, **numbers})
    return found


def total_of(plan: CheckPlan, tallies: Tallies) -> Numbers:
    """The result of all pairs together: what is said of each has more confidence, so that the sum has enough."""
    every: Counter[Verdict] = Counter()
    most = 0
    for pair in plan.pairs:
        tally = tally_of(pair, tallies)
        every.update(tally)
        most += missing_at_most(pair, tally, plan.shared_confidence)
    expected, not_yet = (sum(getattr(each, name) for each in plan.pairs) for name in ("expected", "not_yet"))
    return _numbers(expected, not_yet, every, most)


def misses_too_many(numbers: Numbers, max_missing: float) -> bool:
    """Whether more of some links may be missing than the check allows."""
    return numbers["missing_at_most"] > most_of(max_missing, numbers["expected"] - numbers["not_yet"])


def is_ok(pairs: Iterable[Numbers], total: Numbers, max_missing: float) -> bool:
    """Whether neither a pair nor all of them together may miss too many links, and something was checked at all."""
    if total["expected"] and not total["checked"]:
        return False
    return not any(misses_too_many(each, max_missing) for each in (*pairs, total))


def _numbers(expected: int, not_yet: int, tally: Counter[Verdict], most: int) -> Numbers:
    return {
        "expected": expected,
        "checked": tally.total(),
        "found": tally[Verdict.FOUND],
        "missing": tally[Verdict.MISSING],
        "stale": tally[Verdict.STALE],
        "duplicate": tally[Verdict.DUPLICATE],
        "source_absent": tally[Verdict.SOURCE_ABSENT],
        "target_absent": tally[Verdict.TARGET_ABSENT],
        "unanswered": tally[Verdict.UNANSWERED],
        "not_yet": not_yet,
        "missing_at_most": most,
    }
