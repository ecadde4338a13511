# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whom the stand-in answers, and whom it refuses."""

from __future__ import annotations

import base64

from ._stand_in_calls import Act, Call
from ._stand_in_limit import CloudLimit
from ._stand_in_places import Places
from ._stand_in_reply import Reply, jira_error
from ._stand_in_script import Script

_REJECTED = "The IP address has been rejected because it is not on the allowed list. Contact your administrator."


class Guards:
    """What comes before a call is acted upon."""

    def __init__(self, script: Script, places: Places) -> None:
        self._script = script
        self._places = places
        self._limit = CloudLimit()

    def site(self, act: Act) -> Act:
        """For what a site answers about its data."""
        return self.allowed(self.signed(self._limited(act)))

    def signed(self, act: Act) -> Act:
        """For those with the right credentials."""

        def guarded(call: Call) -> Reply:
            if not self._knows(call.authorization):
                return Reply(401, {"code": 401, "message": "Unauthorized"})
            return act(call)

        return guarded

    def allowed(self, act: Act) -> Act:
        """As users report it: of a site only, in the form of Jira's errors."""

        def guarded(call: Call) -> Reply:
            is_blocked = self._places.name_of(call.host) in self._script.blocked
            return jira_error(403, _REJECTED) if is_blocked else act(call)

        return guarded

    def _limited(self, act: Act) -> Act:
        """For as many as a site takes from an account."""

        def guarded(call: Call) -> Reply:
            if self._script.cloud_limit is None:
                return act(call)
            refusal, headers = self._limit.take(self._script.cloud_limit, (call.host, call.authorization), call.at)
            reply = refusal or act(call)
            return Reply(reply.status, reply.body, {**headers, **reply.headers})

        return guarded

    def _knows(self, authorization: str) -> bool:
        scheme, encoded = authorization.partition(" ")[::2]
        try:
            email, colon, api_token = base64.b64decode(encoded).decode().partition(":")
        except ValueError:
            return False
        if scheme != "Basic" or not colon or not email or not api_token:
            return False
        script = self._script
        return script.email in (None, email) and script.api_token in (None, api_token)
