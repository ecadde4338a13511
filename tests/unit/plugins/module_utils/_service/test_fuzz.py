# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever bytes the service sends: a call gives its result, or fails as it is documented to."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    LinkUpdateError,
    NotAccepted,
    OutcomeUnknown,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center import DataCenter
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center_session import (
    DataCenterSession,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import LinksApi
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.rate_limit import LONGEST
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.responses import PROVES_NOTHING_TAKEN
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.site_api import SiteApi
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, delay_of
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

UPDATE = Update(
    site_id="site-eu",
    product="jira",
    product_url="https://eu.example.net",
    destination_url="https://us.example.net",
    migrated_from="https://jira.example.com",
)


CALLS: dict[str, Callable[[Any, str], Any]] = {
    "schedule": lambda session, url: LinksApi(session, url).schedule(UPDATE),
    "status": lambda session, url: LinksApi(session, url).status("site-eu", "job-1"),
    "tenant_info": lambda session, url: SiteApi(session, url).site_id(),
    "myself": lambda session, url: (account := SiteApi(session, url).account()).account_id + account.display_name,
    "mypermissions": lambda session, url: str(SiteApi(session, url).is_admin()),
    "configuration": lambda session, url: str(SiteApi(session, url).issue_linking_enabled()),
    "project/search": lambda session, url: str(SiteApi(session, url).projects()),
    "search": lambda session, url: str(DataCenter(session, url).search("", 1, ["issuelinks"])),
}
#: The calls of a Data Center instance.
DATA_CENTER = frozenset({"search"})

FIELDS = (
    *("uuid", "jobId", "id", "status", "cloudId", "accountId", "displayName", "errorMessage", "message"),
    *("permissions", "ADMINISTER", "havePermission", "issueLinkingEnabled", "values", "isLast"),
    *("issues", "total", "key", "fields", "issuelinks", "type", "name", "outward", "outwardIssue"),
)
HEADERS = (
    *("Content-Length", "Transfer-Encoding", "Content-Encoding", "Connection", "Location", "Date", "Retry-After"),
    *("X-RateLimit-Reset", "X-RateLimit-Remaining", "X-RateLimit-Limit", "Atl-Traceid", "X-Request-Id", "Set-Cookie"),
    *("X-RateLimit-FillRate", "X-RateLimit-Interval-Seconds", "X-AUSERNAME"),
)

# Every character that JSON can spell, halves of characters included.
texts = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=30),
    st.sampled_from(
        ["Complete", "job-1", "\ud800", "\udfff\ud800", "\0", "x" * 300, "", ".", "..", "\u202e", "9" * 500]
    ),
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.one_of(st.sampled_from(FIELDS), texts), inner, max_size=4)
    ),
    max_leaves=12,
)
documents = st.one_of(
    st.dictionaries(st.sampled_from(FIELDS), values, max_size=5).map(lambda value: json.dumps(value).encode()),
    values.map(lambda value: json.dumps(value).encode()),
    st.integers(1, 60_000).map(lambda depth: b"[" * depth),
    st.integers(1, 30_000).map(lambda depth: b'{"status":' * (depth // 5) + b"1" + b"}" * (depth // 5)),
    st.binary(max_size=200),
    st.just(b"9" * 5000),
)
bodies = st.one_of(
    documents,
    documents.map(gzip.compress),
    documents.map(lambda body: gzip.compress(body)[:-4]),
    documents.map(lambda body: b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)),
    st.sampled_from([b"-1\r\n{}\r\n0\r\n\r\n", b"+2\r\n{}\r\n", b"0x2\r\n{}\r\n", b"2_0\r\n", b"f" * 40 + b"\r\n{}"]),
    st.just(gzip.compress(bytes(3_000_000))),
)
numbers = st.one_of(
    st.integers(-3, 300).map(str),
    st.sampled_from(
        ["-1", "+2", " 2", "2, 2", "2, 3", "1e5", "0x2", "2_0", "²", "9" * 30, "9" * 5000, "nan", "inf", "-0"]
    ),
)
header_values = st.one_of(
    numbers,
    st.sampled_from(
        [
            *("chunked", "gzip", "identity", "gzip, chunked", "chunked, chunked", "xchunked", "close", "keep-alive"),
            *("2026-03-01T12:00:05Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "2026-02-30T00:00:00Z"),
            *("Sun, 01 Mar 2026 12:00:00 GMT", "Sun, 99 Mar 99999 12:00:00 GMT", "Mon, 01 Jan 0000 00:00:00 +9999"),
            *("http://[", "//[::1/x", "http://a:b/", "\x00", "\x7f", "a=b; Domain=.com; Path=/", "=", ";"),
        ]
    ),
    st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=40),
)
fields = st.one_of(
    st.tuples(st.sampled_from(HEADERS), header_values).map(
        lambda pair: f"{pair[0]}: {pair[1]}".encode("utf-8", "replace")
    ),
    st.binary(max_size=40),
    st.sampled_from([b":", b" folded", b"\tfolded", b"X", b"x" * 70_000, b"X: " + b"y" * 70_000, b"\0: \0", b"a b: c"]),
)
statuses = st.one_of(
    st.sampled_from(["200", "201", "204", "303", "304", "307", "400", "404", "409", "429", "500", "503", "101", "099"]),
    st.integers(-9, 1000).map(str),
    st.sampled_from(["ABC", "", "2 00", "200", "\uff12\uff10\uff10", "\0", "9" * 5000]),
)
starts = st.one_of(
    st.tuples(st.sampled_from(["HTTP/1.1", "HTTP/1.0", "HTTP/2", "HTTP/1.", "ICY", "http/1.1"]), statuses).map(
        lambda pair: f"{pair[0]} {pair[1]} Said".encode()
    ),
    statuses.map(lambda status: f"HTTP/1.1 {status} OK".encode()),
    statuses.map(lambda status: f"HTTP/1.1 {status}".encode()),
    st.binary(max_size=60),
)
ends = st.sampled_from([b"\r\n", b"\r\n", b"\n", b"\r", b"\0\r\n"])


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Something like an answer, with whatever can be wrong in each part of it."""
    interim = b"".join(
        draw(st.lists(st.sampled_from([b"HTTP/1.1 100 \r\n\r\n", b"HTTP/1.1 103 A\r\nX: y\r\n\r\n"]), max_size=3))
    )
    end, body = draw(ends), draw(bodies)
    lines = [draw(starts), *draw(st.lists(fields, max_size=5))]
    framing = draw(st.sampled_from([b"Content-Length: %d" % len(body), b"Transfer-Encoding: chunked", None]))
    return interim + end.join([*lines, *([framing] if framing else []), b"", b""]) + body


@pytest.mark.parametrize("call", CALLS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(data=answers())
@example(b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 60_000)
@example(b"HTTP/1.1 400 No\r\n\r\n" + rb'{"errorMessage": "\ud800", "id": "\udfff"}')
@example(b"HTTP/1.1 200 OK\r\n\r\n" + rb'{"status": "\ud800", "uuid": "\ud800", "accountId": "\ud800"}')
@example(b"HTTP/1.1 200 OK\r\n\r\n" + '{"accountId": "\ud800"}'.encode(errors="surrogatepass"))
@example(
    b"HTTP/1.1 200 OK\r\nX-RateLimit-Reset: 2026-03-01T12:00:05Z\r\nX-RateLimit-Remaining: 1\r\n"
    b"X-RateLimit-Limit: " + b"9" * 400 + b"\r\n\r\n{}"
)
@example(
    b"HTTP/1.1 200 OK\r\nRetry-After: 5\r\nX-RateLimit-Remaining: " + b"9" * 400 + b"\r\nX-RateLimit-Limit: 1\r\n\r\n{}"
)
@example(b"HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 0000 00:00:00 +9999\r\nRetry-After: 1e400\r\n\r\n{}")
@example(
    b"HTTP/1.1 200 OK\r\nX-RateLimit-Limit: 9\r\nX-RateLimit-Remaining: -9\r\nX-RateLimit-FillRate: 1\r\n"
    b"X-RateLimit-Interval-Seconds: 999999999\r\n\r\n{}"
)
@example(
    b"HTTP/1.1 200 OK\r\n\r\n" + rb'{"total": 0, "issues": [{"key": "\ud800", "fields": {"issuelinks": ["\ud800"]}}]}'
)
@example(b"HTTP/1.1 ABC\r\n\r\n")
@example(b"HTTP/1.1 302 Found\r\nLocation: http://[\r\n\r\n")
def test_any_bytes_end_in_a_result_or_in_a_documented_failure(call: str, data: bytes) -> None:
    kind = DataCenterSession if call in DATA_CENTER else Session
    session = kind(Connection(timeout=5), Basic("ann@example.com", "t0ken"), FakeClock())
    failure: LinkUpdateError | None = None
    with Wire(lambda connection: connection.sendall(data)) as wire:
        try:
            said = CALLS[call](session, wire.url)
        except LinkUpdateError as exc:
            failure, said = exc, f"{exc} {exc.failure}"
        assert 0 <= delay_of(session, wire.url) <= LONGEST + 1
    said.encode()
    assert len(said) < 3000
    status = failure.failure.http_status if failure else None
    if isinstance(failure, NotAccepted):
        assert status in (429, 503)
    elif call == "schedule" and failure and not isinstance(failure, OutcomeUnknown):
        assert status in PROVES_NOTHING_TAKEN


def test_an_answer_in_any_pieces_is_the_same() -> None:
    data = (
        b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nX: y\r\n\r\n"
    )

    def byte_by_byte(connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for each in data:
            connection.sendall(bytes([each]))

    with Wire(byte_by_byte) as wire:
        assert Session(Connection(timeout=5), None, FakeClock()).get(wire.url) == {}
