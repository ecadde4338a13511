# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's report on which id an issue, a project and the like has got.

Documented on developer.atlassian.com/cloud/migration ("Id Mapping"): the three calls and their fields, how a product is
spelled, the words for the status, and that the URL of the file is good for an hour. Not known: how long a job takes,
and what the file looks like.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from .._clock import Clock
from .._errors import Code, LinkUpdateError, OutcomeUnknown
from .._progress import Heartbeat, duration
from .._status import COMPLETE, FAILURES
from .._urls import is_encrypted
from .http import Session
from .links_api import is_job_id, status_in
from .own_words import outline_of
from .retry import retry, within_limit

#: The pauses between two questions, in seconds: the first one, the longest one, and how they grow.
_FIRST, _LAST, _GROWTH = 2.0, 30.0, 1.5
#: How long to wait for one, in seconds.
LONGEST = 3600.0


class IdMappings:
    """The calls of the reports API.

    :param api_url: of the links API, which is at the same host.
    :param say: called with a line for each long pause.
    """

    def __init__(self, session: Session, api_url: str, clock: Clock, say: Callable[[str], None]) -> None:
        where = urlsplit(api_url)
        self._session = session
        self._url = f"{where.scheme}://{where.netloc}/migrations/reports/v1/id-mappings"
        self._clock = clock
        self._say = say

    def file_url(self, product: str, destination_url: str, source_url: str) -> str:
        """Have a report made, wait for it, and give back the URL of its file. That is signed: it gets no credentials.

        :raises LinkUpdateError: there is none.
        """
        request = {
            "product": product.upper(),
            "destinationURL": destination_url.removesuffix("/wiki"),
            "sourceURL": source_url,
        }
        # Sent once, as whatever begins something.
        job_id = within_limit(
            lambda: self._session.post(f"{self._url}/trigger", request, read=_job_id_in),
            clock=self._clock,
            say=self._say,
        )
        where = f"{self._url}/{quote(job_id, safe='')}"
        self._wait(where, job_id)
        url: str = self._ask(f"{where}/download", _download_url_in)
        return url

    def _wait(self, where: str, job_id: str) -> None:
        now = self._clock.monotonic()
        end, pause, heartbeat = now + LONGEST, _FIRST, Heartbeat(now)
        while (status := self._ask(where, status_in)).word != COMPLETE:
            if status.word in FAILURES:
                said = f": {status.said}" if status.said else ""
                raise LinkUpdateError(f"its job {job_id} ended in {status.word}{said}", code=Code.JOB_ERROR)
            now = self._clock.monotonic()
            if now >= end:
                what = f"its job {job_id} is {status.word} after {duration(LONGEST)}"
                raise LinkUpdateError(what, code=Code.TIMEOUT, advice="run again later")
            if now >= heartbeat.due:
                self._say(f"the job of the id mappings is {status.word}; still waiting")
                heartbeat.beat(now)
            self._clock.sleep(pause)
            pause = min(pause * _GROWTH, _LAST)

    def _ask(self, url: str, read: Callable[[Any], Any]) -> Any:
        return retry(lambda: self._session.get(url, read=read), clock=self._clock, say=self._say)


def _job_id_in(answer: Any) -> str:
    job_id = answer.get("jobId") if isinstance(answer, dict) else None
    if not isinstance(job_id, str) or not is_job_id(job_id):
        raise OutcomeUnknown(f"an answer without a usable job id: {outline_of(answer)}")
    return job_id


def _download_url_in(answer: Any) -> str:
    url = answer.get("downloadUrl") if isinstance(answer, dict) else None
    if not isinstance(url, str) or not is_encrypted(url):
        raise OutcomeUnknown(f"an answer without a usable URL of a file: {outline_of(answer)}")
    return url
