# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures as data, and as sentences."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    AddressRejected,
    Code,
    InvalidOption,
    JobUnknown,
    LedgerError,
    LinkUpdateError,
    MissingLibrary,
    NotAccepted,
    OutcomeUnknown,
    sentence,
)

OF_A_REQUEST = {"http_status": 503, "request_id": "r-1"}


@pytest.mark.parametrize(
    ("said", "text"),
    [
        (sentence("the job is lost"), "the job is lost"),
        (sentence("the job is lost", "rerun"), "the job is lost. Rerun"),
        (sentence("the job is lost", about="eu -> us"), "eu -> us: the job is lost"),
        (sentence("the job is lost", "rerun, in the USA", about="us"), "us: the job is lost. Rerun, in the USA"),
        (sentence("HTTP 403 Ask your admin.", "rerun"), "HTTP 403 Ask your admin. Rerun"),
    ],
)
def test_a_failure_reads_as_a_sentence_of_what_it_has(said: str, text: str) -> None:
    assert said == text


def test_a_failure_is_in_a_result_with_all_that_is_known_of_it() -> None:
    failure = LinkUpdateError("no", code=Code.FORBIDDEN, advice="ask", about="eu", job_id="job-1", **OF_A_REQUEST)
    assert failure.failure.as_result() == {
        "code": "forbidden",
        "message": "eu: no. Ask",
        "http_status": 503,
        "request_id": "r-1",
        "job_id": "job-1",
    }
    assert str(failure) == "eu: no. Ask"


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        (InvalidOption("no"), "invalid_option"),
        (MissingLibrary("no"), "missing_library"),
        (LedgerError("no"), "ledger"),
        (NotAccepted("no"), "unreachable"),
        (NotAccepted("no", code=Code.RATE_LIMITED), "rate_limited"),
        (AddressRejected("no"), "forbidden"),
        (OutcomeUnknown("no"), "no_answer"),
        (JobUnknown("no", job_id="job-1"), "job_unknown"),
    ],
)
def test_each_kind_of_failure_has_its_code(failure: LinkUpdateError, code: str) -> None:
    assert failure.failure.as_result()["code"] == failure.code.value == code
    assert str(failure) == "no"


def test_each_kind_of_failure_keeps_what_it_is_told() -> None:
    assert InvalidOption("no", "do", about="eu").failure.message == "eu: no. Do"
    assert MissingLibrary("no", "do").failure.message == LedgerError("no", "do").failure.message == "no. Do"
    assert AddressRejected("no", "do").failure.message == "no. Do"
    for of_a_job in (LedgerError("no", job_id="job-1"), JobUnknown("no", job_id="job-1")):
        assert of_a_job.failure.job_id == "job-1"
    for failure in (NotAccepted("no", **OF_A_REQUEST), OutcomeUnknown("no", **OF_A_REQUEST)):
        assert (failure.failure.http_status, failure.failure.request_id) == (503, "r-1")
    unknown = JobUnknown("no", job_id="job-1", request_id="r-1").failure
    assert (unknown.http_status, unknown.request_id) == (404, "r-1")


def test_what_is_added_to_a_failure_leaves_the_rest_of_it_and_the_failure_itself_as_they_were() -> None:
    failure = NotAccepted("busy", retry_after=60, **OF_A_REQUEST)
    amended = failure.amended(about="eu", advice="rerun")
    assert isinstance(amended, NotAccepted)
    assert (str(amended), amended.retry_after, amended.failure.http_status) == ("eu: busy. Rerun", 60, 503)
    assert str(failure) == "busy"


def test_a_failure_that_is_there_as_data_can_be_raised() -> None:
    failure = LinkUpdateError("no", code=Code.FORBIDDEN, advice="ask", about="eu", job_id="j", **OF_A_REQUEST).failure
    assert LinkUpdateError.of(failure).failure == failure
