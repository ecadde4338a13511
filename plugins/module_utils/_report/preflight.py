# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight has found, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .._model.federation import Problem
from .._run.preflight import Site
from .._text import aligned, harmless, names, wrapped


def sites_table(sites: Sequence[Site], now: datetime) -> list[str]:
    """What is known of each instance, for people."""
    rows = [("instance", "site", "origin", "account", "admin", "issue linking", "days left to recreate")]
    rows += [
        (
            site.name,
            site.site_id or "?",
            names([_short(each) for each in site.origins], 3) or "?",
            "skipped" if site.skipped else site.account.display_name if site.account else "-",
            _said(site.is_admin, "yes", "NO"),
            _said(site.issue_linking_enabled, "on", "OFF"),
            _days(site, now),
        )
        for site in sites
    ]
    return aligned(rows)


def problems_table(problems: Sequence[Problem]) -> list[str]:
    """What is wrong, and what to do, for people. A mistake that many instances share is one row."""
    shared: dict[tuple[str, str], list[str]] = {}
    for each in problems:
        shared.setdefault((each.problem, each.remedy), []).append(each.instance or "all")
    rows = [(harmless(names(instances)), *what) for what, instances in shared.items()]
    return wrapped([("instance", "problem", "what to do"), *rows])


def _short(origin: str) -> str:
    """A base URL without what all of them begin with; where one has C(http://), that may be the mistake."""
    return origin.removeprefix("https://")


def _said(answer: bool | None, yes: str, no: str) -> str:
    return "-" if answer is None else yes if answer else no


def _days(site: Site, now: datetime) -> str:
    left = site.time_left(now)
    if left is None:
        return "not known" if site.recreating else "-"
    return f"{left.total_seconds() / 86400:.1f}" if left > timedelta() else "OVER"
