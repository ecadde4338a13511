# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's cloud sites: the calls that each site answers itself."""

from __future__ import annotations

from urllib.parse import parse_qs

from ._stand_in_calls import Call, Route, route
from ._stand_in_cloud_issues import CloudIssues
from ._stand_in_guards import Guards
from ._stand_in_places import Places
from ._stand_in_reply import Reply, no_such_page
from ._stand_in_script import Script

#: The most projects that a site lists at once.
_LARGEST_PAGE = 100


class CloudSites:
    """What all sites of a script answer about themselves."""

    def __init__(self, script: Script, places: Places, issues: CloudIssues) -> None:
        self._script = script
        self._places = places
        self._issues = issues

    def routes(self, guards: Guards) -> list[Route]:
        """The calls that a site answers."""
        site, allowed = guards.site, guards.allowed
        return [
            route("GET", "tenant_info", "/_edge/tenant_info", allowed(self._tenant_info)),
            route("GET", "myself", "/rest/api/3/myself", site(self._myself)),
            route("GET", "mypermissions", "/rest/api/3/mypermissions", site(self._mypermissions)),
            route("GET", "configuration", "/rest/api/3/configuration", site(self._configuration)),
            # Documented: anybody may ask, and sees the public projects. Here all are.
            route("GET", "projects", "/rest/api/3/project/search", allowed(self._projects)),
        ]

    def _tenant_info(self, call: Call) -> Reply:
        site = self._places.site_at(call.host)
        return Reply(200, {"cloudId": site[1]}) if site else no_such_page()

    def _myself(self, call: Call) -> Reply:
        if not self._places.site_at(call.host):
            return no_such_page()
        return Reply(200, {"accountId": "stand-in", "displayName": "Stand In", "emailAddress": self._script.email})

    def _mypermissions(self, call: Call) -> Reply:
        asked = ",".join(parse_qs(call.query).get("permissions", [])).split(",")
        may = self._places.name_of(call.host) not in self._script.not_admin
        return Reply(200, {"permissions": {name: {"key": name, "havePermission": may} for name in asked if name}})

    def _configuration(self, call: Call) -> Reply:
        is_on = self._places.name_of(call.host) not in self._script.linking_off
        return Reply(200, {"issueLinkingEnabled": is_on})

    def _projects(self, call: Call) -> Reply:
        name, asked = self._places.name_of(call.host), parse_qs(call.query)
        keys = sorted({*self._issues.projects_of(name), *self._script.cloud_projects.get(name, ())})
        start, size = (int(asked.get(each, [default])[-1]) for each, default in (("startAt", 0), ("maxResults", 50)))
        size = size if 0 < size <= _LARGEST_PAGE else 50
        values = [
            {"id": str(10000 + position), "key": key, "name": f"Project {key}", "projectTypeKey": "software"}
            for position, key in enumerate(keys)
        ]
        page = {"startAt": start, "maxResults": size, "total": len(keys), "isLast": start + size >= len(keys)}
        return Reply(200, {**page, "values": values[start : start + size]})
