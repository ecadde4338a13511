# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's cloud sites: the calls about issues and their remote links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any
from urllib.parse import parse_qs, unquote

from ._stand_in_calls import Call, Route, json_object, route
from ._stand_in_cloud_issues import CloudIssue, CloudIssues
from ._stand_in_guards import Guards
from ._stand_in_places import Places
from ._stand_in_remote_links import Change, RemoteLinks
from ._stand_in_reply import Reply, jira_error
from ._stand_in_script import Script

#: The most issues that one request finds, and the most changes that one lists (documented).
MOST_FETCHED, _MOST_CHANGES = 100, 100
_NOT_THERE = "Issue does not exist or you do not have permission to see it."
_ISSUE = "/rest/api/3/issue"


class IssueCalls:
    """What a site answers about its issues."""

    def __init__(self, script: Script, places: Places, issues: CloudIssues, remote_links: RemoteLinks) -> None:
        self._script = script
        self._places = places
        self._issues = issues
        self._remote_links = remote_links

    def routes(self, guards: Guards) -> list[Route]:
        """The calls of a site about its issues."""
        links = f"{_ISSUE}/{{issue}}/remotelink"
        of_issue = {
            ("GET", "remotelink", links): self._links,
            ("POST", "create remotelink", links): self._save,
            ("GET", "remotelink", f"{links}/{{link}}"): self._link,
            ("DELETE", "delete remotelink", f"{links}/{{link}}"): self._delete,
            ("GET", "changelog", f"{_ISSUE}/{{issue}}/changelog"): self._changelog,
        }
        return [
            route("POST", "bulkfetch", f"{_ISSUE}/bulkfetch", guards.site(self._bulkfetch)),
            *(route(*named, guards.site(self._about_issue(act))) for named, act in of_issue.items()),
        ]

    def _about_issue(self, act: Callable[[Call, CloudIssue], Reply]) -> Callable[[Call], Reply]:
        """For a call about one issue, which has to be there."""

        def found(call: Call) -> Reply:
            site = self._places.name_of(call.host)
            if site in self._script.linking_off:
                return jira_error(403, "Issue linking is currently disabled.")
            issue = self._issues.find(site, unquote(call.named["issue"]))
            return act(call, issue) if issue else jira_error(404, _NOT_THERE)

        return found

    def _bulkfetch(self, call: Call) -> Reply:
        body = json_object(call.body)
        asked = body.get("issueIdsOrKeys") if body else None
        if not isinstance(asked, list) or not asked or not all(isinstance(each, str) for each in asked):
            return jira_error(400, "issueIdsOrKeys is no list of ids and keys")
        if len(asked) > MOST_FETCHED:
            return jira_error(400, f"The number of issues is over the limit of {MOST_FETCHED}")
        found = {each: self._issues.find(self._places.name_of(call.host), each) for each in asked}
        # Documented: in the order of their ids, each once.
        issues = sorted({each for each in found.values() if each}, key=lambda each: int(each.issue_id))
        return Reply(
            200,
            {
                "issues": [
                    {
                        "expand": "",
                        "id": each.issue_id,
                        "self": f"https://{call.host}{_ISSUE}/{each.issue_id}",
                        "key": each.key,
                        "fields": {},
                    }
                    for each in issues
                ],
                # Documented: an issue that is not there, or not visible, is not in this list.
                "issueErrors": [],
            },
        )

    def _links(self, call: Call, issue: CloudIssue) -> Reply:
        return Reply(200, [_shown(call, issue, each) for each in self._remote_links.of(issue)])

    def _link(self, call: Call, issue: CloudIssue) -> Reply:
        for each in self._remote_links.of(issue):
            if str(each["id"]) == call.named["link"]:
                return Reply(200, _shown(call, issue, each))
        return jira_error(404, "The remote link does not exist.")

    def _save(self, call: Call, issue: CloudIssue) -> Reply:
        body = json_object(call.body)
        if body is None or not isinstance(body.get("object"), dict):
            return Reply(400, {"errorMessages": [], "errors": {"object": "'object' is required."}})
        missing = [name for name in ("url", "title") if not body["object"].get(name)]
        if missing:
            return Reply(400, {"errorMessages": [], "errors": {name: f"'{name}' is required." for name in missing}})
        known = ("globalId", "application", "relationship", "object")
        saved = self._remote_links.save(issue, {name: body[name] for name in known if name in body}, call.at)
        if saved is None:
            return jira_error(413, "The issue has as many remote links as it may have.")
        link_id, is_new = saved
        return Reply(201 if is_new else 200, {"id": link_id, "self": _url_of(call, issue, link_id)})

    def _delete(self, call: Call, issue: CloudIssue) -> Reply:
        is_gone = self._remote_links.delete(issue, call.named["link"], call.at)
        return Reply(204, "") if is_gone else jira_error(404, "The remote link does not exist.")

    def _changelog(self, call: Call, issue: CloudIssue) -> Reply:
        query = parse_qs(call.query)
        start, size = (int(query.get(name, [default])[-1]) for name, default in (("startAt", 0), ("maxResults", 100)))
        size = min(max(size, 1), _MOST_CHANGES)
        changes = self._remote_links.changes(issue)
        values = [_entry(number, each) for number, each in enumerate(changes)][start : start + size]
        is_last = start + size >= len(changes)
        url = f"https://{call.host}{_ISSUE}/{issue.key}/changelog"
        page = {"self": url, "startAt": start, "maxResults": size, "total": len(changes), "isLast": is_last}
        return Reply(200, {**page, "values": values})


def _shown(call: Call, issue: CloudIssue, link: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": link["id"], "self": _url_of(call, issue, link["id"]), **link}


def _url_of(call: Call, issue: CloudIssue, link_id: int) -> str:
    return f"https://{call.host}{_ISSUE}/{issue.key}/remotelink/{link_id}"


def _entry(number: int, change: Change) -> dict[str, Any]:
    """An entry of the history of an issue (inferred for remote links)."""
    at = datetime.fromtimestamp(change.at, timezone.utc)
    return {
        "id": str(10001 + number),
        "author": {"accountId": "stand-in", "displayName": "Stand In", "active": True},
        "created": f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03}+0000",
        "items": [
            {
                "field": "RemoteIssueLink",
                "fieldtype": "jira",
                "from": str(change.removed_id) if change.removed_id else None,
                "fromString": change.removed or None,
                "to": str(change.added_id) if change.added_id else None,
                "toString": change.added or None,
            }
        ],
    }
