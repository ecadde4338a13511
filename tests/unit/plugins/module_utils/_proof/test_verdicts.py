# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The verdict on each link, in all that can be the matter with it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Result
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.checks import (
    SERVER,
    CheckHarness,
    Links,
    numbers_of,
)

EU_TO_US = "eu -> us"
FORM = "3a7b"


def link(url: str, *, relationship: str = "blocks", issue_id: str = "", app_id: str = FORM) -> dict[str, Any]:
    """A remote link as the API takes it."""
    made = {"relationship": relationship, "object": {"url": url, "title": url.rpartition("/")[2]}}
    return made | ({"globalId": f"appId={app_id}&issueId={issue_id}"} if issue_id else {})


def us(key: str) -> str:
    return f"https://us.example.net/browse/{key}"


@dataclass(frozen=True)
class Case:
    """One link from an issue of eu to the one of us with the same number, and what eu has in its place."""

    what: str
    verdict: str
    #: What the issue has. ISSUE stands for the id of the target.
    there: tuple[dict[str, Any], ...] = ()
    note: str = ""
    relationship: str = "blocks"
    url: str | None = None
    #: The types of the links between the two.
    types: tuple[str, ...] = ("Blocks",)
    moved: bool = False
    target_moved: bool = False
    hidden: bool = False
    target_hidden: bool = False
    #: By site, what goes wrong with what it is asked for this issue.
    fault: dict[str, Any] = field(default_factory=dict)


CASES = (
    Case("as Jira makes it", "found", (link(us("KEY"), issue_id="ISSUE"),)),
    Case("without a global id", "found", (link(us("KEY")),)),
    Case("an alias", "found", (link("https://jira.us.example.org/browse/KEY"),)),
    Case("another alias, with a path", "found", (link("https://old.example.org/jira/browse/KEY"),)),
    Case("upper case", "found", (link("HTTPS://US.EXAMPLE.NET/browse/KEY"),)),
    Case("a lower case key", "found", (link("https://us.example.net/browse/key"),)),
    Case("a query and a fragment", "found", (link(f"{us('KEY')}?focusedCommentId=1#comment-1"),)),
    Case("a percent sign", "found", (link(us("KEY%2D")),)),
    Case("blanks and case of the relationship", "found", (link(us("KEY"), relationship=" Blocks "),)),
    Case("a source that was moved", "found", (link(us("KEY")),), moved=True),
    Case("a target that was moved, by its old key", "found", (link(us("KEY")),), target_moved=True),
    Case("a target that was moved, by its new key", "found", (link(us("NEW")),), target_moved=True),
    Case("a target that was moved, by its id", "found", (link(us("X-1"), issue_id="ISSUE"),), target_moved=True),
    Case("another host, by its id", "found", (link("https://new.example.org/browse/KEY", issue_id="ISSUE"),)),
    Case(
        "another relationship",
        "found",
        (link(us("KEY"), relationship="is blocked by"),),
        "the relationship is 'is blocked by', in the census it is 'blocks'",
        relationship="is blocked by",
        url=us("KEY"),
    ),
    Case(
        "stale, and found as well",
        "found",
        (link(f"{SERVER}/browse/KEY"), link(us("KEY"))),
        "a link to the old base URL is there as well",
        url=us("KEY"),
    ),
    Case("two types, one link", "found", (link(us("KEY")),), types=("Blocks", "Relates")),
    Case(
        "two types, two links",
        "found",
        (link(us("KEY"), issue_id="ISSUE"), link(us("KEY"), relationship="relates to")),
        types=("Blocks", "Relates"),
    ),
    Case(
        "twice",
        "duplicate",
        (link(us("KEY"), issue_id="ISSUE"), link(us("KEY"))),
        "there are 2 of them",
        url=us("KEY"),
    ),
    Case(
        "two types, three links",
        "duplicate",
        (link(us("KEY")), link(us("KEY"), relationship="relates to"), link(us("KEY"), relationship="x")),
        "there are 3 of them; the relationship is 'x', in the census it is 'blocks, relates to'",
        types=("Blocks", "Relates"),
        url=us("KEY"),
    ),
    Case("nothing", "missing", url=us("KEY")),
    Case("another issue", "missing", (link(us("USA-999")),), url=us("KEY")),
    Case("nothing, two types", "missing", types=("Blocks", "Relates"), relationship="blocks, relates to"),
    Case("a target that was moved, and nothing", "missing", target_moved=True, url=us("NEW")),
    Case(
        "a host that nobody knows",
        "missing",
        (link("https://new.example.org/browse/KEY?token=abc"),),
        "a link leads to https://new.example.org/browse/KEY?.... If that is the same site, set link_update_aliases to "
        "its URL",
    ),
    Case(
        "another instance",
        "missing",
        (link("https://ap.example.net/browse/KEY"),),
        "a link leads to https://ap.example.net/browse/KEY, another instance of the federation",
    ),
    Case(
        "the id of an issue of another application",
        "missing",
        (link("https://new.example.org/browse/X-1", issue_id="ISSUE", app_id="another"),),
    ),
    Case("the old base URL", "stale", (link(f"{SERVER}/browse/KEY"),), url=f"{SERVER}/browse/KEY"),
    Case("the base URL of a copy", "stale", (link("https://copy.example.com/jira/browse/KEY"),)),
    Case("the old base URL, with the new id", "stale", (link(f"{SERVER}/browse/KEY", issue_id="ISSUE"),)),
    Case("a source that is not visible", "source_absent", hidden=True),
    Case("a source that nobody knows", "source_absent", hidden=True, fault={"what": "no page", "times": 9}),
    Case("a page that says 404", "unanswered", (link(us("KEY")),), fault={"what": "no page", "times": 9}),
    Case("a target that is not visible", "target_absent", target_hidden=True),
    Case("a target that is not visible, found", "found", (link(us("KEY")),), target_hidden=True),
    Case("503 that ends", "found", (link(us("KEY")),), fault={"what": 503, "times": 2}),
    Case("503 that stays", "unanswered", (link(us("KEY")),), "HTTP 503", fault={"what": 503, "times": 9}),
    Case("a page instead of an answer", "unanswered", (link(us("KEY")),), fault={"what": "html", "times": 9}),
    Case("an empty answer", "unanswered", (link(us("KEY")),), fault={"what": "empty", "times": 9}),
    Case("an answer that is cut", "unanswered", (link(us("KEY")),), fault={"what": "truncated", "times": 9}),
    Case("an answer that is cut once", "found", (link(us("KEY")),), fault={"what": "truncated", "times": 1}),
    Case("no answer", "unanswered", (link(us("KEY")),), fault={"what": "hang", "times": 9, "seconds": 30}),
)


def source_of(number: int) -> str:
    return f"EUA-{number}"


def target_of(number: int) -> str:
    return f"USA-{number}"


def links_of_all() -> Links:
    found = []
    for number, case in enumerate(CASES, 1):
        for kind in case.types:
            found.append((10000 * (len(kind)) + number, kind, source_of(number), target_of(number)))
    return found


@dataclass(frozen=True)
class Checked:
    """A check, and the findings at eu by their issues."""

    result: Result
    findings: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Checked:
    """All cases in one check."""
    numbers = dict(enumerate(CASES, 1))
    harness = CheckHarness(
        tmp_path_factory.mktemp("check"),
        links_of_all(),
        members={
            "us": {
                "aliases": ["https://jira.us.example.org", "https://old.example.org/jira"],
                "migrated_from": [SERVER, {"url": "https://copy.example.com/jira", "override": SERVER}],
            }
        },
        leave_out={EU_TO_US: [[source_of(number), target_of(number)] for number in numbers]},
        moved={
            "eu": {source_of(number): f"EUN-{number}" for number, case in numbers.items() if case.moved},
            "us": {target_of(number): f"USN-{number}" for number, case in numbers.items() if case.target_moved},
        },
        hidden={"eu": [], "us": []},
        faults=[
            {"call": "remotelink", "site": "eu", "issue": source_of(number), **case.fault}
            for number, case in numbers.items()
            if case.fault
        ],
    )
    with harness.serving():
        for number, case in numbers.items():
            for each in case.there:
                create(harness, number, each)
        harness.switch(
            hidden={
                "eu": [source_of(number) for number, case in numbers.items() if case.hidden],
                "us": [target_of(number) for number, case in numbers.items() if case.target_hidden],
            }
        )
        result, _listener = harness.check(request_timeout=1.0)
        return Checked(result, {each["issue"]: each for each in harness.findings() if each["instance"] == "eu"})


def create(harness: CheckHarness, number: int, document: dict[str, Any]) -> None:
    """Have a remote link at an issue of eu."""
    issue = ask(harness, "us", "bulkfetch", {"issueIdsOrKeys": [target_of(number)], "fields": ["summary"]})["issues"][0]
    text = (
        document["object"]["url"].replace("%2D", "").replace("KEY", target_of(number)).replace("NEW", f"USN-{number}")
    )
    if "%2D" in document["object"]["url"]:
        text = text.replace("USA-", "USA%2D")
    text = text.replace("/browse/key", f"/browse/{target_of(number).lower()}")
    made = {**document, "object": {**document["object"], "url": text}}
    if "globalId" in made:
        made["globalId"] = made["globalId"].replace("ISSUE", issue["id"])
    ask(harness, "eu", f"{source_of(number)}/remotelink", made)


def ask(harness: CheckHarness, site: str, path: str, body: dict[str, Any]) -> Any:
    url = f"{harness.options['stand_in_url']}/{site}.example.net/rest/api/3/issue/{path}"
    answer = requests.post(url, json=body, auth=("ann@example.com", "token"), timeout=10)
    assert answer.ok, answer.text
    return answer.json()


@pytest.mark.parametrize("number", range(1, len(CASES) + 1), ids=[case.what for case in CASES])
def test_a_link_has_the_verdict_that_its_issue_calls_for(checked: Checked, number: int) -> None:
    case, found = CASES[number - 1], checked.findings.get(source_of(number))
    if case.verdict == "found" and not case.note:
        assert found is None, "nothing is said of a link that is plainly there"
        return
    assert found is not None
    assert (found["verdict"], found["target"]) == (case.verdict, target_of(number))
    assert case.note.replace("KEY", target_of(number)) in found["note"]
    assert bool(case.note) >= bool(found["note"]) or case.verdict == "unanswered", found["note"]
    assert found["relationship"] == case.relationship
    if case.url:
        assert found["url"] == case.url.replace("KEY", target_of(number)).replace("NEW", f"USN-{number}")


def test_the_numbers_are_those_of_the_verdicts(checked: Checked) -> None:
    wanted: dict[str, int] = {"expected": len(CASES), "checked": len(CASES)}
    for case in CASES:
        wanted[case.verdict] = wanted.get(case.verdict, 0) + 1
    wanted["missing_at_most"] = len(CASES) - wanted["found"] - wanted["duplicate"]
    assert numbers_of(checked.result)[EU_TO_US] == wanted
