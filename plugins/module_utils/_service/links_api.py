# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's calls, words and statuses, and nothing else.

Documented on developer.atlassian.com/cloud/migration ("Migration utility APIs", group "Link fixing"), unless a
comment here says that it is inferred. What is not known is not here: whether jobs can be listed or cancelled, how long
the status of an ended job is kept, and where the history report and the audit log are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from .._errors import Code, JobUnknown, LinkUpdateError, OutcomeUnknown
from .._model.update import Update
from .._secrets import HIDDEN
from .._status import COMPLETE, FAILURES, KNOWN, SAME_AS_COMPLETE, JobStatus
from .._text import harmless, is_visible
from .own_words import is_error, outline_of, words_in

if TYPE_CHECKING:
    from .http import Session

DEFAULT_API_URL = "https://api.atlassian.com/links/v1"

#: For so many seconds after it was scheduled, the service may not know a job yet; later, it does not know it any more.
#: Whether the first happens is not documented; a second job would be worse than a wait.
NEW_FOR = 120.0


class LinksApi:
    """The calls of the links API."""

    def __init__(self, session: Session, api_url: str = DEFAULT_API_URL) -> None:
        self._session = session
        self._api_url = api_url

    def admitted(self) -> AbstractContextManager[None]:
        """A block that sends one request, see L(Session.admitted).

        :raises TooEarly: the service's rate limit does not allow one now.
        """
        return self._session.admitted(self._api_url)

    def prepare(self) -> None:
        """Connect for the L(schedule) that follows within L(admitted). Nothing is sent.

        :raises NotAccepted, LinkUpdateError: that was not possible.
        """
        self._session.prepare(self._api_url)

    def schedule(self, update: Update, *, before_sending: Callable[[], None] = lambda: None) -> str:
        """Schedule a job and give back its id. Sends one request, once.

        :param before_sending: called right before its first byte is sent. Where it raises, nothing is sent, and what
            it raises is passed on.
        :raises OutcomeUnknown: the job may or may not exist.
        :raises NotAccepted: no job exists, and asking again may work.
        :raises LinkUpdateError: no job exists.
        """
        try:
            job_id: str = self._session.post(
                f"{self._api_url}/{update.site_id}/jobs/cma",
                request_body(update),
                read=_job_id_in,
                before_sending=before_sending,
            )
        except LinkUpdateError as exc:
            if exc.failure.http_status != 404:
                raise
            advice = f"check the cloud ID of the site, {update.site_id}, and the address of the API, {self._api_url}"
            raise exc.amended(advice=advice) from None
        return job_id

    def status(self, site_id: str, job_id: str) -> JobStatus:
        """The status of a job, as L(canonical_status) spells it, and what the service says beside it.

        :raises JobUnknown: the service knows no such job.
        :raises NotAccepted, OutcomeUnknown, LinkUpdateError: what L(Session.get) raises.
        """
        try:
            status: JobStatus = self._session.get(
                f"{self._api_url}/{site_id}/jobs/status/{quote(job_id, safe='')}", read=status_in
            )
        except LinkUpdateError as exc:
            if exc.code is not Code.NOT_FOUND:
                raise exc.amended(job_id=job_id) from None
            raise JobUnknown(
                f"the service does not know the job {job_id} of site {site_id}: {exc.failure.what}",
                job_id=job_id,
                request_id=exc.failure.request_id,
            ) from None
        return status


def request_body(update: Update) -> dict[str, Any]:
    """The document that schedules a job: the documented fields, what was not asked for left out."""
    body: dict[str, Any] = {
        "product": update.product,
        "productURL": update.product_url,
        "destinationURL": update.destination_url,
        "migratedFrom": update.migrated_from,
    }
    if update.migrated_from_override is not None:
        body["migratedFromOverride"] = update.migrated_from_override
    # Jira only. The vendor's reference types them as booleans, its guide shows strings: the reference is followed.
    if update.product == "jira":
        body["recreateAsRemote"] = update.recreate_as_remote
        if update.create_backup is not None:
            body["createBackup"] = update.create_backup
    return body


def is_job_id(text: str) -> bool:
    """Whether a job can be asked about by this text, and the text be shown. Its spelling is not documented."""
    # A path segment of dots alone would be taken for a way up the path. Where a secret was hidden, or U+FFFD stands for
    # what is no character, it is not the id that the service means.
    is_whole = HIDDEN not in text and "\ufffd" not in text
    return is_whole and len(text) <= 200 and all(map(is_visible, text)) and bool(text.strip("."))


def _job_id_in(answer: Any) -> str:
    job_id = None
    if isinstance(answer, dict) and not is_error(answer):
        # Documented is uuid; the other two are inferred from the vendor's other APIs. There, an error document has an
        # id as well: that of the request.
        names = ("uuid", "jobId") if words_in(answer) or not _may_be_new(answer) else ("uuid", "jobId", "id")
        job_id = next((answer[key] for key in names if answer.get(key)), None)
    if not isinstance(job_id, str) or not is_job_id(job_id):
        raise OutcomeUnknown(f"an answer without a usable job id: {outline_of(answer)}")
    return job_id


def _may_be_new(answer: dict[str, Any]) -> bool:
    """Whether the status in an answer, if there is one, can be that of a job that was just scheduled."""
    word = answer.get("status")
    return not isinstance(word, str) or canonical_status(word) in KNOWN - FAILURES


def status_in(answer: Any) -> JobStatus:
    """The status in an answer.

    :raises OutcomeUnknown: there is none.
    """
    # Inferred: an object with a status. How the guide spells the words is documented, how the wire does is not. Without
    # a letter, it is the HTTP status of an error document.
    word = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(word, str) or not any(map(str.isalpha, word)):
        raise OutcomeUnknown(f"an answer without a status: {outline_of(answer)}")
    status = JobStatus(canonical_status(word), words_in(answer))
    # Any other job may have an error beside its status: one that has failed, one that is tried again.
    if status.word == COMPLETE and is_error(answer):
        raise OutcomeUnknown(f"an answer that says {COMPLETE} and an error: {outline_of(answer)}")
    return status


def canonical_status(word: str) -> str:
    """One of L(KNOWN), compared without case and separators, as the wire's spelling is not documented; else the
    service's own word in upper case.
    """
    letters = re.sub(r"[\W_]", "", word).upper()
    return _BY_LETTERS.get(letters, harmless(word.upper(), 60))


_BY_LETTERS = {status.replace("_", ""): status for status in KNOWN} | dict.fromkeys(SAME_AS_COMPLETE, COMPLETE)
