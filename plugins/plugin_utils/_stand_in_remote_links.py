# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links at the stand-in's cloud sites: those that COMPLETE jobs have made, and what others did to them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._stand_in_fates import Fate, Fates, both_ways, number_of
from ._stand_in_issues import Issues
from ._stand_in_link_form import Recreation, WantedLink, cloud_id_of, documents
from ._stand_in_script import Script

#: Label of a pair, and where the server is that its links led to -> the first job that has recreated them.
Recreated = Callable[[str, str], Recreation | None]
#: The most remote links of an issue (documented).
MOST_LINKS = 2000
_FIRST_LINK_ID = 10000


@dataclass(frozen=True)
class CloudIssue:
    """An issue at a site."""

    site: str
    #: The key that it had when it was migrated.
    first_key: str
    #: The one that it has now.
    key: str
    issue_id: str


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

    :param data_centers: the data that the sites were migrated from, by where the server is.
    :param recreated: which links the jobs have made.
    :raises ValueError: the script asks for what is not there.
    """

    def __init__(self, script: Script, data_centers: Mapping[str, Issues], recreated: Recreated) -> None:
        self._script = script
        self._data_centers = data_centers
        self._recreated = recreated
        self._fates = Fates(script, data_centers)
        self._written: dict[tuple[str, str], _Links] = {}
        self._next_id = _FIRST_LINK_ID
        #: For each site its issues by their ids, as soon as somebody asks for one by its id.
        self._by_id: dict[str, dict[str, str]] = {}
        #: Site -> new key -> old key.
        self._old_keys = {site: {new: old for old, new in keys.items()} for site, keys in script.moved.items()}
        self._check_keys()
        self.hide(script.hidden)

    def hide(self, asked: Mapping[str, int | Collection[str]]) -> None:
        """Let the account no longer see these issues, but all others.

        :raises ValueError: there are not so many.
        """
        self._hidden = {site: self._hidden_at(site, each) for site, each in asked.items()}

    def projects_of(self, site: str) -> list[str]:
        """The keys of the projects that were migrated to a site."""
        keys = (
            project.key
            for issues in self._data_centers.values()
            for project in issues.projects.values()
            if project.site == site
        )
        return sorted(set(keys))

    def issue(self, site: str, asked: str) -> CloudIssue | None:
        """An issue that the account sees at a site, by its key, a former one, or its id."""
        if asked.isdigit():
            first_key = self._ids_at(site).get(asked, "")
        else:
            first_key = self._old_keys.get(site, {}).get(asked.upper(), asked.upper())
        if first_key in self._hidden.get(site, ()) or not any(self._issues_with(site, first_key)):
            return None
        return CloudIssue(site, first_key, self._key_at(site, first_key), cloud_id_of(site, first_key))

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
        for site in self._sites():
            counts[site] = len(self.report_of(site))
        return dict(counts)

    def report_of(self, site: str) -> list[dict[str, Any]]:
        """All remote links of a site, those of hidden issues too."""
        return [
            {"issue": self._key_at(site, key), **link}
            for key in sorted({*self._linked_at(site), *(key for where, key in self._written if where == site)})
            for link in self._links(site, key).there
        ]

    def ids_at(self, site: str) -> Iterator[tuple[str, str, str]]:
        """What was migrated to a site: its kind, its key, and its id there."""
        for issue_id, key in self._ids_at(site).items():
            yield "issue", key, issue_id

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
        for place, issues, index in self._issues_with(site, key):
            for link in issues.links.of(index):
                other, target = issues.project_of(link.other).site, issues.key_of(link.other)
                if other not in (None, site):
                    # Two links to one issue have the same globalId, and so are one.
                    phrase = issues.link_types[link.type][link.is_outward]
                    key_now = self._key_at(str(other), target)
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

    # -- issues

    def _issues_with(self, site: str, key: str) -> Iterator[tuple[str, Issues, int]]:
        """Where an issue of a site came from: the place of the server, its data, and the index of the issue."""
        for place, issues in self._data_centers.items():
            index = issues.find(key)
            if index is not None and issues.project_of(index).site == site:
                yield place, issues, index

    def _key_at(self, site: str, first_key: str) -> str:
        return self._script.moved.get(site, {}).get(first_key, first_key)

    def _sites(self) -> list[str]:
        found = (project.site for issues in self._data_centers.values() for project in issues.projects.values())
        return list(dict.fromkeys(site for site in found if site))

    def _ids_at(self, site: str) -> dict[str, str]:
        if site not in self._by_id:
            keys = (
                f"{project.key}-{number}"
                for issues in self._data_centers.values()
                for project in issues.projects.values()
                if project.site == site
                for number in project.numbers
            )
            self._by_id[site] = {cloud_id_of(site, key): key for key in keys}
        return self._by_id[site]

    def _linked_at(self, site: str) -> set[str]:
        """Keys of the issues of a site that have, or had, a link to an issue of another one."""
        return {
            issues.key_of(index)
            for issues in self._data_centers.values()
            for index, other in both_ways(issues)
            if issues.project_of(index).site == site and issues.project_of(other).site not in (None, site)
        }.union(self._script.other_links.get(site, ()))

    def _hidden_at(self, site: str, asked: int | Collection[str]) -> frozenset[str]:
        if not isinstance(asked, int):
            return frozenset(asked)
        linked = sorted(self._linked_at(site), key=lambda key: number_of(site, key))
        if len(linked) < asked:
            raise ValueError(f"hidden: {site} has only {len(linked)} issues with links to other sites, not {asked}")
        return frozenset(linked[:asked])

    def _check_keys(self) -> None:
        """Refuse keys of issues that are not there."""
        script = self._script
        given: list[tuple[str, str, Collection[str]]] = [
            *(("moved", site, keys) for site, keys in script.moved.items()),
            *(("other_links", site, keys) for site, keys in script.other_links.items()),
            *(("hidden", site, keys) for site, keys in script.hidden.items() if not isinstance(keys, int)),
        ]
        for name, site, keys in given:
            for key in keys:
                if not any(self._issues_with(site, key)):
                    raise ValueError(f"{name}: {site} has no issue {key}")
        for site, keys in script.moved.items():
            for new in keys.values():
                if any(self._issues_with(site, new)):
                    raise ValueError(f"moved: {site} has an issue {new} already")


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
