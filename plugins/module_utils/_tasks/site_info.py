# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(site_info) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._clock import Clock
from .._errors import LinkUpdateError
from .._progress import Reporter
from .._service.retry import retry
from .._service.sessions import open_session
from .._service.site_api import SiteApi
from .._urls import JIRA, page_notice, product_of, product_url
from .options import account_of, connection_of
from .task import Options, Result, failed


def site_info(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Ask a site what it is, and what the caller may do there. Nothing is changed by it.

    :param options: as the argument spec of the module describes them, complete.
    :param check: makes no difference.
    """
    result: Result = {"changed": False}
    result |= dict.fromkeys(("site_id", "account", "is_admin", "issue_linking_enabled"))
    try:
        url = product_url("product_url", options["product_url"])
        if notice := page_notice("product_url", options["product_url"], url):
            reporter.warn(notice)
        api = SiteApi(open_session(connection_of(options), account_of(options), clock), url)
        questions: dict[str, Callable[[], Any]] = {"site_id": api.site_id}
        if product_of(url) == JIRA:
            questions |= {
                "account": lambda: vars(api.account()),
                "is_admin": api.is_admin,
                "issue_linking_enabled": api.issue_linking_enabled,
            }
        for name, question in questions.items():
            result[name] = retry(question, clock=clock, say=reporter.line)
    except LinkUpdateError as exc:
        result.update(failed(exc.failure))
    return result
