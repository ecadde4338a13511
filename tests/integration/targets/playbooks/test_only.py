# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is narrowed to single pairs, and a job that does not start."""

from __future__ import annotations

import re
import shlex
import sqlite3

import pytest
from federations import NAMES, Federation
from plays import LEDGER, PACKAGED, imported, run_plays, told, update


def test_one_pair_is_forced_and_no_other_and_a_name_that_is_none_is_refused(federation: Federation) -> None:
    plays = [
        imported(PACKAGED),
        update("planned", {"link_update_only": "us->ap, us -> au"}, check_mode=True),
        update("forced", {"link_update_force": True, "link_update_only": ["us->ap"]}),
        update("refused", {"link_update_only": ["us -> mars", "us -> ap"]}),
        update("left out", {"link_update_only": ["us -> ap"]}, hosts="eu"),
        update("different", {"link_update_only": "{{ [inventory_hostname ~ ' -> ap'] }}"}, hosts="eu,us"),
    ]
    run = run_plays(federation, plays, "-v")
    said = told(run)
    assert "2 jobs (2 done); left out by link_update_only: 10 pairs" in said["planned"]
    assert federation.pairs[12:] == [("us", "ap")], "exactly one more"
    assert "1 job (1 forced); left out by link_update_only: 11 pairs" in said["forced"]
    assert "1 of 1 jobs complete. Left out by link_update_only: 11 pairs. Report: " in said["forced"]
    assert "us: 1 of 1 jobs complete. Left out by link_update_only: 2 pairs" in said["forced"]
    for name in ("eu", "ap", "au"):
        assert f"{name}: left out by link_update_only: 3 pairs" in said["forced"]
    assert "link_update_only has us -> mars, which is not a pair of this run. Use pairs of this run" in said["refused"]
    assert "Pairs: eu -> us, eu -> ap, eu -> au, us -> eu, us -> ap, " in said["refused"]
    assert "link_update_only has us -> ap, which is not a pair of this run." in said["left out"]
    assert "link_update_only is not the same for all hosts" in said["different"]
    assert run.recap("changed") == {"eu": 1, "us": 2, "ap": 1, "au": 1}
    assert run.recap("ignored") == {"eu": 3, "us": 2, "ap": 1, "au": 1}
    asked = federation.service.requests
    assert asked["myself"] == len(NAMES) + 2, "of the instances that have none of the pairs no credentials are used"
    assert asked["tenant_info"] == 3 * len(NAMES)


@pytest.mark.parametrize("federation", [{"queue_seconds": 1e6}], indirect=True)
def test_a_job_that_does_not_start_is_named_and_the_commands_of_the_verdict_schedule_it_anew(
    federation: Federation,
) -> None:
    variables = {"link_update_create_backup": "never", "link_update_wait_timeout": 0.2}
    federation.update("--limit", "eu", link_update_wait=False, **variables)
    with sqlite3.connect(federation.ledger) as ledger:
        ledger.execute("UPDATE link_update_attempts SET status = 'COMPLETE' WHERE destination_url LIKE '%/ap.%'")
    run = federation.update("--limit", "eu", **variables)
    assert run.returncode == 2
    found = re.search(
        r"PENDING far longer than the others: eu -> us \(\S+s, ledger entry (\w+\.1)\). To schedule eu -> us again, "
        r"forget its ledger entry: ansible-playbook (.+?), then run again with (.+?)\. Left out of this run: us, ap",
        run.message,
    )
    assert found
    forget, only = shlex.split(found[2]), shlex.split(found[3])
    assert forget[:3] == [LEDGER, "-e", f"ledger_forget={found[1]}"]
    assert "2 entries: 1 COMPLETE, 1 PENDING" in federation.run(*forget).output
    federation.update(*only, **variables)
    assert federation.pairs == [("eu", "us"), ("eu", "ap"), ("eu", "au"), ("eu", "us")]
