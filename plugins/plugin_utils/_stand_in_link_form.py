# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What remote links look like at the stand-in: as Jira Cloud shows those between two Jira sites. That is inferred for
those of the vendor's jobs.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from functools import cache
from typing import Any

from ._stand_in_fates import Fate, number_of
from ._stand_in_script import Script
from ._stand_in_variants import url_as


@dataclass(frozen=True)
class Recreation:
    """A job has recreated the links of a pair."""

    #: Base URL of the destination, and of the server that the links led to before.
    url: str
    old_url: str
    #: When it was done, in seconds since 1970.
    at: float


@dataclass(frozen=True)
class WantedLink:
    """A remote link that a job is to make."""

    site: str
    issue: str
    target_site: str
    target: str
    #: The key that the target has now.
    target_key: str
    relationship: str

    @property
    def pair(self) -> str:
        """The label of its pair."""
        return f"{self.site} -> {self.target_site}"


def documents(wanted: WantedLink, recreation: Recreation, fate: Fate | None, script: Script) -> list[dict[str, Any]]:
    """The remote links that a job makes of a link."""
    if fate is Fate.LEFT_OUT:
        return []
    if fate is Fate.STALE:
        return [_stale(wanted, recreation, script)]
    first = _document(wanted, _app_id(wanted, script), _url(wanted, recreation, script), script)
    if fate is not Fate.DOUBLE:
        return [first]
    # A globalId is there once at an issue, so the second one is of another application link.
    return [first, _document(wanted, _uuid_of(f"{wanted.pair} again"), first["object"]["url"], script)]


def cloud_id_of(site: str, key: str) -> str:
    """The id that an issue has at a site, which is none that it had before."""
    return str(number_of(site, key))


@cache
def _uuid_of(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_DNS, name))


def _app_id(wanted: WantedLink, script: Script) -> str:
    given = script.form.get(wanted.pair, {}).get("app_id")
    return given or _uuid_of(wanted.pair)


def _url(wanted: WantedLink, recreation: Recreation, script: Script) -> str:
    base = script.link_alias.get(wanted.pair, recreation.url).rstrip("/")
    names = script.link_variants.get(wanted.pair)
    if not names:
        return f"{base}/browse/{wanted.target_key}"
    # By turns, and the same each time.
    name = names[number_of(wanted.issue, wanted.target) % len(names)]
    return url_as(name, base, wanted.target_key)


def _document(wanted: WantedLink, app_id: str, url: str, script: Script) -> dict[str, Any]:
    form = script.form.get(wanted.pair, {})
    return {
        "id": number_of("link", wanted.site, wanted.issue, wanted.target_site, wanted.target, app_id),
        "globalId": f"appId={app_id}&issueId={cloud_id_of(wanted.target_site, wanted.target)}",
        "application": {
            "type": form.get("type", "com.atlassian.jira"),
            "name": form.get("name", wanted.target_site),
        },
        "relationship": script.relationship.get(wanted.pair, wanted.relationship),
        "object": {"url": url, "title": wanted.target_key, "icon": {}, "status": {"icon": {}}},
    }


def _stale(wanted: WantedLink, recreation: Recreation, script: Script) -> dict[str, Any]:
    """It leads to the Data Center, whose id the issue has there."""
    app_id = _uuid_of(recreation.old_url)
    url = f"{recreation.old_url.rstrip('/')}/browse/{wanted.target}"
    old = _document(wanted, app_id, url, script)
    issue_id = number_of("Data Center", wanted.target) % 1_000_000
    return {
        **old,
        "globalId": f"appId={app_id}&issueId={issue_id}",
        "application": {"type": "com.atlassian.jira", "name": "Jira"},
        "object": {**old["object"], "title": wanted.target},
    }
