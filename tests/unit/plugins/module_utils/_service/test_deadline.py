# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One deadline covers a whole request: each part of it is made slow, over real connections of this machine."""

from __future__ import annotations

import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from typing import Any

import pytest
import trustme
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.adapter import HAS_SOCKS
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.deadline import Deadline
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering

Send = Callable[[socket.socket], None]
Ask = Callable[[Session, str], Any]

TIMEOUT = 0.5
#: The same where there is more to do before the part that is slow.
LONGER = 1.5
#: More drops than fall before the deadline.
DROPS = 200
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"


def get(session: Session, url: str) -> Any:
    return session.get(url)


def post(session: Session, url: str) -> Any:
    return session.post(url, {"product": "jira"})


def prepare(session: Session, url: str) -> Any:
    session.prepare(url)


both = pytest.mark.parametrize("ask", [get, post])
connecting = pytest.mark.parametrize("ask", [get, post, prepare])


class Dripping:
    """Sends a start, then bytes one after the other, none of them later than silence is borne, until nobody listens."""

    def __init__(self, start: bytes = b"", drop: bytes = b"x", drops: int = DROPS) -> None:
        self._start = start
        self._drop = drop
        self._drops = drops
        self.fallen = 0

    def __call__(self, connection: socket.socket) -> None:
        connection.sendall(self._start)
        connection.settimeout(TIMEOUT / 10)
        while self.fallen < self._drops:
            connection.sendall(self._drop)
            self.fallen += 1
            try:
                if not connection.recv(65536):
                    return
            except TimeoutError:
                continue

    @property
    def was_given_up(self) -> bool:
        return 0 < self.fallen < self._drops


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def hasty(clock: FakeClock) -> Session:
    return Session(Connection(timeout=TIMEOUT, verify=False), None, clock)


@pytest.fixture
def patient(clock: FakeClock) -> Session:
    return Session(Connection(timeout=LONGER, verify=False), None, clock)


def failure_of(session: Session, ask: Ask, url: str, seconds: float = TIMEOUT) -> LinkUpdateError:
    with pytest.raises(LinkUpdateError) as failure:
        ask(session, url)
    assert f"timed out after {seconds} s" in failure.value.failure.what
    return failure.value


# -- Before the first byte: nothing was sent


@connecting
def test_a_name_that_is_looked_up_slowly(hasty: Session, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    given_up = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: given_up.wait(20) and [])
    try:
        assert isinstance(failure_of(hasty, ask, "http://slow.example.com"), NotAccepted)
    finally:
        given_up.set()


@connecting
def test_a_host_that_does_not_take_a_connection(hasty: Session, ask: Ask, stack: ExitStack) -> None:
    full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    # The system takes some connections on behalf of who does not.
    for _connection in range(3):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(full.getsockname())
    assert isinstance(failure_of(hasty, ask, f"http://127.0.0.1:{full.getsockname()[1]}"), NotAccepted)


def test_an_address_that_is_silent_leaves_time_for_the_next_one(
    hasty: Session, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
    for _connection in range(3):
        waiting = stack.enter_context(socket.socket())
        waiting.setblocking(False)
        waiting.connect_ex(full.getsockname())
    wire = stack.enter_context(Wire(answering(200, "{}")))
    addresses = [full.getsockname(), ("127.0.0.1", int(wire.url.rpartition(":")[2]))]
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address) for address in addresses]
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
        assert hasty.get("http://both.example.com") == {}


@connecting
@pytest.mark.parametrize("start", [b"", b"\x16\x03\x03\x10\x00"], ids=["no record", "a slow record"])
def test_a_handshake_that_is_slow(hasty: Session, ask: Ask, stack: ExitStack, start: bytes) -> None:
    drip = Dripping(start, b"\x16" if start else b"")
    wire = stack.enter_context(Wire(drip, reads=False))
    assert isinstance(failure_of(hasty, ask, wire.url.replace("http:", "https:")), NotAccepted)
    assert drip.was_given_up


@connecting
@pytest.mark.parametrize(
    ("start", "drop"), [(b"", b"H"), (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), (b"", b"HTTP/1.1 100 Wait\r\n\r\n")]
)
def test_a_proxy_that_connects_slowly(
    hasty: Session, ask: Ask, stack: ExitStack, monkeypatch: pytest.MonkeyPatch, start: bytes, drop: bytes
) -> None:
    drip = Dripping(start, drop)
    monkeypatch.setenv("https_proxy", stack.enter_context(Wire(drip)).url)
    assert isinstance(failure_of(hasty, ask, "https://nothing.invalid"), NotAccepted)
    assert drip.was_given_up


@pytest.mark.skipif(not HAS_SOCKS, reason="PySocks is not installed")
@connecting
def test_a_socks_proxy_that_connects_slowly(
    hasty: Session, ask: Ask, stack: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The thread that reads it is left alone, and hangs up only at its end.
    drip = Dripping(b"\5\0\5\0\0\3\xff", b"x", drops=40)
    monkeypatch.setenv("https_proxy", stack.enter_context(Wire(drip, reads=False)).url.replace("http:", "socks5h:"))
    assert isinstance(failure_of(hasty, ask, "https://nothing.invalid"), NotAccepted)
    assert drip.was_given_up


# -- After the first byte: nobody knows


@both
@pytest.mark.parametrize(
    ("start", "drop"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 ", b"O"),
        (b"HTTP/1.1 200 OK\r\nX", b"x"),
        (b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        (b"", b"HTTP/1.1 102 Wait\r\n\r\n"),
        (HEAD, b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    ],
    ids=["status", "reason", "header", "headers", "interim", "body", "chunks", "chunk size", "trailer", "until closed"],
)
def test_an_answer_that_comes_slowly(hasty: Session, ask: Ask, start: bytes, drop: bytes) -> None:
    drip = Dripping(start, drop)
    with Wire(drip) as wire:
        assert isinstance(failure_of(hasty, ask, wire.url), OutcomeUnknown)
    assert drip.was_given_up


@both
def test_an_encrypted_answer_that_comes_slowly(patient: Session, ask: Ask) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
    drip = Dripping(HEAD, b" ")
    with Wire(drip, tls=tls) as wire:
        assert isinstance(failure_of(patient, ask, wire.url, LONGER), OutcomeUnknown)
    assert drip.was_given_up


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@pytest.mark.parametrize("size", [100_000, 8_000_000], ids=["handed to the system", "not even that"])
def test_who_does_not_read_gets_nothing_more_once_the_deadline_has_passed(
    patient: Session, encrypted: bool, size: int
) -> None:
    given_up, got = threading.Event(), []
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if encrypted else None
    if tls:
        trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)

    def script(connection: socket.socket) -> None:
        assert given_up.wait(10)
        with suppress(OSError):
            while data := connection.recv(65536):
                got.append(len(data))

    wire = Wire(script, tls=tls, reads=False, window=4096)
    with wire:
        failure = failure_of(patient, lambda session, url: session.post(url, {"product": "x" * size}), wire.url, LONGER)
        given_up.set()
    assert isinstance(failure, OutcomeUnknown)
    assert sum(got) < size


# -- The deadline itself


def test_what_is_done_while_a_deadline_is_paused_does_not_count() -> None:
    here, there = socket.socketpair()
    with here, there, Deadline(0.05) as deadline:
        deadline.watch(here.fileno())
        with deadline.paused():
            threading.Event().wait(0.1)
            here.sendall(b"still there")
        assert 0 < deadline.left() <= 0.05
        there.settimeout(10)
        assert there.recv(100) == b"still there"
        assert there.recv(100) == b"", "it is cut"
        with pytest.raises(TimeoutError, match=r"timed out after 0\.05 s"):
            deadline.left()


def test_what_is_watched_late_is_cut_at_once() -> None:
    here, there = socket.socketpair()
    with here, there, Deadline(0.001) as deadline:
        threading.Event().wait(0.01)
        deadline.watch(here.fileno())
        assert here.recv(1) == b""


def test_what_was_in_time_is_left_alone() -> None:
    here, there = socket.socketpair()
    with here, there:
        with Deadline(0.05) as deadline:
            deadline.watch(here.fileno())
        threading.Event().wait(0.1)
        here.sendall(b"still there")
        assert there.recv(100) == b"still there"


def test_a_request_lasts_well_less_than_its_lease() -> None:
    connection = Connection(timeout=TIMEOUT)
    assert connection.timeout * 4 <= connection.lease.total_seconds()


#: Whoever is not cut by then is not cut at all, in seconds.
NEVER = 30.0


def seconds_until_cut() -> float:
    """How long a connection lasts that a deadline watches."""
    near, far = socket.socketpair()
    start = time.monotonic()
    with near, far, Deadline(TIMEOUT) as deadline:
        deadline.watch(near.fileno())
        near.settimeout(NEVER)
        with suppress(OSError):
            near.recv(1)
        return time.monotonic() - start


def test_a_deadline_that_passes_before_another_one_is_not_late() -> None:
    with Deadline(3600):
        assert TIMEOUT <= seconds_until_cut() < NEVER
        assert TIMEOUT <= seconds_until_cut() < NEVER


def test_a_process_that_was_forked_cuts_its_connections_too() -> None:
    with Deadline(3600):
        child = os.fork()
        if not child:
            os._exit(TIMEOUT <= seconds_until_cut() < NEVER)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 1
