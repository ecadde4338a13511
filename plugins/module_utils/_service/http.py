# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session with the service: who asks, how fast, and errors as exceptions.

A request ends in one of four ways, and what may be done next follows from which:

* JSON came back: it is returned.
* L(NotAccepted): the service certainly did not take the request. Anything may be sent again.
* L(OutcomeUnknown): nobody knows whether it was taken. What only reads may be sent again; a job may not.
* any other L(LinkUpdateError): a clear no. Sending it again will not help.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from .._clock import Clock
from .._errors import LinkUpdateError
from .._model.connection import Connection
from .._secrets import without
from .._text import harmless
from .adapter import Exchange
from .auth import Basic, Bearer
from .limit_headers import allowance_in, retry_after
from .rate_limit import RateLimiter, SharedLimits
from .responses import AnswerReader
from .transport import Answer, Transport

#: No answer of the links API comes near it, in bytes; reading on would only fill the memory.
MAX_BODY = 64 * 1024


def _as_it_is(body: Any) -> Any:
    return body


class Session:
    """Sends requests of one user. Not shared between processes or threads.

    :param auth: how requests are signed; None where none is.
    :param max_body: the most bytes that an answer may have.
    :raises MissingLibrary: the Python library requests is not installed.
    """

    def __init__(
        self, connection: Connection, auth: Basic | Bearer | None, clock: Clock, *, max_body: int = MAX_BODY
    ) -> None:
        self._transport = Transport(connection, max_body)
        self._auth = auth
        self._secrets = auth.secrets if auth else ()
        self._clock = clock
        self._limiters: dict[str, RateLimiter] = {}
        self._shared: SharedLimits | None = None

    @contextmanager
    def sharing(self, limits: SharedLimits) -> Iterator[None]:
        """Tell other processes when a rate limit is used up, and wait for those that they tell of."""
        self._shared = limits
        try:
            yield
        finally:
            for limiter in self._limiters.values():
                limiter.share(limits)
            self._shared = None

    def delay(self, url: str) -> float:
        """Seconds until the service at a URL may be asked for anything, by what it said of its rate limit; 0 for now.

        Waiting for it is the caller's affair, who knows what else there is to do.
        """
        return self._limiter_at(urlsplit(url).netloc).delay(self._shared)

    def get(self, url: str, *, signed: bool = True, read: Callable[[Any], Any] = _as_it_is) -> Any:
        """What is read from the JSON at a URL.

        :param signed: send the credentials along.
        :param read: takes from the JSON what is wanted; where it raises, the failure tells of which request it is.
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: see the module's own text.
        """
        with self._transport.exchange() as exchange:
            return self._send("GET", url, None, self._auth if signed else None, read, exchange)

    def prepare(self, url: str) -> None:
        """Connect for the next L(post) to the same host. Nothing is sent.

        :raises NotAccepted, LinkUpdateError: that was not possible.
        """
        with self._transport.exchange() as exchange:
            self._connect(url, exchange)

    def post(
        self,
        url: str,
        payload: dict[str, Any],
        *,
        read: Callable[[Any], Any] = _as_it_is,
        before_sending: Callable[[], None] = lambda: None,
    ) -> Any:
        """What is read from the JSON that answers a JSON document. Sent at most once.

        :param read: see L(get).
        :param before_sending: called when there is a connection, right before the first byte is sent. Where it raises,
            nothing is sent.
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: see the module's own text.
        """
        with self._transport.exchange() as exchange:
            self._connect(url, exchange)
            with exchange.deadline.paused():
                before_sending()
            return self._send("POST", url, payload, self._auth, read, exchange)

    def _connect(self, url: str, exchange: Exchange) -> None:
        with self._named("POST", url):
            self._transport.connect(url, exchange)

    def _send(
        self,
        method: str,
        url: str,
        payload: dict[str, Any] | None,
        auth: Basic | Bearer | None,
        read: Callable[[Any], Any],
        exchange: Exchange,
    ) -> Any:
        with self._named(method, url):
            answer = self._transport.send(method, url, payload, auth.header if auth else None, exchange)
            wait = retry_after(answer.headers, self._clock)
            self._note_limit(urlsplit(url).netloc, answer, wait)
            reader = AnswerReader(
                answer,
                method=method,
                url=url,
                advice=auth.advice if auth else {},
                retry_after=wait,
                clean=self._clean,
            )
            return reader.content(read)

    @contextmanager
    def _named(self, method: str, url: str) -> Iterator[None]:
        """A failure says of which request it is, and repeats no secret."""
        where = urlsplit(url)
        try:
            yield
        except LinkUpdateError as exc:
            what = f"{method} {where.scheme}://{where.netloc}{where.path}: {exc.failure.what}"
            raise exc.amended(what=harmless(self._clean(what), 1000)) from None

    def _note_limit(self, host: str, answer: Answer, wait: float | None) -> None:
        """Remember what an answer says of the rate limit."""
        if wait is None:
            return
        if answer.status in (429, 503):
            self._limiter_at(host).block_for(wait)
        elif allowance := allowance_in(answer.headers, wait):
            self._limiter_at(host).allow(allowance)

    def _limiter_at(self, host: str) -> RateLimiter:
        if host not in self._limiters:
            client = self._auth.client_at(host) if self._auth else f"nobody at {host}"
            self._limiters[host] = RateLimiter(client, self._clock)
        return self._limiters[host]

    def _clean(self, text: str) -> str:
        """No answer and no library's message gets to repeat a secret."""
        return without(text, self._secrets)
