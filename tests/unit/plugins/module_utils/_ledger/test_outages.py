# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that is locked, full or away: what passes is waited for, and no id of a job gets lost."""

from __future__ import annotations

import resource
import shlex
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock, from_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import sqlite
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.corrections import forget
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.outage import OutageRetry
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.store import OneAtATime, Row, Unavailable
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    LEASE,
    EndsAfter,
    at_once,
    claimed,
    end_connections,
    ledger_at,
    update,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

#: For how many seconds a ledger may be away.
OUTAGE_LIMIT = 120


class Outage:
    """What is in the way of a ledger."""

    def __init__(self, location: str, begin: Callable[[], None], end: Callable[[], None]) -> None:
        self.location = location
        self.begin = begin
        self.end = end


def locked(path: Path) -> Outage:
    """Another program holds the file."""
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def begin() -> None:
        other.execute("BEGIN EXCLUSIVE")

    return Outage(str(path), begin, other.rollback)


def full(path: Path) -> Outage:
    """Nothing more can be written; the limit stands for that of a disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    return Outage(
        str(path),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1])),
        lambda: resource.setrlimit(resource.RLIMIT_FSIZE, before),
    )


def away(url: str) -> Outage:
    """The server takes no connection to the database."""

    def allow(what: str) -> None:
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as admin:
            admin.execute(f"ALTER DATABASE {url.rpartition('/')[2]} ALLOW_CONNECTIONS {what}".encode())

    def begin() -> None:
        end_connections(url)
        allow("false")
        # Those of the time between.
        with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as admin:
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [url.rpartition("/")[2]]
            )

    return Outage(url, begin, lambda: allow("true"))


@pytest.fixture(params=[locked, full, away])
def outage(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Outage]:
    monkeypatch.setattr(sqlite, "_BUSY", 0.0)
    if request.param is away:
        made = away(request.getfixturevalue("postgresql"))
    else:
        path = request.getfixturevalue("path")
        ledger_at(path).close()
        made = request.param(path)
    yield made
    made.end()


@pytest.mark.parametrize("seconds", [0.8, 62])
def test_what_passes_is_waited_for_whatever_is_done(outage: Outage, seconds: float) -> None:
    clock = EndsAfter(seconds, outage.end)
    ledger = ledger_at(outage.location, clock)
    outage.begin()
    claim = claimed(ledger)
    assert clock.naps
    ledger.record_job(claim, "job-1", "PENDING")
    last = ledger_at(outage.location).latest(update())
    assert last
    assert last.job_id == "job-1"


@pytest.mark.parametrize(("seconds", "opened"), [(0.8, True), (7, True), (62, False)])
def test_a_database_that_is_away_when_a_run_begins_is_waited_for_some_seconds(
    postgresql: str, seconds: float, opened: bool
) -> None:
    outage = away(postgresql)
    clock = EndsAfter(seconds, outage.end)
    outage.begin()
    with nullcontext() if opened else pytest.raises(LedgerError, match="cannot be opened"):
        ledger_at(outage.location, clock)
    assert sum(clock.naps) < 12, "its URL may be wrong"
    outage.end()


@pytest.mark.parametrize("seconds", [0.8, 62])
def test_the_id_of_a_job_is_written_when_the_outage_has_passed(outage: Outage, seconds: float) -> None:
    clock = EndsAfter(seconds, outage.end)
    ledger = ledger_at(outage.location, clock)
    claim = claimed(ledger)
    outage.begin()
    ledger.record_job(claim, "job-1", "PENDING")
    assert ledger.unrecorded == ()
    ledger.record_status("site-eu", "job-1", "COMPLETE")
    last = ledger_at(outage.location).latest(update())
    assert last
    assert (last.job_id, last.status) == ("job-1", "COMPLETE")


@pytest.mark.parametrize("seconds", [0.8, 62])
def test_all_that_several_threads_were_answered_is_written_when_the_outage_has_passed(
    outage: Outage, seconds: float
) -> None:
    ledger = ledger_at(outage.location, EndsAfter(seconds, outage.end))
    claims = [claimed(ledger, str(number)) for number in range(8)]
    outage.begin()

    def record(number: int) -> None:
        ledger.record_job(claims[number], f"job-{number}", "PENDING")
        assert claimed(ledger, f"next-{number}")

    at_once(8, record)
    assert ledger.unrecorded == ()
    job_ids = [each.job_id for each in ledger_at(outage.location).attempts()]
    assert sorted(filter(None, job_ids)) == [f"job-{number}" for number in range(8)]
    assert job_ids.count(None) == 8


def test_what_several_threads_could_not_write_is_written_at_the_end(outage: Outage) -> None:
    ledger = ledger_at(outage.location)
    claims = [claimed(ledger, str(number)) for number in range(8)]
    outage.begin()

    def record(number: int) -> None:
        with pytest.raises(LedgerError) as caught:
            ledger.record_job(claims[number], f"job-{number}", "PENDING")
        assert caught.value.failure.job_id == f"job-{number}"

    at_once(8, record)
    assert {each.job_id for each in ledger.unrecorded} == {f"job-{number}" for number in range(8)}
    outage.end()
    ledger.flush()
    assert {each.job_id for each in ledger_at(outage.location).attempts()} == {f"job-{number}" for number in range(8)}


def failed_to_record(outage: Outage, ledger: Ledger) -> LedgerError:
    """What is said of a job whose id cannot be written."""
    claim = claimed(ledger)
    outage.begin()
    with pytest.raises(LedgerError) as caught:
        ledger.record_job(claim, "job-1", "PENDING")
    return caught.value


def test_an_id_that_cannot_be_written_is_kept_and_said_with_the_command_that_records_it(outage: Outage) -> None:
    clock = FakeClock()
    ledger = ledger_at(outage.location, clock)
    failure = failed_to_record(outage, ledger).failure
    assert OUTAGE_LIMIT - 5 < sum(clock.naps) <= OUTAGE_LIMIT
    (job,) = ledger.unrecorded
    assert (job.job_id, job.update, failure.job_id) == ("job-1", update(), "job-1")
    program, playbook, option, variables = shlex.split(job.command)
    assert (program, playbook, option) == ("ansible-playbook", "jira_cloud.federation.ledger", "-e")
    for text in ('"job_id": "job-1"', '"site_id": "site-eu"', f'"link_update_ledger": "{outage.location}"'):
        assert text in variables
    assert job.command in failure.message


@pytest.mark.parametrize(
    "call", [lambda ledger: ledger.latest(update("ap")), lambda ledger: claimed(ledger, "ap"), Ledger.flush]
)
def test_an_id_that_was_kept_is_written_by_the_next_call_when_the_ledger_is_back(
    outage: Outage, call: Callable[[Ledger], object]
) -> None:
    clock = FakeClock()
    ledger = ledger_at(outage.location, clock)
    failed_to_record(outage, ledger)
    submitted = clock.now() - timedelta(seconds=sum(clock.naps))
    outage.end()
    clock.sleep(60)
    call(ledger)
    assert ledger.unrecorded == ()
    last = ledger_at(outage.location).latest(update())
    assert last
    assert (last.job_id, last.submitted_at) == ("job-1", submitted)


def left_with_an_id(outage: Outage) -> None:
    with ledger_at(outage.location) as ledger:
        failed_to_record(outage, ledger)


def test_a_ledger_that_is_left_with_an_id_that_is_not_written_fails_with_it(outage: Outage) -> None:
    with pytest.raises(LedgerError) as caught:
        left_with_an_id(outage)
    assert caught.value.failure.job_id == "job-1"


def test_an_id_is_written_at_last_also_where_the_run_is_stopped(outage: Outage) -> None:
    class Stops(FakeClock):
        def sleep(self, seconds: float) -> None:
            outage.end()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), ledger_at(outage.location, Stops()) as ledger:
        failed_to_record(outage, ledger)
    last = ledger_at(outage.location).latest(update())
    assert last
    assert last.job_id == "job-1"


def test_hundreds_of_calls_do_not_each_wait_for_a_ledger_that_stays_away(outage: Outage) -> None:
    clock = FakeClock()
    ledger = ledger_at(outage.location, clock)
    failed_to_record(outage, ledger)
    slept = sum(clock.naps)
    for name in map(str, range(300)):
        with pytest.raises(LedgerError):
            ledger.claim(update(name), 1, LEASE)
    assert sum(clock.naps) == slept
    outage.end()
    ledger.flush()
    assert claimed(ledger, "ap")


# -- A connection that breaks


class LosesItsConnection(PostgresqlStore):
    """A store whose connection breaks when it has changed something for the first time, before it is told so."""

    def __init__(self, url: str, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__(url)
        self._there = url
        self._meanwhile = meanwhile
        self._is_whole = True

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> int:
        changed = super().execute(statement, parameters)
        if self._is_whole:
            self._is_whole = False
            self._meanwhile()
            end_connections(self._there)
            self.query("SELECT 1", {})
        return changed


def test_a_claim_that_was_written_before_the_connection_broke_is_ones_own(postgresql: str) -> None:
    ledger = Ledger(LosesItsConnection(postgresql), FakeClock())
    claim = claimed(ledger)
    assert len(ledger.attempts()) == 1
    ledger.record_job(claim, "job-1", "PENDING")
    assert ledger.attempt_of("site-eu", "job-1")


def test_a_claim_of_somebody_else_is_not_taken_for_ones_own_after_that(postgresql: str) -> None:
    theirs = ledger_at(postgresql)

    def meanwhile() -> None:
        forget(theirs, theirs.attempts()[0].reference)
        claimed(theirs)

    ledger = Ledger(LosesItsConnection(postgresql, meanwhile), FakeClock())
    assert ledger.claim(update(), 1, LEASE) is None


def test_a_claim_that_was_written_and_has_expired_meanwhile_is_given_up(postgresql: str) -> None:
    ledger = Ledger(LosesItsConnection(postgresql), FakeClock())
    assert ledger.claim(update(), 1, timedelta(0)) is None


def test_a_claim_that_is_taken_over_lasts_a_whole_lease_from_then_on(postgresql: str) -> None:
    store = LosesItsConnection(postgresql)
    claimed(Ledger(store, FakeClock()))
    row = store.query("SELECT claimed_at, lease_until FROM link_update_attempts", {})[0]
    assert from_text(row["lease_until"]) > from_text(row["claimed_at"]) + LEASE


@pytest.mark.parametrize("how", ["withdraw", "abandon"])
def test_a_claim_is_given_back_also_over_a_connection_that_breaks(postgresql: str, how: str) -> None:
    claim = claimed(ledger_at(postgresql))
    getattr(Ledger(LosesItsConnection(postgresql), FakeClock()), how)(claim)
    last = ledger_at(postgresql).latest(update())
    assert last is None or not last.in_flight


class Stuck:
    """A store whose database does not answer."""

    name, place, version = "stuck", None, 1

    def __init__(self) -> None:
        self.asked, self.answers = threading.Event(), threading.Event()

    def query(self, statement: str, parameters: Row) -> list[Row]:
        self.asked.set()
        self.answers.wait(10)
        return []

    def execute(self, statement: str, parameters: Row) -> int:
        return 0

    def now(self, clock: Clock) -> datetime:
        return clock.now()

    def close(self) -> None:
        """There is nothing to close."""


def test_the_end_of_a_run_does_not_wait_for_a_thread_that_waits_for_the_database() -> None:
    stuck = Stuck()
    store = OneAtATime(stuck)
    threading.Thread(target=store.query, args=("", {}), daemon=True).start()
    assert stuck.asked.wait(10)
    began = time.monotonic()
    store.close()
    assert time.monotonic() - began < 5
    stuck.answers.set()


def test_what_succeeds_for_others_keeps_nobody_waiting_for_ever(clock: FakeClock) -> None:
    retries = OutageRetry(clock)

    def write() -> None:
        # Another thread reads meanwhile: on a full disk, that goes on.
        retries.repeat(lambda: None)
        raise Unavailable("database or disk is full")

    began = clock.monotonic()
    with pytest.raises(Unavailable):
        retries.repeat(write)
    assert OUTAGE_LIMIT / 2 < clock.monotonic() - began <= OUTAGE_LIMIT
