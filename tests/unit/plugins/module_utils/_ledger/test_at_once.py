# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One ledger that many threads use at once."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.store import Row
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    LEASE,
    at_once,
    ledger_at,
    update,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

SHARED = ("us", "ap", "au", "br")


def claim_and_record(ledger: Ledger, destination: str, job_id: str) -> list[str]:
    """Claim an update and record its job, if nobody else was quicker. The destination, where it was not."""
    claim = ledger.claim(update(destination), 1, LEASE)
    if claim is None:
        return []
    ledger.record_job(claim, job_id, "PENDING")
    ledger.record_status("site-eu", job_id, "COMPLETE")
    return [destination]


@pytest.mark.parametrize("threads", [8, 32])
def test_of_many_threads_one_gets_a_claim_and_all_that_they_record_is_there(location: str, threads: int) -> None:
    def claim(number: int) -> list[str]:
        # Those that all want, each thread another one first, and one of its own.
        wanted = [*SHARED[number % 4 :], *SHARED[: number % 4], f"only-{number}"]
        return [got for each in wanted for got in claim_and_record(ledger, each, f"job-{number}-{each}")]

    with ledger_at(location) as ledger:
        claimed = at_once(threads, claim)
    assert Counter(each for got in claimed for each in got) == dict.fromkeys(
        [*SHARED, *(f"only-{number}" for number in range(threads))], 1
    )
    with ledger_at(location) as later:
        assert {(each.update.destination_url, each.job_id, each.status) for each in later.attempts()} == {
            (update(each).destination_url, f"job-{number}-{each}", "COMPLETE")
            for number, got in enumerate(claimed)
            for each in got
        }


def test_what_one_thread_is_just_writing_no_other_one_writes_as_well(path: Path) -> None:
    class Slow(SqliteStore):
        """A database that takes its time, so that there is always one who waits for it."""

        def execute(self, statement: str, parameters: Row, *more: str) -> int:
            time.sleep(0.001)
            recorded.extend([parameters["job_id"]] if "submitted_at = " in statement else [])
            return super().execute(statement, parameters, *more)

    recorded: list[str] = []
    with Ledger(Slow(path), FakeClock()) as ledger:
        at_once(8, lambda number: [claim_and_record(ledger, f"{number}-{each}", f"{number}-{each}") for each in "abc"])
    assert sorted(recorded) == [f"{number}-{each}" for number in range(8) for each in "abc"]


def test_a_ledger_that_is_closed_fails_those_who_still_use_it_and_nobody_else(location: str) -> None:
    ledger, failures = ledger_at(location), []

    def use(number: int) -> None:
        if number == 0:
            ledger.close()
            return
        try:
            while True:
                claim_and_record(ledger, "us", f"job-{number}")
        except LedgerError as exc:
            failures.append(exc)

    at_once(4, use)
    assert len(failures) == 3
    with ledger_at(location) as again:
        assert len(again.attempts()) <= 1
