# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check asks for: of which pairs, all links or a sample of them."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from .._model.check import ALL, Thoroughness
from .._model.pairs import label_of
from .._store.checks import CheckScope, Stratum
from .sampling import share_of_error, size_for

#: C(auto) draws a sample at a site that has more issues than this.
_MOST_ISSUES = 20_000
#: Makes up for rounding: 0.29 * 100 is a little less than 29.
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class PairPlan:
    """The links of an ordered pair of instances."""

    instance: str
    destination: str
    product_url: str
    destination_url: str
    #: How many there must be, in all sources together.
    expected: int
    #: Those of them whose job is not complete.
    not_yet: int = 0
    #: The others, by their source.
    strata: tuple[Stratum, ...] = ()
    #: How many of these are checked; None for all.
    sample: int | None = None

    @property
    def label(self) -> str:
        return label_of(self.instance, self.destination)

    @property
    def total(self) -> int:
        """How many links the result is about."""
        return self.expected - self.not_yet

    @property
    def drawn(self) -> int:
        """How many of them are checked."""
        return self.total if self.sample is None else self.sample


@dataclass(frozen=True)
class CheckPlan:
    """The pairs of a check, and what it has to show."""

    pairs: tuple[PairPlan, ...]
    confidence: float
    max_missing: float
    #: By the product URL of a site: how many issues have links that are asked for.
    issues: Mapping[str, int] = field(default_factory=dict)

    @property
    def is_sampled(self) -> bool:
        return any(each.sample is not None for each in self.pairs)

    @property
    def shared_confidence(self) -> float:
        """The confidence of what is said of each pair, so that what is said of all has the one that was asked for."""
        return share_of_error(self.confidence, sum(each.sample is not None for each in self.pairs))

    def may_miss(self, total: int) -> int:
        """How many of so many links may be missing."""
        return most_of(self.max_missing, total)

    def at_most(self, product_url: str) -> int:
        """How many issues of a site are asked for their links, at most."""
        own = [each for each in self.pairs if each.product_url == product_url]
        return min(self.issues.get(product_url, 0), sum(each.drawn for each in own))

    def too_small(self) -> dict[str, int]:
        """The pairs whose sample cannot show what it has to, however few links are missing: how many links would do."""
        shared = self.shared_confidence
        needed = {
            each.label: size_for(each.total, self.may_miss(each.total), shared)
            for each in self.pairs
            if each.sample is not None
        }
        return {each.label: size for each in self.pairs if (size := needed.get(each.label, 0)) > each.drawn}

    def scope(self, asked: Mapping[str, Any], state: Mapping[str, Any]) -> CheckScope:
        """What the store keeps of it.

        :param asked: the settings.
        :param state: what else makes it another check, as another job does.
        """
        strata = tuple(stratum for each in self.pairs for stratum in each.strata)
        identity = [asked, state, [vars(each) for each in strata]]
        digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
        return CheckScope(digest, asked, strata)


def most_of(share: float, total: int) -> int:
    """How many of a number of things a share is, rounded down."""
    return math.floor(share * total + _TOLERANCE)


def plan_of(pairs: Sequence[PairPlan], issues: Mapping[str, int], wanted: Thoroughness) -> CheckPlan:
    """Decide how many links of each pair are checked.

    :param pairs: all of them, without samples.
    :param issues: how many issues of a site have links, by its product URL.
    """
    sampled = [replace(each, sample=_sample(each, pairs, issues, wanted)) for each in pairs]
    is_whole = all(each.sample is None for each in sampled)
    max_missing = 0.0 if wanted.max_missing is None and is_whole else wanted.max_missing_of_sample
    return CheckPlan(tuple(sampled), wanted.confidence, max_missing, issues)


def with_last_ranks(plan: CheckPlan, ranks: Callable[[Stratum, int], Iterable[int]]) -> CheckPlan:
    """The same plan; of each sample, the highest rank that is in it.

    :param ranks: gives the lowest ranks of a stratum, so many of them.
    """
    return replace(plan, pairs=tuple(_with_last_rank(each, ranks) for each in plan.pairs))


def _with_last_rank(pair: PairPlan, ranks: Callable[[Stratum, int], Iterable[int]]) -> PairPlan:
    if pair.sample is None:
        return pair
    lowest = sorted(rank for stratum in pair.strata for rank in ranks(stratum, pair.drawn))[: pair.drawn]
    last = lowest[-1] if lowest else -1
    return replace(pair, strata=tuple(replace(each, last_rank=last) for each in pair.strata))


def _sample(pair: PairPlan, pairs: Sequence[PairPlan], issues: Mapping[str, int], wanted: Thoroughness) -> int | None:
    """How many links of a pair are checked; None for all."""
    if wanted.sample == ALL:
        return None
    size = wanted.sample if isinstance(wanted.sample, int) else _automatic(pair, pairs, issues, wanted)
    return size if size is not None and size < pair.total else None


def _automatic(
    pair: PairPlan, pairs: Sequence[PairPlan], issues: Mapping[str, int], wanted: Thoroughness
) -> int | None:
    """As many links as can show that not too many are missing, and all that so many issues allow."""
    large = {url for url in {each.product_url for each in pairs} if _issues_of(url, pairs, issues) > _MOST_ISSUES}
    if pair.product_url not in large:
        return None
    links = sum(each.total for each in pairs if each.product_url == pair.product_url)
    confidence = share_of_error(wanted.confidence, sum(each.product_url in large for each in pairs if each.total))
    least = size_for(pair.total, most_of(wanted.max_missing_of_sample, pair.total), confidence)
    return max(least, math.ceil(_MOST_ISSUES * pair.total / links)) if links else None


def _issues_of(product_url: str, pairs: Sequence[PairPlan], issues: Mapping[str, int]) -> int:
    """How many issues of a site are to be asked for at most."""
    links = sum(each.total for each in pairs if each.product_url == product_url)
    return min(issues.get(product_url, links), links)
