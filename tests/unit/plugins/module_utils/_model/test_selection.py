# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which pairs a run is about, where somebody names some of them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import FEDERATION
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.desired import InstanceSpec, parse_specs
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.selection import selected_labels

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
