# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The results of a run and of a plan: each update, each instance, and all together."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.plan import plan_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import RunResult
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.run_result import planned_result, run_result
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.job import Job
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import InstanceState, UpdateState
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import specs_of

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
NAMES = ["eu", "us"]
LOCKED = Failure("the ledger is locked", Code.LEDGER)
LOCKED_SAYS = "us -> eu: the ledger is locked. Correct that, then run again"


def instances_of(*fates: dict[str, Any]) -> list[InstanceState]:
    """The instances eu and us, with one update each."""
    specs = specs_of(NAMES)
    return [
        InstanceState(spec, [UpdateState(spec.name, spec.desired[0], **fate)])
        for spec, fate in zip(specs, fates, strict=True)
    ]


def job(status: str | None, *, attempt: int = 1) -> dict[str, Any]:
    """A job of the update eu -> us."""
    update = specs_of(NAMES)[0].desired[0].update
    submitted_at = NOW - timedelta(minutes=2) if status else None
    return {"job": Job(update, attempt, job_id=status and "7", status=status, submitted_at=submitted_at)}


def result_of(instances: list[InstanceState], failure: Failure | None = None) -> RunResult:
    return run_result(instances, failure, scheduled=True, waited=False, left_out=["ap"], now=NOW)


def planned(instances: list[InstanceState]) -> RunResult:
    return planned_result(instances, plan_of(instances, NAMES, NOW), NOW)


def test_an_update_is_told_with_its_job_and_one_without_with_its_failure() -> None:
    refused = Failure("the token is wrong", Code.UNAUTHORIZED, "create another one", about="us -> eu")
    eu, us = result_of(instances_of({**job("IN_PROGRESS"), "changed": True}, {"failure": refused}))["updates"]
    assert eu["job"] is not None
    assert (eu["instance"], eu["destination"], eu["label"]) == ("eu", "us", "eu -> us")
    assert (eu["state"], eu["changed"], eu["failure"], eu["held"]) == ("open", True, None, None)
    assert (eu["job"]["job_id"], eu["job"]["status"], eu["job"]["elapsed"]) == ("7", "IN_PROGRESS", 120.0)
    assert eu["wanted"]["site_id"] == "site-eu"
    assert (us["state"], us["changed"], us["job"], us["failure"]) == ("failed", False, None, refused.as_result())
    assert us["wanted"]["destination_url"] == "https://eu.example.net"


def test_each_instance_has_a_verdict_of_its_own_and_only_that_of_all_names_who_was_left_out() -> None:
    result = result_of(instances_of({**job("COMPLETE"), "changed": True}, {"failure": LOCKED}))
    eu, us = (result["instances"][name] for name in NAMES)
    assert (eu["ok"], eu["changed"], eu["site_id"], eu["reasons"]) == (True, True, "site-eu", [])
    assert (us["ok"], us["changed"], us["site_id"], us["reasons"]) == (False, False, "site-us", [LOCKED_SAYS])
    assert (eu["left_out"], us["left_out"], result["verdict"]["left_out"]) == ([], [], ["ap"])
    assert (result["verdict"]["ok"], result["changed"]) == (False, True)


@pytest.mark.parametrize(("status", "ok"), [("COMPLETE", True), ("IN_PROGRESS", False)])
def test_what_is_not_complete_is_not_well_where_the_run_ended_before_its_time(status: str, ok: bool) -> None:
    instances = instances_of(job(status), job("COMPLETE"))
    assert result_of(instances)["verdict"]["ok"], "the run was not to wait"
    result = result_of(instances, LOCKED)
    assert [result["instances"][name]["ok"] for name in NAMES] == [ok, True]
    assert result["verdict"]["ok"] is ok


def test_a_plan_has_the_jobs_that_would_be_scheduled_as_differences() -> None:
    result = planned(instances_of({**job(None, attempt=2), "changed": True}, job("COMPLETE")))
    eu, us = (result["instances"][name] for name in NAMES)
    assert (eu["ok"], eu["changed"], eu["message"]) == (True, True, "1 of 1 jobs would be scheduled")
    assert (us["ok"], us["changed"], us["message"]) == (True, False, "0 of 1 jobs would be scheduled")
    (diff,) = result["diff"]
    assert (eu["diff"], us["diff"]) == ([diff], [])
    assert (diff["before_header"], diff["after_header"], diff["before"]) == ("eu -> us", "eu -> us", {})
    assert (diff["after"]["attempt"], diff["after"]["destination_url"]) == (2, "https://us.example.net")
    assert (result["changed"], result["plan"]["scheduled"], len(result["updates"])) == (True, 1, 2)


def test_a_plan_in_which_an_update_is_refused_is_not_well_for_its_instance() -> None:
    result = planned(instances_of(job("COMPLETE"), {"failure": LOCKED}))
    assert [result["instances"][name]["ok"] for name in NAMES] == [True, False]
    us = result["instances"]["us"]
    assert (us["message"], us["reasons"]) == (f"0 of 1 jobs would be scheduled. {LOCKED_SAYS}", [LOCKED_SAYS])
    assert not result["changed"]


def test_a_difference_has_the_backup_that_its_job_would_order() -> None:
    (would_be,) = job(None).values()
    ordering = replace(would_be, update=replace(would_be.update, create_backup=True))
    (diff,) = planned(instances_of({"job": ordering, "changed": True}, job("COMPLETE")))["diff"]
    assert diff["after"]["create_backup"] is True


@pytest.mark.parametrize(("passed", "elapsed"), [(1.2344, 1.234), (1.2346, 1.235), (90.0, 90.0)])
def test_the_time_that_a_job_took_is_told_to_the_millisecond(passed: float, elapsed: float) -> None:
    update = specs_of(NAMES)[0].desired[0].update
    running = Job(update, 1, job_id="7", status="IN_PROGRESS", submitted_at=NOW - timedelta(seconds=passed))
    assert running.as_result(NOW)["elapsed"] == elapsed
    assert Job(update, 1).as_result(NOW)["elapsed"] == 0.0
