# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A ledger that is damaged, or a path that is none: a message says what, where and what to do, never an exception."""

from __future__ import annotations

import os
import random
import socket
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption, LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import sqlite
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.corrections import adopt, forget
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.location import warning_about
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    LEASE,
    claimed,
    ledger_at,
    update,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

CLOUD = {"KUBERNETES_SERVICE_HOST": "10.0.0.1"}


# -- Paths


def folder(path: Path) -> None:
    path.mkdir()


def dangling_link(path: Path) -> None:
    path.symlink_to(path.with_name("nowhere"))


def link_to_itself(path: Path) -> None:
    path.symlink_to(path)


def pipe(path: Path) -> None:
    os.mkfifo(path)


def listening(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


def device(path: Path) -> None:
    path.symlink_to("/dev/null")


@pytest.mark.parametrize("make", [folder, dangling_link, link_to_itself, pipe, listening, device])
@pytest.mark.parametrize("copy", [False, True])
def test_what_is_no_file_is_refused_and_left(tmp_path: Path, make: Callable[[Path], None], copy: bool) -> None:
    path = tmp_path / "it"
    make(path)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(LedgerError, match=f"the ledger {path} .*\\. [A-Z]"):
        open_ledger(str(path), FakeClock(), {}, copy=copy)
    warning_about(str(path), CLOUD)
    assert sorted(tmp_path.iterdir()) == before


PATHS = [
    "~nosuchuser/ledger",
    "~no\0body/ledger",
    f"/tmp/{'x' * 300}",
    f"/tmp/{'x' * 300}/ledger",
    f"/{'x/' * 3000}ledger",
    "/tmp/a\0b",
    "/tmp/a\nb",
    "/tmp/a\udc80b",
    "/tmp/a\ud800b",
    "/proc/ledger",
    "/proc/self/mem/ledger",
    "/",
    "sqlite://",
    "sqlite:///",
    "$HOME",
    "~",
    "${",
    "/tmp/\u202eegdel",
]


@pytest.mark.parametrize("location", PATHS, ids=range(len(PATHS)))
def test_a_path_that_can_be_none_ends_in_a_message(location: str, tmp_path: Path) -> None:
    environ = {**CLOUD, "HOME": str(tmp_path)}
    for copy in (False, True):
        with suppress(InvalidOption, LedgerError), open_ledger(location, FakeClock(), environ, copy=copy) as ledger:
            assert ledger.attempts() == []
            assert copy, "nothing can be written there"
    with suppress(InvalidOption):
        warning_about(location, environ)


# -- Bytes


def written(path: Path) -> bytes:
    """The bytes of a ledger that has a little of everything."""
    with ledger_at(path) as ledger:
        for index, destination in enumerate("abcdefghij"):
            claim = claimed(ledger, destination)
            if index % 3:
                ledger.record_job(claim, f"job-{index}", "PENDING")
                ledger.record_status("site-eu", f"job-{index}", "BACKUP" if index % 2 else "COMPLETE")
        ledger.block_for("somebody", 60)
    return path.read_bytes()


def use(ledger: Ledger) -> None:
    """All that a run does with a ledger."""
    for act in (
        lambda: ledger.latest(update("a")),
        lambda: [attempt.reference for attempt in ledger.attempts()],
        lambda: ledger.history("site-eu", "job-1"),
        lambda: ledger.backups(update("a")),
        lambda: ledger.record_status("site-eu", "job-1", "IN_PROGRESS"),
        lambda: ledger.claim(update("k"), 1, LEASE),
        lambda: ledger.blocked_for("somebody"),
        lambda: adopt(ledger, update("b"), "job-9"),
        lambda: forget(ledger, "0.1"),
        ledger.flush,
    ):
        with suppress(LedgerError, InvalidOption):
            act()


def mangled(content: bytes, chance: random.Random) -> bytes:
    """The same with some bytes changed, lost, doubled or exchanged."""
    damaged = bytearray(content)
    for _time in range(chance.choice([1, 1, 2, 5, 20, 200])):
        at, length = chance.randrange(len(damaged)), chance.choice([1, 1, 4, 16, 100, 4096])
        kind = chance.randrange(6)
        if kind < 3:
            damaged[at] = chance.choice([0, 255, chance.randrange(256)])
        elif kind == 3:
            damaged[at : at + length] = chance.randbytes(length)
        elif kind == 4:
            damaged[at : at + length] = bytes(length)
        else:
            del damaged[max(len(damaged) - length, 100) :]
    return bytes(damaged)


def assert_only_messages(path: Path, content: bytes) -> None:
    for copy in (True, False):
        path.write_bytes(content)
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)
        with suppress(LedgerError), closing(open_ledger(str(path), FakeClock(), {}, copy=copy)) as ledger:
            use(ledger)


@pytest.mark.parametrize("seed", range(8))
def test_a_ledger_with_bytes_damaged_at_random_ends_in_a_message(
    path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "_BUSY", 0.0)
    content = written(path)
    chance = random.Random(seed)
    for _time in range(100):
        assert_only_messages(path, mangled(content, chance))


@pytest.mark.parametrize("seed", range(4))
def test_a_ledger_that_is_damaged_while_it_is_open_ends_in_a_message(path: Path, seed: int) -> None:
    content = written(path)
    chance = random.Random(seed)
    for _time in range(50):
        path.write_bytes(content)
        with closing(ledger_at(path)) as ledger:
            path.write_bytes(mangled(content, chance))
            use(ledger)


#: Columns, and what cannot be right in them.
WRONG: list[tuple[str, Any]] = [
    *((name, b"\xff\xfe") for name in ("wave", "product_url", "migrated_from_override", "job_id", "status")),
    *((name, "yesterday") for name in ("claimed_at", "lease_until", "submitted_at", "completed_at")),
    *((name, 4711) for name in ("claimed_at", "lease_until", "completed_at")),
    ("claimed_at", b"2026"),
    ("claimed_at", "9999-99-99T00:00:00Z"),
    ("claimed_at", "0001-01-01T00:00:00+23:00"),
    ("attempt", "first"),
    ("attempt", 1.5),
    ("recreate_as_remote", "yes"),
    *(("claimant", text) for text in ("", "me", "me and you too", f"{os.uname().nodename} x y", b"\0")),
]


@pytest.mark.parametrize(("column", "value"), WRONG, ids=str)
def test_an_entry_with_what_cannot_be_right_in_it_ends_in_a_message(path: Path, column: str, value: object) -> None:
    with ledger_at(path) as ledger:
        claimed(ledger, "a")
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(f"UPDATE link_update_attempts SET {column} = ?", [value])
    with closing(ledger_at(path)) as ledger:
        with suppress(LedgerError):
            for attempt in ledger.attempts():
                assert {type(each) for each in (attempt.identity, attempt.update.wave, attempt.reference)} == {str}
        use(ledger)


@pytest.mark.parametrize(("column", "value"), WRONG[:9], ids=str)
def test_the_message_names_the_ledger_and_says_what_to_do(path: Path, column: str, value: object) -> None:
    with ledger_at(path) as ledger:
        claimed(ledger, "a")
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(f"UPDATE link_update_attempts SET {column} = ?", [value])
    with closing(ledger_at(path)) as ledger, pytest.raises(LedgerError) as caught:
        ledger.attempts()
    failure = caught.value.failure
    assert failure.what.startswith(f"the ledger {path} is damaged: an entry cannot be read: ")
    assert failure.advice.startswith("restore it from a backup")


def test_an_entry_that_an_index_has_lost_is_not_scheduled_again(path: Path) -> None:
    with ledger_at(path) as ledger:
        claimed(ledger, "a")
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("PRAGMA writable_schema = ON")
        root = "(SELECT rootpage FROM sqlite_master WHERE name = 'link_update_attempts_by_job')"
        file.execute(
            f"UPDATE sqlite_master SET rootpage = {root} WHERE name = 'sqlite_autoindex_link_update_attempts_1'"
        )
    for copy in (False, True):
        with pytest.raises(LedgerError):
            open_ledger(str(path), FakeClock(), {}, copy=copy)
