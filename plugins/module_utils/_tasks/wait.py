# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_wait) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .._clock import Clock
from .._errors import LinkUpdateError
from .._ledger.ledger import Ledger
from .._progress import Reporter
from .._run.poll_schedule import PollPolicy, WatchedJob
from .._run.wait import verdict, wait_for
from .._service.http import Session
from .._service.links_api import LinksApi
from .._urls import site_url
from .options import (
    Options,
    Result,
    connection_of,
    failed,
    ledger_of,
    poll_policy_of,
)


def link_update_wait(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Wait for jobs, whoever scheduled them.

    :param options: as the argument spec of the module describes them, complete.
    :param check: look at each job once instead of waiting.
    """
    jobs: list[WatchedJob] = []
    result: Result = {"changed": False}
    try:
        patience = poll_policy_of(options)
        session = Session(connection_of(options), clock)
        api = LinksApi(session, site_url("api_url", options["api_url"]))
        with ledger_of(options, clock, copy=check) as ledger, session.sharing(ledger):
            jobs += [_watched(job, ledger, clock) for job in options["jobs"]]
            once = replace(patience, timeout=0)
            failure = wait_and_record(jobs, api, ledger, once if check else patience, clock, reporter)
        if failure and not (check and failure.code == "timeout"):
            raise failure
    except LinkUpdateError as exc:
        result.update(failed(exc))
    result["jobs"] = [
        {"site_id": job.site_id, "job_id": job.job_id, "label": job.label, "status": job.status} for job in jobs
    ]
    return result


def wait_and_record(
    jobs: list[WatchedJob], api: LinksApi, ledger: Ledger, patience: PollPolicy, clock: Clock, reporter: Reporter
) -> LinkUpdateError | None:
    """Wait, keeping the ledger up to date; what to fail with, if anything."""

    def look(job: WatchedJob) -> str:
        status = api.status(job.site_id, job.job_id)
        if status != job.status:
            ledger.record_status(job.site_id, job.job_id, status)
        return status

    wait_for(jobs, look=look, delay=lambda job: api.delay(), patience=patience, clock=clock, reporter=reporter)
    return verdict(jobs, patience)


def _watched(job: Mapping[str, str | None], ledger: Ledger, clock: Clock) -> WatchedJob:
    """A job to wait for, with what the ledger knows of it."""
    site_id, job_id = str(job["site_id"]), str(job["job_id"])
    watched = WatchedJob(site_id, job_id, job["label"] or job_id)
    known = ledger.attempt_of(site_id, job_id)
    if known and known.submitted_at:
        watched.age = (clock.now() - known.submitted_at).total_seconds()
        watched.status = known.status
    return watched
