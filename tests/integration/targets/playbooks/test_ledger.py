# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook ledger, and a ledger in a PostgreSQL database."""

from __future__ import annotations

import json

from federations import Federation


def test_the_ledger_is_shown_and_written_and_an_entry_that_is_forgotten_is_scheduled_anew_and_no_other(
    federation: Federation,
) -> None:
    empty = federation.run("jira_cloud.federation.ledger")
    assert "0 entries" in empty.output
    assert not federation.ledger.exists(), "to be shown, it need not be there"

    federation.update("--limit", "eu")
    run = federation.run("jira_cloud.federation.ledger", extra={"ledger_json": str(federation.folder / "entries.json")})
    assert run.returncode == 0
    entries = json.loads((federation.folder / "entries.json").read_text())
    assert {entry["job_id"] for entry in entries} == {job["job_id"] for job in federation.service.jobs}
    for job in federation.service.jobs:
        assert job["job_id"] in run.output
    assert "3 entries: 3 COMPLETE" in run.output

    forgotten = federation.run("jira_cloud.federation.ledger", extra={"ledger_forget": entries[1]["entry"]})
    assert "2 entries: 2 COMPLETE" in forgotten.output
    assert federation.update("--limit", "eu").returncode == 0
    assert federation.pairs == [("eu", "us"), ("eu", "ap"), ("eu", "au"), ("eu", "ap")]


def test_a_ledger_in_a_database_serves_a_run_that_has_nothing_else(federation: Federation, postgresql: str) -> None:
    federation.environ["JIRA_FEDERATION_LEDGER"] = postgresql.replace("tests@", "tests:hunter2@")
    first = federation.update("-vvv", "--limit", "eu")
    rerun = federation.update("-vvv", "--limit", "eu")
    shown = federation.run("jira_cloud.federation.ledger", "-vvv")
    assert [first.returncode, rerun.returncode] == [0, 0]
    assert len(federation.service.jobs) == 3
    assert rerun.recap("changed")["eu"] == 0
    assert "3 entries: 3 COMPLETE" in shown.output
    for run in (first, rerun, shown):
        assert "hunter2" not in run.output
