# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many links of each pair a check asks for, and which."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.check import Thoroughness
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.plan import (
    PairPlan,
    most_of,
    plan_of,
    with_last_ranks,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.sampling import bound, size_for
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.checks import Stratum

EU, US, AP = (f"https://{name}.example.net" for name in ("eu", "us", "ap"))
SERVER, OTHER = "https://jira.example.com", "https://other.example.com"


def pair(product_url: str, destination_url: str, *expected: int, not_yet: int = 0) -> PairPlan:
    """A pair with so many links of each source."""
    strata = tuple(
        Stratum(server, 1, product_url, destination_url, count)
        for server, count in zip((SERVER, OTHER), expected, strict=False)
    )
    names = (url.removeprefix("https://").partition(".")[0] for url in (product_url, destination_url))
    return PairPlan(*names, product_url, destination_url, sum(expected) + not_yet, not_yet, strata)


def samples(pairs: Sequence[PairPlan], issues: dict[str, int], **wanted: object) -> list[int | None]:
    return [each.sample for each in plan_of(pairs, issues, Thoroughness(**wanted)).pairs]  # type: ignore[arg-type]


def test_sites_with_few_issues_are_asked_for_all_links_and_none_may_be_missing() -> None:
    plan = plan_of([pair(EU, US, 60_000), pair(US, EU, 60_000)], {EU: 20_000, US: 19_000}, Thoroughness())
    assert [each.sample for each in plan.pairs] == [None, None]
    assert (plan.is_sampled, plan.max_missing, plan.at_most(EU)) == (False, 0.0, 20_000)


def test_of_a_larger_site_each_pair_has_its_share_but_never_too_few() -> None:
    pairs = [pair(EU, US, 99_000), pair(EU, AP, 1_000), pair(US, EU, 500)]
    plan = plan_of(pairs, {EU: 50_000, US: 400}, Thoroughness())
    large, small, other = plan.pairs
    assert large.sample == 19_800
    # Two samples: half of what may be wrong is left for each.
    assert small.sample == size_for(1_000, 10, 0.995)
    assert other.sample is None
    assert plan.max_missing == 0.01
    assert plan.too_small() == {}, "what is drawn by itself can show what it has to"
    assert bound(1_000, small.sample, 0, plan.shared_confidence) <= 10


def test_few_links_make_a_site_with_many_issues_small() -> None:
    assert samples([pair(EU, US, 300)], {EU: 50_000}) == [None]


@pytest.mark.parametrize(("sample", "drawn"), [("all", None), (300, 300), (99_999, 99_999), (100_000, None)])
def test_a_user_may_ask_for_more_or_fewer_links(sample: str | int, drawn: int | None) -> None:
    assert samples([pair(EU, US, 100_000)], {EU: 90_000}, sample=sample) == [drawn]


def test_a_sample_that_cannot_show_enough_is_told_what_would_do() -> None:
    pairs = [pair(EU, US, 2_000), pair(US, EU, 100)]
    small = plan_of(pairs, {}, Thoroughness(sample=200)).too_small()
    assert small == {"eu -> us": size_for(2_000, 20, 0.99)}
    assert plan_of(pairs, {}, Thoroughness(sample=small["eu -> us"])).too_small() == {}
    assert plan_of(pairs, {}, Thoroughness(sample=200, max_missing=0)).too_small()["eu -> us"] == 1_980


def test_links_that_are_not_checked_yet_are_in_no_sample() -> None:
    plan = plan_of([pair(EU, US, 40, not_yet=60)], {}, Thoroughness(sample=50))
    (only,) = plan.pairs
    assert (only.total, only.drawn, only.sample) == (40, 40, None)


def test_a_sample_has_the_lowest_ranks_of_all_sources_together() -> None:
    ranks = {SERVER: [1, 4, 6, 9], OTHER: [2, 3, 30]}
    plan = plan_of([pair(EU, US, 4, 3)], {}, Thoroughness(sample=5))
    (only,) = with_last_ranks(plan, lambda stratum, count: ranks[stratum.server][:count]).pairs
    assert [each.last_rank for each in only.strata] == [6, 6]
    whole = with_last_ranks(plan_of([pair(EU, US, 4)], {}, Thoroughness()), lambda _stratum, _count: [])
    assert [each.last_rank for each in whole.pairs[0].strata] == [None]


def test_another_job_or_another_repair_makes_it_another_check() -> None:
    plan = plan_of([pair(EU, US, 40)], {}, Thoroughness())
    digests = {
        plan.scope(asked, state).digest
        for asked in ({"sample": "auto"}, {"sample": 20})
        for state in ({"jobs": {"eu -> us": ("1", 1)}}, {"jobs": {"eu -> us": ("2", 2)}}, {"repairs": 1})
    }
    assert len(digests) == 6
    assert plan.scope({}, {}).digest == plan_of([pair(EU, US, 40)], {}, Thoroughness()).scope({}, {}).digest


@pytest.mark.parametrize(("share", "total", "most"), [(0.01, 2000, 20), (0.07, 100, 7), (0.29, 100, 29), (0, 5, 0)])
def test_a_share_of_links_is_a_whole_number(share: float, total: int, most: int) -> None:
    assert most_of(share, total) == most
