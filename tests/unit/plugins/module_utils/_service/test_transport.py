# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bodies of answers: read to their end, and given up where that takes too long, or where there is too much."""

from __future__ import annotations

import gzip
import json
import socket
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
import urllib3
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
    MissingLibrary,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service import transport
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering, resetting

#: The most bytes that an answer may have where nothing else is said.
MAX_BODY = 65536

Send = Callable[[socket.socket], None]

#: Answers that end before their body does.
HALF = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"uuid": "job'
HALF_CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{"uuid": "job-1\r\n'
PACKED = gzip.compress(b'{"a": 1}')


@pytest.fixture(autouse=True, params=["in pieces", "byte by byte"])
def _both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body is read in pieces where urllib3 can do that, else byte by byte."""
    if request.param == "byte by byte":
        for kind in urllib3.HTTPResponse.__mro__:
            if "read1" in vars(kind):
                monkeypatch.delattr(kind, "read1")


def session_of(clock: FakeClock, timeout: float = 5, kind: type[Session] = Session) -> Session:
    return kind(Connection(timeout=timeout), None, clock)


def get(session: Session, script: Send) -> Any:
    """What is read from an answer."""
    with Wire(script) as wire:
        return session.get(wire.url)


def failure_of(session: Session, script: Send) -> LinkUpdateError:
    with pytest.raises(LinkUpdateError) as failure:
        get(session, script)
    return failure.value


def sending(data: bytes) -> Send:
    return lambda connection: connection.sendall(data)


def chunked(*chunks: bytes, headers: str = "") -> Send:
    """An answer whose body comes in chunks."""
    head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n{headers}\r\n".encode()
    return sending(head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in (*chunks, b"")))


def packed(body: bytes, packing: str = "gzip") -> Send:
    return answering(200, body, {"Content-Encoding": packing})


# -- Whole


@pytest.mark.parametrize(("end", "more"), [("Content-Length: 8", b"and more"), ("Connection: close", b"")])
def test_a_body_ends_where_its_length_or_the_connection_says(clock: FakeClock, end: str, more: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\n{end}\r\n\r\n".encode()
    assert get(session_of(clock), sending(head + b'{"a": 1}' + more)) == {"a": 1}


def test_a_body_may_come_in_chunks(clock: FakeClock) -> None:
    assert get(session_of(clock), chunked(b'{"a', b'": ', b"1}")) == {"a": 1}


@pytest.mark.parametrize("packing", ["gzip", "GZIP"])
def test_a_body_may_be_packed(clock: FakeClock, packing: str) -> None:
    with Wire(packed(PACKED, packing)) as wire:
        assert session_of(clock).get(wire.url) == {"a": 1}
    assert "\r\nAccept-Encoding: gzip\r\n" in wire.requests[0]


def test_a_packed_body_may_come_in_chunks(clock: FakeClock) -> None:
    assert get(session_of(clock), chunked(PACKED[:5], PACKED[5:], headers="Content-Encoding: gzip\r\n")) == {"a": 1}


def test_a_connection_whose_body_was_read_is_used_again(clock: FakeClock) -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"

    def script(connection: socket.socket) -> None:
        connection.sendall(whole)
        connection.recv(65536)
        connection.sendall(whole)

    session = session_of(clock)
    with Wire(script) as wire:
        assert session.get(wire.url) == session.get(wire.url) == {}
    assert len(wire.requests) == 1


# -- Cut off


@pytest.mark.parametrize(
    "data", [b"", HALF[:40], HALF, HALF_CHUNKED, b"220 mail.example.com ESMTP\r\n\r\n", b'{"uuid": "job-1"}\r\n\r\n']
)
@pytest.mark.parametrize("end", [sending, resetting])
def test_half_an_answer_leaves_the_outcome_unknown(clock: FakeClock, data: bytes, end: Callable[[bytes], Send]) -> None:
    assert isinstance(failure_of(session_of(clock), end(data)), OutcomeUnknown)


@pytest.mark.parametrize("length", ["-1", "99", "2, 3"])
def test_a_body_of_another_length_than_it_says_leaves_the_outcome_unknown(clock: FakeClock, length: str) -> None:
    failure = failure_of(session_of(clock), answering(200, '{"uuid', {"Content-Length": length}))
    assert isinstance(failure, OutcomeUnknown)


@pytest.mark.parametrize("size", [b"-1", b"", b"x", b"-" * 70_000])
def test_a_chunk_of_no_size_leaves_the_outcome_unknown(clock: FakeClock, size: bytes) -> None:
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + size + b"\r\n{}\r\n"
    assert isinstance(failure_of(session_of(clock), sending(answer)), OutcomeUnknown)


@pytest.mark.parametrize(
    "body", [PACKED[:-3], b'{"a": 1}', PACKED[:-8] + b"no check"], ids=["cut off", "not packed", "wrong checksum"]
)
def test_a_body_that_is_not_packed_as_it_says_leaves_the_outcome_unknown(clock: FakeClock, body: bytes) -> None:
    assert isinstance(failure_of(session_of(clock), packed(body)), OutcomeUnknown)


# -- Too slow


@pytest.mark.parametrize("start", [b"", HALF], ids=["silence", "half an answer"])
def test_silence_is_given_up_and_leaves_the_outcome_unknown(clock: FakeClock, start: bytes) -> None:
    gave_up: list[bytes] = []

    def script(connection: socket.socket) -> None:
        connection.sendall(start)
        connection.settimeout(4)
        gave_up.append(connection.recv(1))

    assert isinstance(failure_of(session_of(clock, timeout=1), script), OutcomeUnknown)
    assert gave_up == [b""]


@pytest.mark.parametrize(
    ("head", "drip"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", b" "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (b"HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        # The name of a packed file: nothing comes of it that could be counted.
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08\x08\0\0\0\0\0\0", b"x"),
    ],
    ids=["of known length", "chunked", "redirect", "packed"],
)
def test_a_body_that_comes_slowly_is_not_waited_for_to_its_end(clock: FakeClock, head: bytes, drip: bytes) -> None:
    drops = []

    def script(connection: socket.socket) -> None:
        connection.sendall(head)
        connection.settimeout(0.02)
        while len(drops) < 98:
            connection.sendall(drip)
            drops.append(drip)
            try:
                connection.recv(1)
                return
            except TimeoutError:
                continue

    failure = failure_of(session_of(clock, timeout=1), script)
    assert isinstance(failure, OutcomeUnknown)
    assert "after 1 s" in failure.failure.what
    assert len(drops) < 98


# -- Too large


def test_a_body_is_read_up_to_a_limit(clock: FakeClock) -> None:
    longest = b'"' + b"x" * (MAX_BODY - 2) + b'"'
    assert len(get(session_of(clock), answering(200, longest))) == MAX_BODY - 2
    failure = failure_of(session_of(clock), answering(200, longest + b" "))
    assert isinstance(failure, OutcomeUnknown)
    assert f"more than {MAX_BODY} bytes" in failure.failure.what


class Patient(Session):
    max_body = 3 * MAX_BODY


class Impatient(Session):
    max_body = 10


def test_the_limit_is_one_of_the_session(clock: FakeClock) -> None:
    text = "x" * 2 * MAX_BODY
    assert get(session_of(clock, kind=Patient), answering(200, json.dumps(text))) == text
    assert isinstance(failure_of(session_of(clock, kind=Impatient), answering(200, '"123456789"')), OutcomeUnknown)


@pytest.mark.parametrize("sent", ["with its length", "in chunks", "until the connection ends"])
def test_a_body_without_an_end_is_not_read_on(clock: FakeClock, sent: str) -> None:
    headers = {
        "with its length": "Content-Length: 1000000000000",
        "in chunks": "Transfer-Encoding: chunked",
        "until the connection ends": "Connection: close",
    }
    piece = b"1000\r\n" + b"x" * 4096 + b"\r\n" if sent == "in chunks" else b"x" * 4096

    def script(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 200 OK\r\n{headers[sent]}\r\n\r\n".encode())
        while True:
            connection.sendall(piece)

    failure = failure_of(session_of(clock), script)
    assert f"more than {MAX_BODY} bytes" in failure.failure.what


@pytest.mark.parametrize(("count", "read"), [(96, True), (101, False)])
def test_an_answer_has_fewer_than_a_hundred_headers(clock: FakeClock, count: int, read: bool) -> None:
    # Those that every answer of the test has are three more.
    script = answering(200, "{}", {f"X-{number}": "x" for number in range(count)})
    if read:
        assert get(session_of(clock), script) == {}
    else:
        assert isinstance(failure_of(session_of(clock), script), OutcomeUnknown)


def test_the_limit_counts_what_a_body_is_unpacked_to(clock: FakeClock) -> None:
    body = b'"' + b"x" * (MAX_BODY - 2) + b'"'
    assert len(get(session_of(clock), packed(gzip.compress(body)))) == MAX_BODY - 2
    failure = failure_of(session_of(clock), packed(gzip.compress(body + b" ")))
    assert f"more than {MAX_BODY} bytes" in failure.failure.what


def test_a_packed_body_is_unpacked_no_further_than_the_limit(clock: FakeClock) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    tracemalloc.start()
    try:
        assert isinstance(failure_of(session_of(clock), packed(bomb)), OutcomeUnknown)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 10_000_000


def test_a_missing_library_is_named_with_where_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "HAS_REQUESTS", False)
    with pytest.raises(MissingLibrary) as caught:
        session_of(FakeClock())
    assert str(caught.value) == (
        "the Python library requests is missing. Install it for the Python that runs this task (on the controller, "
        "or on the host that the task is delegated to)"
    )
