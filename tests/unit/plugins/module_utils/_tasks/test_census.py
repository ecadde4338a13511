# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A census of a Data Center whose links are known, with all that can go wrong on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._clock import to_text
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._service import data_center_session
from ansible_collections.jira_cloud.federation.plugins.module_utils._tasks.task import Result
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.censuses import (
    FEDERATION,
    ISSUES,
    PASSWORD,
    SERVER,
    SITES,
    TOKEN,
    CensusHarness,
    Truth,
    made_up,
    pairs_of,
    site_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION, FakeClock, Listener


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[CensusHarness]:
    with CensusHarness(tmp_path, made_up()).serving() as serving:
        yield serving


def check_complete(harness: CensusHarness, result: Result) -> None:
    """A result has the truth."""
    truth = harness.truth
    assert result["complete"], result.get("msg")
    assert "failed" not in result
    assert pairs_of(result) == truth.expected()
    assert [each["links"] for each in result["sources"]] == [truth.between()]
    assert {each["project"]: each["links"] for each in result["outside"]["projects"]} == truth.outside()
    assert result["unread"] == []


def test_the_counts_are_the_truth_with_pages_that_are_cut_and_offsets_that_end(tmp_path: Path) -> None:
    with CensusHarness(tmp_path, made_up(), page_limit=20, offset_limit=100).serving() as harness:
        result, listener = harness.count()
        check_complete(harness, result)
        assert result["sources"][0] == {
            "url": SERVER,
            "read_from": SERVER,
            "exact": False,
            "issues": 451,
            "total": 451,
            "links": harness.truth.between(),
            "complete": True,
        }
        assert result["outside"]["links"] == sum(harness.truth.outside().values())
        epics = harness.script["data_centers"]["jira.example.com"]["epics"]  # type: ignore[index]
        assert result["not_covered"]["epic_links"]["total"] == len(epics)
        assert result["not_covered"]["sub_tasks"] == {"total": 10, "between_instances": 0}
        written = json.loads(Path(result["file"]).read_text(encoding="utf-8"))
        assert written == {name: result[name] for name in written}
        # One line for each project that is done.
        assert [line.split()[:3] for line in listener.shown if line.startswith("EUA")] == [["EUA", "137", "issues"]]
        assert result["stats"]["link_census_links"] == harness.truth.between()


def test_where_only_searches_are_let_through_the_links_are_counted_without_the_epics(tmp_path: Path) -> None:
    with CensusHarness(tmp_path, made_up(), blocked_calls=["field"]).serving() as harness:
        result, _listener = harness.count()
        check_complete(harness, result)
        assert result["not_covered"]["epic_links"]["total"] == 0


def test_a_second_census_is_a_generation_of_its_own_and_check_mode_reads_no_issue(harness: CensusHarness) -> None:
    first, _listener = harness.count()
    asked = harness.asked()
    checked, listener = harness.count(check=True)
    assert harness.asked()["issues"] == asked["issues"]
    assert not checked["changed"]
    assert "eu        178     EUA, EUB" in listener.shown
    second, _listener = harness.count()
    assert (first["generation"], second["generation"]) == (1, 2)
    check_complete(harness, second)
    asked = harness.asked()
    known, listener = harness.count(unless_complete=True, stand_in_url=None, accounts=[])
    assert known == {"changed": False, "text": listener.lines}, "not even an account is needed"
    assert "The links of https://jira.example.com are counted: census 2, begun 2026-03-01 12:00Z" in listener.shown
    assert harness.asked() == asked


#: What a page has to say of each trap, by how the trap begins there.
PAGE = (COLLECTION / "docs/docsite/rst/census_problems.rst").read_text(encoding="utf-8")
_HEAD, *ROWS = re.findall(r"^   \* - (.+)\n     - (.+)\n     - (.+)\n     - (.+)$", PAGE, re.MULTILINE)


@dataclass(frozen=True)
class Trap:
    """How the stand-in makes it, and whether the census is complete nevertheless."""

    switches: dict[str, Any]
    is_complete: bool = True
    #: Issues that are gone then.
    gone: tuple[str, ...] = ()
    #: Whether what the page quotes is seen here: not where real time would have to pass.
    is_quoted: bool = True


TRAPS = {
    "Pages are cut": Trap({"page_limit": 20}),
    "Offsets end": Trap({"offset_limit": 50, "offset_end": "empty", "page_limit": 30}),
    "The issue that a page is to begin after": Trap(
        {"page_limit": 20, "deleted_after": {"9": ["EUA-20"]}}, gone=("EUA-20",)
    ),
    "A page is too large": Trap({"body_limit": 30000}),
    "One issue alone is too large": Trap({"large_issue": {"EUA-7": 900_000}}, is_complete=False),
    "A node restarts": Trap({"page_limit": 20, "restart_at": [12, 3, 4]}),
    "The rate limit": Trap({"page_limit": 20, "bucket": [10, 10, 0.1]}, is_quoted=False),
    "The account is blocked": Trap({"blocked_after": 9}, is_complete=False),
    "HTTP 200, but anonymous": Trap({"anonymous_after": 9}, is_complete=False),
    "HTTP 200 with a login page": Trap({"login_page_after": 9}, is_complete=False),
    "An empty page in the middle": Trap({"page_limit": 20, "empty_page_at": [10]}),
    "Pages in another order": Trap({"page_limit": 20, "upside_down_at": [9]}, is_complete=False),
    "The same page comes again": Trap({"page_limit": 20, "repeats_after": 9}, is_complete=False),
    "A project hides the field": Trap({"hidden_links": ["USA"]}, is_complete=False),
    "Issues are created, moved or deleted": Trap(
        {"page_limit": 20, "deleted_after": {"9": ["EUA-3"]}}, gone=("EUA-3",)
    ),
    "The number still is not": Trap(
        {"page_limit": 20, "deleted_after": {"9": ["EUA-3"], "17": ["EUA-4"]}},
        is_complete=False,
        gone=("EUA-3", "EUA-4"),
    ),
}
#: What takes the switches back.
OFF: dict[str, Any] = {
    "large_issue": {},
    "blocked_after": None,
    "anonymous_after": None,
    "login_page_after": None,
    "hidden_links": [],
    "repeats_after": None,
}
#: The traps that other tests make.
ELSEWHERE = {
    "A project in ``link_update_projects``": "test_a_project_that_does_not_exist_is_unread_and_the_others_are_read",
    "A project that its site lists, and that only": (
        "test_a_project_that_a_site_lists_and_only_links_show_is_not_complete"
    ),
    "A link is seen at one of its issues only": "test_a_link_seen_at_one_end_only_is_not_complete",
    "An issue that this account does not see": "test_what_the_account_cannot_see_vanishes_with_its_links",
    "An archived issue whose links all": "test_what_the_account_cannot_see_vanishes_with_its_links",
    "An issue with more than 2,000 links": "test_an_issue_with_too_many_links_is_counted_and_listed",
    "Ctrl-C": "test_a_census_that_is_interrupted_says_so_and_goes_on_when_the_command_is_given_again",
    "A kill, a reboot": "test_a_census_that_is_killed_at_any_moment_goes_on_and_counts_the_same",
    "Two processes count": "test_a_process_of_another_machine_is_taken_over_when_its_lease_is_over",
    "A process was suspended": "test_who_was_taken_over_stops_and_mixes_nothing",
    "The census is deleted while": "test_a_census_that_is_deleted_while_it_is_counted_says_so",
}


def row_of(trap: str) -> tuple[str, ...]:
    """What the page says of a trap."""
    (row,) = [row for row in ROWS if row[0].startswith(trap)]
    return row


def test_each_trap_of_the_page_is_held_by_a_test() -> None:
    known = [*TRAPS, *ELSEWHERE]
    assert [row[0] for row in ROWS if not any(row[0].startswith(each) for each in known)] == []
    assert {row_of(each) for each in known} == set(ROWS)
    tests = "".join(path.read_text(encoding="utf-8") for path in (COLLECTION / "tests").rglob("test_*.py"))
    assert [name for name in ELSEWHERE.values() if f"def {name}(" not in tests] == []


@pytest.mark.parametrize("name", TRAPS)
def test_each_trap_is_survived_or_told_and_a_rerun_goes_on(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A small one is as good as a large one, and quicker.
    monkeypatch.setattr(data_center_session.DataCenterSession, "max_body", 800_000)
    trap, truth = TRAPS[name], made_up()
    with CensusHarness(tmp_path, truth, **trap.switches).serving() as harness:
        result, listener = harness.count()
        truth.links = [each for each in truth.links if not set(trap.gone) & set(each[2:])]
        said = re.findall("``(.+?)``", row_of(name)[2])
        told = text_of(listener)
        assert all(quotes(each, told) for each in said) or not trap.is_quoted
        # Never, whatever happens, does something look complete that is not.
        assert result["complete"] is trap.is_complete
        assert bool(result.get("failed")) is not trap.is_complete
        if trap.is_complete:
            check_complete(harness, result)
        else:
            check_told(result)
        harness.switch(**OFF)
        harness.clock.sleep(1)
        again, listener = harness.count()
        check_complete(harness, again)
        # What is not complete goes on; what is complete stays, and a new one is counted.
        assert again["generation"] == (2 if trap.is_complete else 1)
        assert ("goes on" in text_of(listener)) is not trap.is_complete
        assert row_of(name)[3].startswith("counts again") is trap.is_complete


def quotes(message: str, text: str) -> bool:
    """Whether a text has the pieces of a message, in their order."""
    pieces = [re.escape(" ".join(each.split())) for each in message.split("...") if each.strip()]
    return re.search(".*".join(pieces), text, re.IGNORECASE) is not None


def check_told(result: Result) -> None:
    """A result says what is missing, and what to do."""
    assert result["unread"]
    assert all(each["problem"] and each["remedy"] for each in result["unread"])
    assert result["msg"]
    assert result["failure"]["code"]


def test_a_blocked_account_is_never_waited_for(tmp_path: Path) -> None:
    with CensusHarness(tmp_path, made_up(), blocked_after=3).serving() as harness:
        result, _listener = harness.count()
        assert result["failure"]["code"] == "forbidden"
        assert harness.clock.naps == []


def test_a_node_that_is_gone_for_minutes_is_waited_for_and_the_census_is_held_meanwhile(tmp_path: Path) -> None:
    class Holding(FakeClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if leases := harness.leases():
                held.append(leases[0] >= to_text(self.now()))

    held: list[bool] = []
    with CensusHarness(tmp_path, made_up(), restart_at=[12, 6, 8]).serving() as harness:
        harness.clock = Holding()
        result, listener = harness.count()
        check_complete(harness, result)
    assert sum(harness.clock.naps) > 450, "longer than the lease"
    assert max(harness.clock.naps) <= 75
    assert all(held)
    assert len(held) >= 14
    assert len([line for line in listener.shown if "trying again in" in line]) == 14


def test_a_node_that_does_not_come_back_is_given_up_after_a_quarter_of_an_hour(tmp_path: Path) -> None:
    with CensusHarness(tmp_path, made_up(), restart_at=[12, 1000, 0]).serving() as harness:
        result, _listener = harness.count()
    assert (result["complete"], result["failure"]["code"]) == (False, "no_answer")
    assert 800 < sum(harness.clock.naps) <= 900


def test_a_link_seen_at_one_end_only_is_not_complete(tmp_path: Path) -> None:
    truth = made_up()
    # An archived issue is in no search, but its links are seen at the other end.
    archived = next(key for _id, _type, key, other in truth.links if site_of(key) == "us" and site_of(other) == "eu")
    harness = CensusHarness(tmp_path, truth)
    data = harness.script["data_centers"]["jira.example.com"]["projects"][archived[:3]]
    data["archived"] = [int(archived[4:])]
    with harness.serving():
        result, listener = harness.count()
        (unread,) = result["unread"]
        assert (unread["project"], result["complete"]) == (archived[:3], False)
        assert f"1 issue did not show its end of links from other instances: {archived}" in unread["problem"]
        assert "archived" in unread["remedy"]
        read = harness.asked()["issues"]
        # A rerun reads that project again, and of the others no more than the issues at the other ends.
        again, listener = harness.count()
        assert ISSUES[archived[:3]] - 1 <= harness.asked()["issues"] - read < ISSUES[archived[:3]] + 10
        assert again["unread"] == result["unread"]
        assert "goes on" in text_of(listener)


@pytest.mark.parametrize(("project", "other"), [("APA", "eu"), ("EUA", "ap")], ids=["not read yet", "already read"])
def test_an_issue_that_is_deleted_during_the_census_is_forgotten_at_both_ends(
    tmp_path: Path, project: str, other: str
) -> None:
    truth = made_up()
    with CensusHarness(tmp_path, truth, page_limit=20).serving() as harness:
        # By then the first projects were read, and the last one was not.
        key = next(key for _id, _type, key, there in truth.links if key[:3] == project and site_of(there) == other)
        harness.switch(deleted_after={"20": [key]})
        result, _listener = harness.count()
        truth.links = [each for each in truth.links if key not in each[2:]]
        check_complete(harness, result)


def test_a_project_that_a_site_lists_and_only_links_show_is_not_complete(tmp_path: Path) -> None:
    harness = CensusHarness(tmp_path, made_up())
    # It is archived: no list and no search has it, but the other ends of its links are seen.
    harness.script["data_centers"]["jira.example.com"]["projects"]["EUB"]["archived"] = True
    harness.script["cloud_projects"] = {"eu": ["EUB"], "us": ["NEW"]}
    with harness.serving():
        result, listener = harness.count()
        assert not result["complete"]
        assert {"USA", "APA"} <= {each["project"] for each in result["unread"]}
        (said,) = re.findall("``(.+)``", row_of("A project that its site lists, and that only links show")[2])
        assert quotes(said, text_of(listener))
        # Who says that it was not migrated has an answer.
        assert harness.count(federation={**FEDERATION, "eu": {**FEDERATION["eu"], "projects": ["EUA"]}})[0]["complete"]


def test_a_site_that_does_not_know_the_account_is_not_taken_for_one_with_public_projects_only(
    tmp_path: Path,
) -> None:
    harness = CensusHarness(tmp_path, made_up())
    harness.script["api_token"] = "another one"
    with harness.serving():
        result, _listener = harness.count()
        assert result["failure"]["code"] == "preflight"
        assert "HTTP 401" in result["msg"]
        assert "searches" not in harness.asked() or not harness.asked()["searches"]


def test_what_the_account_cannot_see_vanishes_with_its_links(tmp_path: Path) -> None:
    truth = made_up()
    # Two archived issues have a link to each other alone, and two issues are hidden.
    unseen = {"USA-3", "USA-4", "USA-5", "APA-5"}
    truth.links = [each for each in truth.links if not {"USA-5", "APA-5"} & set(each[2:])]
    truth.links.append((30000, "Blocks", "USA-5", "APA-5"))
    harness = CensusHarness(tmp_path, truth)
    projects = harness.script["data_centers"]["jira.example.com"]["projects"]
    projects["USA"] |= {"hidden": [3, 4], "archived": [5]}
    projects["APA"]["archived"] = [5]
    truth.links = [each for each in truth.links if not unseen & set(each[2:])]
    with harness.serving():
        result, listener = harness.count()
        check_complete(harness, result)
        assert "complete as this account sees it" in text_of(listener)


def test_an_issue_with_too_many_links_is_counted_and_listed(tmp_path: Path) -> None:
    harness = CensusHarness(
        tmp_path, Truth([(number, "Relates", "EUA-1", f"USA-{number}") for number in range(1, 2002)])
    )
    projects = harness.script["data_centers"]["jira.example.com"]["projects"]
    projects["USA"]["issues"] = 2001
    with harness.serving():
        result, listener = harness.count()
        assert result["not_covered"]["issues_over_limit"] == [{"source": SERVER, "issue": "EUA-1", "links": 2001}]
        assert quotes(*re.findall("``(.+)``", row_of("An issue with more than 2,000 links")[2]), text_of(listener))
        assert pairs_of(result)["eu -> us"] == 2001


def test_several_connections_read_several_projects_at_once_and_count_the_same(harness: CensusHarness) -> None:
    result, _listener = harness.count(connections=4)
    check_complete(harness, result)
    rows = harness.rows()
    harness.count()
    assert harness.rows() == rows


def test_all_that_is_wrong_is_said_before_any_issue_is_read(harness: CensusHarness) -> None:
    for options, problem in (
        ({"accounts": []}, "eu, us, ap: its projects are not known: it takes no part in the run"),
        ({"connections": 0}, "link_census_connections is 0"),
        ({"store": "mysql://db/links"}, "link_census_store: mysql:// is not a kind of"),
        ({"stand_in_url": None}, "no token for the Data Center instance"),
        ({"stand_in_url": None, "token": "x", "url": "http://jira.example.com"}, "is not encrypted"),
        ({"stand_in_url": None, "file": "/nowhere.csv"}, "link_census_file /nowhere.csv is not a file"),
    ):
        result, listener = harness.count(**options)
        assert result["failed"]
        assert problem in f"{result['msg']} {text_of(listener)}"
        assert not (harness.folder / "census.sqlite3").exists()
    assert "issues" not in harness.asked()


@pytest.mark.parametrize("option", ["token", "password"])
def test_a_secret_on_the_wrong_side_of_a_colon_is_not_quoted(harness: CensusHarness, option: str) -> None:
    result, listener = harness.count(stand_in_url=None, **{option: {TOKEN: SERVER}})
    assert f"link_census_{option} has a key that is not an origin of the federation" in result["msg"]
    assert TOKEN not in f"{json.dumps(result)} {text_of(listener)}"


def test_one_token_for_two_servers_is_refused_and_two_files_need_none(harness: CensusHarness) -> None:
    legacy = "https://legacy.example.com"
    ap = {"migrated_from": ["https://jira.example.com", legacy], "projects": {legacy: ["OLD"]}}
    two = {**FEDERATION, "ap": {**FEDERATION["ap"], **ap}}
    options = {"stand_in_url": None, "federation": two, "token": "x"}
    result, listener = harness.count(**options)
    assert [each["problem"] for each in result["problems"]] == [
        "link_census_token (or JIRA_DC_TOKEN) is one value, but the federation has 2 sources"
    ]
    assert "Set link_census_token to a dictionary" in text_of(listener)
    files = dict.fromkeys(("https://jira.example.com", legacy), "/nowhere.csv")
    result, _listener = harness.count(**options, file=files)
    assert {each["problem"] for each in result["problems"]} == {
        f"link_census_file /nowhere.csv is not a file ({each})" for each in files
    }


def test_a_project_that_does_not_exist_is_unread_and_the_others_are_read(harness: CensusHarness) -> None:
    federation = {**FEDERATION, "eu": {**FEDERATION["eu"], "projects": ["EUA", "EUB", "NONE"]}}
    result, _listener = harness.count(federation=federation)
    (unread,) = result["unread"]
    assert (unread["project"], result["complete"]) == ("NONE", False)
    assert "the project is not visible to this account, or does not exist" in unread["problem"]
    assert pairs_of(result) == harness.truth.expected()


def test_links_from_a_file_are_exact_and_need_neither_an_account_nor_the_data_center(harness: CensusHarness) -> None:
    truth = harness.truth
    rows = [f"{number},{one},{other},{kind},out,in," for number, kind, one, other in truth.links]
    path = harness.folder / "links.csv"
    head = "link_id,source_key,target_key,type,outward,inward,pstyle"
    path.write_text("\n".join([head, *rows, "1,EUA-1,EUA-2,x,y,z,jira_subtask", ""]), encoding="utf-8")
    projects = {name: [key for key, site in SITES.items() if site == name] for name in ("eu", "us", "ap")}
    federation = {name: {**FEDERATION[name], "projects": projects[name]} for name in FEDERATION}
    # Nothing listens anywhere: no request is sent.
    real = {"stand_in_url": None, "file": str(path), "federation": federation, "accounts": []}
    result, listener = harness.count(**real)
    check_complete(harness, result)
    assert result["sources"][0]["exact"]
    assert result["not_covered"]["sub_tasks"]["total"] == 1
    assert "from a file: 5 projects instance projects eu EUA, EUB" in text_of(listener), "and no number of issues yet"
    assert "exact" in text_of(listener)
    assert f"For programs: {result['file']}" in text_of(listener)


def test_a_census_is_deleted_with_one_command(harness: CensusHarness) -> None:
    harness.count()
    harness.count()
    checked, listener = harness.count(check=True, delete="1")
    assert (checked["changed"], checked["deleted"]) == (True, [1])
    assert "Would delete census 1 from /" in text_of(listener)
    deleted, listener = harness.count(delete="1")
    assert deleted["deleted"] == [1]
    assert "Deleted census 1 from /" in text_of(listener)
    assert "link_census_delete is 'first', which is not the number" in harness.count(delete="first")[0]["msg"]
    assert "there is no census 1" in harness.count(delete="1")[0]["msg"]
    assert harness.count(delete="ALL")[0]["deleted"] == [2]
    assert harness.rows() == []


def test_a_census_that_is_deleted_while_it_is_counted_says_so(harness: CensusHarness) -> None:
    class Deleting(Listener):
        def line(self, text: str, level: Level = Level.INFO) -> None:
            super().line(text, level)
            if text.startswith("Census 1 begins"):
                harness.count(delete="all")

    result, _listener = harness.count(listener=Deleting())
    assert (result["changed"], result["failure"]["code"]) == (False, "ledger")
    assert "census 1 was deleted while its links were counted" in result["msg"]


@pytest.mark.parametrize("account", ["token", "password"])
def test_no_secret_is_in_output_store_or_result(tmp_path: Path, account: str) -> None:
    harness = CensusHarness(tmp_path, made_up(links=20), token=TOKEN, user="census", password=PASSWORD)
    with harness.serving():
        secret = {"token": TOKEN} if account == "token" else {"user": "census", "password": PASSWORD}
        address = harness.options["stand_in_url"]
        # The real way of the credentials, to a host that stands for the Data Center.
        federation = {
            name: {"product_url": f"{address}/{name}.example.net", "migrated_from": f"{address}/jira.example.com"}
            for name in FEDERATION
        }
        accounts = [{"name": name, "email": "me@example.com", "api_token": "cloud"} for name in FEDERATION]
        options = {**secret, "stand_in_url": None, "federation": federation, "accounts": accounts}
        result, listener = harness.count(**options)
        assert result["complete"], result
        harness.switch(anonymous_after=0)
        failed, more = harness.count(**options)
        assert failed["failed"]
    told = [json.dumps(each) for each in (result, failed)] + listener.lines + listener.seen + more.lines + more.seen
    told += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    assert not [each for each in told if TOKEN in each or PASSWORD in each]


def text_of(listener: Listener) -> str:
    return " ".join(" ".join(listener.shown).split())
