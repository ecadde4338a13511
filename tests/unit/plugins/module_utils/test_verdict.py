# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said at the end of a run, and which jobs it leaves to be waited for."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._links_api import COMPLETE, ENDED, ERROR, KNOWN
from ansible_collections.jira_cloud.federation.plugins.module_utils._verdict import jobs_to_wait_for, verdict_of
from hypothesis import given
from hypothesis import strategies as st

Result = dict[str, Any]

STATES = ("complete", "scheduled", "running", "failed")
SKIPPED: Result = {"skipped": True, "changed": False}
FAILURE: Result = {"failed": True, "msg": "eu -> us: the token is wrong", "failure": {"code": "unauthorized"}}


def submitted(label: str, status: str | None = "PENDING", *, changed: bool = True, **more: Any) -> Result:
    """A result of C(link_update_job) with a job, whose id is made of the label."""
    job_id = f"job of {label}" if status else None
    return {
        "label": label,
        "changed": changed,
        "job": {"site_id": "site-eu", "job_id": job_id, "status": status},
        **more,
    }


def waited(**statuses: str | None) -> Result:
    """A result of C(link_update_wait) for jobs by their labels."""
    return {
        "changed": False,
        "jobs": [
            {"site_id": "site-eu", "job_id": f"job of {label}", "label": label, "status": status}
            for label, status in statuses.items()
        ],
    }


def labels_by_state(verdict: Result) -> dict[str, list[str]]:
    return {state: verdict[state] for state in STATES if verdict[state]}


# -- The jobs to wait for


def test_jobs_that_exist_and_have_not_ended_are_waited_for() -> None:
    results = [
        submitted("new"),
        submitted("attached", "RETRY", changed=False),
        submitted("strange", "PONDERING"),
        submitted("done", COMPLETE),
        submitted("broken", ERROR),
        submitted("would be", None),
        {"label": "refused", **FAILURE},
        submitted("late", "IN_PROGRESS", failed=True),
    ]
    assert jobs_to_wait_for(results) == [
        {"site_id": "site-eu", "job_id": f"job of {label}", "label": label}
        for label in ("new", "attached", "strange", "late")
    ]


# -- The verdict


@pytest.mark.parametrize(
    ("result", "after", "wait", "state", "ok"),
    [
        (submitted("x"), waited(x=COMPLETE), True, "complete", True),
        (submitted("x"), waited(x=ERROR), True, "failed", False),
        (submitted("x"), waited(x="IN_PROGRESS"), True, "running", False),
        (submitted("x"), waited(x=None), True, "running", False),
        (submitted("x"), waited(x="PONDERING"), True, "running", False),
        (submitted("x", COMPLETE, changed=False), SKIPPED, True, "complete", True),
        (submitted("x", "RETRY", changed=False), SKIPPED, True, "running", False),
        (submitted("x"), SKIPPED, True, "scheduled", False),
        (submitted("x"), SKIPPED, False, "scheduled", True),
        (submitted("x", "RETRY", changed=False), SKIPPED, False, "running", True),
        (submitted("x", ERROR, changed=False), SKIPPED, False, "failed", False),
        ({"label": "x", "changed": False, **FAILURE}, SKIPPED, False, "failed", False),
        ({"label": "x", "changed": True, **FAILURE}, SKIPPED, False, "failed", False),
        ({"label": "x", "changed": False, **FAILURE, "failed": False}, SKIPPED, False, "failed", False),
    ],
)
def test_what_became_of_one_update(result: Result, after: Result, wait: bool, state: str, ok: bool) -> None:
    verdict = verdict_of([result], after, wait=wait)
    assert labels_by_state(verdict) == {state: ["x"]}
    assert verdict["ok"] is ok


@pytest.mark.parametrize("result", [submitted("x", None), submitted("x", "RETRY", changed=False)])
def test_a_check_is_ok_with_what_would_be_done(result: Result) -> None:
    assert verdict_of([result], SKIPPED, check=True)["ok"]


def test_a_check_says_that_nothing_was_scheduled_yet() -> None:
    assert verdict_of([submitted("eu -> us", None)], SKIPPED, check=True)["message"] == "1 would be scheduled: eu -> us"


@pytest.mark.parametrize("sign", [{"failed": True}, {"failure": {"code": "timeout"}}])
def test_a_wait_that_failed_is_not_ok_whatever_became_of_the_jobs(sign: Result) -> None:
    assert not verdict_of([submitted("x")], {**waited(x=COMPLETE), **sign, "msg": "oh no"})["ok"]


def test_the_same_job_id_at_another_site_is_another_job() -> None:
    elsewhere = {"jobs": [{"site_id": "site-us", "job_id": "job of x", "label": "x", "status": COMPLETE}]}
    assert not verdict_of([submitted("x")], elsewhere)["complete"]


def test_the_message_counts_and_names_and_says_what_went_wrong() -> None:
    verdict = verdict_of(
        [submitted("eu -> asia"), submitted("eu -> mars"), {"label": "eu -> us", "changed": False, **FAILURE}],
        {
            **waited(**{"eu -> asia": COMPLETE, "eu -> mars": "RETRY"}),
            "msg": "time is up",
            "failure": {"code": "timeout"},
        },
    )
    assert verdict["message"] == (
        "1 complete: eu -> asia; 1 still under way: eu -> mars; 1 FAILED: eu -> us. "
        "eu -> us: the token is wrong. time is up"
    )


class Fate(NamedTuple):
    """What may happen to one update."""

    before: str | None
    after: str | None
    changed: bool
    failed: bool

    def last(self, skipped: bool) -> str | None:
        return self.before if skipped or self.before in (None, *ENDED) else self.after


STATUSES = st.sampled_from([None, *sorted(KNOWN), "PONDERING"])
FATES = st.builds(Fate, STATUSES, STATUSES, changed=st.booleans(), failed=st.booleans())


@given(st.dictionaries(st.sampled_from("abcdef"), FATES, min_size=1), st.booleans(), st.booleans())
def test_it_is_never_ok_when_something_failed_or_is_missing(fates: dict[str, Fate], skipped: bool, wait: bool) -> None:
    results = [submitted(label, fate.before, changed=fate.changed, failed=fate.failed) for label, fate in fates.items()]
    jobs = waited(**{job["label"]: fates[job["label"]].after for job in jobs_to_wait_for(results)})
    verdict = verdict_of(results, SKIPPED if skipped else jobs, wait=wait)

    last = {fate.last(skipped) for fate in fates.values()}
    failed = ERROR in last or any(fate.failed for fate in fates.values())
    assert verdict["ok"] == (not failed and (not wait or last == {COMPLETE}))
    assert sorted(label for state in STATES for label in verdict[state]) == sorted(fates)
