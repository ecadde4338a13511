# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What requests and urllib3 lack: one deadline for all of a request, whether it was begun, and interim answers."""

from __future__ import annotations

import http.client
import queue
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from .deadline import Deadline

try:
    from requests import PreparedRequest
    from requests.adapters import HTTPAdapter
    from urllib3.connection import HTTPConnection, HTTPSConnection
    from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
    from urllib3.util.connection import allowed_gai_family, create_connection
except ImportError:
    HAS_REQUESTS = False
    HTTPAdapter = HTTPConnection = HTTPSConnection = HTTPConnectionPool = HTTPSConnectionPool = object  # type: ignore[assignment,misc]
else:
    HAS_REQUESTS = True
try:
    from urllib3.contrib.socks import SOCKSConnection, SOCKSHTTPSConnection
except ImportError:
    HAS_SOCKS = False
    SOCKSConnection = SOCKSHTTPSConnection = HTTPConnection  # type: ignore[assignment,misc]
else:
    HAS_SOCKS = True

#: The most answers that may come before the one that counts (102, 103 and their like).
_MAX_INTERIM = 100


@dataclass
class Exchange:
    """One request and its answer."""

    deadline: Deadline
    #: Whether the first byte of the request may have been sent. What is said to a proxy before is no part of it.
    is_begun: bool = False


#: The exchange that the connections of this thread serve.
_CURRENT: ContextVar[Exchange] = ContextVar("exchange")


@contextmanager
def exchange(seconds: float) -> Iterator[Exchange]:
    """An exchange that is over in so many seconds."""
    with Deadline(seconds) as deadline:
        current = Exchange(deadline)
        token = _CURRENT.set(current)
        try:
            yield current
        finally:
            _CURRENT.reset(token)


class Adapter(HTTPAdapter):
    """Sends requests as part of the current exchange."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = _POOLS

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        manager.pool_classes_by_scheme = _SOCKS_POOLS if proxy.lower().startswith("socks") else _POOLS
        return manager

    def connect(self, request: PreparedRequest, verify: bool | str, proxies: dict[str, str]) -> None:
        """Have an open connection for a request. No part of the request is sent."""
        pool: Any
        if hasattr(self, "get_connection_with_tls_context"):
            pool = self.get_connection_with_tls_context(request, verify, proxies)
        else:  # before requests 2.32
            pool = self.get_connection(request.url or "", proxies)
        self.cert_verify(pool, request.url or "", verify, None)
        connection = pool._get_conn()
        try:
            if connection.sock is None:
                if pool.proxy and pool.scheme == "https":
                    pool._prepare_proxy(connection)
                else:
                    connection.connect()
                # TLS begins no handshake on a connection that was cut, and says nothing.
                _CURRENT.get().deadline.left()
        except BaseException:
            connection.close()
            raise
        pool._put_conn(connection)


class _Response(http.client.HTTPResponse):
    def _read_status(self) -> tuple[str, int, str]:
        """The status of the answer that counts: those that come before it only say that there will be one."""
        for _answer in range(_MAX_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status == http.client.SWITCHING_PROTOCOLS:
                raise http.client.HTTPException("HTTP 101, a change to another protocol that nobody asked for")
            if status >= http.client.OK:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {_MAX_INTERIM} answers that say that there will be one")


class _Connection(HTTPConnection):
    response_class = _Response

    @property
    def is_connected(self) -> bool:
        """Whether the other end has neither closed the connection, nor sent what nobody asked for.

        Unlike that of urllib3, this passes over what TLS sends for itself.
        """
        return self.sock is not None and _is_silent(self.sock)

    def _new_conn(self) -> socket.socket:
        deadline = _CURRENT.get().deadline
        connection = self._connected(deadline)
        deadline.watch(connection.fileno())
        return connection

    def _connected(self, deadline: Deadline) -> socket.socket:
        """A connection to the first address that takes one. One that is silent leaves time for the others.

        :raises OSError: there is none.
        :raises ValueError: it cannot be a host.
        """
        host, port = self._dns_host.strip("[]"), self.port
        found = deadline.wait_for(lambda: socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM))
        failure = OSError("no address")
        for tried, (*_kind, address) in enumerate(found):
            host, port = str(address[0]), int(address[1])
            seconds = deadline.left() / (len(found) - tried)
            try:
                connection = create_connection((host, port), seconds, socket_options=self.socket_options)
            except OSError as exc:
                failure = exc
            else:
                connection.settimeout(deadline.left())
                return connection
        raise failure

    def endheaders(self, *args: Any, **options: Any) -> None:
        """Send a request."""
        if self.sock is None:
            self.connect()
        current = _CURRENT.get()
        current.deadline.watch(self.sock.fileno())
        current.deadline.left()
        current.is_begun = True
        super().endheaders(*args, **options)


class _TlsConnection(_Connection, HTTPSConnection):
    pass


class _SocksConnection(_Connection, SOCKSConnection):
    def _connected(self, deadline: Deadline) -> socket.socket:
        connection: socket.socket = deadline.wait_for(lambda: SOCKSConnection._new_conn(self))
        return connection


class _SocksTlsConnection(_SocksConnection, SOCKSHTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls: Any = _Connection

    def _get_conn(self, timeout: float | None = None) -> Any:
        # Before urllib3 2, what TLS sends for itself counts as the end of a connection, unless it has been read. It is
        # read from one that no other thread can take meanwhile.
        with suppress(queue.Empty):
            connection = self.pool.get(block=False) if self.pool else None
            if connection and not connection.is_connected:
                connection.close()
            self._put_conn(connection)
        return super()._get_conn(timeout)


class _TlsPool(_Pool, HTTPSConnectionPool):
    ConnectionCls: Any = _TlsConnection


class _SocksPool(_Pool):
    ConnectionCls = _SocksConnection


class _SocksTlsPool(_TlsPool):
    ConnectionCls = _SocksTlsConnection


_POOLS = {"http": _Pool, "https": _TlsPool}
_SOCKS_POOLS = {"http": _SocksPool, "https": _SocksTlsPool}


def _is_silent(connection: Any) -> bool:
    seconds = connection.gettimeout()
    connection.settimeout(0)
    try:
        connection.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        pass
    finally:
        connection.settimeout(seconds)
    return False
