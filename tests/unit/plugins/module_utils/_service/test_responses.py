# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an answer means, whichever way it came."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    AddressRejected,
    LinkUpdateError,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.responses import AnswerReader
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.transport import Answer, Call

URL = "https://eu.example.net/somewhere/else"


GET, DELETE = Call("GET", URL), Call("DELETE", URL, changes=True)


def content_of(
    status: int, body: object = None, headers: dict[str, str] | None = None, call: Call = GET, **answer: Any
) -> Any:
    """What an answer says, or the failure that it stands for."""
    reader = AnswerReader(
        Answer(status, headers or {}, body if isinstance(body, bytes) else json.dumps(body).encode(), **answer),
        call=call,
        advice={403: "ask an admin"},
        retry_after=7.0,
        clean=lambda text: text.replace("s3cret", "***"),
    )
    return reader.content(lambda content: content)


def failure_of(status: int, body: object = None, headers: dict[str, str] | None = None, **answer: Any) -> Any:
    with pytest.raises(LinkUpdateError) as caught:
        content_of(status, body, headers, **answer)
    return caught.value.failure


@pytest.mark.parametrize("status", [200, 299])
def test_a_good_answer_is_read(status: int) -> None:
    assert content_of(status, {"a": 1}) == {"a": 1}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (300, "redirected"),
        (399, "redirected"),
        (400, "rejected"),
        (499, "rejected"),
        (500, "no_answer"),
    ],
)
def test_each_hundred_of_statuses_has_its_meaning(status: int, code: str) -> None:
    assert failure_of(status, {"a": 1}).code == code


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("/login?token=s3cret#x", "https://eu.example.net/login"),
        ("next", "https://eu.example.net/somewhere/next"),
        ("https://me:s3cret@login.example.com/", "https://login.example.com/"),
        ("https://[", "nowhere"),
    ],
)
def test_a_redirect_tells_where_it_leads_and_no_secret(location: str, to: str) -> None:
    failure = failure_of(302, headers={"Location": location})
    assert failure.what == f"HTTP 302: redirected to {to}, not followed"
    assert failure.advice == "correct the URL: it is wrong, or has changed"


@pytest.mark.parametrize(
    ("status", "headers"), [(429, {}), (503, {"Retry-After": "?"}), (503, {"X-RateLimit-Reset": "?"})]
)
def test_a_service_that_asks_for_quiet_says_for_how_long(status: int, headers: dict[str, str]) -> None:
    with pytest.raises(LinkUpdateError) as caught:
        content_of(status, headers=headers)
    assert vars(caught.value)["retry_after"] == 7.0


def test_what_to_do_about_a_refusal_is_told_by_its_status() -> None:
    assert (failure_of(403).advice, failure_of(404).advice) == ("ask an admin", "")


def test_a_long_speech_of_the_service_is_cut_and_its_secrets_are_gone_before() -> None:
    speech = "x" * 298 + "s3cret" + "y" * 300
    assert failure_of(400, {"message": speech}).what == f"HTTP 400 {'x' * 297}..."
    assert failure_of(400, {"message": "y" * 300}).what == f"HTTP 400 {'y' * 300}"
    assert failure_of(400, {"id": "z" * 101}).request_id == f"{'z' * 97}..."
    assert failure_of(400, {"id": "s3cret"}).what == 'HTTP 400 {"id": "***"} (request ***)'


NOT_ALLOWED = "The IP address has been rejected because it is not on the allowed list."


@pytest.mark.parametrize(
    "body",
    [
        {"errorMessages": [NOT_ALLOWED], "errors": {}},
        {"errorMessages": ["x" * 400, NOT_ALLOWED]},
        {"message": "Forbidden", "reason": [{"text": "x" * 400 + NOT_ALLOWED}]},
        "x" * 400 + NOT_ALLOWED,
    ],
    ids=["first", "after 300 characters", "in a field that is not told", "a text"],
)
def test_a_site_that_takes_no_requests_from_here_is_told_from_other_refusals(body: object) -> None:
    with pytest.raises(AddressRejected) as caught:
        content_of(403, body)
    failure = caught.value.failure
    assert (failure.code, failure.http_status, failure.advice) == ("forbidden", 403, "ask an admin")
    assert len(failure.what) <= len("HTTP 403 ") + 300


@pytest.mark.parametrize(("status", "body"), [(403, {"message": "no"}), (401, {"message": NOT_ALLOWED})])
def test_a_refusal_for_another_reason_is_not_about_the_address(status: int, body: object) -> None:
    with pytest.raises(LinkUpdateError) as caught:
        content_of(status, body)
    assert not isinstance(caught.value, AddressRejected)


@pytest.mark.parametrize(
    ("status", "body", "headers", "request_id"),
    [
        (400, {"id": "of the document"}, {"Atl-Traceid": "t"}, "of the document"),
        (302, {"id": "of something else"}, {"Atl-Traceid": "t", "X-Request-Id": "r"}, "t"),
        (400, {"id": 7}, {"X-Request-Id": "r"}, "r"),
        (400, ["id"], {}, None),
    ],
)
def test_a_request_is_named_by_the_id_that_support_asks_for(
    status: int, body: object, headers: dict[str, str], request_id: str | None
) -> None:
    failure = failure_of(status, body, headers)
    assert failure.request_id == request_id
    assert (f"(request {request_id})" in failure.what) is bool(request_id)


def test_an_answer_that_broke_off_says_why_and_keeps_its_status() -> None:
    failure = failure_of(200, headers={"X-Request-Id": "r"}, trouble="it ends too early")
    assert (failure.code, failure.what, failure.http_status) == ("no_answer", "it ends too early (request r)", 200)


def test_what_cannot_be_read_from_a_good_answer_is_told_with_its_request() -> None:
    def read(content: Any) -> Any:
        raise OutcomeUnknown("an answer without a status")

    reader = AnswerReader(
        Answer(200, {"X-Request-Id": "r"}, b"{}"),
        call=GET,
        advice={},
        retry_after=None,
        clean=lambda text: text,
    )
    with pytest.raises(OutcomeUnknown, match=r"an answer without a status \(request r\)"):
        reader.content(read)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "an empty answer"),
        (b" ", "an empty answer"),
        (b"<p>", "an answer that is not JSON (a login page or a proxy?)"),
    ],
)
def test_an_answer_that_is_no_json_is_told_from_an_empty_one(body: bytes, says: str) -> None:
    assert failure_of(200, body).what == says


@pytest.mark.parametrize("body", [b"", b"\n"])
def test_what_was_deleted_needs_no_answer(body: bytes) -> None:
    assert content_of(204, body, call=DELETE) is None


def test_a_page_is_no_answer_to_what_was_deleted() -> None:
    with pytest.raises(OutcomeUnknown, match="an answer that is not JSON"):
        content_of(200, b"<p>", call=DELETE)
