# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, in the words that users read.

Every failure carries a C(code) for programs and a message for people. Classes of their own exist only where
somebody has to act on the difference; the rest are L(LinkUpdateError) with another code. The codes are listed,
with their meaning, in the documentation of the modules (return value C(failure.code)).
"""

from __future__ import annotations

from typing import Self


class LinkUpdateError(Exception):
    """A failure to be shown to the user.

    :param message: what happened and what to do about it; never contains a secret.
    :param code: one of the documented failure codes.
    :param http_status: the status the service answered with, if it answered.
    :param request_id: the service's own id of the request, if it gave one; support asks for it.
    :param job_id: the job that this is about, if there is one.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        http_status: int | None = None,
        request_id: str | None = None,
        job_id: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.http_status = http_status
        self.request_id = request_id
        self.job_id = job_id

    def __str__(self) -> str:
        return self.message

    def prefixed(self, text: str) -> Self:
        """The same failure, said with more of what only the caller knows."""
        self.message = text + self.message
        return self

    def as_result(self) -> dict[str, object]:
        """The module's return value C(failure)."""
        return {
            "code": self.code,
            "message": self.message,
            "http_status": self.http_status,
            "request_id": self.request_id,
            "job_id": self.job_id,
        }


class InvalidOption(LinkUpdateError):
    """Input that cannot be right. Nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="invalid_option")


class MissingLibrary(LinkUpdateError):
    """A Python library that the work needs is not there. Nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="missing_library")


class LedgerError(LinkUpdateError):
    """The ledger cannot be opened, read or written."""

    def __init__(self, message: str, *, job_id: str | None = None) -> None:
        super().__init__(message, code="ledger", job_id=job_id)


class NotAccepted(LinkUpdateError):
    """The service certainly did not take the request, and may take it when asked again.

    :param retry_after: seconds that the service asks to wait, or C(None) where it does not say.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "unreachable",
        retry_after: float | None = None,
        http_status: int | None = None,
        request_id: str | None = None,
    ) -> None:
        super().__init__(message, code=code, http_status=http_status, request_id=request_id)
        self.retry_after = retry_after


class OutcomeUnknown(LinkUpdateError):
    """The request was sent, and no usable answer came back: the service may or may not have taken it."""

    def __init__(self, message: str, *, http_status: int | None = None, request_id: str | None = None) -> None:
        super().__init__(message, code="no_answer", http_status=http_status, request_id=request_id)


class JobUnknown(LinkUpdateError):
    """The service does not know the job id."""

    def __init__(self, message: str, *, job_id: str, request_id: str | None = None) -> None:
        super().__init__(message, code="job_unknown", http_status=404, request_id=request_id, job_id=job_id)
