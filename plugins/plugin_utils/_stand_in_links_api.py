# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's links API: it schedules jobs, and tells how they are."""

from __future__ import annotations

import json
import random
import uuid
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from ._stand_in_calls import Call, Route, route
from ._stand_in_guards import Guards
from ._stand_in_limit import WindowLimit
from ._stand_in_link_form import Recreation
from ._stand_in_places import Places
from ._stand_in_reply import Reply, moment, refusal
from ._stand_in_script import Script

BODY_FIELDS = {
    "product": str,
    "productURL": str,
    "destinationURL": str,
    "migratedFrom": str,
    "migratedFromOverride": str,
    "recreateAsRemote": bool,
    "createBackup": bool,
}
REQUIRED_FIELDS = ("product", "productURL", "destinationURL", "migratedFrom")
JIRA_ONLY = ("recreateAsRemote", "createBackup")


@dataclass
class Job:
    """A job and its fate, which is settled when it is scheduled."""

    job_id: str
    site_id: str
    pair: str
    body: dict[str, Any]
    submitted: float
    #: From when on it has which status, ascending.
    phases: list[tuple[float, str]]

    def status(self, now: float) -> str:
        """The status at a moment, spelled as in the vendor's guide."""
        return [status for since, status in self.phases if since <= now][-1]


class LinksApi:
    """The jobs of all sites.

    :param began: when the stand-in was started, in seconds since 1970.
    """

    def __init__(self, script: Script, places: Places, began: float) -> None:
        self.jobs: dict[str, Job] = {}
        self._script = script
        self._places = places
        self._began = began
        self._jobs_of: defaultdict[str, list[Job]] = defaultdict(list)
        self._failures = Counter(script.fail)
        self._busy_until: defaultdict[str, float] = defaultdict(float)
        self._limit = WindowLimit(script.rate_limit)

    def routes(self, guards: Guards) -> list[Route]:
        """The calls of the links API."""
        schedule, status = (self._limit.limited(guards.signed(each)) for each in (self._schedule, self._status))
        return [
            route("POST", "schedule", "/links/v1/{site}/jobs/cma", schedule),
            route("GET", "status", "/links/v1/{site}/jobs/status/{job}", status),
        ]

    def report(self, now: float) -> list[dict[str, Any]]:
        """All jobs, and how they are."""
        return [
            {
                "job_id": job.job_id,
                "site_id": job.site_id,
                "pair": job.pair,
                "status": job.status(now),
                "submitted_at": moment(job.submitted),
                "ends_at": moment(job.phases[-1][0]),
                "body": job.body,
            }
            for job in self.jobs.values()
        ]

    def recreated(self, pair: str, place: str, now: float) -> Recreation | None:
        """The first job that has recreated the links of a pair; None if none has.

        :param place: of the server that the links had led to.
        """
        if self._script.completed:
            return self._completed(pair, place)
        for job in self._jobs_of[pair]:
            old_url = job.body.get("migratedFromOverride") or job.body["migratedFrom"]
            is_complete = job.body.get("recreateAsRemote") and job.status(now) == "Complete"
            if is_complete and place == self._places.server(old_url):
                return Recreation(str(job.body["destinationURL"]).rstrip("/"), old_url, job.phases[-1][0])
        return None

    def _completed(self, pair: str, place: str) -> Recreation:
        destination = pair.partition(" -> ")[2]
        url = self._script.sites[destination]["product_url"] if self._script.sites else f"https://{destination}"
        return Recreation(url.rstrip("/"), f"https://{place}", self._began)

    def _schedule(self, call: Call) -> Reply:
        try:
            body = json.loads(call.body)
        except ValueError:
            return refusal(400, "the body is not JSON")
        site_id = call.named["site"]
        problem = self._problem_with(body, site_id)
        if problem:
            return refusal(400, problem)
        if self._pair_of(body) in self._script.no_job:
            return Reply(200, refusal(400, "links of this site cannot be updated").body)
        job = self._new_job(site_id, body, call.at)
        self.jobs[job.job_id] = job
        self._jobs_of[job.pair].append(job)
        return Reply(200, {"uuid": job.job_id})

    def _problem_with(self, body: Any, site_id: str) -> str | None:
        if not isinstance(body, dict):
            return "the body is not an object"
        for name in REQUIRED_FIELDS:
            if not body.get(name):
                return f"{name} is missing"
        for name, value in body.items():
            if name not in BODY_FIELDS:
                return f"{name} is not a field of this call"
            if not isinstance(value, BODY_FIELDS[name]):
                return f"{name} is not a {BODY_FIELDS[name].__name__}"
        if body["product"] not in ("jira", "confluence"):
            return "product is neither jira nor confluence"
        if body["product"] != "jira" and any(name in body for name in JIRA_ONLY):
            return f"{' and '.join(JIRA_ONLY)} are for Jira only"
        product, destination = (self._places.product_at(body[key]) for key in ("productURL", "destinationURL"))
        if not product or product[1] != site_id:
            return f"productURL {body['productURL']} is not of the site {site_id}"
        if not destination:
            return f"destinationURL {body['destinationURL']} is not a cloud site"
        if body.get("recreateAsRemote") and self._places.is_confluence(body["destinationURL"]):
            return "recreateAsRemote is for links between Jira sites only"
        return None

    def _new_job(self, site_id: str, body: dict[str, Any], now: float) -> Job:
        script = self._script
        pair = self._pair_of(body)
        phases = [(now, "Pending")]
        start = now + script.queue_seconds
        if not script.parallel:
            start = max(start, self._busy_until[site_id])
        if body.get("createBackup"):
            phases.append((start, "Backup"))
            start += script.backup_seconds
        phases.append((start, "In_progress"))
        run_seconds = self._run_seconds(pair)
        if pair in script.retry:
            third = run_seconds / 3
            phases += [(start + third, "Retry"), (start + 2 * third, "In_progress")]
        fails = self._failures[pair] > 0
        self._failures[pair] -= fails
        self._busy_until[site_id] = start + run_seconds
        phases.append((self._busy_until[site_id], "Error" if fails else "Complete"))
        return Job(str(uuid.uuid4()), site_id, pair, body, now, phases)

    def _pair_of(self, body: dict[str, Any]) -> str:
        return " -> ".join(
            (self._places.product_at(body[key]) or ("?", ""))[0] for key in ("productURL", "destinationURL")
        )

    def _run_seconds(self, pair: str) -> float:
        least, most = self._script.run_seconds, self._script.run_seconds_up_to
        return least if most is None else random.Random(pair).uniform(least, most)  # noqa: S311

    def _status(self, call: Call) -> Reply:
        job = self.jobs.get(unquote(call.named["job"]))
        if job is None or job.site_id != call.named["site"]:
            return refusal(404, "no such job")
        status = job.status(call.at)
        said = {"errorMessage": self._script.error_message} if status == "Error" and self._script.error_message else {}
        return Reply(200, {"status": status, **said})
