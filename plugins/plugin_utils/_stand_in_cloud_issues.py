# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The issues at the stand-in's cloud sites: those that were migrated there, under the keys that they have now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from ._stand_in_fates import number_of
from ._stand_in_issues import Issues, Project
from ._stand_in_link_form import cloud_id_of
from ._stand_in_script import Script


@dataclass(frozen=True)
class CloudIssue:
    """An issue at a site."""

    site: str
    #: The key that it had when it was migrated.
    first_key: str
    #: The one that it has now.
    key: str
    issue_id: str


class CloudIssues:
    """What issues each site has, and which of them the account sees.

    :param data_centers: the data that the sites were migrated from, by where the server is.
    :raises ValueError: the script names issues that are not there.
    """

    def __init__(self, script: Script, data_centers: Mapping[str, Issues]) -> None:
        self._script = script
        self._data_centers = data_centers
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
        return sorted({project.key for _issues, project in self._projects_at(site)})

    def find(self, site: str, asked: str) -> CloudIssue | None:
        """An issue that the account sees at a site, by its key, a former one, or its id."""
        if asked.isdigit():
            first_key = self._ids_at(site).get(asked, "")
        else:
            first_key = self._old_keys.get(site, {}).get(asked.upper(), asked.upper())
        if first_key in self._hidden.get(site, ()) or not any(self.with_key(site, first_key)):
            return None
        return CloudIssue(site, first_key, self.key_at(site, first_key), cloud_id_of(site, first_key))

    def ids_at(self, site: str) -> Iterator[tuple[str, str, str]]:
        """What was migrated to a site: its kind, its key, and its id there."""
        for issue_id, key in self._ids_at(site).items():
            yield "issue", key, issue_id

    def with_key(self, site: str, key: str) -> Iterator[tuple[str, Issues, int]]:
        """Where an issue of a site came from: the place of the server, its data, and the index of the issue."""
        for place, issues in self._data_centers.items():
            index = issues.find(key)
            if index is not None and issues.project_of(index).site == site:
                yield place, issues, index

    def _projects_at(self, site: str) -> Iterator[tuple[Issues, Project]]:
        for issues in self._data_centers.values():
            yield from ((issues, each) for each in issues.projects.values() if each.site == site)

    def key_at(self, site: str, first_key: str) -> str:
        """The key that an issue has now."""
        return self._script.moved.get(site, {}).get(first_key, first_key)

    def sites(self) -> list[str]:
        """The names of those that something was migrated to."""
        found = (project.site for issues in self._data_centers.values() for project in issues.projects.values())
        return list(dict.fromkeys(site for site in found if site))

    def _ids_at(self, site: str) -> dict[str, str]:
        if site not in self._by_id:
            keys = (key for _issues, project in self._projects_at(site) for key, _index in _issues_in(project))
            self._by_id[site] = {cloud_id_of(site, key): key for key in keys}
        return self._by_id[site]

    def linked_at(self, site: str) -> set[str]:
        """Keys of the issues of a site that have, or had, a link to an issue of another one."""
        linked = {
            key
            for issues, project in self._projects_at(site)
            for key, index in _issues_in(project)
            if any(issues.project_of(link.other).site not in (None, site) for link in issues.links.of(index))
        }
        return linked.union(self._script.other_links.get(site, ()))

    def _hidden_at(self, site: str, asked: int | Collection[str]) -> frozenset[str]:
        if not isinstance(asked, int):
            return frozenset(asked)
        linked = sorted(self.linked_at(site), key=lambda key: number_of(site, key))
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
                if not any(self.with_key(site, key)):
                    raise ValueError(f"{name}: {site} has no issue {key}")
        for site, keys in script.moved.items():
            for new in keys.values():
                if any(self.with_key(site, new)):
                    raise ValueError(f"moved: {site} has an issue {new} already")


def _issues_in(project: Project) -> Iterator[tuple[str, int]]:
    """Key and index of each issue."""
    for index, number in enumerate(project.numbers, project.first):
        yield f"{project.key}-{number}", index
