# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files that are downloaded over real connections: complete, or not at all; and where credentials go."""

from __future__ import annotations

import base64
import gzip
import io
import socket
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError, OutcomeUnknown
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._service import download
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.download import Downloader, Received
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.transport import BodyError
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, Wire, answering, resetting

Send = Callable[[socket.socket], None]

EMAIL, TOKEN = "me@example.com", "ATATT3x-s3cret"
BASIC = base64.b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
TABLE = "issue,link,status\nABC-1,DEF-2,updated\n"
CSV = {"Content-Type": "text/csv"}


@pytest.fixture
def downloader(clock: FakeClock) -> Downloader:
    return Downloader(Connection(timeout=5), Basic(EMAIL, TOKEN), clock)


def downloaded(downloader: Downloader, *scripts: Send, **how: Any) -> tuple[Received, bytes]:
    file = io.BytesIO()
    with Wire(*scripts) as wire:
        received = downloader.download(wire.url + "/report?cloudId=1", file, **how)
    return received, file.getvalue()


def failure_of(downloader: Downloader, *scripts: Send) -> LinkUpdateError:
    with pytest.raises(LinkUpdateError) as failure:
        downloaded(downloader, *scripts)
    return failure.value


def redirecting(to: str, status: int = 302) -> Send:
    return answering(status, "", {"Location": to})


def test_a_file_is_written_as_it_is_sent_whatever_is_in_it(downloader: Downloader) -> None:
    data = b"a,b\r\n" + bytes(range(256)) * 2000
    received, file = downloaded(downloader, answering(200, data, CSV))
    assert (file, received) == (data, Received(len(data), "csv"))


def test_a_file_in_chunks_and_one_that_is_packed_on_its_way_come_in_whole(downloader: Downloader) -> None:
    chunks = "".join(f"{len(each):x}\r\n{each}\r\n" for each in (TABLE, "GHI-3,JKL-4,updated\n", ""))
    head = "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    received, file = downloaded(downloader, lambda connection: connection.sendall((head + chunks).encode()))
    assert file.decode() == TABLE + "GHI-3,JKL-4,updated\n"
    packed = answering(200, gzip.compress(TABLE.encode() * 10_000), {**CSV, "Content-Encoding": "gzip"})
    received, file = downloaded(downloader, packed)
    assert (file.decode(), received.size) == (TABLE * 10_000, len(TABLE) * 10_000)


@pytest.mark.parametrize(
    "body",
    [
        "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: 500\r\n\r\n" + TABLE,
        "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n29\r\n" + TABLE[:20],
        "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n4\r\na,b\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\n\r\n" + TABLE,
    ],
    ids=["shorter than its length", "half a chunk", "no last chunk", "no length at all"],
)
def test_a_file_that_may_not_be_complete_is_refused_and_may_be_asked_for_again(
    downloader: Downloader, body: str
) -> None:
    failure = failure_of(downloader, lambda connection: connection.sendall(body.encode()))
    assert (type(failure), failure.code) == (OutcomeUnknown, "no_answer")


def test_a_length_is_compared_also_where_the_library_does_not() -> None:
    # urllib3 does since version 2.
    assert list(download._whole([b"ab", b"c"], {"Content-Length": "3"})) == [b"ab", b"c"]
    with pytest.raises(BodyError, match="ends too early: 3 of 4 bytes"):
        list(download._whole([b"ab", b"c"], {"Content-Length": "4"}))


def test_a_file_that_is_packed_and_cut_is_refused(downloader: Downloader) -> None:
    cut = gzip.compress(TABLE.encode() * 100)[:-20]
    assert isinstance(failure_of(downloader, answering(200, cut, {**CSV, "Content-Encoding": "gzip"})), OutcomeUnknown)
    two = gzip.compress(TABLE.encode()) * 2
    assert isinstance(failure_of(downloader, answering(200, two, {**CSV, "Content-Encoding": "gzip"})), OutcomeUnknown)


@pytest.mark.parametrize(
    ("body", "kind", "says"),
    [
        ("<!DOCTYPE html><title>Log in</title>", "text/csv", "a page and no report (a login page or a proxy?): Log in"),
        ("\n <html>", "text/csv", "a page"),
        ("a,b\n1,2\n", "text/html", "a page"),
        ("", "text/csv", "an empty file"),
        (" \r\n", "text/csv", "an empty file"),
        ('{"errorMessage": "no such job", "status": 404}', "application/json", "no such job"),
        ('{"state": "being made"}', "text/csv", "a JSON document and no report: {state: text}"),
        ("Forbidden", "text/plain", "one column only: Forbidden"),
        ("OK\n", "application/octet-stream", "one column only"),
    ],
)
def test_what_is_no_report_is_refused_and_not_asked_for_again(
    downloader: Downloader, body: str, kind: str, says: str
) -> None:
    failure = failure_of(downloader, answering(200, body, {"Content-Type": kind}))
    assert (type(failure), failure.code) == (LinkUpdateError, "rejected")
    assert says in failure.failure.message


@pytest.mark.parametrize(("status", "code"), [(401, "unauthorized"), (404, "not_found"), (500, "no_answer")])
def test_a_refusal_is_that_of_any_other_request(downloader: Downloader, status: int, code: str) -> None:
    failure = failure_of(downloader, answering(status, '{"errorMessage": "why not"}'))
    assert (failure.code, failure.failure.http_status) == (code, status)
    assert "why not" in failure.failure.message
    assert "cloudId" not in failure.failure.message


@pytest.mark.parametrize("status", [202, 204])
def test_a_success_without_a_file_is_none_yet(downloader: Downloader, status: int) -> None:
    assert isinstance(failure_of(downloader, answering(status, "{}")), OutcomeUnknown)


@pytest.mark.parametrize(
    ("headers", "extension"),
    [
        ({"Content-Type": "text/csv; charset=utf-8"}, "csv"),
        ({"Content-Type": "application/octet-stream"}, "csv"),
        ({"Content-Type": "application/zip"}, "zip"),
        ({"Content-Type": "application/octet-stream", "Content-Disposition": 'attachment; filename="a.b.ZIP"'}, "zip"),
        ({"Content-Disposition": 'attachment; filename="../../.bashrc"', "Content-Type": "text/csv"}, "csv"),
        ({"Content-Disposition": "attachment; filename*=UTF-8''r%C3%A9port.xlsx", "Content-Type": "a/b"}, "xlsx"),
    ],
)
def test_the_extension_is_one_of_a_few_that_the_sender_names(
    downloader: Downloader, headers: dict[str, str], extension: str
) -> None:
    assert downloaded(downloader, answering(200, TABLE, headers))[0].extension == extension


def test_a_long_document_of_json_is_a_report(downloader: Downloader) -> None:
    body = '[{"issue": "ABC-1"}' + ', {"issue": "ABC-1"}' * 100 + "]"
    assert downloaded(downloader, answering(200, body))[0].extension == "json"


def test_a_redirect_is_followed_without_credentials(downloader: Downloader) -> None:
    with Wire(answering(200, TABLE, CSV)) as other:
        _received, file = downloaded(downloader, redirecting(other.url + "/file?signature=abcdefghijklmnop"))
    assert file.decode() == TABLE
    assert "GET /file?signature=abcdefghijklmnop " in other.requests[0]
    assert "authorization" not in other.requests[0].lower()


@pytest.mark.parametrize("to", ["http://reports.example.com/", "ftp://127.0.0.1/", "http://[", "file:///etc/passwd"])
def test_a_redirect_to_where_others_could_read_along_is_not_followed(downloader: Downloader, to: str) -> None:
    assert failure_of(downloader, redirecting(to)).code == "redirected"


def test_redirects_end(downloader: Downloader) -> None:
    hops = [redirecting("/again")] * 4
    assert failure_of(downloader, *hops).code == "redirected"


def test_only_who_is_told_so_gets_credentials(downloader: Downloader) -> None:
    with Wire(answering(200, TABLE, CSV), answering(200, TABLE, CSV)) as wire:
        downloader.download(wire.url, io.BytesIO())
        downloader.download(wire.url, io.BytesIO(), signed=False)
    assert [BASIC in each for each in wire.requests] == [True, False]
    assert "identity" in wire.requests[0]


@pytest.mark.parametrize("signed", [True, False])
def test_no_message_repeats_a_signature_or_a_token(downloader: Downloader, signed: bool) -> None:
    site_id = "11111111-1111-4111-8111-111111111111"
    said = f"<Error>no abcdefghijklmnop {TOKEN} {BASIC} {site_id}</Error>"
    with Wire(answering(403, said)) as wire, pytest.raises(LinkUpdateError) as failure:
        downloader.download(f"{wire.url}/file?sig=abcdefghijklmnop&site={site_id}", io.BytesIO(), signed=signed)
    text = failure.value.failure.message
    assert "no ****" in text
    assert (site_id in text) is signed, "where a signature is all that a URL has, everything may be one"
    assert not any(each in text for each in ("abcdefghijklmnop", TOKEN, BASIC))


def test_a_second_try_begins_with_an_empty_file(downloader: Downloader) -> None:
    file = io.BytesIO()
    half = f"HTTP/1.1 200 OK\r\nContent-Length: 500\r\nContent-Type: text/csv\r\n\r\n{TABLE * 3}".encode()
    with Wire(resetting(half), answering(200, TABLE, CSV)) as wire:
        with pytest.raises(OutcomeUnknown):
            downloader.download(wire.url, file)
        assert downloader.download(wire.url, file).size == len(TABLE)
    assert file.getvalue().decode() == TABLE


def test_a_file_that_is_too_large_is_given_up(downloader: Downloader, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "MAX_SIZE", 1024**2)
    failure = failure_of(downloader, answering(200, TABLE.encode() * 30_000, CSV))
    assert (failure.code, "more than 1 MiB" in failure.failure.message) == ("rejected", True)


def test_a_file_that_takes_too_long_is_given_up(clock: FakeClock, downloader: Downloader) -> None:
    with pytest.raises(LinkUpdateError, match="not complete after 60 min") as failure:
        downloaded(downloader, answering(200, TABLE * 9000, CSV), passing=lambda _size: clock.sleep(3601))
    assert failure.value.code == "timeout"


def test_a_file_may_take_longer_than_a_request_as_long_as_something_comes(clock: FakeClock) -> None:
    impatient = Downloader(Connection(timeout=0.5), Basic(EMAIL, TOKEN), clock)
    data = b"a,b\n" * 90_000
    begun = time.monotonic()
    received, _file = downloaded(impatient, answering(200, data, CSV), passing=lambda _size: time.sleep(0.1))
    assert received.size == len(data)
    assert time.monotonic() > begun + 0.5, "it has not taken long enough to tell"


def test_the_disk_that_is_full_is_no_failure_of_the_sender(downloader: Downloader) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    with Wire(answering(200, TABLE, CSV)) as wire, pytest.raises(LinkUpdateError, match="No space left") as failure:
        downloader.download(wire.url, Full())
    assert failure.value.code == "report"


@pytest.mark.slow
def test_a_file_of_two_hundred_megabytes_needs_little_memory(downloader: Downloader, tmp_path: Any) -> None:
    piece, pieces = b"issue,link\n" * 95_325, 200

    def long(connection: socket.socket) -> None:
        head = f"HTTP/1.1 200 OK\r\nContent-Type: text/csv\r\nContent-Length: {len(piece) * pieces}\r\n\r\n"
        connection.sendall(head.encode())
        for _time in range(pieces):
            connection.sendall(piece)

    with (tmp_path / "report").open("w+b") as file, Wire(long) as wire:
        tracemalloc.start()
        received = downloader.download(wire.url, file)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert received.size == len(piece) * pieces > 200 * 1024**2 - 1024**2
    assert peak < 8 * 1024**2
