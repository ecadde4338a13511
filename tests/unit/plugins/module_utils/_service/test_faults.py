# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user can rely on when something goes wrong: each fault, at each call, over real connections of this machine.

FAULTS below is the table; when_a_run_fails.rst has the same table for people, and a test compares them. Every
fault is caused at each call it can happen at, and the documentation names the test for each way to deal with it.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import trustme
from ansible_collections.jira_cloud.federation.plugins.module_utils._ansible.argspec import (
    LINK_UPDATE_JOB,
    LINK_UPDATE_WAIT,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._ledger.ledger import open_ledger
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import NEW_FOR
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.retry import (
    BACKOFF,
    LIMITED_BACKOFF,
    RATE_LIMIT_BUDGET,
    RETRY_BUDGET,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.job import link_update_job
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.wait import link_update_wait
from ansible_collections.jira_cloud.federation.tests.unit.support import (
    COLLECTION,
    FakeClock,
    Listener,
    Wire,
    acquaint,
    answering,
    closed_port,
    resetting,
)

Send = Callable[[socket.socket], None]
Result = dict[str, Any]

DOCS = COLLECTION / "docs/docsite/rst/when_a_run_fails.rst"
LABEL = "eu -> us"
TOKEN = "ATATT3x-s3cret"
#: The vendor's id of every request that was answered.
REQUEST_ID = "request-7"
#: What the service says for itself where it refuses.
OWN_WORDS = "there is no such migration"
NOT_ALLOWED = "The IP address has been rejected because it is not on the allowed list."
#: How long the service asks to wait, where it does so sensibly.
WAIT = 300.0
ODD_ID = "a/../b?c#d %41 jöb"


class Call(StrEnum):
    SCHEDULE = "schedule"
    STATUS = "status"
    TENANT_INFO = "tenant_info"


class Way(StrEnum):
    """What is done about a fault. The words are those of when_a_run_fails.rst, which says what each means."""

    SENT_AGAIN = "sent again"
    REFUSED = "refused"
    UNKNOWN = "outcome unknown"
    TAKEN = "scheduled"
    STILL_POLLED = "still polled"
    WAIT_FAILS = "wait fails"
    JOB_UNKNOWN = "job unknown"
    SHOWN = "shown"
    FINAL = "final"
    FAILED = "failed"
    ASKED_AGAIN = "asked again"


@dataclass(frozen=True)
class Promise:
    way: Way
    #: The failure code; of a status, the one of a rerun that cannot find out where its job is.
    code: str | None = None
    #: What the message has to say besides.
    says: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.way}, ``{self.code}``" if self.code else str(self.way)


@dataclass(frozen=True)
class Fault:
    name: str
    what: str
    schedule: Promise | None
    status: Promise | None
    tenant_info: Promise | None
    #: What the service does in place of answering, one after the other.
    scripts: Callable[[FaultHarness, Call], Sequence[Send]] | None = None
    #: Where requests go in the place of the service.
    place: Callable[[FaultHarness], dict[str, str]] | None = None
    #: A job exists all the same.
    taken: bool = False
    #: The answer has the vendor's id of the request.
    traced: bool = True
    #: The answer says how long to wait, and that is sensible.
    asks_to_wait: bool = False
    #: What every message about it has to say.
    says: tuple[str, ...] = ()
    timeout: float = 5.0
    warnings: int = 0

    def at(self, call: Call) -> Promise | None:
        promise: Promise | None = getattr(self, call)
        return promise

    @property
    def pauses(self) -> Sequence[float]:
        """The pauses before the last attempt: those that the service asks for, up to a limit, or our own."""
        limited = self.name.startswith("http-429")
        backoff, budget = (LIMITED_BACKOFF, RATE_LIMIT_BUDGET) if limited else (BACKOFF, RETRY_BUDGET)
        # Each of them lasts a little longer than was asked for.
        return [WAIT] * (int(budget / WAIT) - 1) if self.asks_to_wait else backoff


# -- The service, and what becomes of it


class FaultyServer:
    """The service and a site of it, where every call can be made to go wrong."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.wire = Wire(*[self._serve] * 100, tls=tls)
        self.jobs: list[str] = []
        self.requests: Counter[Call] = Counter()
        self._wrong: dict[Call, tuple[Iterator[Send], bool]] = {}

    def goes_wrong(self, call: Call, scripts: Iterable[Send], *, taken: bool) -> None:
        self._wrong[call] = (iter(scripts), taken)

    def is_well(self) -> None:
        self._wrong.clear()

    def _serve(self, connection: socket.socket) -> None:
        method, path = self.wire.requests[-1].split(" ")[:2]
        call = Call.SCHEDULE if method == "POST" else Call.TENANT_INFO if "tenant_info" in path else Call.STATUS
        self.requests[call] += 1
        scripts, taken = self._wrong.get(call, (iter(()), False))
        script = next(scripts, None)
        if call is Call.SCHEDULE and (taken or not script):
            self.jobs.append(f"job-{len(self.jobs) + 1}")
        (script or self._as_it_should_be(call))(connection)

    def _as_it_should_be(self, call: Call) -> Send:
        if call is Call.TENANT_INFO:
            return answering(200, '{"cloudId": "site-eu"}')
        if call is Call.STATUS:
            return answering(200, '{"status": "Complete"}')
        return answering(200, json.dumps({"uuid": self.jobs[-1]}))


class FaultHarness:
    """A service, a ledger, and a user who runs the modules; each run is a run of its own."""

    def __init__(self, tmp_path: Path, certificates: Callable[[str], Path], stack: ExitStack) -> None:
        self.service = FaultyServer()
        self.elsewhere = Wire(answering(200, '{"uuid": "stolen", "status": "Complete", "cloudId": "stolen"}'))
        self.certificates = certificates
        self.stack = stack
        self.clock = FakeClock()
        self.listener = Listener()
        self._ledger = tmp_path / "ledger.sqlite3"
        self._wrong: dict[str, Any] = {}
        self.url = self.serving(self.service.wire)
        with open_ledger(str(self._ledger), self.clock, {}) as ledger:
            acquaint(ledger)
        self.serving(self.elsewhere)

    def serving(self, wire: Wire) -> str:
        return self.stack.enter_context(wire).url

    def goes_wrong(self, fault: Fault, call: Call, *, once: bool = False) -> None:
        self._wrong = {"request_timeout": fault.timeout * (4 if once else 1)}
        if fault.place:
            place = fault.place(self)
            url = place.pop("url")
            self._wrong |= {**place, "product_url" if call is Call.TENANT_INFO else "api_url": url}
        if fault.scripts:
            scripts = fault.scripts(self, call)
            self.service.goes_wrong(call, scripts[:1] if once else cycle(scripts), taken=fault.taken)

    def is_well(self) -> None:
        self._wrong = {}
        self.service.is_well()

    def run(self, **options: Any) -> Result:
        """Ensure the job, and wait for it unless told not to."""
        pair = {
            "product_url": self.url,
            "site_id": "site-eu",
            "destination_url": "https://us.example.net",
            "migrated_from": "https://jira.example.com",
            "label": LABEL,
        }
        return self._run(link_update_job, LINK_UPDATE_JOB, {**pair, **self._wrong, **options})

    def wait(self, **options: Any) -> Result:
        """Wait for the job that was scheduled first."""
        jobs = [{"site_id": "site-eu", "job_id": self.service.jobs[0], "label": LABEL}]
        return self._run(link_update_wait, LINK_UPDATE_WAIT, {"jobs": jobs, **self._wrong, **options})

    def _run(self, task: Callable[..., Result], spec: dict[str, dict[str, Any]], options: dict[str, Any]) -> Result:
        self.listener = Listener()
        self.clock.naps.clear()
        defaults = {
            **{name: option.get("default") for name, option in spec.items()},
            "api_url": self.url,
            "email": "me@example.com",
            "api_token": TOKEN,
            "ledger": str(self._ledger),
            "wait_timeout": 5.0,
        }
        result = task({**defaults, **options}, False, self.listener, self.clock)
        assert TOKEN not in json.dumps([result, self.listener.lines, self.listener.warnings])
        return result

    @property
    def scheduling_requests(self) -> int:
        return self.service.requests[Call.SCHEDULE]

    @property
    def warnings(self) -> list[str]:
        """What was warned of about the pair."""
        return [text for text in self.listener.warnings if text.startswith(LABEL)]

    def lines_with(self, text: str) -> list[str]:
        return [line for line in self.listener.lines if line.startswith(LABEL) and text in line]


def in_turn(*scripts: Send) -> Callable[[FaultHarness, Call], Sequence[Send]]:
    return lambda harness, call: scripts


def http(status: int, body: str | bytes = "", **headers: str) -> Send:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answering(status, body, {"Atl-Traceid": REQUEST_ID, **named})


def refusing(status: int, **headers: str) -> Callable[[FaultHarness, Call], Sequence[Send]]:
    """An error as the service makes them."""
    return in_turn(http(status, json.dumps({"errorMessage": OWN_WORDS, "id": REQUEST_ID}), **headers))


def page(status: int, **headers: str) -> Callable[[FaultHarness, Call], Sequence[Send]]:
    """An error as a gateway makes them."""
    return in_turn(http(status, "<html>Something went wrong</html>", **headers))


def document(**bodies: Any) -> Callable[[FaultHarness, Call], Sequence[Send]]:
    return lambda harness, call: [http(200, json.dumps(bodies[call]))]


def statuses(*words: str) -> Callable[[FaultHarness, Call], Sequence[Send]]:
    return in_turn(*(http(200, json.dumps({"status": word})) for word in words))


def silent(connection: socket.socket) -> None:
    connection.recv(1)  # until the other end has had enough


def redirecting(status: int) -> Callable[[FaultHarness, Call], Sequence[Send]]:
    return lambda harness, call: [http(status, Location=f"{harness.elsewhere.url}/login")]


def interim_without_end(connection: socket.socket) -> None:
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")


def of_certificate(kind: str, *, trusted: bool = True) -> Callable[[FaultHarness], dict[str, str]]:
    def place(harness: FaultHarness) -> dict[str, str]:
        folder = harness.certificates(kind)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(folder / f"{kind}.pem")
        impostor = FaultyServer(tls)
        # Whatever its certificate, no request gets as far as being read.
        harness.stack.callback(_assert_nothing_reached, impostor.wire)
        return {"url": harness.serving(impostor.wire)} | ({"ca_path": str(folder / "ca.pem")} if trusted else {})

    return place


def of_no_tls(harness: FaultHarness) -> dict[str, str]:
    def script(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 400 This is HTTP\r\n\r\n")

    plain = Wire(*[script] * 100, reads=False)
    return {"url": harness.serving(plain).replace("http:", "https:")}


def _assert_nothing_reached(wire: Wire) -> None:
    assert wire.requests == []


def again(code: str) -> tuple[Promise, Promise, Promise]:
    """Certainly not taken: any call may be repeated."""
    return Promise(Way.SENT_AGAIN, code), Promise(Way.STILL_POLLED, code), Promise(Way.ASKED_AGAIN, code)


def lost() -> tuple[Promise, Promise, Promise]:
    """Perhaps taken: only what reads may be repeated."""
    return (
        Promise(Way.UNKNOWN, "submission_unknown"),
        Promise(Way.STILL_POLLED, "no_answer"),
        Promise(Way.ASKED_AGAIN, "no_answer"),
    )


def unreadable() -> tuple[Promise, Promise, Promise]:
    """An answer without what was asked for: a site would not give it."""
    return *lost()[:2], Promise(Way.REFUSED, "site_not_found", ("without a cloud ID", "Correct product_url"))


def refused(code: str, *says: str, site: str = "site_not_found") -> tuple[Promise, Promise, Promise]:
    """A clear no."""
    no_site = (
        ("is not a Jira Cloud or Confluence Cloud site", "Correct product_url") if site == "site_not_found" else says
    )
    return Promise(Way.REFUSED, code, says), Promise(Way.WAIT_FAILS, code, says), Promise(Way.REFUSED, site, no_site)


def no_proof(code: str, *says: str) -> tuple[Promise, Promise, Promise]:
    """A no, but not to having scheduled a job."""
    return Promise(Way.UNKNOWN, "submission_unknown", says), *refused(code, *says)[1:]


def only_status(way: Way, code: str | None = None) -> tuple[None, Promise, None]:
    return None, Promise(way, code), None


SENSIBLE = {"X_RateLimit_Reset": "2026-03-01T12:05:00Z", "Date": "Sun, 01 Mar 2026 12:00:00 GMT"}

FAULTS = [
    # No answer
    Fault(
        "connection-refused",
        "Nothing answers at the address",
        *again("unreachable"),
        place=lambda harness: {"url": f"http://127.0.0.1:{closed_port()}"},
        traced=False,
        says=("refused",),
    ),
    Fault(
        "name-not-resolved",
        "The host name has no address",
        *again("unreachable"),
        place=lambda harness: {"url": "https://nothing.invalid"},
        traced=False,
        says=("nothing.invalid",),
    ),
    Fault(
        "tls-unknown-ca",
        "TLS: an authority that is not trusted",
        *refused("tls", "ca_path", site="tls"),
        place=of_certificate("good", trusted=False),
        traced=False,
        says=("certificate",),
    ),
    Fault(
        "tls-wrong-host",
        "TLS: a certificate for another host name",
        *refused("tls", "URL", site="tls"),
        place=of_certificate("other"),
        traced=False,
        says=("certificate",),
    ),
    Fault(
        "tls-expired",
        "TLS: a certificate that has expired",
        *refused("tls", "clock", site="tls"),
        place=of_certificate("expired"),
        traced=False,
        says=("certificate", "expired"),
    ),
    Fault(
        "tls-not-spoken",
        "TLS: the port does not speak it",
        *refused("tls", "port", site="tls"),
        place=of_no_tls,
        traced=False,
    ),
    Fault(
        "tls-no-certificates",
        "TLS: `ca_path` has no certificates in it",
        *refused("tls", "ca_path", site="tls"),
        place=lambda harness: {"url": "https://127.0.0.1:1", "ca_path": str(DOCS)},
        traced=False,
        says=(str(DOCS),),
    ),
    Fault(
        "reset-before",
        "Connection reset, the request not processed",
        *lost(),
        scripts=in_turn(resetting()),
        traced=False,
    ),
    Fault(
        "reset-after",
        "Connection reset, the request processed",
        *lost(),
        scripts=in_turn(resetting()),
        traced=False,
        taken=True,
    ),
    Fault(
        "read-timeout",
        "No answer within `request_timeout`",
        *lost(),
        scripts=in_turn(silent),
        traced=False,
        taken=True,
        timeout=0.5,
        says=("timed out",),
    ),
    Fault(
        "interim-without-end",
        "Nothing but HTTP 100 Continue",
        *lost(),
        scripts=in_turn(interim_without_end),
        traced=False,
        taken=True,
    ),
    # Refusals
    Fault("http-400", "HTTP 400", *refused("rejected"), scripts=refusing(400), says=("HTTP 400", OWN_WORDS)),
    Fault(
        "http-401",
        "HTTP 401",
        *refused("unauthorized", "expires", "scoped token", "e-mail address"),
        scripts=refusing(401),
        says=("HTTP 401", OWN_WORDS),
    ),
    Fault(
        "http-403",
        "HTTP 403",
        *refused("forbidden", "organization or site admin", "admin of the product"),
        scripts=refusing(403),
        says=("HTTP 403", OWN_WORDS),
    ),
    Fault(
        "http-403-allowlist",
        "HTTP 403 of a site, as its IP allowlist has other addresses only",
        None,
        None,
        Promise(Way.REFUSED, "forbidden", ("on the site's IP allowlist", "set site_id")),
        scripts=in_turn(http(403, json.dumps({"errorMessages": [NOT_ALLOWED], "errors": {}}))),
        says=("HTTP 403", NOT_ALLOWED),
    ),
    Fault(
        "http-404",
        "HTTP 404; of a job: the service does not know it any more",
        Promise(Way.REFUSED, "not_found", ("site-eu", "address of the API")),
        Promise(Way.JOB_UNKNOWN, "job_unknown", ("job-1",)),
        refused("")[2],
        scripts=refusing(404),
        says=("HTTP 404", OWN_WORDS),
    ),
    Fault("http-409", "HTTP 409", *no_proof("rejected"), scripts=refusing(409), says=("HTTP 409", OWN_WORDS)),
    Fault(
        "redirect",
        "Redirect with HTTP 307 or 308",
        *refused("redirected", "/login", "not followed"),
        scripts=redirecting(307),
        says=("HTTP 307", "/login"),
    ),
    Fault(
        "redirect-303",
        "Redirect with HTTP 301, 302 or 303",
        *no_proof("redirected", "/login", "not followed"),
        scripts=redirecting(303),
        taken=True,
        says=("HTTP 303", "/login"),
    ),
    # A service that is busy, or in trouble
    *(
        Fault(
            f"http-429-{name}",
            f"HTTP 429, {what}",
            *again("rate_limited"),
            scripts=refusing(429, **headers),
            asks_to_wait=name in ("retry-after", "reset"),
            says=("HTTP 429", OWN_WORDS),
        )
        for name, what, headers in (
            ("retry-after", "`Retry-After` of 5 minutes", {"Retry_After": "300"}),
            ("reset", "`X-RateLimit-Reset` in 5 minutes", SENSIBLE),
            ("bare", "no header that says for how long", {}),
            ("past", "`X-RateLimit-Reset` in the past", {"X_RateLimit_Reset": "2026-03-01T11:00:00Z"}),
            ("absurd", "`X-RateLimit-Reset` in a year", {"X_RateLimit_Reset": "2027-03-01T12:00:00Z"}),
            ("malformed", "`X-RateLimit-Reset` that is no time", {"X_RateLimit_Reset": "soon", "Retry_After": "soon"}),
        )
    ),
    Fault("http-500", "HTTP 500", *lost(), scripts=refusing(500), says=("HTTP 500", OWN_WORDS)),
    Fault("http-502", "HTTP 502", *lost(), scripts=page(502), taken=True, says=("HTTP 502",)),
    Fault(
        "http-502-retry-after",
        "HTTP 502 with `Retry-After`",
        *lost(),
        scripts=page(502, Retry_After="300"),
        says=("HTTP 502",),
    ),
    Fault("http-503", "HTTP 503", *lost(), scripts=page(503), says=("HTTP 503",)),
    Fault(
        "http-503-retry-after",
        "HTTP 503 with `Retry-After` of 5 minutes",
        *again("unavailable"),
        scripts=page(503, Retry_After="300"),
        asks_to_wait=True,
        says=("HTTP 503",),
    ),
    Fault(
        "http-503-reset",
        "HTTP 503 with `X-RateLimit-Reset` in 5 minutes",
        *again("unavailable"),
        scripts=page(503, **SENSIBLE),
        asks_to_wait=True,
        says=("HTTP 503",),
    ),
    Fault("http-504", "HTTP 504", *lost(), scripts=page(504), taken=True, says=("HTTP 504",)),
    # Answers that say nothing
    Fault(
        "login-page",
        "HTTP 200 with an HTML page (login, proxy)",
        *lost(),
        scripts=in_turn(http(200, "<html>Log in</html>", Content_Type="text/html")),
        says=("not JSON", "login page"),
    ),
    Fault(
        "not-http",
        "An answer that is not HTTP",
        *lost(),
        scripts=in_turn(lambda connection: connection.sendall(b"HTTP/1.1 ABC\r\n\r\n")),
        traced=False,
        says=("not HTTP",),
    ),
    Fault(
        "nested-deeply",
        "JSON that is nested 30,000 times",
        *lost(),
        scripts=in_turn(http(200, "[" * 30_000 + "]" * 30_000)),
        taken=True,
        says=("not JSON",),
    ),
    Fault(
        "empty-body", "HTTP 200 with an empty body", *lost(), scripts=in_turn(http(200)), taken=True, says=("empty",)
    ),
    Fault(
        "truncated-body",
        "An answer that ends half-way",
        *lost(),
        scripts=in_turn(http(200, '{"uuid": "job', Content_Length="100")),
        taken=True,
    ),
    Fault(
        "endless-body",
        "An answer of 10 MB",
        *lost(),
        scripts=in_turn(http(200, b'{"uuid": "' + b"x" * 10_000_000 + b'"}')),
        taken=True,
        says=("more than",),
    ),
    Fault(
        "other-shape",
        "JSON of another shape",
        *unreadable(),
        scripts=document(schedule=["job-1"], status="Complete", tenant_info=[]),
        taken=True,
    ),
    *(
        Fault(name, what, *unreadable(), scripts=document(schedule=job, status=status, tenant_info=site), taken=True)
        for name, what, job, status, site in (
            ("field-missing", "JSON without the field that matters", {}, {}, {}),
            ("field-null", "JSON with `null` in it", {"uuid": None}, {"status": None}, {"cloudId": None}),
            ("field-number", "JSON with a number in it", {"uuid": 42}, {"status": 42}, {"cloudId": 42}),
            ("field-list", "JSON with a list in it", {"uuid": ["a"]}, {"status": ["Complete"]}, {"cloudId": ["a"]}),
        )
    ),
    Fault(
        "error-with-200",
        "HTTP 200 with an error in the place of an answer",
        *unreadable(),
        scripts=in_turn(http(200, json.dumps({"status": 400, "errorMessage": OWN_WORDS, "id": REQUEST_ID}))),
        says=(OWN_WORDS,),
    ),
    Fault(
        "complete-and-error",
        "HTTP 200 with COMPLETE, and an error beside it",
        *only_status(Way.STILL_POLLED, "no_answer"),
        scripts=in_turn(http(200, json.dumps({"status": "Complete", "errorMessage": OWN_WORDS, "id": REQUEST_ID}))),
        says=("COMPLETE and an error", OWN_WORDS),
    ),
    # Answers that are odd
    Fault(
        "job-id-odd",
        "A job id with `/`, `?`, `#`, `%`, a space or an umlaut in it",
        Promise(Way.TAKEN),
        None,
        None,
        scripts=document(schedule={"uuid": ODD_ID}),
        taken=True,
    ),
    *(
        Fault(
            f"job-id-{name}",
            f"A job id {what}",
            lost()[0],
            None,
            None,
            scripts=document(schedule={"uuid": job_id}),
            taken=True,
            says=("without a usable job id",),
        )
        for name, what, job_id in (
            ("control", "with a control character in it", "job\n1"),
            ("dots", "of dots alone", ".."),
            ("long", "of more than 200 characters", "x" * 201),
        )
    ),
    Fault(
        "unknown-word",
        "A status that is not documented",
        *only_status(Way.SHOWN),
        scripts=statuses("Thinking"),
        says=("THINKING",),
        warnings=1,
    ),
    *(
        Fault(
            name,
            what,
            *only_status(Way.FAILED, "job_error"),
            scripts=in_turn(http(200, json.dumps({"status": word, "errorMessage": OWN_WORDS}))),
            traced=False,
            says=(word, OWN_WORDS),
        )
        for name, what, word in (
            ("failed", "A status of failure that is not documented: FAILED", "FAILED"),
            ("cancelled", "A status of failure that is not documented: CANCELLED", "CANCELLED"),
        )
    ),
    Fault(
        "backwards",
        "A status that goes back, from IN_PROGRESS to PENDING",
        *only_status(Way.SHOWN),
        scripts=statuses("In_progress", "Pending"),
        says=("IN_PROGRESS", "PENDING"),
    ),
    Fault(
        "never-ends",
        "A job that does not end",
        *only_status(Way.SHOWN),
        scripts=statuses("In_progress"),
        says=("IN_PROGRESS",),
    ),
    Fault(
        "back-from-the-end",
        "A status that goes back, from COMPLETE to PENDING",
        *only_status(Way.FINAL),
        scripts=statuses("Complete", "Pending"),
    ),
]


def those(call: Call, *ways: Way, passing: bool = False) -> pytest.MarkDecorator:
    """The faults that are dealt with in one of these ways at a call.

    :param passing: only those that can pass while the same service is asked.
    """
    chosen = [
        pytest.param(fault, promise, id=fault.name)
        for fault in FAULTS
        if (promise := fault.at(call)) and promise.way in ways and (fault.scripts or not passing)
    ]
    return pytest.mark.parametrize(("fault", "promise"), chosen)


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Makes the certificate of the kind asked for, with its key, and gives the folder it is in, with its authority."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    now = datetime.now(timezone.utc)
    names = {"good": "127.0.0.1", "other": "other.example.net", "expired": "127.0.0.1"}

    def make(kind: str) -> Path:
        ends = now + timedelta(days=-1 if kind == "expired" else 1)
        certificate = authority.issue_cert(names[kind], not_before=now - timedelta(days=2), not_after=ends)
        certificate.private_key_and_cert_chain_pem.write_to_path(str(folder / f"{kind}.pem"))
        return folder

    return make


@pytest.fixture
def harness(tmp_path: Path, certificates: Callable[[str], Path]) -> Iterator[FaultHarness]:
    with ExitStack() as stack:
        harness = FaultHarness(tmp_path, certificates, stack)
        yield harness
        assert harness.elsewhere.requests == [], "somebody else was sent a request"


def check_failure(result: Result, fault: Fault, code: str | None, says: tuple[str, ...]) -> None:
    """It failed with this code, and the message names the pair, what happened, and what to do now."""
    assert result.get("failed")
    failure, message = result["failure"], result["msg"]
    assert failure["code"] == code
    assert LABEL in message
    assert re.search("rerun|run again|correct|check|make the account", message, re.IGNORECASE)
    for text in (*fault.says, *says):
        assert text.lower() in message.lower()
    if fault.traced:
        assert REQUEST_ID in message


def check_pauses(harness: FaultHarness, fault: Fault) -> None:
    naps = iter(harness.clock.naps)
    for pause in fault.pauses:
        slept = 0.0
        # A long one is several naps, with a line between them.
        while slept < pause:
            slept += next(naps)
        assert slept <= 1.25 * pause + 0.5
    assert not list(naps)
    assert len(harness.lines_with("trying again in")) == len(fault.pauses), "no pause is silent"


def check_first_job(harness: FaultHarness, result: Result) -> None:
    """The run scheduled the first job of the update, and no other run did."""
    assert "failed" not in result
    assert result["changed"]
    assert (result["job"]["attempt"], result["job"]["status"]) == (1, "COMPLETE")
    assert harness.service.jobs == [result["job"]["job_id"]]
    assert harness.warnings == []


def check_job_taken_up(harness: FaultHarness, result: Result) -> None:
    """The run took up the job that there was, saw its end, and scheduled nothing."""
    assert "failed" not in result
    assert not result["changed"]
    assert (result["job"]["job_id"], result["job"]["status"]) == ("job-1", "COMPLETE")
    assert (harness.service.jobs, harness.scheduling_requests) == (["job-1"], 1)
    assert harness.warnings == []


# -- Scheduling


@those(Call.SCHEDULE, Way.SENT_AGAIN)
def test_sent_again_until_it_is_given_up(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.SCHEDULE)
    result = harness.run()
    check_failure(result, fault, promise.code, (*promise.says, "not scheduled: "))
    assert not result["changed"]
    check_pauses(harness, fault)
    assert harness.scheduling_requests == (len(fault.pauses) + 1 if fault.scripts else 0)
    harness.is_well()
    check_first_job(harness, harness.run())


@those(Call.SCHEDULE, Way.SENT_AGAIN, passing=True)
def test_sent_again_until_it_is_taken(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.SCHEDULE, once=True)
    check_first_job(harness, harness.run())
    assert harness.scheduling_requests == 2


@those(Call.SCHEDULE, Way.REFUSED)
def test_refused_and_nothing_scheduled(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.SCHEDULE)
    result = harness.run()
    check_failure(result, fault, promise.code, (*promise.says, "not scheduled: "))
    assert result["failure"]["request_id"] == (REQUEST_ID if fault.traced else None)
    assert not result["changed"]
    assert harness.scheduling_requests == (1 if fault.scripts else 0)
    assert harness.clock.naps == []
    harness.is_well()
    check_first_job(harness, harness.run())


@those(Call.SCHEDULE, Way.UNKNOWN)
def test_outcome_unknown_and_the_choice_left_to_the_rerun(
    harness: FaultHarness, fault: Fault, promise: Promise
) -> None:
    harness.goes_wrong(fault, Call.SCHEDULE)
    result = harness.run()
    check_failure(result, fault, promise.code, (*promise.says, "may have created this job", "not sent again"))
    assert result["failure"]["request_id"] == (REQUEST_ID if fault.traced else None)
    assert result["changed"], "a job may be there that was not before"
    assert (harness.scheduling_requests, harness.clock.naps) == (1, [])
    harness.is_well()

    cautious = harness.run(unknown_submission="fail")
    assert cautious["failed"]
    assert not cautious["changed"]
    assert cautious["failure"]["code"] == promise.code
    assert f"{LABEL}: " in cautious["msg"]
    assert "look at the site" in cautious["msg"].lower()
    assert harness.scheduling_requests == 1

    result = harness.run()
    assert "failed" not in result
    assert result["changed"]
    assert (result["job"]["attempt"], result["job"]["status"]) == (2, "COMPLETE")
    assert len(harness.warnings) == 1
    assert "unknown" in harness.warnings[0]
    assert len(harness.service.jobs) == (2 if fault.taken else 1)

    assert not harness.run()["changed"]
    assert harness.scheduling_requests == 2


@those(Call.SCHEDULE, Way.TAKEN)
def test_scheduled_all_the_same(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.SCHEDULE)
    result = harness.run()
    assert "failed" not in result
    assert (result["job"]["job_id"], result["job"]["status"]) == (ODD_ID, "COMPLETE")
    assert harness.service.wire.requests[-1].startswith(
        f"GET /site-eu/jobs/status/{quote(ODD_ID, safe='')} HTTP/1.1\r\n"
    )
    assert not harness.run()["changed"]
    assert harness.scheduling_requests == 1


# -- The status of a job


@those(Call.STATUS, Way.STILL_POLLED)
def test_still_polled_until_the_timeout(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.run(wait=False)
    harness.goes_wrong(fault, Call.STATUS)
    waited = harness.wait()
    check_failure(waited, fault, "timeout", (*promise.says, "timeout after", "schedules nothing twice"))
    assert len(harness.lines_with("status unavailable")) == 1, "an outage is said once, not at each poll"
    if fault.scripts:
        looks = harness.service.requests[Call.STATUS]
        assert looks == 1 if fault.asks_to_wait else looks >= 2, (
            "a wait that the service asks for is kept, also after the timeout"
        )

    # The rerun knows from the ledger when the service may be asked again.
    harness.clock.sleep(WAIT + 1)
    rerun = harness.run()
    check_failure(rerun, fault, promise.code, (*promise.says, "job-1", "nothing was scheduled"))
    assert not rerun["changed"]
    check_pauses(harness, fault)
    harness.is_well()
    check_job_taken_up(harness, harness.run())


@those(Call.STATUS, Way.STILL_POLLED, passing=True)
def test_still_polled_until_there_is_a_status(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.run(wait=False)
    harness.goes_wrong(fault, Call.STATUS, once=True)
    waited = harness.wait(wait_timeout=3600.0)
    assert "failed" not in waited
    assert waited["jobs"][0]["status"] == "COMPLETE"
    assert len(harness.lines_with("status unavailable")) == 1
    if fault.asks_to_wait:
        assert sum(harness.clock.naps) >= WAIT, "a wait that the service asks for is kept"
    harness.is_well()
    check_job_taken_up(harness, harness.run())


@those(Call.STATUS, Way.WAIT_FAILS)
def test_wait_fails_while_the_job_goes_on(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.run(wait=False)
    harness.goes_wrong(fault, Call.STATUS)
    waited = harness.wait()
    check_failure(waited, fault, promise.code, (*promise.says, "goes on at Atlassian"))
    assert waited["failure"]["job_id"] == "job-1"
    assert waited["failure"]["request_id"] == (REQUEST_ID if fault.traced else None)
    assert harness.clock.naps == []

    rerun = harness.run()
    check_failure(rerun, fault, promise.code, (*promise.says, "job-1", "nothing was scheduled"))
    assert not rerun["changed"]
    assert harness.clock.naps == []
    assert harness.service.requests[Call.STATUS] == (2 if fault.scripts else 0)
    harness.is_well()
    check_job_taken_up(harness, harness.run())


@those(Call.STATUS, Way.JOB_UNKNOWN)
def test_job_unknown_and_the_choice_left_to_the_rerun(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.run(wait=False)
    harness.clock.sleep(NEW_FOR)
    harness.goes_wrong(fault, Call.STATUS)
    waited = harness.wait()
    check_failure(waited, fault, promise.code, (*promise.says, "its outcome is unknown", "look at the site"))
    assert waited["failure"]["request_id"] == REQUEST_ID
    assert harness.service.requests[Call.STATUS] == 1

    cautious = harness.run(unknown_submission="fail")
    assert cautious["failed"]
    assert not cautious["changed"]
    assert cautious["failure"]["code"] == promise.code
    assert harness.scheduling_requests == 1

    rerun = harness.run(wait=False)
    assert "failed" not in rerun
    assert (rerun["changed"], rerun["job"]["attempt"]) == (True, 2)
    assert len(harness.warnings) == 1
    assert "job-1" in harness.warnings[0]
    assert harness.service.jobs == ["job-1", "job-2"]


@those(Call.STATUS, Way.SHOWN)
def test_shown_and_waited_on(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.run(wait=False)
    harness.goes_wrong(fault, Call.STATUS)
    waited = harness.wait()
    assert waited["failure"]["code"] == "timeout"
    assert f"{LABEL} ({waited['jobs'][0]['status']})" in waited["msg"]
    assert "it waits for the jobs" in waited["msg"]
    assert len(harness.warnings) == fault.warnings
    for word in fault.says:
        assert harness.lines_with(word)

    rerun = harness.run()
    assert rerun["failure"]["code"] == "timeout"
    assert not rerun["changed"]
    harness.is_well()
    check_job_taken_up(harness, harness.run())


@those(Call.STATUS, Way.FINAL)
def test_final_and_not_asked_for_again(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.STATUS)
    check_first_job(harness, harness.run())
    check_job_taken_up(harness, harness.run())
    assert harness.wait()["jobs"][0]["status"] == "COMPLETE"
    assert harness.service.requests[Call.STATUS] == 1


@those(Call.STATUS, Way.FAILED)
def test_failed_and_left_to_a_person(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.run(wait=False)
    harness.goes_wrong(fault, Call.STATUS)
    waited = harness.wait()
    assert waited["failure"]["code"] == promise.code
    assert OWN_WORDS in waited["msg"]
    assert "look at the site" in waited["msg"].lower()
    assert waited["jobs"][0]["status"] in fault.says
    assert len(harness.lines_with(OWN_WORDS)) == 1
    asked = harness.service.requests[Call.STATUS]

    for resubmit_failed in (True, False):
        rerun = harness.run(resubmit_failed=resubmit_failed)
        assert (rerun["changed"], rerun["failure"]["code"]) == (False, promise.code)
        assert "ledger_forget=" in rerun["msg"]
    assert (harness.scheduling_requests, harness.service.requests[Call.STATUS]) == (1, asked)

    harness.is_well()
    forced = harness.run(force=True)
    assert (forced["job"]["attempt"], forced["job"]["status"]) == (2, "COMPLETE")


# -- Looking up a site


@those(Call.TENANT_INFO, Way.ASKED_AGAIN)
def test_asked_again_until_it_is_given_up(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.TENANT_INFO)
    result = harness.run(site_id=None)
    check_failure(result, fault, promise.code, promise.says)
    assert not result["changed"]
    check_pauses(harness, fault)
    assert harness.service.requests == ({Call.TENANT_INFO: len(fault.pauses) + 1} if fault.scripts else {})
    harness.is_well()
    check_first_job(harness, harness.run(site_id=None))


@those(Call.TENANT_INFO, Way.ASKED_AGAIN, passing=True)
def test_asked_again_until_there_is_an_answer(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.TENANT_INFO, once=True)
    check_first_job(harness, harness.run(site_id=None))
    assert harness.service.requests[Call.TENANT_INFO] == 2


@those(Call.TENANT_INFO, Way.REFUSED)
def test_refused_and_the_site_not_known(harness: FaultHarness, fault: Fault, promise: Promise) -> None:
    harness.goes_wrong(fault, Call.TENANT_INFO)
    result = harness.run(site_id=None)
    check_failure(result, fault, promise.code, promise.says)
    assert result["failure"]["request_id"] == (REQUEST_ID if fault.traced else None)
    assert not result["changed"]
    assert harness.clock.naps == []
    assert harness.service.requests == ({Call.TENANT_INFO: 1} if fault.scripts else {})
    harness.is_well()
    check_first_job(harness, harness.run(site_id=None))


# -- The table for people


def documented_rows() -> list[list[str]]:
    """The cells of every row of every table."""
    rows = re.findall(r"^   \* - .*\n(?:(?:     .*)?\n)+", DOCS.read_text(), re.MULTILINE)
    return [[" ".join(cell.split()) for cell in re.split(r"^   [* ] -", row, flags=re.MULTILINE)[1:]] for row in rows]


def promises_of(fault: Fault) -> list[str]:
    return [str(fault.at(call) or r"\-") for call in Call]


def rows_for_people() -> list[list[str]]:
    """One row for all faults with the same promises, in the order of the first of them."""
    faults: dict[tuple[str, ...], list[str]] = {}
    for fault in FAULTS:
        faults.setdefault(tuple(promises_of(fault)), []).append(fault.what.replace("`", "``"))
    return [["; ".join(names), *promises] for promises, names in faults.items()]


def test_every_fault_of_the_table_has_its_way_at_some_call() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
    assert all(any(fault.at(call) for call in Call) for fault in FAULTS)


def test_the_documentation_has_each_fault_once_and_promises_the_same() -> None:
    rows = [row for row in documented_rows() if len(row) == 4 and row[0] != "fault"]
    assert rows == rows_for_people()


@pytest.mark.parametrize("way", Way)
def test_the_documentation_explains_every_way_and_names_its_tests(way: Way) -> None:
    explained = [row for row in documented_rows() if row[0] == f"**{way}**"]
    assert explained
    named = {name for row in explained for name in re.findall(r"\btest_\w+\b(?!\.py)", row[-1])}
    assert named == {name for name in globals() if name.startswith(f"test_{way.replace(' ', '_')}_")}
