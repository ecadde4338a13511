# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recording a job that was scheduled without the ledger, or whose id could not be written."""

from __future__ import annotations

import json
import shlex
from dataclasses import replace
from datetime import timedelta

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.corrections import adopt
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.unrecorded import Unrecorded
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import make_update
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._ledger.ledgers import (
    LEASE,
    claimed,
    ledger_at,
    update,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock


def jobs_of(ledger: Ledger) -> list[tuple[int, str | None, str | None]]:
    return [(each.number, each.job_id, each.status) for each in ledger.attempts()]


def test_a_job_of_an_update_that_is_not_known_is_its_first_attempt(location: str) -> None:
    clock = FakeClock()
    ledger = ledger_at(location, clock)
    given = replace(update(), create_backup=True, migrated_from_override="https://old.example.com", wave="7")
    recorded = adopt(ledger, given, "by-hand")
    assert recorded == ledger.latest(given)
    assert recorded
    assert recorded.update.as_dict() == given.as_dict()
    assert (recorded.number, recorded.job_id, recorded.status) == (1, "by-hand", "PENDING")
    assert not recorded.in_flight
    assert recorded.submitted_at == recorded.claimed_at
    assert [each.job_id for each in ledger.backups(given)] == ["by-hand"]


def test_a_job_is_recorded_once(location: str) -> None:
    ledger = ledger_at(location)
    assert adopt(ledger, update(), "by-hand")
    ledger.record_status("site-eu", "by-hand", "COMPLETE")
    assert adopt(ledger, update(), "by-hand") is None
    assert jobs_of(ledger) == [(1, "by-hand", "COMPLETE")]


def test_the_claim_whose_answer_was_never_recorded_gets_the_id_and_keeps_the_time_of_its_request(
    location: str,
) -> None:
    clock = FakeClock()
    ledger = ledger_at(location, clock)
    ledger.abandon(claimed(ledger))
    claimed_at = ledger.attempts()[0].claimed_at
    clock.sleep(3600)
    recorded = adopt(ledger, update(), "job-1")
    assert recorded
    assert jobs_of(ledger) == [(1, "job-1", "PENDING")]
    assert recorded.submitted_at == claimed_at


def test_the_id_belongs_to_the_claim_without_one_also_when_a_later_attempt_has_its_job(location: str) -> None:
    ledger = ledger_at(location)
    ledger.abandon(claimed(ledger, number=1))
    ledger.record_job(claimed(ledger, number=2), "job-2", "PENDING")
    assert adopt(ledger, update(), "job-1")
    assert [job_id for _number, job_id, _status in jobs_of(ledger)] == ["job-1", "job-2"]


@pytest.mark.parametrize("status", ["ERROR", "CANCELLED"])
def test_after_a_job_that_ended_without_success_one_by_hand_is_the_next_attempt(location: str, status: str) -> None:
    ledger = ledger_at(location)
    ledger.record_job(claimed(ledger), "job-1", "PENDING")
    ledger.record_status("site-eu", "job-1", status)
    assert adopt(ledger, update(), "by-hand")
    assert jobs_of(ledger) == [(1, "job-1", status), (2, "by-hand", "PENDING")]


@pytest.mark.parametrize("status", ["PENDING", "COMPLETE", "SOMETHING_NEW"])
def test_an_update_that_has_its_job_gets_no_other(location: str, status: str) -> None:
    ledger = ledger_at(location)
    ledger.record_job(claimed(ledger), "job-1", "QUEUED")
    ledger.record_status("site-eu", "job-1", status)
    with pytest.raises(InvalidOption, match=r"nothing was recorded: the ledger has job job-1 for this update"):
        adopt(ledger, update(), "by-hand")
    assert jobs_of(ledger) == [(1, "job-1", status)]


def test_while_a_run_is_sending_the_request_nothing_is_recorded(location: str) -> None:
    ledger = ledger_at(location)
    claimed(ledger)
    with pytest.raises(InvalidOption, match="nothing was recorded: a run is sending the request"):
        adopt(ledger, update(), "by-hand")
    assert ledger.attempts()[0].job_id is None


def test_the_job_of_another_update_is_not_recorded_twice(location: str) -> None:
    ledger = ledger_at(location)
    assert adopt(ledger, update(), "by-hand")
    with pytest.raises(InvalidOption, match=r"nothing was recorded: the ledger has job by-hand for another update"):
        adopt(ledger, update("ap"), "by-hand")
    assert len(ledger.attempts()) == 1
    assert adopt(ledger, replace(update("ap"), site_id="site-2"), "by-hand"), "of another site it is another job"


def test_the_command_that_is_shown_records_exactly_the_job(location: str) -> None:
    ledger = ledger_at(location)
    given = make_update(
        **{
            **update(wave='it\'s "two"').as_dict(),
            "product": "confluence",
            "product_url": "https://eu.example.net/wiki",
            "recreate_as_remote": False,
        }  # type: ignore[arg-type]
    )
    claim = ledger.claim(given, 1, LEASE)
    assert claim
    ledger.abandon(claim)
    shown = Unrecorded(claim, "job-1", "PENDING", "2026-03-01T12:00:00Z", location)
    variables = json.loads(shlex.split(shown.command)[-1])
    record = variables["ledger_record"]
    job_id = record.pop("job_id")
    with ledger_at(variables["link_update_ledger"]) as again:
        assert adopt(again, make_update(**record), job_id)
        assert jobs_of(again) == [(1, "job-1", "PENDING")]


def test_a_command_has_no_password_in_it(postgresql: str) -> None:
    ledger = ledger_at(postgresql.replace("tests@", "tests:hunter2@"), FakeClock())
    claim = claimed(ledger)
    shown = Unrecorded(claim, "job-1", "PENDING", "2026-03-01T12:00:00Z", ledger._store.place)
    assert "hunter2" not in shown.command
    assert "link_update_ledger" not in shown.command


def test_an_id_that_was_recorded_by_hand_meanwhile_is_no_failure_of_the_run(location: str) -> None:
    ledger = ledger_at(location)
    claim = ledger.claim(update(), 1, timedelta(0))
    assert claim
    assert adopt(ledger_at(location), update(), "job-1")
    ledger.record_job(claim, "job-1", "PENDING")
    assert jobs_of(ledger) == [(1, "job-1", "PENDING")]
