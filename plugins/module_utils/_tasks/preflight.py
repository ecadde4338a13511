# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first stage of a run: what would make it fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from .._clock import Clock
from .._errors import Code, Failure, LinkUpdateError
from .._model.connection import Account
from .._model.federation import Problem
from .._model.settings import Settings
from .._progress import Level, Reporter
from .._report.preflight import problems_text, shared_problems, sites_table
from .._report.reasons import most_of
from .._report.reports_reminder import completed_among, reminder_of
from .._run.preflight import inspect
from .._service.retry import retry
from .._service.sessions import Sessions
from .._service.site_api import SiteApi
from .._text import counted
from .._threads import Threads
from .options import ledger_at
from .task import Result, failed


def preflight_stage(settings: Settings, sessions: Sessions, reporter: Reporter, clock: Clock) -> Result:
    """Find out whether a run can succeed. Nothing is changed."""

    def open_api(product_url: str, account: Account | None) -> SiteApi:
        # A site that is only a destination needs no credentials.
        return SiteApi(sessions.open(account), product_url, settings.named)

    def retrying(question: Callable[[], Any]) -> Any:
        return retry(question, clock=clock, say=reporter.line)

    now = clock.now()
    threads = Threads(clock, settings.connections)
    found = inspect(settings, open_api=open_api, retry=retrying, threads=threads, now=now)
    # The connections to the sites: the later stages send to one host only.
    sessions.close()
    well = "" if found.problems else ", no problems"
    head = f"Preflight: {counted(len(found.sites), 'instance')}{well}"
    reporter.line("\n".join([head, *sites_table(found.sites, now)]))
    for note in (*found.notes, *_reminder(settings, clock)):
        reporter.warn(note)
    result: Result = {
        "sites": {site.name: site.as_result(now) for site in found.sites},
        "site_ids": {site.name: site.site_id for site in found.sites if site.site_id},
        "problems": [vars(each) for each in found.problems],
    }
    if found.problems:
        result.update(refused(found.problems, reporter))
    return result


def _reminder(settings: Settings, clock: Clock) -> Iterator[str]:
    """What reminds of the reports on earlier jobs."""
    # A ledger that cannot be read fails the run when it is needed.
    with suppress(LinkUpdateError), ledger_at(settings.ledger, clock, copy=True) as ledger:
        completed = completed_among(ledger.attempts(), settings)
        if reminder := reminder_of(settings, completed, clock.now(), is_end=False):
            yield reminder


def refused(problems: Sequence[Problem], reporter: Reporter, done: str = "scheduled") -> Result:
    """Show all problems that stop a run. The result of the run.

    :param done: what it would have done.
    """
    shared = shared_problems(problems)
    reporter.line("\n".join(problems_text(shared, done)), Level.FAILURE)
    what = f"{counted(len(shared), 'problem')}, so nothing was {done}"
    return {
        "changed": False,
        **failed(Failure(". ".join([what, *most_of([each.message for each in shared])]), Code.PREFLIGHT)),
        "problems": [vars(each) for each in problems],
    }
