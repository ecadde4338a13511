# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the links of an issue count as: expected at its site, outside the federation, or not covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from .._model.projects import split_key
from .._service.data_center import Issue, IssueLink
from .._store.progress import Page

#: How many remote links an issue of a cloud site can have. Documented by the vendor.
MOST_REMOTE_LINKS = 2000


class Sorter:
    """Sorts the issues of one source.

    :param sites: the site that each of its projects in the federation was migrated to, by the project's key.
    """

    def __init__(self, sites: Mapping[str, str]) -> None:
        self._sites = sites

    def page(self, project: str, issues: Sequence[Issue], last_read: tuple[str, ...], total: int | None) -> Page:
        """What some issues of a project add to a census.

        :param last_read: see L(Progress.last_read).
        :param total: how many issues the project has, where that is known.
        """
        here, outside, crowded = self._sites[project], Counter[str](), dict[str, int]()
        expectations: list[tuple[str, list[IssueLink]]] = []
        for issue in issues:
            if links := self._expected(issue, here, outside):
                expectations.append((issue.key, links))
                if (targets := len({each.other for each in links})) > MOST_REMOTE_LINKS:
                    crowded[issue.key] = targets
        epics, parents = (
            [getattr(each, name) for each in issues if getattr(each, name)] for name in ("epic", "parent")
        )
        return Page(
            expectations=expectations,
            outside=outside,
            crowded=crowded,
            issues=len(issues),
            epic_links=len(epics),
            epic_links_between=self._elsewhere(epics, here),
            sub_tasks=len(parents),
            sub_tasks_between=self._elsewhere(parents, here),
            last_read=last_read,
            total=total,
        )

    def expected(self, project: str, issue: Issue) -> list[IssueLink]:
        """The links of an issue of a project to issues of other instances."""
        return self._expected(issue, self._sites[project], Counter())

    def _expected(self, issue: Issue, here: str, outside: Counter[str]) -> list[IssueLink]:
        """The links of an issue to issues of other instances.

        :param outside: counts the links to projects that are not in the federation.
        """
        if not issue.links:
            return []
        # An issue that is linked with itself has the link twice.
        links = {(each.link_id, each.other): each for each in issue.links}
        expected = []
        for each in links.values():
            there = self._site_of(each.other)
            if there is None:
                outside[split_key(each.other)[0]] += 1
            elif there != here:
                expected.append(each)
        return expected

    def _elsewhere(self, keys: Sequence[str], here: str) -> int:
        """How many of these issues are at another site."""
        return sum(self._site_of(each) not in (None, here) for each in keys)

    def _site_of(self, key: str) -> str | None:
        """The site that an issue was migrated to; None where its project is not in the federation."""
        return self._sites.get(split_key(key)[0])
