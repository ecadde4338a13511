# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests go out, answers come in: all that knows the libraries requests and urllib3."""

from __future__ import annotations

import ssl
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from .._errors import Code, LinkUpdateError, MissingLibrary, NotAccepted, OutcomeUnknown
from .._model.connection import Connection
from .._urls import is_loopback

try:
    import requests
    import urllib3.exceptions
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

#: How much of a body is taken at once, at most, in bytes.
_PIECE = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    #: Empty where it could not be read to its end.
    body: bytes = b""
    #: Why the body could not be read to its end; empty where it could.
    trouble: str = ""


class Transport:
    """Sends requests, and reads what comes back within limits."""

    def __init__(self, connection: Connection, max_body: int) -> None:
        """:raises MissingLibrary: the Python library requests is not installed."""
        if not HAS_REQUESTS:
            raise MissingLibrary(
                "the Python library requests is missing",
                "install it for the Python that runs this task (the controller's own for a local task, the host's for "
                "a delegated one)",
            )
        self._connection = connection
        self._max_body = max_body
        self._requests = requests.Session()
        # Redirects are not followed. Told so only in a request, requests would still read them, without any bound.
        self._requests.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
        self._requests.headers.update(
            {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "jira_cloud.federation"}
        )

    def disconnect(self) -> None:
        """Have the next request make a connection of its own."""
        self._requests.close()

    def send(self, method: str, url: str, payload: dict[str, Any] | None, authorization: bytes | None) -> Answer:
        """What the service answers to a request.

        :param authorization: the value of the header of this name; None for a request without it.
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: there is no answer.
        """
        target = self._mapped(url)
        # An environment's proxy is honoured, except on the way to this very machine.
        local = is_loopback(urlsplit(target).hostname or "")
        proxies = dict.fromkeys(("http", "https", "all")) if local else None
        try:
            with self._requests.request(
                method,
                target,
                json=payload,
                auth=_signing_with(authorization),
                timeout=self._connection.timeout,
                verify=self._connection.verify,
                # Nothing here moves: another address is either a wrong URL or somebody who should not get the token.
                allow_redirects=False,
                proxies=proxies,  # type: ignore[arg-type]  # None is how requests spells "no proxy, whatever is set"
                stream=True,
            ) as response:
                return self._read(response)
        except (OSError, urllib3.exceptions.LocationValueError) as exc:
            raise _failure_of(exc) from None

    def _mapped(self, url: str) -> str:
        if self._connection.stand_in_url is None:
            return url
        return f"{self._connection.stand_in_url}/{url.partition('://')[2]}"

    def _read(self, response: Response) -> Answer:
        try:
            body = self._received(response)
            if body and response.headers.get("Content-Encoding", "").lower() == "gzip":
                body = self._unzipped(body)
        except (urllib3.exceptions.HTTPError, zlib.error, _BodyError) as exc:
            return Answer(response.status_code, response.headers, trouble=str(_root_of(exc)))
        return Answer(response.status_code, response.headers, body)

    def _received(self, response: Response) -> bytes:
        """The body as it is sent.

        :raises urllib3.exceptions.HTTPError: it ends too early, or nothing more comes.
        """
        seconds = self._connection.timeout
        give_up = time.monotonic() + seconds
        body = bytearray()
        for piece in _pieces_of(response.raw):
            body += piece
            self._check_size(len(body))
            if time.monotonic() > give_up:
                raise _BodyError(f"an answer that has not come to its end after {seconds:g} s")
        return bytes(body)

    def _unzipped(self, body: bytes) -> bytes:
        """A body as it was before it was packed, but never much more than may be read: a few bytes can be gigabytes.

        :raises zlib.error: it is not packed like this.
        """
        gzip = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        unzipped = gzip.decompress(body, self._max_body + 1)
        self._check_size(len(unzipped))
        if not gzip.eof:
            raise _BodyError("an answer that ends too early")
        return unzipped

    def _check_size(self, size: int) -> None:
        if size > self._max_body:
            raise _BodyError(f"an answer of more than {self._max_body} bytes")


class _BodyError(Exception):
    """A body that is not read on."""


def _pieces_of(body: Any) -> Iterator[bytes]:
    """A body, each piece as soon as it is there.

    :param body: the response as urllib3 has it.
    """
    if hasattr(body, "read1"):
        return iter(lambda: body.read1(_PIECE, decode_content=False), b"")
    # Before urllib3 2.2, byte by byte: a larger piece is waited for until it is complete, however slowly it comes.
    pieces: Iterator[bytes] = body.stream(1, decode_content=False)
    return pieces


def _signing_with(authorization: bytes | None) -> Callable[[PreparedRequest], PreparedRequest]:
    """Signs a request, or leaves it as it is: without such a function, requests looks for credentials in a .netrc."""

    def sign(request: PreparedRequest) -> PreparedRequest:
        if authorization is not None:
            request.headers["Authorization"] = authorization
        return request

    return sign


def _failure_of(exc: Exception) -> LinkUpdateError:
    """Tell what certainly was not sent from what may have been."""
    root = _root_of(exc)
    what = str(root)
    if isinstance(root, ssl.SSLCertVerificationError):
        return LinkUpdateError(what, code=Code.TLS, advice="check the URL, this machine's clock and ca_path")
    if isinstance(exc, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)) or isinstance(
        root, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    ):
        return NotAccepted(what)
    if isinstance(
        exc,
        (
            requests.exceptions.InvalidURL,
            requests.exceptions.MissingSchema,
            urllib3.exceptions.LocationValueError,  # a host name that cannot be one
        ),
    ):
        return LinkUpdateError(what, code=Code.INVALID_OPTION)
    if isinstance(exc, requests.exceptions.RequestException):
        return OutcomeUnknown(what)
    # The system's own error: for one, a ca_path that does not exist.
    return LinkUpdateError(what, code=Code.TLS)


def _root_of(exc: BaseException) -> BaseException:
    """The innermost exception, whose text says what happened; the outer ones add only object addresses."""
    while True:
        # The inner one is an attribute of some, an argument of others, and not always the first.
        candidates = (getattr(exc, "reason", None), getattr(exc, "original_error", None), *exc.args)
        inner = next((each for each in candidates if isinstance(each, BaseException)), None)
        if inner is None:
            return exc
        exc = inner
