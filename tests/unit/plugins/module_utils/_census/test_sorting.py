# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the links of an issue count as."""

from __future__ import annotations

from ansible_collections.jira_cloud.federation.plugins.module_utils._census.sorting import MOST_REMOTE_LINKS, Sorter
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center import Issue, IssueLink

SORTER = Sorter({"ABC": "eu", "XYZ": "eu", "DEF": "us"})


def link(link_id: int, other: str) -> IssueLink:
    return IssueLink(str(link_id), other, "Blocks", "blocks")


def test_only_links_between_sites_are_expected_and_those_that_leave_the_federation_are_counted_apart() -> None:
    issues = [
        Issue("ABC-1", (link(1, "DEF-1"), link(2, "DEF-1"), link(3, "XYZ-9"), link(4, "OLD-1"), link(5, "OLD-2"))),
        Issue("ABC-2", (link(6, "ABC-1"),), parent="ABC-1", epic="DEF-7"),
        Issue("ABC-3", (), parent="ABC-1", epic="XYZ-1"),
        Issue("ABC-4", (), epic="OLD-3"),
    ]
    page = SORTER.page("ABC", issues, ("ABC-4",), 40)
    assert page.expectations == [("ABC-1", [link(1, "DEF-1"), link(2, "DEF-1")])]
    assert page.outside == {"OLD": 2}
    assert (page.issues, page.total, page.last_read) == (4, 40, ("ABC-4",))
    assert (page.epic_links, page.epic_links_between, page.sub_tasks, page.sub_tasks_between) == (3, 1, 2, 0)


def test_an_issue_with_more_targets_than_a_site_takes_is_counted_apart_and_one_that_is_full_is_not() -> None:
    full = Issue("ABC-1", tuple(link(number, f"DEF-{number}") for number in range(1, MOST_REMOTE_LINKS + 1)))
    more = Issue("ABC-2", (*full.links, link(9999, "DEF-9999")))
    # Two links to one issue are one remote link.
    double = Issue("ABC-3", (*full.links, link(9999, "DEF-1")))
    assert SORTER.page("ABC", [full, more, double], (), None).crowded == {"ABC-2": MOST_REMOTE_LINKS + 1}


def test_two_links_with_one_id_are_both_counted_and_a_link_of_an_issue_with_itself_once() -> None:
    issues = [
        Issue("ABC-1", (link(1, "DEF-1"), link(1, "DEF-2"), link(2, "OLD-1"), link(2, "OLD-2"))),
        Issue("ABC-2", (link(3, "ABC-2"), link(3, "ABC-2"))),
    ]
    page = SORTER.page("ABC", issues, (), None)
    assert page.expectations == [("ABC-1", [link(1, "DEF-1"), link(1, "DEF-2")])]
    assert page.outside == {"OLD": 2}
