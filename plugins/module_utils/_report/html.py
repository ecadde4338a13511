# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page that needs nothing else: no network, no script."""

from __future__ import annotations

from .._clock import from_text
from .attention import attention_of
from .check_section import checked_links_of
from .elements import tag
from .jobs_table import jobs_table_of
from .links import links_of
from .page import page_of
from .results import Report
from .sites import sites_of
from .squares import squares_of
from .summary import summary_of
from .ticks import ticks_of
from .tiles import tiles_of
from .timeline import timeline_of
from .variables import variables_of


def html_of(report: Report) -> str:
    """The page: for those who want to know how it went, then for those who have to do something about it."""
    now = from_text(report["generated_at"])
    title = f"Link updates, wave {report['wave']}"
    return page_of(
        title,
        tag("h1", title),
        *summary_of(report, now),
        tiles_of(report, now),
        *sites_of(report),
        *attention_of(report),
        *squares_of(report),
        *checked_links_of(report),
        *links_of(report),
        *jobs_table_of(report),
        *timeline_of(report, now),
        *ticks_of(report),
        variables_of(report),
    )
