# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check shows while it asks the sites."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Code, Failure
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.progress_lines import ProgressLines
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.site_work import SiteWork
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener


def site(name: str, total: int, before: int = 0) -> SiteWork:
    """A site with so many issues, some of which an earlier run has asked for."""
    checking = SimpleNamespace(size=lambda _url: total, done=lambda _url: before)
    return SiteWork(name, f"https://{name}.example.net", cast(Any, checking), lambda *_pair: True, 4)


def test_a_minute_is_never_silent_and_a_summary_says_how_long_the_slowest_site_takes() -> None:
    clock, listener = FakeClock(), Listener(glances=True)
    eu, us = site("eu", 1000, before=400), site("us", 100)
    lines = ProgressLines(listener, clock, [eu, us])
    for _second in range(60):
        clock.sleep(1.0)
        eu.answered()
        us.answered()
        lines.tick()
    assert listener.lines == ["520 of 1,100 issues  2/s  9m00s left, the most at eu"]
    assert listener.seen[9] == "420 of 1,100 issues  2/s  9m50s left, the most at eu"


def test_a_site_that_is_done_has_one_line() -> None:
    clock, listener = FakeClock(), Listener()
    whole, resumed, none, stopped = site("eu", 2, 0), site("us", 3, 2), site("ap", 4, 4), site("sa", 9, 0)
    lines = ProgressLines(listener, clock, [whole, resumed, none, stopped])
    for each in (whole, whole, resumed, stopped):
        each.answered()
    stopped.stop(Failure("HTTP 401", Code.UNAUTHORIZED, "check the token"))
    clock.sleep(75)
    for each in (whole, resumed, none, stopped):
        lines.done(each)
    assert listener.lines == [
        "eu  2 issues  1m15s",
        "us  3 issues, 1 of them now  1m15s",
        "sa  stopped, 8 of 9 issues not asked: HTTP 401. Check the token",
    ]


def test_the_trouble_with_a_site_is_one_line_a_minute() -> None:
    clock, listener = FakeClock(), Listener()
    lines = ProgressLines(listener, clock, [])
    for _second in range(61):
        lines.trouble("eu", "HTTP 503; trying again in 1.0s")
        lines.trouble("us", "HTTP 502; trying again in 1.0s")
        clock.sleep(1.0)
    assert (
        listener.lines
        == [
            "eu: HTTP 503; trying again in 1.0s",
            "us: HTTP 502; trying again in 1.0s",
        ]
        * 2
    )
