# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_wait) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from .._clock import Clock
from .._errors import Code, Failure, LinkUpdateError
from .._model.policy import PollPolicy
from .._progress import Reporter
from .._run.poll_schedule import WatchedJob
from .._run.toolbox import Toolbox
from .._run.wait import Poller, failure_of, wait_for
from .._service.links_api import LinksApi
from .._service.sessions import open_session
from .._status import JobStatus
from .._text import harmless
from .options import access_of, ledger_at
from .task import Options, Result, failed


def link_update_wait(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Wait for jobs, whoever scheduled them.

    :param options: as the argument spec of the module describes them, complete.
    :param check: poll each job once instead of waiting.
    """
    jobs: list[WatchedJob] = []
    result: Result = {"changed": False}
    try:
        access = access_of(options)
        session = open_session(access.connection, access.account, clock)
        api = LinksApi(session, access.api_url)
        with ledger_at(access.ledger, clock, copy=check) as ledger, session.sharing(ledger):
            tools = Toolbox(ledger, clock, reporter, access.connection.lease, check)
            jobs += [_watched(job, tools) for job in options["jobs"]]
            polling = replace(access.polling, timeout=0) if check else access.polling
            failure = wait_and_record(jobs, api, polling, tools)
        if failure and not (check and failure.code is Code.TIMEOUT):
            result.update(failed(failure))
    except LinkUpdateError as exc:
        result.update(failed(exc.failure))
    result["jobs"] = [
        {"site_id": job.site_id, "job_id": job.job_id, "label": job.label, "status": job.status} for job in jobs
    ]
    return result


def wait_and_record(jobs: list[WatchedJob], api: LinksApi, polling: PollPolicy, tools: Toolbox) -> Failure | None:
    """Wait, keeping the ledger up to date; what to fail with, if anything."""
    wait_for(jobs, _RecordingPoller(api, tools), polling, tools)
    return failure_of(jobs, polling)


class _RecordingPoller(Poller):
    """Writes each new status into the ledger."""

    def __init__(self, api: LinksApi, tools: Toolbox) -> None:
        self._api = api
        self._ledger = tools.ledger

    def poll(self, job: WatchedJob) -> JobStatus:
        status = self._api.status(job.site_id, job.job_id)
        if status.word != job.status:
            self._ledger.record_status(job.site_id, job.job_id, status.word)
        return status


def _watched(job: Mapping[str, str | None], tools: Toolbox) -> WatchedJob:
    """A job to wait for, with what the ledger knows of it."""
    site_id, job_id = str(job["site_id"]), str(job["job_id"])
    watched = WatchedJob(site_id, job_id, harmless(job["label"] or job_id))
    known = tools.ledger.attempt_of(site_id, job_id)
    if known and known.submitted_at:
        watched.age = (tools.clock.now() - known.submitted_at).total_seconds()
        watched.status = known.status
    return watched
