# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's Data Center: its REST API, ``/rest/api/2``, as far as a census and client libraries ask for it."""

from __future__ import annotations

import base64
import re
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote

from ._stand_in_documents import Documents
from ._stand_in_generate import generated
from ._stand_in_issues import Issues, issues_of
from ._stand_in_reply import Reply, jira_error, no_such_page
from ._stand_in_search import Search, fields_in
from ._stand_in_switches import Guard, Switches

#: Begins the paths of the REST API.
API = "/rest/api/2/"
_DATA = ("projects", "links", "link_types", "sub_tasks", "epics")
_ACCOUNT = ("token", "user", "password")
_KNOWN = (*_DATA, "generate", *_ACCOUNT, "epic_field")
_USER = "census"
_UNAUTHORIZED = "<!DOCTYPE html><title>Unauthorized (401)</title><h1>Basic Authentication Failure</h1>"
_NOBODY = {"message": "Client must be authenticated to access this resource.", "status-code": 401}


@dataclass(frozen=True)
class Account:
    """The only credentials that a Data Center accepts. None: any."""

    token: str | None = None
    user: str | None = None
    password: str | None = None

    def user_of(self, authorization: str) -> str | None:
        """Whose credentials they are; None for nobody's."""
        scheme, given = authorization.partition(" ")[::2]
        if scheme == "Bearer" and given and self.token in (None, given):
            return self.user or _USER
        if scheme != "Basic":
            return None
        try:
            user, colon, password = base64.b64decode(given).decode().partition(":")
        except ValueError:
            return None
        is_right = colon and user and password and self.user in (None, user) and self.password in (None, password)
        return user if is_right else None


@dataclass(frozen=True)
class Request:
    """What somebody asks a Data Center for."""

    method: str
    #: From ``/rest`` on.
    path: str
    query: str
    authorization: str
    cookie: str
    body: bytes


class DataCenter:
    """One instance. It has the data that a script lists or that it generates, an account, and the switches of traps.

    ::

        projects    {KEY: {site: name of an instance or null, issues: how many, or their numbers,
                           hidden: true or numbers, archived: true or numbers}}
        links       [[id, type, source, destination], ...]: the source blocks the destination
        link_types  {name: [inward phrase, outward phrase]}, more than Jira has
        sub_tasks   {key: key of its parent}
        epics       {key: key of its epic}
        generate    {projects: {KEY: site or null}, issues: in all, links: in all, seed: 1, local: true for links
                    within a site too, epics: 0, sub_tasks: 0}, instead of all the above
        token, user, password   those to accept; without any, all are
        epic_field  id of the field, null for an instance without epics

    Whatever else there is is one of L(Switches).

    :param where: its host, and its path if it has one.
    """

    def __init__(self, where: str, issues: Issues, given: Mapping[str, Any]) -> None:
        self.issues = issues
        self.guard = Guard(Switches())
        self.change({name: value for name, value in given.items() if name not in _KNOWN})
        #: How often something happened.
        self.counts: Counter[str] = Counter()
        self._where = where
        self._account = Account(**{name: given[name] for name in _ACCOUNT if name in given})
        self._documents = Documents(issues, f"https://{where}", given.get("epic_field", "customfield_10100"))
        self._search = Search(issues, self._documents, self.guard, self.counts)
        #: The user of each session.
        self._sessions: dict[str, str] = {}

    @classmethod
    def from_dict(cls, where: str, given: Mapping[str, Any]) -> DataCenter:
        """Read what a script says of a Data Center.

        :raises ValueError: it makes no sense.
        """
        if "generate" in given and any(name in given for name in _DATA):
            raise ValueError(f"{where}: generate makes {', '.join(_DATA)}, give one of the two only")
        try:
            issues = generated(given["generate"]) if "generate" in given else issues_of(given)
            return cls(where, issues, given)
        except (ValueError, TypeError, KeyError) as exc:
            raise ValueError(f"{where}: {exc!r}") from None

    def change(self, switches: Mapping[str, Any]) -> None:
        """Set some switches, see L(Switches).

        :raises ValueError: they make no sense.
        """
        self.guard.switches.change(switches)
        for key in (key for keys in self.guard.switches.deleted_after.values() for key in keys):
            self.issues.index_of(key)

    def answer(self, request: Request) -> Reply:
        """The answer to a request."""
        self.counts["requests"] += 1
        if reply := self.guard.restarting():
            self.counts["not answered" if reply.status == 0 else "unavailable"] += 1
            self._sessions.clear()
            return reply
        user, session, is_new = self._who(request)
        is_anonymous = user is None or self.guard.is_over(self.guard.switches.anonymous_after)
        refusal, headers = self.guard.refusal(user or "")
        if refusal is None and request.authorization.startswith("Basic ") and user is None:
            refusal = Reply(401, _UNAUTHORIZED, {"X-Seraph-LoginReason": "AUTHENTICATED_FAILED"})
        reply = refusal or self._act(request, user, is_anonymous)
        self.counts[f"HTTP {reply.status}"] += 1
        cookie = {"Set-Cookie": f"JSESSIONID={session}; Path=/{self._where}; HttpOnly"} if is_new else {}
        who = "anonymous" if is_anonymous else quote(user or "")
        always = {"X-ANODEID": "node1", "X-AREQUESTID": f"0x{self.counts['requests']}x0", "X-AUSERNAME": who}
        return Reply(reply.status, reply.body, {**always, **headers, **reply.headers, **cookie})

    def report(self) -> dict[str, int]:
        """What happened so far."""
        return {"searches": self.guard.searches, "sessions": len(self._sessions), **self.counts}

    def _who(self, request: Request) -> tuple[str | None, str, bool]:
        """The user of a request, and the session; whether that is a new one."""
        user = self._account.user_of(request.authorization) if request.authorization else None
        found = re.search(r"JSESSIONID=(\w+)", request.cookie)
        session = found[1] if found else ""
        if session in self._sessions:
            return user if request.authorization else self._sessions[session] or None, session, False
        session = uuid.uuid4().hex
        self._sessions[session] = user or ""
        return user, session, True

    def _act(self, request: Request, user: str | None, is_anonymous: bool) -> Reply:
        if request.path == f"{API}search" and request.method in ("GET", "POST"):
            return self._search.answer(request.query if request.method == "GET" else request.body, user, is_anonymous)
        if request.method != "GET":
            return no_such_page()
        acts: dict[str, Callable[[], Reply]] = {
            "myself": lambda: self._myself(user, is_anonymous),
            "serverInfo": self._server_info,
            "project": lambda: self._projects(is_anonymous),
            "field": lambda: Reply(200, self._documents.fields()),
            "issueLinkType": lambda: Reply(200, {"issueLinkTypes": self._documents.link_types()}),
        }
        name = request.path.removeprefix(API)
        if name in self.guard.switches.blocked_calls:
            return no_such_page()
        if name in acts:
            return acts[name]()
        issue = re.fullmatch(r"issue/([^/]+)", name)
        return self._issue(unquote(issue[1]), request.query, is_anonymous) if issue else no_such_page()

    # -- single things

    def _myself(self, user: str | None, is_anonymous: bool) -> Reply:
        if is_anonymous or user is None:
            return Reply(401, _NOBODY)
        return Reply(
            200,
            {
                "self": f"https://{self._where}/rest/api/2/user?username={quote(user)}",
                "key": f"JIRAUSER{10000 + len(user)}",
                "name": user,
                "emailAddress": f"{user}@example.com",
                "displayName": f"Account {user}",
                "active": True,
                "timeZone": "Etc/UTC",
                "locale": "en_US",
            },
        )

    def _server_info(self) -> Reply:
        return Reply(
            200,
            {
                "baseUrl": f"https://{self._where}",
                "version": "9.12.15",
                "versionNumbers": [9, 12, 15],
                "deploymentType": "Server",
                "buildNumber": 9120015,
                "serverTitle": "Stand-in",
            },
        )

    def _projects(self, is_anonymous: bool) -> Reply:
        projects = () if is_anonymous else self.issues.projects.values()
        return Reply(200, [self._documents.project(each) for each in projects if each.is_listed])

    def _issue(self, key: str, query: str, is_anonymous: bool) -> Reply:
        if is_anonymous:
            return jira_error(401, "You do not have the permission to see the specified issue.")
        index = self.issues.find(key.upper())
        if index is None or not self.issues.sees(index):
            return jira_error(404, "Issue Does Not Exist")
        return Reply(200, self._documents.issue(index, fields_in(parse_qs(query).get("fields", []))))
