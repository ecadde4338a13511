# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The world as an example of the documentation sees it: every https host is there, and is the stand-in.

A proxy on a loopback address answers each CONNECT itself, as the host that was asked for, with a certificate of an
authority that is trusted only here, and hands what it decrypts to the stand-in, which takes the host from the path.
"""

from __future__ import annotations

import ssl
import sys
import threading
from contextlib import suppress
from functools import cache
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

import trustme


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    world: World

    def do_CONNECT(self) -> None:
        """From here on this connection is one to the host that was asked for."""
        self.host = self.path.rpartition(":")[0]
        self.send_response(200)
        self.end_headers()
        self.request = self.world.tls_of(self.host).wrap_socket(self.connection, server_side=True)
        self.setup()
        # Also where HTTP/1.0 was spoken so far.
        self.close_connection = False

    def do_GET(self) -> None:
        self._forward()

    def do_POST(self) -> None:
        self._forward()

    def do_DELETE(self) -> None:
        self._forward()

    def _forward(self) -> None:
        if not isinstance(self.connection, ssl.SSLSocket):
            self.send_error(502, "There is nothing but https here")
            return
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, headers, answer = self.world.ask(self.command, f"/{self.host}{self.path}", dict(self.headers), body)
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: what matters is at the stand-in."""


class World(ThreadingHTTPServer):
    """The proxy, for as long as it is the context."""

    daemon_threads = True

    def __init__(self, folder: Path, stand_in_url: str) -> None:
        self._authority = trustme.CA()
        self._stand_in = urlsplit(stand_in_url).netloc
        self._certificates = folder / "authority.pem"
        self._authority.cert_pem.write_to_path(str(self._certificates))
        #: A certificate is made once for a host.
        self.tls_of = cache(self._new_tls)
        super().__init__(("127.0.0.1", 0), type("Handler", (_Handler,), {"world": self}))

    @property
    def environment(self) -> dict[str, str]:
        """What leads programs into it, and lets them trust it."""
        proxy = f"http://127.0.0.1:{self.server_address[1]}"
        authority = str(self._certificates)
        return {
            **dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY"), proxy),
            **dict.fromkeys(("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE"), authority),
        }

    def ask(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str], bytes]:
        """What the stand-in answers: status, headers, body."""
        connection = HTTPConnection(self._stand_in, timeout=60)
        with suppress(KeyError):
            del headers["Host"]
        connection.request(method, path, body or None, headers)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        return response.status, dict(response.getheaders()), answer

    def _new_tls(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._authority.issue_cert(host).configure_cert(context)
        return context

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that leaves, or that trusts nobody, is no failure of the world."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def __enter__(self) -> World:
        threading.Thread(target=self.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()
