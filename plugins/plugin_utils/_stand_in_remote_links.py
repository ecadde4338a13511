# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links at the stand-in's cloud sites: those that COMPLETE jobs have recreated."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

from ._stand_in_issues import Issues, Link

#: Label of a pair, and base URL of the server -> where the links lead, if a job has recreated them.
Recreated = Callable[[str, str], str | None]


class RemoteLinks:
    """What the issues of each site link to at the others.

    :param data_centers: the data that the sites were migrated from, by where the server is.
    :param leave_out: label of a pair -> how many issues of its links the jobs forget.
    """

    def __init__(self, data_centers: Mapping[str, Issues], leave_out: Mapping[str, int]) -> None:
        self._data_centers = data_centers
        self._left_out = {pair: self._forgotten(pair, number) for pair, number in leave_out.items()}

    @property
    def has_data(self) -> bool:
        """Whether it is known what issues there are."""
        return bool(self._data_centers)

    def projects_of(self, site: str) -> list[str]:
        """The keys of the projects that were migrated to a site."""
        keys = (
            project.key
            for issues in self._data_centers.values()
            for project in issues.projects.values()
            if project.site == site
        )
        return sorted(set(keys))

    def of(self, site: str, site_url: str, key: str, recreated: Recreated) -> list[dict[str, Any]] | None:
        """The remote links of an issue at a site; None where the site has no such issue."""
        for where, issues in self._data_centers.items():
            index = issues.find(key)
            if index is not None and issues.project_of(index).site == site:
                # Two links to one issue have the same globalId, and so are one.
                links: dict[str, dict[str, Any]] = {}
                for link in issues.links.of(index):
                    target = self._target(site, key, issues, link)
                    url = recreated(f"{site} -> {target[0]}", where) if target else None
                    if target and url:
                        links[target[1]] = _document(site, site_url, key, target, url, _phrase(issues, link))
                return list(links.values())
        return None

    def _target(self, site: str, key: str, issues: Issues, link: Link) -> tuple[str, str] | None:
        """The other site and issue of a link; None where a job leaves it out or has nothing to do with it."""
        other, target = issues.project_of(link.other).site, issues.key_of(link.other)
        is_left_out = (key, target) in self._left_out.get(f"{site} -> {other}", ())
        return None if other in (None, site) or is_left_out else (str(other), target)

    def _forgotten(self, pair: str, number: int) -> set[tuple[str, str]]:
        """Issues and their targets, chosen by chance, the same each time."""
        every: set[tuple[str, str]] = set()
        for issues in self._data_centers.values():
            for _link_id, _type, source, destination in issues.every_link():
                for index, other in ((source, destination), (destination, source)):
                    if f"{issues.project_of(index).site} -> {issues.project_of(other).site}" == pair:
                        every.add((issues.key_of(index), issues.key_of(other)))
        return set(sorted(every, key=lambda each: _number(*each))[:number])


def cloud_id_of(site: str, key: str) -> str:
    """The id that an issue has at a site, which is none that it had before."""
    return str(_number(site, key))


def _phrase(issues: Issues, link: Link) -> str:
    return issues.link_types[link.type][link.is_outward]


def _document(
    site: str, site_url: str, key: str, target: tuple[str, str], target_url: str, phrase: str
) -> dict[str, Any]:
    """A remote link as Jira Cloud shows those between two Jira sites (inferred for those of the vendor's jobs)."""
    link_id = _number("link", site, key, *target)
    app_id = uuid.uuid5(uuid.NAMESPACE_DNS, f"{site} {target[0]}")
    return {
        "id": link_id,
        "self": f"{site_url}/rest/api/3/issue/{key}/remotelink/{link_id}",
        "globalId": f"appId={app_id}&issueId={cloud_id_of(*target)}",
        "application": {"type": "com.atlassian.jira", "name": target[0]},
        "relationship": phrase,
        "object": {
            "url": f"{target_url}/browse/{target[1]}",
            "title": target[1],
            "icon": {},
            "status": {"icon": {}},
        },
    }


def _number(*names: str) -> int:
    """A number that is always the same, and another one for each name."""
    return int.from_bytes(blake2b("\0".join(names).encode(), digest_size=6).digest(), "big")
