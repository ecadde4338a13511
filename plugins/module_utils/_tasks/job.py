# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_job) does, from its options to its result."""

from __future__ import annotations

from dataclasses import replace

from .._clock import Clock
from .._errors import LinkUpdateError
from .._progress import Level, Reporter
from .._run.job import Job, job_line
from .._run.poll_schedule import WatchedJob
from .._run.reconcile import Outcome, Reconciler
from .._run.toolbox import Toolbox
from .._service.http import Session
from .._service.links_api import LinksApi
from .._service.retry import retry
from .._service.sessions import open_session
from .._service.site_api import SiteApi
from .._status import ENDED, JobStatus
from .._text import harmless
from .options import JobSettings, job_settings, ledger_at, warn_of_ledger
from .task import Options, Result, failed
from .wait import wait_and_record


def link_update_job(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Ensure that one update has a job, and wait for its end if asked to.

    :param options: as the argument spec of the module describes them, complete.
    :param check: schedule nothing, write nothing down, do not wait.
    """
    label, outcome = harmless(options["label"] or ""), Outcome()
    try:
        settings = job_settings(options, clock.now())
        label, access = settings.label, settings.access
        for hint in settings.hints:
            reporter.warn(f"{label}: {hint}")
        session = open_session(access.connection, access.account, clock)
        with ledger_at(access.ledger, clock, copy=check) as ledger, session.sharing(ledger):
            warn_of_ledger(access.ledger, access.connection, reporter)
            tools = Toolbox(ledger, clock, reporter, access.connection.lease, check, wait_limit=access.polling.timeout)
            outcome = _ensure(settings, session, tools)
            if settings.wait and not check:
                outcome = _wait(outcome, settings, session, tools)
    except LinkUpdateError as exc:
        outcome = replace(outcome, failure=replace(exc.failure, about=exc.failure.about or label))
    return _result(outcome, label, clock)


def _ensure(settings: JobSettings, session: Session, tools: Toolbox) -> Outcome:
    """Ensure that the update has a job."""
    label, update, api = settings.label, settings.update, LinksApi(session, settings.access.api_url)
    if update.site_id is None:
        site = SiteApi(session, update.product_url)

        def say(text: str) -> None:
            tools.reporter.line(f"{label}  {text}")

        update = update.at(retry(site.site_id, clock=tools.clock, say=say))
    outcome = Reconciler(tools, api, settings.policy, update, label).ensure()
    if outcome.interrupt:
        raise outcome.interrupt
    job, changed = outcome.job, outcome.changed
    if job and not outcome.failure and (changed or job.status not in ENDED):
        tools.reporter.line(job_line(job, label, changed=changed), Level.CHANGED if changed else Level.INFO)
    return outcome


def _wait(outcome: Outcome, settings: JobSettings, session: Session, tools: Toolbox) -> Outcome:
    """Wait for the end of the update's job, if there is one that has not ended."""
    job = outcome.job
    if outcome.failure or job is None or job.job_id is None or job.status in ENDED:
        return outcome
    age = job.age(tools.clock.now())
    watched = WatchedJob(str(job.update.site_id), job.job_id, settings.label, age=age, status=job.status)
    api = LinksApi(session, settings.access.api_url)
    failure = wait_and_record([watched], api, settings.access.polling, tools)
    if watched.status:
        job = job.with_status(JobStatus(watched.status, watched.said), tools.clock.now())
    return replace(outcome, job=job, failure=failure)


def _result(outcome: Outcome, label: str, clock: Clock) -> Result:
    result: Result = {"changed": outcome.changed, "label": label}
    if outcome.failure:
        result.update(failed(outcome.failure))
    if outcome.job:
        result["job"] = outcome.job.as_result(clock.now())
        if outcome.changed:
            result["diff"] = _diff(outcome.job, label)
    return result


def _diff(job: Job, label: str) -> Result:
    """The job that is there now and was not before, in the form of Ansible's diff mode."""
    after = {**job.update.as_dict(), "attempt": job.attempt}
    return {"before_header": label, "after_header": label, "before": {}, "after": after}
