# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook ledger, and a ledger in a PostgreSQL database."""

from __future__ import annotations

import json

from federations import Federation
from plays import LEDGER, PACKAGED, STATUS, imported, run_plays, told

#: What somebody would enter to have the job recorded that was forgotten; a text, as -e gives one.
RECORD_THE_SECOND = (
    "{{{{ (lookup('ansible.builtin.file', '{}') | from_json)[1] | dict2items"
    " | selectattr('key', 'in', ['job_id', 'site_id', 'product_url', 'destination_url', 'migrated_from', 'wave'])"
    " | items2dict }}}}"
)


def test_the_ledger_is_shown_and_written_and_an_entry_that_is_forgotten_is_scheduled_anew_and_no_other(
    federation: Federation,
) -> None:
    entries = federation.folder / "entries.json"
    another = federation.folder / "another" / "ledger.sqlite3"
    second = f"{{{{ (lookup('ansible.builtin.file', '{entries}') | from_json)[1].entry }}}}"
    plays = [
        imported(LEDGER),
        imported(PACKAGED),
        imported(LEDGER, ledger_json=str(entries)),
        imported(LEDGER, link_update_ledger=str(another)),
        imported(LEDGER, ledger_wave="2"),
        imported(LEDGER, ledger_forget=second),
        imported(LEDGER, ledger_record=RECORD_THE_SECOND.format(entries)),
        imported(LEDGER, ledger_record=RECORD_THE_SECOND.format(entries)),
        imported(LEDGER, ledger_forget=second),
        imported(PACKAGED),
    ]
    run = run_plays(federation, plays, "--limit", "localhost,eu")
    assert run.returncode == 0
    shown = told(run)["Show the ledger"]
    assert shown.count(" 0 entries") == 3, "before the run, of another ledger, of another wave"
    assert not another.parent.exists()
    for count in (
        "3 entries: 3 COMPLETE",
        "2 entries: 2 COMPLETE",
        "3 entries: 2 COMPLETE, 1 PENDING",
    ):
        assert count in shown
    written = json.loads(entries.read_text())
    job_ids = {job["job_id"] for job in federation.service.jobs[:3]}
    assert {entry["job_id"] for entry in written} == job_ids
    for job_id in job_ids:
        assert job_id in shown
    assert federation.pairs == [("eu", "us"), ("eu", "ap"), ("eu", "au"), ("eu", "ap")]


def test_a_ledger_in_a_database_serves_a_run_that_has_nothing_else(federation: Federation, postgresql: str) -> None:
    federation.environ["JIRA_FEDERATION_LEDGER"] = postgresql.replace("tests@", "tests:hunter2@")
    plays = [imported(PACKAGED), imported(PACKAGED), imported(STATUS)]
    run = run_plays(federation, plays, "-vvv", "--limit", "eu")
    shown = federation.run(LEDGER, "-vvv")
    assert run.returncode == 0
    assert len(federation.service.jobs) == 3
    assert run.recap("changed")["eu"] == 1
    assert "3 entries: 3 COMPLETE" in shown.output
    assert f"3 of 12 jobs complete, 9 not scheduled; wave 1; ledger {postgresql}" in run.message
    for each in (run, shown):
        assert "hunter2" not in each.output
