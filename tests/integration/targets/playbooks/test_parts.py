# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that see to a part of the instances, or have only a part of the inventory: no destination goes missing."""

from __future__ import annotations

import json
from itertools import permutations
from typing import Any

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


def test_slices_that_know_the_whole_federation_update_their_instances_to_all_destinations(
    federation: Federation,
) -> None:
    # The first has two instances, the others one each.
    runs = slices(federation, 3, link_update_federation=whole(federation))
    for run, left_out in zip(runs, ("eu, au", "eu, us, ap", "us, ap, au"), strict=True):
        assert run.returncode == 0
        jobs = 3 * len(run.recap("ok"))
        assert f"{jobs} of {jobs} jobs complete; left out of this run: {left_out}; " in run.message
    assert sorted(federation.pairs) == PAIRS


def test_a_slice_that_does_not_know_it_fails_with_what_to_set(federation: Federation) -> None:
    for run in slices(federation, 2):
        assert run.returncode == 2
        assert set(run.recap("failed").values()) == {1}
        ((name, problem, remedy),) = run.problems
        assert name == "all"
        assert problem.startswith("AWX runs this job as a slice")
        assert "link_update_federation to the whole federation" in remedy
    assert not federation.service.requests


def test_a_job_of_an_ordinary_workflow_is_not_taken_for_a_slice(federation: Federation) -> None:
    run = federation.update("--limit", "eu", **{**OF_A_SLICE, "awx_workflow_job_name": "Submit, later collect"})
    assert run.returncode == 0
    assert federation.pairs == [("eu", "us"), ("eu", "ap"), ("eu", "au")]


def test_one_batch_of_all_instances_is_as_good_as_none(federation: Federation) -> None:
    run = federation.run(federation.play(serial=4))
    assert run.returncode == 0
    assert sorted(federation.pairs) == PAIRS
    assert run.recap("changed") == dict.fromkeys(NAMES, 1)
    report = json.loads((federation.folder / "link_update_report" / "report.json").read_text())
    assert [update["state"] for update in report["updates"]] == ["complete"] * 12
