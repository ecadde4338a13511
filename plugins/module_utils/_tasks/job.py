# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_job) does, from its options to its result."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from urllib.parse import urlsplit

from .._clock import Clock
from .._errors import (
    LinkUpdateError,
)
from .._model.policy import Policy
from .._model.update import make_update
from .._progress import Reporter
from .._run.poll_schedule import WatchedJob
from .._run.reconcile import Job, Reconciler, announce
from .._service.http import Session
from .._service.links_api import LinksApi
from .._service.retry import retry
from .._service.site_api import SiteApi
from .._status import ENDED
from .._urls import site_url
from .options import (
    Options,
    Result,
    connection_of,
    failed,
    lease_of,
    ledger_of,
    poll_policy_of,
    warn_of_ledger,
)
from .wait import wait_and_record

_UPDATE_OPTIONS = (
    "product",
    "product_url",
    "destination_url",
    "migrated_from",
    "migrated_from_override",
    "recreate_as_remote",
    "create_backup",
    "wave",
    "site_id",
    "migrated_at",
)


def link_update_job(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Ensure that one update has a job, and wait for its end if asked to.

    :param options: as the argument spec of the module describes them, complete.
    :param check: schedule nothing, write nothing down, do not wait.
    """
    run = _JobRun(options, check, reporter, clock)
    result: Result = {}
    try:
        run.ensure()
        run.wait()
    except LinkUpdateError as exc:
        if run.label and run.label not in exc.message:
            exc.prefixed(f"{run.label}: ")
        result.update(failed(exc))
    finally:
        run.resources.close()
    result["changed"] = run.changed
    result["label"] = run.label
    if run.job:
        result["job"] = run.job.as_result(run.clock.now())
        if run.changed:
            result["diff"] = _diff(run.job, run.label)
    return result


class _JobRun:
    """One call of C(link_update_job), and what is known of it so far."""

    def __init__(self, options: Options, check: bool, reporter: Reporter, clock: Clock) -> None:
        self._options = options
        self._check = check
        self._reporter = reporter
        self.clock = clock
        self.label = str(options["label"] or "")
        self.resources = ExitStack()
        self.changed = False
        self.job: Job | None = None

    def ensure(self) -> None:
        options = self._options
        update = make_update(**{name: options[name] for name in _UPDATE_OPTIONS})
        self.label = self.label or f"{urlsplit(update.product_url).netloc} -> {urlsplit(update.destination_url).netloc}"
        self._patience = poll_policy_of(options)
        self._session = Session(connection_of(options), self.clock)
        self._api = LinksApi(self._session, site_url("api_url", options["api_url"]))
        self._ledger = self.resources.enter_context(ledger_of(options, self.clock, copy=self._check))
        self.resources.enter_context(self._session.sharing(self._ledger))
        warn_of_ledger(options, self._reporter)
        if update.site_id is None:
            update = update.at(self._look_up_site(update.product_url))
        reconciler = Reconciler(
            ledger=self._ledger,
            api=self._api,
            clock=self.clock,
            reporter=self._reporter,
            policy=Policy(
                force=options["force"],
                resubmit_failed=options["resubmit_failed"],
                resubmit_unknown=options["unknown_submission"] == "resubmit",
            ),
            lease=lease_of(options),
            check=self._check,
        )
        try:
            reconciler.ensure(update, self.label)
        finally:
            self.job, self.changed = reconciler.job, reconciler.changed
        announce(self.job, self.label, self.changed, self.clock, self._reporter)

    def wait(self) -> None:
        job = self.job
        if not self._options["wait"] or self._check or job is None or job.job_id is None or job.status in ENDED:
            return
        watched = WatchedJob(
            str(job.update.site_id), job.job_id, self.label, age=job.age(self.clock.now()), status=job.status
        )
        failure = wait_and_record([watched], self._api, self._ledger, self._patience, self.clock, self._reporter)
        ended = watched.status in ENDED
        self.job = replace(job, status=watched.status, completed_at=self.clock.now() if ended else None)
        if failure:
            raise failure

    def _look_up_site(self, product_url: str) -> str:
        return retry(
            SiteApi(self._session, product_url).site_id,
            clock=self.clock,
            say=lambda text: self._reporter.line(f"{self.label}  {text}"),
        )


def _diff(job: Job, label: str) -> Result:
    """The job that is there now and was not before, in the form of Ansible's diff mode."""
    after = {**job.update.as_dict(), "attempt": job.attempt}
    return {"before_header": label, "after_header": label, "before": {}, "after": after}
