# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(site_info) does, from its options to its result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import Clock
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._options import (
    Options,
    Result,
    connection_of,
    failed,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Reporter
from ansible_collections.jira_cloud.federation.plugins.module_utils._repeat import repeat
from ansible_collections.jira_cloud.federation.plugins.module_utils._site_api import SiteApi
from ansible_collections.jira_cloud.federation.plugins.module_utils._update import site_url


def site_info(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Ask a site what it is, and what the caller may do there. Nothing is changed by it.

    :param options: as the argument spec of the module describes them, complete.
    :param check: makes no difference.
    """
    result: Result = {"changed": False}
    result |= dict.fromkeys(("site_id", "account", "is_admin", "issue_linking_enabled"))
    try:
        product_url = site_url("product_url", options["product_url"])
        api = SiteApi(Session(connection_of(options), clock), product_url)
        questions: dict[str, Callable[[], Any]] = {"site_id": api.site_id}
        if not product_url.endswith("/wiki"):
            questions |= {
                "account": lambda: vars(api.account()),
                "is_admin": api.is_admin,
                "issue_linking_enabled": api.issue_linking_enabled,
            }
        for name, question in questions.items():
            result[name] = repeat(question, clock=clock, say=reporter.line)
    except LinkUpdateError as exc:
        result.update(failed(exc))
    return result
