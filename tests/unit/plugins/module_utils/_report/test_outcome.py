# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run means for each instance: the reason is told where the problem is, and nobody is green for nothing."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.outcome import (
    Outcome,
    census_outcomes_of,
    outcomes_of,
)

NAMES = ["eu", "us", "ap"]
FINE = "3 of 3 jobs complete"
BROKEN = "2 of 3 jobs complete, 1 failed: us -> eu ended in ERROR"


def outcomes(result: Any, *names: str) -> dict[str, Outcome]:
    return outcomes_of(result, names or NAMES)


def messages(result: dict[str, Any], *names: str) -> dict[str, str]:
    """What each instance is told; all of them have failed, and nothing was scheduled for any."""
    found = outcomes(result, *names)
    assert {(each.failed, each.changed) for each in found.values()} == {(True, False)}
    return {name: each.message for name, each in found.items()}


def told(message: str = FINE, *, ok: bool = True, changed: bool = False) -> dict[str, Any]:
    """What a run tells of an instance."""
    return {"ok": ok, "changed": changed, "message": message}


def failed(*problems: tuple[str, str], **more: Any) -> dict[str, Any]:
    """The result of a run that could not be made, because of problems by the instances they are of."""
    listed = [{"instance": name, "problem": problem, "remedy": "correct it"} for name, problem in problems]
    return {"failed": True, "msg": "the ledger is locked", "problems": listed, **more}


@pytest.mark.parametrize("changed", [True, False])
def test_of_a_run_that_was_made_each_instance_has_its_own_part(changed: bool) -> None:
    instances = {
        "eu": told(changed=changed),
        "us": told(BROKEN, ok=False, changed=not changed),
        "ap": told("0 of 3 jobs complete"),
    }
    expected = {
        "eu": Outcome(failed=False, changed=changed, message=f"eu: {FINE}"),
        "us": Outcome(True, not changed, f"us: {BROKEN}"),
        "ap": Outcome(failed=False, changed=False, message="ap: 0 of 3 jobs complete"),
    }
    # A module says of itself that it has not failed, an action does not.
    assert outcomes({"instances": instances}) == outcomes({"failed": False, "instances": instances}) == expected
    assert outcomes(failed(instances=instances)) == expected, "also where the run ended before its time"


def test_a_stage_that_tells_of_no_instance_is_well_for_all() -> None:
    assert list(outcomes({"changed": False}).values()) == [Outcome(failed=False, changed=False, message="")] * 3


def test_each_problem_is_told_where_it_is_and_the_others_have_one_short_sentence() -> None:
    assert messages(failed(("us", "no admin"), ("us", "linking is off"), ("ap", "no site"))) == {
        "eu": "eu: the run stopped. The message of us, ap has the reason",
        "us": "us: no admin. Correct it. us: linking is off. Correct it",
        "ap": "ap: no site. Correct it",
    }


def test_the_short_sentence_stays_short_however_many_have_problems() -> None:
    names = ["fine", *(f"site{number}" for number in range(40))]
    told = messages(failed(*((name, "no admin") for name in names[1:])), *names)
    assert told["fine"] == "fine: the run stopped. The message of site0, site1, site2 and 37 more has the reason"


@pytest.mark.parametrize(
    ("problems", "reason"),
    [
        ([("", "the strategy is free")], "the strategy is free. Correct it"),
        ([("au", "no site")], "au: no site. Correct it"),
        ([("", "no hosts"), ("au", "no site")], "no hosts. Correct it. au: no site. Correct it"),
        ([], "the ledger is locked"),
    ],
    ids=["of no instance", "of an absent one", "of both", "without a list"],
)
def test_what_is_about_no_instance_that_is_there_is_told_by_the_first(
    problems: list[tuple[str, str]], reason: str
) -> None:
    assert messages(failed(*problems)) == {
        "eu": f"eu: {reason}",
        "us": "us: the run stopped. The message of eu has the reason",
        "ap": "ap: the run stopped. The message of eu has the reason",
    }


def test_what_ends_a_run_in_which_no_instance_has_failed_is_told_by_the_first_and_what_was_done_stays() -> None:
    found = outcomes(failed(instances={name: told(changed=name == "eu") for name in NAMES}))
    assert found == {
        "eu": Outcome(failed=True, changed=True, message="eu: the ledger is locked"),
        "us": Outcome(failed=False, changed=False, message=f"us: {FINE}"),
        "ap": Outcome(failed=False, changed=False, message=f"ap: {FINE}"),
    }


def test_after_a_census_each_instance_is_told_of_its_own_links_and_none_is_changed() -> None:
    pairs = [
        {"instance": "eu", "destination": "us", "expected": 1200},
        {"instance": "eu", "destination": "ap", "expected": 34},
        {"instance": "us", "destination": "eu", "expected": 0},
    ]
    told = census_outcomes_of({"changed": True, "complete": True, "pairs": pairs}, [*NAMES, "wiki"])
    assert told == {
        "eu": Outcome(failed=False, changed=False, message="eu: 1,234 links to other instances"),
        "us": Outcome(failed=False, changed=False, message="us: 0 links to other instances"),
        "ap": Outcome(failed=False, changed=False, message=""),
        "wiki": Outcome(failed=False, changed=False, message=""),
    }


@pytest.mark.parametrize(
    ("result", "stopped"),
    [
        ({"complete": False, "pairs": [{"instance": "us", "expected": 7}]}, "the census is not complete"),
        ({}, "no links were counted"),
    ],
)
def test_a_census_that_failed_has_failed_for_all(result: dict[str, Any], stopped: str) -> None:
    told = census_outcomes_of({"changed": True, "failed": True, "msg": "ABC is not read", **result}, NAMES)
    assert {(each.failed, each.changed) for each in told.values()} == {(True, False)}
    assert [each.message for each in told.values()] == [
        "eu: ABC is not read",
        *(f"{name}: {stopped}. The message of eu has the reason" for name in ("us", "ap")),
    ]
