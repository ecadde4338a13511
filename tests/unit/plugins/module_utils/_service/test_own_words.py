# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the service says for itself reaches the user, whichever form it has, and no secret does; over real HTTP."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    Failure,
    LinkUpdateError,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import LinksApi
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering

EMAIL, TOKEN = "me@example.com", "ATATT3x-s3cret"
UPDATE = make_update(
    product="jira",
    product_url="https://eu.example.net",
    destination_url="https://us.example.net",
    migrated_from="https://jira.example.com",
    site_id="site-eu",
)
ALLOWLIST = "The IP address has been rejected because it is not on the allowed list."
SPRING = {"timestamp": "2026-03-01T12:00:00Z", "status": 404, "error": "Not Found", "path": "/links/v1"}


def api_of(wire: Wire) -> LinksApi:
    return LinksApi(Session(Connection(timeout=5), Basic(EMAIL, TOKEN), FakeClock()), wire.url)


def refusal(body: Any, status: int = 400) -> Failure:
    """The failure that an answer makes of a request for a job."""
    payload = body if isinstance(body, (str, bytes)) else json.dumps(body)
    with Wire(answering(status, payload)) as wire, pytest.raises(LinkUpdateError) as caught:
        api_of(wire).schedule(UPDATE)
    return caught.value.failure


def words(body: Any, status: int = 400) -> str:
    """What it repeats of the service's own words."""
    return refusal(body, status).what.partition(f"HTTP {status}")[2].strip()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"errorMessage": "no such migration"}, "no such migration"),
        ({"errorMessages": [ALLOWLIST], "errors": {}}, ALLOWLIST),
        ({"errorMessages": ["one", "two", "one"]}, "one; two"),
        (
            {"errorMessages": [], "errors": {"productURL": "is no URL", "product": ["is unknown"]}},
            "productURL: is no URL; product: is unknown",
        ),
        (
            {"errors": ["one", {"message": "two"}, {"title": "three", "detail": "four"}, {"field": "five"}]},
            "one; two; three; four; field: five",
        ),
        ({"errors": [{"code": 7}], "message": "there were errors"}, "there were errors"),
        ({"code": 401, "message": "Unauthorized; scope does not match"}, "Unauthorized; scope does not match"),
        ({"type": "about:blank", "title": "Forbidden", "detail": "no admin", "status": 403}, "Forbidden; no admin"),
        ({"error": {"message": "too  many\njobs"}}, "too many jobs"),
        (SPRING, "Not Found"),
        ({"errorMessage": " ", "message": None, "title": "a title"}, "a title"),
        ({"reason": "closed"}, '{"reason": "closed"}'),
        ("Service   Unavailable\n", "Service Unavailable"),
        ("if a < b then c > d", "if a < b then c > d"),
        ("null", ""),
        ({}, ""),
    ],
)
def test_an_error_is_told_in_the_service_s_own_words(body: Any, said: str) -> None:
    assert words(body) == said


PAGE = """\ufeff <!DOCTYPE html>
<html><head><title>502 &ndash; Bad&nbsp;Gateway</title><style>p { color: red }</style>
<script>if (a < b) { alert("no") }</script><!-- nobody reads <b>this</b> --></head>
<body><h1>Bad gateway</h1><p class="x">Try <em>later</em>.<script>never ends"""


def test_of_a_page_what_a_reader_sees_is_told_on_one_line() -> None:
    assert words(PAGE, 502) == "502 \N{EN DASH} Bad Gateway Bad gateway Try later ."


def test_of_a_page_in_the_place_of_an_answer_so_is_what_it_says() -> None:
    said = refusal("<html><title>Log in</title></html>", 200).what
    assert said.endswith("an answer that is not JSON (a login page or a proxy?): Log in")


def test_what_the_service_says_has_its_limits_and_is_harmless() -> None:
    for body in ({"errorMessages": ["x" * 200] * 5 + ["y" * 400]}, "z" * 5000, {"field": "\u202e" * 500}):
        assert len(words(body)) == 300
    assert words({"errorMessage": "a\x1b[2Jb\u202ec"}) == r"a\x1b[2Jb\u202ec"


@pytest.mark.parametrize(("begin", "end"), [('{"errors": [', "]}"), ('{"errors": ', "}"), ("[", "]")])
@pytest.mark.parametrize("levels", [50, 150, 300, 900, 4000])
def test_an_error_in_errors_is_not_looked_for_without_an_end(levels: int, begin: str, end: str) -> None:
    body = '{"errors": ' + begin * levels + '"deep"' + end * levels + "}"
    assert refusal(body).code == "rejected"


BASIC = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()


@pytest.mark.parametrize(
    "body",
    [
        {"errorMessages": [f"the token {TOKEN} is wrong"]},
        {"errors": {f"{TOKEN}": "is wrong"}},
        {"errors": [[[f"Basic {BASIC}"]]]},
        {"error": {"details": [TOKEN]}},
        {"title": "wrong", "detail": TOKEN.upper()},
        {"other": [{"deep": {TOKEN: TOKEN}}]},
        {"errorMessage": "x" * 290 + TOKEN},
        {"errorMessages": ["x" * 290 + TOKEN]},
        {"errors": {"x" * 290 + TOKEN: "is wrong"}},
        f"the token {TOKEN} is wrong",
        f"<html><p title='x'>{TOKEN}</p><p>ATATT3x-<b></b>s3cret</p></html>",
        f"<html>{' ' * 10}{'x' * 290}{TOKEN}",
        f"<html>{'x' * 290}{TOKEN[:7]}<b></b>{TOKEN[7:]}",
        TOKEN.encode("utf-16-le"),
    ],
)
@pytest.mark.parametrize("status", [200, 400, 500])
def test_no_secret_is_told_whatever_it_stands_in(body: Any, status: int) -> None:
    told = repr(vars(refusal(body, status)))
    for piece in (TOKEN[:6], TOKEN[-6:], BASIC[:8]):
        assert piece not in told
        assert piece.upper() not in told


@pytest.mark.parametrize("token", ["hidden<tag>secret", "hidden<!--secret", "hidden&lt;secret"])
def test_a_secret_that_looks_like_a_page_is_told_no_more(token: str) -> None:
    session = Session(Connection(timeout=5), Basic(EMAIL, token), FakeClock())
    with Wire(answering(502, f"<p>{token} is wrong")) as wire, pytest.raises(LinkUpdateError) as caught:
        LinksApi(session, wire.url).schedule(UPDATE)
    assert "******** is wrong" in str(caught.value)
    assert not re.search("hidden|secret", str(caught.value))


# -- HTTP 200 with an error in it

ERRORS = [
    ({"status": 400, "errorMessage": "no such migration", "id": "req-77"}, "which says: no such migration"),
    ({"statusCode": 404, "id": "req-77"}, "{statusCode: number, id: text}"),
    ({"code": "403", "id": "req-77"}, "{code: text, id: text}"),
    ({"error": True, "uuid": "req-77"}, "{error: true or false, uuid: text}"),
    ({"error": "no", "jobId": "req-77"}, "which says: no"),
    ({"success": False, "uuid": "req-77"}, "{success: true or false, uuid: text}"),
    ({"errorMessages": ["no"], "id": "req-77"}, "which says: no"),
    ({"errors": {"product": "is unknown"}, "id": "req-77"}, "which says: product: is unknown"),
    ({"message": "Not found", "id": "req-77"}, "which says: Not found"),
    ({"title": "Not found", "id": "req-77"}, "which says: Not found"),
    ({"status": "400 Bad Request", "id": "req-77"}, "{status: text, id: text}"),
    ({"status": 404.0, "uuid": "req-77"}, "{status: number, uuid: text}"),
    ({"status": "BAD_REQUEST", "id": "req-77"}, "{status: text, id: text}"),
    ({"status": "Failed", "id": "req-77"}, "{status: text, id: text}"),
    ({"success": "false", "id": "req-77"}, "{success: text, id: text}"),
    ({"errorCode": "INVALID", "id": "req-77"}, "{errorCode: text, id: text}"),
    ({"Error-Message": "no", "uuid": "req-77"}, "{Error-Message: text, uuid: text}"),
]


@pytest.mark.parametrize(("body", "said"), ERRORS)
def test_the_id_of_an_error_is_no_job_and_nobody_knows_if_there_is_one(body: dict[str, Any], said: str) -> None:
    failure = refusal(body, 200)
    assert (failure.code, failure.http_status) == ("no_answer", 200)
    assert "an answer without a usable job id: {" in failure.what
    assert said in failure.what


def test_the_id_of_an_error_is_that_of_the_request() -> None:
    assert refusal(ERRORS[0][0], 200).request_id == "req-77"


@pytest.mark.parametrize(
    "body",
    [
        {"uuid": "job-1", "message": "the job is in the queue"},
        {"jobId": "job-1", "title": "A job"},
        {"id": "job-1", "errors": [], "errorMessages": [], "errorMessage": None, "error": False},
        {"id": "job-1", "status": "Pending", "code": 200, "statusCode": 201, "success": True},
        {"id": "job-1", "status": {"code": 200}, "errorCount": 0, "code": "450e8400-e29b"},
        {"uuid": "job-1", "status": "Accepted"},
    ],
)
def test_a_job_without_an_error_is_one(body: dict[str, Any]) -> None:
    with Wire(answering(200, json.dumps(body))) as wire:
        assert api_of(wire).schedule(UPDATE) == "job-1"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"status": 404, "errorMessage": "no such job", "id": "req-77"}, "which says: no such job (request req-77)"),
        ({"status": "404", "message": "no such job"}, "which says: no such job"),
        ({"errorMessages": ["no such job"]}, "{errorMessages: list of 1}, which says: no such job"),
    ],
)
def test_an_error_in_the_place_of_a_status_is_none(body: dict[str, Any], said: str) -> None:
    with Wire(answering(200, json.dumps(body))) as wire, pytest.raises(LinkUpdateError) as caught:
        api_of(wire).status("site-eu", "job-1")
    assert "an answer without a status" in caught.value.failure.what
    assert caught.value.failure.what.endswith(said)


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"statusCode": 500}, "{status: text, statusCode: number}"),
        ({"code": "503 Service Unavailable"}, "{status: text, code: text}"),
        ({"success": False}, "{status: text, success: true or false}"),
        ({"error": "the app link is gone"}, "which says: the app link is gone"),
        ({"error": True, "message": "the app link is gone"}, "which says: the app link is gone"),
        ({"errors": [{"title": "the app link is gone"}]}, "which says: the app link is gone"),
        ({"errorMessage": f"{TOKEN} is wrong"}, "which says: ******** is wrong"),
    ],
)
@pytest.mark.parametrize("word", ["Complete", "success"])
def test_a_job_that_is_complete_and_an_error_at_once_is_not_understood(
    word: str, beside: dict[str, Any], said: str
) -> None:
    with Wire(answering(200, json.dumps({"status": word, **beside}))) as wire, pytest.raises(OutcomeUnknown) as caught:
        api_of(wire).status("site-eu", "job-1")
    failure = caught.value.failure
    assert (failure.http_status, failure.job_id) == (200, "job-1")
    assert ": an answer that says COMPLETE and an error: {status: text" in failure.what
    assert failure.what.endswith(said)


@pytest.mark.parametrize(
    "beside",
    [
        {"errors": [], "errorMessages": [], "errorMessage": None, "error": False, "errorCount": 0},
        {"errors": {}, "errorMessage": ""},
        {"statusCode": 200, "code": "450e8400-e29b", "success": True},
        {"message": "all links are updated"},
    ],
)
def test_a_job_is_complete_whatever_else_is_said_that_is_no_error(beside: dict[str, Any]) -> None:
    with Wire(answering(200, json.dumps({"status": "Complete", **beside}))) as wire:
        assert api_of(wire).status("site-eu", "job-1") == ("COMPLETE", beside.get("message", ""))


@pytest.mark.parametrize("word", ["PENDING", "IN_PROGRESS", "RETRY", "ERROR", "FAILED"])
def test_a_job_that_is_not_complete_may_have_an_error_beside_its_status(word: str) -> None:
    body = {"status": word, "errorMessage": "a batch failed", "statusCode": 500, "success": False}
    with Wire(answering(200, json.dumps(body))) as wire:
        assert api_of(wire).status("site-eu", "job-1") == (word, "a batch failed")


@pytest.mark.parametrize(
    ("beside", "said"),
    [
        ({"errorMessage": "the app link is gone"}, "the app link is gone"),
        ({"errors": {"us": "cannot be reached"}}, "us: cannot be reached"),
        ({"errorMessage": f"{TOKEN} is wrong"}, "******** is wrong"),
        ({"errors": [f"{TOKEN} is wrong"]}, "******** is wrong"),
        ({"errors": {TOKEN: "is wrong"}}, "********: is wrong"),
        ({"progress": 7}, ""),
    ],
)
def test_what_is_said_beside_a_status_comes_with_it(beside: dict[str, Any], said: str) -> None:
    with Wire(answering(200, json.dumps({"status": "Error", **beside}))) as wire:
        assert api_of(wire).status("site-eu", "job-1") == ("ERROR", said)
