# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_run) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from .._clock import Clock
from .._errors import LinkUpdateError
from .._model.desired import InstanceSpec, specs_of
from .._progress import Level, Reporter
from .._report.files import check_folder
from .._report.plan import plan_of
from .._report.verdict import details_of, reasons_of, verdict_of
from .._run.run import Run
from .._run.state import InstanceState, State, UpdateState
from .._service.http import Session
from .._service.links_api import LinksApi
from .._service.rate_limit import SharedLimits
from .._service.retry import retry
from .._service.site_api import SiteApi
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
from .preflight import preflight_stage
from .report import report_stage


def link_update_run(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Make the updates of a number of instances, stage by stage. A stage that fails ends the run.

    :param options: as the argument spec of the module describes them, complete.
    :param check: schedule nothing, write nothing down, do not wait; show the plan.
    """
    stages = options["stages"]
    result: Result = {"changed": False}
    try:
        poll_policy_of(options)
        if "report" in stages and options["report_dir"]:
            # Before anything is scheduled: a run of hours must not end without its report.
            check_folder(options["report_dir"])
        if "preflight" in stages:
            result |= preflight_stage(options, reporter, clock)
            if "failed" in result:
                return result
            options = {**options, "site_ids": {**options["site_ids"], **result["site_ids"]}}
        unconfirmed = "submit" in stages and not options["app_links_authorized"] and not options["stand_in_url"]
        if "plan" in stages or unconfirmed or (check and "submit" in stages):
            planned = _plan(options, reporter, clock)
            unconfirmed = unconfirmed and bool(planned["plan"]["recreating"])
            if unconfirmed and check:
                reporter.line("Application links: link_update_app_links_authorized is false, so the run asks for them")
            if check or "submit" not in stages:
                return result | planned
            if unconfirmed:
                return result | {"plan": planned["plan"], **_unconfirmed(planned["plan"]["app_links"], reporter)}
    except LinkUpdateError as exc:
        return result | failed(exc)
    return result if check else result | _do(options, reporter, clock)


def _plan(options: Options, reporter: Reporter, clock: Clock) -> Result:
    """Find out what would be done, on a copy of the ledger, and show it.

    :raises LinkUpdateError: nothing can be done.
    """
    with _opened(options, _Deaf(), clock, check=True) as run:
        # What a plan would warn of, the run that follows it does.
        run.attach()
        run.schedule()
    plan = plan_of(run.instances, list(options["federation"]), clock.now())
    reporter.line("\n".join(plan["text"]))
    return {
        "changed": bool(plan["scheduled"]),
        "plan": plan,
        "updates": [update_result(entry, clock) for entry in run.entries],
        "instances": {each.name: _planned_for(each) for each in run.instances},
        "diff": [_diff(entry) for entry in run.entries if entry.changed],
    }


def _unconfirmed(app_links: Sequence[str], reporter: Reporter) -> Result:
    """Show which application links a person has to confirm. No API tells whether they are authorized."""
    reporter.line("\n".join(app_links))
    return failed(
        LinkUpdateError(
            "Nothing was scheduled. Recreating links needs an application link for each pair above, authorized once by "
            "hand, and no API tells whether it is. When they are, set link_update_app_links_authorized to true, then "
            "rerun",
            code="app_links",
        )
    )


def _do(options: Options, reporter: Reporter, clock: Clock) -> Result:
    """Schedule and wait, and say what became of each update, also after a failure or a Ctrl-C."""
    submit, wait = "submit" in options["stages"], "wait" in options["stages"]
    if not submit and not wait:
        return report_stage(options, None, reporter, clock) if "report" in options["stages"] else {}
    run: Run | None = None
    failure: LinkUpdateError | None = None
    interrupt: BaseException | None = None
    try:
        with _opened(options, reporter, clock, check=False) as run:
            warn_of_ledger(options, reporter)
            run.attach()
            if submit:
                run.schedule()
            if wait:
                run.wait(poll_policy_of(options), schedule=submit)
    except LinkUpdateError as exc:
        failure = exc
        reporter.line(exc.message, Level.FAILURE)
    except (KeyboardInterrupt, SystemExit) as exc:
        interrupt = exc
    result = failed(failure) if failure else {}
    if run is not None:
        run.sum_up()
        # Also after a failure: what was scheduled until then was.
        left_out = [name for name in options["federation"] if name not in {each.name for each in run.instances}]
        result |= _told(run, failure, clock, scheduled=submit, waited=wait, left_out=left_out)
        result = report_stage(options, result, reporter, clock) | result
    if interrupt:
        raise interrupt
    return result


def _told(
    run: Run,
    failure: LinkUpdateError | None,
    clock: Clock,
    *,
    scheduled: bool,
    waited: bool,
    left_out: Sequence[str],
) -> Result:
    """What became of each update and each instance, and of all."""

    def verdict(instances: Sequence[InstanceState], left_out: Sequence[str] = ()) -> dict[str, Any]:
        found = verdict_of(instances, scheduled=scheduled, waited=waited, now=clock.now(), left_out=left_out)
        complete = found["counts"][State.COMPLETE.value] == sum(len(each.entries) for each in instances)
        return {**found, "ok": found["ok"] and (failure is None or complete)}

    return {
        "changed": any(entry.changed for entry in run.entries),
        "updates": [update_result(entry, clock) for entry in run.entries],
        "instances": {
            each.name: {
                "changed": any(entry.changed for entry in each.entries),
                "site_id": each.order.site_id,
                "reasons": reasons_of(each),
                "details": details_of(each),
                **verdict([each]),
            }
            for each in run.instances
        },
        "verdict": verdict(run.instances, left_out),
    }


@contextmanager
def _opened(options: Options, reporter: Reporter, clock: Clock, *, check: bool) -> Iterator[Run]:
    """A run of the orders, and with it the ledger and a session for each account.

    :param check: find out only, on a copy of the ledger.
    :raises LinkUpdateError: an option cannot be right, or the ledger cannot be opened.
    """
    orders = specs_of(options["federation"], options["orders"], options["site_ids"])
    api_url = site_url("api_url", options["api_url"])
    sessions = Sessions(options, clock)
    for order in orders:
        sessions.of(order)

    def look_up(order: InstanceSpec) -> str:
        return retry(
            SiteApi(sessions.of(order), order.product_url).site_id,
            clock=clock,
            say=lambda text: reporter.line(f"{order.name}  {text}"),
        )

    with ledger_of(options, clock, copy=check) as ledger, sessions.sharing(ledger):
        yield Run(
            orders,
            open_api=lambda order: LinksApi(sessions.of(order), api_url),
            look_up=look_up,
            ledger=ledger,
            clock=clock,
            reporter=reporter,
            lease=lease_of(options),
            check=check,
        )


class Sessions:
    """One session for each account, whoever uses it."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._sessions: dict[tuple[Any, Any], Session] = {}

    @contextmanager
    def sharing(self, board: SharedLimits) -> Iterator[None]:
        """What L(Session.sharing) does, for all of them."""
        with ExitStack() as stack:
            for session in self._sessions.values():
                stack.enter_context(session.sharing(board))
            yield

    def of(self, order: InstanceSpec) -> Session:
        """The session of an order's account.

        :raises InvalidOption: a credential is missing, or an option of the connection cannot be right.
        """
        account = order.account
        key = (account["email"], account["api_token"])
        if key not in self._sessions:
            try:
                self._sessions[key] = Session(connection_of(self._options, account), self._clock)
            except LinkUpdateError as exc:
                raise exc.prefixed(f"{order.name}: ") from None
        return self._sessions[key]


class _Deaf:
    """A reporter that tells nobody: what goes wrong in a plan is in the plan."""

    glances = False

    def line(self, text: str, tone: Level = Level.INFO) -> None:
        """Not told."""

    def warn(self, text: str) -> None:
        """Not told."""

    def glance(self, text: str) -> None:
        """Not told."""


def _planned_for(instance: InstanceState) -> dict[str, Any]:
    scheduled = [entry.desired.label for entry in instance.entries if entry.changed]
    return {
        "changed": bool(scheduled),
        "ok": not any(entry.failure for entry in instance.entries),
        "message": f"{len(scheduled)} of {len(instance.entries)} jobs would be scheduled",
        "reasons": reasons_of(instance),
        "details": details_of(instance),
        "diff": [_diff(entry) for entry in instance.entries if entry.changed],
        "site_id": instance.order.site_id,
    }


def update_result(entry: UpdateState, clock: Clock) -> dict[str, Any]:
    """One update, in the words of results."""
    update = entry.job.update if entry.job else entry.desired.update
    return {
        "instance": entry.instance,
        "destination": entry.desired.destination,
        "label": entry.desired.label,
        "state": entry.state.value,
        "changed": entry.changed,
        "held": entry.held,
        "wanted": update.as_dict(),
        "job": entry.job.as_result(clock.now()) if entry.job else None,
        "failure": entry.failure.as_result() if entry.failure else None,
    }


def _diff(entry: UpdateState) -> Mapping[str, Any]:
    """The job that would be there and is not, in the form of Ansible's diff mode."""
    label = entry.desired.label
    after = {**(entry.job or entry.desired).update.as_dict(), "attempt": entry.job.attempt if entry.job else 1}
    return {"before_header": label, "after_header": label, "before": {}, "after": after}
