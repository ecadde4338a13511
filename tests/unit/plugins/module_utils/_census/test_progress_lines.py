# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is shown while a census reads."""

from __future__ import annotations

from ansible_collections.jira_cloud.federation.plugins.module_utils._census.progress_lines import ProgressLines
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.progress import Progress
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.scope import Project
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener


def project(number: int = 1, key: str = "ABC", issues: int = 0) -> Progress:
    return Progress(
        Project("https://jira.example.com", key, "https://eu.example.net"), number, issues=issues, total=48210
    )


def test_a_glance_has_the_rate_and_the_time_left_and_each_minute_has_a_summary() -> None:
    clock, listener = FakeClock(), Listener(glances=True)
    lines = ProgressLines(listener, clock, total=96420, width=5)
    progress = project()
    lines.begin(progress)
    for _page in range(62):
        clock.sleep(1)
        progress.issues += 200
        lines.page(progress, 200)
    # 12,400 issues in 62 seconds, and 35,810 to go.
    assert listener.seen[-1] == "project ABC  12,400 of 48,210 issues  200/s  2m59s left"
    assert listener.shown == ["12,000 of 96,420 issues  200/s  7m02s left"]
    lines.done(progress)
    assert listener.shown[-1] == "ABC    12,400 issues  1m02s"


def test_a_project_that_goes_on_is_rated_by_what_is_read_now() -> None:
    clock, listener = FakeClock(), Listener(glances=True)
    lines = ProgressLines(listener, clock, total=48210, read=10000)
    progress = project(issues=10000)
    lines.begin(progress)
    clock.sleep(10)
    progress.issues += 1000
    lines.page(progress, 1000)
    assert listener.seen == ["project ABC  11,000 of 48,210 issues  100/s  6m12s left"]
    lines.done(progress)
    assert listener.shown == ["ABC  11,000 issues, 1,000 of them now  10s"]


def test_of_thousands_of_projects_not_each_one_has_a_line() -> None:
    listener = Listener()
    lines = ProgressLines(listener, FakeClock())
    for number in range(1000):
        lines.begin(project(number))
        lines.done(project(number))
    assert (len(listener.lines), len(listener.shown)) == (1000, 200)
