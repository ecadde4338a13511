# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sessions: the credentials that they take, and what those of one task share, also when several threads use them."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import CONNECTION
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    InvalidOption,
    LinkUpdateError,
    NotAccepted,
    TooEarly,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import (
    Account,
    Connection,
    DataCenterAccount,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.sessions import Sessions, open_session
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.options import account_of, connection_of
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering

EMAIL, TOKEN = "me@example.com", "c4nary-t0ken"
AROUND = ["{}\n", "{}\r\n", "{}\r", " {} ", "\t{}\n\n", "\ufeff{}\n", "\ufeff {}", "\N{NO-BREAK SPACE}{}"]


def options(**given: Any) -> dict[str, Any]:
    defaults = {name: option.get("default") for name, option in CONNECTION.items()}
    return {**defaults, "email": EMAIL, "api_token": TOKEN, **given}


def session_of(given: dict[str, Any]) -> Session:
    return open_session(connection_of(given), account_of(given), FakeClock())


@pytest.mark.parametrize("around", AROUND)
def test_what_surrounds_a_credential_is_not_sent(around: str) -> None:
    given = options(email=around.format(EMAIL), api_token=around.format(TOKEN))
    with Wire(answering(200, "{}")) as wire:
        session_of(given).get(f"{wire.url}/site")
    signature = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    assert f"Authorization: Basic {signature}\r\n" in wire.requests[0]


@pytest.mark.parametrize("around", AROUND)
def test_a_token_that_is_echoed_is_not_shown_whatever_surrounded_it(around: str) -> None:
    with Wire(answering(400, f'{{"message": "no such token {TOKEN} of {EMAIL}"}}')) as wire:
        session = session_of(options(api_token=around.format(TOKEN)))
        with pytest.raises(LinkUpdateError) as caught:
            session.get(f"{wire.url}/site")
    assert "no such token" in str(caught.value)
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        (" ", "a space"),
        ("\n", "a line break"),
        ("\r\n", "a line break"),
        ("\t", "a tab"),
        ("\0", "an invisible character"),
        ("\x1b", "an invisible character"),
        ("\N{ZERO WIDTH SPACE}", "an invisible character"),
        ("\ufeff", "an invisible character"),
    ],
)
@pytest.mark.parametrize("name", ["email", "api_token"])
def test_a_credential_with_white_space_in_it_is_refused_by_name_and_not_shown(
    name: str, inside: str, what: str
) -> None:
    with pytest.raises(InvalidOption) as caught:
        session_of(options(**{name: f"c4nary{inside}t0ken"}))
    assert str(caught.value).startswith(f"{name} has {what} in it. ")
    assert "c4nary" not in str(caught.value)
    assert "t0ken" not in str(caught.value)


@pytest.mark.parametrize("nothing", [None, "", " ", "\n", "\ufeff\n"])
@pytest.mark.parametrize(("name", "called"), [("email", "e-mail address"), ("api_token", "API token")])
def test_a_credential_of_nothing_but_white_space_is_not_set(name: str, called: str, nothing: str | None) -> None:
    with pytest.raises(InvalidOption, match=f"^no {called}. Set ATLASSIAN_{name.upper()} or {name}$"):
        session_of(options(**{name: nothing}))


def test_a_rehearsal_needs_no_credentials_and_sends_none() -> None:
    with Wire(answering(200, "{}")) as wire:
        given = options(email=None, stand_in_url=wire.url)
        session_of(given).get("https://site.example.net/rest")
    signature = b64encode(b"rehearsal@example.com:rehearsal").decode()
    assert f"Authorization: Basic {signature}\r\n" in wire.requests[0]


# -- What the sessions of one task share

MOST = 8
ANN, BOB = Account(email="ann@example.com", api_token="t0ken-0f-ann"), Account("bob@example.com", "t0ken-0f-bob")


class Echo(BaseHTTPRequestHandler):
    """Answers with the path, and keeps the connection."""

    protocol_version = "HTTP/1.1"
    # Otherwise each answer waits for the other end.
    disable_nagle_algorithm = True

    def setup(self) -> None:
        super().setup()
        self.server.connections.append(self.client_address)  # type: ignore[attr-defined]

    def do_GET(self) -> None:
        body = f'"{self.path}"'.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def do_DELETE(self) -> None:
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        pass


class EchoServer(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 100

    def __init__(self, address: str = "127.0.0.1") -> None:
        super().__init__((address, 0), Echo)
        #: Each connection that was opened.
        self.connections: list[Any] = []

    def url(self, path: object = "", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}/{path}"


@pytest.fixture
def echo(request: pytest.FixtureRequest) -> Iterator[EchoServer]:
    with EchoServer(getattr(request, "param", "127.0.0.1")) as server, ThreadPoolExecutor(1) as pool:
        pool.submit(server.serve_forever, 0.05)
        yield server
        server.shutdown()


def sessions(most: int = MOST, most_each: int | None = None) -> Sessions:
    return Sessions(Connection(timeout=30), SystemClock(), most, most_each=most_each)


def test_they_share_the_open_connections_for_what_only_reads(echo: EchoServer) -> None:
    of_a_task = sessions()
    for session in (of_a_task.open(ANN), of_a_task.open(BOB), of_a_task.open(None)):
        for number in range(3):
            assert session.get(echo.url(number)) == f"/{number}"
            assert session.query(echo.url(number), {}, read=str) == f"/{number}"
    assert len(echo.connections) == 1


def test_what_changes_something_has_a_connection_of_its_own(echo: EchoServer) -> None:
    session = sessions().open(ANN)
    for number in range(3):
        session.get(echo.url(number))
        assert session.post(echo.url(number), {}) == f"/{number}"
        session.delete(echo.url(number))
    assert len(echo.connections) == 1 + 3 + 3


def test_when_they_are_closed_they_go_on_with_new_connections(echo: EchoServer) -> None:
    of_a_task = sessions()
    session = of_a_task.open(ANN)
    for number in range(2):
        assert session.get(echo.url(number)) == f"/{number}"
        of_a_task.close()
    assert len(echo.connections) == 2


def test_they_share_the_rate_limit_of_an_account() -> None:
    of_a_task = sessions()
    with Wire(answering(429, "{}", {"Retry-After": "60"}), answering(200, "{}")) as wire:
        with pytest.raises(NotAccepted):
            of_a_task.open(ANN).get(wire.url)
        with pytest.raises(TooEarly):
            of_a_task.open(ANN).get(wire.url)
        assert of_a_task.open(BOB).get(wire.url) == {}, "another account has limits of its own"


@pytest.mark.parametrize("most_each", [None, 2])
def test_answers_to_several_threads_are_never_mixed_up_and_come_on_few_connections(
    echo: EchoServer, most_each: int | None
) -> None:
    of_a_task = sessions(most_each=most_each)
    begin = threading.Barrier(MOST)

    def ask(thread: int) -> list[str]:
        session = of_a_task.open(ANN)
        begin.wait(30)
        return [session.get(echo.url(f"{thread}/{number}")) for number in range(63)]

    with ThreadPoolExecutor(MOST) as pool:
        answers = list(pool.map(ask, range(MOST)))
    assert answers == [[f"/{thread}/{number}" for number in range(63)] for thread in range(MOST)]
    assert 1 < len(echo.connections) <= (most_each or MOST)


@pytest.mark.parametrize("echo", ["0.0.0.0"], indirect=True)
def test_the_connections_to_many_hosts_are_all_kept(echo: EchoServer) -> None:
    most = 60
    of_a_task = sessions(most)
    begin = threading.Barrier(most)

    def ask(thread: int) -> set[str]:
        session = of_a_task.open(ANN)
        begin.wait(30)
        return {session.get(echo.url(number, f"127.0.0.{thread + 1}")) for number in range(5)}

    with ThreadPoolExecutor(most) as pool:
        assert list(pool.map(ask, range(most))) == [{f"/{number}" for number in range(5)}] * most
    assert len(echo.connections) == most


def test_in_a_rehearsal_a_data_center_gets_no_real_credentials() -> None:
    with Wire(answering(200, "{}")) as wire:
        sessions = Sessions(Connection(timeout=5, stand_in_url=wire.url), FakeClock())
        for account in (DataCenterAccount("r3al-t0ken"), DataCenterAccount()):
            session = sessions.open_data_center(account)
        session.get("https://jira.example.com/jira/rest/api/2/myself")
    assert wire.requests[0].startswith("GET /jira.example.com/jira/rest/api/2/myself HTTP/1.1\r\n")
    assert "\r\nAuthorization: Bearer rehearsal\r\n" in wire.requests[0]


def test_in_a_rehearsal_a_site_gets_no_real_credentials() -> None:
    with Wire(answering(200, "[]")) as wire:
        sessions = Sessions(Connection(timeout=5, stand_in_url=wire.url), FakeClock())
        sessions.open_site(ANN).get("https://site.example.net/rest")
    signature = b64encode(b"rehearsal@example.com:rehearsal").decode()
    assert f"Authorization: Basic {signature}\r\n" in wire.requests[0]


@pytest.mark.parametrize(("pace", "naps"), [(None, []), (10.0, [0.1, 0.1])])
def test_only_with_a_pace_do_requests_wait_for_their_turn(pace: float | None, naps: list[float]) -> None:
    clock = FakeClock()
    with Wire(*[answering(200, "{}")] * 3) as wire:
        session = Sessions(Connection(timeout=5), clock, most=8, most_each=4, pace=pace).open(ANN)
        for _time in range(3):
            session.get(wire.url)
    assert clock.naps == pytest.approx(naps, abs=0.02)
