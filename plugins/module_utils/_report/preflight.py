# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a preflight has found, for people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from .._model.federation import Problem
from .._run.preflight import Site
from .._text import aligned, capitalized, counted, harmless, names, names_within, wrapped


def sites_table(sites: Sequence[Site], now: datetime) -> list[str]:
    """What is known of each instance. Those of which the same is known share a row, so that others stand out."""
    rows: dict[tuple[str, ...], list[str]] = {}
    for site in sites:
        known = (
            names([_short(each) for each in site.origins], 3) or "?",
            "skipped" if site.skipped else site.account.display_name if site.account else "-",
            _said(site.is_admin, "yes", "NO"),
            _said(site.issue_linking_enabled, "on", "OFF"),
            _days(site, now),
        )
        rows.setdefault(known, []).append(site.name)
    head = ("instance", "origin", "account", "admin", "linking", "days left")
    return aligned([head, *((names_within(instances), *known) for known, instances in rows.items())])


def shared_problems(problems: Sequence[Problem]) -> list[Problem]:
    """Problems as people count them: what is wrong with several instances in the same way is one problem of all."""
    shared: dict[tuple[str, str], list[str]] = {}
    for each in problems:
        shared.setdefault((each.problem, each.remedy), []).append(each.instance)
    return [Problem(harmless(names([*filter(None, some)])), *what) for what, some in shared.items()]


def problems_text(problems: Sequence[Problem], done: str) -> list[str]:
    """What is wrong, and below it what to do.

    :param problems: as L(shared_problems) gives them.
    :param done: what would have been done without them.
    """
    lines = [f"{counted(len(problems), 'problem')}. Nothing was {done}."]
    for each in problems:
        lines += wrapped(f"{each.instance or 'all instances'}: {each.problem}", "- ", "  ")
        lines += wrapped(capitalized(each.remedy), "  To do: ", "  ") if each.remedy else []
    return lines


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
