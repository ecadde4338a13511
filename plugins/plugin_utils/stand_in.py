# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for Atlassian's service: what a federation needs of it, on this machine, for as long as a rehearsal lasts.

It answers the way the vendor documents, and where nothing is documented the way that code and documentation of this
collection call inferred. The first segment of a request's path names the host that the request is meant for:

    https://eu.example.atlassian.net/_edge/tenant_info
    http://127.0.0.1:PORT/eu.example.atlassian.net/_edge/tenant_info

The Data Center instances that the sites were migrated from are here too, each at its own host, with projects, issues
and links: those that the script lists, or else a small one for each origin of a site.

Nothing is kept on disk; with the process, all of it is gone. Needs nothing but Python's standard library. Try

    python3 stand_in.py --help

``GET /stand-in/jobs`` and ``GET /stand-in/requests`` tell what it was asked so far, ``GET /stand-in/traffic`` how many
requests came at once, when, and on how many connections, ``GET /stand-in/data-centers`` what each Data Center was
asked, and ``GET /stand-in/data-centers/HOST`` all its links. ``POST`` there changes its switches.

``GET /stand-in/calls`` tells how many calls of each kind each site got, ``GET /stand-in/remote-links`` how many remote
links each site has, and ``GET /stand-in/remote-links/SITE`` all those of a site. ``POST /stand-in/script`` changes some
fields of the script, for example ``{"faults": [{"call": "remotelink", "what": 503, "times": 2}]}``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import runpy
import socket
import ssl
import sys
import threading
import time
from collections import Counter, defaultdict
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

if __name__ == "__main__" and not __package__:
    # As a program: it runs again, as a part of its folder, so that its other files are found.
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    runpy.run_module("plugin_utils.stand_in", run_name="__main__", alter_sys=True)
    sys.exit()

from ._stand_in_calls import Call, Route
from ._stand_in_cloud_issues import CloudIssues
from ._stand_in_data_center import API, DataCenter, Request
from ._stand_in_fates import Fates
from ._stand_in_faults import Faults
from ._stand_in_generate import rehearsed
from ._stand_in_guards import Guards
from ._stand_in_issue_calls import IssueCalls
from ._stand_in_link_form import Recreation
from ._stand_in_links_api import LinksApi
from ._stand_in_places import Places, place_of
from ._stand_in_remote_links import RemoteLinks
from ._stand_in_reply import Reply, no_such_page, refusal
from ._stand_in_script import Script
from ._stand_in_site import CloudSites
from ._stand_in_traffic import Traffic
from ._stand_in_vendor_reports import VendorReports

#: Begins the paths of what tells what happened. It costs no time, and counts nowhere.
_REPORTS = "/stand-in/"
_DATA_CENTERS = "/stand-in/data-centers"
_REFUSED = "refused by the rate limit"
_REMOTE_LINKS = "/stand-in/remote-links"


class Service:
    """The service's whole state and behaviour, without any network."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.requests: Counter[str] = Counter()
        #: The same for each site.
        self.calls: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.traffic = Traffic()
        self.places = Places(script.sites)
        self._lock = threading.Lock()
        #: By their place, see L(Places.server).
        self.data_centers = _data_centers_of(script)
        data = {where: each.issues for where, each in self.data_centers.items()}
        self._faults = Faults(script.faults)
        self._issues = CloudIssues(script, data)
        self._links_api = LinksApi(script, self.places, time.time())
        self.jobs = self._links_api.jobs
        self._remote_links = RemoteLinks(script, self._issues, Fates(script, data), self._recreated)
        about_links = (script, self.places, self._issues, self._remote_links)
        parts = (
            self._links_api,
            CloudSites(script, self.places, self._issues),
            IssueCalls(*about_links),
            VendorReports(*about_links),
        )
        guards = Guards(script, self.places)
        self._routes = [each for part in parts for each in part.routes(guards)]

    def answer(self, method: str, path: str, authorization: str, raw: bytes, cookie: str = "") -> Reply:
        """The answer to one request; requests are acted upon one at a time."""
        with self._lock:
            return self._answer(method, path, authorization, raw, cookie)

    def _answer(self, method: str, path: str, authorization: str, raw: bytes, cookie: str) -> Reply:
        where = urlsplit(path)
        if where.path.startswith(_REPORTS):
            return self._report(method, where.path, raw)
        match = re.fullmatch(r"/(?P<host>[^/]+)(?P<path>/.*)", where.path)
        if not match:
            return no_such_page()
        host = unquote(match["host"]).lower()
        if host == self.places.address:
            # A URL that leads here already was asked for as one of another host.
            return self._answer(method, f"{match['path']}?{where.query}", authorization, raw, cookie)
        for place, data_center in self.data_centers.items():
            if f"{host}{match['path']}".startswith(f"{place}{API}"):
                self.requests["data center"] += 1
                rest = f"{host}{match['path']}".removeprefix(place)
                return data_center.answer(Request(method, rest, where.query, authorization, cookie, raw))
        for each in self._routes:
            found = each.path.fullmatch(match["path"])
            if found and each.method == method:
                named = found.groupdict()
                call = Call(host, match["path"], named, where.query, authorization, raw, time.time())
                return self._act(each, call)
        self.requests["not found"] += 1
        return no_such_page()

    def _act(self, route: Route, call: Call) -> Reply:
        site = self.places.name_of(call.host)
        self.requests[route.kind] += 1
        self.calls[site][route.kind] += 1
        issue = unquote(call.named.get("issue", ""))
        reply = self._faults.answer(route.kind, site, issue, lambda: route.act(call))
        if reply.status == 429:
            self.requests[_REFUSED] += 1
            self.calls[site][_REFUSED] += 1
        return reply

    def _recreated(self, pair: str, place: str) -> Recreation | None:
        return self._links_api.recreated(pair, place, time.time())

    # -- for whoever wants to know what happened

    def _report(self, method: str, path: str, raw: bytes) -> Reply:
        if path.startswith(_DATA_CENTERS):
            return self._report_of_data_center(method, unquote(path.removeprefix(_DATA_CENTERS)).strip("/"), raw)
        if path.startswith(_REMOTE_LINKS):
            site = unquote(path.removeprefix(_REMOTE_LINKS)).strip("/")
            return Reply(200, self._remote_links.report_of(site) if site else self._remote_links.report())
        if path == "/stand-in/script" and method == "POST":
            return self._change(raw)
        if path == "/stand-in/requests":
            return Reply(200, dict(self.requests))
        if path == "/stand-in/calls":
            return Reply(200, {site: dict(counts) for site, counts in self.calls.items() if site})
        if path == "/stand-in/traffic":
            return Reply(200, self.traffic.report())
        if path == "/stand-in/jobs":
            return Reply(200, self._links_api.report(time.time()))
        return no_such_page()

    def _change(self, raw: bytes) -> Reply:
        try:
            values = json.loads(raw)
            changed = self.script.changed(values)
            self._issues.hide(changed.hidden)
        except (ValueError, TypeError) as exc:
            return refusal(400, str(exc))
        if "faults" in values:
            self._faults = Faults(changed.faults)
        vars(self.script).update(vars(changed))
        return Reply(200, values)

    def _report_of_data_center(self, method: str, place: str, raw: bytes) -> Reply:
        if not place:
            return Reply(200, {where: each.report() for where, each in self.data_centers.items()})
        data_center = self.data_centers.get(place)
        if data_center is None:
            return no_such_page()
        if method == "POST":
            try:
                data_center.change(json.loads(raw))
            except ValueError as exc:
                return refusal(400, str(exc))
        issues = data_center.issues
        return Reply(
            200,
            [
                [link_id, link_type, issues.key_of(source), issues.key_of(destination)]
                for link_id, link_type, source, destination in issues.every_link()
            ],
        )


def _data_centers_of(script: Script) -> dict[str, DataCenter]:
    """The Data Centers of a script, by their place.

    :raises ValueError: the script makes no sense.
    """
    if script.data_centers is None:
        return {place_of(url): DataCenter(place_of(url), issues, {}) for url, issues in rehearsed(script.sites).items()}
    return {
        where.lower().rstrip("/"): DataCenter.from_dict(where.lower().rstrip("/"), given)
        for where, given in script.data_centers.items()
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    #: An answer leaves in one piece, not head and body apart, and at once.
    wbufsize = -1
    disable_nagle_algorithm = True
    timeout = 60
    service: Service
    #: Whether no request came on this connection yet.
    _is_fresh = True

    def handle(self) -> None:
        if isinstance(self.connection, ssl.SSLSocket):
            # A handshake of TCP, and one of TLS 1.3.
            time.sleep(2 * self.service.script.latency_seconds)
            try:
                self.connection.do_handshake()
            except OSError:  # whoever asks does not trust the certificate, or has gone
                return
        super().handle()

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

    def do_DELETE(self) -> None:
        self._answer(b"")

    def _answer(self, raw: bytes) -> None:
        if self.path.startswith(_REPORTS):
            self._send(self._reply_to(raw))
            return
        # A request is on its way for half of the time, and its answer for the other.
        half = self.service.script.latency_seconds / 2
        with self.service.traffic.request(self.path, time.time(), is_first=self._is_fresh):
            self._is_fresh = False
            time.sleep(half)
            reply = self._reply_to(raw)
            time.sleep(half)
        # It leaves when it is no longer under way, so that whoever has it and sends the next one is never seen twice.
        self._send(reply)

    def _reply_to(self, raw: bytes) -> Reply:
        authorization, cookie = (self.headers.get(name, "") for name in ("Authorization", "Cookie"))
        return self.service.answer(self.command, self.path, authorization, raw, cookie)

    def _send(self, reply: Reply) -> None:
        if reply.wait_seconds:
            time.sleep(reply.wait_seconds)
        self.close_connection = self.close_connection or reply.status == 0 or reply.is_cut
        if reply.status == 0:
            return
        page = isinstance(reply.body, str)
        payload = (reply.body if page else json.dumps(reply.body)).encode()
        headers = {"Content-Type": "text/html" if page else "application/json", "Content-Length": str(len(payload))}
        self.send_response(reply.status)
        for name, value in {**headers, **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(payload[: len(payload) // 2] if reply.is_cut else payload)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: what matters is in /stand-in/jobs."""


class StandIn(ThreadingHTTPServer):
    """The service on a port of this machine.

    :param tls: a context with a certificate, to be reached by https.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, script: Script, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self.service = Service(script)
        self._tls = tls
        super().__init__(("127.0.0.1", port), type("Handler", (_Handler,), {"service": self.service}))
        self.service.places.scheme = "https" if tls else "http"
        self.service.places.address = f"127.0.0.1:{self.server_address[1]}"

    @property
    def url(self) -> str:
        return self.service.places.url

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = super().get_request()
        if self._tls:
            # The handshake is for the connection's own thread, so that nobody else waits for it.
            connection = self._tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return connection, address


def tls_with(certificate: str) -> ssl.SSLContext:
    """What it takes to serve https.

    :param certificate: path of a PEM file with a key and its chain of certificates.
    :raises OSError: there is none, or it is none.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def _end_with(pid: int) -> None:
    """End this process when another one has ended."""
    while True:
        time.sleep(0.2)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            os._exit(0)


def main() -> None:
    """Run from the command line: print the URL as one line of JSON, then serve."""
    parser = argparse.ArgumentParser(
        description="A stand-in for Atlassian's link-fixing service, on a loopback address."
    )
    parser.add_argument("--port", type=int, default=0, help="default: any free one")
    parser.add_argument("--certificate", metavar="FILE", help="PEM with a key and its chain: serve https, not http")
    parser.add_argument("--until-pid", type=int, help="end when this process has ended")
    parser.add_argument(
        "--script",
        default="{}",
        help="how to behave, as JSON, - to read it from standard input; "
        + ", ".join(each.name for each in fields(Script)),
    )
    arguments = parser.parse_args()
    try:
        script = Script.from_dict(json.loads(sys.stdin.read() if arguments.script == "-" else arguments.script))
    except (ValueError, TypeError) as exc:
        parser.error(f"--script: {exc}")
    try:
        tls = tls_with(arguments.certificate) if arguments.certificate else None
    except OSError as exc:
        parser.error(f"--certificate {arguments.certificate}: {exc}")
    try:
        server = StandIn(script, arguments.port, tls)
    except ValueError as exc:
        parser.error(f"--script: {exc}")
    with server:
        if arguments.until_pid:
            threading.Thread(target=_end_with, args=(arguments.until_pid,), daemon=True).start()
        print(json.dumps({"url": server.url}), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            server.serve_forever()


if __name__ == "__main__":
    main()
