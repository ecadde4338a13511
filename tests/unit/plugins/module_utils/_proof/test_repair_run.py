# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many issues of a site a repair is at work with: each may send a link after somebody has stopped the repair."""

from __future__ import annotations

import threading
from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.repair_run import RepairRun
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.repair_sites import RepairSites, Site
from ansible_collections.jira_cloud.federation.plugins.module_utils._threads import Threads
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

AT_ONCE = 3


@dataclass(frozen=True)
class Link:
    product_url: str
    issue: str


class Sites:
    def site(self, product_url: str) -> Site:
        return Site(product_url, product_url)


def test_no_more_issues_of_a_site_are_at_work_than_there_are_connections() -> None:
    at_work: Counter[str] = Counter()
    most: Counter[str] = Counter()
    done: list[Link] = []
    lock = threading.Lock()
    # Each waits until as many are at work as may be.
    full = {site: threading.Barrier(AT_ONCE, timeout=10) for site in ("eu", "us")}

    def act(_site: Site, link: Link) -> None:
        with lock:
            at_work[link.product_url] += 1
            most[link.product_url] = max(most[link.product_url], at_work[link.product_url])
        full[link.product_url].wait()
        with lock:
            at_work[link.product_url] -= 1
            done.append(link)

    links = [Link(site, f"ABC-{number}") for site in full for number in range(10 * AT_ONCE)]
    threads = Threads(FakeClock(), 2 * AT_ONCE)
    nothing = cast(Any, None)
    RepairRun(cast(RepairSites, Sites()), threads, AT_ONCE, act, nothing, nothing).run(links)
    assert most == dict.fromkeys(full, AT_ONCE)
    assert sorted(done, key=str) == sorted(links, key=str)
