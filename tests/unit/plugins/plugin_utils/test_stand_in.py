# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in behaves as the service it stands for, and leaves when it is done."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
import trustme
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import (
    JobUnknown,
    LinkUpdateError,
    NotAccepted,
)
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.connection import Connection
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.update import Update, make_update
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.auth import Basic
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.http import Session
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.links_api import LinksApi, request_body
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.site_api import SiteApi
from ansible_collections.jira_cloud.federation.plugins.plugin_utils import stand_in
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import (
    Reply,
    Script,
    Service,
    StandIn,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, standing_in

SITES = {
    name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}"} for name in ("eu", "us", "asia")
}
TIMES = {"queue_seconds": 1, "backup_seconds": 2, "run_seconds": 3}
AT_ONCE = {"queue_seconds": 0, "backup_seconds": 0, "run_seconds": 0}


def update_of(origin: str = "eu", destination: str = "us", **options: Any) -> Update:
    return make_update(
        **{
            "product_url": f"https://{origin}.example.net",
            "destination_url": f"https://{destination}.example.net",
            "migrated_from": "http://jira.example.com",
            "site_id": f"site-{origin}",
            **options,
        }
    )


def basic(text: str) -> str:
    return f"Basic {base64.b64encode(text.encode()).decode()}"


class Client:
    """Asks a service without any network, as somebody it knows."""

    def __init__(self, service: Service, clock: FakeClock) -> None:
        self.service = service
        self.clock = clock

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        host: str = "api.example.com",
        who: str = "ann@example.com:token",
    ) -> Reply:
        return self.service.answer(method, f"/{host}{path}", basic(who), json.dumps(body).encode())

    def post(self, body: Any, site_id: str = "site-eu", **more: Any) -> Reply:
        return self.ask("POST", f"/links/v1/{site_id}/jobs/cma", body, **more)

    def schedule(self, update: Update) -> str:
        reply = self.post(request_body(update), str(update.site_id))
        assert reply.status == 200, reply.body
        return str(reply.body["uuid"])

    def status(self, job_id: str, site_id: str = "site-eu") -> str:
        reply = self.ask("GET", f"/links/v1/{site_id}/jobs/status/{job_id}")
        assert reply.status == 200, reply.body
        return str(reply.body["status"])

    def history(self, *job_ids: str, seconds: int = 12) -> list[str]:
        """The statuses of jobs, each as its first letter, in the middle of every second from now on."""
        looks: list[list[str]] = []
        self.clock.sleep(0.5)
        while len(looks) < seconds:
            looks.append([self.status(job_id)[0] for job_id in job_ids])
            self.clock.sleep(1)
        return ["".join(letters) for letters in zip(*looks, strict=True)]


@pytest.fixture
def client_of(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Client]:
    """Makes a client of a service with such a script, whose time is the clock's."""
    monkeypatch.setattr(stand_in, "time", SimpleNamespace(time=clock.monotonic))
    return lambda **script: Client(Service(Script.from_dict({"sites": SITES, **TIMES, **script})), clock)


@pytest.fixture
def serve(clock: FakeClock) -> Iterator[Callable[..., StandIn]]:
    """Starts a stand-in with such a script on a port of this machine."""
    with ExitStack() as running:

        def start(certificate: Path | None = None, **script: Any) -> StandIn:
            return running.enter_context(standing_in(certificate, **{"sites": SITES, **AT_ONCE, **script}))

        yield start


# -- Jobs


@pytest.mark.parametrize(
    ("script", "options", "history"),
    [
        ({}, {}, "PIIICCCCCCCC"),
        ({}, {"create_backup": False}, "PIIICCCCCCCC"),
        ({}, {"create_backup": True}, "PBBIIICCCCCC"),
        ({"fail": ["eu -> us"]}, {}, "PIIIEEEEEEEE"),
        ({"fail": ["us -> eu"]}, {}, "PIIICCCCCCCC"),
        ({"retry": ["eu -> us"]}, {}, "PIRICCCCCCCC"),
        ({"retry": ["eu -> us"], "fail": ["eu -> us"]}, {"create_backup": True}, "PBBIRIEEEEEE"),
        (AT_ONCE, {"create_backup": True}, "CCCCCCCCCCCC"),
        ({"queue_seconds": 1e6}, {}, "PPPPPPPPPPPP"),
    ],
)
def test_a_job_goes_its_way(
    client_of: Callable[..., Client], script: dict[str, Any], options: dict[str, Any], history: str
) -> None:
    client = client_of(**script)
    assert client.history(client.schedule(update_of(**options))) == [history]


def test_the_jobs_of_one_site_run_one_after_the_other(client_of: Callable[..., Client]) -> None:
    client = client_of()
    jobs = [client.schedule(update_of(destination=name)) for name in ("us", "asia")]
    assert client.history(*jobs) == ["PIIICCCCCCCC", "PPPPIIICCCCC"]


def test_the_jobs_of_one_site_run_side_by_side_if_the_script_says_so(client_of: Callable[..., Client]) -> None:
    client = client_of(parallel=True)
    jobs = [client.schedule(update_of(destination=name)) for name in ("us", "asia")]
    assert client.history(*jobs) == ["PIIICCCCCCCC", "PIIICCCCCCCC"]


def test_the_jobs_of_another_site_do_not_wait(client_of: Callable[..., Client]) -> None:
    client = client_of()
    client.schedule(update_of())
    other = client.schedule(update_of("us", "eu"))
    client.clock.sleep(1.5)
    assert client.status(other, "site-us") == "In_progress"


def test_a_pair_fails_as_often_as_it_is_mentioned(client_of: Callable[..., Client]) -> None:
    client = client_of(**AT_ONCE, fail=["eu -> us", "eu -> us"])
    ends = [client.status(client.schedule(update_of(destination=to))) for to in ("us", "asia", "us", "us")]
    assert ends == ["Error", "Complete", "Error", "Complete"]


def test_beside_error_and_no_other_status_it_says_what_it_is_told_to(client_of: Callable[..., Client]) -> None:
    client = client_of(**AT_ONCE, fail=["eu -> us"], error_message="the app link is gone")
    jobs = [client.schedule(update_of(destination=to)) for to in ("us", "asia")]
    bodies = [client.ask("GET", f"/links/v1/site-eu/jobs/status/{job}").body for job in jobs]
    assert bodies == [{"status": "Error", "errorMessage": "the app link is gone"}, {"status": "Complete"}]


def test_an_error_with_http_200_comes_without_a_job(client_of: Callable[..., Client]) -> None:
    client = client_of(no_job=["eu -> us"])
    reply = client.post(request_body(update_of()))
    assert (reply.status, reply.body["status"], client.service.jobs) == (200, 400, {})
    assert "uuid" not in reply.body


def test_a_site_that_is_blocked_refuses_every_call_of_its_own_and_the_links_api_none(
    client_of: Callable[..., Client],
) -> None:
    client = client_of(blocked=["eu"])
    paths = ("/_edge/tenant_info", *(f"/rest/api/3/{name}" for name in ("myself", "mypermissions", "configuration")))
    assert [client.ask("GET", path, host="eu.example.net").status for path in paths] == [403] * 4
    assert "not on the allowed list" in client.ask("GET", paths[0], host="eu.example.net").body["errorMessages"][0]
    assert [client.ask("GET", path, host="us.example.net").status for path in paths] == [200] * 4
    assert client.schedule(update_of())


def test_a_job_is_known_by_its_own_site_only(client_of: Callable[..., Client]) -> None:
    client = client_of()
    job_id = client.schedule(update_of())
    for path in (f"/links/v1/site-us/jobs/status/{job_id}", "/links/v1/site-eu/jobs/status/another"):
        assert client.ask("GET", path).status == 404


# -- What it refuses


@pytest.mark.parametrize(
    ("difference", "complaint"),
    [
        ({"product": None}, "product is missing"),
        ({"productURL": ""}, "productURL is missing"),
        ({"destinationURL": None}, "destinationURL is missing"),
        ({"migratedFrom": None}, "migratedFrom is missing"),
        ({"migratedFrom": 1}, "migratedFrom is not a str"),
        ({"migratedFromOverride": None}, "migratedFromOverride is not a str"),
        ({"recreateAsRemote": "true"}, "recreateAsRemote is not a bool"),
        ({"createBackup": 1}, "createBackup is not a bool"),
        ({"wave": "1"}, "wave is not a field"),
        ({"product": "bitbucket"}, "product is neither"),
        ({"product": "confluence"}, "for Jira only"),
        ({"productURL": "https://us.example.net"}, "is not of the site site-eu"),
        ({"productURL": "https://mars.example.net"}, "is not of the site site-eu"),
        ({"destinationURL": "https://mars.example.net"}, "is not a cloud site"),
        ({"destinationURL": "https://us.example.net/wiki"}, "is not a cloud site"),
    ],
)
def test_a_body_that_is_not_as_documented_is_refused(
    client_of: Callable[..., Client], difference: dict[str, Any], complaint: str
) -> None:
    client = client_of()
    reply = client.post({**request_body(update_of(create_backup=True)), **difference})
    assert (reply.status, client.service.jobs) == (400, {})
    assert complaint in reply.body["errorMessage"]


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"\xff", b"null"])
def test_a_body_that_is_no_object_is_refused(client_of: Callable[..., Client], raw: bytes) -> None:
    path = "/api.example.com/links/v1/site-eu/jobs/cma"
    assert client_of().service.answer("POST", path, basic("ann:token"), raw).status == 400


def test_a_confluence_is_accepted_without_what_only_jira_has(client_of: Callable[..., Client]) -> None:
    url = "https://eu.example.net/wiki"
    client = client_of(sites={**SITES, "eu-wiki": {"product_url": url, "site_id": "site-eu"}})
    client.schedule(update_of(product_url=url))
    client.schedule(update_of(destination_url=url))
    assert [job.pair for job in client.service.jobs.values()] == ["eu-wiki -> us", "eu -> eu-wiki"]


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (basic("ann@example.com:token"), 200),
        (basic("ann@example.com:wrong"), 401),
        (basic("bob@example.com:token"), 401),
        (basic("ann@example.com"), 401),
        (basic(":token"), 401),
        (basic("ann@example.com:"), 401),
        ("Basic !", 401),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), 401),
        ("Bearer token", 401),
        ("", 401),
    ],
)
def test_only_who_is_known_is_served(client_of: Callable[..., Client], authorization: str, status: int) -> None:
    service = client_of(email="ann@example.com", api_token="token").service
    body = json.dumps(request_body(update_of())).encode()
    assert service.answer("POST", "/api/links/v1/site-eu/jobs/cma", authorization, body).status == status
    assert len(service.jobs) == (status == 200)
    assert service.answer("GET", "/eu.example.net/rest/api/3/myself", authorization, b"").status == status


@pytest.mark.parametrize(("who", "status"), [("anybody:anything", 200), ("anybody:", 401)])
def test_without_credentials_in_the_script_any_will_do(client_of: Callable[..., Client], who: str, status: int) -> None:
    assert client_of().post(request_body(update_of()), who=who).status == status


def test_a_site_tells_its_id_to_anybody(client_of: Callable[..., Client]) -> None:
    service = client_of(email="ann@example.com", api_token="token").service
    assert service.answer("GET", "/EU.example.net/_edge/tenant_info", "", b"").body == {"cloudId": "site-eu"}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/mars.example.net/_edge/tenant_info"),
        ("POST", "/eu.example.net/_edge/tenant_info"),
        ("GET", "/eu.example.net/nonsense"),
        ("GET", "/api.example.com/links/v1/site-eu/jobs/cma"),
        ("GET", "/"),
        ("GET", "/stand-in/nonsense"),
    ],
)
def test_there_is_nothing_else_to_be_found(client_of: Callable[..., Client], method: str, path: str) -> None:
    reply = client_of().service.answer(method, path, basic("ann:token"), b"{}")
    assert reply.status == 404
    assert isinstance(reply.body, str)


def test_without_sites_in_the_script_every_host_is_one_with_an_id_of_its_own(client_of: Callable[..., Client]) -> None:
    client = client_of(sites={})
    ids = [client.ask("GET", "/_edge/tenant_info", host=host).body["cloudId"] for host in ("a.net", "A.net", "b.net")]
    assert ids[0] == ids[1] != ids[2]


# -- Its limit


def test_requests_over_the_limit_are_refused_until_the_window_is_over(client_of: Callable[..., Client]) -> None:
    client = client_of(rate_limit=[2, 60])
    replies = [client.post({}) for dummy in range(3)]
    assert [reply.status for reply in replies] == [400, 400, 429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == ["1", "0", "0"]
    assert {reply.headers["X-RateLimit-Limit"] for reply in replies} == {"2"}
    reset = datetime.fromisoformat(replies[-1].headers["X-RateLimit-Reset"])
    assert (reset - client.clock.now()).total_seconds() == 60
    client.clock.sleep(60)
    assert client.post({}).status == 400


def test_a_refused_request_does_nothing(client_of: Callable[..., Client]) -> None:
    client = client_of(rate_limit=[0, 60])
    assert client.post(request_body(update_of())).status == 429
    assert client.service.jobs == {}


def test_the_limit_is_on_the_links_api_only(client_of: Callable[..., Client]) -> None:
    reply = client_of(rate_limit=[0, 60]).ask("GET", "/_edge/tenant_info", host="eu.example.net")
    assert (reply.status, reply.headers) == (200, {})


# -- Over HTTP


def session_of(server: StandIn, clock: FakeClock) -> Session:
    return Session(Connection(timeout=5, stand_in_url=server.url), Basic("ann@example.com", "token"), clock)


def api_of(server: StandIn, clock: FakeClock) -> LinksApi:
    return LinksApi(session_of(server, clock))


def test_an_update_is_served_from_first_to_last(serve: Callable[..., StandIn], clock: FakeClock) -> None:
    server = serve()
    api = api_of(server, clock)
    site_id = SiteApi(session_of(server, clock), "https://eu.example.net").site_id()
    job_id = api.schedule(update_of(site_id=site_id))
    assert api.status(site_id, job_id).word == "COMPLETE"
    with urlopen(f"{server.url}/stand-in/requests") as answer:
        assert json.load(answer) == {"tenant_info": 1, "schedule": 1, "status": 1}
    with urlopen(f"{server.url}/stand-in/jobs") as answer:
        (job,) = json.load(answer)
    assert (job["job_id"], job["pair"], job["body"]) == (job_id, "eu -> us", request_body(update_of()))


def test_its_refusals_are_understood(serve: Callable[..., StandIn], clock: FakeClock) -> None:
    server = serve()
    api = api_of(server, clock)
    with pytest.raises(LinkUpdateError, match=r"mars\.example\.net is not a Jira Cloud") as failure:
        SiteApi(session_of(server, clock), "https://mars.example.net").site_id()
    assert failure.value.code == "site_not_found"
    with pytest.raises(JobUnknown):
        api.status("site-eu", "another")
    with pytest.raises(LinkUpdateError, match="is not a cloud site") as failure:
        api.schedule(update_of(destination="mars"))
    assert (failure.value.code, failure.value.failure.http_status) == ("rejected", 400)


def test_its_limit_is_understood(serve: Callable[..., StandIn], clock: FakeClock) -> None:
    api = api_of(serve(rate_limit=[0, 60]), clock)
    with pytest.raises(NotAccepted) as failure:
        api.schedule(update_of())
    # It says when in whole milliseconds, and its Date in whole seconds.
    assert failure.value.retry_after == pytest.approx(60, abs=1.1)


def test_urls_may_lead_to_the_stand_in_itself(serve: Callable[..., StandIn], clock: FakeClock) -> None:
    server = serve()
    session = Session(Connection(timeout=5), Basic("ann@example.com", "token"), clock)
    api = LinksApi(session, f"{server.url}/api/links/v1")
    assert SiteApi(session, f"{server.url}/eu.example.net").site_id() == "site-eu"
    here = {
        f"{end}_url": f"{server.url}/{name}.example.net" for end, name in (("product", "eu"), ("destination", "us"))
    }
    assert server.service.jobs[api.schedule(update_of(**here))].pair == "eu -> us"


def test_a_url_that_leads_here_may_be_asked_for_as_one_of_another_host(serve: Callable[..., StandIn]) -> None:
    server = serve()
    with urlopen(f"{server.url}/{server.service.places.address}/eu.example.net/_edge/tenant_info") as answer:
        assert json.load(answer) == {"cloudId": "site-eu"}


# -- Over a network


#: What it counts at once.
TO = ("", "_to_links_api", "_to_a_site", "_to_a_host")
LOOK_UP = "/eu.example.net/_edge/tenant_info"


@pytest.fixture
def at_sleep(clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> list[Callable[[float], Any]]:
    """What is done in place of sleeping; nothing but letting the clock go on, unless a test adds to it."""
    done: list[Callable[[float], Any]] = [clock.sleep]

    def sleep(seconds: float) -> None:
        for each in done:
            each(seconds)

    monkeypatch.setattr(stand_in, "time", SimpleNamespace(time=clock.monotonic, sleep=sleep))
    return done


@pytest.fixture
def trust(tmp_path: Path) -> Iterator[tuple[Path, ssl.SSLContext]]:
    """A certificate for a stand-in, and the trust in it."""
    authority, path = trustme.CA(), tmp_path / "certificate.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(path)
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return path, context


def traffic(server: StandIn, context: ssl.SSLContext | None = None) -> dict[str, Any]:
    with urlopen(f"{server.url}/stand-in/traffic", context=context) as answer:
        report: dict[str, Any] = json.load(answer)
    return report


def test_an_answer_takes_its_time_and_a_job_is_taken_after_half_of_it(
    serve: Callable[..., StandIn], clock: FakeClock, at_sleep: list[Any]
) -> None:
    server, began = serve(latency_seconds=6), clock.monotonic()
    job_id = api_of(server, clock).schedule(update_of())
    assert clock.monotonic() - began == 6
    assert server.service.jobs[job_id].submitted - began == 3


def test_a_report_takes_no_time_and_counts_nowhere(
    serve: Callable[..., StandIn], clock: FakeClock, at_sleep: list[Any]
) -> None:
    server, began = serve(latency_seconds=6), clock.monotonic()
    nothing = dict.fromkeys(("connections", *(f"most_at_once{to}" for to in TO)), 0)
    times = {"first_to_links_api_at": None, "last_to_links_api_at": None}
    assert [traffic(server) for dummy in range(2)] == [{**nothing, **times}] * 2
    assert clock.monotonic() == began


def test_it_answers_side_by_side_and_tells_how_many_requests_there_were_at_once(
    serve: Callable[..., StandIn], at_sleep: list[Any]
) -> None:
    server, together = serve(latency_seconds=1), threading.Barrier(6)
    # Nobody is answered before all six are under way.
    at_sleep.append(lambda _seconds: together.wait(60))
    paths = [
        LOOK_UP,
        *["/eu.example.net/rest/api/3/myself"] * 2,
        *(f"/api/links/v1/{site}/jobs/status/1" for site in ("site-eu", "site-eu", "site-us")),
    ]

    def ask(path: str) -> int:
        with closing(http.client.HTTPConnection(server.service.places.address)) as connection:
            connection.request("GET", path)
            return connection.getresponse().status

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(ask, paths)) == [200, *[401] * 5]
    at_sleep.pop()
    ask(paths[-1])
    seen = traffic(server)
    assert [seen[f"most_at_once{to}"] for to in TO] == [6, 3, 2, 2]
    assert seen["connections"] == 7


def test_it_tells_when_the_links_api_was_asked_first_and_last(
    serve: Callable[..., StandIn], clock: FakeClock, at_sleep: list[Any]
) -> None:
    server = serve()
    site, api = SiteApi(session_of(server, clock), "https://eu.example.net"), api_of(server, clock)
    job_id = api.schedule(update_of(site_id=site.site_id()))
    clock.sleep(30)
    api.status("site-eu", job_id)
    clock.sleep(30)
    site.site_id()
    seen = traffic(server)
    first, last = (datetime.fromisoformat(seen[f"{end}_to_links_api_at"]) for end in ("first", "last"))
    assert (last - first).total_seconds() == 30


def test_over_tls_a_new_connection_takes_two_answers_more_and_one_that_is_kept_none(
    serve: Callable[..., StandIn], clock: FakeClock, at_sleep: list[Any], trust: tuple[Path, ssl.SSLContext]
) -> None:
    server, began = serve(trust[0], latency_seconds=6), clock.monotonic()
    assert server.url.startswith("https://")
    for kept in (1, 2):
        with closing(http.client.HTTPSConnection(server.service.places.address, context=trust[1])) as connection:
            for _request in range(2):
                connection.request("GET", LOOK_UP)
                assert json.load(connection.getresponse()) == {"cloudId": "site-eu"}
        assert clock.monotonic() - began == kept * (12 + 2 * 6)
    at_sleep.clear()
    assert traffic(server, trust[1])["connections"] == 2


def test_who_is_slow_to_shake_hands_holds_nobody_up(
    serve: Callable[..., StandIn], trust: tuple[Path, ssl.SSLContext]
) -> None:
    server = serve(trust[0])
    with (
        socket.create_connection(server.server_address[:2]),
        urlopen(f"{server.url}{LOOK_UP}", context=trust[1], timeout=60) as answer,
    ):
        assert answer.status == 200


def test_who_does_not_trust_its_certificate_does_not_disturb_it(
    serve: Callable[..., StandIn], trust: tuple[Path, ssl.SSLContext], capfd: pytest.CaptureFixture[str]
) -> None:
    server = serve(trust[0])
    with pytest.raises(URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urlopen(f"{server.url}{LOOK_UP}", context=ssl.create_default_context())
    assert traffic(server, trust[1])["connections"] == 0
    server.server_close()
    assert capfd.readouterr().err == ""


# -- As a program


@pytest.fixture
def run() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Runs Python programs, none of which is left behind."""
    with ExitStack() as running:

        def start(*arguments: str) -> subprocess.Popen[str]:
            pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
            process = running.enter_context(subprocess.Popen([sys.executable, *arguments], text=True, **pipes))
            running.callback(process.kill)
            return process

        yield start


def test_it_ends_with_the_process_it_is_to_end_with(run: Callable[..., Any]) -> None:
    watched = run("-c", "input()")
    server = run(stand_in.__file__, "--until-pid", str(watched.pid))
    url = json.loads(server.stdout.readline())["url"]
    with urlopen(f"{url}/stand-in/jobs") as answer:
        assert json.load(answer) == []
    watched.communicate("\n")
    assert server.wait(timeout=60) == 0


def test_a_script_may_come_from_standard_input(run: Callable[..., Any]) -> None:
    server = run(stand_in.__file__, "--script", "-")
    server.stdin.write(json.dumps({"sites": SITES}))
    server.stdin.close()
    url = json.loads(server.stdout.readline())["url"]
    with urlopen(f"{url}/us.example.net/_edge/tenant_info") as answer:
        assert json.load(answer) == {"cloudId": "site-us"}


def test_with_a_certificate_it_serves_https(run: Callable[..., Any], trust: tuple[Path, ssl.SSLContext]) -> None:
    server = run(stand_in.__file__, "--certificate", str(trust[0]))
    with urlopen(json.loads(server.stdout.readline())["url"] + LOOK_UP, context=trust[1]) as answer:
        assert answer.status == 200


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_is_none_is_refused(run: Callable[..., Any], tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "certificate.pem"
    if content:
        path.write_text(content)
    program = run(stand_in.__file__, "--certificate", str(path))
    assert f"--certificate {path}: " in program.communicate(timeout=60)[1]
    assert program.returncode == 2


@pytest.mark.parametrize("script", ['{"nonsense": 1}', "{", "[]", "3"])
def test_a_script_that_makes_no_sense_is_refused(run: Callable[..., Any], script: str) -> None:
    program = run(stand_in.__file__, "--script", script)
    assert "--script" in program.communicate(timeout=60)[1]
    assert program.returncode == 2
