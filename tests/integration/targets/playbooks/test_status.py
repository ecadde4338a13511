# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook status: what it shows while a run is not complete, and that it needs nothing but the ledger."""

from __future__ import annotations

import json

import pytest
from federations import NAMES, Federation
from plays import STATUS, imported, play, run_plays, told

#: A token that nobody can read.
VAULT = """\
link_update_api_token: !vault |
  $ANSIBLE_VAULT;1.1;AES256
  62313365396662343061393464336163383764373764613633653634306231386433626436623361
  6134333665353966363534333632666535333761666131620a663537646436643839616531643561
  63396265333963386166373632626539326166353965363262633030333630313338646335303630
  3438626666666137650a353638643435666633633964366338633066623234616432373231333331
  6564
"""
NUMBERS = [
    {"jira_cloud.federation.link_update_status": {}, "register": "status", "vars": {"link_update_only": ["us -> ap"]}},
    {"ansible.builtin.debug": {"msg": "NUMBERS {{ status.pairs | map(attribute='state') | join(' ') }}"}},
]


@pytest.mark.interface
@pytest.mark.parametrize("federation", [{"backup_seconds": 1e6}], indirect=True)
def test_a_status_needs_no_credentials_sends_nothing_and_is_about_all_pairs_whatever_the_limit(
    federation: Federation,
) -> None:
    assert federation.update(link_update_wait=False).returncode == 0
    asked, recorded = federation.service.requests, federation.ledger.read_bytes()
    (federation.folder / "group_vars").mkdir()
    (federation.folder / "group_vars" / "federated_instances.yml").write_text(VAULT)
    federation.environ.update(ATLASSIAN_EMAIL="", ATLASSIAN_API_TOKEN="")
    another = federation.folder / "another" / "ledger.sqlite3"
    run = run_plays(
        federation,
        [
            imported(STATUS),
            play("numbers", *NUMBERS, hosts="localhost:all", run_once=True, strategy="linear"),
            imported(STATUS, link_update_ledger=str(another)),
            imported(STATUS, link_update_group="nobody"),
        ],
        "--limit",
        "us",
    )
    assert run.returncode == 2, "the group has no hosts"
    said = told(run)
    shown = said["Show the status of the federated instances"]
    assert f"0 of 12 jobs complete, 4 waiting, 8 on hold; wave 1; ledger {federation.ledger}" in shown
    assert "us -> eu waiting " in shown
    assert "us -> ap, au on hold. Next: starts after the backup of us -> eu" in shown
    assert "The ledger does not say whether a run is active." in shown, "that of this test has ended"
    assert f"No ledger at {another}: nothing was scheduled from here" in shown
    assert "The group nobody has no hosts in this inventory." in shown
    assert "NUMBERS held" in said["numbers"]
    assert run.recap("ok")["us"] == 4
    assert "t0ken" not in run.output

    inventory = json.loads(federation.inventory.read_text())
    hosts = inventory["all"]["children"]["federated_instances"]["hosts"]
    hosts["ap"]["link_update_create_backup"] = "sometimes"
    del hosts["au"]["link_update_migrated_from"]
    federation.inventory.write_text(json.dumps(inventory))
    wrong = federation.run(STATUS)
    assert wrong.returncode == 0
    assert wrong.message.count("ap: link_update_create_backup") == 1
    assert wrong.message.count("au: link_update_migrated_from is not set.") == 1
    assert "0 of 9 jobs complete, 4 waiting, 5 on hold" in wrong.message, "the links to au cannot be told"
    assert wrong.recap("ok") == {"localhost": 1}

    assert federation.service.requests == asked, "no site was asked"
    assert len(federation.service.jobs) == len(NAMES)
    assert federation.ledger.read_bytes() == recorded
    assert not another.parent.exists()
