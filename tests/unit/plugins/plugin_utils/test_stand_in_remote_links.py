# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The remote links at the stand-in's sites: what jobs make, what scripts do to them, and the calls that change them."""

from __future__ import annotations

import base64
import json
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from ansible_collections.jira_cloud.federation.plugins.plugin_utils import stand_in
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._stand_in_limit import CloudLimit
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import Reply, Script, Service, StandIn
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, standing_in

HOST = "jira.example.com"
SITES = {
    name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}", "migrated_from": f"https://{HOST}"}
    for name in ("eu", "us", "asia")
}
#: From each of the issues of eu a link to the one of us with the same number, and one to asia.
DATA = {
    "projects": {
        "ABC": {"site": "eu", "issues": 40},
        "DEF": {"site": "us", "issues": 40},
        "GHI": {"site": "asia", "issues": 1},
    },
    "links": [
        *([number, "Blocks", f"ABC-{number}", f"DEF-{number}"] for number in range(1, 41)),
        [99, "Relates", "ABC-1", "GHI-1"],
    ],
}
ACCOUNT, OTHER_ACCOUNT = (f"Basic {base64.b64encode(f'{who}:token'.encode()).decode()}" for who in ("ann", "bob"))
NEW = {
    "globalId": "appId=1&issueId=2",
    "application": {"type": "com.atlassian.jira", "name": "us"},
    "relationship": "blocks",
    "object": {"url": "https://us.example.net/browse/DEF-7", "title": "DEF-7"},
}


class Sites:
    """Asks the sites of a stand-in, as somebody who may."""

    def __init__(self, server: StandIn) -> None:
        self._url = server.url
        self._session = requests.Session()
        self._session.auth = ("ann@example.com", "token")

    def ask(self, method: str, site: str, path: str, body: Any = None) -> requests.Response:
        url = f"{self._url}/{site}.example.net/rest/api/3/issue/{path}"
        return self._session.request(method, url, json=body, timeout=10)

    def links(self, key: str = "ABC-1", site: str = "eu") -> list[dict[str, Any]]:
        answer = self.ask("GET", site, f"{key}/remotelink")
        assert answer.status_code == 200, answer.text
        return list(answer.json())

    def urls(self, site: str = "eu", destination: str = "us") -> list[str]:
        """Where all links of a pair lead."""
        return [url for link in self.report(f"remote-links/{site}") if destination in (url := link["object"]["url"])]

    def fetched(self, *keys: str, site: str = "eu") -> dict[str, Any]:
        answer = self.ask("POST", site, "bulkfetch", {"issueIdsOrKeys": keys, "fields": ["summary"]})
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def changes(self, key: str, **query: Any) -> list[tuple[str | None, str | None]]:
        """What the history says that was removed and added."""
        values = self.ask("GET", "eu", f"{key}/changelog").json()["values"]
        return [(item["fromString"], item["toString"]) for each in values for item in each["items"]]

    def report(self, name: str) -> Any:
        return requests.get(f"{self._url}/stand-in/{name}", timeout=10).json()

    def switch(self, **fields: Any) -> requests.Response:
        return requests.post(f"{self._url}/stand-in/script", json=fields, timeout=10)


@pytest.fixture
def sites_of() -> Iterator[Callable[..., Sites]]:
    """Makes sites whose jobs are all COMPLETE, with such a script."""
    with ExitStack() as running:

        def start(**script: Any) -> Sites:
            given = {"sites": SITES, "data_centers": {HOST: DATA}, "completed": True, **script}
            return Sites(running.enter_context(standing_in(**given)))

        yield start


@pytest.fixture
def switching() -> Iterator[None]:
    """Let the threads take turns as often as they can."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


# -- What jobs make


def test_all_jobs_are_complete_from_the_start_and_each_site_has_its_links(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of()
    assert sites.report("remote-links") == {"eu": 41, "us": 40, "asia": 1}
    to_us, to_asia = sites.links("ABC-1")
    assert to_us["object"]["url"] == "https://us.example.net/browse/DEF-1"
    assert to_asia["object"]["url"] == "https://asia.example.net/browse/GHI-1"
    (fetched,) = sites.fetched("DEF-1", site="us")["issues"]
    assert to_us["globalId"].endswith(f"&issueId={fetched['id']}")
    assert (to_us["application"], to_us["relationship"]) == ({"type": "com.atlassian.jira", "name": "us"}, "blocks")
    assert to_us["self"] == f"https://eu.example.net/rest/api/3/issue/ABC-1/remotelink/{to_us['id']}"
    assert sites.report("remote-links/eu")[0] == {
        "issue": "ABC-1",
        **{key: value for key, value in to_us.items() if key != "self"},
    }


def test_what_is_left_out_stale_double_and_removed_is_chosen_and_never_the_same_link(
    sites_of: Callable[..., Sites],
) -> None:
    pair = "eu -> us"
    script: dict[str, Any] = {
        "leave_out": {pair: [["ABC-1", "DEF-1"], ["ABC-2", "DEF-2"]]},
        "stale": {pair: 3},
        "double": {pair: 4},
        "removed": [["eu", "ABC-3", "DEF-3"]],
    }
    sites = sites_of(**script)
    urls = sites.urls()
    assert (len(urls), len(set(urls))) == (40 - 2 - 3 - 1 + 4, 40 - 2 - 3 - 1)
    assert not any(url.endswith(("/DEF-1", "/DEF-2", "/DEF-3")) for url in urls)
    assert len(sites.urls(destination=HOST)) == 3
    assert sites_of(**script).urls() == urls, "it is the same each time"
    assert sites.report("remote-links")["us"] == 40, "the other direction is whole"
    assert sites.changes("ABC-3") == [
        (None, 'This issue blocks "DEF-3" (us)'),
        ('This issue blocks "DEF-3" (us)', None),
    ]
    assert sites.changes("ABC-1") == [(None, 'This issue relates to "GHI-1" (asia)')]


def test_a_link_that_is_named_is_not_chosen_for_something_else(sites_of: Callable[..., Sites]) -> None:
    pair = "eu -> us"
    sites = sites_of(leave_out={pair: 39}, stale={pair: [["ABC-5", "DEF-5"]]})
    assert sites.report("remote-links")["eu"] == 41 - 39
    assert sites.urls(destination=HOST) == [f"https://{HOST}/browse/DEF-5"]


def test_a_stale_link_has_the_key_at_the_data_center_and_not_the_id_of_the_cloud(
    sites_of: Callable[..., Sites],
) -> None:
    sites = sites_of(stale={"eu -> us": [["ABC-2", "DEF-2"]]})
    (link,) = sites.links("ABC-2")
    assert link["object"]["url"] == f"https://{HOST}/browse/DEF-2"
    assert sites.fetched("DEF-2", site="us")["issues"][0]["id"] not in link["globalId"]


def test_a_double_link_has_another_global_id(sites_of: Callable[..., Sites]) -> None:
    one, other = sites_of(double={"eu -> us": [["ABC-2", "DEF-2"]]}).links("ABC-2")
    assert one["object"] == other["object"]
    assert one["globalId"] != other["globalId"]
    assert one["id"] != other["id"]


def test_a_number_alone_leaves_out_links_of_the_first_pair_that_has_so_many(sites_of: Callable[..., Sites]) -> None:
    assert sites_of(leave_out=3).report("remote-links") == {"eu": 38, "us": 40, "asia": 1}
    own = {name: SITES[name] for name in ("asia", "eu", "us")}
    assert sites_of(leave_out=3, sites=own).report("remote-links") == {"eu": 38, "us": 40, "asia": 1}
    assert sites_of(leave_out=3, data_centers={}).report("remote-links") == {}


def test_links_are_written_in_many_ways(sites_of: Callable[..., Sites]) -> None:
    variants = ["upper_host", "lower_key", "query", "encoded"]
    urls = sites_of(link_alias={"eu -> us": "https://jira.us.example.org/"}, link_variants={"eu -> us": variants}).urls(
        destination=""
    )
    for part in ("//JIRA.US.EXAMPLE.ORG/browse/DEF-", "example.org/browse/def-", "?focusedCommentId", "DEF%2D"):
        assert any(part in url for url in urls), part


def test_a_pair_has_a_relationship_and_a_form_of_its_own(sites_of: Callable[..., Sites]) -> None:
    form = {"app_id": "a-1", "type": "com.example", "name": "Jira US"}
    own, other = sites_of(relationship={"eu -> us": "Is Blocking"}, form={"eu -> us": form}).links()
    assert own["relationship"] == "Is Blocking"
    assert own["globalId"].startswith("appId=a-1&issueId=")
    assert own["application"] == {"type": "com.example", "name": "Jira US"}
    assert (other["relationship"], other["application"]["name"]) == ("relates to", "asia")


def test_an_issue_that_came_from_two_servers_has_the_links_of_both(sites_of: Callable[..., Sites]) -> None:
    other = {**DATA, "links": [[1, "Blocks", "ABC-2", "GHI-1"]]}
    links = sites_of(data_centers={HOST: DATA, "old.example.com": other}).links("ABC-2")
    assert [link["object"]["title"] for link in links] == ["DEF-2", "GHI-1"]


# -- Issues


def test_bulkfetch_finds_issues_by_key_and_id_in_the_order_of_their_ids(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of()
    one, other = sites.fetched("ABC-1", "abc-2")["issues"]
    assert int(one["id"]) < int(other["id"])
    assert {one["key"], other["key"]} == {"ABC-1", "ABC-2"}
    again = sites.fetched(one["id"], one["key"], "ABC-99", "DEF-1", "7")
    assert [each["id"] for each in again["issues"]] == [one["id"]], "each once"
    assert again["issueErrors"] == [], "those that are not there are left out"
    assert sites.links(one["id"]) == sites.links(one["key"])


@pytest.mark.parametrize("body", [None, [], {}, {"issueIdsOrKeys": []}, {"issueIdsOrKeys": ["ABC-1"] * 101}])
def test_bulkfetch_takes_one_to_a_hundred_issues(sites_of: Callable[..., Sites], body: Any) -> None:
    assert sites_of().ask("POST", "eu", "bulkfetch", body).status_code == 400


def test_a_hidden_issue_is_not_there_but_links_to_it_are(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of(hidden={"us": ["DEF-1"], "eu": 5})
    assert sites.ask("GET", "us", "DEF-1/remotelink").status_code == 404
    assert sites.ask("GET", "us", "DEF-1/changelog").status_code == 404
    assert sites.ask("POST", "us", "DEF-1/remotelink", NEW).status_code == 404
    assert [each["key"] for each in sites.fetched("DEF-1", "DEF-2", site="us")["issues"]] == ["DEF-2"]
    assert len(sites.fetched(*(f"ABC-{number}" for number in range(1, 41)))["issues"]) == 35
    sites.switch(hidden={})
    assert len(sites.fetched("DEF-1", site="us")["issues"]) == 1
    assert len(sites.links("ABC-1")) == 2


def test_a_moved_issue_is_found_by_both_keys_and_links_lead_to_the_new_one(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of(moved={"us": {"DEF-2": "NEW-7"}})
    (old,), (new,) = (sites.fetched(key, site="us")["issues"] for key in ("DEF-2", "NEW-7"))
    assert old == new
    assert old["key"] == "NEW-7"
    (link,) = sites.links("ABC-2")
    assert (link["object"]["title"], link["object"]["url"][-6:]) == ("NEW-7", "/NEW-7")
    assert link["globalId"].endswith(old["id"])
    assert sites.links("DEF-2", "us") == sites.links("NEW-7", "us")


# -- Calls that change something


def test_a_link_is_created_once_for_each_global_id_and_then_changed(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of()
    first, second = (sites.ask("POST", "eu", "ABC-2/remotelink", {**NEW, "relationship": each}) for each in "ab")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert first.json()["self"].endswith(f"/ABC-2/remotelink/{first.json()['id']}")
    assert [link["relationship"] for link in sites.links("ABC-2")] == ["blocks", "b"]
    without = {name: value for name, value in NEW.items() if name != "globalId"}
    assert [sites.ask("POST", "eu", "ABC-2/remotelink", without).status_code for dummy in "12"] == [201, 201]
    assert len(sites.links("ABC-2")) == 4
    assert sites.report("remote-links")["eu"] == 44


@pytest.mark.parametrize("body", [None, {}, {"object": {"url": "https://x"}}, {"object": {"title": "x"}}])
def test_a_link_needs_a_url_and_a_title(sites_of: Callable[..., Sites], body: Any) -> None:
    assert sites_of().ask("POST", "eu", "ABC-2/remotelink", body).status_code == 400


def test_a_link_is_deleted_once_and_the_history_has_it(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of()
    created = sites.ask("POST", "eu", "ABC-2/remotelink", NEW).json()["id"]
    path = f"ABC-2/remotelink/{created}"
    assert sites.ask("GET", "eu", path).json()["globalId"] == NEW["globalId"]
    answer = sites.ask("DELETE", "eu", path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert [sites.ask(method, "eu", path).status_code for method in ("DELETE", "GET")] == [404, 404]
    assert len(sites.links("ABC-2")) == 1
    assert sites.changes("ABC-2")[1:] == [
        (None, 'This issue blocks "DEF-7" (us)'),
        ('This issue blocks "DEF-7" (us)', None),
    ]
    last = sites.ask("GET", "eu", "ABC-2/changelog").json()["values"][-1]["items"][0]
    assert (last["from"], last["to"]) == (str(created), None)


def test_a_history_comes_page_by_page(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of()
    for number in range(4):
        sites.ask("POST", "eu", "ABC-2/remotelink", {**NEW, "globalId": str(number)})
    pages = [sites.ask("GET", "eu", f"ABC-2/changelog?startAt={at}&maxResults=2").json() for at in (0, 2, 4)]
    assert [(len(page["values"]), page["isLast"], page["total"]) for page in pages] == [
        (2, False, 5),
        (2, False, 5),
        (1, True, 5),
    ]
    assert len({each["id"] for page in pages for each in page["values"]}) == 5


def test_an_issue_has_at_most_2000_links(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of(other_links={"eu": {"ABC-2": 1999}})
    assert len(sites.links("ABC-2")) == 2000
    assert sites.ask("POST", "eu", "ABC-2/remotelink", NEW).status_code == 413


def test_many_at_once_lose_nothing(switching: None) -> None:
    given = {"sites": SITES, "data_centers": {HOST: DATA}, "completed": True}
    service, together = Service(Script.from_dict(given)), threading.Barrier(8)

    def create(thread: int) -> list[int]:
        together.wait(60)
        bodies = [json.dumps({**NEW, "globalId": f"{thread} {number}"}).encode() for number in range(50)]
        path = "/eu.example.net/rest/api/3/issue/ABC-2/remotelink"
        return [service.answer("POST", path, ACCOUNT, body).body["id"] for body in bodies]

    with ThreadPoolExecutor(8) as pool:
        ids = {link_id for found in pool.map(create, range(8)) for link_id in found}
    assert len(ids) == 400
    assert service.calls["eu"] == {"create remotelink": 400}


def test_a_job_that_ends_later_makes_its_links_where_somebody_was_first() -> None:
    script = {"sites": SITES, "data_centers": {HOST: DATA}, "queue_seconds": 0, "run_seconds": 0}
    with standing_in(**script) as server:
        sites = Sites(server)
        sites.ask("POST", "eu", "ABC-2/remotelink", NEW)
        body = {
            "product": "jira",
            "productURL": "https://eu.example.net",
            "destinationURL": "https://us.example.net",
            "migratedFrom": f"http://{HOST}",
            "recreateAsRemote": True,
        }
        jobs = f"{server.url}/api/links/v1/site-eu/jobs/cma"
        assert requests.post(jobs, json=body, auth=("ann", "token"), timeout=10).status_code == 200
        created, made = sites.links("ABC-2")
        assert (created["globalId"], made["object"]["title"]) == (NEW["globalId"], "DEF-2")
        sites.ask("DELETE", "eu", f"ABC-2/remotelink/{made['id']}")
        assert requests.post(jobs, json=body, auth=("ann", "token"), timeout=10).status_code == 200
        assert sites.links("ABC-2") == [created], "the links that it has updated already are left alone"


# -- What goes wrong


def test_faults_come_at_the_calls_that_they_are_meant_for(sites_of: Callable[..., Sites]) -> None:
    fault = {"call": "remotelink", "what": 503, "site": "eu", "issue": "ABC-2", "after": 1, "times": 2}
    sites = sites_of(faults=[fault])
    assert [sites.ask("GET", "eu", "ABC-2/remotelink").status_code for dummy in range(4)] == [200, 503, 503, 200]
    assert sites.switch(faults=[{**fault, "after": 0}]).status_code == 200
    assert [len(sites.links(*where)) for where in (("ABC-1", "eu"), ("DEF-2", "us"))] == [2, 1]
    assert sites.ask("GET", "eu", "ABC-2/remotelink").status_code == 503
    assert sites.report("calls") == {"eu": {"remotelink": 6}, "us": {"remotelink": 1}}


@pytest.mark.parametrize(
    ("what", "left"),
    [("no answer", 1), ("hang", 1), ("lost", 2), ("truncated", 2)],
)
def test_a_call_without_an_answer_was_acted_upon_or_not(sites_of: Callable[..., Sites], what: str, left: int) -> None:
    sites = sites_of(faults=[{"call": "create remotelink", "what": what, "seconds": 0.05}])
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        sites.ask("POST", "eu", "ABC-2/remotelink", NEW)
    assert len(sites.links("ABC-2")) == left


def test_an_answer_is_a_page_or_empty(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of(faults=[{"call": "remotelink", "what": what} for what in ("html", "empty")])
    page, empty = (sites.ask("GET", "eu", "ABC-2/remotelink") for dummy in range(2))
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html")
    assert (empty.status_code, empty.content) == (200, b"")
    assert len(sites.links("ABC-2")) == 1


def test_a_site_without_linking_or_credentials_refuses(sites_of: Callable[..., Sites]) -> None:
    sites = sites_of(linking_off=["eu"], blocked=["asia"], api_token="another")
    assert sites.ask("GET", "us", "DEF-1/remotelink").status_code == 401
    sites.switch(api_token="token")
    codes = [
        sites.ask("GET", *where).status_code for where in (("eu", "ABC-1/remotelink"), ("asia", "GHI-1/changelog"))
    ]
    assert codes == [403, 403]


# -- Its limit


def test_a_site_takes_so_many_requests_a_second_of_an_account(
    clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stand_in, "time", SimpleNamespace(time=clock.monotonic))
    service = Service(Script.from_dict({"sites": SITES, "cloud_limit": [2, 10]}))

    def ask(site: str = "eu", account: str = ACCOUNT) -> Reply:
        return service.answer("GET", f"/{site}.example.net/rest/api/3/myself", account, b"")

    replies = [ask() for dummy in range(11)]
    assert [reply.status for reply in replies] == [200] * 10 + [429]
    assert [reply.headers["X-RateLimit-Remaining"] for reply in replies] == [*"9876543210", "0"]
    # Documented: it is said when less than 20 % is left.
    near = ["X-RateLimit-NearLimit" in reply.headers for reply in replies]
    assert near == [False] * 8 + [True] * 3
    assert replies[-1].headers["Retry-After"] == "1"
    reset = datetime.strptime(replies[-1].headers["X-RateLimit-Reset"], "%Y-%m-%dT%H:%M%z")
    assert timedelta(seconds=5) <= reset - clock.now() <= timedelta(seconds=65)
    assert (ask("us").status, ask(account=OTHER_ACCOUNT).status) == (200, 200)
    clock.sleep(1)
    assert [ask().status for dummy in range(3)] == [200, 200, 429]
    assert service.calls["eu"]["refused by the rate limit"] == 2


def test_a_slow_limit_says_how_long_it_takes() -> None:
    refusal, headers = (limit := CloudLimit()).take((0.1, 1), ("eu", "ann"), 100.0)
    assert (refusal, headers["X-RateLimit-Remaining"]) == (None, "0")
    assert limit.take((0.1, 1), ("eu", "ann"), 103.0)[1]["Retry-After"] == "7"


# -- What is refused


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ({"leave_out": {"eu -> mars": 1}}, "leave_out: 'eu -> mars' is no pair of eu, us, asia"),
        ({"leave_out": {"eu -> us": -1}}, "leave_out: eu -> us: -1 is no number from 0 on"),
        ({"leave_out": {"eu -> us": True}}, "leave_out: eu -> us: True is no number"),
        ({"leave_out": "3"}, "leave_out: '3' is not a number of links, or such a number for each pair"),
        ({"leave_out": {"eu -> us": 41}}, "eu -> us: 41 links cannot be left out, only 40 are left"),
        ({"leave_out": {"eu -> us": 30}, "stale": {"eu -> us": 11}}, "11 links cannot be stale, only 10 are left"),
        ({"leave_out": {"eu -> us": [["ABC-1"]]}}, r"leave_out: eu -> us: \['ABC-1'\] is not \[issue, target\]"),
        ({"stale": {"eu -> us": [["ABC-1", "DEF-2"]]}}, "eu -> us: ABC-1 -> DEF-2 cannot be stale, no job"),
        ({"double": [1]}, r"double: \(1,\) is no object"),
        (
            {"removed": [["eu", "ABC-1", "DEF-2"]]},
            "removed: eu has no issue ABC-1 with a link to DEF-2",
        ),
        ({"removed": [["mars", "ABC-1", "DEF-1"]]}, "removed: 'mars' is no site, there are eu, us, asia"),
        ({"hidden": {"eu": 41}}, "hidden: eu has only 40 issues with links to other sites, not 41"),
        ({"hidden": {"eu": ["DEF-1"]}}, "hidden: eu has no issue DEF-1"),
        ({"hidden": {"eu": ["abc"]}}, "hidden: eu: 'abc' is no key of an issue, such as 'ABC-1'"),
        ({"moved": {"eu": {"ABC-1": "ABC-2"}}}, "moved: eu has an issue ABC-2 already"),
        ({"moved": {"eu": {"ABC-99": "NEW-2"}}}, "moved: eu has no issue ABC-99"),
        ({"other_links": {"eu": {"ABC-1": "x"}}}, "other_links: eu: ABC-1: 'x' is no number"),
        ({"link_alias": {"eu -> us": "us"}}, "link_alias: eu -> us: 'us' is no URL"),
        ({"link_variants": {"eu -> us": ["bold"]}}, "link_variants: eu -> us: 'bold' is none of upper_host"),
        ({"relationship": {"eu -> us": ""}}, "relationship: eu -> us: '' is no text"),
        ({"form": {"eu -> us": {"id": "x"}}}, "form: eu -> us: 'id' is none of app_id, type, name"),
        ({"cloud_limit": [10]}, r"cloud_limit: \(10,\) is not \[requests a second, requests at once\]"),
        ({"cloud_limit": [0, 10]}, "cloud_limit"),
        ({"completed": "yes"}, "completed: 'yes' is neither true nor false"),
        ({"faults": [{"call": "remotelink"}]}, "needs call and what, and may have site, issue, after"),
        ({"faults": [{"call": "remotelink", "what": 200}]}, "200 is no HTTP status from 400 to 599, and none of hang"),
        ({"faults": [{"call": "remotelink", "what": "hang", "times": -1}]}, "times is -1, use 0 or more"),
    ],
)
def test_a_script_that_makes_no_sense_is_refused(
    sites_of: Callable[..., Sites], script: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        sites_of(**script)


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"completed": False}, "completed cannot change while it runs"),
        ({"faults": [{}]}, "needs call and what"),
        ({"hidden": {"eu": 41}}, "has only 40 issues"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(
    sites_of: Callable[..., Sites], fields: dict[str, Any], complaint: str
) -> None:
    answer = sites_of().switch(**fields)
    assert answer.status_code == 400
    assert complaint in answer.text
