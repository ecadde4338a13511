# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census is about to read, and when it did."""

from __future__ import annotations

from datetime import datetime, timezone

from ansible_collections.jira_cloud.federation.plugins.module_utils._model.federation import parse_federation
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.census_scope import dates_text, scope_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.scope import Project

A, B = "https://a.example.com", "https://b.example.com/jira"
FEDERATION = parse_federation(
    {
        "eu": {"product_url": "https://eu.example.net", "migrated_from": [A, B], "migrated_at": "2026-03-01"},
        "us": {"product_url": "https://us.example.net", "migrated_from": A, "migrated_at": "2026-03-09"},
    }
)
BEGUN = datetime(2026, 3, 5, 23, 50, tzinfo=timezone.utc)


def test_each_source_has_its_user_its_projects_by_instance_and_what_nobody_has() -> None:
    projects = [
        Project(A, "ABC", "https://eu.example.net"),
        Project(A, "DEF", "https://us.example.net"),
        Project(B, "ABC", "https://eu.example.net"),
    ]
    issues = {(A, "ABC"): 1200, (A, "DEF"): 34}
    assert scope_text(FEDERATION, projects, issues, {A: "svc"}, {A: ["OLD"]}) == [
        "a.example.com, as svc: 2 projects, 1,234 issues",
        "instance  issues  projects",
        "eu        1,200   ABC",
        "us        34      DEF",
        "No instance has 1 project: OLD",
        # How many issues a file is about, nobody knows before.
        *[line for line in scope_text(FEDERATION, projects[2:], {}, {}, {}) if line],
    ]


def test_the_time_of_a_census_stands_beside_those_of_the_migrations() -> None:
    def counted(ended: datetime | None) -> str:
        return dates_text(FEDERATION, BEGUN, ended)[0]

    assert counted(None) == counted(BEGUN) == "Counted 2026-03-05 23:50 UTC"
    assert counted(BEGUN.replace(minute=59)) == "Counted 2026-03-05 23:50 to 23:59 UTC"
    assert counted(BEGUN.replace(day=6, hour=1)) == "Counted 2026-03-05 23:50 to 2026-03-06 01:50 UTC"
    told = " ".join(" ".join(dates_text(FEDERATION, BEGUN, None)).split())
    assert "Migrated before the census: 2026-03-01 (eu)" in told
    assert "not expected on the site" in told
    assert "Migrated after the census: 2026-03-09 (us)" in told
