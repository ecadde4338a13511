# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A recorder in the place of AWX: it keeps whatever it is sent, shows it to whoever asks, and has no rules.

Tests look at what was sent. What AWX makes of it is AWX's own affair; where a test needs AWX to refuse something, it
says so beforehand.
"""

from __future__ import annotations

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Values = dict[str, Any]
Answer = tuple[int, Any]


@dataclass(frozen=True)
class Request:
    """A request that was received."""

    method: str
    path: str
    body: Any
    authorization: str | None


class Recorder(HTTPServer):
    """A controller with one organization, listening on a loopback address."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        #: What it was asked, in order.
        self.requests: list[Request] = []
        #: What it is to answer to a method and a path, whatever it is sent.
        self.answers: dict[tuple[str, str], Answer] = {}
        self._ids = count(1)
        #: The objects as they are shown, by their ids.
        self.objects: dict[int, Values] = {}
        #: Surveys, and the ids of associated objects, by their paths.
        self.surveys: dict[str, Values] = {}
        self.associated: defaultdict[str, list[int]] = defaultdict(list)
        self.add("organizations", {"name": "Default"})

    @property
    def writes(self) -> list[Request]:
        """The requests that were to change something."""
        return [each for each in self.requests if each.method != "GET"]

    def all(self, endpoint: str) -> list[Values]:
        return [shown for shown in self.objects.values() if _is_at(endpoint, shown["url"])]

    def one(self, endpoint: str) -> Values:
        """The only object of its kind."""
        (only,) = self.all(endpoint)
        return only

    def add(self, endpoint: str, values: Values) -> Values:
        number = next(self._ids)
        url = f"/api/v2/{endpoint}/{number}/"
        related = {"survey_spec": f"{url}survey_spec/"}
        # The module for projects reads the last two of what it created.
        shown = {**values, "id": number, "url": url, "related": related, "summary_fields": {}, "scm_revision": ""}
        self.objects[number] = shown
        return shown

    def answer(self, request: Request, query: list[tuple[str, str]]) -> Answer:
        try:
            return self.answers.get((request.method, request.path)) or self._answer(request, query)
        except KeyError:
            return 404, {"detail": "Not found."}

    def _answer(self, request: Request, query: list[tuple[str, str]]) -> Answer:
        path, body = request.path, request.body
        match request.method, *path.removeprefix("/api/v2/").strip("/").split("/"):
            case "GET", endpoint:
                return 200, _page([shown for shown in self.all(endpoint) if _matches(shown, query)])
            case "POST", endpoint:
                return 201, self.add(endpoint, body)
            case "GET", _, number:
                return 200, self.objects[int(number)]
            case "PATCH", _, number:
                self.objects[int(number)].update(body)
                return 200, self.objects[int(number)]
            case "GET", _, _, "survey_spec":
                return 200, self.surveys.get(path, {})
            case "POST", _, _, "survey_spec":
                self.surveys[path] = body
                return 200, {}
            case "POST", _, number, "create_approval_template":
                template = self.add("workflow_approval_templates", body)
                self.objects[int(number)]["related"]["unified_job_template"] = template["url"]
                return 201, template
            case "GET", _, _, _:
                return 200, _page([self.objects[each] for each in self.associated[path]])
            case "POST", _, _, _:
                change = self.associated[path].remove if body.get("disassociate") else self.associated[path].append
                change(body["id"])
                return 204, None
        return 405, {"detail": f"Method {request.method} not allowed."}


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder that listens for as long as it is the context."""
    with Recorder() as recorder:
        threading.Thread(target=recorder.serve_forever, args=[0.01]).start()
        try:
            yield recorder
        finally:
            recorder.shutdown()


def _is_at(endpoint: str, url: str) -> bool:
    """Whether an object is at an endpoint; templates of all kinds share one as well."""
    kind = url.split("/")[3]
    return kind == endpoint or (endpoint == "unified_job_templates" and kind.endswith("_templates"))


def _matches(shown: Values, query: list[tuple[str, str]]) -> bool:
    found = [(name, str(shown.get(name.removeprefix("or__"))) == value) for name, value in query]
    one_of = [equal for name, equal in found if name.startswith("or__")]
    all_of = [equal for name, equal in found if not name.startswith("or__")]
    return all(all_of) and (any(one_of) or not one_of)


def _page(results: list[Values]) -> Values:
    return {"count": len(results), "next": None, "results": results}


class _Handler(BaseHTTPRequestHandler):
    server: Recorder

    def _respond(self) -> None:
        url = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        request = Request(self.command, url.path, json.loads(sent or "null"), self.headers["Authorization"])
        self.server.requests.append(request)
        status, body = self.server.answer(request, parse_qsl(url.query, keep_blank_values=True))
        payload = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _respond  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass
