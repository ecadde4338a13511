# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's calls, word for word as they go over the wire."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    JobUnknown,
    LinkUpdateError,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update, make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import LinksApi, canonical_status
from ansible_collections.jira_cloud.federation.plugins.module_utils._status import ENDED, KNOWN, SAME_AS_COMPLETE
from ansible_collections.jira_cloud.federation.tests.unit.support import Wire, answering
from hypothesis import given
from hypothesis import strategies as st

NOWHERE = "http://127.0.0.1:9"


def update_of(**options: Any) -> Update:
    return make_update(
        **{
            "product": "jira",
            "product_url": "https://eu.example.atlassian.net",
            "destination_url": "https://us.example.atlassian.net",
            "migrated_from": "http://jira.example.com",
            "site_id": "site-eu",
            **options,
        }
    )


JIRA = update_of()
CONFLUENCE = update_of(
    product="confluence", product_url="https://eu.example.atlassian.net/wiki", recreate_as_remote=False
)
BASICS = {
    "product": "jira",
    "productURL": "https://eu.example.atlassian.net",
    "destinationURL": "https://us.example.atlassian.net",
    "migratedFrom": "http://jira.example.com",
}


def schedule(session: Session, answer: Any, update: Update = JIRA) -> tuple[str, str]:
    """The job id, and the request it took to get it."""
    with Wire(answering(200, json.dumps(answer))) as wire:
        job_id = LinksApi(session, wire.url + "/links/v1").schedule(update)
    return job_id, wire.requests[0]


def status(session: Session, answer: Any, job_id: str = "job-1", *, http_status: int = 200) -> tuple[str, str]:
    """The status of a job, and the request it took to get it."""
    with Wire(answering(http_status, json.dumps(answer))) as wire:
        found = LinksApi(session, wire.url + "/links/v1").status("site-eu", job_id)
    return found.word, wire.requests[0]


# -- Scheduling


@pytest.mark.parametrize(
    ("update", "body"),
    [
        (JIRA, {**BASICS, "recreateAsRemote": True}),
        (update_of(recreate_as_remote=False), {**BASICS, "recreateAsRemote": False}),
        (update_of(create_backup=True), {**BASICS, "recreateAsRemote": True, "createBackup": True}),
        (update_of(create_backup=False), {**BASICS, "recreateAsRemote": True, "createBackup": False}),
        (
            update_of(migrated_from_override="http://older.example.com/"),
            {**BASICS, "migratedFromOverride": "http://older.example.com", "recreateAsRemote": True},
        ),
        (CONFLUENCE, {**BASICS, "product": "confluence", "productURL": "https://eu.example.atlassian.net/wiki"}),
        (
            replace(CONFLUENCE, create_backup=False, migrated_from_override="http://older.example.com"),
            {
                **BASICS,
                "product": "confluence",
                "productURL": "https://eu.example.atlassian.net/wiki",
                "migratedFromOverride": "http://older.example.com",
            },
        ),
        (update_of(wave="2", migrated_at="2026-03-01"), {**BASICS, "recreateAsRemote": True}),
    ],
    ids=["plain", "regular", "backup", "no backup", "override", "confluence", "confluence with options", "our own"],
)
def test_scheduling_sends_what_was_asked_for_and_nothing_else(
    session: Session, update: Update, body: dict[str, Any]
) -> None:
    request = schedule(session, {"uuid": "job-1"}, update)[1]
    head, sent = request.split("\r\n\r\n")
    assert head.startswith("POST /links/v1/site-eu/jobs/cma HTTP/1.1\r\n")
    assert "\r\nContent-Type: application/json" in head
    assert "\r\nAuthorization: Basic " in head
    # As text, too: to Python, True is 1.
    assert json.dumps(json.loads(sent), sort_keys=True) == json.dumps(body, sort_keys=True)


@pytest.mark.parametrize(
    "answer",
    [
        {"uuid": "job-1"},
        {"jobId": "job-1"},
        {"id": "job-1"},
        {"uuid": "job-1", "jobId": "another", "id": "yet another"},
        {"uuid": None, "id": "job-1"},
    ],
)
def test_the_job_id_is_found_by_any_of_its_names(session: Session, answer: dict[str, Any]) -> None:
    assert schedule(session, answer)[0] == "job-1"


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        "job-1",
        None,
        {"uuid": ""},
        {"uuid": 42},
        {"uuid": ["job-1"]},
        {"uuid": "."},
        {"uuid": ".."},
        {"uuid": "job\n1"},
        {"uuid": "\ud800"},
        {"uuid": "x" * 201},
    ],
)
def test_a_job_without_an_id_that_can_be_used_may_exist_all_the_same(session: Session, answer: Any) -> None:
    with pytest.raises(OutcomeUnknown):
        schedule(session, answer)


# -- Looking at a job


@pytest.mark.parametrize(
    ("job_id", "segment"),
    [
        ("0b7d-42", "0b7d-42"),
        ("a/../b?c#d", "a%2F..%2Fb%3Fc%23d"),
        ("50% done", "50%25%20done"),
        ("...x", "...x"),
        ("jöb", "j%C3%B6b"),
    ],
)
def test_a_job_id_is_one_segment_of_the_path_whatever_is_in_it(session: Session, job_id: str, segment: str) -> None:
    request = status(session, {"status": "Pending"}, job_id)[1]
    assert request.startswith(f"GET /links/v1/site-eu/jobs/status/{segment} HTTP/1.1\r\n")
    assert "\r\nAuthorization: Basic " in request


@pytest.mark.parametrize(
    ("spellings", "canonical"),
    [
        (["Pending", "PENDING", " pending "], "PENDING"),
        (["Backup", "backup"], "BACKUP"),
        (["In_progress", "IN_PROGRESS", "in progress", "In-Progress", "inProgress", "INPROGRESS"], "IN_PROGRESS"),
        (["Retry"], "RETRY"),
        (["Complete"], "COMPLETE"),
        (["Error", "ERROR"], "ERROR"),
        (["Completed", "Done", "Success", "SUCCEEDED", "successful"], "COMPLETE"),
        (["Failed"], "FAILED"),
        (["Cancelled"], "CANCELLED"),
        (["timed-out"], "TIMED_OUT"),
        (["Finished"], "FINISHED"),
        (["on  hold"], "ON HOLD"),
    ],
)
def test_a_status_is_known_in_every_spelling(session: Session, spellings: list[str], canonical: str) -> None:
    assert {canonical_status(spelling) for spelling in spellings} == {canonical}
    assert status(session, {"status": spellings[0]})[0] == canonical


@pytest.mark.slow
@given(st.text())
def test_only_the_words_for_an_end_end_a_job(word: str) -> None:
    letters = "".join(letter for letter in word if letter.isalnum()).upper()
    assert (canonical_status(word) in ENDED) == (
        letters in {each.replace("_", "") for each in ENDED | SAME_AS_COMPLETE}
    )


@given(st.sampled_from(sorted(KNOWN)), st.sampled_from(["", " ", "-", "_"]))
def test_a_status_is_spelled_the_same_when_spelled_twice(word: str, separator: str) -> None:
    assert canonical_status(canonical_status(word.replace("_", separator).title())) == word


@pytest.mark.parametrize("answer", [{}, [], "COMPLETE", {"status": None}, {"status": 3}, {"status": " "}])
def test_an_answer_without_a_status_is_none(session: Session, answer: Any) -> None:
    with pytest.raises(OutcomeUnknown, match="job-1"):
        status(session, answer)


def test_a_job_that_the_service_does_not_know_has_a_failure_of_its_own(session: Session) -> None:
    with pytest.raises(JobUnknown, match=r"job-1 .*site-eu") as failure:
        status(session, {"id": "request-1"}, http_status=404)
    assert failure.value.failure.as_result() == {
        "code": "job_unknown",
        "message": failure.value.failure.message,
        "http_status": 404,
        "request_id": "request-1",
        "job_id": "job-1",
    }


@pytest.mark.parametrize("http_status", [401, 429, 500])
def test_any_other_failure_carries_the_job_it_is_about(session: Session, http_status: int) -> None:
    with pytest.raises(LinkUpdateError) as failure:
        status(session, {}, http_status=http_status)
    assert (failure.value.failure.job_id, failure.value.failure.http_status) == ("job-1", http_status)
