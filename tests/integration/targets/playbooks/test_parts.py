# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that see to a part of the instances, or have only a part of the inventory: no destination goes missing."""

from __future__ import annotations

import json

from federations import NAMES, Federation
from plays import run_plays, statistics, told, update

#: What AWX tells a job that it runs for a sliced template, as far as it matters here.
OF_A_SLICE = {
    "awx_job_id": 7,
    "awx_user_name": "alice",
    "awx_job_launch_type": "workflow",
    "awx_job_template_name": "Update links",
    "awx_workflow_job_name": "Update links",
}


def test_a_slice_is_refused_unless_it_knows_the_whole_federation_and_updates_its_instances_to_all_destinations(
    federation: Federation,
) -> None:
    url = federation.service.url
    whole = {
        name: {"product_url": f"{url}/{name}.example.net", "migrated_from": f"https://jira-{name}.example.com"}
        for name in NAMES
    }
    # As AWX cuts an inventory.
    federation.set_up(federation.service, names=("eu", "us"))
    federation.environ["ANSIBLE_SHOW_CUSTOM_STATS"] = "true"
    # Ordinary ones have two instances, in one batch, and that is as good as none.
    ordinary = OF_A_SLICE | {"awx_workflow_job_name": "Submit, later collect"}
    run = run_plays(
        federation,
        [
            update("refused", OF_A_SLICE),
            update("ordinary", ordinary, serial=2),
            update("knows", {**OF_A_SLICE, "link_update_federation": whole, "link_update_wave": "2"}),
        ],
    )
    said = told(run)
    assert run.recap("ignored") == {"eu": 1, "us": 1}
    assert "1 problem. Nothing was scheduled." in said["refused"]
    ((name, problem, remedy),) = run.problems
    assert name == "all instances"
    assert problem.startswith("AWX runs this job as a slice")
    assert "link_update_federation to the whole federation" in remedy
    assert sorted(federation.pairs[:2]) == [("eu", "us"), ("us", "eu")]
    assert sorted(federation.pairs[2:]) == [
        (product, name) for product in ("eu", "us") for name in sorted(NAMES) if name != product
    ]
    assert run.recap("changed") == {"eu": 2, "us": 2}
    assert "6 of 6 jobs complete. Left out of this run: ap, au. " in said["knows"]
    assert statistics(run).items() >= {"link_update_ok": True, "link_update_left_out": 2}.items()
    report = json.loads((federation.folder / "link_update_report" / "report.json").read_text())
    assert [each["state"] for each in report["updates"] if each["in_run"]] == ["complete"] * 6
    assert report["run"]["by"] == "alice, AWX job 7"
