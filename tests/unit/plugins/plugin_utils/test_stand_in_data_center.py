# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Data Center of the stand-in: its data, its answers, and each trap that is in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from ansible_collections.jira_cloud.federation.plugins.plugin_utils import _stand_in_switches
from ansible_collections.jira_cloud.federation.plugins.plugin_utils.stand_in import StandIn
from ansible_collections.jira_cloud.federation.tests.unit.support import FakeClock, standing_in

HOST = "jira.example.com"
#: The second project has gaps in its numbers, and one issue with a number that sorts otherwise as text.
DATA = {
    "projects": {
        "ABC": {"site": "eu", "issues": 30},
        "DEF": {"site": "us", "issues": [2, 9, 10, 40]},
        "OPS": {"issues": 3},
    },
    "links": [
        [101, "Blocks", "ABC-1", "DEF-9"],
        [102, "Relates", "ABC-1", "DEF-9"],
        [103, "Blocks", "DEF-40", "ABC-30"],
        [104, "Duplicate", "ABC-2", "ABC-3"],
        [105, "Relates", "OPS-1", "ABC-4"],
    ],
    "epics": {"ABC-5": "DEF-2"},
    "sub_tasks": {"ABC-7": "ABC-6"},
}
ALL = 'project = "ABC" ORDER BY key ASC'


class Reader:
    """Asks the Data Center at a host of a stand-in, by default as somebody who may."""

    def __init__(self, server: StandIn, authorization: str = "Bearer secret", host: str = HOST) -> None:
        self.server = server
        self.url = f"{server.url}/{host}/rest/api/2"
        self.session = requests.Session()
        self.session.headers["Authorization"] = authorization

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.session.get(f"{self.url}/{path}", params=query, timeout=60)

    def search(self, jql: str, **more: Any) -> requests.Response:
        asked = {"jql": jql, "fields": ["issuelinks"], "maxResults": 200, "startAt": 0, **more}
        return self.session.post(f"{self.url}/search", json=asked, timeout=60)

    def found(self, jql: str, **more: Any) -> list[str]:
        """The keys on a page."""
        answer = self.search(jql, **more)
        assert answer.status_code == 200, answer.text
        return [issue["key"] for issue in answer.json()["issues"]]

    def links(self, key: str) -> list[tuple[str, str, str, str]]:
        """The links of an issue: id, type, phrase and the key at the other end."""
        (issue,) = self.search(f'key = "{key}"').json()["issues"]
        found = []
        for link in issue["fields"]["issuelinks"]:
            side = next(each for each in ("inward", "outward") if f"{each}Issue" in link)
            found.append((link["id"], link["type"]["name"], link["type"][side], link[f"{side}Issue"]["key"]))
        return found

    def report(self) -> dict[str, int]:
        counts: dict[str, int] = requests.get(f"{self.server.url}/stand-in/data-centers", timeout=60).json()[HOST]
        return counts

    def switch(self, **switches: Any) -> requests.Response:
        return requests.post(f"{self.server.url}/stand-in/data-centers/{HOST}", json=switches, timeout=60)


@pytest.fixture
def reader_of() -> Iterator[Callable[..., Reader]]:
    """Makes a reader of a Data Center with such data and switches."""
    with ExitStack() as running:

        def start(authorization: str = "Bearer secret", **given: Any) -> Reader:
            server = running.enter_context(standing_in(data_centers={HOST: {**DATA, **given}}))
            return Reader(server, authorization)

        yield start


def keys(project: str, *numbers: int) -> list[str]:
    return [f"{project}-{number}" for number in numbers]


# -- Searches


def test_a_keyset_finds_all_issues_of_a_project_in_the_order_of_their_numbers(
    reader_of: Callable[..., Reader],
) -> None:
    reader, found, last = reader_of(), [], ""
    while page := reader.found(f'project = "ABC"{last} ORDER BY key ASC', maxResults=7):
        found += page
        last = f' AND key > "{page[-1]}"'
    assert found == keys("ABC", *range(1, 31))
    assert reader.found('project = "DEF" ORDER BY key ASC') == keys("DEF", 2, 9, 10, 40)


@pytest.mark.parametrize(
    ("jql", "expected"),
    [
        ('key > "DEF-9"', keys("DEF", 10, 40)),
        ("key >= DEF-9", keys("DEF", 9, 10, 40)),
        ('project = "def" AND key < "DEF-9"', keys("DEF", 2)),
        ("issuekey <= 'DEF-9' order by key desc", keys("DEF", 9, 2)),
        ('key > "DEF-2" AND key < "DEF-40"', keys("DEF", 9, 10)),
        ('key = "DEF-10"', keys("DEF", 10)),
        # The literal stands for an issue: a higher number, but of its own project.
        ('project = "ABC" AND id > "DEF-2"', []),
    ],
)
def test_a_comparison_of_keys_is_one_of_numbers_within_a_project(
    reader_of: Callable[..., Reader], jql: str, expected: list[str]
) -> None:
    assert reader_of().found(jql) == expected


@pytest.mark.parametrize(
    ("jql", "complaint"),
    [
        ('project = "NONE"', "The value 'NONE' does not exist for the field 'project'."),
        ('project = "DEF" AND key > "DEF-3"', "An issue with key 'DEF-3' does not exist for field 'key'."),
        ('key > "nonsense"', "is invalid"),
        ('colour = "red"', "Field 'colour' does not exist"),
        ('project > "DEF"', "operator '>' is not supported"),
        ("project = ABC OR project = DEF", "Expecting either 'OR' or 'AND'"),
        ("project = ABC AND", "Expecting either 'OR' or 'AND'"),
        ("project =", "Expecting a field"),
        ("project = ABC ORDER BY colour", "Not able to sort using field 'colour'"),
        ("project = ABC ORDER BY key UP", "Expecting either 'ASC' or 'DESC'"),
        ("project = AND", "reserved JQL word"),
        ("project = {ABC}", "reserved JQL character"),
    ],
)
def test_a_query_that_is_wrong_is_refused_in_the_words_of_jira(
    reader_of: Callable[..., Reader], jql: str, complaint: str
) -> None:
    answer = reader_of().search(jql)
    assert answer.status_code == 400
    assert complaint in answer.json()["errorMessages"][0]


def test_without_a_check_of_the_query_a_wrong_value_looks_like_the_end(reader_of: Callable[..., Reader]) -> None:
    page = reader_of().search('project = "ABC" AND key > "ABC-99"', validateQuery=False).json()
    assert (page["issues"], page["total"]) == ([], 0)


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"properties": []}', b'{"startAt": "x"}'])
def test_a_body_that_is_no_search_is_refused(reader_of: Callable[..., Reader], body: bytes) -> None:
    reader = reader_of()
    assert reader.session.post(f"{reader.url}/search", data=body, timeout=60).status_code == 400


def test_a_search_by_get_answers_the_same(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of()
    query = {"jql": ALL, "fields": "issuelinks,parent", "startAt": 5, "maxResults": 2}
    by_get = reader.get("search", **query).json()
    assert by_get == reader.search(**{**query, "fields": ["issuelinks", "parent"]}).json()
    assert set(by_get["issues"][0]["fields"]) == {"issuelinks"}
    assert (by_get["startAt"], by_get["maxResults"], by_get["total"], len(by_get["issues"])) == (5, 2, 30, 2)


def test_a_page_goes_from_one_project_to_the_next(reader_of: Callable[..., Reader]) -> None:
    assert reader_of().found("ORDER BY key ASC", startAt=29, maxResults=3) == ["ABC-30", "DEF-2", "DEF-9"]


def test_a_page_has_fifty_issues_where_nobody_says(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(projects={"ABC": {"issues": 60}}, links=[], epics={}, sub_tasks={})
    assert len(reader.get("search", jql=ALL).json()["issues"]) == 50


# -- Links


def test_a_link_has_the_same_id_at_both_ends_and_the_phrase_of_each_side(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of()
    assert reader.links("ABC-1") == [("101", "Blocks", "blocks", "DEF-9"), ("102", "Relates", "relates to", "DEF-9")]
    assert reader.links("DEF-9") == [
        ("101", "Blocks", "is blocked by", "ABC-1"),
        ("102", "Relates", "relates to", "ABC-1"),
    ]
    assert reader.links("ABC-30") == [("103", "Blocks", "is blocked by", "DEF-40")]
    assert reader.links("ABC-8") == []


def test_epics_and_sub_tasks_are_fields_and_no_links(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of()
    epic = next(each["id"] for each in reader.get("field").json() if each["schema"].get("custom", "").endswith("link"))
    fields = {
        key: reader.get(f"issue/{key}", fields=f"parent,issuelinks,{epic}").json()["fields"]
        for key in ("ABC-5", "ABC-7")
    }
    assert fields["ABC-5"] == {"issuelinks": [], epic: "DEF-2"}
    assert (fields["ABC-7"]["parent"]["key"], fields["ABC-7"][epic]) == ("ABC-6", None)


def test_an_instance_without_epics_has_no_field_for_them(reader_of: Callable[..., Reader]) -> None:
    assert all(not each["custom"] for each in reader_of(epic_field=None).get("field").json())


@pytest.mark.parametrize("given", [{"issues": 30, "hidden": [1]}, {"issues": 30, "archived": [1]}])
def test_an_issue_that_is_hidden_or_archived_is_in_no_search_and_no_total(
    reader_of: Callable[..., Reader], given: dict[str, Any]
) -> None:
    reader = reader_of(projects={**DATA["projects"], "ABC": {"site": "eu", **given}})  # type: ignore[dict-item]
    assert reader.search(ALL).json()["total"] == 29
    assert reader.found(ALL) == keys("ABC", *range(2, 31))
    # The link to an issue that is hidden vanishes at the other end; the one to an archived issue is seen.
    assert [each[3] for each in reader.links("DEF-9")] == ([] if "hidden" in given else ["ABC-1", "ABC-1"])
    assert reader.get("issue/ABC-1").status_code == (404 if "hidden" in given else 200)


@pytest.mark.parametrize("word", ["hidden", "archived"])
def test_a_project_that_is_hidden_or_archived_is_not_there(reader_of: Callable[..., Reader], word: str) -> None:
    reader = reader_of(projects={**DATA["projects"], "ABC": {"site": "eu", "issues": 30, word: True}})  # type: ignore[dict-item]
    assert [each["key"] for each in reader.get("project").json()] == ["DEF", "OPS"]
    assert reader.search(ALL).status_code == 400
    assert len(reader.links("DEF-9")) == (0 if word == "hidden" else 2)


# -- Who asks


@pytest.mark.parametrize(
    ("given", "authorization", "name"),
    [
        ({}, "Bearer anything", "census"),
        ({"token": "secret"}, "Bearer secret", "census"),
        ({"token": "secret", "user": "ann"}, "Bearer secret", "ann"),
        ({"user": "ann", "password": "pw"}, "Basic YW5uOnB3", "ann"),
    ],
)
def test_a_token_and_a_password_are_accepted(
    reader_of: Callable[..., Reader], given: dict[str, Any], authorization: str, name: str
) -> None:
    answer = reader_of(authorization, **given).get("myself")
    assert (answer.status_code, answer.json()["name"], answer.headers["X-AUSERNAME"]) == (200, name, name)


def test_a_token_that_is_wrong_is_nobodys_and_answered_with_200(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of("Bearer wrong", token="secret")
    answer = reader.get("project")
    assert (answer.status_code, answer.json(), answer.headers["X-AUSERNAME"]) == (200, [], "anonymous")
    assert reader.get("myself").status_code == 401
    assert "does not exist for the field 'project'" in reader.search(ALL).text
    assert reader.get("issue/ABC-1").status_code == 401


def test_a_password_that_is_wrong_is_refused_with_a_page(reader_of: Callable[..., Reader]) -> None:
    answer = reader_of("Basic YW5uOnB3", password="another").get("project")
    assert (answer.status_code, answer.headers["X-Seraph-LoginReason"]) == (401, "AUTHENTICATED_FAILED")
    assert answer.text.startswith("<!DOCTYPE")


def test_whoever_keeps_the_cookie_has_one_session(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of()
    for _search in range(3):
        reader.found(ALL)
    assert reader.report()["sessions"] == 1
    # It stands for the account as well.
    del reader.session.headers["Authorization"]
    assert reader.get("myself").status_code == 200
    reader.session.cookies.clear()
    assert reader.get("myself").status_code == 401


# -- The traps


def test_a_page_is_cut_without_a_word(reader_of: Callable[..., Reader]) -> None:
    page = reader_of(page_limit=20).search(ALL).json()
    assert (len(page["issues"]), page["maxResults"], page["total"]) == (20, 20, 30)


@pytest.mark.parametrize(("end", "status"), [("error", 500), ("empty", 200)])
def test_offsets_end(reader_of: Callable[..., Reader], end: str, status: int) -> None:
    reader = reader_of(offset_limit=25, offset_end=end)
    assert reader.found(ALL, startAt=20) == keys("ABC", *range(21, 26))
    answer = reader.search(ALL, startAt=25)
    assert answer.status_code == status
    assert end == "error" or (answer.json()["issues"], answer.json()["total"]) == ([], 30)


def test_an_issue_is_deleted_while_somebody_reads(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(deleted_after={2: ["ABC-1"]})
    after = 'project = "ABC" AND key > "ABC-1" ORDER BY key ASC'
    assert (len(reader.found(ALL)), len(reader.found(after))) == (30, 29)
    assert reader.search(after).status_code == 400
    assert reader.search(ALL).json()["total"] == 29
    assert reader.links("DEF-9") == []


def test_an_issue_is_large_and_a_page_too_large_to_be_sent(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(large_issue={"ABC-3": 100_000})
    assert len(reader.search('key = "ABC-3"').content) > 100_000 > len(reader.search('key = "ABC-4"').content)
    reader.switch(body_limit=50_000)
    assert reader.search(ALL).status_code == 500
    assert reader.found(ALL, maxResults=2) == keys("ABC", 1, 2)


def test_a_server_restarts_and_forgets_who_was_there(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(restart_at=[1, 2, 1])
    assert len(reader.found(ALL)) == 30
    for _search in range(2):
        with pytest.raises(requests.ConnectionError):
            reader.found(ALL)
    assert reader.search(ALL).status_code == 503
    answer = reader.search(ALL)
    assert (answer.status_code, "JSESSIONID" in answer.cookies) == (200, True)
    counts = reader.report()
    assert [counts[each] for each in ("searches", "pages", "not answered", "unavailable")] == [2, 2, 2, 1]


def test_a_bucket_has_a_token_for_each_request_and_is_filled_again(
    reader_of: Callable[..., Reader], clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_stand_in_switches, "time", SimpleNamespace(time=clock.monotonic))
    reader = reader_of(bucket=[3, 2, 10])
    names = ("X-RateLimit-Remaining", "retry-after")

    def ask() -> tuple[int, ...]:
        answer = reader.get("project")
        return (answer.status_code, *(int(answer.headers[name]) for name in names))

    assert [ask() for dummy in range(4)] == [(200, 2, 0), (200, 1, 0), (200, 0, 10), (429, 0, 10)]
    clock.sleep(4)
    assert ask() == (429, 0, 6)
    clock.sleep(6)
    assert [ask() for dummy in range(3)] == [(200, 1, 0), (200, 0, 10), (429, 0, 10)]
    clock.sleep(3600)
    assert ask() == (200, 2, 0)
    headers = reader.get("project").headers
    assert [headers[f"X-RateLimit-{name}"] for name in ("Limit", "FillRate", "Interval-Seconds")] == ["3", "2", "10"]


def test_an_account_is_blocked_for_ever(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(blocked_after=1)
    assert len(reader.found(ALL)) == 30
    answer = reader.get("myself")
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "9223372036854775807")


def test_an_account_is_nobody_in_the_middle_and_sees_no_links(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(anonymous_after=1)
    assert reader.search(ALL).json()["issues"][0]["fields"]["issuelinks"]
    answer = reader.search(ALL)
    assert (answer.status_code, answer.headers["X-AUSERNAME"], answer.json()["total"]) == (200, "anonymous", 30)
    assert not any(issue["fields"]["issuelinks"] for issue in answer.json()["issues"])
    assert reader.get("myself").status_code == 401


def test_every_answer_is_the_page_to_log_in(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(login_page_after=1)
    assert len(reader.found(ALL)) == 30
    for answer in (reader.search(ALL), reader.get("myself")):
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")


def test_a_page_is_empty_though_there_is_more(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(empty_page_at=[1])
    pages = [reader.search(ALL).json() for dummy in range(3)]
    assert [(len(page["issues"]), page["total"]) for page in pages] == [(30, 30), (0, 30), (30, 30)]


def test_switches_are_changed_while_it_runs(reader_of: Callable[..., Reader]) -> None:
    reader = reader_of(login_page_after=0)
    assert reader.get("myself").headers["Content-Type"] == "text/html"
    reader.switch(login_page_after=None)
    assert reader.get("myself").json()["name"] == "census"
    assert reader.switch(nonsense=1).status_code == 400


# -- What is refused


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"nonsense": 1}, "unknown: nonsense"),
        ({"offset_end": "never"}, "neither error nor empty"),
        ({"deleted_after": {1: ["ABC-99"]}}, "no issue ABC-99"),
        ({"links": [[1, "Blocks", "ABC-1", "ABC-99"]]}, "no issue ABC-99"),
        ({"links": [[1, "Blocks", "ABC-1", "ABC-1"]]}, "to itself"),
        ({"links": [[1, "Kills", "ABC-1", "ABC-2"]]}, "Kills"),
        ({"projects": {"ABC": {"issue": 30}}}, "project ABC: unknown: issue"),
        ({"projects": {"ABC": {"issues": [1, 1]}}}, "twice"),
        ({"generate": {}}, "one of the two only"),
    ],
)
def test_data_that_make_no_sense_are_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint), standing_in(data_centers={HOST: {**DATA, **given}}):
        pass


@pytest.mark.parametrize(
    ("given", "complaint"),
    [
        ({"projects": {"A": "eu", "B": "us"}, "issues": 4, "links": 5}, "not 5 pairs of issues"),
        ({"projects": {"A": "eu"}, "issues": 4, "links": 0, "size": 1}, "unknown: size"),
        ({"issues": 4}, "projects"),
    ],
)
def test_what_cannot_be_generated_is_refused(given: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint), standing_in(data_centers={HOST: {"generate": given}}):
        pass


# -- Generated data

GENERATED = {"projects": {"A": "eu", "B": "us", "C": None}, "issues": 100, "links": 60, "epics": 7, "sub_tasks": 5}


def generated(server: StandIn, host: str = HOST) -> list[list[Any]]:
    links: list[list[Any]] = requests.get(f"{server.url}/stand-in/data-centers/{host}", timeout=60).json()
    return links


def test_generated_data_are_as_many_as_asked_for_and_the_same_each_time() -> None:
    tables = []
    for seed in (1, 1, 2):
        with standing_in(data_centers={HOST: {"generate": {**GENERATED, "seed": seed}}}) as server:
            reader = Reader(server)
            totals = [reader.search(f"project = {key}").json()["total"] for key in "ABC"]
            issues = [issue for key in "ABC" for issue in reader.search(f"project = {key}", fields=[]).json()["issues"]]
            tables.append(generated(server))
        assert totals == [34, 33, 33]
        epics, parents = (
            sum(bool(each["fields"].get(name)) for each in issues) for name in ("customfield_10100", "parent")
        )
        assert (epics, parents) == (7, 5)
    assert tables[0] == tables[1] != tables[2]
    assert [len(table) for table in tables] == [60] * 3
    # No two issues are linked twice, and none within a project.
    assert len({frozenset(link[2:]) for link in tables[0]}) == 60
    assert all(link[2][0] != link[3][0] for link in tables[0])


@pytest.mark.parametrize("seed", range(5))
def test_as_many_links_are_generated_as_there_are_pairs_of_issues(seed: int) -> None:
    full = {"projects": {"A": "eu", "B": "us"}, "issues": 12, "links": 36, "seed": seed}
    with standing_in(data_centers={HOST: {"generate": full}}) as server:
        assert len({frozenset(link[2:]) for link in generated(server)}) == 36


def test_what_is_seen_of_generated_links_is_what_the_report_lists() -> None:
    with standing_in(data_centers={HOST: {"generate": GENERATED}}) as server:
        reader, seen = Reader(server), []
        for key in "ABC":
            for issue in reader.search(f"project = {key}").json()["issues"]:
                seen += [
                    (int(link["id"]), link["type"]["name"], issue["key"], link["outwardIssue"]["key"])
                    for link in issue["fields"]["issuelinks"]
                    if "outwardIssue" in link
                ]
        assert sorted(seen) == [tuple(link) for link in generated(server)]


SITES: dict[str, dict[str, Any]] = {
    name: {"product_url": f"https://{name}.example.net", "site_id": f"site-{name}", "migrated_from": f"https://{HOST}"}
    for name in ("eu", "us", "asia")
}


def pairs_of(links: list[list[Any]]) -> set[str]:
    """The pairs of projects, less the last letter of each, in alphabetical order."""
    return {"-".join(sorted(key.rpartition("-")[0][:-1] for key in link[2:])) for link in links}


def test_without_data_centers_each_origin_has_a_small_one_with_pairs_that_have_no_links() -> None:
    with standing_in(sites=SITES) as server:
        listed = [each["key"] for each in Reader(server).get("project").json()]
        links = generated(server)
    assert listed == ["EUA", "EUB", "USA", "USB", "ASIAA", "ASIAB", "OLD"]
    between = {pair for pair in pairs_of(links) if len(set(pair.split("-"))) == 2 and "OL" not in pair}
    assert between == {"EU-US", "ASIA-EU"}


def test_a_rehearsal_has_the_projects_and_the_origins_of_the_inventory() -> None:
    many: dict[str, dict[str, Any]] = {
        **SITES,
        "eu": {**SITES["eu"], "projects": ["ABC"]},
        "us": {
            **SITES["us"],
            "migrated_from": [f"https://{HOST}", {"url": "http://copy.example.com", "override": "https://b.com/jira/"}],
            "projects": {f"https://{HOST}": ["DEF"], "http://copy.example.com/": ["GHI"]},
        },
        "wiki": {**SITES["eu"], "product_url": "https://eu.example.net/wiki"},
    }
    with standing_in(sites=many) as server:
        listed = {
            host: [each["key"] for each in Reader(server, host=host).get("project").json()]
            for host in (HOST, "b.com/jira")
        }
    assert listed == {HOST: ["ABC", "DEF", "ASIAA", "ASIAB", "OLD"], "b.com/jira": ["GHI", "OLD"]}


# -- The cloud sites


def cloud(server: StandIn, path: str) -> requests.Response:
    return requests.get(f"{server.url}/{path}", auth=("ann@example.com", "token"), timeout=60)


def test_a_site_lists_its_projects_page_by_page() -> None:
    projects = {f"P{number:03}": {"site": "eu", "issues": 0} for number in range(120)}
    own = {"eu": ["NEW"], "us": ["OTHER"]}
    with standing_in(sites=SITES, data_centers={HOST: {"projects": projects}}, cloud_projects=own) as server:
        path = "eu.example.net/rest/api/3/project/search"
        pages = [cloud(server, f"{path}?startAt={start}&maxResults=100").json() for start in (0, 100)]
        assert [(page["isLast"], page["total"], len(page["values"])) for page in pages] == [
            (False, 121, 100),
            (True, 121, 21),
        ]
        assert [each["key"] for page in pages for each in page["values"]] == ["NEW", *projects]
        assert [len(cloud(server, f"{path}{query}").json()["values"]) for query in ("", "?maxResults=101")] == [50, 50]
        # Anybody sees the public ones.
        assert requests.get(f"{server.url}/{path}", timeout=60).json()["total"] == 121


def job(server: StandIn, pair: str, **difference: Any) -> None:
    """Schedule a job of a pair; it ends at once."""
    site, destination = (f"https://{name}.example.net" for name in pair.split(" -> "))
    body = {
        "product": "jira",
        "productURL": site,
        "destinationURL": destination,
        "migratedFrom": f"https://{HOST}",
        "recreateAsRemote": True,
        **difference,
    }
    url = f"{server.url}/api/links/v1/site-{pair.split()[0]}/jobs/cma"
    assert requests.post(url, json=body, auth=("ann", "token"), timeout=60).status_code == 200


AT_ONCE: dict[str, Any] = {"queue_seconds": 0, "run_seconds": 0, "sites": SITES, "data_centers": {HOST: DATA}}


def remote(server: StandIn, site: str, key: str) -> Any:
    return cloud(server, f"{site}.example.net/rest/api/3/issue/{key}/remotelink").json()


def test_a_job_that_is_complete_has_recreated_the_links_of_its_pair() -> None:
    with standing_in(**AT_ONCE) as server:
        assert remote(server, "eu", "ABC-1") == []
        job(server, "eu -> us")
        # The two links between the same issues have one globalId.
        (link,) = remote(server, "eu", "ABC-1")
        assert remote(server, "us", "DEF-9") == []
        job(server, "us -> eu")
        (other,) = remote(server, "us", "DEF-9")
        (third,) = remote(server, "eu", "ABC-30")
        (fourth,) = remote(server, "us", "DEF-40")
    assert link["object"]["url"] == "https://us.example.net/browse/DEF-9"
    assert (link["object"]["title"], link["relationship"]) == ("DEF-9", "relates to")
    assert link["application"] == {"type": "com.atlassian.jira", "name": "us"}
    assert link["globalId"].startswith("appId=")
    assert "&issueId=" in link["globalId"]
    assert other["object"]["url"] == "https://eu.example.net/browse/ABC-1"
    assert (third["relationship"], third["object"]["title"]) == ("is blocked by", "DEF-40")
    assert (fourth["relationship"], fourth["object"]["title"]) == ("blocks", "ABC-30")


@pytest.mark.parametrize(
    "difference",
    [
        {"recreateAsRemote": False},
        {"migratedFrom": "https://another.example.com"},
        {"migratedFromOverride": "https://another.example.com"},
    ],
)
def test_a_job_that_recreates_nothing_of_this_data_center_makes_no_link(difference: dict[str, Any]) -> None:
    with standing_in(**AT_ONCE) as server:
        job(server, "eu -> us", **difference)
        assert remote(server, "eu", "ABC-1") == []


def test_a_job_that_failed_or_still_runs_makes_no_link() -> None:
    for script in ({"fail": ["eu -> us"]}, {"run_seconds": 1e6}):
        with standing_in(**{**AT_ONCE, **script}) as server:
            job(server, "eu -> us")
            assert remote(server, "eu", "ABC-1") == []


def test_jobs_leave_out_as_many_as_they_are_told_to() -> None:
    rows = [[number, "Relates", f"ABC-{number}", "DEF-9"] for number in range(1, 31)]
    data = {HOST: {**DATA, "links": rows}}
    with standing_in(**{**AT_ONCE, "data_centers": data, "leave_out": {"eu -> us": 7}}) as server:
        job(server, "eu -> us")
        job(server, "us -> eu")
        assert sum(len(remote(server, "eu", f"ABC-{number}")) for number in range(1, 31)) == 23
        assert len(remote(server, "us", "DEF-9")) == 30


@pytest.mark.parametrize(("site", "key"), [("eu", "ABC-31"), ("us", "ABC-1"), ("eu", "OPS-1"), ("eu", "nonsense")])
def test_an_issue_that_a_site_does_not_have_is_not_there(site: str, key: str) -> None:
    with standing_in(**AT_ONCE) as server:
        answer = cloud(server, f"{site}.example.net/rest/api/3/issue/{key}/remotelink")
    assert answer.status_code == 404
    assert "Issue does not exist" in json.dumps(answer.json())
