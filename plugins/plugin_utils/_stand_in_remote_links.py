# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links at the stand-in's cloud sites: those that COMPLETE jobs have made, and what others did to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._stand_in_cloud_issues import CloudIssue, CloudIssues
from ._stand_in_fates import Fate, Fates, number_of
from ._stand_in_link_form import Recreation, WantedLink, documents
from ._stand_in_script import Script

#: Label of a pair, and where the server is that its links led to -> the first job that has recreated them.
Recreated = Callable[[str, str], Recreation | None]
#: The most remote links of an issue (documented).
MOST_LINKS = 2000
_FIRST_LINK_ID = 10000


@dataclass(frozen=True)
class Change:
    """A remote link was added or removed."""

    at: float
    #: 0 where there is none.
    removed_id: int = 0
    removed: str = ""
    added_id: int = 0
    added: str = ""


@dataclass
class _Links:
    """The links of an issue: those that are there, what happened to them, and those that no job has made yet."""

    there: list[dict[str, Any]]
    changes: list[Change] = field(default_factory=list)
    #: By pair and place of the server.
    wanted: dict[tuple[str, str], list[WantedLink]] = field(default_factory=dict)

    def add(self, link: dict[str, Any], at: float) -> None:
        """Add a link."""
        self.there.append(link)
        self.changes.append(Change(at, added_id=link["id"], added=_said(link)))

    def remove(self, link: dict[str, Any], at: float) -> None:
        """Remove a link."""
        self.there.remove(link)
        self.changes.append(Change(at, link["id"], _said(link)))

    def replace(self, old: dict[str, Any], new: dict[str, Any], at: float) -> None:
        """Change a link."""
        self.there[self.there.index(old)] = new
        self.changes.append(Change(at, old["id"], _said(old), new["id"], _said(new)))


class RemoteLinks:
    """What the issues of each site link to.

    Only what somebody has written is kept: the links of the other issues follow from the jobs that are COMPLETE.

    :param recreated: which links the jobs have made.
    """

    def __init__(self, script: Script, issues: CloudIssues, fates: Fates, recreated: Recreated) -> None:
        self._script = script
        self._issues = issues
        self._recreated = recreated
        self._fates = fates
        self._written: dict[tuple[str, str], _Links] = {}
        self._next_id = _FIRST_LINK_ID

    def of(self, issue: CloudIssue) -> list[dict[str, Any]]:
        """The remote links of an issue."""
        return self._links(issue.site, issue.first_key).there

    def changes(self, issue: CloudIssue) -> list[Change]:
        """What happened to the remote links of an issue, the oldest first."""
        return self._links(issue.site, issue.first_key).changes

    def save(self, issue: CloudIssue, document: Mapping[str, Any], at: float) -> tuple[int, bool] | None:
        """Add a link, or change the one with the same C(globalId).

        :return: its id, and whether it is a new one; None where there are too many.
        """
        links = self._links_to_write(issue)
        global_id = document.get("globalId")
        old = next((each for each in links.there if global_id and each.get("globalId") == global_id), None)
        if old:
            links.replace(old, {"id": old["id"], **document}, at)
            return int(old["id"]), False
        if len(links.there) >= MOST_LINKS:
            return None
        self._next_id += 1
        links.add({"id": self._next_id, **document}, at)
        return self._next_id, True

    def delete(self, issue: CloudIssue, link_id: str, at: float) -> bool:
        """Remove a link; False where there is none with this id."""
        links = self._links_to_write(issue)
        link = next((each for each in links.there if str(each["id"]) == link_id), None)
        if link:
            links.remove(link, at)
        return link is not None

    def report(self) -> dict[str, int]:
        """How many remote links each site has."""
        counts: Counter[str] = Counter()
        for site in self._issues.sites():
            counts[site] = len(self.report_of(site))
        return dict(counts)

    def report_of(self, site: str) -> list[dict[str, Any]]:
        """All remote links of a site, those of hidden issues too."""
        return [
            {"issue": self._issues.key_at(site, key), **link}
            for key in sorted({*self._issues.linked_at(site), *(key for where, key in self._written if where == site)})
            for link in self._links(site, key).there
        ]

    # -- the links of one issue

    def _links_to_write(self, issue: CloudIssue) -> _Links:
        return self._written.setdefault((issue.site, issue.first_key), self._links(issue.site, issue.first_key))

    def _links(self, site: str, key: str) -> _Links:
        links = self._written.get((site, key)) or self._before_any_job(site, key)
        for pair, place in list(links.wanted):
            if recreation := self._recreated(pair, place):
                for each in links.wanted.pop((pair, place)):
                    self._make(links, each, recreation)
        return links

    def _before_any_job(self, site: str, key: str) -> _Links:
        wanted: defaultdict[tuple[str, str], dict[str, WantedLink]] = defaultdict(dict)
        for place, issues, index in self._issues.with_key(site, key):
            for link in issues.links.of(index):
                other, target = issues.project_of(link.other).site, issues.key_of(link.other)
                if other not in (None, site):
                    # Two links to one issue have the same globalId, and so are one.
                    phrase = issues.link_types[link.type][link.is_outward]
                    key_now = self._issues.key_at(str(other), target)
                    each = WantedLink(site, key, str(other), target, key_now, phrase)
                    wanted[each.pair, place][target] = each
        others = [_elsewhere(key, number) for number in range(self._script.other_links.get(site, {}).get(key, 0))]
        return _Links(others, [], {where: list(each.values()) for where, each in wanted.items()})

    def _make(self, links: _Links, wanted: WantedLink, recreation: Recreation) -> None:
        fate = self._fates.of(wanted.site, wanted.issue, wanted.target)
        for document in documents(wanted, recreation, fate, self._script):
            links.add(document, recreation.at)
            if fate is Fate.REMOVED:
                links.remove(document, recreation.at + 1)


def _said(link: Mapping[str, Any]) -> str:
    """What the history of an issue says of a remote link (inferred)."""
    name = (link.get("application") or {}).get("name")
    where = f" ({name})" if name else ""
    return f'This issue {link.get("relationship") or "links to"} "{link["object"]["title"]}"{where}'


def _elsewhere(key: str, number: int) -> dict[str, Any]:
    """A link to a page that is no issue."""
    return {
        "id": number_of("page", key, str(number)),
        "application": {},
        "object": {
            "url": f"https://pages.example.org/{key}/{number}",
            "title": f"Page {number}",
            "icon": {},
            "status": {"icon": {}},
        },
    }
