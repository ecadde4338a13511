# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A small census that the tests of the store share: three instances with a project each, and one with two."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center import IssueLink
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.counting import Counting
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.opening import open_store
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.progress import Page, Progress
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.scope import Project, Scope
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.store import CensusStore
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

LEASE = timedelta(minutes=5)
SERVER = "https://jira.example.com"
EU, US, AP = (f"https://{name}.example.net" for name in ("eu", "us", "ap"))
#: A and B were migrated to eu, C to us, D to ap.
SITES = {"A": EU, "B": EU, "C": US, "D": AP}
SCOPE = Scope({SERVER: SERVER}, tuple(Project(SERVER, key, site) for key, site in SITES.items()))


def place_of(location: str) -> Path | str:
    return location if "://" in location else Path(location)


def store_at(location: str, clock: Clock | None = None) -> CensusStore:
    return open_store(place_of(location), clock or FakeClock())


def link(number: int, target: str, phrase: str = "blocks", name: str = "Blocks") -> IssueLink:
    return IssueLink(str(number), target, name, phrase)


def project(counting: Counting, key: str) -> Progress:
    return next(each for each in counting.projects if each.project.key == key)


def page(*expectations: tuple[str, list[IssueLink]], issues: int = 10) -> Page:
    """A page of ten issues, some of which have links."""
    last_read = (expectations[-1][0],) if expectations else ()
    return Page(expectations, issues=issues, last_read=last_read, total=20)


#: Links 8 and 16 are between the same issues; 3 goes to a third instance.
PAGES = {
    "A": page(
        ("A-1", [link(8, "C-7"), link(16, "C-7", "relates to", "Relates")]),
        ("A-2", [link(3, "D-1", "is blocked by")]),
    ),
    "B": page(),
    "C": page(("C-7", [link(16, "A-1", "relates to", "Relates"), link(8, "A-1", "is blocked by")])),
    "D": page(("D-1", [link(3, "A-2")])),
}


def read(counting: Counting, pages: Mapping[str, Page]) -> None:
    """Read whole projects."""
    for key, all_of_it in pages.items():
        counting.add(project(counting, key), all_of_it)
        counting.end_project(project(counting, key))


def counted(store: CensusStore, *, complete: bool = True) -> int:
    """Count all of the links above. The generation."""
    with store.begin(SCOPE, LEASE) as counting:
        read(counting, PAGES)
        counting.end(complete)
    return counting.generation
