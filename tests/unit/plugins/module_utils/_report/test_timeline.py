# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How long a job was in which status, as the report's page shows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import cast

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import from_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import ReportedUpdate
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.timeline import Span, spans_of
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    ReportHarness,
    by_label,
)


@pytest.fixture
def pair(tmp_path: Path) -> ReportHarness:
    return ReportHarness(tmp_path, "eu", "us")


def update_of(pair: ReportHarness, **run: object) -> ReportedUpdate:
    """The first update, from a run with these jobs, or from the ledger."""
    report = pair.reported(pair.run(eu_us=run) if run else None)
    return cast(ReportedUpdate, by_label(report)["eu -> us"])


def minutes(spans: list[Span], begun: datetime) -> list[tuple[str, float, float]]:
    minute = timedelta(minutes=1)
    return [(each.status, (each.since - begun) / minute, (each.to - begun) / minute) for each in spans]


@pytest.mark.parametrize("in_run", [True, False])
def test_the_time_of_a_job_is_told_by_the_statuses_it_was_in(pair: ReportHarness, in_run: bool) -> None:
    begun = pair.clock.now()
    job = pair.job("eu -> us", "BACKUP", "IN_PROGRESS", "RETRY", "IN_PROGRESS", "ERROR")
    pair.clock.sleep(3600)
    update = update_of(pair, job=job) if in_run else update_of(pair)
    assert minutes(spans_of(update, pair.clock.now()), begun) == [
        ("PENDING", 0, 1),
        ("BACKUP", 1, 2),
        ("IN_PROGRESS", 2, 3),
        ("RETRY", 3, 4),
        ("IN_PROGRESS", 4, 5),
    ]


def test_the_last_status_of_a_job_that_has_not_ended_lasts_until_now(pair: ReportHarness) -> None:
    pair.job("eu -> us", "IN_PROGRESS")
    pair.clock.sleep(3600)
    now = pair.clock.now()
    assert spans_of(update_of(pair), now)[-1] == Span("IN_PROGRESS", now - timedelta(hours=1), now)


def test_a_job_that_was_never_seen_before_its_end_was_queued_all_the_time(pair: ReportHarness) -> None:
    pair.job("eu -> us", "COMPLETE")
    update = update_of(pair)
    begun, ended = (from_text(str(update[key])) for key in ("submitted_at", "completed_at"))
    assert spans_of(update, pair.clock.now()) == [Span("PENDING", begun, ended)]
