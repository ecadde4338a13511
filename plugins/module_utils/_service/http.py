# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One authenticated session: TLS, timeouts, limits, and errors as exceptions.

A request ends in one of four ways, and what may be done next follows from which:

* JSON came back: it is returned.
* L(NotAccepted): the service certainly did not take the request. Anything may be sent again.
* L(OutcomeUnknown): nobody knows whether it was taken. What only reads may be sent again; a job may not.
* any other L(LinkUpdateError): a clear no. Sending it again will not help.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin, urlsplit

from .._clock import Clock, from_text
from .._errors import (
    LinkUpdateError,
    MissingLibrary,
    NotAccepted,
    OutcomeUnknown,
)
from .._secrets import spellings_of
from .._urls import is_loopback
from .connection import Connection
from .rate_limit import LONGEST, Allowance, RateLimiter, SharedLimits

try:
    import requests
    import urllib3.exceptions
except ImportError:
    HAS_REQUESTS = False
else:
    HAS_REQUESTS = True

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

#: No answer of this API comes near it; reading on would only fill the memory.
MAX_BODY = 64 * 1024
#: Answers of a gateway that a read survives by being repeated.
_PASSING = frozenset({502, 503, 504})


def _as_it_is(body: Any) -> Any:
    return body


class Session:
    """Sends requests of one user. Not shared between processes or threads."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        """:raises MissingLibrary: the Python library requests is not installed."""
        if not HAS_REQUESTS:
            raise MissingLibrary(
                "the Python library requests is missing: install it for the Python that runs this task "
                "(the controller's own for a local task, the host's for a delegated one)"
            )
        self._connection = connection
        self._clock = clock
        self._requests = requests.Session()
        # Redirects are not followed. Told so only in a request, requests would still read them, without any bound.
        self._requests.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
        self._requests.headers.update({"Accept": "application/json", "User-Agent": "jira_cloud.federation"})
        # As bytes: requests takes text for Latin-1, and fails on any other character.
        self._auth = requests.auth.HTTPBasicAuth(connection.email.encode(), connection.api_token.encode())
        basic = base64.b64encode(f"{connection.email}:{connection.api_token}".encode()).decode()
        self._secrets = [basic, *spellings_of(connection.api_token)]
        self._paces: dict[str, RateLimiter] = {}
        self._board: SharedLimits | None = None

    @contextmanager
    def sharing(self, board: SharedLimits) -> Iterator[None]:
        """Tell other processes on a board when a limit is used up, and heed what they tell."""
        self._board = board
        try:
            yield
        finally:
            for pace in self._paces.values():
                pace.tell(board)
            self._board = None

    def delay(self, url: str) -> float:
        """Seconds until the service at a URL may be asked for anything, by what it said of its rate limit; 0 for now.

        Waiting for it is the caller's affair, who knows what else there is to do.
        """
        return self._pace_at(urlsplit(url).netloc).delay(self._board)

    def _pace_at(self, host: str) -> RateLimiter:
        if host not in self._paces:
            # On the board, accounts are told apart, not shown.
            client = hashlib.sha256(f"{self._connection.email} {host}".encode()).hexdigest()
            self._paces[host] = RateLimiter(client, self._clock)
        return self._paces[host]

    def get(self, url: str, *, signed: bool = True, read: Callable[[Any], Any] = _as_it_is) -> Any:
        """What is read from the JSON at a URL.

        :param signed: send the credentials along.
        :param read: takes from the JSON what is wanted; where it raises, the failure tells of which request it is.
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: see the module's own text.
        """
        return self._send("GET", url, None, signed, read)

    def post(self, url: str, payload: dict[str, Any], *, read: Callable[[Any], Any] = _as_it_is) -> Any:
        """What is read from the JSON that answers a JSON document. Always signed, sent at most once.

        :param read: see L(get).
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: see the module's own text.
        """
        # On a kept connection that the other end has just closed, a reset could not be told from one that came
        # after the request was taken.
        self._requests.close()
        return self._send("POST", url, payload, True, read)

    def _send(
        self, method: str, url: str, payload: dict[str, Any] | None, signed: bool, read: Callable[[Any], Any]
    ) -> Any:
        where = urlsplit(url)
        target = self._mapped(url)
        # An environment's proxy is honoured, except on the way to this very machine.
        local = is_loopback(urlsplit(target).hostname or "")
        proxies = dict.fromkeys(("http", "https", "all")) if local else None
        name = f"{method} {where.scheme}://{where.netloc}{where.path}"
        try:
            with self._requests.request(
                method,
                target,
                json=payload,
                auth=self._auth if signed else _unsigned,
                timeout=self._connection.timeout,
                verify=self._connection.verify,
                # Nothing here moves: another address is either a wrong URL or somebody who should not get the token.
                allow_redirects=False,
                proxies=proxies,  # type: ignore[arg-type]  # None is how requests spells "no proxy, whatever is set"
                stream=True,
            ) as response:
                body = self._read(name, response)
        except requests.exceptions.RequestException as exc:
            raise self._failure_of(name, exc) from None
        except urllib3.exceptions.LocationValueError as exc:  # a host name that cannot be one
            raise LinkUpdateError(self._clean(f"{name}: {exc}"), code="invalid_option") from None
        except OSError as exc:  # for one, a ca_path that does not exist
            raise LinkUpdateError(self._clean(f"{name}: {exc}"), code="tls") from None
        self._heed_limit(self._pace_at(where.netloc), response)
        return self._judge(name, response, body, read)

    def _mapped(self, url: str) -> str:
        if self._connection.stand_in_url is None:
            return url
        return f"{self._connection.stand_in_url}/{url.partition('://')[2]}"

    def _read(self, name: str, response: Response) -> bytes:
        """The whole body, bounded in size and in time.

        :raises OutcomeUnknown: it stops half-way, or has no end.
        """
        give_up = time.monotonic() + self._connection.timeout
        body = bytearray()
        try:
            # Byte by byte: a larger piece would be waited for until it is complete, however slowly it comes.
            for chunk in response.iter_content(1):
                body += chunk
                if len(body) > MAX_BODY or time.monotonic() > give_up:
                    raise requests.exceptions.ContentDecodingError("an answer without an end")
        except requests.exceptions.RequestException as exc:
            failure = OutcomeUnknown(self._clean(f"{name}: {_root_of(exc)}"))
            raise _stamped(failure, response, self._request_id(response, None)) from None
        return bytes(body)

    def _failure_of(self, name: str, exc: requests.exceptions.RequestException) -> LinkUpdateError:
        """Tell what certainly was not sent from what may have been."""
        root = _root_of(exc)
        text = self._clean(f"{name}: {root}")
        if isinstance(root, ssl.SSLCertVerificationError):
            return LinkUpdateError(f"{text}. Check the URL, this machine's clock and ca_path", code="tls")
        if isinstance(exc, (requests.exceptions.ConnectTimeout, requests.exceptions.ProxyError)) or isinstance(
            root, (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
        ):
            return NotAccepted(text)
        if isinstance(exc, (requests.exceptions.InvalidURL, requests.exceptions.MissingSchema)):
            return LinkUpdateError(text, code="invalid_option")
        return OutcomeUnknown(text)

    def _judge(self, name: str, response: Response, raw: bytes, read: Callable[[Any], Any]) -> Any:
        """What is read from a good answer; the exception that fits any other."""
        status = response.status_code
        body = _json_or_none(raw)
        request_id = self._request_id(response, body)
        if 200 <= status < 300:
            try:
                if body is None:
                    what = "an answer that is not JSON (a login page or a proxy?)" if raw.strip() else "an empty answer"
                    raise OutcomeUnknown(what)
                return read(body)
            except LinkUpdateError as exc:
                raise _stamped(exc.prefixed(f"{name}: "), response, request_id) from None
        text = f"{name}: HTTP {status}{self._clean(_said(body))[:300]}" + (
            f" (request {request_id})" if request_id else ""
        )
        retry_after = self._retry_after(response)
        if status == 429:
            raise NotAccepted(
                text, code="rate_limited", retry_after=retry_after, http_status=status, request_id=request_id
            )
        if status == 503 and ("Retry-After" in response.headers or "X-RateLimit-Reset" in response.headers):
            raise NotAccepted(
                text, code="unavailable", retry_after=retry_after, http_status=status, request_id=request_id
            )
        if status in _PASSING:
            raise OutcomeUnknown(text, http_status=status, request_id=request_id)
        raise _refusal(response, text, request_id, self._clean(_place(response)))

    def _request_id(self, response: Response, body: Any) -> str | None:
        """Inferred: C(id) of the error document, else a trace header as Atlassian's gateways send it."""
        if response.status_code >= 400 and isinstance(body, dict) and isinstance(body.get("id"), str):
            found = body["id"]
        else:
            found = response.headers.get("Atl-Traceid") or response.headers.get("X-Request-Id") or ""
        return self._clean(found)[:100] or None

    def _heed_limit(self, pace: RateLimiter, response: Response) -> None:
        """Remember what an answer says of the rate limit."""
        headers = response.headers
        seconds = self._retry_after(response)
        if seconds is None:
            return
        if response.status_code in (429, 503):
            pace.refused(seconds)
            return
        try:
            remaining = int(headers["X-RateLimit-Remaining"])
            limit = int(headers["X-RateLimit-Limit"]) if "X-RateLimit-Limit" in headers else None
        except (KeyError, ValueError):
            return
        pace.allowed(Allowance(remaining, seconds, limit))

    def _retry_after(self, response: Response) -> float | None:
        """Seconds until the service wants to hear from us again; None where it does not say, or not sensibly.

        C(X-RateLimit-Reset) (ISO 8601) is documented by the vendor; C(Retry-After) is not, but standard (RFC 9110).
        """
        now = self._now_there(response)
        for header, seconds_in in (("X-RateLimit-Reset", _seconds_until), ("Retry-After", _seconds_after)):
            try:
                seconds = seconds_in(response.headers[header], now)
            except (KeyError, ValueError, OverflowError):
                continue
            if 0 <= seconds <= LONGEST:
                return seconds
        return None

    def _now_there(self, response: Response) -> datetime:
        """The time at the service, so that a clock that is wrong here does not turn into a wait."""
        here = self._clock.now()
        try:
            there = _http_date(response.headers["Date"])
        except (KeyError, ValueError, OverflowError):
            return here
        # It comes in whole seconds: a clock that agrees with it, as far as that goes, is the better one.
        return here if -1 <= (here - there).total_seconds() <= 2 else there

    def _clean(self, text: str) -> str:
        """No answer and no library's message gets to repeat a secret."""
        for secret in self._secrets:
            text = text.replace(secret, "********")
        return text


def _seconds_until(text: str, now: datetime) -> float:
    """From now to a moment in ISO 8601."""
    return (from_text(text) - now).total_seconds()


def _seconds_after(text: str, now: datetime) -> float:
    """A number of seconds, or the time from now to a date as HTTP has it."""
    try:
        return float(text)
    except ValueError:
        return (_http_date(text) - now).total_seconds()


def _http_date(text: str) -> datetime:
    date = parsedate_to_datetime(text)
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)


def _stamped(failure: LinkUpdateError, response: Response, request_id: str | None) -> LinkUpdateError:
    """The same failure, told apart by what support asks for."""
    failure.http_status, failure.request_id = response.status_code, request_id
    if request_id:
        failure.message += f" (request {request_id})"
    return failure


def _unsigned(request: PreparedRequest) -> PreparedRequest:
    """Given as auth, keeps requests from looking for credentials in a .netrc."""
    return request


#: What a refusal of these means to somebody who sent credentials.
_WHY = {
    401: ": the e-mail address or the API token is wrong, the token has expired (after a year, by default), "
    "or it is a scoped token whose scopes do not cover this call: use an unscoped one",
    403: ": the account must be organization or site admin, and admin of the product whose links are updated",
}


def _refusal(response: Response, text: str, request_id: str | None, to: str) -> LinkUpdateError:
    status = response.status_code
    if "Authorization" in response.request.headers:
        text += _WHY.get(status, "")
    code = "rejected"
    if status == 401:
        code = "unauthorized"
    elif status == 403:
        code = "forbidden"
    elif 300 <= status < 400:
        text += f": redirected to {to}, not followed: the URL is not, or no longer, the right one"
        code = "redirected"
    elif status == 404:
        code = "not_found"
    elif status >= 500:
        # Nobody but the service knows how far it came before it failed.
        return OutcomeUnknown(text, http_status=status, request_id=request_id)
    return LinkUpdateError(text, code=code, http_status=status, request_id=request_id)


def _place(response: Response) -> str:
    """Where a redirect leads, without what may be secret in it."""
    try:
        to = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
        return f"{to.scheme}://{to.hostname or ''}{to.path}"
    except ValueError:
        return "nowhere"


def _json_or_none(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _said(body: Any) -> str:
    """What the service itself says is wrong, shortened. Inferred from a sibling API: C(errorMessage) or C(message)."""
    if isinstance(body, dict):
        for key in ("errorMessage", "message"):
            if isinstance(body.get(key), str):
                return f" {' '.join(body[key].split())}"
    return ""


def _root_of(exc: BaseException) -> BaseException:
    """The innermost exception, whose text says what happened; the outer ones add only object addresses."""
    while True:
        # The inner one is an attribute of some, an argument of others, and not always the first.
        candidates = (getattr(exc, "reason", None), getattr(exc, "original_error", None), *exc.args)
        inner = next((each for each in candidates if isinstance(each, BaseException)), None)
        if inner is None:
            return exc
        exc = inner
