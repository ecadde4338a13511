# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer means: the JSON of a good one, the exception that fits any other."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from .._errors import AddressRejected, Code, LinkUpdateError, NotAccepted, OutcomeUnknown
from .._text import harmless
from .limit_headers import RESET, RETRY_AFTER
from .own_words import is_error, text_of_page, words_in
from .transport import Answer, Call

_CODES = {401: Code.UNAUTHORIZED, 403: Code.FORBIDDEN, 404: Code.NOT_FOUND}
#: The statuses that prove that a POST changed nothing, each with its reason. After any other one but 2xx, nobody knows:
#:
#: * 2xx without an id: it was taken, or a page came from somebody else.
#: * 301, 302, 303: that is also how a form that was taken is answered.
#: * 406, 409, 410, 412, 424 and their like: the service may say them of what it has begun, or of the same request that
#:   a gateway on the way has sent it twice.
#: * 408, 499: a gateway gave up waiting for what it has passed on.
#: * 425: is said of requests that are sent early, and this was none.
#: * 5xx: nobody but the service, or a gateway before it, knows how far it came before it failed. 503 is the exception
#:   where it says when to ask again.
#: * what is not known.
PROVES_NOTHING_TAKEN = {
    307: "the same request has to be sent elsewhere",
    308: "the same request has to be sent elsewhere",
    400: "the request is not valid",
    401: "nobody was told who asks",
    403: "who asks may not",
    404: "there is nothing at the URL",
    405: "nothing takes a POST at the URL",
    407: "a proxy did not pass it on",
    411: "it was not read, as it does not say how long it is",
    413: "it was not read, as it is too long",
    414: "it was not read, as the URL is too long",
    415: "it was not read, as it is in no format that is known",
    422: "it was read, and is not valid",
    428: "it was not read, as it has no condition",
    429: "the rate limit is used up",
    431: "it was not read, as its head is too long",
}
#: The most bytes of a large answer that are shown or searched for secrets: that takes long, and an error is shorter.
_MOST_SHOWN = 64 * 1024
#: Documents that say nothing.
_NOTHING = frozenset({"null", "{}", "[]"})
#: What a site says to an address that is not on its IP allowlist, as users report it.
_NOT_ALLOWED = "not on the allowed list"
_ADVICE_ON_REDIRECTS = "correct the URL: it is wrong, or has changed"


class AnswerReader:
    """Reads the answer to one request.

    :param call: the request.
    :param advice: what to do when the credentials of the request are refused, by HTTP status.
    :param retry_after: seconds until the service wants to be asked again, where it says so.
    :param clean: takes every secret out of a text.
    """

    def __init__(
        self,
        answer: Answer,
        *,
        call: Call,
        advice: Mapping[int, str],
        retry_after: float | None,
        clean: Callable[[str], str],
    ) -> None:
        self._answer = answer
        self._call = call
        self._advice = advice
        self._retry_after = retry_after
        self._clean = clean
        self._json = self._parsed()

    def content(self, read: Callable[[Any], Any]) -> Any:
        """What is read from the JSON of a good answer.

        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: it is no good answer, or not one that can be read.
        """
        try:
            self._check()
            return read(self._json)
        except LinkUpdateError as exc:
            request_id = self._request_id()
            what = f"{exc.failure.what} (request {request_id})" if request_id else exc.failure.what
            raise exc.amended(what=what, http_status=self._answer.status, request_id=request_id) from None

    def _parsed(self) -> Any:
        """The JSON of the answer, None where it is none."""
        return _json_or_none(self._answer.body, self._clean)

    def _check(self) -> None:
        if self._answer.trouble:
            raise OutcomeUnknown(self._answer.trouble)
        if not self._is_good:
            raise self._refusal()
        if self._json is None and not self._is_rightly_empty:
            html = self._answer.body.strip()
            what = "an answer that is not JSON (a login page or a proxy?)" if html else "an empty answer"
            raise OutcomeUnknown(": ".join(filter(None, (what, self._beginning()))))

    def _refusal(self) -> LinkUpdateError:
        status, headers = self._answer.status, self._answer.headers
        what = " ".join(filter(None, (f"HTTP {status}", self._said())))
        if status == 429:
            return NotAccepted(what, code=Code.RATE_LIMITED, retry_after=self._retry_after)
        if status == 503 and (RETRY_AFTER in headers or RESET in headers):
            return NotAccepted(what, code=Code.UNAVAILABLE, retry_after=self._retry_after)
        if 300 <= status < 400:
            what += f": redirected to {self._target()}, not followed"
        if status >= 500 or (self._call.changes and status not in PROVES_NOTHING_TAKEN):
            return OutcomeUnknown(what)
        if status < 400:
            return LinkUpdateError(what, code=Code.REDIRECTED, advice=_ADVICE_ON_REDIRECTS)
        advice = self._advice.get(status, "")
        if status == 403 and _NOT_ALLOWED in self._text():
            return AddressRejected(what, advice)
        return LinkUpdateError(what, code=_CODES.get(status, Code.REJECTED), advice=advice)

    def _said(self) -> str:
        """What the service itself says is wrong, shortened: in a form that is known, or else as its answer begins."""
        return words_in(self._json) or self._beginning()

    def _beginning(self) -> str:
        """How the answer begins, for a reader of it."""
        text = self._text()
        return "" if text in _NOTHING else harmless(text)

    def _text(self) -> str:
        """The whole answer, for a reader of it."""
        # Tags may hide a secret, and a secret may look like one. It is taken out before the text is shortened: half of
        # one would not be found.
        text = self._clean(text_of_page(self._clean(self._answer.body.decode("utf-8-sig", "replace"))))
        return " ".join(text.split())

    @property
    def _is_good(self) -> bool:
        return 200 <= self._answer.status < 300

    @property
    def _is_rightly_empty(self) -> bool:
        """Whether an answer without a body is a good one."""
        return self._call.method == "DELETE" and not self._answer.body.strip()

    def _request_id(self) -> str | None:
        """Inferred: C(id) of the error document, else a trace header as Atlassian's gateways send it."""
        headers, found = self._answer.headers, None
        if self._answer.status >= 400 or is_error(self._json):
            found = self._json.get("id") if isinstance(self._json, dict) else None
        if not isinstance(found, str):
            found = headers.get("Atl-Traceid") or headers.get("X-Request-Id") or ""
        return harmless(self._clean(found), 100) or None

    def _target(self) -> str:
        """Where a redirect leads, without what may be secret in it."""
        try:
            to = urlsplit(urljoin(self._call.url, self._answer.headers.get("Location", "")))
            return harmless(self._clean(f"{to.scheme}://{to.hostname or ''}{to.path}"))
        except ValueError:
            return "nowhere"


class LargeReader(AnswerReader):
    """Reads an answer that can be megabytes: a good one is parsed once, and not searched for secrets.

    From it is taken only what is checked or cleaned where it is read.
    """

    def _parsed(self) -> Any:
        if not self._is_good:
            return super()._parsed() if self._is_short else None
        try:
            return json.loads(self._answer.body)
        except (ValueError, RecursionError):
            return None

    def _text(self) -> str:
        return super()._text() if self._is_short else ""

    @property
    def _is_short(self) -> bool:
        return len(self._answer.body) <= _MOST_SHOWN


def _json_or_none(body: bytes, clean: Callable[[str], str]) -> Any:
    """The JSON of an answer, if it is one. No text in it repeats a secret: it may be kept, and shown.

    Each half of a character is replaced by U+FFFD, as it could not be written anywhere.
    """

    def cleaned(found: Any) -> Any:
        if isinstance(found, dict):
            return {clean(name): cleaned(value) for name, value in found.items()}
        if isinstance(found, list):
            return [cleaned(each) for each in found]
        return clean(found) if isinstance(found, str) else found

    try:
        text = json.dumps(cleaned(json.loads(body)), ensure_ascii=False)
        return json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
    except (ValueError, RecursionError):
        return None
