# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: claims decide, records last, and nobody else can read them."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import sys
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    InvalidOption,
    LedgerError,
    MissingLibrary,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.corrections import forget
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.tests.unit.processes import PROCESSES
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, closed_port

LEASE = timedelta(seconds=60)


def update(destination: str = "us", wave: str = "1") -> Update:
    return Update(
        product="jira",
        product_url="https://eu.example.net",
        destination_url=f"https://{destination}.example.net",
        migrated_from="https://jira.example.com",
        wave=wave,
        site_id="site-eu",
    )


def ledger_at(location: str | Path, clock: Clock | None = None, *, copy: bool = False) -> Ledger:
    return open_ledger(str(location), clock or FakeClock(), {}, copy=copy)


def in_flight(ledger: Ledger, destination: str = "us") -> bool:
    last = ledger.latest(update(destination))
    assert last
    return last.in_flight


def test_a_claim_is_on_disk_for_others_before_it_is_given(location: str) -> None:
    mine, theirs = ledger_at(location), ledger_at(location)
    mine.claim(update(), 1, LEASE)
    seen = theirs.latest(update())
    assert seen
    assert seen.number == 1
    assert seen.job_id is None


def test_only_the_first_gets_a_claim(location: str) -> None:
    mine, theirs = ledger_at(location), ledger_at(location)
    assert mine.claim(update(), 1, LEASE)
    assert theirs.claim(update(), 1, LEASE) is None
    assert theirs.claim(update("ap"), 1, LEASE)
    assert theirs.claim(update(wave="2"), 1, LEASE)


def test_a_withdrawn_claim_leaves_no_trace(location: str) -> None:
    ledger = ledger_at(location)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.withdraw(claim)
    assert ledger.latest(update()) is None


def test_a_job_that_was_recorded_cannot_be_withdrawn(location: str) -> None:
    ledger = ledger_at(location)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    ledger.withdraw(claim)
    last = ledger.latest(update())
    assert last
    assert last.job_id == "job-1"


def test_a_claim_is_given_back_by_its_holder_alone(location: str) -> None:
    ledger = ledger_at(location)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    another_ones = replace(claim, claimant="elsewhere 4711 0")
    ledger.withdraw(another_ones)
    ledger.abandon(another_ones)
    assert in_flight(ledger)


def test_an_attempt_has_the_update_that_was_claimed(location: str) -> None:
    claimed = replace(
        update(), migrated_from_override="https://old.example.com", recreate_as_remote=False, create_backup=True
    )
    ledger = ledger_at(location)
    assert ledger.claim(claimed, 1, LEASE)
    last = ledger.latest(claimed)
    assert last
    assert last.update.as_dict() == claimed.as_dict()


def test_a_claim_is_in_flight_until_it_is_abandoned(location: str) -> None:
    clock = FakeClock()
    ledger = ledger_at(location, clock)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    assert in_flight(ledger)
    ledger.abandon(claim)
    assert not in_flight(ledger)


def test_a_claim_is_in_flight_no_longer_than_its_lease(location: str) -> None:
    clock = FakeClock()
    ledger = ledger_at(location, clock)
    assert ledger.claim(update("us"), 1, timedelta(0))
    assert ledger.claim(update("ap"), 1, LEASE)
    assert not in_flight(ledger, "us")
    assert in_flight(ledger, "ap")


def _claim_and_die(location: str) -> None:
    ledger_at(location, SystemClock()).claim(update(), 1, LEASE)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_claim_of_a_process_that_was_killed_is_free_at_once(location: str) -> None:
    process = PROCESSES.Process(target=_claim_and_die, args=(location,))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL
    assert not in_flight(ledger_at(location, SystemClock()))


def test_the_end_of_a_job_is_recorded_with_its_time(location: str) -> None:
    clock = FakeClock()
    ledger = ledger_at(location, clock)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    clock.sleep(90)
    ledger.record_status("site-eu", "job-1", "COMPLETE")
    last = ledger.attempt_of("site-eu", "job-1")
    assert last
    assert last.status == "COMPLETE"
    assert last.submitted_at
    assert last.completed_at
    assert last.completed_at - last.submitted_at == timedelta(seconds=90)


def test_a_job_that_is_recorded_a_second_time_keeps_the_status_that_it_has_got_meanwhile(location: str) -> None:
    with ledger_at(location) as ledger:
        claim = ledger.claim(update(), 1, LEASE)
        assert claim
        ledger.record_job(claim, "job-1", "PENDING")
        ledger.record_status("site-eu", "job-1", "COMPLETE")
        ledger.record_job(claim, "job-1", "PENDING")
        last = ledger.latest(update())
    assert last
    assert (last.job_id, last.status) == ("job-1", "COMPLETE")


def test_the_same_job_id_at_another_site_is_another_job(location: str) -> None:
    ledger = ledger_at(location)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    ledger.record_status("site-us", "job-1", "ERROR")
    last = ledger.latest(update())
    assert last
    assert last.status == "PENDING"


def test_a_copy_knows_what_the_file_has_and_changes_nothing_in_it(location: str) -> None:
    ledger = ledger_at(location)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    copy = ledger_at(location, copy=True)
    copy.record_status("site-eu", "job-1", "COMPLETE")
    for ledger_there, status in ((copy, "COMPLETE"), (ledger, "PENDING")):
        last = ledger_there.latest(update())
        assert last
        assert last.status == status


def test_a_copy_of_a_ledger_that_is_not_there_is_empty_and_creates_nothing(path: Path) -> None:
    assert ledger_at(path, copy=True).latest(update()) is None
    assert not path.parent.exists()


def test_nobody_else_can_read_the_ledger(path: Path) -> None:
    ledger = ledger_at(path)
    ledger.claim(update(), 1, LEASE)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert set(modes) == {path.name, f"{path.name}-journal"}
    assert set(modes.values()) == {0o600}


def _claim_at_once(location: str, start: object, winners: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    ledger = ledger_at(location, SystemClock())
    won = [name for name in "abcdefgh" if ledger.claim(update(name), 1, LEASE)]
    winners.put(won)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_eight_processes_that_create_the_ledger_at_once_share_it(location: str) -> None:
    start, winners = PROCESSES.Barrier(8), PROCESSES.Queue()
    processes = [PROCESSES.Process(target=_claim_at_once, args=(location, start, winners)) for index in range(8)]
    for process in processes:
        process.start()
    won = [name for process in processes for name in winners.get(timeout=60)]
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert sorted(won) == list("abcdefgh")


def test_nobody_else_can_write_to_a_folder_that_leads_to_the_ledger(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ledger_at(tmp_path / "local" / "state" / "ledger.sqlite3")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "local").stat().st_mode) == 0o700


@pytest.mark.parametrize("content", [b"certainly no database, but long enough to be mistaken for one" * 20, b"short"])
def test_a_file_that_is_no_ledger_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=str(path)):
        ledger_at(path)
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="another program"):
        ledger_at(path)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_gives_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be opened"):
        ledger_at(tmp_path / "file" / "ledger.sqlite3")


def test_an_attempt_can_be_forgotten_by_its_reference(location: str) -> None:
    ledger = ledger_at(location)
    for destination in ("us", "ap"):
        assert ledger.claim(update(destination), 1, LEASE)
    first, second = ledger.attempts()
    assert forget(ledger, first.reference)["destination_url"] == first.update.destination_url
    assert ledger.attempts() == [second]
    with pytest.raises(InvalidOption, match="nothing was forgotten"):
        forget(ledger, first.reference)


def test_the_statuses_of_a_job_are_kept_with_their_times_until_it_is_forgotten(location: str) -> None:
    clock = FakeClock()
    ledger = ledger_at(location, clock)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    for status in ("BACKUP", "BACKUP", "IN_PROGRESS", "RETRY", "IN_PROGRESS", "ERROR"):
        clock.sleep(60)
        ledger.record_status("site-eu", "job-1", status)
    begun = FakeClock().now()
    history = [(status, (since - begun).total_seconds()) for status, since in ledger.history("site-eu", "job-1")]
    assert history == [("BACKUP", 60), ("IN_PROGRESS", 180), ("RETRY", 240), ("IN_PROGRESS", 300), ("ERROR", 360)]
    copy = ledger_at(location, copy=True)
    assert copy.history("site-eu", "job-1") == ledger.history("site-eu", "job-1")
    assert copy.histories() == ledger.histories() == {("site-eu", "job-1"): ledger.history("site-eu", "job-1")}
    forget(ledger, ledger.attempts()[0].reference)
    assert ledger.history("site-eu", "job-1") == []


def test_what_is_read_ahead_is_what_each_update_would_have_been_told(location: str) -> None:
    ledger = ledger_at(location)
    for number in (1, 2):
        claim = ledger.claim(update("us"), number, LEASE)
        assert claim
        ledger.record_job(claim, f"job-{number}", "PENDING")
    assert ledger.claim(update("ap"), 1, LEASE)
    assert ledger.claim(update("us", wave="2"), 3, LEASE)
    asked = [update("us"), update("ap"), update("au")]
    expected = [ledger.latest(each) for each in asked]
    assert [each and each.number for each in expected] == [2, 1, None]
    ledger.read_ahead(asked)
    assert [ledger.latest(each) for each in asked] == expected


def test_what_is_read_ahead_takes_one_statement_and_is_told_once(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = ledger_at(path), ledger_at(path)
    really, asked = SqliteStore.query, []

    def query(store: SqliteStore, statement: str, parameters: Mapping[str, Any]) -> Any:
        asked.append(statement)
        return really(store, statement, parameters)

    monkeypatch.setattr(SqliteStore, "query", query)
    mine.read_ahead([update("us"), update("ap")])
    assert theirs.claim(update("us"), 1, LEASE)
    assert [mine.latest(update("us")), mine.latest(update("ap"))] == [None, None]
    assert len(asked) == 1
    assert mine.claim(update("us"), 1, LEASE) is None, "the claim tells that somebody was quicker"
    last = mine.latest(update("us"))
    assert last
    assert last.number == 1


def test_what_cannot_be_read_ahead_fails_where_it_is_asked_for(path: Path) -> None:
    ledger = ledger_at(path)
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE link_update_attempts RENAME TO elsewhere")
    ledger.read_ahead([update("us")])
    with pytest.raises(LedgerError, match="was lost during the run"):
        ledger.latest(update("us"))


def test_the_backups_of_a_product_and_wave_are_found_whichever_update_ordered_them(location: str) -> None:
    ledger = ledger_at(location)
    assert ledger.claim(replace(update("us"), create_backup=True), 1, LEASE)
    assert ledger.claim(update("ap"), 1, LEASE)
    assert ledger.claim(replace(update("au", wave="2"), create_backup=True), 1, LEASE)
    found = ledger.backups(update("ap"))
    assert [attempt.update for attempt in found] == [update("us")]
    assert ledger.backups(update("ap", wave="3")) == []


def test_a_copy_does_not_create_the_tables(postgresql: str) -> None:
    assert ledger_at(postgresql, copy=True).latest(update()) is None
    with psycopg.connect(postgresql) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename ~ 'link_update'").fetchone() == (0,)


def as_a_user_with(rights: str, url: str) -> str:
    """The URL of a database for a user who has some rights in its tables, and no others."""
    user = f"user_{uuid.uuid4().hex}"
    with psycopg.connect(url) as admin:
        admin.execute(f"CREATE ROLE {user} LOGIN; GRANT {rights} ON ALL TABLES IN SCHEMA public TO {user}".encode())
    return url.replace("//tests@", f"//{user}@")


def test_once_the_tables_are_there_it_takes_no_right_to_create_them(postgresql: str) -> None:
    ledger_at(postgresql).close()
    with ledger_at(as_a_user_with("SELECT, INSERT, UPDATE, DELETE", postgresql)) as ledger:
        assert ledger.claim(update(), 1, LEASE)


def test_who_may_only_read_the_tables_can_have_a_copy(postgresql: str) -> None:
    with ledger_at(postgresql) as ledger:
        assert ledger.claim(update(), 1, LEASE)
    with ledger_at(as_a_user_with("SELECT", postgresql), copy=True) as copy:
        assert copy.latest(update())


def test_leases_are_measured_by_the_clock_of_the_server_that_is_shared(postgresql: str) -> None:
    slow, fast = FakeClock(), FakeClock(FakeClock().time + timedelta(days=1))
    assert ledger_at(postgresql, slow).claim(update(), 1, LEASE)
    assert in_flight(ledger_at(postgresql, fast))


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:{port}/ledger",
        "postgresql://me:hunter2@127.0.0.1:99999/ledger",
        "postgresql://me:1234/hunter2@127.0.0.1:{port}/ledger",
        "postgresql://me:hunter2@127.0.0.1:{port},127.0.0.1:{port}/ledger",
        "postgresql://127.0.0.1:{port}/ledger?user=me&password=hunter2",
        "postgresql://127.0.0.1:{port}/ledger?user=me&password=hunter2&no_such_setting=1",
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(url: str) -> None:
    with pytest.raises(LedgerError) as caught:
        ledger_at(url.format(port=closed_port()))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hun/ter2@127.0.0.1:{port}/ledger",
        "postgresql://me:hun#ter2@127.0.0.1:{port}/ledger",
        "postgresql://me:hun?ter2@127.0.0.1:{port}/ledger",
        "postgresql://me:hun@ter2@127.0.0.1:{port}/ledger",
        "postgresql://me:12/ter2@127.0.0.1:{port}/ledger",
        "postgresql://me:12?ter2=3@127.0.0.1:{port}/ledger",
        "postgresql://me:ter2%E0@127.0.0.1:{port}/ledger",
        "postgresql://me:ter2%00@127.0.0.1:{port}/ledger",
        "postgresql://me:ter2%zz@127.0.0.1:{port}/ledger",
        "postgresql://me:ter2%@127.0.0.1:{port}/ledger",
        "postgresql://me:ter2\x1b@127.0.0.1:{port}/ledger",
        "postgresql://me:ter2",
        "postgresql://127.0.0.1:{port}/ledger?password=hun&ter2",
        "postgresql://127.0.0.1:{port}/ledger?password=hun&ter2=",
        "postgresql://127.0.0.1:{port}/ledger?password=hun=ter2",
        "postgresql://127.0.0.1:{port}/ledger?no_such_setting=ter2",
        "postgresql://[127.0.0.1/ter2",
    ],
)
def test_a_malformed_url_of_a_database_is_refused_with_what_to_do_and_not_quoted(url: str, read_only: bool) -> None:
    with pytest.raises(LedgerError) as caught:
        open_ledger(url.format(port=closed_port()), FakeClock(), {}, copy=read_only)
    failure = caught.value.failure
    assert failure.what == "the ledger is not a PostgreSQL URL such as postgresql://user@host:5432/database"
    assert failure.advice.startswith("write special characters of the password in % notation")


def test_a_missing_psycopg_is_named_as_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingLibrary, match=r"Install 'psycopg\[binary\]'"):
        ledger_at("postgresql://db/ledger")


def test_releases_know_an_attempt_by_the_same_reference(path: Path) -> None:
    with ledger_at(path) as ledger:
        ledger.claim(update(), 1, LEASE)
        (attempt,) = ledger.attempts()
        with pytest.raises(InvalidOption) as caught:
            forget(ledger, "0.1")
    assert attempt.reference == f"{sha256(update().identity().encode()).hexdigest()[:8]}.1"
    assert (
        str(caught.value)
        == "nothing was forgotten: the ledger has no entries '0.1'. Use the name of an entry of the table"
    )


def test_a_file_that_cannot_be_opened_is_told_with_what_to_check(tmp_path: Path) -> None:
    (tmp_path / "ledger").write_text("a note of somebody's own")
    with pytest.raises(LedgerError) as caught:
        ledger_at(tmp_path / "ledger")
    assert str(caught.value).startswith(f"the ledger {tmp_path / 'ledger'} cannot be opened: ")
    assert caught.value.failure.advice == (
        "check that it is the right file, on a local disk, and that you may write to it. It was not changed"
    )


def test_a_job_that_cannot_be_recorded_is_told_with_its_id(path: Path) -> None:
    ledger = ledger_at(path)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.close()
    with pytest.raises(LedgerError) as caught:
        ledger.record_job(claim, "job-1", "PENDING")
    said = f"the service scheduled the job job-1, but the ledger {path} cannot be read or written: "
    assert caught.value.failure.what.startswith(said)
    assert caught.value.failure.job_id == "job-1"
    assert "record it before any other run: ansible-playbook jira_cloud" in caught.value.failure.advice


def test_a_commit_to_a_file_is_on_the_disk_when_it_returns(path: Path) -> None:
    store, full = SqliteStore(path), 2
    assert store.query("PRAGMA synchronous", {}) == [{"synchronous": full}]
    assert store.query("PRAGMA journal_mode", {}) == [{"journal_mode": "persist"}]
    store.close()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (
            "postgresql://me:hunter2@127.0.0.1:{port}/ledger?connect_timeout=3",
            "postgresql://me@127.0.0.1:{port}/ledger",
        ),
        ("postgresql://127.0.0.1:{port}/ledger", "postgresql://127.0.0.1:{port}/ledger"),
    ],
)
def test_a_database_is_called_by_its_url_without_what_nobody_needs_to_see(url: str, name: str) -> None:
    port = closed_port()
    with pytest.raises(LedgerError, match=f"^the ledger {name.format(port=port)} cannot be opened: .*refused"):
        ledger_at(url.format(port=port))


def test_a_url_of_a_database_that_is_none_is_told_with_how_to_write_it() -> None:
    with pytest.raises(LedgerError) as caught:
        ledger_at("postgresql://me:hunter2@[db/ledger")
    assert str(caught.value) == (
        "the ledger is not a PostgreSQL URL such as postgresql://user@host:5432/database. Write special characters of "
        "the password in % notation (@ is %40), or put the password into ~/.pgpass"
    )


def test_a_database_that_goes_away_is_told_by_what_could_not_be_done(postgresql: str) -> None:
    store = PostgresqlStore(postgresql)
    store.close()
    for act, what in ((store.query, "read"), (store.execute, "written")):
        with pytest.raises(LedgerError, match=f"cannot be {what}: "):
            act("SELECT no_such_column FROM link_update_attempts", {})
