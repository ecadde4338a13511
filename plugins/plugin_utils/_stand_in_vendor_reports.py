# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendor's reports, as the stand-in has them: history, audit log, and id mappings.

The vendor does not tell us the paths of the first two, nor the columns of any. So each path with C(history-report) or
C(audit-log) leads to one, and the columns are made up. The calls for id mappings are documented.
"""

from __future__ import annotations

import csv
import io
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ._stand_in_calls import Call, Route, json_object, route
from ._stand_in_cloud_issues import CloudIssues
from ._stand_in_guards import Guards
from ._stand_in_places import Places
from ._stand_in_remote_links import RemoteLinks
from ._stand_in_reply import Reply, no_such_page, refusal
from ._stand_in_script import Script

_ID_MAPPINGS = "/migrations/reports/v1/id-mappings"
_FILES = "/id-mappings-files"
#: For how long the URL of a file is good, in seconds (documented).
_EXPIRES = 3600
_FIELDS = ("product", "destinationURL", "sourceURL")
_SIGNED_ONLY = '<?xml version="1.0"?><Error><Code>InvalidArgument</Code><Message>Signed already</Message></Error>'


@dataclass(frozen=True)
class _Mapping:
    """A job that makes a report of the ids of a site."""

    site: str
    ready_at: float
    #: What the URL of the file is signed with.
    signature: str


class VendorReports:
    """What the vendor reports of all sites."""

    def __init__(self, script: Script, places: Places, issues: CloudIssues, remote_links: RemoteLinks) -> None:
        self._script = script
        self._places = places
        self._issues = issues
        self._remote_links = remote_links
        self._mappings: dict[str, _Mapping] = {}

    def routes(self, guards: Guards) -> list[Route]:
        """The calls that lead to a report."""
        signed, job = guards.signed, f"{_ID_MAPPINGS}/{{job}}"
        return [
            route("GET", "history report", "/.*history-report.*", signed(self._report_with(self._history))),
            route("GET", "audit log", "/.*audit-log.*", signed(self._report_with(self._audit_log))),
            route("POST", "id mappings", f"{_ID_MAPPINGS}/trigger", signed(self._trigger)),
            route("GET", "id mappings status", job, signed(self._about_job(self._status))),
            route("GET", "id mappings download", f"{job}/download", signed(self._about_job(self._download))),
            # The URL is signed: it needs no credentials, and takes none.
            route("GET", "id mappings file", f"{_FILES}/{{job}}", self._about_job(self._file)),
        ]

    def _report_with(self, rows: Callable[[str], Iterable[Sequence[Any]]]) -> Callable[[Call], Reply]:
        """A report of the site whose cloud ID or host is in the URL."""

        def report(call: Call) -> Reply:
            # The longest one: the name of a site may end with that of another.
            named = [(len(word), name) for word, name in self._places.known() if word in unquote(call.url)]
            return _csv(rows(max(named)[1])) if named else refusal(404, "no site of this id")

        return report

    def _history(self, site: str) -> Iterable[Sequence[Any]]:
        links = Counter(link["object"]["url"].partition("/browse/")[0] for link in self._remote_links.report_of(site))
        return [("destination", "links"), *sorted(links.items())]

    def _audit_log(self, site: str) -> Iterable[Sequence[Any]]:
        yield "issue", "relationship", "url"
        for link in self._remote_links.report_of(site):
            yield link["issue"], link.get("relationship", ""), link["object"]["url"]

    def _trigger(self, call: Call) -> Reply:
        body = json_object(call.body) or {}
        missing = [name for name in _FIELDS if not isinstance(body.get(name), str) or not body[name]]
        if missing:
            return refusal(400, f"{', '.join(missing)} is missing")
        if body["product"] not in ("JIRA", "CONFLUENCE"):
            return refusal(400, f"product {body['product']!r} is neither JIRA nor CONFLUENCE")
        product = self._places.product_at(body["destinationURL"])
        if product is None:
            return refusal(400, f"destinationURL {body['destinationURL']} is not a cloud site")
        job_id = str(uuid.uuid4())
        self._mappings[job_id] = _Mapping(product[0], call.at + self._script.run_seconds, uuid.uuid4().hex)
        return Reply(200, {"jobId": job_id, "status": "PENDING"})

    def _about_job(self, act: Callable[[Call, _Mapping], Reply]) -> Callable[[Call], Reply]:
        def found(call: Call) -> Reply:
            job_id = call.named["job"]
            job = self._mappings.get(job_id)
            return act(call, job) if job else refusal(404, f"Job not found with ID: {job_id}")

        return found

    def _status(self, call: Call, job: _Mapping) -> Reply:
        is_ready = call.at >= job.ready_at
        return Reply(200, {"jobId": call.named["job"], "status": "SUCCESS" if is_ready else "IN_PROGRESS"})

    def _download(self, call: Call, job: _Mapping) -> Reply:
        if call.at < job.ready_at:
            return refusal(409, "the report is not ready")
        url = f"{self._places.url}/files.example.net{_FILES}/{call.named['job']}?signature={job.signature}"
        return Reply(200, {"downloadUrl": url, "expiresIn": _EXPIRES})

    def _file(self, call: Call, job: _Mapping) -> Reply:
        if call.authorization:
            return Reply(400, _SIGNED_ONLY)
        if call.query != f"signature={job.signature}":
            return no_such_page()
        return _csv([("entity", "source", "cloud"), *self._issues.ids_at(job.site)])


def _csv(rows: Iterable[Sequence[Any]]) -> Reply:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return Reply(200, text.getvalue(), {"Content-Type": "text/csv"})
