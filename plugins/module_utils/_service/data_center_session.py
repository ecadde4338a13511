# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session with a Data Center instance. It only reads, and stays on one node of a cluster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .._clock import Clock
from .._model.connection import Connection
from .adapter import HAS_REQUESTS, Adapter
from .auth import Basic, Bearer
from .data_center_answers import DataCenterReader
from .deadline import Deadline
from .http import Session
from .in_flight import InFlight
from .limit_headers import bucket_in
from .rate_limit import Allowance, Bucket
from .transport import Answer, Transport

if HAS_REQUESTS:
    from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

#: The most bytes of an answer: a hundred issues with many links can be two million.
MAX_BODY = 32 * 1024 * 1024
#: A cookie with so many characters may be a session, which is as good as a password.
_SECRET_COOKIE = 16


class CookieTransport(Transport):
    """Sends what only reads, also a POST: on connections that are kept open, and with the cookies that were sent."""

    def __init__(self, connection: Connection, max_body: int, pool: Adapter | None = None) -> None:
        super().__init__(connection, max_body, pool)
        self._cookies = RequestsCookieJar()

    @property
    def secrets(self) -> Sequence[str]:
        return [each.value for each in self._cookies if each.value and len(each.value) >= _SECRET_COOKIE]

    def _adapter_for(self, method: str) -> Adapter:
        return self._reading

    def _prepared(
        self, method: str, url: str, payload: dict[str, Any] | None = None, authorization: bytes | None = None
    ) -> tuple[PreparedRequest, dict[str, Any]]:
        request, way = super()._prepared(method, url, payload, authorization)
        request.prepare_cookies(self._cookies)
        return request, way

    def _read(self, response: Response, deadline: Deadline) -> Answer:
        extract_cookies_to_jar(self._cookies, response.request, response.raw)
        return super()._read(response, deadline)


class DataCenterSession(Session):
    """Sends requests of one user, see L(Session)."""

    transport = CookieTransport
    reader = DataCenterReader

    def __init__(
        self,
        connection: Connection,
        auth: Basic | Bearer,
        clock: Clock,
        *,
        in_flight: InFlight | None = None,
        pool: Adapter | None = None,
    ) -> None:
        super().__init__(connection, auth, clock, max_body=MAX_BODY, in_flight=in_flight, pool=pool)

    def query(self, url: str, payload: dict[str, Any], *, read: Callable[[Any], Any]) -> Any:
        """What is read from the JSON that answers a question. It is a POST that changes nothing.

        :raises TooEarly, NotAccepted, OutcomeUnknown, LinkUpdateError: see L(Session.get).
        """
        with self.admitted(url), self._transport.exchange() as exchange:
            return self._send("POST", url, payload, self._auth, read, exchange)

    def _allowance_in(self, answer: Answer, wait: float | None) -> Allowance | Bucket | None:
        return bucket_in(answer.headers)
