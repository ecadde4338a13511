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

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, ClassVar
from urllib.parse import urlsplit

from .._clock import Clock
from .._errors import LinkUpdateError
from .._model.connection import Connection
from .._secrets import without
from .._text import harmless
from .adapter import Adapter, Exchange
from .auth import Basic, Bearer
from .in_flight import InFlight, SharedLimits
from .limit_headers import RESET, RETRY_AFTER, allowance_in, retry_after
from .rate_limit import Hint
from .responses import AnswerReader
from .transport import Answer, Call, Transport


def _as_it_is(body: Any) -> Any:
    return body


class Session:
    """Sends requests of one user. Not shared between processes, nor used by several threads at once.

    :param auth: how requests are signed; None where none is.
    :param in_flight: the requests that are under way, where there are other sessions.
    :param pool: the open connections, where there are other sessions.
    :param urgency: the smaller, the sooner its requests go of those of all sessions.
    :raises MissingLibrary: the Python library requests is not installed.
    """

    #: What sends its requests, and what reads their answers.
    transport: ClassVar[type[Transport]] = Transport
    reader: ClassVar[type[AnswerReader]] = AnswerReader
    #: The most bytes of an answer. No answer of the links API comes near it; reading on would only fill the memory.
    max_body: ClassVar[int] = 64 * 1024
    #: The headers that say when to ask again. The first one counts that an answer has.
    limit_headers: ClassVar[Sequence[str]] = (RESET, RETRY_AFTER)

    def __init__(
        self,
        connection: Connection,
        auth: Basic | Bearer | None,
        clock: Clock,
        *,
        in_flight: InFlight | None = None,
        pool: Adapter | None = None,
        urgency: float = 0.0,
    ) -> None:
        self._transport = self.transport(connection, self.max_body, pool)
        self._auth = auth
        self._secrets = auth.secrets if auth else ()
        self._clock = clock
        self._in_flight = in_flight or InFlight(clock)
        self._urgency = urgency
        #: Whether a request was admitted, and not sent yet.
        self._is_admitted = False

    def sharing(self, limits: SharedLimits) -> AbstractContextManager[None]:
        """Tell other processes when a rate limit is used up, and wait for those that they tell of."""
        return self._in_flight.sharing(limits)

    def clean(self, text: str) -> str:
        """A text without secrets: no answer and no library's message gets to repeat one."""
        return without(text, [*self._secrets, *self._transport.secrets])

    @contextmanager
    def admitted(self, url: str) -> Iterator[None]:
        """A block that sends one request to the host of a URL. Waits as long as there are as many as there may be.

        :raises TooEarly: the service's rate limit does not allow one now.
        """
        if self._is_admitted:
            yield
            return
        with self._in_flight.request(self._client_at(urlsplit(url).netloc), self._urgency):
            self._is_admitted = True
            try:
                yield
            finally:
                self._is_admitted = False
                self._transport.hang_up()

    def get(self, url: str, *, signed: bool = True, read: Callable[[Any], Any] = _as_it_is) -> Any:
        """What is read from the JSON at a URL.

        :param signed: send the credentials along.
        :param read: takes from the JSON what is wanted; where it raises, the failure tells of which request it is.
        :raises TooEarly: see L(admitted).
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: see the module's own text.
        """
        with self.admitted(url), self._transport.exchange() as exchange:
            return self._send(Call("GET", url), self._auth if signed else None, read, exchange)

    def query(self, url: str, payload: dict[str, Any], *, read: Callable[[Any], Any]) -> Any:
        """What is read from the JSON that answers a question. It is a POST that changes nothing.

        :raises TooEarly, NotAccepted, OutcomeUnknown, LinkUpdateError: see L(get).
        """
        with self.admitted(url), self._transport.exchange() as exchange:
            return self._send(Call("POST", url, payload), self._auth, read, exchange)

    def delete(self, url: str) -> None:
        """Delete what is at a URL. An answer need not say anything.

        :raises TooEarly, NotAccepted, OutcomeUnknown, LinkUpdateError: see L(get).
        """
        with self.admitted(url), self._transport.exchange() as exchange:
            self._send(Call("DELETE", url, changes=True), self._auth, _as_it_is, exchange)

    def prepare(self, url: str) -> None:
        """Connect for the L(post) to the same host that follows within L(admitted). Nothing is sent.

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
        :raises TooEarly: see L(admitted).
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: see the module's own text.
        """
        with self.admitted(url), self._transport.exchange() as exchange:
            self._connect(url, exchange)
            with exchange.deadline.paused():
                before_sending()
            return self._send(Call("POST", url, payload, changes=True), self._auth, read, exchange)

    def _connect(self, url: str, exchange: Exchange) -> None:
        with self._named("POST", url):
            self._transport.connect(url, exchange)

    def _send(self, call: Call, auth: Basic | Bearer | None, read: Callable[[Any], Any], exchange: Exchange) -> Any:
        with self._named(call.method, call.url):
            answer = self._transport.send(call, auth.header if auth else None, exchange)
            wait = retry_after(answer.headers, self._clock, self.limit_headers)
            self._note_limit(urlsplit(call.url).netloc, answer, wait)
            reader = self.reader(
                answer,
                call=call,
                advice=auth.advice if auth else {},
                retry_after=wait,
                clean=self.clean,
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
            raise exc.amended(what=harmless(self.clean(what), 1000)) from None

    def _note_limit(self, host: str, answer: Answer, wait: float | None) -> None:
        """Remember what an answer says of the rate limit."""
        client = self._client_at(host)
        if answer.status == 429 or (answer.status == 503 and wait is not None):
            self._in_flight.refused(client, wait)
        else:
            self._in_flight.answered(client, self._hint_in(answer, wait))

    def _hint_in(self, answer: Answer, wait: float | None) -> Hint | None:
        """What an answer says of how many requests are left.

        :param wait: seconds until the service may be asked again, or until the count starts again.
        """
        return None if wait is None else allowance_in(answer.headers, wait)

    def _client_at(self, host: str) -> str:
        return self._auth.client_at(host) if self._auth else f"nobody at {host}"
