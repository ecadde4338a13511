# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, as data. A failure becomes a sentence only where it is shown.

Exceptions of their own exist only where somebody has to act on the difference; the rest are L(LinkUpdateError) with
another code.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Self, TypedDict

from ._text import capitalized, harmless, visible


class Code(StrEnum):
    """The failure codes, for programs. The modules document what each means (return value C(failure.code))."""

    APP_LINKS = "app_links"
    CENSUS_INCOMPLETE = "census_incomplete"
    CHECK_INCOMPLETE = "check_incomplete"
    FORBIDDEN = "forbidden"
    INVALID_OPTION = "invalid_option"
    JOB_ERROR = "job_error"
    JOB_UNKNOWN = "job_unknown"
    LEDGER = "ledger"
    LINKS_MISSING = "links_missing"
    MISSING_LIBRARY = "missing_library"
    NO_ANSWER = "no_answer"
    NOT_FOUND = "not_found"
    PREFLIGHT = "preflight"
    RATE_LIMITED = "rate_limited"
    REDIRECTED = "redirected"
    REJECTED = "rejected"
    REPAIR_INCOMPLETE = "repair_incomplete"
    REPORT = "report"
    REPORTS_INCOMPLETE = "reports_incomplete"
    SITE_NOT_FOUND = "site_not_found"
    SUBMISSION_UNKNOWN = "submission_unknown"
    TIMEOUT = "timeout"
    TLS = "tls"
    UNAUTHORIZED = "unauthorized"
    UNAVAILABLE = "unavailable"
    UNREACHABLE = "unreachable"
    WINDOW_CLOSED = "window_closed"


class FailureResult(TypedDict):
    """The modules' return value C(failure)."""

    code: str
    message: str
    http_status: int | None
    request_id: str | None
    job_id: str | None


@dataclass(frozen=True)
class Failure:
    """Something that went wrong. No part of it ever contains a secret."""

    #: What happened, without a full stop at its end.
    what: str
    code: Code
    #: What to do about it, without a full stop at its end; empty where nothing helps, or the caller knows better.
    advice: str = ""
    #: What it is about: the label of an update, the name of an instance. Empty where the caller knows, or it is about
    #: nothing in particular.
    about: str = ""
    #: The status the service answered with, if it answered.
    http_status: int | None = None
    #: The service's own id of the request, if it gave one; support asks for it.
    request_id: str | None = None
    #: The job that this is about, if there is one.
    job_id: str | None = None

    @property
    def message(self) -> str:
        """The failure, for people."""
        return sentence(self.what, self.advice, about=self.about)

    def as_result(self) -> FailureResult:
        """The failure, in the words of results."""
        return {
            "code": self.code.value,
            "message": self.message,
            "http_status": self.http_status,
            "request_id": self.request_id,
            "job_id": self.job_id,
        }


def sentence(what: str, advice: str = "", *, about: str = "") -> str:
    """What went wrong, what it is about, and what to do: C(eu -> us: the job is lost. Run again)."""
    said = f"{harmless(about)}: {what}" if about else what
    # The words of others may have their own full stop.
    return visible(f"{said.removesuffix('.')}. {capitalized(advice)}" if advice else said)


class LinkUpdateError(Exception):
    """A failure that ends what was begun. The parameters are the fields of L(Failure)."""

    def __init__(
        self,
        what: str,
        *,
        code: Code,
        advice: str = "",
        about: str = "",
        http_status: int | None = None,
        request_id: str | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(what)
        self.failure = Failure(what, code, advice, about, http_status, request_id, job_id)

    @classmethod
    def of(cls, failure: Failure) -> LinkUpdateError:
        """The exception for a failure that is there as data."""
        return LinkUpdateError(failure.what, code=failure.code).amended(**vars(failure))

    def __str__(self) -> str:
        return self.failure.message

    @property
    def code(self) -> Code:
        return self.failure.code

    def amended(self, **changes: Any) -> Self:
        """The same failure, with other fields: what only the caller knows."""
        amended = type(self).__new__(type(self), *self.args)
        amended.__dict__.update(self.__dict__, failure=replace(self.failure, **changes))
        return amended


class InvalidOption(LinkUpdateError):
    """Input that cannot be right. Nothing was sent."""

    def __init__(self, what: str, advice: str = "", *, about: str = "") -> None:
        super().__init__(what, code=Code.INVALID_OPTION, advice=advice, about=about)


class MissingLibrary(LinkUpdateError):
    """A Python library that the work needs is not there. Nothing was sent."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what, code=Code.MISSING_LIBRARY, advice=advice)


class LedgerError(LinkUpdateError):
    """The ledger or the store of a census cannot be opened, read or written."""

    def __init__(self, what: str, advice: str = "", *, job_id: str | None = None) -> None:
        super().__init__(what, code=Code.LEDGER, advice=advice, job_id=job_id)


class NotAccepted(LinkUpdateError):
    """The service certainly did not take the request, and may take it when it is sent again.

    :param retry_after: seconds that the service asks to wait, or C(None) where it does not say.
    """

    def __init__(
        self,
        what: str,
        *,
        code: Code = Code.UNREACHABLE,
        retry_after: float | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(what, code=code, http_status=http_status, request_id=request_id)
        self.retry_after = retry_after


class TooEarly(LinkUpdateError):
    """The rate limit does not allow the request now, so it was not sent.

    :param seconds: until it may be.
    :param is_announced: whether a line says so already: many requests wait for one limit, and one line is enough.
    """

    def __init__(self, seconds: float, *, is_announced: bool) -> None:
        super().__init__("the service's rate limit is used up", code=Code.RATE_LIMITED)
        self.seconds = seconds
        self.is_announced = is_announced


class AddressRejected(LinkUpdateError):
    """A site does not take requests from the address that this one came from. No other credentials would help."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what, code=Code.FORBIDDEN, advice=advice)


class OutcomeUnknown(LinkUpdateError):
    """The request was sent, and no usable answer came back: the service may or may not have taken it."""

    def __init__(self, what: str, *, http_status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(what, code=Code.NO_ANSWER, http_status=http_status, request_id=request_id)


class AnswerTooLarge(OutcomeUnknown):
    """There is an answer, but it is longer than what may be read. A smaller question may help."""


class JobUnknown(LinkUpdateError):
    """The service does not know the job id."""

    def __init__(self, what: str, *, job_id: str, request_id: str | None = None) -> None:
        super().__init__(what, code=Code.JOB_UNKNOWN, http_status=404, request_id=request_id, job_id=job_id)
