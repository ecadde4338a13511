# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests go out, answers come in: all that knows the libraries requests and urllib3."""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from http.client import BadStatusLine, RemoteDisconnected
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._errors import Code, InvalidOption, LinkUpdateError, MissingLibrary, NotAccepted, OutcomeUnknown
from .._model.connection import Connection
from . import route
from .adapter import HAS_REQUESTS, Adapter, Exchange, exchange
from .deadline import Deadline

if HAS_REQUESTS:
    import requests
    import urllib3.exceptions

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

_HEADERS: dict[str, str | bytes] = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "User-Agent": "jira_cloud.federation",
}
#: How much of a body is taken at once, at most, in bytes.
PIECE = 64 * 1024
#: How zlib is told that data is packed by gzip.
GZIP = 16 + zlib.MAX_WBITS
ENDS_TOO_EARLY = "an answer that ends too early"


@dataclass(frozen=True)
class Call:
    """What is sent."""

    method: str
    url: str
    payload: dict[str, Any] | None = None
    #: Whether it changes anything at the other end.
    changes: bool = False


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    #: Empty where it could not be read to its end.
    body: bytes = b""
    #: Why the body could not be read to its end; empty where it could.
    trouble: str = ""
    #: Whether it could not because it is longer than what may be read.
    is_too_large: bool = False


class Transport:
    """Sends requests, and reads what comes back within limits.

    :param pool: the open connections that several transports share for what only reads.
    """

    def __init__(self, connection: Connection, max_body: int, pool: Adapter | None = None) -> None:
        """:raises MissingLibrary: the Python library requests is not installed."""
        if not HAS_REQUESTS:
            raise MissingLibrary(
                "the Python library requests is missing",
                "install it for the Python that runs this task (on the controller, or on the host that the task is "
                "delegated to)",
            )
        self._connection = connection
        self._max_body = max_body
        #: For what changes something: each travels on a connection that no other request was sent on. On one that was
        #: kept, and that the other end has just closed, a reset could not be told from one that came after the request
        #: was taken.
        self._changing = Adapter()
        self._reading = pool or Adapter()
        self._ways: dict[tuple[str, str], dict[str, Any]] = {}

    def exchange(self) -> AbstractContextManager[Exchange]:
        """What a request is part of. Its time begins now, and covers all from the name of the host to the last byte."""
        return exchange(self._connection.timeout)

    def connect(self, url: str, current: Exchange) -> None:
        """Have an open connection for the next call to the same host that changes something. No part of it is sent.

        :raises NotAccepted, LinkUpdateError: there is none.
        """
        request, way = self._prepared(Call("POST", url))
        with _failing(current):
            self._changing.connect(request, way["verify"], way["proxies"])

    def send(self, call: Call, authorization: bytes | None, current: Exchange) -> Answer:
        """What the service answers to a request.

        :param authorization: the value of the header of this name; None for a request without it.
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: there is no answer.
        """
        request, way = self._prepared(call, authorization)
        adapter = self._changing if call.changes else self._reading
        try:
            with _failing(current), adapter.send(request, timeout=self._connection.timeout, **way) as response:
                return self._read(response, current.deadline)
        finally:
            self.hang_up()

    def hang_up(self) -> None:
        """Close what L(connect) has opened."""
        self._changing.close()

    @property
    def secrets(self) -> Sequence[str]:
        """What no text may repeat of what the other end has sent."""
        return ()

    def _prepared(self, call: Call, authorization: bytes | None = None) -> tuple[PreparedRequest, dict[str, Any]]:
        """A request, and the way that it takes."""
        headers = _HEADERS if authorization is None else _HEADERS | {"Authorization": authorization}
        try:
            url = self._mapped(call.url)
            request = requests.Request(call.method, url, headers=headers, json=call.payload).prepare()
        except ValueError as exc:
            raise InvalidOption(str(exc), "correct the URL") from None
        return request, self._way_to(request.url or "")

    def _way_to(self, url: str) -> dict[str, Any]:
        """The way to a URL, found out once for each host: to look through the environment takes a while."""
        parts = urlsplit(url)
        host = parts.scheme, parts.netloc
        if host not in self._ways:
            self._ways[host] = route.way_to(url, self._connection.verify)
        return self._ways[host]

    def _mapped(self, url: str) -> str:
        if self._connection.stand_in_url is None:
            return url
        return f"{self._connection.stand_in_url}/{url.partition('://')[2]}"

    def _read(self, response: Response, deadline: Deadline) -> Answer:
        try:
            body = self._body(response, deadline)
        except (urllib3.exceptions.HTTPError, zlib.error, BodyError) as exc:
            trouble = str(deadline if deadline.is_over else _root_of(exc))
            return Answer(response.status_code, response.headers, b"", trouble, isinstance(exc, _TooLargeError))
        return Answer(response.status_code, response.headers, body)

    def _body(self, response: Response, deadline: Deadline) -> bytes:
        """The body as its sender has it, in memory."""
        body = self._received(response, deadline)
        return self._unzipped(body) if body and is_gzip(response) else body

    def _received(self, response: Response, deadline: Deadline) -> bytes:
        """The body as it is sent.

        :raises urllib3.exceptions.HTTPError: it ends too early, or nothing more comes.
        """
        body = bytearray()
        for piece in pieces_of(response.raw):
            body += piece
            self._check_size(len(body))
        # The end of a connection that was cut looks like the end of a body, and of a head.
        if deadline.is_over:
            raise BodyError
        return bytes(body)

    def _unzipped(self, body: bytes) -> bytes:
        """A body as it was before it was packed, but never much more than may be read: a few bytes can be gigabytes.

        :raises zlib.error: it is not packed like this.
        """
        gzip = zlib.decompressobj(wbits=GZIP)
        unzipped = gzip.decompress(body, self._max_body + 1)
        self._check_size(len(unzipped))
        if not gzip.eof:
            raise BodyError(ENDS_TOO_EARLY)
        return unzipped

    def _check_size(self, size: int) -> None:
        if size > self._max_body:
            raise _TooLargeError(f"an answer of more than {self._max_body} bytes")


class BodyError(Exception):
    """A body that is not read on."""


class _TooLargeError(BodyError):
    """A body that is longer than what may be read."""


def is_gzip(response: Response) -> bool:
    """Whether a body is packed."""
    return bool(response.headers.get("Content-Encoding", "").lower() == "gzip")


def pieces_of(body: Any) -> Iterator[bytes]:
    """A body, each piece as soon as it is there.

    :param body: the response as urllib3 has it.
    """
    if hasattr(body, "read1"):
        return iter(lambda: body.read1(PIECE, decode_content=False), b"")
    # Before urllib3 2.2, byte by byte: a larger piece is waited for until it is complete, however slowly it comes.
    pieces: Iterator[bytes] = body.stream(1, decode_content=False)
    return pieces


@contextmanager
def _failing(current: Exchange) -> Iterator[None]:
    """Whatever goes wrong is a failure that tells what certainly was not sent from what may have been."""
    try:
        yield
    except LinkUpdateError:
        raise
    # The libraries pass on what they were not made for, too: nonsense from the other end ends in errors of any type.
    except Exception as exc:
        raise _failure_of(exc, current) from None


def _failure_of(exc: Exception, current: Exchange) -> LinkUpdateError:
    root = _root_of(exc)
    what = str(root) or type(root).__name__
    if current.deadline.is_over:
        return (OutcomeUnknown if current.is_begun else NotAccepted)(str(current.deadline))
    if current.is_begun:
        # The text of this error repeats the answer.
        is_nonsense = isinstance(root, BadStatusLine) and not isinstance(root, RemoteDisconnected)
        return OutcomeUnknown("an answer that is not HTTP" if is_nonsense else what)
    if isinstance(root, ssl.SSLCertVerificationError):
        return LinkUpdateError(what, code=Code.TLS, advice="check the URL, this machine's clock and ca_path")
    if isinstance(root, ssl.SSLError) and not isinstance(root, ssl.SSLEOFError):
        advice = "check the URL and its port, and the proxy if there is one"
        return LinkUpdateError(what, code=Code.TLS, advice=advice)
    if isinstance(root, ValueError) or isinstance(exc, ValueError):  # a host name that cannot be one
        return InvalidOption(what, "correct the URL")
    return NotAccepted(what)


def _root_of(exc: BaseException) -> BaseException:
    """The innermost exception, whose text says what happened; the outer ones add only object addresses."""
    while True:
        # The inner one is an attribute of some, an argument of others, and not always the first.
        candidates = (getattr(exc, "reason", None), getattr(exc, "original_error", None), *exc.args)
        inner = next((each for each in candidates if isinstance(each, BaseException)), None)
        if inner is None:
            return exc
        exc = inner
