# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the unit tests share: a clock that the test sets, a reporter that remembers, and a server with a script."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import TooEarly
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._threads import (
    end_with_the_others,
    uninterrupted_task,
)
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Script, StandIn, tls_with

#: The collection, and the folder that Python finds it in.
COLLECTION = Path(__file__).parents[2]
COLLECTIONS = COLLECTION.parents[2]


class FakeClock:
    """A clock that moves only when somebody sleeps on it. Several threads may."""

    def __init__(self, start: datetime = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)) -> None:
        self.time = start
        self.naps: list[float] = []
        self._lock = threading.Lock()

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        with self._lock:
            self.naps.append(seconds)
            # Rounded up: a moment too short for a timedelta must pass as well.
            self.time += max(timedelta(seconds=seconds), timedelta.resolution) if seconds else timedelta()
        self.checkpoint()

    def wait(self, event: threading.Event, seconds: float) -> None:
        # What another thread does takes no time.
        assert event.wait(60)
        self.checkpoint()

    def checkpoint(self) -> None:
        end_with_the_others()

    def uninterrupted(self, stop: Callable[[], bool] = lambda: True) -> AbstractContextManager[None]:
        return uninterrupted_task() or nullcontext()


class Listener:
    """A reporter that remembers what was reported."""

    def __init__(self, *, glances: bool = False) -> None:
        #: As with -v.
        self.lines: list[str] = []
        #: As without.
        self.shown: list[str] = []
        self.warnings: list[str] = []
        self.glances = glances
        self.seen: list[str] = []

    def line(self, text: str, level: Level = Level.INFO) -> None:
        self.lines += text.split("\n")
        self.shown += text.split("\n") if level is not Level.DETAIL else []

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def glance(self, text: str) -> None:
        self.seen.append(text)


@contextlib.contextmanager
def standing_in(certificate: Path | None = None, **script: Any) -> Iterator[StandIn]:
    """A stand-in for the service with such a script, on a port of this machine."""
    tls = tls_with(str(certificate)) if certificate else None
    with StandIn(Script.from_dict(script), tls=tls) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def delay_of(session: Session, url: str) -> float:
    """For how long a session may send nothing, in seconds."""
    try:
        with session.admitted(url):
            return 0.0
    except TooEarly as exc:
        return exc.seconds


def acquaint(ledger: Ledger) -> None:
    """Have in the ledger that a job was scheduled and understood before: nothing is a first contact then."""
    update = make_update(
        product="jira",
        product_url="https://other.example.net",
        destination_url="https://another.example.net",
        migrated_from="https://jira.example.com",
        site_id="site-other",
        wave="before",
    )
    claim = ledger.claim(update, 1, timedelta(seconds=60))
    assert claim
    ledger.record_job(claim, "job-before", "PENDING")
    ledger.record_status("site-other", "job-before", "COMPLETE")


class Wire:
    """A server on a loopback port that answers each connection's one request as the next of its scripts says.

    It records every request it could read, head and body, as text. Use as a context manager.

    :param tls: with its certificate; without one, nothing is encrypted.
    :param reads: False where a script begins as soon as there is a connection, and does all the reading itself.
    :param window: how many bytes may be on their way here, about, before they are read; None for what is usual.
    """

    def __init__(
        self,
        *scripts: Callable[[socket.socket], None],
        tls: ssl.SSLContext | None = None,
        reads: bool = True,
        window: int | None = None,
    ) -> None:
        self._scripts = list(scripts)
        self._tls = tls
        self._reads = reads
        self._listener = socket.create_server(("127.0.0.1", 0))
        if window:
            self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self._address = self._listener.getsockname()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.requests: list[str] = []

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._address[1]}"

    def __enter__(self) -> Wire:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        socket.create_connection(self._address).close()  # wakes who waits for a connection; closing alone does not
        self._thread.join(timeout=10)
        self._listener.close()

    def _serve(self) -> None:
        for script in self._scripts:
            connection = self._listener.accept()[0]
            if self._over.is_set():
                connection.close()
                return
            connection.settimeout(10)
            # Whoever is on the other end may hang up whenever it likes.
            with contextlib.suppress(ConnectionError, ssl.SSLError), connection, self._secured(connection) as stream:
                if self._reads:
                    self.requests.append(read_request(stream))
                script(stream)

    def _secured(self, connection: socket.socket) -> socket.socket:
        return self._tls.wrap_socket(connection, server_side=True) if self._tls else connection


def answering(
    status: int = 200, body: str | bytes = "", headers: dict[str, str] | None = None
) -> Callable[[socket.socket], None]:
    """Answer with a whole HTTP response and close."""
    payload = body if isinstance(body, bytes) else body.encode()
    head = {"Content-Type": "application/json", "Content-Length": str(len(payload)), "Connection": "close"}
    head.update(headers or {})
    lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())

    def script(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status} Told So\r\n{lines}\r\n".encode() + payload)

    return script


def resetting(after: bytes = b"") -> Callable[[socket.socket], None]:
    """Send the bytes given, then reset the connection."""

    def script(connection: socket.socket) -> None:
        connection.sendall(after)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def closed_port() -> int:
    """A port of this machine where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def read_request(connection: socket.socket) -> str:
    """A request, head and body; what there is of one where the other end goes away."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return data.decode()
        data += chunk
    head, body = data.split(b"\r\n\r\n", 1)
    length = next(
        (int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")), 0
    )
    while len(body) < length and (chunk := connection.recv(65536)):
        body += chunk
    return (head + b"\r\n\r\n" + body).decode()
