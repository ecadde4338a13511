# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connecting before there is a request, and what is done right before its first byte is sent."""

from __future__ import annotations

import socket
import socketserver
import ssl
import threading
from collections.abc import Callable

import pytest
import trustme
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    Code,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import LinksApi
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    FakeClock,
    Wire,
    answering,
    closed_port,
    read_request,
)

Send = Callable[[socket.socket], None]

UPDATE = Update(
    site_id="site-eu",
    product="jira",
    product_url="https://eu.example.net",
    destination_url="https://us.example.net",
    migrated_from="https://jira.example.com",
)
TAKEN = answering(200, '{"uuid": "job-1"}')


def api_at(url: str, clock: FakeClock, *, timeout: float = 5.0) -> LinksApi:
    return LinksApi(Session(Connection(timeout=timeout, verify=False), None, clock), url)


@pytest.fixture(params=["plain", "encrypted"])
def tls(request: pytest.FixtureRequest) -> ssl.SSLContext | None:
    if request.param == "plain":
        return None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context


class Peer:
    """Takes what is sent on a connection, and remembers what it got before it may answer."""

    def __init__(self) -> None:
        self.is_connected = threading.Event()
        self.first: list[str] = []

    def __call__(self, connection: socket.socket) -> None:
        self.is_connected.set()
        self.first.append(read_request(connection).partition(" ")[0])
        TAKEN(connection)


def test_preparing_connects_and_sends_nothing(clock: FakeClock, tls: ssl.SSLContext | None) -> None:
    peer = Peer()
    with Wire(peer, tls=tls, reads=False) as wire:
        api = api_at(wire.url, clock)
        api.prepare()
        assert peer.is_connected.wait(10), "there is a connection, encrypted where that is asked for"
        assert peer.first == []
        # Preparing twice is no other thing; and there is one script only, so one connection.
        api.prepare()
        assert api.schedule(UPDATE) == "job-1"
    assert peer.first == ["POST"]


def test_what_is_done_before_sending_is_done_before_the_first_byte(
    clock: FakeClock, tls: ssl.SSLContext | None
) -> None:
    peer = Peer()
    seen: list[list[str]] = []

    def before_sending() -> None:
        assert peer.is_connected.wait(10)
        seen.append([*peer.first])

    with Wire(peer, tls=tls, reads=False) as wire:
        assert api_at(wire.url, clock).schedule(UPDATE, before_sending=before_sending) == "job-1"
    assert seen == [[]]
    assert peer.first == ["POST"]


@pytest.mark.parametrize(
    "stop",
    [
        OSError("disk full"),
        ValueError(),
        KeyboardInterrupt(),
        LinkUpdateError("no", code=Code.NOT_FOUND),
        TimeoutError(),
    ],
    ids=lambda stop: type(stop).__name__,
)
def test_what_it_raises_is_passed_on_as_it_is_and_nothing_is_sent(clock: FakeClock, stop: BaseException) -> None:
    peer = Peer()

    def before_sending() -> None:
        raise stop

    with Wire(peer, reads=False) as wire:
        with pytest.raises(type(stop)) as raised:
            api_at(wire.url, clock).schedule(UPDATE, before_sending=before_sending)
        assert raised.value is stop
        assert peer.is_connected.wait(10)
    assert peer.first == [""], "the connection was closed"


def test_it_is_not_called_where_there_is_no_connection(clock: FakeClock) -> None:
    api = api_at(f"http://127.0.0.1:{closed_port()}", clock)
    with pytest.raises(NotAccepted):
        api.prepare()
    with pytest.raises(NotAccepted):
        api.schedule(UPDATE, before_sending=lambda: pytest.fail("nothing is about to be sent"))


@pytest.mark.parametrize("at_the_last_moment", [False, True])
@pytest.mark.parametrize(
    "script", [lambda connection: connection.shutdown(socket.SHUT_RDWR), TAKEN], ids=["closed", "spoke first"]
)
def test_a_prepared_connection_that_ended_meanwhile_is_made_anew(
    clock: FakeClock, tls: ssl.SSLContext | None, script: Send, at_the_last_moment: bool
) -> None:
    told, peer = threading.Event(), Peer()

    def ending(connection: socket.socket) -> None:
        assert told.wait(10)
        script(connection)
        connection.recv(1)

    def end() -> None:
        told.set()
        _wait_until_ended(api)

    with Wire(ending, peer, tls=tls, reads=False) as wire:
        api = api_at(wire.url, clock)
        api.prepare()
        if not at_the_last_moment:
            end()
        assert api.schedule(UPDATE, before_sending=end if at_the_last_moment else lambda: None) == "job-1"
    assert peer.first == ["POST"]


def _wait_until_ended(api: LinksApi) -> None:
    """Until what the other end did has arrived here."""
    pools = api._session._transport._changing.poolmanager.pools
    (connection,) = filter(None, pools[next(iter(pools.keys()))].pool.queue)
    for _look in range(1000):
        if not connection.is_connected:
            return
        threading.Event().wait(0.01)
    pytest.fail("nothing has arrived")


def test_the_time_that_it_takes_is_not_the_time_of_the_request(clock: FakeClock) -> None:
    def before_sending() -> None:
        threading.Event().wait(0.7)

    with Wire(TAKEN) as wire:
        assert api_at(wire.url, clock, timeout=0.5).schedule(UPDATE, before_sending=before_sending) == "job-1"


def test_a_connection_that_was_prepared_is_closed_where_nothing_is_sent(clock: FakeClock) -> None:
    peer = Peer()
    with Wire(peer, reads=False) as wire:
        api = api_at(wire.url, clock)
        with api.admitted():
            api.prepare()
            assert peer.is_connected.wait(10)
    assert peer.first == [""]


def test_what_only_reads_goes_on_with_its_connection_and_a_post_has_one_of_its_own(clock: FakeClock) -> None:
    connections: list[list[str]] = []

    class Keeping(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            seen: list[str] = []
            connections.append(seen)
            while method := read_request(self.request).partition(" ")[0]:
                seen.append(method)
                answering(200, '{"uuid": "job-1", "status": "Complete"}', {"Connection": "keep-alive"})(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Keeping) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.server_address[:2]
        api = api_at(f"http://{host!s}:{port}", clock)
        for _time in range(2):
            assert api.status("site-eu", "job-0").word == "COMPLETE"
            assert api.schedule(UPDATE) == "job-1"
        server.shutdown()
    assert connections == [["GET", "GET"], ["POST"], ["POST"]]


def test_the_connection_of_a_post_is_not_kept(clock: FakeClock) -> None:
    ends: list[bytes] = []

    def keeping(connection: socket.socket) -> None:
        read_request(connection)
        answering(200, '{"uuid": "job-1"}', {"Connection": "keep-alive"})(connection)
        ends.append(connection.recv(1))

    with Wire(keeping, keeping, reads=False) as wire:
        api = api_at(wire.url, clock)
        assert api.schedule(UPDATE) == api.schedule(UPDATE) == "job-1"
    assert ends == [b"", b""]


def test_whatever_goes_wrong_after_the_first_byte_leaves_the_outcome_unknown(clock: FakeClock) -> None:
    with Wire(lambda connection: None) as wire:
        api = api_at(wire.url, clock)
        api.prepare()
        with pytest.raises(OutcomeUnknown):
            api.schedule(UPDATE)
