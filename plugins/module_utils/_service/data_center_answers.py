# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer of a Data Center instance means, where that differs from the cloud's.

Seen in code or reported by users, none of it documented: an answer to nobody in particular has the header
C(X-AUSERNAME: anonymous), whatever its status; a page to log in comes with HTTP 200; a node that starts redirects to
C(startup.jsp), and one that cannot work to C(errors.jsp).
"""

from __future__ import annotations

import re

from .._errors import AnswerTooLarge, Code, LinkUpdateError, OutcomeUnknown
from .limit_headers import says_never
from .responses import LargeReader

#: What only a page has that wants somebody to log in, also where single sign-on does it.
_LOGIN = re.compile(rb"os_username|login|log in|sign in|type=.password|SAMLRequest|openid", re.IGNORECASE)
_LOGIN_TARGET = re.compile(r"log-?in|sso|saml|oauth|openid|oidc", re.IGNORECASE)
_STARTING = re.compile(r"/(?:startup|errors)\.jsp", re.IGNORECASE)


class DataCenterReader(LargeReader):
    """Reads the answer to one request that changes nothing."""

    def _check(self) -> None:
        if self._is_good and self._answer.is_too_large:
            raise AnswerTooLarge(self._answer.trouble)
        if self._is_anonymous:
            raise self._not_logged_in("Jira did not accept the credentials: the answer is for an anonymous user")
        if self._is_good and self._json is None and self._is_login_page:
            raise self._not_logged_in("a login page in the place of an answer")
        super()._check()

    def _refusal(self) -> LinkUpdateError:
        status, headers = self._answer.status, self._answer.headers
        if status == 429 and says_never(headers):
            what = "HTTP 429: Jira takes no requests of this account at all. An administrator has blocked it"
            advice = "ask an administrator of Jira to give the account a limit, under System > Rate limiting"
            return LinkUpdateError(what, code=Code.FORBIDDEN, advice=advice)
        if "CAPTCHA" in headers.get("X-Authentication-Denied-Reason", "").upper():
            what = f"HTTP {status}: after several failed logins, Jira wants a CAPTCHA of this user"
            advice = "log in as this user with a browser once, then correct the password"
            return LinkUpdateError(what, code=Code.UNAUTHORIZED, advice=advice)
        if 300 <= status < 400:
            return self._redirected(f"HTTP {status}: redirected to {self._target()}, not followed")
        return super()._refusal()

    def _redirected(self, what: str) -> LinkUpdateError:
        where = self._answer.headers.get("Location", "")
        if _STARTING.search(where):
            return OutcomeUnknown(f"{what}: Jira is starting, or cannot work")
        return self._not_logged_in(what) if _LOGIN_TARGET.search(where) else super()._refusal()

    def _not_logged_in(self, what: str) -> LinkUpdateError:
        return LinkUpdateError(what, code=Code.UNAUTHORIZED, advice=self._advice.get(401, ""))

    @property
    def _is_anonymous(self) -> bool:
        """Whether the answer is a no, or less than there is, because nobody knows who asks. A server that has no time
        to answer does not find out who asks.
        """
        is_answer = self._is_good or self._answer.status in (400, 403, 404)
        return is_answer and self._answer.headers.get("X-AUSERNAME", "").lower() == "anonymous"

    @property
    def _is_login_page(self) -> bool:
        body = self._answer.body
        return body.lstrip()[:1] == b"<" and _LOGIN.search(body) is not None
