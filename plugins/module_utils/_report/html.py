# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as one page that needs nothing else: no network, no script."""

from __future__ import annotations

from xml.etree.ElementTree import tostring

from .._clock import from_text
from .attention import attention_of
from .elements import tag
from .jobs_table import jobs_table_of
from .links import links_of
from .results import Report
from .sites import sites_of
from .squares import squares_of
from .style import STYLE
from .summary import summary_of
from .ticks import ticks_of
from .tiles import tiles_of
from .timeline import timeline_of
from .variables import variables_of

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_of(report: Report) -> str:
    """The page: for those who want to know how it went, then for those who have to do something about it."""
    now = from_text(report["generated_at"])
    title = f"Link updates, wave {report['wave']}"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", title),
        tag("style", STYLE),
    )
    body = tag(
        "body",
        tag("h1", title),
        *summary_of(report, now),
        tiles_of(report, now),
        *sites_of(report),
        *attention_of(report),
        *squares_of(report),
        *links_of(report),
        *jobs_table_of(report),
        *timeline_of(report, now),
        *ticks_of(report),
        variables_of(report),
    )
    page = tostring(tag("html", head, body, lang="en"), encoding="unicode", method="html")
    return f"<!DOCTYPE html>\n{page}\n"
