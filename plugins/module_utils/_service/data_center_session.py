# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session with a Data Center instance. It only reads, and stays on one node of a cluster."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._model.connection import Connection
from .adapter import HAS_REQUESTS, Adapter
from .data_center_answers import DataCenterReader
from .deadline import Deadline
from .http import Session
from .limit_headers import bucket_in
from .rate_limit import Hint
from .transport import Answer, Call, Transport

if HAS_REQUESTS:
    from requests.cookies import RequestsCookieJar, extract_cookies_to_jar

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

#: A cookie with so many characters may be a session, which is as good as a password.
_SECRET_COOKIE = 16


class CookieTransport(Transport):
    """Sends requests with the cookies that came with the answers before."""

    def __init__(self, connection: Connection, max_body: int, pool: Adapter | None = None) -> None:
        super().__init__(connection, max_body, pool)
        self._cookies = RequestsCookieJar()

    @property
    def secrets(self) -> Sequence[str]:
        return [each.value for each in self._cookies if each.value and len(each.value) >= _SECRET_COOKIE]

    def _prepared(self, call: Call, authorization: bytes | None = None) -> tuple[PreparedRequest, dict[str, Any]]:
        request, way = super()._prepared(call, authorization)
        request.prepare_cookies(self._cookies)
        return request, way

    def _read(self, response: Response, deadline: Deadline) -> Answer:
        extract_cookies_to_jar(self._cookies, response.request, response.raw)
        return super()._read(response, deadline)


class DataCenterSession(Session):
    """Sends requests of one user, see L(Session)."""

    transport = CookieTransport
    reader = DataCenterReader
    #: A hundred issues with many links can be two million bytes.
    max_body = 32 * 1024 * 1024

    def _hint_in(self, answer: Answer, wait: float | None) -> Hint | None:
        return bucket_in(answer.headers)
