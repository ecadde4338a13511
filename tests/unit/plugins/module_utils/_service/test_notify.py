# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One POST to a webhook, over real HTTP: what it has, what it has not, and what is said where it fails."""

from __future__ import annotations

import json
import socket
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import trustme
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import Failure, LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.webhook import Webhook
from ansible_collections.jira_cloud.federation.plugins.module_utils._service import notify
from ansible_collections.jira_cloud.federation.tests.unit.support import Wire, answering, closed_port, resetting

PATH = "/services/T0C4N4RY/c4n4ry-p4th?sig=c4n4ry-s1g"
DOCUMENT = {"text": "eu -> us ended in ERROR: für immer", "total": 12}
Script = Callable[[socket.socket], None]


def send(url: str, connection: Connection | None = None) -> None:
    notify.post(Webhook(url + PATH), DOCUMENT, connection or Connection())


def failure_of(url: str, connection: Connection | None = None) -> Failure:
    with pytest.raises(LinkUpdateError) as caught:
        send(url, connection)
    assert "c4n4ry" not in repr(vars(caught.value)).lower()
    return caught.value.failure


def test_it_is_one_post_of_json_and_has_no_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ann password c4n4ry\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("ATLASSIAN_API_TOKEN", "c4n4ry")
    with Wire(answering(body="ok"), answering()) as wire:
        send(wire.url)
    (request,) = wire.requests
    head, body = request.split("\r\n\r\n")
    assert head.startswith(f"POST {PATH} HTTP/1.1\r\n")
    assert "Content-Type: application/json" in head.split("\r\n")
    assert "authorization" not in head.lower()
    assert "cookie" not in head.lower()
    assert json.loads(body) == DOCUMENT
    assert "c4n4ry" not in request.replace(PATH, "")


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_success_will_do_whatever_it_says(status: int) -> None:
    with Wire(answering(status, "" if status == 204 else "<h1>not JSON</h1>")) as wire:
        send(wire.url)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed(status: int) -> None:
    with Wire(answering()) as other, Wire(answering(status, headers={"Location": other.url + PATH})) as wire:
        assert failure_of(wire.url).what == f"HTTP {status}: redirected, not followed"
    assert not other.requests


@pytest.mark.parametrize(
    ("script", "says"),
    [
        (answering(404, "no_service"), "HTTP 404: no_service"),
        (answering(500), "HTTP 500"),
        (answering(403, f"no hook at {PATH}, c4n4ry-s1g"), "HTTP 403: no hook at /********, ********"),
        (answering(502, "<html>a gateway that has not reached it</html>"), "HTTP 502"),
        (answering(400, "x" * 5000), "HTTP 400"),
        (answering(400, "a\x1b[2J\nb"), r"HTTP 400: a\x1b[2J b"),
        (resetting(), "Connection reset by peer"),
        (lambda connection: connection.sendall(b"c4n4ry\r\n\r\n"), "an answer that is not HTTP"),
    ],
)
def test_a_webhook_that_does_not_take_it_is_told_in_its_own_words(script: Script, says: str) -> None:
    with Wire(script) as wire:
        assert says in failure_of(wire.url).what
    assert len(wire.requests) == 1, "it is not sent again"


def test_a_part_of_a_part_of_the_url_is_secret_as_well() -> None:
    said = "no token c4n4ry-t0ken of c4n4ry-b0t, v1"
    cleaned = Webhook("https://hooks.example.com/v1/c4n4ry-b0t:c4n4ry-t0ken/send").clean(said)
    assert cleaned == "no token ******** of ********, v1"


def test_where_nobody_listens_the_reason_is_told() -> None:
    assert "refused" in failure_of(f"http://127.0.0.1:{closed_port()}").what


def silent(connection: socket.socket) -> None:
    connection.recv(1)


def trickling(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 102 Processing\r\n\r\n")
        time.sleep(0.02)


@pytest.mark.parametrize("script", [silent, trickling])
def test_a_slow_webhook_gets_so_many_seconds_and_no_more(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    assert notify.SECONDS == 10
    monkeypatch.setattr(notify, "SECONDS", 0.2)
    with Wire(script) as wire:
        assert failure_of(wire.url, Connection(timeout=600)).what == "timed out after 0.2 s"


def test_certificates_are_checked_as_those_of_the_run(tmp_path: Path) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    trusted = str(tmp_path / "ca.pem")
    with Wire(answering(), answering(), tls=context) as wire:
        send(wire.url, Connection(verify=trusted))
        failure = failure_of(wire.url)
    assert "certificate verify failed" in failure.what
    assert "ca_path" in failure.advice
    assert len(wire.requests) == 1


def test_it_takes_the_proxy_that_the_run_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    with Wire(answering(407), reads=True) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        assert "407" in failure_of("https://hooks.example.com").what
    assert proxy.requests[0].startswith("CONNECT hooks.example.com:443 ")
    assert "c4n4ry" not in proxy.requests[0].lower()
