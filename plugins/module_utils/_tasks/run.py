# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_run) does, from its options to its result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from .._clock import Clock
from .._errors import Code, Failure, LinkUpdateError
from .._model.desired import InstanceSpec
from .._model.settings import Settings
from .._naming import Naming
from .._progress import Level, OneAtATime, Reporter, SilentReporter
from .._report.files import check_folder
from .._report.plan import plan_of
from .._report.results import Plan
from .._report.run_result import planned_result, run_result
from .._run.run import Run
from .._run.state import InstanceState
from .._run.toolbox import Answers, Toolbox
from .._service.http import Session
from .._service.links_api import LinksApi
from .._service.retry import retry
from .._service.sessions import Sessions
from .._service.site_api import SiteApi
from .counted import counted_links
from .notify import Notifier, notifier_of
from .options import ledger_at, run_settings, warn_of_ledger
from .preflight import preflight_stage
from .report import report_stage
from .task import Options, Result, failed


def link_update_run(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Make the updates of a number of instances, stage by stage. A stage that fails ends the run.

    :param options: as the argument spec of the module describes them, complete.
    :param check: schedule nothing, write nothing down, do not wait; show the plan.
    """
    reporter = OneAtATime(reporter)
    try:
        notifier = notifier_of(options, check, reporter)
    except LinkUpdateError as exc:
        return {"changed": False, **failed(exc.failure)}
    result = _link_update_run(options, check, notifier, reporter, clock)
    # Whoever has stopped the run knows that it has ended.
    clock.checkpoint()
    # A person may be asked next, and the run be made then.
    if (result.get("failure") or {}).get("code") != Code.APP_LINKS:
        notifier.ended(result)
    return result


def _link_update_run(options: Options, check: bool, notifier: Notifier, reporter: Reporter, clock: Clock) -> Result:
    result: Result = {"changed": False}
    try:
        settings = run_settings(options, clock.now(), lambda each: counted_links(options, each, reporter, clock))
        sessions = Sessions(settings.connection, clock, settings.connections)
        if settings.stages & {"preflight", "plan"}:
            for hint in settings.hints:
                reporter.warn(hint)
        if "report" in settings.stages and settings.report_dir:
            # Before anything is scheduled: a run of hours must not end without its report.
            check_folder(settings.report_dir, settings.named)
        if "preflight" in settings.stages:
            result |= preflight_stage(settings, sessions, reporter, clock)
            if "failed" in result:
                return result
            settings = settings.at(result["site_ids"])
        stages = _Stages(settings.complete(), sessions, notifier, reporter, clock)
        planned = stages.planned(check)
        if planned is not None:
            return result | planned
    except LinkUpdateError as exc:
        return result | failed(exc.failure)
    return result if check else result | stages.done()


class _Stages:
    """The stages after the preflight."""

    def __init__(
        self, settings: Settings, sessions: Sessions, notifier: Notifier, reporter: Reporter, clock: Clock
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._notifier = notifier
        self._reporter = reporter
        self._clock = clock
        #: The statuses that the plan was told.
        self._answers: Answers = {}

    def planned(self, check: bool) -> Result | None:
        """Show the plan where it is asked for or needed. The result, if the run ends with it.

        :raises LinkUpdateError: nothing can be done.
        """
        settings = self._settings
        submit = "submit" in settings.stages
        unconfirmed = submit and not settings.app_links_authorized and not settings.connection.is_rehearsal
        if not ("plan" in settings.stages or unconfirmed or (check and submit)):
            return None
        instances, plan, now = self._plan()
        unconfirmed = unconfirmed and bool(plan["recreating"])
        if unconfirmed and check:
            self._reporter.line("\n".join(plan["app_links"]))
        if check or not submit:
            return dict(planned_result(instances, plan, now, settings.unselected))
        if unconfirmed:
            return {"plan": plan, **_unconfirmed(plan["app_links"], settings.named, self._reporter)}
        return None

    def _plan(self) -> tuple[list[InstanceState], Plan, datetime]:
        """Find out what would be done, on a copy of the ledger, and show it; and when that was.

        :raises LinkUpdateError: nothing can be done.
        """
        # What a plan would warn of, the run that follows it does.
        with self._opened(SilentReporter(), check=True) as run:
            run.attach()
            run.schedule()
            estimate = run.estimate()
        now, settings = self._clock.now(), self._settings
        unselected = sum(settings.unselected.values())
        plan = plan_of(run.instances, settings.federation.names, now, unselected, estimate, settings.links)
        self._reporter.line("\n".join(plan["text"]))
        return run.instances, plan, now

    def done(self) -> Result:
        """Schedule and wait, and say what became of each update, also after a failure or a Ctrl-C."""
        settings, reporter, clock = self._settings, self._reporter, self._clock
        submit, wait = "submit" in settings.stages, "wait" in settings.stages
        if not submit and not wait:
            return report_stage(settings, None, reporter, clock) if "report" in settings.stages else {}
        run: Run | None = None
        failure: Failure | None = None
        interrupt: BaseException | None = None
        try:
            with self._opened(reporter, check=False) as run:
                self._notifier.follow(run.instances)
                warn_of_ledger(settings.ledger, settings.connection, reporter)
                _make(run, settings)
        except LinkUpdateError as exc:
            failure = exc.failure
            reporter.line(failure.message, Level.FAILURE)
        except (KeyboardInterrupt, SystemExit) as exc:
            interrupt = exc
        result = failed(failure) if failure else {}
        if run is not None:
            run.sum_up()
            # Also after a failure: what was scheduled until then was.
            told = run_result(
                run.instances,
                failure,
                scheduled=submit,
                waited=wait,
                left_out=settings.left_out,
                unselected=settings.unselected,
                now=clock.now(),
            )
            result |= told
            result = report_stage(settings, told, reporter, clock) | result
        if interrupt:
            raise interrupt
        return result

    @contextmanager
    def _opened(self, reporter: Reporter, *, check: bool) -> Iterator[Run]:
        """A run, and with it the ledger and a session for each instance.

        :param check: find out only, on a copy of the ledger.
        :raises LinkUpdateError: a credential is missing, or the ledger cannot be opened.
        """
        settings, clock = self._settings, self._clock
        sessions = {spec.name: self._session_of(spec) for spec in settings.selected}

        def look_up(spec: InstanceSpec) -> str:
            return retry(
                SiteApi(sessions[spec.name], spec.product_url, settings.named).site_id,
                clock=clock,
                say=lambda text: reporter.line(f"{spec.name}  {text}"),
            )

        with ledger_at(settings.ledger, clock, copy=check) as ledger, self._sessions.sharing(ledger):
            yield Run(
                settings.selected,
                Toolbox(
                    ledger,
                    clock,
                    reporter,
                    settings.connection.lease,
                    check,
                    wait_limit=settings.polling.timeout,
                    connections=settings.connections,
                    answers=self._answers,
                    on_job_error=self._notifier.job_error,
                ),
                open_api=lambda spec: LinksApi(sessions[spec.name], settings.api_url),
                look_up=look_up,
            )

    def _session_of(self, spec: InstanceSpec) -> Session:
        # Instances whose time ends in the same hour take turns.
        urgency = spec.window_closes.timestamp() // 3600 if spec.window_closes else math.inf
        try:
            return self._sessions.open(spec.account, urgency)
        except LinkUpdateError as exc:
            raise exc.amended(about=spec.name) from None


def _make(run: Run, settings: Settings) -> None:
    """Take up the jobs there are, schedule and wait, as far as the stages say so."""
    submit = "submit" in settings.stages
    run.attach()
    if not submit:
        run.leave()
    if "wait" in settings.stages:
        run.wait(settings.polling, schedule=submit)
    elif submit:
        run.schedule()


def _unconfirmed(app_links: Sequence[str], named: Naming, reporter: Reporter) -> Result:
    """Show which application links a person has to confirm. No API tells whether they are authorized."""
    reporter.line("\n".join(app_links))
    return failed(
        Failure(
            "Nothing was scheduled. Recreating links needs application links that a person has authorized, and no API "
            "tells whether they are. The list is in the output of the run, and of a run with --check",
            Code.APP_LINKS,
            f"when they are authorized, run again with {named.setting('app_links_authorized', 'true')}",
        )
    )
