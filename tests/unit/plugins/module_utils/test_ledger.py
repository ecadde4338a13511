# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger: claims decide, records last, and nobody else can read them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import stat
from datetime import timedelta
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption, LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._update import Update
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite3"


def test_a_claim_is_on_disk_for_others_before_it_is_given(path: Path) -> None:
    mine, theirs = Ledger(path, FakeClock()), Ledger(path, FakeClock())
    mine.claim(update(), 1, LEASE)
    seen = theirs.latest(update())
    assert seen
    assert seen.number == 1
    assert seen.job_id is None


def test_only_the_first_gets_a_claim(path: Path) -> None:
    mine, theirs = Ledger(path, FakeClock()), Ledger(path, FakeClock())
    assert mine.claim(update(), 1, LEASE)
    assert theirs.claim(update(), 1, LEASE) is None
    assert theirs.claim(update("ap"), 1, LEASE)
    assert theirs.claim(update(wave="2"), 1, LEASE)


def test_a_withdrawn_claim_leaves_no_trace(path: Path) -> None:
    ledger = Ledger(path, FakeClock())
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.withdraw(claim)
    assert ledger.latest(update()) is None


def test_a_job_that_was_recorded_cannot_be_withdrawn(path: Path) -> None:
    ledger = Ledger(path, FakeClock())
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    ledger.withdraw(claim)
    last = ledger.latest(update())
    assert last
    assert last.job_id == "job-1"


def test_a_claim_lives_as_long_as_its_lease_unless_it_is_abandoned(path: Path) -> None:
    clock = FakeClock()
    ledger = Ledger(path, clock)
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    last = ledger.latest(update())
    assert last
    assert last.claimed_by_the_living(clock.now())
    assert not last.claimed_by_the_living(clock.now() + LEASE)
    ledger.abandon(claim)
    last = ledger.latest(update())
    assert last
    assert not last.claimed_by_the_living(clock.now())


def _claim_and_die(path: Path) -> None:
    Ledger(path, SystemClock()).claim(update(), 1, LEASE)
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_claim_of_a_process_that_was_killed_is_free_at_once(path: Path) -> None:
    process = multiprocessing.get_context("spawn").Process(target=_claim_and_die, args=(path,))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL
    last = Ledger(path, SystemClock()).latest(update())
    assert last
    assert not last.claimed_by_the_living(SystemClock().now())


def test_the_end_of_a_job_is_recorded_with_its_time(path: Path) -> None:
    clock = FakeClock()
    ledger = Ledger(path, clock)
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


def test_the_same_job_id_at_another_site_is_another_job(path: Path) -> None:
    ledger = Ledger(path, FakeClock())
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    ledger.record_status("site-us", "job-1", "ERROR")
    last = ledger.latest(update())
    assert last
    assert last.status == "PENDING"


def test_a_copy_knows_what_the_file_has_and_changes_nothing_in_it(path: Path) -> None:
    ledger = Ledger(path, FakeClock())
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    ledger.record_job(claim, "job-1", "PENDING")
    copy = Ledger(path, FakeClock(), copy=True)
    copy.record_status("site-eu", "job-1", "COMPLETE")
    for ledger_there, status in ((copy, "COMPLETE"), (ledger, "PENDING")):
        last = ledger_there.latest(update())
        assert last
        assert last.status == status


def test_a_copy_of_a_ledger_that_is_not_there_is_empty_and_creates_nothing(path: Path) -> None:
    assert Ledger(path, FakeClock(), copy=True).latest(update()) is None
    assert not path.parent.exists()


def test_nobody_else_can_read_the_ledger(path: Path) -> None:
    ledger = Ledger(path, FakeClock())
    ledger.claim(update(), 1, LEASE)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()}
    assert len(modes) == 3, "the file, its write-ahead log, and that one's index"
    assert set(modes.values()) == {0o600}


def _claim_at_once(path: Path, start: object, winners: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    ledger = Ledger(path, SystemClock())
    won = [name for name in "abcdefgh" if ledger.claim(update(name), 1, LEASE)]
    winners.put(won)  # type: ignore[attr-defined]


def test_eight_processes_that_create_the_ledger_at_once_share_it(path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    start, winners = context.Barrier(8), context.Queue()
    processes = [context.Process(target=_claim_at_once, args=(path, start, winners)) for index in range(8)]
    for process in processes:
        process.start()
    won = [name for process in processes for name in winners.get(timeout=60)]
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert sorted(won) == list("abcdefgh")


@pytest.mark.parametrize("content", [b"certainly no database, but long enough to be mistaken for one" * 20, b"short"])
def test_a_file_that_is_no_ledger_is_left_as_it_is(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(LedgerError, match=str(path)):
        Ledger(path, FakeClock())
    assert path.read_bytes() == content


def test_a_database_of_something_else_is_left_as_it_is(path: Path) -> None:
    path.parent.mkdir()
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="something else"):
        Ledger(path, FakeClock())
    assert path.read_bytes() == before


def test_a_ledger_of_a_newer_release_is_left_as_it_is(path: Path) -> None:
    Ledger(path, FakeClock()).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="version 99"):
        Ledger(path, FakeClock())
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_gives_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be opened"):
        Ledger(tmp_path / "file" / "ledger.sqlite3", FakeClock())


@pytest.mark.parametrize(
    ("location", "environ", "expected"),
    [
        ("{tmp}/a.db", {"JIRA_FEDERATION_LEDGER": "{tmp}/b.db"}, "a.db"),
        ("sqlite://{tmp}/a.db", {}, "a.db"),
        (None, {"JIRA_FEDERATION_LEDGER": "{tmp}/b.db"}, "b.db"),
        (None, {"XDG_STATE_HOME": "{tmp}/state"}, "state/jira_cloud.federation/ledger.sqlite3"),
        (None, {"HOME": "{tmp}"}, ".local/state/jira_cloud.federation/ledger.sqlite3"),
    ],
)
def test_the_ledger_is_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str | None, environ: dict[str, str], expected: str
) -> None:
    environ = {name: value.format(tmp=tmp_path) for name, value in environ.items()}
    if "HOME" in environ:
        monkeypatch.setenv("HOME", environ["HOME"])
    open_ledger(location.format(tmp=tmp_path) if location else None, FakeClock(), environ)
    assert (tmp_path / expected).is_file()


@pytest.mark.parametrize(
    "location", ["postgresql://me:hunter2@db/ledger", "mysql://me:hunter2@db", "sqlite://relative"]
)
def test_a_ledger_that_cannot_be_is_refused_without_repeating_a_password(location: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        open_ledger(location, FakeClock(), {})
    assert "hunter2" not in str(caught.value)
