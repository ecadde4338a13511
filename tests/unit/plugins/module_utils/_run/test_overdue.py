# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which jobs are PENDING far longer than the others, and what is said of them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import FrameType

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.attempt import Claim
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger, open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job, job_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.overdue import (
    OverdueJob,
    overdue_jobs,
    overdue_text,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock

HOUR = 3600.0


class Queues:
    """The jobs of some sites, and the ledger that has them."""

    def __init__(self, location: Path) -> None:
        self.clock = FakeClock()
        self.ledger: Ledger = open_ledger(str(location), self.clock, {})
        self.place = str(location)

    def claim(self, label: str) -> Claim:
        """Begin to schedule a job."""
        product, destination = label.split(" -> ")
        update = make_update(
            product_url=f"https://{product}.example.net",
            destination_url=f"https://{destination}.example.net",
            migrated_from="https://jira.example.com",
            site_id=f"site-{product}",
        )
        claim = self.ledger.claim(update, 1, timedelta(seconds=60))
        assert claim
        self.clock.sleep(1)
        return claim

    def record(self, claim: Claim, label: str) -> None:
        self.ledger.record_job(claim, label, "PENDING")
        self.clock.sleep(1)

    def schedule(self, *labels: str) -> None:
        """Schedule jobs, one after the other."""
        for label in labels:
            self.record(self.claim(label), label)

    def seen(self, label: str, status: str) -> None:
        self.ledger.record_status(f"site-{label.partition(' ')[0]}", label, status)

    def jobs(self) -> dict[str, Job]:
        return {str(each.job_id): job_of(each.update, each) for each in self.ledger.attempts()}

    def overdue(self, *ours: str) -> list[str]:
        """The jobs that are overdue: of these, or of all."""
        jobs = self.jobs()
        return list(overdue_jobs({label: jobs[label] for label in ours or jobs}, self.ledger, self.clock.now()))


@pytest.fixture
def queues(tmp_path: Path) -> Iterator[Queues]:
    queues = Queues(tmp_path / "ledger.sqlite3")
    with queues.ledger:
        yield queues


@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETE", "ERROR", "BACKUP"])
def test_a_job_is_overdue_when_a_later_one_of_its_site_has_started(queues: Queues, status: str) -> None:
    queues.schedule("us -> eu", "eu -> us", "eu -> ap")
    assert queues.overdue() == []
    queues.seen("eu -> ap", status)
    assert queues.overdue() == ["eu -> us"], "and no job of another site"


def test_of_all_jobs_of_its_site_that_have_started_the_one_that_was_scheduled_last_counts(queues: Queues) -> None:
    first, last = queues.claim("eu -> us"), queues.claim("eu -> ap")
    queues.record(last, "eu -> ap")
    queues.schedule("eu -> au")
    queues.record(first, "eu -> us")
    for label in ("eu -> us", "eu -> ap"):
        queues.seen(label, "IN_PROGRESS")
    assert queues.overdue() == ["eu -> au"], "what was claimed first may be scheduled last"


def test_a_request_without_an_answer_is_no_job_that_another_one_waits_behind(queues: Queues) -> None:
    queues.claim("eu -> ap")
    queues.schedule("eu -> us", "us -> eu")
    queues.seen("us -> eu", "IN_PROGRESS")
    queues.clock.sleep(HOUR)
    assert queues.overdue("eu -> us", "us -> eu") == ["eu -> us"]


def test_a_job_that_waits_behind_others_of_its_site_is_not_overdue_however_long_that_takes(queues: Queues) -> None:
    queues.schedule("us -> eu", "eu -> us", "eu -> ap", "eu -> au")
    for label in ("us -> eu", "eu -> us"):
        queues.seen(label, "IN_PROGRESS")
    queues.clock.sleep(24 * HOUR)
    assert queues.overdue() == []
    assert queues.overdue("us -> eu", "eu -> ap") == [], "also where the job before it is one of another run"


def test_a_job_with_nothing_before_it_is_overdue_after_ten_times_the_usual_time_to_start(queues: Queues) -> None:
    queues.schedule("eu -> au")
    queues.seen("eu -> au", "COMPLETE")
    queues.schedule("eu -> us", "eu -> ap", "us -> eu")
    queues.clock.sleep(57)
    queues.seen("us -> eu", "IN_PROGRESS")
    queues.schedule("us -> ap", "ap -> eu")
    queues.clock.sleep(500)
    ours = ("eu -> us", "eu -> ap", "us -> eu", "us -> ap", "ap -> eu")
    assert queues.overdue(*ours) == [], "the other one took 58 seconds to start, and this one has waited for 562"
    queues.clock.sleep(30)
    assert queues.overdue(*ours) == ["eu -> us"], "the next one at its site only waits behind it; the last ones are new"
    queues.seen("us -> eu", "COMPLETE")
    assert queues.overdue(*ours) == ["eu -> us"], "when it started counts, not when it ended"


def test_where_nothing_has_started_there_is_nothing_to_compare_with(queues: Queues) -> None:
    queues.schedule("eu -> us", "us -> eu")
    queues.clock.sleep(24 * HOUR)
    assert queues.overdue() == []


def test_each_job_of_a_site_is_looked_at_a_few_times_however_many_there_are(queues: Queues) -> None:
    labels = [f"eu -> d{number}" for number in range(80)]
    queues.schedule(*labels)
    queues.seen(labels[0], "IN_PROGRESS")
    jobs, now = queues.jobs(), queues.clock.now()
    looks = 0

    def count(frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal looks
        looks += frame.f_code.co_filename == overdue_jobs.__code__.co_filename

    sys.setprofile(count)
    try:
        overdue_jobs(jobs, queues.ledger, now)
    finally:
        sys.setprofile(None)
    assert len(jobs) < looks < 50 * len(jobs)


def test_a_job_that_has_started_or_ended_is_not_overdue(queues: Queues) -> None:
    queues.schedule("eu -> us", "eu -> ap", "eu -> au")
    for label, status in (("eu -> us", "IN_PROGRESS"), ("eu -> ap", "ERROR"), ("eu -> au", "COMPLETE")):
        queues.seen(label, status)
    assert queues.overdue() == []


def test_an_overdue_job_is_told_with_its_entry_and_the_commands_that_schedule_it_anew(queues: Queues) -> None:
    queues.schedule("eu -> us", "eu -> ap")
    queues.seen("eu -> ap", "COMPLETE")
    queues.clock.sleep(2 * HOUR)
    (job,) = overdue_jobs(queues.jobs(), queues.ledger, queues.clock.now()).values()
    (entry,) = (each.reference for each in queues.ledger.attempts() if each.job_id == "eu -> us")
    assert overdue_text([job]) == f"PENDING far longer than the others: eu -> us (2h00m, ledger entry {entry})"
    assert job.remedy == (
        "To schedule eu -> us again, forget its ledger entry: ansible-playbook jira_cloud.federation.ledger "
        f'-e ledger_forget={entry} -e \'{{"link_update_ledger": "{queues.place}"}}\', '
        'then run again with -e \'{"link_update_only": ["eu -> us"]}\''
    )


def test_a_ledger_that_is_found_without_is_not_named_in_the_command(tmp_path: Path) -> None:
    with open_ledger(None, FakeClock(), {"JIRA_FEDERATION_LEDGER": str(tmp_path / "ledger")}) as ledger:
        assert ledger.place is None
    told = OverdueJob("eu -> us", 1, "3f2a91c0.1", 10, ledger.place).remedy
    assert "jira_cloud.federation.ledger -e ledger_forget=3f2a91c0.1, then" in told


def test_where_an_earlier_attempt_counts_again_it_is_forced() -> None:
    told = OverdueJob("eu -> us", 2, "3f2a91c0.2", 10, None).remedy
    assert told.endswith('run again with -e \'{"link_update_only": ["eu -> us"], "link_update_force": true}\'')


def test_many_overdue_jobs_are_not_all_named() -> None:
    jobs = [OverdueJob(f"eu -> d{number}", 1, f"{number}.1", 3600, None) for number in range(40)]
    told = overdue_text(jobs)
    assert told.endswith("eu -> d2 (1h00m, ledger entry 2.1) and 37 more")
