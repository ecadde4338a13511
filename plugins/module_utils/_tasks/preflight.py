# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The first stage of a run: what would keep it from succeeding."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .._clock import Clock
from .._errors import LinkUpdateError
from .._model.federation import Problem
from .._progress import Level, Reporter
from .._run.preflight import (
    inspect,
    problems_table,
    sites_table,
)
from .._service.http import Session
from .._service.retry import retry
from .._service.site_api import SiteApi
from .options import (
    Options,
    Result,
    connection_of,
    failed,
)


def preflight_stage(options: Options, reporter: Reporter, clock: Clock) -> Result:
    """Find out whether a run can succeed, before it is made. Nothing is changed by it.

    :param options: those of C(link_update_run).
    """

    def open_api(product_url: str, order: Mapping[str, Any] | None) -> SiteApi:
        # What is only looked at from outside needs no credentials.
        connection = connection_of(options, order or {"email": "nobody", "api_token": "none"})
        return SiteApi(Session(connection, clock), product_url)

    def patiently(question: Callable[[], Any]) -> Any:
        return retry(question, clock=clock, say=reporter.line)

    try:
        now = clock.now()
        found = inspect(options["federation"], options["orders"], open_api=open_api, patiently=patiently, now=now)
    except LinkUpdateError as exc:
        return failed(exc)
    reporter.line("\n".join(sites_table(found.sites, now)))
    for note in found.notes:
        reporter.warn(note)
    result: Result = {
        "sites": {site.name: site.as_result(now) for site in found.sites},
        "site_ids": {site.name: site.site_id for site in found.sites if site.site_id},
        "problems": [vars(each) for each in found.problems],
    }
    if found.problems:
        result.update(refused(found.problems, reporter))
    return result


def refused(problems: Sequence[Problem], reporter: Reporter) -> Result:
    """Show every problem that keeps a run from being made, in one table; the result of the run then."""
    count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
    reporter.line("\n".join(["", f"{count}, so nothing was scheduled:", *problems_table(problems)]), Level.FAILURE)
    return {
        **failed(LinkUpdateError(f"Nothing was scheduled: {count}, see the table above", code="preflight")),
        "problems": [vars(each) for each in problems],
    }
