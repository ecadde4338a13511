# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a Data Center instance says of itself and its issues, and what its answers mean, over real HTTP."""

from __future__ import annotations

import gzip
import json
import socket
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    AnswerTooLarge,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
    TooEarly,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import (
    Connection,
    DataCenterAccount,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import Naming
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center import (
    DataCenter,
    Issue,
    IssueLink,
    IssuePage,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.retry import retry
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.sessions import Sessions
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    FakeClock,
    Listener,
    Wire,
    answering,
    read_request,
)

Send = Callable[[socket.socket], None]

TOKEN, PASSWORD = "MTIzNDU2Nzg5MDEyOr+s3cr3tT0ken/AbCd", "c0rrect horse b4ttery"
BY_TOKEN = DataCenterAccount(token=TOKEN)
BY_PASSWORD = DataCenterAccount(user="ann", password=PASSWORD)
SIGNATURE = b64encode(f"ann:{PASSWORD}".encode()).decode()

BLOCKS = {"name": "Blocks", "inward": "is blocked by", "outward": "blocks"}
ANONYMOUS = {"X-AUSERNAME": "anonymous"}
#: As an account gets it whose requests an administrator has blocked.
NEVER = {"Retry-After": "9223372036854775807", "X-RateLimit-Remaining": "0"}
MAX_BODY = 32 * 1024 * 1024

JQL, FIELDS = 'project = "ABC" ORDER BY key', ("issuelinks", "parent", "customfield_10008")


def data_center(url: str, clock: FakeClock, account: DataCenterAccount = BY_TOKEN) -> DataCenter:
    session = Sessions(Connection(timeout=5), clock).open_data_center(account)
    return DataCenter(session, url, Naming("link_census_"))


def found(*issues: Any, total: Any = 7) -> str:
    return json.dumps({"startAt": 0, "maxResults": 20, "total": total, "issues": issues})


def issue(key: Any, **fields: Any) -> dict[str, Any]:
    return {"id": "1", "key": key, "fields": {"issuelinks": [], **fields}}


def link(link_id: object = "10", kind: object = None, **end: Any) -> dict[str, Any]:
    return {"id": link_id, "type": kind or BLOCKS, **(end or {"outwardIssue": {"key": "DEF-2"}})}


PAGE = found(issue("ABC-1", issuelinks=[link()]))


def search(script: Send, account: DataCenterAccount = BY_TOKEN, size: int = 200) -> tuple[IssuePage, str]:
    """What is made of an answer to a search, and the request."""
    with Wire(script) as wire:
        page = data_center(wire.url, FakeClock(), account).search(JQL, size, FIELDS)
    return page, wire.requests[0]


def failure_of(script: Send, account: DataCenterAccount = BY_TOKEN) -> LinkUpdateError:
    """What a search ends in."""
    with pytest.raises(LinkUpdateError) as caught:
        search(script, account)
    return caught.value


def get(method: str, script: Send) -> tuple[Any, str]:
    """What a method makes of an answer, and the first line of the request."""
    with Wire(script) as wire:
        result = getattr(data_center(f"{wire.url}/jira/", FakeClock()), method)()
    return result, wire.requests[0].partition("\r\n")[0]


def in_turn(requests: list[str], *cookies: str) -> Send:
    """Answers with a page and a cookie each, to requests that come one after the other on one connection.

    :param requests: is given those after the first.
    """

    def script(connection: socket.socket) -> None:
        for number, cookie in enumerate(cookies):
            if number:
                requests.append(read_request(connection))
            head = f"HTTP/1.1 200 OK\r\nSet-Cookie: {cookie}\r\nContent-Length: {len(PAGE)}\r\n\r\n"
            connection.sendall((head + PAGE).encode())

    return script


# -- The calls


def test_a_search_is_one_post_from_the_first_issue_on() -> None:
    page, request = search(answering(200, PAGE), size=50)
    head, body = request.split("\r\n\r\n")
    assert head.startswith("POST /rest/api/2/search HTTP/1.1\r\n")
    assert f"\r\nAuthorization: Bearer {TOKEN}" in head
    assert json.loads(body) == {"jql": JQL, "fields": list(FIELDS), "maxResults": 50, "startAt": 0}
    assert page == IssuePage((Issue("ABC-1", (IssueLink("10", "DEF-2", "Blocks", "blocks"),)),), 7)


def test_a_user_name_and_a_password_are_sent_as_basic_authentication() -> None:
    assert f"\r\nAuthorization: Basic {SIGNATURE}\r\n" in search(answering(200, PAGE), BY_PASSWORD)[1]


def test_a_short_page_and_an_empty_one_are_given_back_with_their_total() -> None:
    assert search(answering(200, found(issue("ABC-1"))), size=200)[0] == IssuePage((Issue("ABC-1"),), 7)
    assert search(answering(200, found(total=9)))[0] == IssuePage((), 9)


def test_a_link_has_the_phrase_of_the_end_that_was_read() -> None:
    ends = [link(10, inwardIssue={"key": "DEF-2"}), link("11", outwardIssue={"key": "D_1-3"})]
    links = search(answering(200, found(issue("ABC-1", issuelinks=ends))))[0].issues[0].links
    assert links == (IssueLink("10", "DEF-2", "Blocks", "is blocked by"), IssueLink("11", "D_1-3", "Blocks", "blocks"))


def test_the_parent_and_the_epic_are_read_where_they_were_asked_for() -> None:
    read = issue("ABC-2", parent={"key": "ABC-1", "id": "1"}, customfield_10008="EPIC-9", customfield_1="ABC-7")
    other = issue("ABC-3", parent=None, customfield_10008=None, issuelinks=None)
    page = search(answering(200, found(read, other)))[0]
    assert page.issues == (Issue("ABC-2", (), "ABC-1", "EPIC-9"), Issue("ABC-3"))


@pytest.mark.parametrize(
    ("method", "question", "answer", "result"),
    [
        ("account", "myself", {"name": "ann", "key": "JIRAUSER1"}, "ann"),
        ("projects", "project", [{"key": "ABC"}, {"key": "D_2"}], ["ABC", "D_2"]),
        ("projects", "project", [], []),
        ("epic_field", "field", [{"id": "summary"}, {"id": "customfield_1", "schema": {"type": "any"}}], None),
        (
            "epic_field",
            "field",
            [{"id": "customfield_10008", "schema": {"custom": "com.pyxis.greenhopper.jira:gh-epic-link"}}],
            "customfield_10008",
        ),
    ],
)
def test_what_an_instance_says_of_itself_is_asked_below_its_context_path(
    method: str, question: str, answer: Any, result: Any
) -> None:
    request = f"GET /jira/rest/api/2/{question} HTTP/1.1"
    assert get(method, answering(200, json.dumps(answer))) == (result, request)


@pytest.mark.parametrize("method", ["account", "projects", "epic_field"])
@pytest.mark.parametrize("answer", ["1", '"text"', "null", '{"a": 1}', "[1]", '[{"key": 1}]', '[{"key": "abc"}]'])
def test_an_answer_in_another_form_is_not_taken_for_one(method: str, answer: str) -> None:
    with pytest.raises(OutcomeUnknown, match="an answer "):
        get(method, answering(200, answer))


@pytest.mark.parametrize(
    "page",
    [
        "{}",
        "[]",
        '{"issues": null, "total": 1}',
        found(1),
        found({"fields": {"issuelinks": []}}),
        found({"fields": {}}),
        found({"key": "; s3cr3t", "fields": {}}),
        found(total=None),
        found(total=True),
        found(total=-1),
        found(total=10**10),
        found(issue("abc-1")),
        found(issue("ABC-01")),
        found(issue(["ABC-1"])),
        found(issue("ABC-1; s3cr3t")),
        found(issue("ABC-1", parent={"id": 1})),
        found(issue("ABC-1", customfield_10008={"key": "ABC-2"})),
        found(issue("ABC-1", issuelinks={"a": 1})),
        found(issue("ABC-1", issuelinks={})),
        found(issue("ABC-1", issuelinks=[{"id": "1", "type": BLOCKS}])),
        found(issue("ABC-1", issuelinks=[link("x")])),
        found(issue("ABC-1", issuelinks=[link(kind={"name": "Blocks"})])),
        found(issue("ABC-1", issuelinks=[link(kind={**BLOCKS, "outward": 1})])),
        found(issue("ABC-1", issuelinks=[link(outwardIssue={"key": "DEF"})])),
    ],
)
def test_a_page_that_cannot_be_read_is_a_failure_and_never_a_page_with_fewer_links(page: str) -> None:
    failure = failure_of(answering(200, page))
    assert isinstance(failure, OutcomeUnknown)
    assert "s3cr3t" not in str(failure)


@pytest.mark.parametrize("fields", [{}, {"fields": {}}, {"fields": {"parent": None}}])
def test_an_issue_whose_links_are_hidden_is_not_taken_for_one_without_links(fields: dict[str, Any]) -> None:
    failure = failure_of(answering(200, found(issue("ABC-1"), {"key": "ABC-2", **fields})))
    assert (type(failure), failure.code) == (LinkUpdateError, "rejected")
    assert "issue ABC-2 comes without the field Linked Issues" in str(failure)
    assert "set link_census_file" in failure.failure.advice


def test_links_that_were_not_asked_for_may_be_missing(clock: FakeClock) -> None:
    with Wire(answering(200, found({"key": "ABC-1"}))) as wire:
        assert data_center(wire.url, clock).search(JQL, 1, ["key"]).issues == (Issue("ABC-1"),)


def test_a_name_is_short_harmless_and_without_secrets() -> None:
    kind = {"name": f"Blocks\n\x1b[2J {TOKEN}", "inward": "", "outward": "x" * 300 + "\ud800"}
    read = search(answering(200, found(issue("ABC-1", issuelinks=[link(kind=kind)]))))[0].issues[0].links[0]
    assert read.type == "Blocks \\x1b[2J ********"
    assert read.phrase == "x" * 252 + "..."


# -- One user on one node


def test_searches_go_on_one_connection_with_the_cookies_that_were_sent(clock: FakeClock) -> None:
    requests: list[str] = []
    sent = ("JSESSIONID=first; Path=/; HttpOnly", "route=node2; Path=/", "route=; Max-Age=0; Path=/", "last=1")
    with Wire(in_turn(requests, *sent)) as wire:
        instance = data_center(wire.url, clock)
        for _page in sent:
            instance.search(JQL, 200, FIELDS)
    assert len(wire.requests) == 1, "one connection"
    cookies = [line for request in (*wire.requests, *requests) for line in request.split("\r\n") if "Cookie:" in line]
    assert cookies == ["Cookie: JSESSIONID=first", "Cookie: JSESSIONID=first; route=node2", "Cookie: JSESSIONID=first"]


def test_a_session_that_an_error_repeats_is_not_shown(clock: FakeClock) -> None:
    session = "0A1B2C3D4E5F60718293A4B5C6D7E8F9"
    echo = answering(500, json.dumps({"message": f"Cookie: JSESSIONID={session}"}))
    with Wire(answering(200, PAGE, {"Set-Cookie": f"JSESSIONID={session}; Path=/"}), echo) as wire:
        instance = data_center(wire.url, clock)
        instance.search(JQL, 200, FIELDS)
        with pytest.raises(OutcomeUnknown, match="JSESSIONID=") as failure:
            instance.search(JQL, 200, FIELDS)
    assert f"JSESSIONID={session}" in wire.requests[1]
    assert session not in str(failure.value)


def test_an_answer_that_was_packed_is_read() -> None:
    page, request = search(answering(200, gzip.compress(PAGE.encode()), {"Content-Encoding": "gzip"}))
    assert page.issues[0].key == "ABC-1"
    assert "\r\nAccept-Encoding: gzip\r\n" in request


def test_a_page_of_megabytes_is_read_and_one_beyond_the_limit_is_not() -> None:
    rest = MAX_BODY - len(PAGE)
    assert search(answering(200, PAGE + " " * rest))[0].total == 7
    too_large = [answering(200, PAGE + " " * (rest + 1))]
    too_large += [answering(200, gzip.compress((PAGE + " " * (rest + 1)).encode()), {"Content-Encoding": "gzip"})]
    for script in too_large:
        failure = failure_of(script)
        assert isinstance(failure, AnswerTooLarge)
        assert f"an answer of more than {MAX_BODY} bytes" in str(failure)


@pytest.mark.parametrize("sent", [0, 1, len(PAGE) - 1])
def test_a_page_that_breaks_off_may_be_asked_for_again(sent: int) -> None:
    body = PAGE[:sent]
    assert isinstance(failure_of(answering(200, body, {"Content-Length": str(len(PAGE))})), OutcomeUnknown)
    assert isinstance(failure_of(answering(200, body)), OutcomeUnknown)
    half = gzip.compress(PAGE.encode())[: sent // 2]
    assert isinstance(failure_of(answering(200, half, {"Content-Encoding": "gzip"})), OutcomeUnknown)


def test_a_broken_page_is_not_too_large() -> None:
    assert not isinstance(failure_of(answering(200, PAGE, {"Content-Length": "9999"})), AnswerTooLarge)


# -- Who asks


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404])
@pytest.mark.parametrize("account", [BY_TOKEN, BY_PASSWORD], ids=["token", "password"])
def test_an_answer_to_nobody_is_never_a_page(status: int, account: DataCenterAccount) -> None:
    failure = failure_of(answering(status, PAGE, ANONYMOUS), account)
    assert (type(failure), failure.code, failure.failure.http_status) == (LinkUpdateError, "unauthorized", status)
    assert ("personal access token of this Data Center" if account is BY_TOKEN else "the password") in str(failure)


def test_a_later_page_to_nobody_is_a_failure_as_well(clock: FakeClock) -> None:
    named = {"X-AUSERNAME": "ann"}
    with Wire(answering(200, PAGE, named), answering(200, found(total=3), ANONYMOUS)) as wire:
        instance = data_center(wire.url, clock)
        assert instance.search(JQL, 200, FIELDS).total == 7
        with pytest.raises(LinkUpdateError, match="anonymous") as failure:
            instance.search(JQL, 200, FIELDS)
    assert failure.value.code == "unauthorized"


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_server_that_has_no_time_to_find_out_who_asks_may_be_asked_again(status: int) -> None:
    assert isinstance(failure_of(answering(status, "{}", ANONYMOUS)), (NotAccepted, OutcomeUnknown))


@pytest.mark.parametrize(
    "page",
    [
        "<html><form action='/login.jsp'><input name='os_username'></form></html>",
        "\n<!DOCTYPE html><title>Sign in to Example</title>",
        "<form method=post action=https://idp.example.com><input name=SAMLRequest value=x></form>",
    ],
)
def test_a_login_page_with_200_means_that_the_credentials_were_not_taken(page: str) -> None:
    failure = failure_of(answering(200, page, {"Content-Type": "text/html"}))
    assert (type(failure), failure.code) == (LinkUpdateError, "unauthorized")
    assert "a login page in the place of an answer" in str(failure)


def test_another_page_with_200_may_be_asked_for_again() -> None:
    assert isinstance(failure_of(answering(200, "<h1>Maintenance until 14:00</h1>")), OutcomeUnknown)


@pytest.mark.parametrize(
    ("account", "status", "advice"),
    [
        (BY_TOKEN, 401, "It may have expired, or somebody has revoked it"),
        (BY_TOKEN, 403, "give the owner of the token the permission"),
        (BY_PASSWORD, 401, "use a personal access token"),
        (BY_PASSWORD, 403, "give the user the permission"),
    ],
)
def test_a_refusal_says_what_to_do_about_these_credentials(
    account: DataCenterAccount, status: int, advice: str
) -> None:
    failure = failure_of(answering(status, "{}"), account)
    assert (type(failure), failure.failure.http_status) == (LinkUpdateError, status)
    assert advice in failure.failure.advice


def test_a_user_of_whom_a_captcha_is_wanted_is_told_to_use_a_browser() -> None:
    headers = {"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=https://jira.example.com/login.jsp"}
    failure = failure_of(answering(403, "{}", headers), BY_PASSWORD)
    assert failure.code == "unauthorized"
    assert "with a browser" in failure.failure.advice


@pytest.mark.parametrize("account", [BY_TOKEN, BY_PASSWORD], ids=["token", "password"])
@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 429, 500])
@pytest.mark.parametrize("form", ["{}", '{{"errorMessages": ["{}"]}}', "<p>{}</p>"])
def test_a_secret_that_an_answer_repeats_is_not_shown(account: DataCenterAccount, status: int, form: str) -> None:
    echoes = f"Bearer {TOKEN} Basic {SIGNATURE} {PASSWORD}"
    failure = failure_of(answering(status, form.format(echoes), {"Location": f"/{TOKEN}/{PASSWORD}"}), account)
    secrets = [TOKEN] if account is BY_TOKEN else [PASSWORD, SIGNATURE.rstrip("="), PASSWORD.replace(" ", "%20")]
    shown = f"{failure} {failure.failure} {failure.args}"
    assert not [each for each in secrets if each in shown]


def test_of_a_long_error_no_part_is_shown() -> None:
    """It would take long to search it for secrets."""
    failure = failure_of(answering(500, f"<p>{TOKEN}</p>" + "<b>x</b>" * 20_000))
    assert failure.failure.what.endswith(": HTTP 500")


# -- Not now, not there, not like this


def test_a_query_that_is_not_valid_is_told_by_its_status() -> None:
    said = "An issue with key 'ABC-7' does not exist for field 'key'."
    failure = failure_of(answering(400, json.dumps({"errorMessages": [said], "errors": {}})))
    assert (type(failure), failure.code, failure.failure.http_status) == (LinkUpdateError, "rejected", 400)
    assert said in failure.failure.what


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_fails_may_be_asked_again(status: int) -> None:
    failure = failure_of(answering(status, "<h1>Oops</h1>"))
    assert (type(failure), failure.failure.http_status) == (OutcomeUnknown, status)


def test_where_no_jira_is_the_option_with_the_url_is_named() -> None:
    failure = failure_of(answering(404, "<h1>Not Found</h1>"))
    assert failure.code == "not_found"
    assert "correct link_census_url" in failure.failure.advice


@pytest.mark.parametrize("path", ["/startup.jsp?returnTo=%2Frest", "/jira/startup.jsp", "/secure/errors.jsp"])
def test_a_node_that_is_starting_may_be_asked_again(path: str) -> None:
    failure = failure_of(answering(302, "", {"Location": path}))
    assert isinstance(failure, OutcomeUnknown)
    assert "Jira is starting" in failure.failure.what


@pytest.mark.parametrize(
    "to", ["/login.jsp?os_destination=x", "https://sso.example.com/", "https://idp.example.com/saml"]
)
def test_a_redirect_to_a_login_means_that_the_credentials_were_not_taken(to: str) -> None:
    with Wire(answering(200, PAGE)) as elsewhere:
        failure = failure_of(answering(302, "", {"Location": to}))
        other = failure_of(answering(302, "", {"Location": f"{elsewhere.url}/elsewhere"}))
    assert (failure.code, other.code) == ("unauthorized", "redirected")
    assert elsewhere.requests == []


@pytest.mark.parametrize("headers", [NEVER, {"Retry-After": "1e30"}, {"Retry-After": "99999999"}])
def test_a_blocked_account_fails_without_any_wait(
    headers: dict[str, str], clock: FakeClock, listener: Listener
) -> None:
    with Wire(answering(429, '{"message": "Rate limit exceeded."}', headers)) as wire:
        instance = data_center(wire.url, clock)
        with pytest.raises(LinkUpdateError, match="has blocked it") as failure:
            retry(lambda: instance.search(JQL, 200, FIELDS), clock=clock, say=listener.line)
    assert (failure.value.code, failure.value.failure.http_status) == ("forbidden", 429)
    assert (clock.naps, listener.lines) == ([], [])


def test_a_rate_limit_is_waited_for_as_long_as_the_server_says(clock: FakeClock, listener: Listener) -> None:
    with Wire(answering(429, "{}", {"Retry-After": "37"}), answering(200, PAGE)) as wire:
        instance = data_center(wire.url, clock)
        page = retry(lambda: instance.search(JQL, 200, FIELDS), clock=clock, say=listener.line)
    assert page.total == 7
    assert 37 < sum(clock.naps) < 38
    assert listener.lines[0].endswith("HTTP 429; trying again in 37s")


def bucket(remaining: int, retry_after: int = 0) -> dict[str, str]:
    """What is left of 50 requests; there are 10 more every minute."""
    return {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-FillRate": "10",
        "X-RateLimit-Interval-Seconds": "60",
        "Retry-After": str(retry_after),
    }


def test_when_few_requests_are_left_they_are_sent_as_fast_as_more_are_allowed(clock: FakeClock) -> None:
    answers = [(11, 0.0), (10, 6.0), (10, 6.0), (30, 0.0)]
    with Wire(*[answering(200, PAGE, bucket(remaining)) for remaining, _pause in answers]) as wire:
        instance = data_center(wire.url, clock)
        for _remaining, pause in answers:
            instance.search(JQL, 200, FIELDS)
            if pause:
                with pytest.raises(TooEarly) as early:
                    instance.search(JQL, 200, FIELDS)
                assert early.value.seconds == pytest.approx(pause)
                clock.sleep(pause)
    assert len(wire.requests) == len(answers)


@pytest.mark.parametrize(
    "broken", [{"X-RateLimit-FillRate": "0"}, {"X-RateLimit-FillRate": "x"}, {"X-RateLimit-Interval-Seconds": "-1"}]
)
def test_a_limit_that_makes_no_sense_slows_nothing_down(broken: dict[str, str], clock: FakeClock) -> None:
    with Wire(*[answering(200, PAGE, bucket(0) | broken)] * 2) as wire:
        instance = data_center(wire.url, clock)
        for _page in range(2):
            instance.search(JQL, 200, FIELDS)
