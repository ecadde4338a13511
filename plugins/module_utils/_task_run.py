# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_run) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock
from ansible_collections.jira_cloud.federation.plugins.module_utils._entries import Entry, Instance
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger import Ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._links_api import LinksApi
from ansible_collections.jira_cloud.federation.plugins.module_utils._options import (
    Options,
    Result,
    connection_of,
    failed,
    lease_of,
    ledger_of,
    patience_of,
    warn_of_ledger,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._orders import Order, orders_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._pace import Board
from ansible_collections.jira_cloud.federation.plugins.module_utils._plan import plan_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Reporter, Tone
from ansible_collections.jira_cloud.federation.plugins.module_utils._repeat import repeat
from ansible_collections.jira_cloud.federation.plugins.module_utils._run import Run
from ansible_collections.jira_cloud.federation.plugins.module_utils._site_api import SiteApi
from ansible_collections.jira_cloud.federation.plugins.module_utils._update import site_url
from ansible_collections.jira_cloud.federation.plugins.module_utils._verdict import details_of, verdict_of


def link_update_run(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """See to the updates of a number of instances: schedule, wait, and say what became of them.

    :param options: as the argument spec of the module describes them, complete.
    :param check: schedule nothing, write nothing down, do not wait; show the plan.
    """
    run = None
    result: Result = {}
    try:
        orders = orders_of(options["federation"], options["orders"], options["site_ids"])
        patience = patience_of(options)
        sessions = Sessions(options, clock)
        for order in orders:
            sessions.of(order)
        with ledger_of(options, clock, copy=check) as ledger, sessions.sharing(ledger):
            # What a plan would warn of, the run that follows it does.
            run = _open(orders, sessions, ledger, clock, _Deaf() if check else reporter, options, check=check)
            if not check:
                warn_of_ledger(options, reporter)
            run.attach()
            if options["submit"] or check:
                run.schedule()
            if options["wait"] and not check:
                run.wait(patience, schedule=options["submit"])
    except LinkUpdateError as exc:
        result = failed(exc)
    if run is None:
        return {"changed": False, **result}
    if check and not result:
        return _planned(run, options, reporter, clock)
    scheduled, waited = options["submit"], options["wait"]
    # Also where it failed half-way: what was scheduled until then was.
    return result | {
        "changed": any(entry.changed for entry in run.entries),
        "updates": [update_result(entry, clock) for entry in run.entries],
        "instances": {
            each.name: {
                "changed": any(entry.changed for entry in each.entries),
                "site_id": each.order.site_id,
                "details": details_of(each),
                **verdict_of([each], scheduled=scheduled, waited=waited, now=clock.now()),
            }
            for each in run.instances
        },
        "verdict": verdict_of(run.instances, scheduled=scheduled, waited=waited, now=clock.now()),
    }


class Sessions:
    """One session for each account, whoever uses it."""

    def __init__(self, options: Options, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._sessions: dict[tuple[Any, Any], Session] = {}

    @contextmanager
    def sharing(self, board: Board) -> Iterator[None]:
        """What L(Session.sharing) does, for all of them."""
        with ExitStack() as stack:
            for session in self._sessions.values():
                stack.enter_context(session.sharing(board))
            yield

    def of(self, order: Order) -> Session:
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

    def line(self, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Not told."""

    def warn(self, text: str) -> None:
        """Not told."""

    def glance(self, text: str) -> None:
        """Not told."""


def _open(
    orders: list[Order],
    sessions: Sessions,
    ledger: Ledger,
    clock: Clock,
    reporter: Reporter,
    options: Options,
    *,
    check: bool,
) -> Run:
    api_url = site_url("api_url", options["api_url"])

    def look_up(order: Order) -> str:
        return repeat(
            SiteApi(sessions.of(order), order.product_url).site_id,
            clock=clock,
            say=lambda text: reporter.line(f"{order.name}  {text}"),
        )

    return Run(
        orders,
        open_api=lambda order: LinksApi(sessions.of(order), api_url),
        look_up=look_up,
        ledger=ledger,
        clock=clock,
        reporter=reporter,
        lease=lease_of(options),
        check=check,
    )


def _planned(run: Run, options: Options, reporter: Reporter, clock: Clock) -> Result:
    plan = plan_of(run.instances, list(options["federation"]), clock.now())
    for line in plan["text"]:
        reporter.line(line)
    return {
        "changed": bool(plan["scheduled"]),
        "plan": plan,
        "updates": [update_result(entry, clock) for entry in run.entries],
        "instances": {each.name: _planned_for(each) for each in run.instances},
        "diff": [_diff(entry) for entry in run.entries if entry.changed],
    }


def _planned_for(instance: Instance) -> dict[str, Any]:
    details = details_of(instance)
    scheduled = [entry.wanted.label for entry in instance.entries if entry.changed]
    return {
        "changed": bool(scheduled),
        "ok": not any(entry.failure for entry in instance.entries),
        "message": f"{len(scheduled)} of {len(instance.entries)} jobs would be scheduled",
        "details": details,
        "site_id": instance.order.site_id,
    }


def update_result(entry: Entry, clock: Clock) -> dict[str, Any]:
    """One update, in the words of results."""
    update = entry.job.update if entry.job else entry.wanted.update
    return {
        "instance": entry.instance,
        "destination": entry.wanted.destination,
        "label": entry.wanted.label,
        "state": entry.state.value,
        "changed": entry.changed,
        "held": entry.held,
        "wanted": update.as_dict(),
        "job": entry.job.as_result(clock.now()) if entry.job else None,
        "failure": entry.failure.as_result() if entry.failure else None,
    }


def _diff(entry: Entry) -> Mapping[str, Any]:
    """The job that would be there and is not, in the form of Ansible's diff mode."""
    label = entry.wanted.label
    after = {**(entry.job or entry.wanted).update.as_dict(), "attempt": entry.job.attempt if entry.job else 1}
    return {"before_header": label, "after_header": label, "before": {}, "after": after}
