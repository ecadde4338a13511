# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that is deleted, replaced or emptied while it is in use: that is noticed when it happens."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    LEASE,
    claimed,
    end_connections,
    ledger_at,
    update,
)


def deleted(path: Path) -> None:
    path.unlink()


def deleted_with_its_folder(path: Path) -> None:
    shutil.rmtree(path.parent)


def moved(path: Path) -> None:
    path.rename(path.with_name("old"))


def replaced(path: Path) -> None:
    path.unlink()
    ledger_at(path).close()


def replaced_by_a_copy(path: Path) -> None:
    shutil.copy(path, path.with_name("copy"))
    path.with_name("copy").rename(path)


def overwritten(path: Path) -> None:
    other = path.with_name("other")
    ledger_at(other).close()
    path.write_bytes(other.read_bytes())


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def relinked(path: Path) -> None:
    other = path.with_name("other")
    ledger_at(other).close()
    path.unlink()
    path.symlink_to(other)


def tables_made_anew(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    ledger_at(url).close()


def tables_dropped(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def database_made_anew(url: str) -> None:
    server, name = url.rsplit("/", 1)
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        end_connections(url)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())
        connection.execute(f"CREATE DATABASE {name}".encode())
    ledger_at(url).close()


WAYS = [
    deleted,
    deleted_with_its_folder,
    moved,
    replaced,
    replaced_by_a_copy,
    overwritten,
    emptied,
    relinked,
    tables_made_anew,
    tables_dropped,
    database_made_anew,
]

CALLS: list[Callable[[Ledger], object]] = [
    lambda ledger: ledger.latest(update("ap")),
    lambda ledger: ledger.claim(update("ap"), 1, LEASE),
    lambda ledger: ledger.record_status("site-eu", "job-1", "COMPLETE"),
    lambda ledger: ledger.flush(),
]


@pytest.fixture(params=WAYS)
def lose(request: pytest.FixtureRequest) -> tuple[str, Callable[[], None]]:
    """Where a ledger is, and what happens to it."""
    kind = "path" if request.param in WAYS[:8] else "postgresql"
    place = request.getfixturevalue(kind)
    return str(place), lambda: request.param(place)


@pytest.mark.parametrize("call", CALLS)
def test_whatever_is_asked_of_a_ledger_that_was_lost_says_so(
    lose: tuple[str, Callable[[], None]], call: Callable[[Ledger], object]
) -> None:
    location, happens = lose
    ledger = ledger_at(location)
    ledger.record_job(claimed(ledger), "job-1", "PENDING")
    happens()
    with pytest.raises(LedgerError, match=r"was lost during the run: .* Restore it before you start another run"):
        call(ledger)


def test_a_job_that_was_scheduled_when_the_ledger_was_lost_is_said_and_kept(
    lose: tuple[str, Callable[[], None]],
) -> None:
    location, happens = lose
    ledger = ledger_at(location)
    claim = claimed(ledger)
    happens()
    with pytest.raises(LedgerError, match=r"the service scheduled the job job-1, but the ledger .* was lost"):
        ledger.record_job(claim, "job-1", "PENDING")
    assert [job.job_id for job in ledger.unrecorded] == ["job-1"]


def lose_while_in_use(location: str, happens: Callable[[], None]) -> None:
    with ledger_at(location) as ledger:
        ledger.record_job(claimed(ledger), "job-1", "PENDING")
        happens()


def test_also_a_run_that_asks_nothing_more_of_the_ledger_fails(lose: tuple[str, Callable[[], None]]) -> None:
    with pytest.raises(LedgerError, match="was lost"):
        lose_while_in_use(*lose)


def changed(location: str, statement: str) -> None:
    """Change something behind the back of who uses the ledger."""
    if location.startswith("postgresql:"):
        with psycopg.connect(location) as connection:
            connection.execute(statement.encode())
    else:
        with closing(sqlite3.connect(location, isolation_level=None)) as file:
            file.execute(statement)


def entries_deleted(location: str) -> None:
    changed(location, "DELETE FROM link_update_attempts")


def test_entries_that_were_written_and_are_not_there_at_the_end_are_missed(location: str) -> None:
    """As when an older state of the same ledger is restored in its place."""
    with pytest.raises(LedgerError, match="1 of the entries that this run has written are missing"):
        lose_while_in_use(location, lambda: entries_deleted(location))


def test_a_claim_that_is_not_there_any_more_cannot_take_the_id(location: str) -> None:
    ledger = ledger_at(location)
    claim = claimed(ledger)
    entries_deleted(location)
    with pytest.raises(LedgerError, match="the claim of this run is missing"):
        ledger.record_job(claim, "job-1", "PENDING")


def test_the_id_of_a_job_is_not_written_over_the_claim_of_somebody_else(location: str) -> None:
    ledger = ledger_at(location)
    claim = claimed(ledger)
    entries_deleted(location)
    claimed(ledger)
    changed(location, "UPDATE link_update_attempts SET claimant = 'elsewhere 1 2'")
    with pytest.raises(LedgerError, match="the claim of this run is missing"):
        ledger.record_job(claim, "job-1", "PENDING")


def test_a_ledger_that_nobody_touches_is_left_without_a_word(location: str) -> None:
    lose_while_in_use(location, lambda: None)


def test_each_ledger_has_an_id_of_its_own(tmp_path: Path) -> None:
    ids = set()
    for name in "ab":
        ledger_at(tmp_path / name).close()
        with closing(sqlite3.connect(tmp_path / name)) as file:
            ids.add(file.execute("SELECT id FROM link_update_generation").fetchall()[0])
    assert len(ids) == 2


# -- The write-ahead log of release 0.1.0


def with_a_log(path: Path) -> sqlite3.Connection:
    """A ledger as release 0.1.0 has kept it, open, with entries that only the log has."""
    with ledger_at(path) as ledger:
        claimed(ledger)
    file = sqlite3.connect(path, isolation_level=None)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("UPDATE link_update_attempts SET job_id = 'job-1', status = 'PENDING', submitted_at = claimed_at")
    return file


def mode_of(path: Path) -> str:
    """What the header of the file says: sqlite.org/fileformat.html."""
    return "log" if path.read_bytes()[18] == 2 else "journal"


def test_the_file_alone_is_the_ledger(path: Path) -> None:
    ledger = ledger_at(path)
    ledger.record_job(claimed(ledger), "job-1", "PENDING")
    copy = path.with_name("copy")
    shutil.copy(path, copy)
    assert ledger_at(copy).attempt_of("site-eu", "job-1"), "while it is open, as after a crash"
    assert mode_of(path) == "journal"


def test_a_file_with_a_log_becomes_one_without_and_loses_nothing(path: Path) -> None:
    with_a_log(path).close()
    assert mode_of(path) == "log"
    with ledger_at(path) as ledger:
        assert ledger.attempt_of("site-eu", "job-1")
        assert mode_of(path) == "journal"
        assert not list(path.parent.glob("*-wal"))


def test_a_file_with_a_log_that_was_left_by_a_crash_loses_nothing(path: Path) -> None:
    with closing(with_a_log(path)):
        crashed = path.parent.with_name("crashed")
        shutil.copytree(path.parent, crashed)
    with ledger_at(crashed / path.name) as ledger:
        assert ledger.attempt_of("site-eu", "job-1")
        assert mode_of(crashed / path.name) == "journal"


def test_a_file_with_a_log_that_others_have_open_keeps_it_and_serves_all(path: Path) -> None:
    with closing(with_a_log(path)) as theirs:
        with ledger_at(path) as ledger:
            assert ledger.attempt_of("site-eu", "job-1")
            assert mode_of(path) == "log"
            assert claimed(ledger, "ap")
        assert theirs.execute("SELECT count(*) FROM link_update_attempts").fetchone() == (2,)


def test_a_copy_can_be_made_while_others_write_and_holds_nobody_up(path: Path) -> None:
    ledger = ledger_at(path)
    with closing(SqliteStore(path, read_only=True)) as original:
        assert claimed(ledger)
        assert original.query("SELECT * FROM link_update_attempts", {}) == []
