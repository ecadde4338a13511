# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of links that are known, and of which some are missing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
import requests
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.sampling import size_for
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.proof_outcome import check_outcomes_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.opening import open_store
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Result
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.checks import (
    SERVER,
    TOKEN,
    CheckHarness,
    Links,
    numbered,
    numbers_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Listener

EU_TO_US, US_TO_EU = "eu -> us", "us -> eu"


def between_all(each: int) -> Links:
    """So many links between each two of the three instances."""
    pairs = (("EUA", "USA"), ("USA", "APA"), ("APA", "EUA"))
    return [
        (10000 * (place + 1) + number, kind, *ends)
        for place, pair in enumerate(pairs)
        for number, kind, *ends in numbered(each, *pair)
    ]


def ends(first: int, count: int) -> list[list[str]]:
    return [[f"EUA-{number}", f"USA-{number}"] for number in range(first, first + count)]


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> str | None:
    """Where the census is: what is promised of one place holds for each kind."""
    return None if request.param == "sqlite" else str(request.getfixturevalue("postgresql"))


def test_exactly_the_links_that_are_missing_or_stale_are_named(tmp_path: Path, store: str | None) -> None:
    missing = Random(3).sample(range(1, 251), 37)
    stale = [number for number in range(1, 251) if number not in missing][10:13]
    script = {
        "leave_out": {EU_TO_US: [[f"EUA-{number}", f"USA-{number}"] for number in missing]},
        "stale": {EU_TO_US: [[f"EUA-{number}", f"USA-{number}"] for number in stale]},
    }
    with CheckHarness(tmp_path, numbered(250), store=store, **script).serving() as harness:
        result, listener = harness.check()
        assert harness.verdicts() == {
            **{(f"EUA-{number}", f"USA-{number}"): "missing" for number in missing},
            **{(f"EUA-{number}", f"USA-{number}"): "stale" for number in stale},
        }
        whole = {"expected": 250, "checked": 250}
        assert numbers_of(result) == {
            EU_TO_US: {**whole, "found": 210, "missing": 37, "stale": 3, "missing_at_most": 40},
            US_TO_EU: {**whole, "found": 250},
        }
        assert (result["total"]["expected"], result["total"]["found"]) == (500, 460)
        assert harness.asked() == {"eu": 250, "us": 250}, "each issue is asked for once"
        assert result["failure"]["code"] == "links_missing"
        assert "eu -> us (210 found, 37 missing, 3 stale)" in result["msg"]
        assert harness.written() == {name: result[name] for name in harness.written()}
        text = "\n".join(listener.lines)
        assert "Check 1: All 500 links were checked: 460 found, 37 missing, 3 stale" in text
        rehearsed = "-e link_update_rehearsal=true"
        again = f"""link_update -e '{{"link_update_only": ["eu -> us"]}}' -e link_update_force=true {rehearsed}"""
        assert again in text, "nothing of a rehearsal leads to a real site"
        assert f"link_repair {rehearsed}" in text
        assert f"Report: {harness.folder}/report/link_check.html" in text
        assert result["stats"]["link_check_missing"] == 37


def test_a_check_without_a_fault_is_good_and_says_so(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(20)).serving() as harness:
        result, listener = harness.check()
        assert result["ok"]
        assert "failed" not in result
        assert not result["changed"]
        assert harness.findings() == []
        assert "Check 1: All 40 links were checked: 40 found" in listener.lines
        assert not any(line.startswith("To do") for line in listener.lines)
        again, _listener = harness.check()
        assert again["check"] == 2, "a complete check is not continued"


# -- Samples


@pytest.mark.parametrize("missing", [0, 4, 90])
def test_a_sample_asks_few_issues_and_its_bound_covers_the_truth(tmp_path: Path, missing: int) -> None:
    script = {"leave_out": {EU_TO_US: missing}} if missing else {}
    with CheckHarness(tmp_path, numbered(600), **script).serving() as harness:
        result, listener = harness.check(sample=300)
        assert all(count <= 300 for count in harness.asked().values())
        pairs = {f"{each['instance']} -> {each['destination']}": each for each in result["pairs"]}
        assert missing <= pairs[EU_TO_US]["missing_at_most"]
        assert missing <= result["total"]["missing_at_most"]
        assert all(each["checked"] <= 300 for each in result["pairs"])
        assert pairs[US_TO_EU]["missing_at_most"] == 6
        assert any("With 99 % confidence at most" in line for line in listener.lines)
        assert result["ok"] is False, "both together may miss too many"
        assert "Set link_check_sample to 317 or more" in listener.warnings[0]
        is_larger = "link_check -e link_check_sample=all" in "\n".join(listener.lines)
        assert is_larger is (not result["total"]["missing"]), "more is to be checked where nothing is to be repaired"


def test_a_sample_that_is_too_small_asks_for_a_larger_one_and_for_nothing_else(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(400)).serving() as harness:
        result, listener = harness.check(sample=100, max_missing=0.01)
        assert result["failure"]["code"] == "links_missing"
        assert "Check more links: see what to do above" in result["msg"]
        (needed,) = re.findall(r"Set link_check_sample to (\d+) or more", listener.warnings[0])
        (todo,) = (line for line in result["text"] if "ansible-playbook" in line)
        assert "jira_cloud.federation.link_check -e link_check_sample=all" in todo
        assert harness.check(sample=int(needed), max_missing=0.01)[0]["ok"]


def test_each_pair_may_be_good_and_all_of_them_together_not(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(400)).serving() as harness:
        needed = size_for(400, 4, 0.99)
        result, _listener = harness.check(sample=needed, max_missing=0.01)
        assert "Pairs that may miss too many: only all of them together" in result["msg"]
        outcomes = check_outcomes_of(result, ("eu", "us"))
        assert outcomes["us"].message == "us: all links together may miss too many. The message of eu has the reason"


def test_a_larger_sample_has_the_same_links_and_more(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(300), leave_out={EU_TO_US: 60}).serving() as harness:
        found = []
        for size in (50, 120, 240):
            harness.check(sample=size, max_missing=0.9)
            found.append(set(harness.verdicts()))
        assert found[0] < found[1] < found[2]


def test_a_sample_is_not_read_to_its_end_where_too_many_links_are_missing_already(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(200), leave_out={EU_TO_US: 160}).serving() as harness:
        result, _listener = harness.check(sample=180, connections=1)
        numbers = numbers_of(result)[EU_TO_US]
        assert numbers["checked"] < 120
        assert harness.asked()["eu"] < 120
        # What was read is not the sample that was drawn: only what is there is certain.
        assert numbers["missing_at_most"] == 200 - numbers["found"]
        assert result["failure"]["code"] == "links_missing"
        assert harness.asked()["us"] == 180, "the other pair is read"


@pytest.mark.parametrize(
    ("option", "value", "part"),
    [
        ("sample", "some", "link_check_sample is 'some'. Set it to auto, to all, or to how many"),
        ("sample", 0, "link_check_sample is 0"),
        ("confidence", 99.0, "link_check_confidence is 99"),
        ("max_missing", 1.5, "link_check_max_missing is 1.5"),
        ("connections", 21, "link_check_connections is 21"),
    ],
)
def test_what_cannot_be_right_is_refused(tmp_path: Path, option: str, value: Any, part: str) -> None:
    harness = CheckHarness(tmp_path, numbered(1))
    result, _listener = harness.check(stand_in_url=None, **{option: value})
    assert result["failure"]["code"] == "invalid_option"
    assert part in result["msg"]


def test_what_later_links_show_of_a_pair_counts_for_the_first_ones(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(30), leave_out={EU_TO_US: ends(1, 20)}).serving() as harness:
        auth = ("ann@example.com", "token")
        api = f"{harness.options['stand_in_url']}/{{}}.example.net/rest/api/3/issue/{{}}"
        other = requests.get(api.format("eu", "EUA-30/remotelink"), auth=auth, timeout=10).json()[0]
        body = {"issueIdsOrKeys": ["USA-1"], "fields": ["summary"]}
        target = requests.post(api.format("us", "bulkfetch"), json=body, auth=auth, timeout=10).json()["issues"][0]
        made = {
            "globalId": f"{other['globalId'].partition('&')[0]}&issueId={target['id']}",
            "object": {"url": "https://new.example.org/browse/USA-1", "title": "USA-1"},
            "relationship": "blocks",
        }
        assert requests.post(api.format("eu", "EUA-1/remotelink"), json=made, auth=auth, timeout=10).ok
        # One connection, and few issues at once: nothing is known of the pair when the first target is looked up.
        before = harness.asked()["eu"]
        result, _listener = harness.check(connections=1)
        assert {number for number in range(1, 31) if ends(number, 1)[0] in map(list, harness.verdicts())} == {
            *range(2, 21)
        }
        assert numbers_of(result)[EU_TO_US]["found"] == 11
        assert harness.asked()["eu"] - before == 31, "only the first one is asked for again"


# -- What is not checked


def test_links_whose_job_is_not_complete_are_not_yet_and_not_missing(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, between_all(10), leave_out={"us -> ap": 5}).serving() as harness:
        harness.record_jobs(
            {EU_TO_US: "COMPLETE", US_TO_EU: "COMPLETE", "us -> ap": "IN_PROGRESS", "ap -> us": "ERROR"}
        )
        result, listener = harness.check(jobs="complete")
        whole = {"expected": 10, "checked": 10, "found": 10}
        not_yet = {"expected": 10, "not_yet": 10}
        assert numbers_of(result) == {
            EU_TO_US: whole,
            US_TO_EU: whole,
            **dict.fromkeys(("us -> ap", "ap -> us", "eu -> ap", "ap -> eu"), not_yet),
        }
        assert result["ok"], "what is not checked yet does not fail a check"
        assert result["stats"]["link_check_not_yet"] == 40
        assert "Not checked, as their jobs are not complete: eu -> ap" in listener.warnings[-1]
        assert "-e link_check_jobs=any" in " ".join(listener.lines), "it says what to do"
        assert "us -> ap (10 links, running)" in " ".join(listener.lines)
        assert harness.asked() == {"eu": 10, "us": 10}
        harness.record_jobs({"eu -> ap": "COMPLETE"})
        again, _listener = harness.check(jobs="complete")
        assert (again["check"], numbers_of(again)["eu -> ap"]) == (2, whole)


def test_links_to_a_destination_that_no_run_updates_are_not_yet(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, between_all(3)).serving() as harness:
        harness.options["orders"][0]["destinations"] = ["us"]
        harness.record_jobs({EU_TO_US: "COMPLETE"})
        result, listener = harness.check(jobs="complete", only=["eu"])
        assert numbers_of(result)["eu -> ap"] == {"expected": 3, "not_yet": 3}
        assert "eu -> ap (3 links, not scheduled)" in " ".join(" ".join(listener.lines).split())


def test_a_check_of_nothing_but_links_that_are_not_yet_there_is_not_good(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(5)).serving() as harness:
        result, _listener = harness.check(jobs="complete")
        assert not result["ok"]
        assert result["failure"]["code"] == "check_incomplete"
        assert "Nothing was checked: the jobs for all 10 links are not complete" in result["msg"]
        assert "To check their links all the same: -e link_check_jobs=any" in " ".join(" ".join(result["text"]).split())


def test_with_a_limit_only_the_sites_of_the_play_are_asked(tmp_path: Path) -> None:
    left_out = {EU_TO_US: [["EUA-1", "USA-1"]]}
    with CheckHarness(tmp_path, between_all(5), leave_out=left_out).serving() as harness:
        result, _listener = harness.check(only=["eu"])
        assert set(numbers_of(result)) == {EU_TO_US, "eu -> ap"}
        assert set(harness.asked()) == {"eu"}
        assert set(harness.asked("bulkfetch")) == {"eu"}
        (finding,) = harness.findings()
        assert finding["note"] == "the target was not looked up: us takes no part in this check"


def test_check_mode_asks_no_issue_and_writes_nothing(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(5)).serving() as harness:
        result, listener = harness.check(check=True)
        assert "failed" not in result
        assert "Links to check: all 10 links" in listener.lines
        assert harness.asked() == harness.asked("bulkfetch") == {}
        assert not (tmp_path / "report").exists()
        checked, _listener = harness.check()
        assert checked["check"] == 1


def test_without_a_census_nothing_is_asked(tmp_path: Path) -> None:
    harness = CheckHarness(tmp_path, numbered(1))
    result, _listener = harness.check(stand_in_url="http://127.0.0.1:9")
    assert result["failure"]["code"] == "census_incomplete"
    assert "Count the links first: ansible-playbook -i INVENTORY jira_cloud.federation.link_census" in result["msg"]


# -- Sites that do not answer


def test_an_account_that_is_refused_is_found_before_anything_is_asked(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(5), blocked=["us"]).serving() as harness:
        result, _listener = harness.check()
        assert result["failure"]["code"] == "preflight"
        assert [each["instance"] for each in result["problems"]] == ["us"]
        assert harness.asked() == {}


def test_a_site_that_refuses_the_account_in_the_middle_is_left_alone_and_asked_again_later(tmp_path: Path) -> None:
    fault = {"call": "remotelink", "site": "eu", "what": 401, "after": 30, "times": 1000}
    with CheckHarness(tmp_path, numbered(100), faults=[fault]).serving() as harness:
        result, listener = harness.check()
        numbers = numbers_of(result)
        assert numbers[US_TO_EU] == {"expected": 100, "checked": 100, "found": 100}, "the other site is read"
        assert numbers[EU_TO_US]["checked"] == 30
        assert numbers[EU_TO_US]["missing_at_most"] == 70
        assert result["failure"]["code"] == "check_incomplete"
        assert any(line.startswith("eu  stopped, ") and "HTTP 401" in line for line in listener.lines)
        # No more than one request of each connection.
        assert harness.asked()["eu"] <= 34
        harness.switch(faults=[])
        asked = harness.asked()["eu"]
        again, _listener = harness.check()
        assert (again["check"], again["ok"]) == (1, True), "it goes on"
        assert harness.asked()["eu"] - asked == 70


def test_a_site_without_any_answer_is_left_alone_after_a_few_issues(tmp_path: Path) -> None:
    fault = {"call": "remotelink", "site": "eu", "what": 503, "times": 100000}
    with CheckHarness(tmp_path, numbered(200), faults=[fault]).serving() as harness:
        result, listener = harness.check()
        assert harness.asked()["eu"] < 100
        assert numbers_of(result)[EU_TO_US]["unanswered"] < 20
        assert numbers_of(result)[US_TO_EU]["found"] == 200
        assert result["failure"]["code"] == "check_incomplete"
        # Many requests have the same trouble.
        assert sum(line.startswith("eu: ") for line in listener.lines) < 10
        harness.switch(faults=[])
        again, _listener = harness.check()
        assert (again["check"], again["ok"]) == (1, True), "what was unanswered is asked for again"


def test_a_site_that_does_not_look_up_targets_leaves_links_unanswered(tmp_path: Path) -> None:
    fault = {"call": "bulkfetch", "site": "us", "what": 503, "times": 100000}
    with CheckHarness(tmp_path, numbered(5), leave_out={EU_TO_US: 1}, faults=[fault]).serving() as harness:
        result, _listener = harness.check(only=["eu", "us"])
        assert numbers_of(result)[EU_TO_US]["unanswered"] == 1
        assert numbers_of(result)[US_TO_EU]["found"] == 5, "issues are found without being looked up"


# -- One at a time, and no secrets


def test_two_processes_do_not_make_the_same_check(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(30)).serving() as harness:
        at_once: list[Result] = []

        class Second(Listener):
            """Begins the same check while the first one is being made."""

            def line(self, text: str, *level: Any) -> None:
                if text.startswith("Check 1 begins"):
                    at_once.append(harness.check()[0])
                super().line(text, *level)

        result, _listener = harness.check(listener=Second())
        assert result["ok"]
        assert at_once[0]["failure"]["code"] == "ledger"
        assert "another process" in at_once[0]["msg"]


def test_no_secret_is_shown_or_written(tmp_path: Path) -> None:
    with CheckHarness(tmp_path, numbered(3), leave_out={EU_TO_US: 1}, api_token="rehearsal").serving() as harness:
        result, listener = harness.check()
        shown = json.dumps(result, default=str) + "".join([*listener.lines, *listener.warnings, *listener.seen])
        written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
        assert TOKEN not in shown
        assert TOKEN.encode() not in written


def test_the_store_keeps_what_checks_have_found(tmp_path: Path) -> None:
    form = {"app_id": "a-1", "type": "com.atlassian.jira", "name": "US"}
    with CheckHarness(tmp_path, numbered(3), leave_out={EU_TO_US: 1}, form={EU_TO_US: form}).serving() as harness:
        first, _listener = harness.check()
        second, _listener = harness.check()
        with open_store(tmp_path / "census.sqlite3", FakeClock()) as store:
            past = store.checks.past(["https://eu.example.net"])
            assert [each.number for each in past] == [2, 1]
            assert [each.complete for each in past] == [True, True]
            assert past[0].result == {name: second[name] for name in past[0].result}
            known = store.checks.form("https://eu.example.net", "https://us.example.net")
            assert known
            assert (known.app_id, known.application_name) == ("a-1", "US")
        assert first["check"] == 1
        assert SERVER not in json.dumps(second["pairs"])
