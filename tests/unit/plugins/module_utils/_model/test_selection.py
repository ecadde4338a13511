# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pairs a run is about, where somebody names some of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import FEDERATION
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import InstanceSpec, parse_specs
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.links import Count, CountedLinks
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.selection import (
    hints_about_selection,
    selected_labels,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE

ORDER = {name: option.get("default") for name, option in FEDERATION["orders"]["options"].items()}
ORIGINS = ["https://jira.example.com", "https://acme.example.com/jira"]


def specs_of(*names: str, **options: Any) -> tuple[InstanceSpec, ...]:
    """What is asked for these of three instances; us has data of two servers."""
    federation = {
        name: {"product_url": f"https://{name}.example.net", "migrated_from": ORIGINS if name == "us" else ORIGINS[0]}
        for name in ("eu", "us", "ap")
    }
    specs, problems = parse_specs(parse_federation(federation), [{**ORDER, "name": name, **options} for name in names])
    assert not problems
    return specs


SPECS = specs_of("eu", "us", "ap")
TO_US = ("ap -> us (from jira.example.com)", "ap -> us (from acme.example.com/jira)")
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
FROM_JIRA, FROM_ACME = "eu -> us (from jira.example.com)", "eu -> us (from acme.example.com/jira)"


@pytest.mark.parametrize(
    ("given", "selected"),
    [
        (["us -> eu"], {"us -> eu"}),
        (["us->eu", "  us  ->  ap "], {"us -> eu", "us -> ap"}),
        (["eu -> us"], {FROM_JIRA, FROM_ACME}),
        ([FROM_ACME], {FROM_ACME}),
        (["eu->us(from jira.example.com)", "us -> eu", "us -> eu"], {FROM_JIRA, "us -> eu"}),
    ],
    ids=["a pair", "blanks", "all origins", "one origin", "twice"],
)
def test_a_pair_is_selected_by_its_name_and_one_of_its_origins_by_the_whole_label(
    given: list[str], selected: set[str]
) -> None:
    assert selected_labels(given, SPECS) == selected


def test_a_blank_within_a_name_tells_it_from_a_name_without() -> None:
    federation = {
        name: {"product_url": f"https://{host}.example.net", "migrated_from": ORIGINS[0]}
        for name, host in (("north east", "one"), ("northeast", "two"), ("us", "us"))
    }
    specs, problems = parse_specs(parse_federation(federation), [{**ORDER, "name": name} for name in federation])
    assert not problems
    assert selected_labels(["north  east->us"], specs) == {"north east -> us"}


@pytest.mark.parametrize("given", [None, [""]], ids=["not given", "the text of none"])
def test_without_names_a_run_is_about_all_pairs(given: list[str] | None) -> None:
    assert selected_labels(given, SPECS) is None


@pytest.mark.parametrize(
    ("given", "specs", "said"),
    [
        (["eu -> mars", "us -> eu"], SPECS, "link_update_only has eu -> mars, which is not a pair of this run"),
        (
            ["us -> eu", "US -> eu", "eu -> us (from x)"],
            SPECS,
            "has US -> eu, eu -> us (from x), which is not a pair of this run",
        ),
        (["us -> eu"], specs_of("eu", "ap"), "link_update_only has us -> eu, which is not a pair of this run"),
        (
            ["eu -> us"],
            specs_of("eu", destinations=["ap"]),
            "link_update_only has eu -> us, which is not a pair of this run",
        ),
        (["eu -> eu"], SPECS, "link_update_only has eu -> eu, which is not a pair of this run"),
        ([], SPECS, "link_update_only is an empty list"),
    ],
    ids=["unknown", "misspelt", "instance left out", "destination left out", "itself", "none"],
)
def test_what_is_no_pair_of_the_run_is_refused_with_the_names_that_there_are(
    given: list[str], specs: tuple[InstanceSpec, ...], said: str
) -> None:
    with pytest.raises(InvalidOption) as caught:
        selected_labels(given, specs)
    assert said in caught.value.failure.what
    labels = [each.label for spec in specs for each in spec.desired]
    advice, _the_pairs, there_are = caught.value.failure.advice.partition(". Pairs: ")
    assert f'for example -e \'{{"link_update_only": ["{labels[0]}"]}}\'' in advice
    assert there_are.split(", ") == labels


def test_hundreds_of_pairs_are_not_all_named() -> None:
    names = [f"i{number}" for number in range(20)]
    federation = {name: {"product_url": f"https://{name}.example.net", "migrated_from": ORIGINS[0]} for name in names}
    specs, _problems = parse_specs(parse_federation(federation), [{**ORDER, "name": name} for name in names])
    with pytest.raises(InvalidOption, match=r"i0 -> i12 and 368 more$"):
        selected_labels(["mars"], specs)


# -- The pairs with links

COUNTED = CountedLinks(
    {FROM_JIRA: 12, FROM_ACME: 0, "us -> eu": 12, "us -> ap": 0, "ap -> eu": 0},
    (Count("https://jira.example.com", "https://jira.example.com", 1, NOON, NOON, 24, {}),),
)


@pytest.mark.parametrize(
    ("given", "selected"),
    [
        (["with_links"], {FROM_JIRA, "us -> eu", "eu -> ap", *TO_US}),
        ([" with_links ", "ap->eu"], {FROM_JIRA, "us -> eu", "eu -> ap", *TO_US, "ap -> eu"}),
    ],
    ids=["alone", "and a pair without"],
)
def test_with_links_stands_for_the_pairs_with_links_and_those_that_nobody_counted(
    given: list[str], selected: set[str]
) -> None:
    assert selected_labels(given, SPECS, links=COUNTED) == selected


def test_without_a_complete_census_with_links_is_refused_with_what_to_do() -> None:
    with pytest.raises(InvalidOption) as caught:
        selected_labels(["with_links"], SPECS)
    assert str(caught.value) == (
        "link_update_only is with_links, but there is no complete census. Count the links first: ansible-playbook "
        "-i INVENTORY jira_cloud.federation.link_census. Or leave link_update_only out"
    )


def test_where_no_pair_has_links_none_is_selected() -> None:
    specs = specs_of("ap", destinations=["eu"])
    assert selected_labels(["with_links"], specs, links=COUNTED) == frozenset()


def test_who_leaves_out_pairs_without_links_is_told_how_many_and_what_they_miss() -> None:
    only = selected_labels(["with_links", "ap -> eu"], SPECS, links=COUNTED)
    assert list(hints_about_selection(["with_links", "ap -> eu"], SPECS, only, ROLE)) == [
        f"link_update_only is with_links. Left out: 2 pairs without links by the census ({FROM_ACME}, us -> ap). Links "
        "in texts, such as descriptions and comments, are not counted, and only the jobs of these pairs update them. "
        "For all pairs, leave link_update_only out"
    ]


@pytest.mark.parametrize("given", [["us -> eu"], None], ids=["pairs", "all"])
def test_who_names_the_pairs_is_told_nothing(given: list[str] | None) -> None:
    assert not list(hints_about_selection(given, SPECS, selected_labels(given, SPECS, links=COUNTED), ROLE))


def test_who_leaves_out_pairs_is_told_that_the_census_is_older_than_a_migration() -> None:
    (count,) = COUNTED.counts
    ends = {"eu": NOON, "us": NOON + timedelta(days=1), "ap": None}
    links = replace(COUNTED, counts=(replace(count, migrations=ends),))
    only = selected_labels(["with_links"], SPECS, links=links)
    assert list(hints_about_selection(["with_links"], SPECS, only, ROLE, links))[1:] == [
        "The links of https://jira.example.com were counted before the migration to us ended. Projects and links that "
        "came later are not in the numbers. Count again: "
        "ansible-playbook -i INVENTORY jira_cloud.federation.link_census"
    ]
