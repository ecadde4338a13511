# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL server whose defaults are others, and a pooler in between: each transaction has what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    LEASE,
    claimed,
    end_connections,
    ledger_at,
    update,
)
from ansible_collections.jira_cloud.federation.tests.unit.processes import PROCESSES
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


def by_default(url: str, **settings: str) -> None:
    """Have other defaults for a database."""
    with psycopg.connect(url, autocommit=True) as admin:
        for name, value in settings.items():
            admin.execute(f"ALTER DATABASE {admin.info.dbname} SET {name} = {value}".encode())


def settings_of(store: PostgresqlStore) -> dict[str, str]:
    names = ("synchronous_commit", "statement_timeout", "transaction_isolation", "client_encoding")
    return {name: store.query("SELECT current_setting(:name) AS value", {"name": name})[0]["value"] for name in names}


GOOD = {
    "synchronous_commit": "on",
    "statement_timeout": "30s",
    "transaction_isolation": "read committed",
    "client_encoding": "UTF8",
}

#: Defaults that an administrator may have set, and that once were in the way of something.
DEFAULTS: list[dict[str, str]] = [
    {"synchronous_commit": "off", "statement_timeout": "'10ms'"},
    {"default_transaction_isolation": "serializable"},
    {"default_transaction_isolation": "'repeatable read'"},
    {"client_encoding": "latin1"},
    {"datestyle": "'German, DMY'", "intervalstyle": "iso_8601"},
    {"timezone": "'Asia/Kathmandu'"},
    {"timezone": "'<+13>-13'"},
    {"standard_conforming_strings": "off", "escape_string_warning": "on"},
    {"lc_messages": "'C'", "bytea_output": "'escape'", "transform_null_equals": "on"},
    {"default_transaction_deferrable": "on"},
]


@pytest.mark.parametrize("defaults", DEFAULTS, ids=str)
def test_other_defaults_of_a_database_change_nothing(
    postgresql: str, defaults: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    by_default(postgresql, **defaults)
    wave = "第二波 \\' ü %s :wave"
    with ledger_at(postgresql) as ledger:
        for destination in ("us", "ap"):
            claim = ledger.claim(update(destination, wave=wave), 1, LEASE)
            assert claim
            ledger.record_job(claim, f"job-{destination}", "PENDING")
            ledger.record_status("site-eu", f"job-{destination}", "COMPLETE")
            last = ledger.latest(update(destination, wave=wave))
            assert last
            assert (last.status, last.update.wave) == ("COMPLETE", wave)
        assert ledger.claim(update(), 1, LEASE)
        in_flight = ledger.latest(update())
        assert in_flight
        assert in_flight.in_flight
    with open_ledger(postgresql, FakeClock(), {}, copy=True) as copy:
        assert len(copy.attempts()) == 3
    assert settings_of(PostgresqlStore(postgresql)) == GOOD


def test_each_transaction_has_its_settings_whatever_the_one_before_has_left(postgresql: str) -> None:
    """As behind a pooler, which gives each transaction a connection that others have used."""
    store = PostgresqlStore(postgresql)
    for reset in (
        "RESET ALL",
        "SET synchronous_commit = off; SET statement_timeout = '1s'; SET default_transaction_isolation = serializable",
    ):
        store._db.execute(reset.encode())
        assert settings_of(store) == GOOD
        claimed(Ledger(store, FakeClock()), f"after {reset[:5]}".replace(" ", "-"))


def test_nothing_that_is_set_is_left_to_the_next_who_uses_the_connection(postgresql: str) -> None:
    store = PostgresqlStore(postgresql)
    claimed(Ledger(store, FakeClock()))
    row = store._db.execute("SELECT current_setting('statement_timeout') AS it").fetchone()
    assert row
    assert row["it"] != "30s"


def _claims(url: str, start: Any, results: Any) -> None:
    start.wait()
    with open_ledger(url, SystemClock(), {}) as ledger:
        results.put([bool(ledger.claim(update(f"x{index}"), 1, LEASE)) for index in range(100)])


@pytest.mark.slow
def test_of_hundreds_of_claims_at_once_none_fails_where_transactions_are_serializable(postgresql: str) -> None:
    by_default(postgresql, default_transaction_isolation="serializable")
    start, results = PROCESSES.Barrier(4), PROCESSES.Queue()
    processes = [PROCESSES.Process(target=_claims, args=(postgresql, start, results)) for _index in range(4)]
    for process in processes:
        process.start()
    won = [results.get(timeout=60) for _process in processes]
    for process in processes:
        process.join(timeout=60)
    assert [sum(column) for column in zip(*won, strict=True)] == [1] * 100


class Fails(PostgresqlStore):
    """A store in which the server ends the first statements that change something with an error of this code."""

    def __init__(self, url: str, code: str, times: int) -> None:
        super().__init__(url)
        self._code = code
        self._left = times

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> int:
        if self._left:
            self._left -= 1
            super().execute(f"DO $$ BEGIN RAISE SQLSTATE '{self._code}'; END $$", {})
        return super().execute(statement, parameters)


@pytest.mark.parametrize("code", ["40001", "40P01", "55P03", "57014", "53100", "53300", "08006", "57P03", "58030"])
def test_what_may_pass_is_tried_again(postgresql: str, code: str) -> None:
    clock = FakeClock()
    claimed(Ledger(Fails(postgresql, code, 3), clock))
    assert len(clock.naps) == 3


@pytest.mark.parametrize("code", ["42501", "23514", "22021", "0A000"])
def test_what_does_not_pass_is_not_waited_for(postgresql: str, code: str) -> None:
    clock = FakeClock()
    with pytest.raises(LedgerError, match="cannot be written"):
        claimed(Ledger(Fails(postgresql, code, 1), clock))
    assert not clock.naps


READ_ONLY = "cannot be written: .* Switch default_transaction_read_only off for this user and database"


def test_a_database_that_can_only_be_read_is_refused_before_anything_is_scheduled(postgresql: str) -> None:
    ledger_at(postgresql).close()
    by_default(postgresql, default_transaction_read_only="on")
    with pytest.raises(LedgerError, match=READ_ONLY):
        ledger_at(postgresql)
    with open_ledger(postgresql, FakeClock(), {}, copy=True) as copy:
        assert copy.attempts() == []


def test_a_database_that_can_only_be_read_from_now_on_says_so_at_once(postgresql: str) -> None:
    clock = FakeClock()
    ledger = ledger_at(postgresql, clock)
    by_default(postgresql, default_transaction_read_only="on")
    end_connections(postgresql)
    with pytest.raises(LedgerError, match=READ_ONLY):
        claimed(ledger)
    assert sum(clock.naps) == 0


def test_a_text_that_the_database_cannot_hold_ends_in_a_message(postgresql: str) -> None:
    for wave in ("\0", "\ud800"):
        with pytest.raises(LedgerError, match="cannot be"):
            ledger_at(postgresql).claim(update(wave=wave), 1, LEASE)


@pytest.mark.parametrize("hosts", ["{host}", "127.0.0.1:1,{host}", "{host},127.0.0.1:1"])
def test_a_url_may_name_several_hosts(postgresql: str, hosts: str) -> None:
    before, host, after = postgresql.partition("127.0.0.1:")
    port, slash, name = after.partition("/")
    url = f"{before}{hosts.format(host=host + port)}{slash}{name}"
    with ledger_at(url) as ledger:
        assert claimed(ledger)
