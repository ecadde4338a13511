# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that see to a part of the instances, or have only a part of the inventory: no destination goes missing."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

import pytest
from federations import NAMES, Federation, Run

PAIRS = sorted(permutations(NAMES, 2))
#: What AWX tells a job that it runs for a sliced template, as far as it matters here.
OF_A_SLICE = {
    "awx_job_id": 7,
    "awx_job_launch_type": "workflow",
    "awx_job_template_name": "Update links",
    "awx_workflow_job_name": "Update links",
}


def slices(federation: Federation, count: int, **extra: Any) -> list[Run]:
    """One run for each slice, as AWX cuts an inventory: every so many-th host, by name."""
    inventory = json.loads(federation.inventory.read_text())
    group = inventory["all"]["children"]["federated_instances"]
    runs = []
    for number in range(count):
        names = sorted(NAMES)[number::count]
        part = {**group, "hosts": {name: group["hosts"][name] for name in names}}
        federation.inventory.write_text(json.dumps({"all": {"children": {"federated_instances": part}}}))
        runs.append(federation.update(**OF_A_SLICE, **extra))
    return runs


def whole(federation: Federation) -> dict[str, dict[str, str]]:
    url = federation.service.url
    return {
        name: {"product_url": f"{url}/{name}.example.net", "migrated_from": f"https://jira-{name}.example.com"}
        for name in NAMES
    }


@pytest.mark.parametrize("count", [2, 4])
def test_slices_that_know_the_whole_federation_update_their_instances_to_all_destinations(
    federation: Federation, count: int
) -> None:
    for run in slices(federation, count, link_update_federation=whole(federation)):
        assert run.returncode == 0
        assert f"{12 // count} of {12 // count} jobs complete; nothing is left to do" in run.message
    assert sorted(federation.pairs) == PAIRS


@pytest.mark.parametrize("count", [2, 4])
def test_a_slice_that_does_not_know_it_fails_with_what_to_set(federation: Federation, count: int) -> None:
    for run in slices(federation, count):
        assert run.returncode == 2
        assert "set link_update_federation to the whole" in run.message.lower()
    assert not federation.service.requests


def test_a_job_of_an_ordinary_workflow_is_not_taken_for_a_slice(federation: Federation) -> None:
    run = federation.update(**{**OF_A_SLICE, "awx_workflow_job_name": "Submit, later collect"})
    assert run.returncode == 0
    assert sorted(federation.pairs) == PAIRS


@pytest.mark.slow
@pytest.mark.parametrize("serial", [1, 3])
def test_instances_seen_to_one_batch_after_the_other_have_all_destinations(federation: Federation, serial: int) -> None:
    play = {
        "hosts": "federated_instances",
        "gather_facts": False,
        "connection": "local",
        "serial": serial,
        "roles": [{"role": "jira_cloud.federation.link_update"}],
    }
    path = federation.folder / "play.json"
    path.write_text(json.dumps([play]))
    run = federation.run(str(path))
    assert run.returncode == 0
    assert sorted(federation.pairs) == PAIRS
    assert run.recap("changed") == dict.fromkeys(NAMES, 1)
    report = json.loads((federation.folder / "link_update_report" / "report.json").read_text())
    assert [update["state"] for update in report["updates"]] == ["complete"] * 12
