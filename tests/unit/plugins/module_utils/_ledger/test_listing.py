# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger has recorded, as results and as a table."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.listing import entry_of, table_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


def update_to(destination: str) -> Update:
    return Update(
        product="jira",
        product_url="http://127.0.0.1:8000/eu.example.net",
        destination_url=f"https://{destination}.example.net",
        migrated_from="https://jira.example.com",
        site_id="site-eu",
    )


def filled(clock: FakeClock) -> Ledger:
    """A ledger with a job that has ended, a request that is being sent, and one whose answer nobody has seen."""
    ledger = Ledger(SqliteStore(None), clock)
    for destination in ("us", "ap", "au"):
        claim = ledger.claim(update_to(destination), 1, timedelta(hours=1))
        assert claim
        clock.sleep(60)
        if destination == "us":
            ledger.record_job(claim, "job-1", "PENDING")
            clock.sleep(3600)
            ledger.record_status("site-eu", "job-1", "COMPLETE")
        if destination == "au":
            ledger.abandon(claim)
    return ledger


def test_each_attempt_is_an_entry_with_all_that_is_known_of_it(clock: FakeClock) -> None:
    done, sending, unknown = (entry_of(attempt) for attempt in filled(clock).attempts())
    assert done == {
        "entry": done["entry"],
        **update_to("us").as_dict(),
        "attempt": 1,
        "job_id": "job-1",
        "status": "COMPLETE",
        "claimed_at": "2026-03-01T12:00:00.000000Z",
        "submitted_at": "2026-03-01T12:01:00.000000Z",
        "completed_at": "2026-03-01T13:01:00.000000Z",
    }
    assert (sending["status"], sending["job_id"], sending["submitted_at"]) == ("SENDING", None, None)
    assert (unknown["status"], unknown["completed_at"]) == ("UNKNOWN", None)


def test_the_table_has_a_line_for_each_entry_and_one_that_counts_them(clock: FakeClock) -> None:
    entries = [{**entry_of(attempt), "entry": "3f2a91c0.1"} for attempt in filled(clock).attempts()]
    eu = "127.0.0.1:8000/eu.example.net"
    assert table_of(entries) == [
        "entry       wave  pair                                             attempt  status    scheduled          ended"
        "              job",
        f"3f2a91c0.1  1     {eu} -> us.example.net  1        COMPLETE  2026-03-01 12:01Z  2026-03-01 13:01Z  job-1",
        f"3f2a91c0.1  1     {eu} -> ap.example.net  1        SENDING   -                  -                  -",
        f"3f2a91c0.1  1     {eu} -> au.example.net  1        UNKNOWN   -                  -                  -",
        "3 entries: 1 COMPLETE, 1 SENDING, 1 UNKNOWN",
    ]
    assert table_of([])[-1] == "0 entries"


def test_where_a_pair_has_several_origins_in_a_wave_the_table_names_them_as_messages_do(clock: FakeClock) -> None:
    ledger = Ledger(SqliteStore(None), clock)
    staging = {"migrated_from": "https://staging.example.com", "migrated_from_override": "https://old.example.com"}
    updates = [
        update_to("us"),
        replace(update_to("us"), **staging),
        replace(update_to("us"), **staging, wave="2"),
        replace(update_to("ap"), **staging),
    ]
    for update in updates:
        for attempt in (1, 2):
            claim = ledger.claim(update, attempt, timedelta(hours=1))
            assert claim
            ledger.record_job(claim, f"job {attempt}", "ERROR")
            clock.sleep(60)
    table = table_of([entry_of(attempt) for attempt in ledger.attempts()])
    eu = "127.0.0.1:8000/eu.example.net"
    assert [line[18:].partition("  ")[0] for line in table[1:-1]] == [
        *[f"{eu} -> us.example.net (from jira.example.com)"] * 2,
        *[f"{eu} -> us.example.net (from old.example.com)"] * 2,
        *[f"{eu} -> us.example.net"] * 2,
        *[f"{eu} -> ap.example.net"] * 2,
    ]
