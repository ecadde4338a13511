# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A federation of a hundred sites has 9,900 pairs: how much is shown, written, and asked of the ledger then."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import to_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.sqlite import SqliteStore
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.app_links import checklist_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.document import json_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.html import html_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.outcome import outcomes_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.results import Report, ReportedUpdate
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.spreadsheet import csv_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.verdict import verdict_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.backup import Backup, BackupState
from ansible_collections.jira_cloud.federation.plugins.module_utils._run.state import InstanceState, UpdateState
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.checked import check_of
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._report.reports import (
    ReportHarness,
    specs_of,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
MEGABYTE = 1_000_000
SITES = [f"jira-of-subsidiary-{number:03}.example" for number in range(100)]
MESSAGE = "the service refused the request (HTTP 403): " + "the account may not do this. " * 5


@cache
def at(minutes: float) -> str:
    return to_text(NOON + timedelta(minutes=minutes))


def update(name: str, other: str, number: int = 0, *, statuses: int = 1, **more: Any) -> ReportedUpdate:
    """An update whose job was scheduled in its minute, and took so many minutes and one."""
    label = f"{name} -> {other}"
    history = [{"status": "RETRY" if each % 2 else "IN_PROGRESS", "since": at(each)} for each in range(statuses)]
    done: dict[str, Any] = {
        "instance": name,
        "destination": other,
        "origin": "",
        "label": label,
        "in_run": True,
        "state": "complete",
        "status": "COMPLETE",
        "attempt": 1,
        "job_id": f"0b7e3f6c-0000-4000-8000-{number:012}",
        "site_id": f"0b7e3f6c-1111-4000-8000-{number:012}",
        "product_url": f"https://{name}.atlassian.net",
        "destination_url": f"https://{other}.atlassian.net",
        "migrated_from": "https://jira.example.com",
        "migrated_from_override": None,
        "recreate_as_remote": True,
        "create_backup": False,
        "submitted_at": at(0),
        "completed_at": at(number + 1),
        "elapsed": 60.0 * (number + 1),
        "waiting": 0.0,
        "backup": 0.0,
        "running": 60.0 * (number + 1),
        "held": None,
        "overdue": None,
        "failure": None,
        "links": 1_234_567,
        "history": [{"status": "PENDING", "since": at(0)}, *history, {"status": "COMPLETE", "since": at(number + 1)}],
    }
    return {**done, **more}  # type: ignore[typeddict-item]


def failure(label: str) -> dict[str, Any]:
    return {
        "code": "forbidden",
        "message": f"{label}: {MESSAGE}",
        "http_status": 403,
        "request_id": None,
        "job_id": None,
    }


def report(names: list[str], **more: Any) -> Report:
    """A report on all pairs of a federation, of which this has become."""
    updates = [
        update(
            name,
            other,
            number,
            **{key: each(f"{name} -> {other}") if callable(each) else each for key, each in more.items()},
        )
        for number, (name, other) in enumerate(permutations(names, 2))
    ]
    return {
        "schema": 1,
        "rehearsal": False,
        "generated_at": at(100_000),
        "run": None,
        "wave": "1",
        "verdict": {"ok": True, "message": "all is well", "counts": {}, "pairs": {}, "left_out": []},
        "instances": [
            {
                "name": name,
                "product_url": f"https://{name}.atlassian.net",
                "migrated_from": "https://jira.example.com",
                "origins": ["https://jira.example.com"],
                "in_run": True,
                "window_closes": None,
                "details": [],
            }
            for name in names
        ],
        "updates": updates,
        "app_links": [
            {
                "product": name,
                "product_url": f"https://{name}.atlassian.net",
                "destinations": [
                    {"name": other, "url": f"https://{other}.atlassian.net"} for other in names if other != name
                ],
            }
            for name in names
        ],
        "checks": {"last": check_of(SITES), "history": []},
        "census": {
            "counts": [
                {
                    "source": "https://jira.example.com",
                    "read_from": "https://jira.example.com",
                    "exact": False,
                    "generation": 1,
                    "begun_at": at(0),
                    "ended_at": at(60),
                    "links": 1_234_567 * len(updates),
                    "migrations": [{"instance": name, "migrated_at": at(0)} for name in names],
                }
            ],
            "not_counted": [],
        },
        "settings": {"link_update_destinations": dict.fromkeys(names, names)},
    }


FATES: dict[str, dict[str, Any]] = {
    "complete": {},
    "failed": {"state": "failed", "failure": failure},
    "held": {"state": "held", "job_id": None, "history": [], "held": lambda label: f"on hold until {label} is done"},
    "retrying": {"state": "open", "status": "RETRY", "statuses": 60, "completed_at": None},
    "unknown": {"state": "open", "status": "PONDERING & MORE", "in_run": False},
}


@pytest.mark.parametrize("fate", FATES)
def test_the_page_on_a_hundred_sites_is_smaller_than_two_megabytes_whatever_became_of_them(fate: str) -> None:
    assert len(html_of(report(SITES, **FATES[fate])).encode()) < 2 * MEGABYTE


def cells_of(page: str) -> list[tuple[str, str, str]]:
    """The class, the title and the text of each cell of the matrix that stands for a pair."""
    return re.findall(r'<td class="([\w ]+)" title="([^"]+)">([^<]+)</td>', page)


def test_the_matrix_of_very_many_sites_is_complete_and_says_the_rest_where_one_points() -> None:
    names = [f"s{number}" for number in range(41)]
    said = report(names)
    said["updates"][0] = update("s0", "s1", state="error", status="ERROR", attempt=2)
    said["updates"][1] = update("s0", "s2", state="held", status=None, job_id=None)
    said["updates"][2] = update("s0", "s3", state="absent", status=None, job_id=None, in_run=False)
    page = html_of(said)
    cells = cells_of(page)
    assert len(cells) == 41 * 40
    assert cells[:4] == [
        ("failed", "s0 -&gt; s1, failed, 1m00s, attempt 2", "✕"),
        ("held", "s0 -&gt; s2, on hold", "‖"),
        ("absent mute", "s0 -&gt; s3, not scheduled, not in this run", "\N{EN DASH}"),
        ("complete", "s0 -&gt; s4, complete, 4m00s", "✓"),
    ]
    assert re.findall(r'<span class="chip \w+">(\S) [\w ]+</span>', page)[:4] == ["✕", "‖", "\N{EN DASH}", "✓"]
    assert 'class="matrix tiny"' in page
    assert 'class="matrix tiny"' in html_of(report(names[:25]))
    assert 'class="matrix dense"' in html_of(report(names[:24]))


def test_a_status_that_nobody_documented_has_a_place_in_it_as_well() -> None:
    page = html_of(report([f"s{number}" for number in range(41)], state="open", status="PONDERING"))
    assert {text for _class, _title, text in cells_of(page)} == {"?"}
    assert ">? PONDERING<" in page


def merged(names: list[str], **more: Any) -> Report:
    """The same where each site has data of two servers."""
    said = report(names, **more)
    said["updates"] = [
        {**each, "origin": origin, "label": f"{each['label']} (from {origin})"}
        for each in said["updates"]
        for origin in ("jira.example.com", "jira.subsidiary.example.com")
    ]
    return said


@pytest.mark.parametrize("fate", FATES)
def test_the_page_on_a_hundred_sites_of_two_servers_each_is_smaller_than_three_megabytes(fate: str) -> None:
    assert len(html_of(merged(SITES, **FATES[fate])).encode()) < 3 * MEGABYTE


def test_the_matrix_of_very_many_sites_counts_the_origins_that_are_like_the_worst() -> None:
    said = merged([f"s{number}" for number in range(41)])
    said["updates"][2] |= {"state": "error", "status": "ERROR"}
    page = html_of(said)
    cells = cells_of(page)
    assert len(cells) == 41 * 40
    assert [(kind, text) for kind, _title, text in cells[:3]] == [
        ("complete", "✓2"),
        ("failed", "✕1"),
        ("complete", "✓2"),
    ]
    assert cells[1][1] == (
        "s0 -&gt; s2\nfrom jira.example.com: failed, 2m00s\nfrom jira.subsidiary.example.com: complete, 2m00s"
    )


def timeline_of(page: str) -> list[str]:
    labels = re.findall(r'<div class="line"><span title="[^"]+">. (.+?)</span><div', page)
    return [label.replace('<span class="arrow">-&gt;</span>', "->") for label in labels]


def test_the_timeline_has_the_slowest_jobs_and_says_how_many_are_left_out() -> None:
    said = report([f"s{number}" for number in range(16)])
    page = html_of(said)
    assert timeline_of(page) == [each["label"] for each in said["updates"][40:]]
    assert "40 jobs that were quicker are left out; report.json and report.csv have all of them." in page
    assert len(json.loads(json_of(said))["updates"]) == len(csv_of(said).splitlines()) - 1 == 240


def test_a_timeline_that_has_all_jobs_leaves_none_out() -> None:
    page = html_of(report(["a", "b", "c"]))
    assert len(timeline_of(page)) == 6
    assert "left out" not in page
    assert "not shown here" not in page


def test_of_a_job_that_was_in_very_many_statuses_the_last_ones_are_in_its_line() -> None:
    bars = re.findall(r'<i class="bar (\w+)" style="left', html_of(report(["a", "b"], statuses=60)))
    assert bars == ["running", "retry"] * 20


def test_jobs_that_failed_are_in_the_timeline_however_quick_they_were() -> None:
    said = report([f"s{number}" for number in range(16)])
    said["updates"][0] = update("s0", "s1", failure=failure("s0 -> s1"), elapsed=0.1)
    lines = timeline_of(html_of(said))
    assert lines[0] == "s0 -> s1"
    assert len(lines) == 201


def rows_of(page: str) -> tuple[int, int]:
    """How many rows the table of all jobs has: of problems, and of others."""
    table = page.partition('id="jobs"')[2].partition("</table>")[0]
    fine = table.count('<tr class="fine">')
    return table.count("<tr") - 1 - fine, fine


def test_the_table_of_very_many_jobs_has_the_problems_and_the_slowest_and_counts_the_others() -> None:
    said = report([f"s{number}" for number in range(33)])
    said["updates"][0] = update("s0", "s1", state="failed", failure=failure("s0 -> s1"))
    page = html_of(said)
    assert rows_of(page) == (1, 200)
    assert "Problems first, then the slowest. 855 jobs are not shown here: report.csv has all of them." in page
    assert rows_of(html_of(report([f"s{number}" for number in range(32)]))) == (0, 32 * 31)


def test_of_very_many_failures_the_table_has_some_and_each_site_has_one_card() -> None:
    page = html_of(report([f"s{number}" for number in range(33)], state="failed", failure=failure))
    assert page.count('class="card failed"') == 33
    assert page.count("all 32 jobs failed: The service refused the request (HTTP 403)") == 33
    assert rows_of(page) == (1000, 0)


def test_of_very_many_application_links_those_of_one_site_are_ticked_off_at_once() -> None:
    names = [f"s{number}" for number in range(42)]
    said = report(names)
    said["updates"][0] |= {"state": "error", "status": "ERROR"}
    boxes = re.findall(r"<label><input type=\"checkbox\"(.*?)> (.+?) <small>(.+?)</small></label>", html_of(said))
    assert boxes == [
        ("", "all 41 other instances", "40 used"),
        *[(' checked="checked" disabled="disabled"', "all 41 other instances", "41 used")] * 41,
    ]
    said["instances"].append({**said["instances"][0], "name": "not asked for"})
    assert f"{', '.join(names[1:])} <small>40 used</small></label>" in html_of(said)
    fewer = html_of(report(names[:41], state="open"))
    assert len(re.findall("<label title=", fewer)) == 41 * 40


def test_a_variable_that_is_very_long_is_cut_off_where_the_page_says_so() -> None:
    said = report(["a", "b"])
    said["settings"] = {"short": "x" * 750, "long": "y" * 3000}
    page = html_of(said)
    assert "x" * 750 in page
    assert "y" * 750 in page
    assert "y" * 801 not in page
    assert "report.json has all of it" in page


# -- report.json


def test_the_document_says_the_same_and_each_update_on_a_line_of_its_own() -> None:
    said = report(["a", "b \N{SNOWMAN}", 'c\n"'])
    said["app_links"] = []
    text = json_of(said)
    assert json.loads(text) == said
    lines = text.splitlines()
    first = next(index for index, line in enumerate(lines) if line.startswith(' "updates"'))
    assert [json.loads(line.rstrip(",")) for line in lines[first + 1 : first + 7]] == said["updates"]
    assert "\N{SNOWMAN}" in text
    assert text.endswith("}\n")


def test_the_document_is_hardly_larger_than_its_content() -> None:
    said = report(SITES[:20])
    shortest = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    assert len(json_of(said)) < len(shortest) * 1.01


# -- What is said of each host


def test_what_is_said_of_one_instance_stays_short_however_many_of_its_updates_failed() -> None:
    reasons = [f"eu -> s{number}: {MESSAGE}" for number in range(99)]
    problems: Any = [{"instance": "eu", "problem": each, "remedy": "correct it"} for each in reasons]
    said = outcomes_of({"failed": True, "msg": "x", "problems": problems}, ["eu"])["eu"].message
    assert said == ". ".join([*(f"eu: {each}. Correct it" for each in reasons[:3]), "96 more reasons not shown"])


# -- What it takes


class Counted(str):
    """A name that counts how often it is looked for."""

    looks = 0

    def __hash__(self) -> int:
        Counted.looks += 1
        return super().__hash__()

    def __eq__(self, other: object) -> bool:
        Counted.looks += 1
        return super().__eq__(other)


def test_a_verdict_on_many_updates_looks_at_each_a_few_times() -> None:
    (spec,) = specs_of(["eu", *(f"d{number}" for number in range(300))], ["eu"])
    updates = [
        UpdateState("eu", replace(each, label=Counted(each.label)), held="waits", stuck=True) for each in spec.desired
    ]
    Counted.looks = 0
    verdict_of([InstanceState(spec, updates, Backup(BackupState.FAILED))], scheduled=True, waited=True, now=NOON)
    assert Counted.looks < 20 * len(updates)


def test_a_checklist_of_many_destinations_looks_at_each_a_few_times() -> None:
    (spec,) = specs_of(["eu", *(f"d{number}" for number in range(300))], ["eu"])
    Counted.looks = 0
    checklist = checklist_of(("eu", replace(each, destination=Counted(each.destination))) for each in spec.desired)
    assert Counted.looks < 20 * len(spec.desired)
    assert len(checklist[0]["destinations"]) == 300


def statements(folder: Path, size: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many statements a rerun takes where all jobs are complete."""
    harness = ReportHarness(folder, *(f"s{number}" for number in range(size)))
    for pair in permutations(harness.federation, 2):
        harness.job(" -> ".join(pair), "COMPLETE")
    asked: list[str] = []

    def counted(really: Any) -> Any:
        def run(store: SqliteStore, statement: str, *rest: Any, **more: Any) -> Any:
            asked.append(statement)
            return really(store, statement, *rest, **more)

        return run

    with monkeypatch.context() as patch:
        for name in ("query", "execute"):
            patch.setattr(SqliteStore, name, counted(getattr(SqliteStore, name)))
        result = harness.report(stages=["plan", "submit", "wait", "report"], site_ids=harness.site_ids)
    assert result["stats"]["link_update_complete"] == size * (size - 1)
    return len(asked)


def test_a_rerun_with_nothing_to_do_takes_as_many_statements_as_there_are_sites_not_pairs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, more, most = (statements(tmp_path / str(size), size, monkeypatch) for size in (4, 6, 8))
    # One for each site, when the plan is made and when it is carried out.
    assert (more - few, most - more) == (4, 4)
