# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links of a site's issues, and what odd answers are made of, over real HTTP."""

from __future__ import annotations

import json
import socket
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any
from urllib.parse import quote

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    Code,
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
    TooEarly,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Account, Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.remote_links import (
    LinkChange,
    NewLink,
    RemoteLink,
    RemoteLinks,
    ResolvedIssue,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.retry import retry
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.sessions import Sessions
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    FakeClock,
    Listener,
    Wire,
    answering,
    resetting,
)

Send = Callable[[socket.socket], None]

TOKEN = "ATATT3xFfGF0/s3cr3t+t0ken=AB12CD34"
ANN = Account("ann@example.com", TOKEN)
SIGNATURE = b64encode(f"ann@example.com:{TOKEN}".encode()).decode()
GLOBAL_ID = "appId=5b3d1f0e-0000-3fd5-a1b2-0123456789ab&issueId=20002"
NEW = NewLink(GLOBAL_ID, "https://us.example.net/browse/DEF-2", "DEF-2", "blocks", "com.atlassian.jira", "Jira US")
NOT_THERE = json.dumps({"errorMessages": ["Issue does not exist or you do not have permission to see it."]})
LOGIN_PAGE = "<html><body>Log in to continue</body></html>"


def links_at(wire: Wire, clock: FakeClock | None = None, pace: float | None = None) -> RemoteLinks:
    sessions = Sessions(Connection(timeout=5), clock or FakeClock(), pace=pace)
    return RemoteLinks(sessions.open_site(ANN), wire.url)


def link(link_id: object = 10001, **fields: Any) -> dict[str, Any]:
    return {
        "id": link_id,
        "self": "https://eu.example.net/rest/api/3/issue/ABC-1/remotelink/10001",
        "globalId": GLOBAL_ID,
        "application": {"type": "com.atlassian.jira", "name": "Jira US"},
        "relationship": "blocks",
        "object": {"url": "https://us.example.net/browse/DEF-2", "title": "DEF-2", "status": {"resolved": True}},
        **fields,
    }


FOUND = RemoteLink(
    10001, GLOBAL_ID, "https://us.example.net/browse/DEF-2", "blocks", "com.atlassian.jira", "Jira US", "DEF-2"
)


def links_from(status: int, body: object, headers: dict[str, str] | None = None) -> list[RemoteLink] | None:
    """What is made of an answer to the question for an issue's links."""
    text = body if isinstance(body, str) else json.dumps(body)
    with Wire(answering(status, text, headers)) as wire:
        return links_at(wire).links("ABC-1")


def failure_from(status: int, body: object, headers: dict[str, str] | None = None) -> LinkUpdateError:
    with pytest.raises(LinkUpdateError) as caught:
        links_from(status, body, headers)
    return caught.value


# -- The links of an issue


def test_the_links_of_an_issue_are_one_signed_get() -> None:
    with Wire(answering(200, json.dumps([link(), link("10002")]))) as wire:
        found = links_at(wire).links("ABC-1")
    assert found is not None
    assert [each.link_id for each in found] == [10001, 10002]
    assert found[0] == FOUND
    assert wire.requests[0].startswith("GET /rest/api/3/issue/ABC-1/remotelink HTTP/1.1\r\n")
    assert f"\r\nAuthorization: Basic {SIGNATURE}\r\n" in wire.requests[0]


def test_an_issue_without_links_is_not_one_that_is_not_there() -> None:
    assert links_from(200, []) == []
    assert links_from(404, NOT_THERE) is None


@pytest.mark.parametrize("body", ["", LOGIN_PAGE, {"status": 404, "message": "no route"}, [], "null"])
def test_only_jira_can_say_that_an_issue_is_not_there(body: object) -> None:
    failure = failure_from(404, body)
    assert isinstance(failure, OutcomeUnknown)
    assert "HTTP 404 that does not come from Jira" in str(failure)


@pytest.mark.parametrize("body", ["", LOGIN_PAGE, '{"errors": {"issue": "none"}}', NOT_THERE])
def test_of_an_issue_that_was_not_found_before_every_404_says_the_same(body: str) -> None:
    with Wire(answering(404, body), answering(503, body)) as wire:
        assert links_at(wire).links("ABC-1", is_known=False) is None
        with pytest.raises(OutcomeUnknown):
            links_at(wire).links("ABC-1", is_known=False)


@pytest.mark.parametrize(
    "fields",
    [
        {"globalId": None, "relationship": None, "application": None, "object": None},
        {"globalId": "", "relationship": "", "application": {}, "object": {}},
        {"application": {"type": None, "name": None}, "object": {"url": None, "title": None}, "globalId": None}
        | {"relationship": None},
    ],
)
def test_what_a_link_does_not_have_is_empty_and_no_link_is_left_out(fields: dict[str, Any]) -> None:
    assert links_from(200, [link(**fields), link(10002)]) == [RemoteLink(10001, *[""] * 6), link_with(10002)]


def link_with(link_id: int) -> RemoteLink:
    return RemoteLink(link_id, *list(vars(FOUND).values())[1:])


def test_a_link_with_its_id_alone_is_one() -> None:
    assert links_from(200, [{"id": 7}]) == [RemoteLink(7, *[""] * 6)]


@pytest.mark.parametrize(
    "body",
    [
        "",
        LOGIN_PAGE,
        "null",
        '"text"',
        {},
        {"values": []},
        link(),
        [None],
        [[]],
        ["link"],
        [{}],
        [link(None)],
        [link(True)],
        [link("a")],
        [link(-1)],
        [link(1.5)],
        [link(), link(globalId=7)],
        [link(relationship=["blocks"])],
        [link(application="Jira")],
        [link(object="https://us.example.net/browse/DEF-2")],
        [link(object={"url": 7})],
        [link(object=[{"url": "https://us.example.net/browse/DEF-2"}])],
    ],
)
def test_an_odd_answer_is_a_failure_and_not_an_issue_without_links(body: object) -> None:
    failure = failure_from(200, body)
    assert isinstance(failure, OutcomeUnknown)
    assert failure.failure.http_status == 200
    assert "/rest/api/3/issue/ABC-1/remotelink: " in str(failure)
    assert "us.example.net" not in str(failure)


def test_an_answer_that_ends_too_early_is_a_failure() -> None:
    assert isinstance(failure_from(200, json.dumps([link()]), {"Content-Length": "9999"}), OutcomeUnknown)
    assert isinstance(failure_from(200, json.dumps([link()])[:-1]), OutcomeUnknown)


def test_two_thousand_links_are_not_too_many_and_eight_megabytes_are_enough() -> None:
    many = [link(number, object={"url": "https://us.example.net", "summary": "x" * 1000}) for number in range(2000)]
    found = links_from(200, many)
    assert found is not None
    assert len(found) == 2000
    assert "more than 8388608 bytes" in str(failure_from(200, [link(summary="x" * 8 * 1024 * 1024)]))


def test_texts_that_are_not_ascii_are_kept_and_half_characters_are_not() -> None:
    application = {"type": "com.atlassian.jira", "name": "Jira \u00dcbersee \U0001f680\ud83d"}
    url = "https://us.example.net/browse/\u00dc-1?\udc00"
    found = links_from(200, [link(application=application, relationship="h\u00e4ngt ab von", object={"url": url})])
    assert found is not None
    assert found[0].application_name == "Jira \u00dcbersee \U0001f680\ufffd"
    assert found[0].relationship == "h\u00e4ngt ab von"
    assert found[0].url == "https://us.example.net/browse/\u00dc-1?\ufffd"


def test_what_people_read_is_harmless_and_what_is_sent_back_is_exact() -> None:
    odd = "a  b\x1b[31m" + "c" * 300
    found = links_from(200, [link(relationship=odd, globalId=odd, application={"type": odd, "name": odd})])
    assert found is not None
    assert found[0].relationship.startswith("a b\\x1b[31mccc")
    assert len(found[0].relationship) == 255
    assert found[0].global_id == found[0].application_type == found[0].application_name == odd


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (401, Code.UNAUTHORIZED, "Check the e-mail address and the API token"),
        (403, Code.FORBIDDEN, "Turn on issue linking"),
        (413, Code.REJECTED, "Remove remote links from the issue"),
    ],
)
def test_a_refusal_says_what_to_do(status: int, code: Code, advice: str) -> None:
    failure = failure_from(status, {"errorMessages": ["no"], "errors": {}})
    assert failure.code is code
    assert f"HTTP {status} no" in str(failure)
    assert advice in str(failure)


def test_an_address_that_is_not_on_the_allowlist_is_told_from_other_refusals() -> None:
    said = "The IP address has been rejected because it is not on the allowed list."
    assert "on the site's IP allowlist" in str(failure_from(403, {"errorMessages": [said]}))


# -- The limit


def in_a_minute(clock: FakeClock) -> str:
    return clock.now().replace(minute=clock.now().minute + 1).strftime("%Y-%m-%dT%H:%MZ")


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_counts_more_than_a_reset_that_is_rounded_to_a_minute(status: int) -> None:
    clock = FakeClock()
    limit = {"Retry-After": "2", "X-RateLimit-Reset": in_a_minute(clock), "X-RateLimit-Remaining": "0"}
    with Wire(answering(status, "{}", limit), answering(200, json.dumps([link()]))) as wire:
        links = links_at(wire, clock)
        with pytest.raises(NotAccepted) as refused:
            links.links("ABC-1")
        assert refused.value.retry_after == 2
        with pytest.raises(TooEarly) as early:
            links.links("ABC-1")
        assert early.value.seconds == pytest.approx(2, abs=0.2)
        clock.sleep(early.value.seconds)
        assert links.links("ABC-1") == [FOUND]


def test_without_retry_after_the_reset_counts() -> None:
    clock = FakeClock()
    reset = answering(429, "{}", {"X-RateLimit-Reset": in_a_minute(clock)})
    with Wire(reset) as wire, pytest.raises(NotAccepted) as refused:
        links_at(wire, clock).links("ABC-1")
    assert refused.value.retry_after == 60


def test_what_is_left_of_a_limit_slows_nothing_down() -> None:
    clock = FakeClock()
    left = {"X-RateLimit-Remaining": "0", "X-RateLimit-Limit": "100", "X-RateLimit-Reset": in_a_minute(clock)}
    with Wire(*[answering(200, "[]", left)] * 3) as wire:
        links = links_at(wire, clock, pace=10)
        for _each in range(3):
            links.links("ABC-1")
    assert clock.naps == pytest.approx([0.1, 0.1], abs=0.02)


def test_requests_are_slower_when_the_limit_is_near() -> None:
    clock = FakeClock()
    with Wire(*[answering(200, "[]", {"X-RateLimit-NearLimit": "true"})] * 4) as wire:
        links = links_at(wire, clock, pace=10)
        for _each in range(4):
            links.links("ABC-1")
    assert clock.naps == pytest.approx([0.1, 0.2, 0.2])


def test_a_question_is_asked_again_until_there_is_an_answer() -> None:
    clock, listener = FakeClock(), Listener()
    scripts = [answering(429, "{}", {"Retry-After": "1"}), resetting(), answering(502), answering(200, "[]")]
    with Wire(*scripts) as wire:
        links = links_at(wire, clock, pace=10)
        assert retry(lambda: links.links("ABC-1"), clock=clock, say=listener.line) == []
    assert len(wire.requests) == 4


# -- Which issues there are


def fetched(*issues: Any, errors: Any = ()) -> Send:
    return answering(200, json.dumps({"issues": issues, "issueErrors": errors}))


def issue(key: Any, issue_id: Any) -> dict[str, Any]:
    return {"id": issue_id, "key": key, "fields": {"created": "2026-03-01T12:00:00.000+0000"}}


def error(key: str) -> dict[str, Any]:
    return {"id": key, "errorMessage": "try again"}


def resolved(keys: list[str], *scripts: Send) -> dict[str, ResolvedIssue]:
    """What issues are called now; all the answers are asked for."""
    with Wire(*scripts) as wire:
        found = links_at(wire).resolve(keys)
    assert len(wire.requests) == len(scripts)
    return found


def asked_in(request: str) -> list[str]:
    keys: list[str] = json.loads(request.split("\r\n\r\n")[1])["issueIdsOrKeys"]
    return keys


def test_issues_are_resolved_by_one_post_that_may_be_asked_again() -> None:
    clock = FakeClock()
    with Wire(resetting(), fetched(issue("ABC-2", 10002), issue("ABC-1", "10001"))) as wire:
        links = links_at(wire, clock)
        found = retry(lambda: links.resolve(["ABC-1", "ABC-2"]), clock=clock, say=Listener().line)
    assert found == {"ABC-1": ResolvedIssue("ABC-1", "10001"), "ABC-2": ResolvedIssue("ABC-2", "10002")}
    head, body = wire.requests[1].split("\r\n\r\n")
    assert head.startswith("POST /rest/api/3/issue/bulkfetch HTTP/1.1\r\n")
    assert json.loads(body) == {"issueIdsOrKeys": ["ABC-1", "ABC-2"], "fields": ["created"]}


def test_an_issue_that_does_not_come_back_is_not_there() -> None:
    assert resolved(["ABC-1", "ABC-2"], fetched(issue("ABC-1", 1))) == {"ABC-1": ResolvedIssue("ABC-1", "1")}
    assert resolved(["ABC-1"], fetched()) == {}


def test_the_only_issue_that_was_moved_needs_no_other_question() -> None:
    found = resolved(["ABC-1", "ABC-2"], fetched(issue("XYZ-9", 2), issue("ABC-1", 1)))
    assert found == {"ABC-1": ResolvedIssue("ABC-1", "1"), "ABC-2": ResolvedIssue("XYZ-9", "2")}


def test_where_it_is_not_clear_which_issue_was_moved_each_is_asked_for_alone() -> None:
    with Wire(
        fetched(issue("XYZ-9", 2), issue("ABC-1", 1)),
        fetched(),
        fetched(issue("XYZ-9", 2)),
    ) as wire:
        found = links_at(wire).resolve(["ABC-1", "ABC-2", "ABC-3"])
    assert found == {"ABC-1": ResolvedIssue("ABC-1", "1"), "ABC-3": ResolvedIssue("XYZ-9", "2")}
    assert [asked_in(each) for each in wire.requests] == [["ABC-1", "ABC-2", "ABC-3"], ["ABC-2"], ["ABC-3"]]


def test_an_issue_with_an_error_is_not_taken_for_one_that_is_not_there() -> None:
    keys, batch = ["ABC-1", "ABC-2"], fetched(issue("ABC-1", 1), errors=[error("ABC-2")])
    known = {"ABC-1": ResolvedIssue("ABC-1", "1")}
    assert resolved(keys, batch, fetched(issue("ABC-2", 2))) == known | {"ABC-2": ResolvedIssue("ABC-2", "2")}
    assert resolved(keys, batch, fetched(errors=[error("ABC-2")]), answering(404, NOT_THERE)) == known
    with pytest.raises(OutcomeUnknown, match="does not say the id of issue ABC-2"):
        resolved(keys, batch, fetched(errors=[error("ABC-2")]), answering(200, "[]"))


@pytest.mark.parametrize(
    "body",
    [
        "",
        LOGIN_PAGE,
        [],
        {},
        {"issueErrors": []},
        {"issues": {}},
        {"issues": [], "issueErrors": {}},
        {"issues": [issue("ABC-1", None)]},
        {"issues": [issue("ABC", 1)]},
        {"issues": [issue(None, 1)]},
        {"issues": ["ABC-1"]},
        {"issues": [issue("ABC-1", 1), issue("ABC-2", 2)]},
    ],
)
def test_an_odd_answer_is_not_taken_for_issues_that_are_not_there(body: object) -> None:
    script = answering(200, body if isinstance(body, str) else json.dumps(body))
    with Wire(script) as wire, pytest.raises(OutcomeUnknown):
        links_at(wire).resolve(["ABC-1"])


# -- A new link


@pytest.mark.parametrize(("status", "link_id"), [(201, 10003), (200, 10003), (201, "10003")])
def test_a_link_is_created_by_one_post_and_its_id_is_given_back(status: int, link_id: object) -> None:
    body = json.dumps({"id": link_id, "self": "https://eu.example.net/rest/api/3/issue/ABC-1/remotelink/10003"})
    sent: list[int] = []
    with Wire(answering(status, body)) as wire:
        assert links_at(wire).create("ABC-1", NEW, lambda: sent.append(len(wire.requests))) == 10003
    assert sent == [0]
    head, document = wire.requests[0].split("\r\n\r\n")
    assert head.startswith("POST /rest/api/3/issue/ABC-1/remotelink HTTP/1.1\r\n")
    assert json.loads(document) == {
        "globalId": GLOBAL_ID,
        "application": {"type": "com.atlassian.jira", "name": "Jira US"},
        "relationship": "blocks",
        "object": {"url": "https://us.example.net/browse/DEF-2", "title": "DEF-2"},
    }


def test_what_a_new_link_does_not_have_is_not_sent() -> None:
    with Wire(answering(201, '{"id": 1}')) as wire:
        links_at(wire).create("ABC-1", NewLink(GLOBAL_ID, NEW.url, "DEF-2", "", "", ""))
    assert set(json.loads(wire.requests[0].split("\r\n\r\n")[1])) == {"globalId", "object"}


def create(*scripts: Send) -> LinkUpdateError:
    """What the creation of a link ends in. It is sent once."""
    with Wire(*scripts) as wire, pytest.raises(LinkUpdateError) as caught:
        links_at(wire).create("ABC-1", NEW)
    assert len(wire.requests) == 1
    return caught.value


@pytest.mark.parametrize(
    "script",
    [
        resetting(),
        resetting(b"HTTP/1.1 201 Cre"),
        answering(201, '{"id": 10', {"Content-Length": "99"}),
        answering(201),
        answering(204),
        answering(200, LOGIN_PAGE),
        answering(201, "[]"),
        answering(201, '{"self": "https://eu.example.net"}'),
        answering(404, LOGIN_PAGE),
        answering(500),
        answering(503),
    ],
)
def test_it_is_not_known_whether_a_link_was_created_that_has_no_good_answer(script: Send) -> None:
    assert isinstance(create(script), OutcomeUnknown)


def test_a_link_that_the_limit_refused_was_not_created() -> None:
    assert isinstance(create(answering(429, "{}", {"Retry-After": "1"})), NotAccepted)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_a_link_that_was_refused_was_not_created(status: int) -> None:
    failure = create(answering(status, NOT_THERE))
    assert not isinstance(failure, NotAccepted | OutcomeUnknown)
    assert failure.failure.http_status == status


# -- A link that is deleted


def test_a_link_is_deleted_and_one_that_is_gone_is_no_failure() -> None:
    with Wire(answering(204), answering(404, NOT_THERE), answering(200, "")) as wire:
        links = links_at(wire)
        assert [links.delete("ABC-1", 10003) for _each in range(3)] == [True, False, True]
    assert wire.requests[0].startswith("DELETE /rest/api/3/issue/ABC-1/remotelink/10003 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "script",
    [
        answering(200, LOGIN_PAGE),
        answering(404, LOGIN_PAGE),
        answering(404),
        answering(409, NOT_THERE),
        answering(500),
        resetting(),
    ],
)
def test_a_link_is_not_taken_for_deleted_by_an_answer_that_does_not_say_so(script: Send) -> None:
    with Wire(script) as wire, pytest.raises(OutcomeUnknown):
        links_at(wire).delete("ABC-1", 10003)


# -- The changelog


def page(*entries: Any, is_last: Any = True) -> Send:
    return answering(200, json.dumps({"values": entries, "isLast": is_last, "startAt": 0, "total": 3}))


def entry(*items: Any, created: Any = "2026-02-01T10:00:00.000+0100") -> dict[str, Any]:
    return {"id": "1", "created": created, "items": items}


def change(field: str = "RemoteIssueLink", **fields: Any) -> dict[str, Any]:
    return {"field": field, **dict.fromkeys(("from", "fromString", "to", "toString")), **fields}


ADDED = change(to="10001", toString='This issue links to "DEF-2 (Jira US)"')
REMOVED = change(**{"from": "10001", "fromString": 'This issue links to "DEF-2 (Jira US)"'})
AT = datetime(2026, 2, 1, 9, 0, tzinfo=timezone.utc)


def test_all_pages_of_a_changelog_are_read_and_only_remote_links_are_kept() -> None:
    scripts = [
        page(entry(ADDED, change("status", to="3")), entry(change("summary")), is_last=False),
        resetting(),
        page(entry(REMOVED), is_last=False),
        page(entry()),
    ]
    clock = FakeClock()
    with Wire(*scripts) as wire:
        changes = links_at(wire, clock).changes("ABC-1", lambda ask: retry(ask, clock=clock, say=Listener().line))
    text = 'This issue links to "DEF-2 (Jira US)"'
    assert changes == [LinkChange(AT, None, "", "10001", text), LinkChange(AT, "10001", text, None, "")]
    starts = [each.partition("startAt=")[2].partition("&")[0] for each in wire.requests]
    assert starts == ["0", "2", "2", "3"]
    assert wire.requests[0].startswith("GET /rest/api/3/issue/ABC-1/changelog?startAt=0&maxResults=100 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    "script",
    [
        page(is_last=None),
        page(entry(ADDED, created="yesterday")),
        page(entry(ADDED, created=None)),
        page(entry(change(to=10001))),
        page({"created": "2026-02-01T10:00:00.000+0100"}),
        page(entry("RemoteIssueLink")),
        answering(200, "[]"),
        answering(200, LOGIN_PAGE),
        answering(200, ""),
    ],
)
def test_a_changelog_that_is_not_whole_is_a_failure_and_not_one_without_changes(script: Send) -> None:
    with Wire(script) as wire, pytest.raises(OutcomeUnknown):
        links_at(wire).changes("ABC-1")


def test_a_changelog_without_its_last_entry_is_a_failure() -> None:
    pages = page(entry(), is_last=False), page(is_last=False)
    with Wire(*pages) as wire, pytest.raises(OutcomeUnknown, match="ends before its last entry"):
        links_at(wire).changes("ABC-1")


# -- Secrets


@pytest.mark.parametrize("secret", [TOKEN, SIGNATURE, quote(TOKEN, safe="")])
@pytest.mark.parametrize(
    "call",
    [
        lambda links: links.links("ABC-1"),
        lambda links: links.resolve(["ABC-1"]),
        lambda links: links.create("ABC-1", NEW),
        lambda links: links.delete("ABC-1", 1),
        lambda links: links.changes("ABC-1"),
    ],
)
@pytest.mark.parametrize(("status", "shown"), [(200, "<p>bad {}</p>"), (400, '{{"errorMessages": ["bad {}"]}}')])
def test_an_answer_that_repeats_a_secret_is_shown_without_it(
    secret: str, call: Callable[[RemoteLinks], object], status: int, shown: str
) -> None:
    with Wire(answering(status, shown.format(secret))) as wire, pytest.raises(LinkUpdateError) as caught:
        call(links_at(wire))
    assert "bad ********" in str(caught.value)
    assert secret not in str(caught.value)


def test_no_text_of_a_link_repeats_a_secret() -> None:
    leak = {"url": f"https://x/{quote(TOKEN)}", "title": SIGNATURE.rstrip("=")}
    application = {"type": TOKEN, "name": TOKEN}
    found = links_from(200, [link(globalId=TOKEN, relationship=TOKEN, application=application, object=leak)])
    assert found == [RemoteLink(10001, "********", "https://x/********", *["********"] * 4)]
