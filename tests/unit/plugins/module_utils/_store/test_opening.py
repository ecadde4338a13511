# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where censuses are, and what happens when a store is opened."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption, LedgerError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.checks import CheckScope, Stratum
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.opening import (
    open_store,
    store_location,
    warning_about_store,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.schema import CENSUS
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.store import CensusStore
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._store.censuses import (
    EU,
    LEASE,
    PAGES,
    SCOPE,
    SERVER,
    US,
    counted,
    place_of,
    project,
    store_at,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

DATABASE = "postgresql://ann@db.example.com/federation"


# -- Where


@pytest.mark.parametrize(
    ("store", "ledger", "where"),
    [
        (None, "/srv/state/ledger.sqlite3", Path("/srv/state/census.sqlite3")),
        (None, "sqlite:///srv/state/ledger.sqlite3", Path("/srv/state/census.sqlite3")),
        (None, DATABASE, DATABASE),
        (None, None, Path("/home/ann/ledgers/census.sqlite3")),
        ("/srv/links", DATABASE, Path("/srv/links")),
        ("~/links", DATABASE, Path("/home/ann/links")),
        ("postgresql:///links", "/srv/ledger", "postgresql:///links"),
    ],
)
def test_censuses_are_beside_the_ledger_unless_they_have_a_place_of_their_own(
    store: str | None, ledger: str | None, where: Path | str
) -> None:
    environ = {"HOME": "/home/ann", "JIRA_FEDERATION_LEDGER": "~/ledgers/ledger"}
    assert store_location(store, ledger, environ, "store") == where


def test_a_location_that_is_none_is_refused_under_the_name_of_its_option() -> None:
    with pytest.raises(InvalidOption, match=r"^link_census_store: mysql:// is not a kind of "):
        store_location("mysql://db/links", None, {}, "link_census_store")


def test_a_store_that_is_lost_with_its_container_is_warned_of(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "AWX_PRIVATE_DATA_DIR": str(tmp_path)}
    warning = warning_about_store(tmp_path / "census.sqlite3", environ, "link_census_store")
    assert warning
    assert f"the census {tmp_path}/census.sqlite3 is inside a container" in warning
    assert "link_census_store" in warning
    assert warning_about_store("postgresql://db/ledger", environ, "link_census_store") is None


def test_a_database_has_a_ledger_and_censuses(postgresql: str) -> None:
    with open_ledger(postgresql, FakeClock(), {}) as ledger, store_at(postgresql) as store:
        counted(store)
        assert ledger.attempts() == []


@pytest.mark.parametrize("copy", [False, True])
def test_the_file_of_a_ledger_is_not_taken_for_censuses_nor_the_other_way_round(tmp_path: Path, copy: bool) -> None:
    ledger, censuses = tmp_path / "ledger", tmp_path / "census"
    open_ledger(str(ledger), FakeClock(), {}).close()
    store_at(str(censuses)).close()
    before = ledger.read_bytes(), censuses.read_bytes()
    with pytest.raises(LedgerError, match=f"the census {ledger} cannot be opened: it is a database of another program"):
        open_store(ledger, FakeClock(), copy=copy)
    with pytest.raises(LedgerError, match=f"the ledger {censuses} cannot be opened: it is a database of another"):
        open_ledger(str(censuses), FakeClock(), {}, copy=copy)
    assert (ledger.read_bytes(), censuses.read_bytes()) == before


# -- Only to read


def tables_of(url: str) -> int:
    with psycopg.connect(url) as connection:
        (found,) = connection.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'link_%'").fetchall()
    return int(found[0])


def test_a_look_creates_nothing_and_finds_nothing(location: str) -> None:
    with open_store(place_of(location), FakeClock(), copy=True) as store:
        assert store.generations() == []
        assert store.last_complete({EU}, SERVER) is None
        assert store.counts(1) == {}
    if location.startswith("postgresql:"):
        assert tables_of(location) == 0
    else:
        assert not Path(location).parent.exists()


def test_a_look_sees_what_is_written_meanwhile_and_cannot_change_it(location: str) -> None:
    with store_at(location) as writer:
        generation = counted(writer)
        with open_store(place_of(location), FakeClock(), copy=True) as store:
            assert store.counts(generation) == writer.counts(generation)
            with pytest.raises(LedgerError):
                store.delete(generation)
            assert counted(writer) == generation + 1, "who counts does not wait for who looks"


# -- Versions

NEXT = replace(CENSUS, migrations=(*CENSUS.migrations, ("ALTER TABLE link_census_generations ADD COLUMN note TEXT",)))


def migrated(location: str) -> CensusStore:
    """Censuses as the next release would open them."""
    kind = PostgresqlStore(location, NEXT) if "://" in location else SqliteStore(Path(location), NEXT)
    return CensusStore(kind, FakeClock())


def test_older_censuses_are_migrated_with_all_they_have_and_newer_ones_refused(location: str) -> None:
    with store_at(location) as store:
        generation = counted(store)
        before = store.generations(), store.counts(generation), store.progress(generation)
    with migrated(location) as store:
        assert (store.generations(), store.counts(generation), store.progress(generation)) == before
    for copy in (False, True):
        with pytest.raises(LedgerError, match=r"the census .* has version 3, .* versions up to 2 only\. Install the"):
            open_store(place_of(location), FakeClock(), copy=copy)


def of_version_1(location: str) -> int:
    """Have a census in a store of the release that knew neither checks nor repairs. The generation."""
    schema = replace(CENSUS, migrations=CENSUS.migrations[:1])
    kind = PostgresqlStore(location, schema) if "://" in location else SqliteStore(Path(location), schema)
    with CensusStore(kind, FakeClock()) as store:
        return counted(store)


def test_censuses_of_the_first_version_can_be_checked(location: str) -> None:
    generation = of_version_1(location)
    with store_at(location) as store:
        scope = CheckScope("one", {}, (Stratum(SERVER, generation, EU, US, 1),))
        with store.checks.begin(scope, LEASE) as checking:
            assert [each.issue for each in checking.work(EU)] == ["A-1"]
        assert store.repairs.every([EU]) == []


def test_who_only_looks_at_censuses_of_the_first_version_finds_no_checks_and_changes_nothing(location: str) -> None:
    generation = of_version_1(location)
    with open_store(place_of(location), FakeClock(), copy=True) as store:
        assert store.checks.past([EU, US]) == []
        assert store.checks.form(EU, US) is None
        assert store.checks.repairs_made() == 0
        assert store.repairs.every([EU, US]) == []
        assert store.repairs.latest(EU, "A-1", "C-7") is None
        assert store.counts(generation)
        assert store.walk(generation, SERVER, EU, US)


# -- What goes wrong


def test_a_census_that_is_gone_while_it_is_counted_says_so(tmp_path: Path) -> None:
    path = tmp_path / "census.sqlite3"
    with store_at(str(path)) as store, store.begin(SCOPE, LEASE) as counting:
        path.unlink()
        with pytest.raises(LedgerError, match=r"the census .* was lost during the run: .* Run the same command again"):
            counting.add(project(counting, "A"), PAGES["A"])


@pytest.mark.parametrize("column", ["begun_at", "sources"])
def test_an_entry_that_cannot_be_right_ends_in_a_message(tmp_path: Path, column: str) -> None:
    path = tmp_path / "census.sqlite3"
    with store_at(str(path)) as store:
        counted(store)
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            file.execute(f"UPDATE link_census_generations SET {column} = 'yesterday'")
        with pytest.raises(LedgerError, match=r"the census .* is damaged: an entry cannot be read"):
            store.generations()
