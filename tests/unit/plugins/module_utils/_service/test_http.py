# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a request can end in, over real connections of this machine."""

from __future__ import annotations

import base64
import contextlib
import json
import select
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.adapter import HAS_SOCKS
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    FakeClock,
    Wire,
    answering,
    closed_port,
    read_request,
    resetting,
)

Method = Callable[[Session, str], Any]
Send = Callable[[socket.socket], None]

EMAIL, TOKEN = "jürgen@example.com", "ATATT3x-s3cret"
BASIC = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()


def get(session: Session, url: str) -> Any:
    return session.get(url)


def post(session: Session, url: str) -> Any:
    return session.post(url, {"product": "jira"})


both = pytest.mark.parametrize("method", [get, post])


def session_of(clock: FakeClock, **options: Any) -> Session:
    return Session(Connection(**{"timeout": 5, **options}), Basic(EMAIL, TOKEN), clock)


def failure_of(session: Session, *scripts: Send, method: Method = get) -> LinkUpdateError:
    """What a request ends in when the other end does as the scripts say."""
    with Wire(*scripts) as wire, pytest.raises(LinkUpdateError) as failure:
        method(session, wire.url + "/path")
    return failure.value


def sending(data: bytes) -> Send:
    return lambda connection: connection.sendall(data)


# -- Nothing was sent


@both
@pytest.mark.parametrize("host", ["127.0.0.1", "nothing.invalid"], ids=["nobody listens", "no such name"])
def test_what_could_not_be_reached_took_nothing(session: Session, method: Method, host: str) -> None:
    with pytest.raises(NotAccepted) as failure:
        method(session, f"http://{host}:{closed_port()}/path")
    assert (failure.value.code, failure.value.retry_after) == ("unreachable", None)
    assert f"http://{host}:" in failure.value.failure.message


@pytest.mark.parametrize("host", ["eu..example.com", "x" * 64 + ".example.com"])
def test_a_host_that_cannot_be_one_is_an_invalid_option(session: Session, host: str) -> None:
    with pytest.raises(LinkUpdateError) as failure:
        session.get(f"http://{host}/path")
    assert failure.value.code == "invalid_option"


def test_an_authority_file_that_is_not_there_is_a_clear_no(clock: FakeClock) -> None:
    with pytest.raises(LinkUpdateError, match="/no/such/file") as failure:
        session_of(clock, verify="/no/such/file").get("https://127.0.0.1/")
    assert not isinstance(failure.value, (NotAccepted, OutcomeUnknown))


@both
@pytest.mark.parametrize("content", [b"", b"no certificate", b"\xff\0", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END"])
@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_authorities_that_are_no_certificates_are_a_clear_no(
    clock: FakeClock,
    method: Method,
    content: bytes,
    variable: str | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = tmp_path / "authorities.pem"
    path.write_bytes(content)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    if variable:
        monkeypatch.setenv(variable, str(path))
    session = session_of(clock, **({} if variable else {"verify": str(path)}))
    with pytest.raises(LinkUpdateError, match=r"authorities\.pem") as failure:
        method(session, f"https://127.0.0.1:{closed_port()}/")
    assert (type(failure.value), failure.value.code) == (LinkUpdateError, "tls")
    assert "ca_path" in failure.value.failure.advice


@both
@pytest.mark.parametrize(
    "said", [b"HTTP/1.1 400 No TLS\r\n\r\n", b"SSH-2.0-OpenSSH_9.2\r\n", b"\x15\x03\x03\0\x02\x02\x28", b"\0" * 100]
)
def test_a_port_that_does_not_speak_tls_is_a_clear_no(clock: FakeClock, method: Method, said: bytes) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(said)

    with Wire(script, reads=False) as wire, pytest.raises(LinkUpdateError) as failure:
        method(session_of(clock), wire.url.replace("http:", "https:"))
    assert (type(failure.value), failure.value.code) == (LinkUpdateError, "tls")


@both
@pytest.mark.parametrize("end", [sending(b""), resetting(), sending(b"\x16\x03\x03")], ids=["closed", "reset", "half"])
def test_a_connection_that_ends_before_it_is_encrypted_took_nothing(
    clock: FakeClock, method: Method, end: Send
) -> None:
    def script(connection: socket.socket) -> None:
        connection.recv(1000)
        end(connection)

    with Wire(script, reads=False) as wire, pytest.raises(NotAccepted):
        method(session_of(clock), wire.url.replace("http:", "https:"))


# -- Nobody knows


@both
def test_a_reset_after_the_request_leaves_the_outcome_unknown(session: Session, method: Method) -> None:
    failure = failure_of(session, resetting(), method=method)
    assert (type(failure), failure.code) == (OutcomeUnknown, "no_answer")


@both
@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("", "empty"),
        (" \n", "empty"),
        ("<html>Log in</html>", "not JSON"),
        ("{'a': 1}", "not JSON"),
        (b"\xff", "not JSON"),
    ],
)
def test_an_answer_that_says_nothing_leaves_the_outcome_unknown(
    session: Session, method: Method, body: str | bytes, what: str
) -> None:
    failure = failure_of(session, answering(200, body, {"Atl-Traceid": "trace-1"}), method=method)
    assert (type(failure), failure.failure.http_status, failure.failure.request_id) == (OutcomeUnknown, 200, "trace-1")
    assert what in failure.failure.message


# -- A clear answer


@both
@pytest.mark.parametrize("status", [200, 201, 202])
def test_json_is_given_back(session: Session, method: Method, status: int) -> None:
    with Wire(answering(status, '{"uuid": "jöb-1"}', {"Content-Type": "text/plain"})) as wire:
        assert method(session, wire.url) == {"uuid": "jöb-1"}


@both
@pytest.mark.parametrize(
    ("status", "headers", "kind", "code"),
    [
        (400, {}, LinkUpdateError, "rejected"),
        (401, {}, LinkUpdateError, "unauthorized"),
        (403, {}, LinkUpdateError, "forbidden"),
        (404, {}, LinkUpdateError, "not_found"),
        (429, {}, NotAccepted, "rate_limited"),
        (500, {}, OutcomeUnknown, "no_answer"),
        (501, {}, OutcomeUnknown, "no_answer"),
        (502, {"Retry-After": "5"}, OutcomeUnknown, "no_answer"),
        (503, {}, OutcomeUnknown, "no_answer"),
        (503, {"Retry-After": "5"}, NotAccepted, "unavailable"),
        (503, {"Retry-After": "soon"}, NotAccepted, "unavailable"),
        (504, {}, OutcomeUnknown, "no_answer"),
    ],
)
def test_a_status_says_what_may_be_done_next(
    session: Session, method: Method, status: int, headers: dict[str, str], kind: type[LinkUpdateError], code: str
) -> None:
    failure = failure_of(session, answering(status, "{}", headers), method=method)
    assert (type(failure), failure.code, failure.failure.http_status) == (kind, code, status)
    assert f"HTTP {status}" in failure.failure.message


# What follows is what a later run is told of a job: "nothing was scheduled" needs a proof, one status at a time.
@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 407, 411, 413, 414, 415, 422, 428, 429, 431, 307, 308])
def test_a_status_that_proves_that_a_job_was_not_scheduled_is_a_no(session: Session, status: int) -> None:
    assert not isinstance(failure_of(session, answering(status, "{}"), method=post), OutcomeUnknown)


@pytest.mark.parametrize(
    "status",
    [
        *(300, 301, 302, 303, 304, 305, 306, 309, 399),
        *(402, 406, 408, 409, 410, 412, 416, 417, 418, 421, 423, 424, 425, 426, 430, 451, 460, 499),
        *(500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 599, 600, 999),
    ],
)
def test_any_other_status_leaves_it_unknown_whether_a_job_was_scheduled(session: Session, status: int) -> None:
    failure = failure_of(session, answering(status, "{}", {"Location": "/jobs/1"}), method=post)
    assert (type(failure), failure.failure.http_status) == (OutcomeUnknown, status)
    assert f"HTTP {status}" in failure.failure.message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_what_only_reads_is_refused_by_any_redirect(session: Session, status: int) -> None:
    assert failure_of(session, answering(status)).code == "redirected"


@pytest.mark.parametrize("status", [402, 405, 408, 409, 410, 425, 451])
def test_what_only_reads_is_refused_by_any_error_of_the_client(session: Session, status: int) -> None:
    assert failure_of(session, answering(status)).code == "rejected"


@pytest.mark.parametrize(
    ("body", "headers", "said", "request_id"),
    [
        ({"errorMessage": "no  such\nproduct", "id": "r-1"}, {}, "no such product (request r-1)", "r-1"),
        ({"message": "no such product"}, {"Atl-Traceid": "r-2"}, "no such product (request r-2)", "r-2"),
        ({"message": ["?"], "id": 3}, {"X-Request-Id": "r-3"}, "HTTP 400 ? (request r-3)", "r-3"),
        (["?"], {}, 'HTTP 400 ["?"]', None),
    ],
)
def test_a_refusal_repeats_what_the_service_says(
    session: Session, body: Any, headers: dict[str, str], said: str, request_id: str | None
) -> None:
    failure = failure_of(session, answering(400, json.dumps(body), headers))
    assert failure.failure.message.endswith(said)
    assert failure.failure.request_id == request_id


@both
def test_a_redirect_is_not_followed(session: Session, method: Method) -> None:
    with Wire(answering(200, "{}")) as elsewhere:
        failure = failure_of(
            session, answering(307, "", {"Location": f"{elsewhere.url}/login?token=x#y"}), method=method
        )
    assert (type(failure), failure.code) == (LinkUpdateError, "redirected")
    assert elsewhere.requests == []
    assert "/login," in failure.failure.message


@pytest.mark.parametrize("location", ["http://[", "//[::1/x", "http://eu.example.com:port/", "\x7f", ""])
def test_a_redirect_to_nowhere_is_not_followed_either(session: Session, location: str) -> None:
    assert failure_of(session, answering(302, "", {"Location": location})).code == "redirected"


# -- Answers before the answer


def interim(*statuses: int, then: Send) -> Send:
    def script(connection: socket.socket) -> None:
        for status in statuses:
            connection.sendall(b"HTTP/1.1 %d Wait\r\nLink: </style.css>\r\n\r\n" % status)
        then(connection)

    return script


@both
@pytest.mark.parametrize("statuses", [[100], [102], [103], [102, 103, 100, 199], [102] * 99])
def test_an_answer_that_only_says_that_there_will_be_one_is_read_past(
    session: Session, method: Method, statuses: list[int]
) -> None:
    with Wire(interim(*statuses, then=answering(201, '{"uuid": "job-1"}'))) as wire:
        assert method(session, wire.url) == {"uuid": "job-1"}


@both
def test_what_comes_after_such_an_answer_is_what_counts(session: Session, method: Method) -> None:
    assert failure_of(session, interim(103, then=answering(429)), method=method).code == "rate_limited"


@both
def test_such_answers_without_an_end_leave_the_outcome_unknown(session: Session, method: Method) -> None:
    failure = failure_of(session, interim(*[100] * 100, then=answering(200, "{}")), method=method)
    assert isinstance(failure, OutcomeUnknown)


@both
def test_another_protocol_that_nobody_asked_for_leaves_the_outcome_unknown(session: Session, method: Method) -> None:
    failure = failure_of(session, interim(101, then=answering(200, "{}")), method=method)
    assert isinstance(failure, OutcomeUnknown)
    assert "101" in failure.failure.message


# -- How long to wait


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"X-RateLimit-Reset": "2026-03-01T12:00:05Z"}, 5),
        ({"X-RateLimit-Reset": "2026-03-01T13:00:05.5+01:00"}, 5.5),
        ({"X-RateLimit-Reset": "2026-03-01T15:00:07Z", "Date": "Sun, 01 Mar 2026 15:00:00 GMT"}, 7),
        ({"X-RateLimit-Reset": "2026-03-01T15:00:07Z", "Date": "Sun, 01 Mar 2026 15:00:00 -0000"}, 7),
        ({"X-RateLimit-Reset": "2026-03-01T12:00:05Z", "Date": "today"}, 5),
        ({"X-RateLimit-Reset": "2026-03-01T12:00:05Z", "Retry-After": "60"}, 5),
        ({"X-RateLimit-Reset": "2026-03-01T11:59:59Z"}, None),
        ({"X-RateLimit-Reset": "2027-03-01T12:00:00Z"}, None),
        ({"X-RateLimit-Reset": "1772366405"}, None),
        ({"X-RateLimit-Reset": ""}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "3600"}, 3600),
        ({"Retry-After": "3600.5"}, None),
        # Where the clocks agree as far as whole seconds go, the one here is the better one.
        ({"X-RateLimit-Reset": "2026-03-01T12:00:10Z", "Date": "Sun, 01 Mar 2026 11:59:58 GMT"}, 10),
        ({"X-RateLimit-Reset": "2026-03-01T12:00:10Z", "Date": "Sun, 01 Mar 2026 12:00:01 GMT"}, 10),
        ({"X-RateLimit-Reset": "2026-03-01T12:00:10Z", "Date": "Sun, 01 Mar 2026 11:59:57 GMT"}, 13),
        ({"X-RateLimit-Reset": "2026-03-01T12:00:10Z", "Date": "Sun, 01 Mar 2026 12:00:02 GMT"}, 8),
        ({"Retry-After": "-1"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "Sun, 01 Mar 2026 12:00:09 GMT"}, 9),
        ({"Retry-After": "Sun, 01 Mar 2026 15:00:07 GMT", "Date": "Sun, 01 Mar 2026 15:00:00 GMT"}, 7),
        ({"Retry-After": "Sun, 01 Mar 2026 11:59:00 GMT"}, None),
        ({"X-RateLimit-Reset": "2026-03-01T11:59:59Z", "Retry-After": "60"}, 60),
        ({"X-RateLimit-Reset": "soon", "Retry-After": "60"}, 60),
    ],
)
def test_how_long_to_wait_is_taken_from_the_answer_where_that_is_sensible(
    session: Session, status: int, headers: dict[str, str], seconds: float | None
) -> None:
    failure = failure_of(session, answering(status, "{}", headers))
    assert isinstance(failure, NotAccepted)
    assert failure.retry_after == seconds


def test_a_service_that_does_not_say_how_long_to_wait_is_not_guessed_for(session: Session) -> None:
    failure = failure_of(session, answering(429))
    assert isinstance(failure, NotAccepted)
    assert failure.retry_after is None


# -- Credentials


@both
def test_the_credentials_travel_as_basic_authentication_in_utf_8(clock: FakeClock, method: Method) -> None:
    with Wire(answering(200, "{}")) as wire:
        method(session_of(clock), wire.url)
    assert f"\r\nAuthorization: Basic {BASIC}\r\n" in wire.requests[0]


@pytest.mark.parametrize("netrc", [True, False])
def test_what_is_not_to_be_signed_is_not(
    clock: FakeClock, netrc: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("NETRC", raising=False)
    if netrc:
        (tmp_path / ".netrc").write_text("machine 127.0.0.1 login somebody password else\n")
    with Wire(answering(200, "{}")) as wire:
        session_of(clock).get(wire.url, signed=False)
    assert "authorization" not in wire.requests[0].lower()


def test_what_was_signed_before_signs_nothing_else(clock: FakeClock) -> None:
    session = session_of(clock)
    with Wire(answering(200, "{}")) as api, Wire(answering(200, "{}")) as site:
        session.get(api.url)
        session.get(site.url, signed=False)
    assert BASIC in api.requests[0]
    assert "authorization" not in site.requests[0].lower()


@both
def test_a_proxy_that_passes_encrypted_requests_on_gets_no_credentials(
    clock: FakeClock, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(answering(407)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(LinkUpdateError):
            method(session_of(clock), "https://nothing.invalid/path")
    assert proxy.requests[0].startswith("CONNECT ")
    assert "authorization" not in proxy.requests[0].lower()


@pytest.mark.parametrize("secret", [TOKEN, BASIC], ids=["token", "header"])
@pytest.mark.parametrize(
    "echo",
    [
        lambda secret: answering(400, json.dumps({"errorMessage": f"what is {secret}?"})),
        lambda secret: answering(429, json.dumps({"message": secret})),
        lambda secret: answering(400, json.dumps({"message": "x" * 290 + secret})),
        lambda secret: answering(400, json.dumps({"id": secret})),
        lambda secret: answering(200, "", {"Atl-Traceid": secret}),
        lambda secret: answering(302, "", {"Location": f"https://example.com/{secret}"}),
        lambda secret: sending(f"{secret}\r\n\r\n".encode()),
        lambda secret: answering(404, secret),
    ],
    ids=["message", "limit", "cut in two", "request id", "trace", "redirect", "no HTTP", "page"],
)
def test_no_failure_repeats_a_secret_that_is_echoed(clock: FakeClock, secret: str, echo: Callable[[str], Send]) -> None:
    failure = failure_of(session_of(clock), echo(secret))
    assert secret[:8] not in f"{failure} {failure.failure}"


# -- The way there


@both
@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_no_proxy_is_used_on_this_machine(
    session: Session, method: Method, variable: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, f"http://127.0.0.1:{closed_port()}")
    with Wire(answering(200, "{}")) as wire:
        assert method(session, wire.url) == {}


def test_a_proxy_is_used_on_the_way_to_other_machines(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(answering(200, "{}")) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        session.get("http://nothing.invalid/path")
    assert proxy.requests[0].startswith("GET http://nothing.invalid/path HTTP/1.1\r\n")


@both
def test_a_proxy_that_is_away_took_nothing(session: Session, method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    with pytest.raises(NotAccepted):
        method(session, "http://nothing.invalid/path")


@both
def test_a_proxy_that_leads_nowhere_took_nothing(
    session: Session, method: Method, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(answering(502)) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(NotAccepted):
            method(session, "https://nothing.invalid/path")
    assert proxy.requests[0].startswith("CONNECT nothing.invalid:443 ")


@both
@pytest.mark.parametrize("answer", [answering(407), sending(b"SSH-2.0\r\n\r\n"), sending(b""), resetting()])
def test_a_proxy_that_does_not_connect_took_nothing(
    session: Session, method: Method, answer: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(answer) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        with pytest.raises(LinkUpdateError) as failure:
            method(session, "https://nothing.invalid/path")
    assert not isinstance(failure.value, OutcomeUnknown)
    assert failure.value.code == "unreachable"


PROXY_PASSWORD = "pr0xy s%cret"


@both
@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "url",
    [
        "http://ann:{}@proxy.example.com:port",
        "http://ann:{}@proxy.example.com:99999",
        "http://ann:{}@[::1",
        "http://ann:{}@",
        "http://:{}@:3128",
        "http://ann:{}@eu..example.com:3128",
        "http://ann:{}@proxy example.com",
        "http://ann:x/{}@proxy.example.com",
        "ann:{}@proxy.example.com:port",
        "socks5://ann:{}@nothing.invalid",
        "socks5h://ann:{}@nothing.invalid",
        "socks4://{}@proxy.example.com",
        "ftp://ann:{}@proxy.example.com",
        "://{}",
        "{}",
        "http://ann:{}@127.0.0.1:0",
        "http://ann:{}@nothing.invalid:3128",
    ],
)
def test_a_proxy_url_that_cannot_be_used_took_nothing_and_its_password_is_not_shown(
    session: Session, method: Method, scheme: str, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{scheme}_proxy", url.format(quote(PROXY_PASSWORD)))
    with pytest.raises(LinkUpdateError) as failure:
        method(session, f"{scheme}://nothing.invalid/path")
    assert not isinstance(failure.value, OutcomeUnknown)
    said = f"{failure.value} {failure.value.failure}"
    assert PROXY_PASSWORD[:5] not in said
    if failure.value.code == "invalid_option":
        assert f"the proxy for {scheme}:// in the environment" in said
        assert f"{scheme}_proxy" in failure.value.failure.advice
    elif failure.value.code == "missing_library":
        assert "PySocks" in said
    else:
        assert isinstance(failure.value, NotAccepted)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_is_told_who_asks_where_its_url_says_so(
    session: Session, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Wire(answering(502)) as proxy:
        credentials = f"ann:{quote(PROXY_PASSWORD)}@"
        monkeypatch.setenv(f"{scheme}_proxy", proxy.url.replace("//", f"//{credentials}"))
        with pytest.raises(LinkUpdateError):
            session.get(f"{scheme}://nothing.invalid/path")
    encoded = base64.b64encode(f"ann:{PROXY_PASSWORD}".encode()).decode()
    assert f"\r\nProxy-Authorization: Basic {encoded}\r\n" in proxy.requests[0]


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "encrypted"])
@both
def test_an_encrypted_request_goes_through_a_proxy(
    clock: FakeClock,
    method: Method,
    encrypted: bool,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The proxy is passed all the way: what it passes on to is this test's own server."""

    def passing_on(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        _pass_on(connection, wire)

    with Wire(answering(200, '{"a": 1}'), tls=tls) as wire, Wire(passing_on, tls=tls if encrypted else None) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        session = session_of(clock, verify=False)
        assert method(session, "https://nothing.invalid/path") == {"a": 1}
    assert wire.requests[0].split(" ")[1] == "/path"
    assert "proxy" not in wire.requests[0].lower()


socks = pytest.mark.skipif(not HAS_SOCKS, reason="PySocks is not installed")


@socks
@both
@pytest.mark.parametrize("variable", ["https_proxy", "all_proxy"])
@pytest.mark.parametrize("credentials", ["", f"ann:{quote(PROXY_PASSWORD)}@"], ids=["anybody", "ann"])
def test_an_encrypted_request_goes_through_a_socks_proxy(
    clock: FakeClock,
    method: Method,
    variable: str,
    credentials: str,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[bytes] = []
    greetings = [b"\5\2", b"\1\0"] if credentials else [b"\5\0"]

    def passing_on(connection: socket.socket) -> None:
        for reply in [*greetings, b"\5\0\0\1\x7f\0\0\1\0\x50"]:
            asked.append(connection.recv(1000))
            connection.sendall(reply)
        _pass_on(connection, wire)

    with Wire(answering(200, '{"a": 1}'), tls=tls) as wire, Wire(passing_on, reads=False) as proxy:
        monkeypatch.setenv(variable, proxy.url.replace("http://", f"socks5h://{credentials}"))
        assert method(session_of(clock, verify=False), "https://nothing.invalid/path") == {"a": 1}
    said = [b"\5\2\0\2", b"\1\3ann" + bytes([len(PROXY_PASSWORD)]) + PROXY_PASSWORD.encode()]
    target = b"\5\1\0\3\x0fnothing.invalid\x01\xbb"
    assert asked == [*(said if credentials else [b"\5\1\0"]), target]


@socks
@both
@pytest.mark.parametrize(
    "replies",
    [
        [b"\5\xff"],
        [b"HTTP/1.1 400 No\r\n\r\n"],
        [b"\5\0", b"\5\5\0\1" + bytes(6)],
        [b"\5\0", b"\5\x63\0\1" + bytes(6)],
        [b"\5\0", b"\4\0\0\1" + bytes(6)],
        [b"\5\0", b"\5\0\0\3\x20short"],
        [b"\5"],
        [],
    ],
)
def test_a_socks_proxy_that_does_not_connect_took_nothing(
    session: Session, method: Method, replies: list[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(connection: socket.socket) -> None:
        for reply in replies:
            connection.recv(1000)
            connection.sendall(reply)
        with contextlib.suppress(OSError):  # the other end may have closed it
            connection.shutdown(socket.SHUT_WR)
            connection.recv(1000)

    with Wire(script, reads=False) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url.replace("http:", "socks5h:"))
        with pytest.raises(NotAccepted):
            method(session, "https://nothing.invalid/path")


def _pass_on(connection: socket.socket, wire: Wire) -> None:
    """Connect somebody to a server of this machine, until one of the two has ended.

    In one thread: TLS cannot be read and written at once.
    """
    with socket.create_connection(("127.0.0.1", int(wire.url.rpartition(":")[2]))) as there:
        other = {connection: there, there: connection}
        with contextlib.suppress(OSError):
            while True:
                for here in select.select([*other], [], [])[0]:
                    # TLS takes one record at a time, so select sees the next one.
                    if not (data := here.recv(65536)):
                        return
                    other[here].sendall(data)


@both
def test_no_cookie_is_kept_or_sent(session: Session, method: Method) -> None:
    cookies = {"Set-Cookie": f"session={'x' * 60_000}; Path=/", "Connection": "keep-alive"}

    def twice(connection: socket.socket) -> None:
        answering(200, "{}", cookies)(connection)
        if connection.recv(65536, socket.MSG_PEEK):
            wire.requests.append(read_request(connection))
            answering(200, "{}")(connection)

    with Wire(twice, answering(200, "{}")) as wire:
        method(session, wire.url)
        method(session, wire.url)
    with Wire(answering(200, "{}")) as other:
        method(session, other.url)
    assert len(wire.requests) == 2
    assert "cookie" not in "".join(wire.requests + other.requests).lower()


@both
def test_a_stand_in_gets_what_is_meant_for_another_host(clock: FakeClock, method: Method) -> None:
    with Wire(answering(400)) as stand_in, pytest.raises(LinkUpdateError) as failure:
        method(session_of(clock, stand_in_url=stand_in.url), "https://eu.example.atlassian.net/_edge/tenant_info")
    assert " /eu.example.atlassian.net/_edge/tenant_info HTTP/1.1" in stand_in.requests[0].splitlines()[0]
    assert "https://eu.example.atlassian.net/_edge/tenant_info" in failure.value.failure.message


# -- TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """Who signs the certificates of this machine, and is known to nobody."""
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@both
def test_a_certificate_that_nobody_vouches_for_is_refused(
    session: Session, method: Method, tls: ssl.SSLContext
) -> None:
    with Wire(answering(200, "{}"), tls=tls) as wire, pytest.raises(LinkUpdateError) as failure:
        method(session, wire.url)
    assert (type(failure.value), failure.value.code) == (LinkUpdateError, "tls")
    assert "ca_path" in failure.value.failure.message
    assert wire.requests == []


@both
def test_a_certificate_can_be_vouched_for_by_a_file(
    clock: FakeClock, method: Method, tls: ssl.SSLContext, authority: trustme.CA, tmp_path: Path
) -> None:
    certificates = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(certificates))
    with Wire(answering(200, "{}"), tls=tls) as wire:
        assert method(session_of(clock, verify=str(certificates)), wire.url) == {}
