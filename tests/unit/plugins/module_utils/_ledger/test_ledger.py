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
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    InvalidOption,
    LedgerError,
    MissingLibrary,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import (
    Ledger,
    open_ledger,
    reference_of,
    warning_about,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.postgresql import PostgresqlStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
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


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "ledger.sqlite3"


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest) -> str:
    """Where a ledger is to be: what is promised of one holds for each kind."""
    return str(request.getfixturevalue({"sqlite": "path", "postgresql": "postgresql"}[request.param]))


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
    process = multiprocessing.get_context("spawn").Process(target=_claim_and_die, args=(location,))
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
    assert len(modes) == 3, "the file, its write-ahead log, and that one's index"
    assert set(modes.values()) == {0o600}


def _claim_at_once(location: str, start: object, winners: object) -> None:
    start.wait()  # type: ignore[attr-defined]
    ledger = ledger_at(location, SystemClock())
    won = [name for name in "abcdefgh" if ledger.claim(update(name), 1, LEASE)]
    winners.put(won)  # type: ignore[attr-defined]


@pytest.mark.slow
def test_eight_processes_that_create_the_ledger_at_once_share_it(location: str) -> None:
    context = multiprocessing.get_context("spawn")
    start, winners = context.Barrier(8), context.Queue()
    processes = [context.Process(target=_claim_at_once, args=(location, start, winners)) for index in range(8)]
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
    with pytest.raises(LedgerError, match="something else"):
        ledger_at(path)
    assert path.read_bytes() == before


def test_a_ledger_of_a_newer_release_is_left_as_it_is(path: Path) -> None:
    ledger_at(path).close()
    with sqlite3.connect(path) as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    before = path.read_bytes()
    with pytest.raises(LedgerError, match="version 99"):
        ledger_at(path)
    assert path.read_bytes() == before


def test_a_folder_that_cannot_be_written_gives_one_clear_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(LedgerError, match="cannot be opened"):
        ledger_at(tmp_path / "file" / "ledger.sqlite3")


@pytest.mark.parametrize(
    ("location", "environ", "expected"),
    [
        ("{tmp}/a.db", {"JIRA_FEDERATION_LEDGER": "{tmp}/b.db"}, "a.db"),
        ("sqlite://{tmp}/a.db", {}, "a.db"),
        (None, {"JIRA_FEDERATION_LEDGER": "{tmp}/b.db"}, "b.db"),
        (None, {"XDG_STATE_HOME": "{tmp}/state"}, "state/jira_cloud.federation/ledger.sqlite3"),
        (None, {"HOME": "{tmp}"}, ".local/state/jira_cloud.federation/ledger.sqlite3"),
        ("~/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("$HOME/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("{tmp}/${{NAME}}.db", {"NAME": "a"}, "a.db"),
        ("$PLACE/a.db", {"PLACE": "~/b", "HOME": "{tmp}"}, "b/a.db"),
        ("{tmp}/a$$b.db", {}, "a$b.db"),
        ("sqlite:///~/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("sqlite://$HOME/a.db", {"HOME": "{tmp}"}, "a.db"),
        ("sqlite:///$HOME/a.db", {"HOME": "{tmp}"}, "a.db"),
        (None, {"JIRA_FEDERATION_LEDGER": "$HOME/b.db", "HOME": "{tmp}"}, "b.db"),
        (None, {"XDG_STATE_HOME": "~/state", "HOME": "{tmp}"}, "state/jira_cloud.federation/ledger.sqlite3"),
        (None, {"XDG_STATE_HOME": "state", "HOME": "{tmp}"}, ".local/state/jira_cloud.federation/ledger.sqlite3"),
    ],
)
def test_the_ledger_is_where_the_user_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str | None, environ: dict[str, str], expected: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    environ = {name: value.format(tmp=tmp_path) for name, value in environ.items()}
    open_ledger(location.format(tmp=tmp_path) if location else None, FakeClock(), environ)
    assert (tmp_path / expected).is_file()
    assert not list(Path.cwd().iterdir())


@pytest.mark.parametrize("environ", [{}, {"NOT_SET": ""}])
@pytest.mark.parametrize(
    ("location", "says"),
    [
        ("ledger.sqlite3", "ledger ledger.sqlite3 is a relative path, .* give an absolute path"),
        ("./state/ledger", "ledger ./state/ledger is a relative path, .* give an absolute path"),
        ("sqlite://relative", "ledger relative is a relative path, .* sqlite:///var/lib/ledger"),
        ("$NOT_SET/ledger", r"ledger \$NOT_SET/ledger: the environment variable NOT_SET is not set"),
        ("/srv/${NOT_SET}/ledger", r"the environment variable NOT_SET is not set: set it, or give an absolute path"),
        ("~no-such-user/ledger", "ledger ~no-such-user/ledger: there is no user no-such-user .* give an absolute path"),
    ],
)
@pytest.mark.parametrize("copy", [False, True])
def test_a_path_that_does_not_say_which_file_it_is_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, says: str, environ: dict[str, str], copy: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    for given, known in ((location, environ), (None, {**environ, "JIRA_FEDERATION_LEDGER": location})):
        with pytest.raises(InvalidOption, match=says):
            open_ledger(given, FakeClock(), known, copy=copy)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "location",
    ["mysql://me:hunter2@db", "postgresql:/me:hunter2@db/ledger", "me:hunter2@db", "host=db password=hunter2"],
)
def test_a_ledger_that_cannot_be_is_refused_without_repeating_a_password(location: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        open_ledger(location, FakeClock(), {})
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("location", ["$HOME/ledger", "sqlite:///$HOME/ledger", "sqlite:////{home}/ledger"])
def test_a_ledger_that_will_be_gone_is_warned_of_however_it_is_written(tmp_path: Path, location: str) -> None:
    environ = {"HOME": str(tmp_path), "AWX_PRIVATE_DATA_DIR": str(tmp_path)}
    warning = warning_about(location.format(home=tmp_path), environ)
    assert warning
    assert f"the ledger {tmp_path}/ledger is in the file system of a container" in warning


#: Opens a ledger as a user that exists in no file of the machine, as a container of OpenShift does.
AS_NOBODY_KNOWN = """
import os, pwd, sys
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
if os.getuid() == 0:
    os.setuid(1000730000)
else:
    pwd.getpwuid = {}.__getitem__
try:
    open_ledger(None, SystemClock(), os.environ, copy=bool(sys.argv[1:]))
except LinkUpdateError as exc:
    print(exc.code, exc)
"""


def said_to_nobody_known(*arguments: str, **environ: str) -> str:
    given = {"PYTHONPATH": os.pathsep.join(sys.path), **environ}
    command = [sys.executable, "-c", AS_NOBODY_KNOWN, *arguments]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=True).stdout


def test_without_a_home_directory_the_variables_to_set_are_named() -> None:
    said = said_to_nobody_known()
    assert said.startswith("invalid_option ledger ~/.local/state/jira_cloud.federation/ledger.sqlite3: no home dir")
    assert "set JIRA_FEDERATION_LEDGER or link_update_ledger to an absolute path" in said
    assert said.endswith("or set HOME\n")
    assert "no home directory" in said_to_nobody_known(HOME="")


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("arguments", [(), ("copy",)])
def test_a_ledger_in_a_folder_that_is_closed_cannot_be_opened_nor_taken_for_empty(
    tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    home = tmp_path / "home"
    (home / ".local").mkdir(parents=True)
    tmp_path.chmod(0o700)
    path = home / ".local/state/jira_cloud.federation/ledger.sqlite3"
    said = said_to_nobody_known(*arguments, HOME=str(home))
    assert said.startswith(f"ledger the ledger {path} cannot be opened")


def test_an_attempt_can_be_forgotten_by_its_reference(location: str) -> None:
    ledger = ledger_at(location)
    for destination in ("us", "ap"):
        assert ledger.claim(update(destination), 1, LEASE)
    first, second = ledger.rows()
    assert ledger.forget(reference_of(first)) == first
    assert ledger.rows() == [second]
    with pytest.raises(InvalidOption, match="nothing was forgotten"):
        ledger.forget(reference_of(first))


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
    ledger.forget(reference_of(ledger.rows()[0]))
    assert ledger.history("site-eu", "job-1") == []


def test_the_backups_of_a_product_and_wave_are_found_whichever_update_ordered_them(location: str) -> None:
    ledger = ledger_at(location)
    assert ledger.claim(replace(update("us"), create_backup=True), 1, LEASE)
    assert ledger.claim(update("ap"), 1, LEASE)
    assert ledger.claim(replace(update("au", wave="2"), create_backup=True), 1, LEASE)
    found = ledger.backups(update("ap"))
    assert [row["destination_url"] for row, attempt in found] == [update("us").destination_url]
    assert ledger.backups(update("ap", wave="3")) == []


def test_a_copy_does_not_create_the_tables(postgresql: str) -> None:
    assert ledger_at(postgresql, copy=True).latest(update()) is None
    with psycopg.connect(postgresql) as connection:
        assert connection.execute("SELECT count(*) FROM pg_tables WHERE tablename ~ 'link_update'").fetchone() == (0,)


def test_leases_are_measured_by_the_clock_of_the_server_that_is_shared(postgresql: str) -> None:
    slow, fast = FakeClock(), FakeClock(FakeClock().time + timedelta(days=1))
    assert ledger_at(postgresql, slow).claim(update(), 1, LEASE)
    assert in_flight(ledger_at(postgresql, fast))


def test_a_connection_that_broke_while_waiting_is_made_again(postgresql: str) -> None:
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {admin.info.dbname} SET synchronous_commit = off".encode())
    store = PostgresqlStore(postgresql)
    ledger = Ledger(store, FakeClock())
    claim = ledger.claim(update(), 1, LEASE)
    assert claim
    with psycopg.connect(postgresql, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
    ledger.record_job(claim, "job-1", "PENDING")
    assert ledger.attempt_of("site-eu", "job-1")
    settings = ("synchronous_commit", "statement_timeout")
    values = [store.query(f"SELECT current_setting('{each}') AS value", {})[0]["value"] for each in settings]
    assert values == ["on", "30s"], "what is written over it is on disk when it says so, too"


def test_a_database_of_a_newer_release_is_left_as_it_is(postgresql: str) -> None:
    ledger_at(postgresql).close()
    with psycopg.connect(postgresql) as connection:
        connection.execute("UPDATE link_update_ledger SET version = 99")
    with pytest.raises(LedgerError, match="version 99"):
        ledger_at(postgresql)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:hunter2@127.0.0.1:{port}/ledger",
        "postgresql://me:hunter2@127.0.0.1:99999/ledger",
        "postgresql://127.0.0.1:{port}/ledger?user=me&password=hunter2",
        "postgresql://127.0.0.1:{port}/ledger?user=me&password=hunter2&no_such_setting=1",
    ],
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(url: str) -> None:
    with pytest.raises(LedgerError) as caught:
        ledger_at(url.format(port=closed_port()))
    assert "hunter2" not in str(caught.value)


def test_a_missing_psycopg_is_named_as_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingLibrary, match=r"install 'psycopg\[binary\]'"):
        ledger_at("postgresql://db/ledger")
