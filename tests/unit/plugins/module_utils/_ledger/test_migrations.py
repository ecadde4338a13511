# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ledgers of older and newer releases: the older are migrated, all or nothing, and the newer are left alone."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.schema import LEDGER, MIGRATIONS, Migrations
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    write_first_release,
)
from ansible_collections.jira_cloud.federation.tests.unit.processes import PROCESSES
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

LEASE = timedelta(seconds=60)

#: A step that cannot be taken twice unnoticed.
STEP = (
    "ALTER TABLE link_update_attempts ADD COLUMN note TEXT",
    "UPDATE link_update_attempts SET wave = wave || '+', note = 'migrated'",
)
NEXT: Migrations = (*MIGRATIONS, STEP)
OLD, NEW = len(MIGRATIONS), len(NEXT)


def store_at(
    location: str, migrations: Migrations = MIGRATIONS, *, read_only: bool = False
) -> SqliteStore | PostgresqlStore:
    schema = replace(LEDGER, migrations=migrations)
    if location.startswith("postgresql:"):
        return PostgresqlStore(location, schema, read_only=read_only)
    return SqliteStore(Path(location), schema, read_only=read_only)


def contents(store: SqliteStore | PostgresqlStore) -> list[dict[str, Any]]:
    """Every attempt, as it is written; the store is closed."""
    with closing(store):
        return [dict(row) for row in store.query("SELECT * FROM link_update_attempts ORDER BY identity, attempt", {})]


def update(destination: str, **others: Any) -> Update:
    return Update(
        product="jira",
        product_url="https://eu.example.net",
        destination_url=f"https://{destination}.example.net",
        migrated_from="https://jira.example.com",
        site_id="site-eu",
        **others,
    )


#: The updates of the ledger of release 0.1.0, each in a state of its own.
COMPLETE = update("us")
ERROR = update("ap")
IN_PROGRESS = update("au", migrated_from_override="https://old.example.com", recreate_as_remote=False, wave="2")
UNANSWERED = update("br")
#: The request of this one is being sent, by a process on another machine.
CLAIMED = update("ca")


@pytest.fixture
def released(location: str) -> str:
    """Where a ledger is that release 0.1.0 has written."""
    write_first_release(location)
    return location


# -- The ledger of release 0.1.0


@pytest.mark.parametrize("copy", [False, True])
def test_the_ledger_of_the_first_release_is_read_as_it_was_meant(released: str, copy: bool) -> None:
    clock = FakeClock()
    with open_ledger(released, clock, {}, copy=copy) as ledger:
        found = {each.update: ledger.latest(each.update) for each in ledger.attempts()}
        assert list(found.values()) == ledger.attempts(), "each is found by the identity of its update"
        assert {
            each: (last.number, last.job_id, last.status, last.in_flight) for each, last in found.items() if last
        } == {
            COMPLETE: (1, "job-1", "COMPLETE", False),
            ERROR: (1, "job-2", "ERROR", False),
            IN_PROGRESS: (1, "job-3", "IN_PROGRESS", False),
            UNANSWERED: (1, None, None, False),
            CLAIMED: (1, None, None, True),
        }
        assert [each.update for each in ledger.backups(ERROR)] == [COMPLETE]
        assert [status for status, since in ledger.history("site-eu", "job-1")] == ["BACKUP", "IN_PROGRESS", "COMPLETE"]


def test_the_ledger_of_the_first_release_goes_on(released: str) -> None:
    with open_ledger(released, FakeClock(), {}) as ledger:
        assert ledger.claim(COMPLETE, 1, LEASE) is None, "it was scheduled by the first release"
        again = ledger.claim(ERROR, 2, LEASE)
        assert again
        ledger.record_job(again, "job-4", "PENDING")
        ledger.record_status("site-eu", "job-3", "COMPLETE")
    with open_ledger(released, FakeClock(), {}) as ledger:
        last, ended = ledger.latest(ERROR), ledger.latest(IN_PROGRESS)
        assert last
        assert ended
        assert (last.number, last.job_id, ended.status) == (2, "job-4", "COMPLETE")
        assert len(ledger.attempts()) == 6


def tables_of(location: str) -> list[Any]:
    """What a ledger's tables and indexes are like."""
    if location.startswith("postgresql:"):
        with psycopg.connect(location) as connection:
            columns = connection.execute(
                "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
                " WHERE table_schema = 'public' ORDER BY table_name, ordinal_position"
            ).fetchall()
            return columns + connection.execute("SELECT indexdef FROM pg_indexes ORDER BY indexname").fetchall()
    with closing(sqlite3.connect(location)) as file:
        return [" ".join(str(sql).split()) for (sql,) in file.execute("SELECT sql FROM sqlite_master ORDER BY name")]


def test_the_first_step_makes_the_tables_of_the_first_release(released: str) -> None:
    tables = tables_of(released)
    if released.startswith("postgresql:"):
        with psycopg.connect(released) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    else:
        Path(released).unlink()
    store_at(released, MIGRATIONS[:1]).close()
    assert tables_of(released) == tables


# -- A ledger of an older release


def test_an_older_ledger_is_migrated(released: str) -> None:
    before = contents(store_at(released))
    store = store_at(released, NEXT)
    assert store.version == NEW
    assert contents(store) == [{**row, "wave": f"{row['wave']}+", "note": "migrated"} for row in before]
    assert contents(store_at(released, NEXT)) == contents(store_at(released, NEXT)), "and that is done once"
    with pytest.raises(LedgerError, match=f"version {NEW}, but this release .* reads versions up to {OLD} only"):
        store_at(released)


def test_a_new_ledger_is_made_by_the_same_steps(location: str) -> None:
    store_at(location).close()
    store_at(location, NEXT).close()
    migrated = tables_of(location)
    if location.startswith("postgresql:"):
        with psycopg.connect(location) as connection:
            connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    else:
        Path(location).unlink()
    store_at(location, NEXT).close()
    assert tables_of(location) == migrated


class Dies:
    """A step that kills its process when half of it is done."""

    def __iter__(self) -> Iterator[str]:
        yield from STEP
        os.kill(os.getpid(), signal.SIGKILL)


def _migrate_and_die(location: str) -> None:
    store_at(location, (*MIGRATIONS, Dies()))


@pytest.mark.slow
def test_a_crash_in_the_middle_leaves_the_old_version(released: str) -> None:
    before = contents(store_at(released))
    process = PROCESSES.Process(target=_migrate_and_die, args=(released,))
    process.start()
    process.join(timeout=60)
    assert process.exitcode == -signal.SIGKILL
    assert contents(store_at(released)) == before
    assert store_at(released, NEXT).version == NEW, "and the next run takes the step"


def test_a_step_that_fails_leaves_the_old_version(released: str) -> None:
    before = contents(store_at(released))
    with pytest.raises(LedgerError, match="cannot be opened"):
        store_at(released, (*MIGRATIONS, (*STEP, "SELECT no_such_column FROM link_update_attempts")))
    assert contents(store_at(released)) == before


#: Takes long enough for another process to come upon the old version meanwhile.
LONG = (
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 1000000)"
    " SELECT max(n) FROM numbers"
)


def _migrate_at_once(location: str, start: Any) -> None:
    start.wait()
    store_at(location, (*MIGRATIONS, (LONG, *STEP))).close()


@pytest.mark.slow
def test_of_two_processes_that_start_at_once_one_migrates_and_both_go_on(released: str) -> None:
    before = contents(store_at(released))
    start = PROCESSES.Barrier(2)
    processes = [PROCESSES.Process(target=_migrate_at_once, args=(released, start)) for index in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    assert [row["wave"] for row in contents(store_at(released, NEXT))] == [f"{row['wave']}+" for row in before]


# -- In check mode


def files_of(location: str) -> dict[str, tuple[bytes, int] | None]:
    """The files of a SQLite ledger; of the index of its write-ahead log, which readers lock, only the name."""
    return {
        path.name: None if path.name.endswith("-shm") else (path.read_bytes(), path.stat().st_mtime_ns)
        for path in Path(location).parent.iterdir()
    }


def state_of(location: str) -> object:
    """All that is at a location, to be compared."""
    if not location.startswith("postgresql:"):
        return files_of(location)
    with psycopg.connect(location) as connection:
        rows = connection.execute("SELECT xmin::text, * FROM link_update_attempts ORDER BY identity").fetchall()
        return tables_of(location), rows, connection.execute("SELECT xmin::text, * FROM link_update_ledger").fetchall()


def test_a_copy_of_an_older_ledger_is_migrated_and_the_ledger_itself_is_not(released: str) -> None:
    expected, before = contents(store_at(released)), state_of(released)
    with closing(store_at(released, NEXT, read_only=True)) as original:
        assert original.version == OLD
        copy = SqliteStore.copy_of(original, replace(LEDGER, migrations=NEXT))
    assert [(row["identity"], row["wave"], row["note"]) for row in contents(copy)] == [
        (row["identity"], f"{row['wave']}+", "migrated") for row in expected
    ]
    assert state_of(released) == before


def test_what_is_read_for_a_copy_is_of_one_moment(released: str) -> None:
    with closing(store_at(released, read_only=True)) as original:
        with open_ledger(released, FakeClock(), {}) as ledger:
            assert ledger.claim(ERROR, 2, LEASE)
        with Ledger(SqliteStore.copy_of(original), FakeClock()) as copy:
            last = copy.latest(ERROR)
    assert last
    assert last.number == 1


def test_what_is_opened_for_a_copy_cannot_be_changed(released: str) -> None:
    with closing(store_at(released, read_only=True)) as original, pytest.raises(LedgerError):
        original.execute("UPDATE link_update_attempts SET wave = '3'", {})


# -- A ledger of a newer release


def closed(location: str) -> None:
    store_at(location, NEXT).close()


def crashed(location: str) -> None:
    """What only the write-ahead log has, as after a crash: the migration and all after it."""
    path = Path(location)
    with closing(store_at(location, NEXT)):
        shutil.copytree(path.parent, path.parent.with_name("copy"))
    shutil.rmtree(path.parent)
    path.parent.with_name("copy").rename(path.parent)


@pytest.mark.parametrize("copy", [False, True])
def test_a_newer_ledger_is_refused_with_what_to_do_and_left_as_it_is(released: str, copy: bool) -> None:
    closed(released)
    assert_is_refused(released, copy)


@pytest.mark.parametrize("copy", [False, True])
@pytest.mark.parametrize("leave", [closed, crashed])
def test_not_a_byte_of_a_newer_file_is_changed(path: Path, leave: Callable[[str], None], copy: bool) -> None:
    store_at(str(path)).close()
    leave(str(path))
    assert_is_refused(str(path), copy)


def assert_is_refused(location: str, copy: bool) -> None:
    before = state_of(location)
    with pytest.raises(LedgerError) as caught:
        open_ledger(location, FakeClock(), {}, copy=copy)
    assert str(caught.value) == (
        f"the ledger {location} has version {NEW}, but this release of jira_cloud.federation reads versions up to "
        f"{OLD} only. Install the release that wrote it, or a newer one. The ledger was not changed"
    )
    assert state_of(location) == before
