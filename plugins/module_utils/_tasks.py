# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One function for each module, from its options to its result.

The module and the action plugin of the same name both call it. It knows nothing of Ansible but the shape of a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock, SystemClock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    ComeBackLater,
    InvalidOption,
    LinkUpdateError,
    NoAnswer,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._http import Connection, Session, repeat
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import Ledger, open_ledger, warning_about
from ansible_collections.jira_cloud.federation.plugins.module_utils._links_api import ENDED, LinksApi
from ansible_collections.jira_cloud.federation.plugins.module_utils._listing import entry_of, table_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Reporter, status_line
from ansible_collections.jira_cloud.federation.plugins.module_utils._reconcile import Job, Policy, Reconciler
from ansible_collections.jira_cloud.federation.plugins.module_utils._update import is_loopback, make_update, site_url
from ansible_collections.jira_cloud.federation.plugins.module_utils._waiting import Patience, Watched, verdict, wait_for

Options = Mapping[str, Any]
Result = dict[str, Any]
Task = Callable[[Options, bool, Reporter], Result]

#: Whom a rehearsal is made as: a stand-in never gets to see real credentials.
REHEARSAL_EMAIL = "rehearsal@example.com"
REHEARSAL_TOKEN = "rehearsal"  # noqa: S105


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


def link_update_job(options: Options, check: bool, reporter: Reporter, clock: Clock | None = None) -> Result:
    """Ensure that one update has a job, and wait for its end if asked to.

    :param options: as the argument spec of the module describes them, complete.
    :param check: schedule nothing, write nothing down, do not wait.
    """
    run = _JobRun(options, check, reporter, clock or SystemClock())
    result: Result = {}
    try:
        run.ensure()
        run.wait()
    except LinkUpdateError as exc:
        if run.label and run.label not in exc.message:
            exc.prefixed(f"{run.label}: ")
        result.update(_failed(exc))
    finally:
        run.ledgers.close()
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
        self.ledgers = ExitStack()
        self.changed = False
        self.job: Job | None = None

    def ensure(self) -> None:
        options = self._options
        update = make_update(**{name: options[name] for name in _UPDATE_OPTIONS})
        self.label = self.label or f"{urlsplit(update.product_url).netloc} -> {urlsplit(update.destination_url).netloc}"
        self._patience = _patience(options)
        self._api = _api(options, self.clock)
        self._ledger = self.ledgers.enter_context(_ledger(options, self.clock, copy=self._check))
        if not options["stand_in_url"] and (warning := warning_about(options["ledger"], os.environ)):
            self._reporter.warn(warning)
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
            lease=_lease(options),
            check=self._check,
        )
        try:
            reconciler.ensure(update, self.label)
        finally:
            self.job, self.changed = reconciler.job, reconciler.changed
        self._say_what_was_done()

    def wait(self) -> None:
        job = self.job
        if not self._options["wait"] or self._check or job is None or job.job_id is None or job.status in ENDED:
            return
        watched = Watched(
            str(job.update.site_id), job.job_id, self.label, age=job.age(self.clock.now()), status=job.status
        )
        failure = _wait([watched], self._api, self._ledger, self._patience, self.clock, self._reporter)
        ended = watched.status in ENDED
        self.job = replace(job, status=watched.status, completed_at=self.clock.now() if ended else None)
        if failure:
            raise failure

    def _look_up_site(self, product_url: str) -> str:
        return repeat(
            lambda: self._api.site_id(product_url),
            on=(ComeBackLater, NoAnswer),
            clock=self.clock,
            say=lambda text: self._reporter.line(f"{self.label}  {text}"),
        )

    def _say_what_was_done(self) -> None:
        job = self.job
        if job is None or (job.status in ENDED and not self.changed):
            return
        if job.job_id is None:
            what = "would be scheduled" if self.changed else "is being scheduled by another run"
            self._reporter.line(f"{self.label}  {what}")
            return
        attempt = f" as attempt {job.attempt}" if job.attempt > 1 else ""
        note = f"job {job.job_id}" + (", scheduled before" if job.attached else f" scheduled{attempt}")
        self._reporter.line(status_line(self.label, str(job.status), job.age(self.clock.now()), note))


def link_update_wait(options: Options, check: bool, reporter: Reporter, clock: Clock | None = None) -> Result:
    """Wait for jobs, whoever scheduled them.

    :param options: as the argument spec of the module describes them, complete.
    :param check: look at each job once instead of waiting.
    """
    clock = clock or SystemClock()
    jobs: list[Watched] = []
    result: Result = {"changed": False}
    try:
        patience = _patience(options)
        api = _api(options, clock)
        with _ledger(options, clock, copy=check) as ledger:
            jobs += [_watched(job, ledger, clock) for job in options["jobs"]]
            failure = _wait(jobs, api, ledger, replace(patience, timeout=0) if check else patience, clock, reporter)
        if failure and not (check and failure.code == "timeout"):
            raise failure
    except LinkUpdateError as exc:
        result.update(_failed(exc))
    result["jobs"] = [
        {"site_id": job.site_id, "job_id": job.job_id, "label": job.label, "status": job.status} for job in jobs
    ]
    return result


def link_update_ledger(options: Options, check: bool, reporter: Reporter, clock: Clock | None = None) -> Result:
    """Show what the ledger has recorded, after forgetting what it is told to forget.

    :param options: as the argument spec of the module describes them, complete.
    :param check: forget only in what is shown.
    """
    try:
        # To look is not to create.
        copy = check or not options["forget"]
        result: Result = {"changed": False}
        with open_ledger(options["ledger"], clock or SystemClock(), os.environ, copy=copy) as ledger:
            if options["forget"]:
                forgotten = ledger.forget(options["forget"])
                result["changed"] = True
                result["diff"] = {"before": dict(forgotten), "after": {}}
            entries = [entry_of(row, attempt) for row, attempt in ledger.attempts()]
    except LinkUpdateError as exc:
        return {"changed": False, **_failed(exc)}
    shown = [entry for entry in entries if options["wave"] in (None, entry["wave"])]
    table = table_of(shown)
    for line in table:
        reporter.line(line)
    return {**result, "entries": shown, "table": table}


def _watched(job: Mapping[str, str | None], ledger: Ledger, clock: Clock) -> Watched:
    """A job to wait for, with what the ledger knows of it."""
    site_id, job_id = str(job["site_id"]), str(job["job_id"])
    watched = Watched(site_id, job_id, job["label"] or job_id)
    known = ledger.attempt_of(site_id, job_id)
    if known and known.submitted_at:
        watched.age = (clock.now() - known.submitted_at).total_seconds()
        watched.status = known.status
    return watched


def _wait(
    jobs: list[Watched], api: LinksApi, ledger: Ledger, patience: Patience, clock: Clock, reporter: Reporter
) -> LinkUpdateError | None:
    """Wait, keeping the ledger up to date; what to fail with, if anything."""

    def look(job: Watched) -> str:
        status = api.status(job.site_id, job.job_id)
        if status != job.status:
            ledger.record_status(job.site_id, job.job_id, status)
        return status

    wait_for(jobs, look=look, patience=patience, clock=clock, reporter=reporter)
    return verdict(jobs, patience)


def _patience(options: Options) -> Patience:
    patience = Patience(timeout=options["wait_timeout"], poll_min=options["poll_min"], poll_max=options["poll_max"])
    if patience.timeout <= 0:
        raise InvalidOption(f"wait_timeout is {patience.timeout:g} seconds: it must be more than 0")
    if not 0 < patience.poll_min <= patience.poll_max:
        raise InvalidOption(
            f"poll_min is {patience.poll_min:g} and poll_max {patience.poll_max:g} seconds: "
            "poll_min must be more than 0 and at most poll_max"
        )
    return patience


def _api(options: Options, clock: Clock) -> LinksApi:
    api_url = site_url("api_url", options["api_url"])
    stand_in_url = options["stand_in_url"]
    if stand_in_url:
        stand_in_url = site_url("stand_in_url", stand_in_url)
        if not is_loopback(urlsplit(stand_in_url).hostname or ""):
            raise InvalidOption(f"stand_in_url {stand_in_url} is not on this machine: a rehearsal stays at home")
        email, api_token = REHEARSAL_EMAIL, REHEARSAL_TOKEN
    else:
        email, api_token = options["email"] or "", options["api_token"] or ""
        for name, value in (("email", email), ("api_token", api_token)):
            if not value.strip():
                raise InvalidOption(
                    f"{name} is not set: give it, or set the environment variable ATLASSIAN_{name.upper()}"
                )
    if options["request_timeout"] <= 0:
        raise InvalidOption(f"request_timeout is {options['request_timeout']:g} seconds: it must be more than 0")
    connection = Connection(
        email=email,
        api_token=api_token,
        verify=(options["ca_path"] or True) if options["validate_certs"] else False,
        timeout=options["request_timeout"],
        stand_in_url=stand_in_url or None,
    )
    return LinksApi(Session(connection, clock), api_url)


def _ledger(options: Options, clock: Clock, *, copy: bool) -> Ledger:
    if options["stand_in_url"] and not options["ledger"]:
        raise InvalidOption("stand_in_url is set without ledger: a rehearsal needs a ledger of its own")
    return open_ledger(options["ledger"], clock, os.environ, copy=copy)


def _lease(options: Options) -> timedelta:
    """What one request can last: looking up the name, connecting, sending, silence, a slow body; with a margin."""
    return timedelta(seconds=4 * options["request_timeout"] + 30)


def _failed(failure: LinkUpdateError) -> Result:
    return {"failed": True, "msg": failure.message, "failure": failure.as_result()}


def _diff(job: Job, label: str) -> Result:
    """The job that is there now and was not before, in the form of Ansible's diff mode."""
    after = {**job.update.as_dict(), "attempt": job.attempt}
    return {"before_header": label, "after_header": label, "before": {}, "after": after}
