# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The service's rate limit: kept, shared by those who share a ledger, and no reason for a run to fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import LINK_UPDATE_RUN
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import to_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import NotAccepted
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import Allowance, RateLimiter
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTIONS, FakeClock, Wire, answering


def says(clock: FakeClock, *, remaining: int, reset: float, status: int = 200) -> Any:
    """An answer with the vendor's headers."""
    headers = {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": to_text(clock.now() + timedelta(seconds=reset)),
    }
    return answering(status, "{}", headers)


def session_of(clock: FakeClock, email: str = "me@example.com") -> Session:
    return Session(Connection(), Basic(email, "t0ken"), clock)


@contextmanager
def sharing(clock: FakeClock, ledger: Ledger, email: str = "me@example.com") -> Iterator[Session]:
    session = session_of(clock, email)
    with session.sharing(ledger):
        yield session


def delay_of_another(clock: FakeClock, ledger: Ledger, url: str, email: str = "me@example.com") -> float:
    """The delay of a session that has sent nothing yet."""
    with sharing(clock, ledger, email) as session:
        return session.delay(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        return str(request.getfixturevalue("postgresql"))
    return str(tmp_path / "ledger.sqlite3")


def test_nothing_is_slowed_down_without_a_word_of_the_service(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(answering(200, "{}"), answering(200, "{}", {"X-RateLimit-Remaining": "0"})) as wire:
        assert session.delay(wire.url) == 0
        session.get(wire.url)
        session.get(wire.url)
        assert session.delay(wire.url) == 0, "until when is not known"


def test_when_the_limit_is_used_up_nothing_is_sent_until_it_is_lifted(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(says(clock, remaining=0, reset=10), says(clock, remaining=59, reset=10)) as wire:
        session.get(wire.url)
        assert 10 < session.delay(wire.url) < 10.6
        assert session.delay("https://eu.example.net/_edge/tenant_info") == 0, "another host has limits of its own"
        clock.sleep(10.6)
        assert session.delay(wire.url) == 0
        session.get(wire.url)
        assert session.delay(wire.url) == 0


def test_what_is_left_is_spread_over_the_time_that_it_has_to_last(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(says(clock, remaining=40, reset=10), says(clock, remaining=9, reset=10)) as wire:
        session.get(wire.url)
        assert session.delay(wire.url) == 0
        session.get(wire.url)
        assert session.delay(wire.url) == pytest.approx(1.0)
        clock.sleep(1.1)
        assert session.delay(wire.url) == 0


def test_after_a_refusal_other_requests_wait_as_well(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(says(clock, remaining=0, reset=30, status=429)) as wire:
        with pytest.raises(NotAccepted):
            session.get(wire.url)
        assert 30 < session.delay(f"{wire.url}/something/else") < 30.6


def test_those_who_share_a_ledger_share_the_limit(clock: FakeClock, location: str) -> None:
    # In PostgreSQL it is the server's time that counts, so that the two clocks may differ.
    with (
        open_ledger(location, clock, {}) as ledger,
        open_ledger(location, clock, {}) as other_ledger,
        Wire(says(clock, remaining=0, reset=30, status=429)) as wire,
        sharing(clock, ledger) as session,
        sharing(clock, other_ledger) as another,
    ):
        assert another.delay(wire.url) == 0
        with pytest.raises(NotAccepted):
            session.get(wire.url)
        assert session.delay(wire.url) > 0
        clock.sleep(1)
        # The server's time goes on by itself, on a busy machine for seconds.
        least = 20 if location.startswith("postgresql") else 29
        assert least < another.delay(wire.url) < 31, "without having sent anything"
        stranger = delay_of_another(clock, other_ledger, wire.url, "somebody@example.com")
        assert stranger == 0, "another account has limits of its own"


def test_check_mode_keeps_the_limit_as_well(clock: FakeClock, tmp_path: Path) -> None:
    with Wire(says(clock, remaining=0, reset=30)) as wire:
        with open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger, sharing(clock, ledger) as session:
            session.get(wire.url)
        with open_ledger(str(tmp_path / "ledger"), clock, {}, copy=True) as copy:
            assert delay_of_another(clock, copy, wire.url) > 0


def test_a_clock_that_was_set_back_stops_nobody_for_long(clock: FakeClock, tmp_path: Path) -> None:
    with (
        open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger,
        Wire(says(clock, remaining=0, reset=30)) as wire,
        sharing(clock, ledger) as session,
    ):
        session.get(wire.url)
        assert session.delay(wire.url) > 0
        clock.time -= timedelta(days=1)
        assert delay_of_another(clock, ledger, wire.url) == 0


@pytest.mark.parametrize("date", ["Mon, 20 Nov 1995 19:12:08 +99999999999999", "yesterday", ""])
@pytest.mark.parametrize("reset", ["2026-03-01T12:00:10Z", "9999-12-31T23:59:59-23:59", "soon", "", "1e400"])
@pytest.mark.parametrize("remaining", ["0", "-1", "many", "9" * 5000, ""])
def test_no_job_is_lost_by_headers_that_mean_nothing(clock: FakeClock, date: str, reset: str, remaining: str) -> None:
    session = session_of(clock)
    headers = {"X-RateLimit-Reset": reset, "X-RateLimit-Remaining": remaining, "X-RateLimit-Limit": "60"}
    with Wire(answering(200, '{"uuid": "job-1"}', {**headers, "Date": date, "Retry-After": date})) as wire:
        assert session.post(wire.url, {}) == {"uuid": "job-1"}
        assert session.delay(wire.url) <= 11


def test_the_ledger_is_not_written_to_before_the_job_of_an_answer_can_be(clock: FakeClock, tmp_path: Path) -> None:
    with (
        open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger,
        Wire(says(clock, remaining=0, reset=30)) as wire,
        sharing(clock, ledger) as session,
    ):
        session.post(wire.url, {})
        assert delay_of_another(clock, ledger, wire.url) == 0
        assert session.delay(wire.url) > 0
        assert delay_of_another(clock, ledger, wire.url) > 0


def test_who_sends_nothing_more_tells_it_all_the_same(clock: FakeClock, tmp_path: Path) -> None:
    with (
        open_ledger(str(tmp_path / "ledger"), clock, {}) as ledger,
        Wire(says(clock, remaining=0, reset=30)) as wire,
    ):
        with sharing(clock, ledger) as session:
            session.post(wire.url, {})
        assert delay_of_another(clock, ledger, wire.url) > 0


def test_a_ledger_that_cannot_be_read_stops_nobody(clock: FakeClock, tmp_path: Path) -> None:
    ledger = open_ledger(str(tmp_path / "ledger"), clock, {})
    ledger.close()
    with Wire(says(clock, remaining=0, reset=10)) as wire, sharing(clock, ledger) as session:
        assert session.delay(wire.url) == 0
        session.get(wire.url)
        assert session.delay(wire.url) > 0


@pytest.mark.parametrize(("remaining", "pause"), [(13, 0.0), (12, 1.0), (1, 6.5)])
def test_what_is_left_is_spread_once_it_is_a_fifth_of_the_limit(clock: FakeClock, remaining: int, pause: float) -> None:
    limiter = RateLimiter("me", clock)
    limiter.allow(Allowance(remaining, reset=13.0, limit=60))
    assert limiter.delay(None) == pytest.approx(pause)


def test_without_a_limit_nobody_knows_what_is_little(clock: FakeClock) -> None:
    limiter = RateLimiter("me", clock)
    limiter.allow(Allowance(1, reset=13.0))
    assert limiter.delay(None) == 0


class Told:
    """What processes share, and how often it is read and told."""

    def __init__(self, blocked: float = 0.0) -> None:
        self.blocked = blocked
        self.read = 0
        self.told: list[float] = []

    def blocked_for(self, client: str) -> float:
        self.read += 1
        return self.blocked

    def block_for(self, client: str, seconds: float) -> None:
        self.told.append(seconds)


def test_what_is_shared_is_read_once_a_second(clock: FakeClock) -> None:
    limiter, shared = RateLimiter("me", clock), Told()
    for _request in range(21):
        limiter.delay(shared)
        clock.sleep(0.1)
    assert shared.read == 3


@pytest.mark.parametrize(("blocked", "waits"), [(3600.0, True), (3601.0, False), (0.0, False)])
def test_what_others_tell_is_believed_for_an_hour_at_most(clock: FakeClock, blocked: float, waits: bool) -> None:
    delay = RateLimiter("me", clock).delay(Told(blocked))
    assert (blocked < delay <= blocked + 0.5) is waits
    assert (delay == 0) is not waits


def test_what_others_tell_shortens_no_wait(clock: FakeClock) -> None:
    limiter = RateLimiter("me", clock)
    limiter.block_for(60)
    assert limiter.delay(Told(5.0)) == pytest.approx(60.05)
    limiter.block_for(10)
    assert limiter.delay(None) == pytest.approx(60.05), "nor does what the service says of another request"


def test_a_limit_is_told_to_others_once_and_not_when_it_is_lifted(clock: FakeClock) -> None:
    limiter, shared = RateLimiter("me", clock), Told()
    limiter.block_for(60)
    clock.sleep(20)
    limiter.share(shared)
    limiter.share(shared)
    assert shared.told == [pytest.approx(40.05)]
    limiter.block_for(60)
    clock.sleep(61)
    limiter.share(shared)
    assert len(shared.told) == 1


# -- Several processes at a real service with a limit

NAMES = ("eu", "us", "ap", "au", "br", "jp")
LIMIT, WINDOW = 20, 1.5


@pytest.fixture
def service() -> Iterator[StandIn]:
    script = Script(queue_seconds=0, backup_seconds=0, run_seconds=0, rate_limit=(LIMIT, WINDOW))
    with StandIn(script) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever)
        yield server
        server.shutdown()


def run_alone(service: StandIn, ledger: str, names: tuple[str, ...]) -> dict[str, Any]:
    """A run for some of the instances, in a process of its own."""
    defaults = {name: option.get("default") for name, option in LINK_UPDATE_RUN.items()}
    of_order = {name: option.get("default") for name, option in LINK_UPDATE_RUN["orders"]["options"].items()}
    federation = {
        name: {
            "product_url": f"{service.url}/{name}.example.net",
            "migrated_from": "https://jira.example.com",
            "migrated_from_override": None,
            "site_id": None,
        }
        for name in NAMES
    }
    account = {"email": "me@example.com", "api_token": "t0ken"}
    options = {
        **defaults,
        "federation": federation,
        "orders": [{**of_order, **account, "name": name} for name in names],
        "stages": ["submit", "wait"],
        "app_links_authorized": True,
        "api_url": f"{service.url}/api.example.net/links/v1",
        "ledger": ledger,
        "wait_timeout": 60.0,
    }
    done = subprocess.run(
        [sys.executable, "-m", "ansible_collections.jira_cloud.federation.tests.unit.run_alone"],
        input=json.dumps(options),
        env={**os.environ, "PYTHONPATH": str(COLLECTIONS)},
        stdout=subprocess.PIPE,
        timeout=120,
        text=True,
        check=True,
    )
    return dict(json.loads(done.stdout))


@pytest.mark.slow
def test_several_processes_at_a_limited_service_all_come_to_their_end(service: StandIn, location: str) -> None:
    shares = [NAMES[:2], NAMES[2:4], NAMES[4:]]
    start = time.monotonic()
    with ThreadPoolExecutor(len(shares)) as pool:
        runs = list(pool.map(lambda names: run_alone(service, location, names), shares))
    windows = (time.monotonic() - start) / WINDOW + 1
    for run in runs:
        assert "failed" not in run["result"], run["result"]
        assert run["result"]["verdict"]["ok"]
        refused = [line for line in run["lines"] if "HTTP 429" in line]
        assert len(refused) <= windows, "at most once in each window"
    pairs = [job.pair for job in service.service.jobs.values()]
    assert len(pairs) == len(set(pairs)) == len(NAMES) * (len(NAMES) - 1)
