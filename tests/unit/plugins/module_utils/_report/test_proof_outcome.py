# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said of each instance after a check, a repair and a download, and which of them have failed."""

from __future__ import annotations

from typing import Any

from ansible_collections.jira_cloud.federation.plugins.module_utils._report.outcome import Outcome
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.proof_outcome import (
    check_outcomes_of,
    repair_outcomes_of,
    reports_outcomes_of,
    with_check,
)

INSTANCES = ("eu", "us", "ap")


def pair(instance: str, destination: str, expected: int, **numbers: int) -> dict[str, Any]:
    """A pair of a check, whose links are found as far as nothing else is said."""
    good = {"checked": expected, "found": expected, "duplicate": 0}
    good |= {"not_yet": 0, "unanswered": 0, "missing_at_most": 0}
    return {"instance": instance, "destination": destination, "expected": expected, **good, **numbers}


def checked(*pairs: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"pairs": list(pairs), "sampled": False, "max_missing": 0.0, "msg": "links are missing", **more}


def told(outcomes: dict[str, Outcome]) -> dict[str, tuple[bool, str]]:
    """Whether each instance has failed, and its message."""
    return {name: (each.failed, each.message) for name, each in outcomes.items()}


def test_a_check_fails_for_the_instances_that_miss_links_and_for_no_other() -> None:
    result = checked(
        pair("eu", "us", 40, found=36, duplicate=1, missing_at_most=3),
        pair("eu", "ap", 1500, found=100, checked=100, not_yet=1400),
        pair("us", "eu", 1500, found=1400, duplicate=100),
        failed=True,
        files={"findings": "report/link_check_findings.csv"},
    )
    assert told(check_outcomes_of(result, INSTANCES)) == {
        "eu": (True, "eu: 3 of 40 links to us are not found. See report/link_check_findings.csv"),
        "us": (False, "us: 1,500 of 1,500 checked links found"),
        "ap": (False, "ap: 0 of 0 checked links found"),
    }
    assert check_outcomes_of(result, INSTANCES[1:])["us"].failed is True, "nobody else can say why the check failed"


def test_links_without_an_answer_are_not_told_as_if_they_were_not_there() -> None:
    result = checked(
        pair("eu", "us", 40, checked=22, found=20, unanswered=1, missing_at_most=20),
        pair("us", "eu", 40, checked=22, found=22, missing_at_most=18),
        pair("ap", "eu", 3000, found=2000, unanswered=1000, missing_at_most=1000),
        failed=True,
    )
    assert [message for _failed, message in told(check_outcomes_of(result, INSTANCES)).values()] == [
        "eu: 1 of 40 links to us are not found, 19 have no answer",
        "us: 18 of 40 links to eu have no answer",
        "ap: 1,000 of 3,000 links to eu have no answer",
    ]


def test_of_a_sample_no_more_is_said_than_it_shows() -> None:
    result = checked(
        pair("eu", "us", 2000, checked=300, found=290, missing_at_most=64, not_yet=0),
        pair("us", "eu", 2000, checked=300, found=300, missing_at_most=18),
        pair("us", "ap", 50, checked=0, found=0, not_yet=50),
        failed=True,
        sampled=True,
        max_missing=0.01,
    )
    outcomes = told(check_outcomes_of(result, INSTANCES))
    assert outcomes["eu"] == (True, "eu: 64 of 2,000 links to us may be missing")
    assert outcomes["us"] == (False, "us: 300 of 300 checked links found, 50 not yet")


def test_a_check_that_was_not_made_fails_for_all_and_in_check_mode_nothing_is_said() -> None:
    refused = {"failed": True, "msg": "there is no complete census"}
    assert told(check_outcomes_of(refused, INSTANCES)) == {
        "eu": (True, "eu: there is no complete census"),
        "us": (True, "us: the check was not made. The message of eu has the reason"),
        "ap": (True, "ap: the check was not made. The message of eu has the reason"),
    }
    assert set(told(check_outcomes_of({"changed": False}, INSTANCES)).values()) == {(False, "")}


def test_the_check_after_a_run_decides_about_what_the_run_has_done() -> None:
    done, failed = Outcome(False, True, "eu: 2 of 2 jobs complete"), Outcome(True, True, "eu: 1 job failed")
    missing, good = Outcome(True, False, "eu: 3 of 40 links to us are not found"), Outcome(False, False, "eu: 9 of 9")
    assert with_check(done, missing) == Outcome(
        True, True, "eu: 2 of 2 jobs complete. 3 of 40 links to us are not found"
    )
    assert with_check(done, good) == Outcome(False, True, "eu: 2 of 2 jobs complete. 9 of 9")
    assert with_check(done, Outcome(False, False, "")) == done
    assert with_check(failed, missing) == failed


def test_a_repair_fails_for_the_instances_whose_links_could_not_be_created() -> None:
    result = {
        "failed": True,
        "msg": "1 of 4 links failed",
        "created": [{"instance": "eu"}, {"instance": "eu"}],
        "skipped": [{"instance": "eu"}],
        "failed_links": [{"instance": "us"}],
    }
    assert told(repair_outcomes_of(result, INSTANCES, check=False)) == {
        "eu": (False, "eu: 2 links created, 1 link skipped"),
        "us": (True, "us: 1 link failed"),
        "ap": (False, "ap: nothing to do"),
    }
    would = repair_outcomes_of({"undone": [{"instance": "eu"}]}, INSTANCES, check=True)
    assert would["eu"].message == "eu: 1 link to remove"
    refused = {"failed": True, "msg": "link_repair_max is 1"}
    assert told(repair_outcomes_of(refused, INSTANCES, check=False))["us"][0] is True


def test_a_download_says_how_many_reports_each_instance_has() -> None:
    result = {"files": [{"instance": "eu"}, {"instance": "eu"}, {"instance": "us"}]}
    assert told(reports_outcomes_of(result, INSTANCES)) == {
        "eu": (False, "eu: 2 reports downloaded"),
        "us": (False, "us: 1 report downloaded"),
        "ap": (False, "ap: 0 reports downloaded"),
    }
    problem = {"instance": "us", "problem": "no audit log: HTTP 404", "remedy": "correct the URL"}
    failed = told(reports_outcomes_of({**result, "failed": True, "msg": "", "problems": [problem]}, INSTANCES))
    assert failed["us"] == (True, "us: no audit log: HTTP 404. Correct the URL")
    assert failed["eu"] == (True, "eu: not all reports were downloaded. The message of us has the reason")
