# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is compared in the benchmark does the same work, each in its way, and what is said of it is true."""

from __future__ import annotations

import sys

import pytest
from federations import COLLECTION as CHECKOUT

sys.path.insert(0, str(CHECKOUT / "benchmarks"))
from measuring import COLLECTION, CURL, URI, federation

INSTANCES = 3
JOBS = INSTANCES * (INSTANCES - 1)


@pytest.mark.parametrize("contender", [COLLECTION, URI, CURL])
def test_each_contender_schedules_each_job_once_and_sees_it_complete(contender: str) -> None:
    with federation(INSTANCES) as there:
        cost = there.run(contender, look_every=0.1)
        assert cost.ok, (there.folder / "output").read_text()
        # The collection looks at the first answer of a service that it has never met.
        assert cost.links_requests == 2 * JOBS + (contender == COLLECTION)
        assert cost.requests - cost.links_requests == (4 if contender == COLLECTION else 1) * INSTANCES
        assert cost.refused == 0


def test_a_contender_that_does_not_come_to_the_end_has_failed() -> None:
    with federation(INSTANCES, rate_limit=[4, 3600]) as there:
        cost = there.run(CURL, look_every=0.1)
        assert not cost.ok
        assert cost.refused == 1
        assert len(there.jobs) == 4


def test_a_rerun_asks_nothing_of_the_links_api_and_a_look_all_of_it() -> None:
    with federation(INSTANCES) as there:
        assert there.run(COLLECTION, look_every=0.1).ok
        assert there.run(COLLECTION, look_every=0.1).links_requests == 0
        assert there.look().links_requests == JOBS
