# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of a ledger in trouble share."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import psycopg
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.attempt import Claim
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

T = TypeVar("T")

LEASE = timedelta(seconds=150)


def update(destination: str = "us", wave: str = "1") -> Update:
    return Update(
        product="jira",
        product_url="https://eu.example.net",
        destination_url=f"https://{destination}.example.net",
        migrated_from="https://jira.example.com",
        wave=wave,
        site_id="site-eu",
    )


def ledger_at(location: str | Path, clock: Clock | None = None) -> Ledger:
    return open_ledger(str(location), clock or FakeClock(), {})


def at_once(threads: int, act: Callable[[int], T]) -> list[T]:
    """Do something in several threads, all of which begin together. What each one comes to."""
    together = threading.Barrier(threads, timeout=60)

    def begin(number: int) -> T:
        together.wait()
        return act(number)

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(begin, range(threads)))


def claimed(ledger: Ledger, destination: str = "us", number: int = 1) -> Claim:
    claim = ledger.claim(update(destination), number, LEASE)
    assert claim
    return claim


def write_first_release(location: str, also: str = "") -> None:
    """Write a ledger as release 0.1.0 has left it.

    :param also: SQL that changes it.
    """
    kind = "postgresql" if location.startswith("postgresql:") else "sqlite"
    dump = (Path(__file__).parent / f"ledger_0_1_0.{kind}.sql").read_text(encoding="utf-8")
    if kind == "postgresql":
        for statements in filter(None, (dump, also)):
            # The dump changes the settings of its connection.
            with psycopg.connect(location) as connection:
                connection.execute(statements.encode())
    else:
        Path(location).parent.mkdir(exist_ok=True)
        with closing(sqlite3.connect(location)) as connection:
            connection.executescript(f"{dump}\n{also}")


class EndsAfter(FakeClock):
    """A clock on which an outage ends some seconds after it has begun."""

    def __init__(self, seconds: float, end: Callable[[], None]) -> None:
        super().__init__()
        self._left: float | None = seconds
        self._end = end
        self._ending = threading.Lock()

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        with self._ending:
            if self._left is not None:
                self._left -= seconds
                if self._left <= 0:
                    self._left = None
                    self._end()


def end_connections(url: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
