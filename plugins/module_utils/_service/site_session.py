# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One session with the Jira of a cloud site, for calls about many issues."""

from __future__ import annotations

from .._errors import LinkUpdateError, OutcomeUnknown
from .http import Session
from .limit_headers import RESET, RETRY_AFTER, near_limit_in
from .rate_limit import NearLimit
from .responses import LargeReader
from .transport import Answer


class SiteReader(LargeReader):
    """Reads the answer to one request.

    Inferred: where Jira says HTTP 404 of an issue, its answer has C(errorMessages). Whatever else says 404 knows no
    issue, and says nothing of one.
    """

    def _refusal(self) -> LinkUpdateError:
        if self._answer.status == 404 and not (isinstance(self._json, dict) and "errorMessages" in self._json):
            return OutcomeUnknown(" ".join(filter(None, ("HTTP 404 that does not come from Jira", self._said()))))
        return super()._refusal()


class SiteSession(Session):
    """Sends requests of one user, see L(Session)."""

    reader = SiteReader
    #: An issue may have 2,000 remote links.
    max_body = 8 * 1024 * 1024
    #: Documented: both headers come with HTTP 429, and the reset is rounded to a minute.
    limit_headers = (RETRY_AFTER, RESET)

    def _hint_in(self, answer: Answer, wait: float | None) -> NearLimit | None:
        # How many requests are left, as an answer says it, is for a time that is not documented: a second, or a minute.
        return near_limit_in(answer.headers)
