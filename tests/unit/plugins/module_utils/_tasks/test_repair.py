# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Repairs over real HTTP, from options to result, against the stand-in."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._progress import Level
from ansible_collections.jira_cloud.federation.plugins.module_utils._store.repairs import RepairState
from ansible_collections.jira_cloud.federation.plugins.plugin_utils._stand_in_link_form import cloud_id_of
from ansible_collections.jira_cloud.federation.tests.unit.plugins.module_utils._tasks.repairs import (
    EMAIL,
    LEASE,
    MISSING,
    TOKEN,
    Ends,
    RepairHarness,
    ends_of,
    order_of,
    reasons_of,
)
from ansible_collections.jira_cloud.federation.tests.unit.support import Listener

FIRST: Ends = ("eu", "ABC-1", "DEF-1")


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[RepairHarness]:
    with RepairHarness(tmp_path).serving() as serving:
        yield serving


def check_nothing_changed(harness: RepairHarness) -> None:
    assert harness.calls("create remotelink") == harness.calls("delete remotelink") == 0
    assert harness.journal() == []
    assert not (harness.folder / "report").exists()


def test_a_repair_creates_exactly_the_missing_links_a_second_one_nothing_and_an_undo_removes_exactly_those(
    harness: RepairHarness,
) -> None:
    before, there = harness.every_link(), harness.there()
    told = harness.repair()
    assert "failed" not in told
    assert ends_of(told["created"]) == MISSING
    assert (told["skipped"], told["failed_links"], told["undone"], told["changed"]) == ([], [], [], True)
    assert {**harness.there()} == {**there, **dict.fromkeys(MISSING, 1)}
    assert told["stats"]["link_repair_created"] == 5
    assert told["text"][:3] == ["Created 5 of 5 missing links", "  eu -> us: 3", "  us -> eu: 2"]
    assert told["text"][-1] == "Check again now. To remove these links: -e link_repair_undo=true"
    file = json.loads(Path(told["files"]["json"]).read_text(encoding="utf-8"))
    assert (file["undo"], file["created"]) == (False, told["created"])

    again = harness.repair()
    assert (again["changed"], again["created"]) == (False, [])
    assert reasons_of(again["skipped"]) == dict.fromkeys(MISSING, "the link is there")
    assert harness.calls("create remotelink") == 5

    undone = harness.repair(undo=True, findings=None)
    assert ends_of(undone["undone"]) == MISSING
    assert harness.every_link() == before
    twice = harness.repair(undo=True)
    assert (twice["changed"], twice["text"]) == (False, ["No link of an earlier repair is there: nothing to remove"])
    assert harness.calls("delete remotelink") == 5

    # That an undo has removed them is not taken for a removal on purpose.
    assert ends_of(harness.repair()["created"]) == MISSING


def test_a_new_link_looks_like_those_of_jira_between_the_same_two_instances(harness: RepairHarness) -> None:
    found = harness.link("eu", "ABC-7", "DEF-7")
    harness.repair()
    new = harness.link(*FIRST)
    app_id = found["globalId"].partition("&")[0]
    assert new["globalId"] == f"{app_id}&issueId={cloud_id_of('us', 'DEF-1')}"
    assert new["application"] == found["application"]
    assert new["object"] == {"url": "https://us.example.net/browse/DEF-1", "title": "DEF-1"}
    assert (new["relationship"], found["relationship"]) == ("blocks", "blocks")
    assert harness.link("us", "DEF-3", "ABC-3")["relationship"] == "is blocked by"


def test_of_several_types_the_first_one_of_the_census_is_used_and_the_result_says_so(harness: RepairHarness) -> None:
    told = harness.repair()
    (link,) = (each for each in told["created"] if each["issue"] == "DEF-4")
    assert link["relationship"] == harness.link("us", "DEF-4", "ABC-4")["relationship"]
    assert link["reason"].startswith("the census has 2 types of it (")
    assert link["reason"].partition("(")[2].startswith(link["relationship"])


def test_without_a_link_of_jira_it_creates_links_of_its_own_kind_and_says_so(tmp_path: Path) -> None:
    with RepairHarness(tmp_path).serving(forms=False) as harness:
        # Who sends a known globalId changes the link that has it.
        elsewhere = {
            "globalId": f"jira_cloud.federation&site=us.example.net&issueId={cloud_id_of('us', 'DEF-2')}",
            "object": {"url": "https://elsewhere.example.com", "title": "mine"},
        }
        harness.as_somebody("POST", "eu", "ABC-2/remotelink", elsewhere)
        told = harness.repair()
        assert reasons_of(told["skipped"]) == {
            MISSING[1]: "a link with the same globalId is there, and leads elsewhere"
        }
        assert ends_of(told["created"]) == [MISSING[0], *MISSING[2:]]
        new = harness.link(*FIRST)
        assert new["globalId"] == f"jira_cloud.federation&site=us.example.net&issueId={cloud_id_of('us', 'DEF-1')}"
        assert new["application"]["type"] == "jira_cloud.federation"
        (line,) = (each for each in harness.listener.lines if "of our kind" in each)
        assert line.startswith("eu -> us, us -> eu: no check has found a link of Jira's own kind")


def test_a_link_that_should_not_be_created_is_left_and_named_with_its_reason(tmp_path: Path) -> None:
    script: dict[str, Any] = {
        "removed": [["eu", "ABC-10", "DEF-10"]],
        "hidden": {"us": ["DEF-2"], "eu": ["ABC-3"]},
        "stale": {"eu -> us": [["ABC-11", "DEF-11"]]},
        "other_links": {"us": {"DEF-3": 2000}},
    }
    with RepairHarness(tmp_path, **script).serving() as harness:
        more = [("eu", "ABC-10", "DEF-10"), ("eu", "ABC-11", "DEF-11"), ("eu", "ABC-12", "DEF-12")]
        harness.find([*MISSING, *more])
        told = harness.repair()
        reasons = {ends[1]: reason for ends, reason in reasons_of(told["skipped"]).items()}
        assert reasons.pop("ABC-10").startswith("somebody removed it on 20")
        assert reasons == {
            "ABC-2": "DEF-2 is not at us, or the account does not see it",
            "ABC-3": "ABC-3 is not at eu, or the account does not see it",
            "ABC-11": "a link to it is there that leads to jira.example.com",
            "ABC-12": "the link is there",
            "DEF-3": "ABC-3 is not at eu, or the account does not see it",
        }
        assert ends_of(told["created"]) == [FIRST, ("us", "DEF-4", "ABC-4")]
        assert "failed" not in told
        harness.switch(hidden={})
        reasons = reasons_of(harness.repair()["skipped"])
        assert reasons["us", "DEF-3", "ABC-3"] == "the issue has 2,000 remote links, the most that an issue can have"


def test_a_link_that_somebody_has_created_since_the_check_is_not_created_again(harness: RepairHarness) -> None:
    url = "https://US.example.net/browse/def-1?focusedCommentId=1"
    harness.as_somebody("POST", "eu", "ABC-1/remotelink", {"object": {"url": url, "title": "mine"}})
    told = harness.repair()
    assert reasons_of(told["skipped"]) == {FIRST: "the link is there"}
    assert ends_of(told["created"]) == MISSING[1:]


def test_a_created_link_that_somebody_removes_is_not_created_again(harness: RepairHarness) -> None:
    harness.repair()
    harness.as_somebody("DELETE", "eu", f"ABC-1/remotelink/{harness.link(*FIRST)['id']}")
    told = harness.repair()
    assert reasons_of(told["skipped"])[FIRST] == "a repair has created it, and somebody has removed it since"
    assert not told["changed"]


def test_a_target_that_was_moved_is_linked_by_the_key_that_it_has_now(tmp_path: Path) -> None:
    moved = {"us": {"DEF-1": "DEF-901"}, "eu": {"ABC-2": "ABC-902"}}
    with RepairHarness(tmp_path, moved=moved).serving() as harness:
        assert ends_of(harness.repair()["created"]) == MISSING
        assert harness.link("eu", "ABC-1", "DEF-901")["object"]["url"] == "https://us.example.net/browse/DEF-901"
        assert harness.link("eu", "ABC-902", "DEF-2")
        assert len(harness.repair()["skipped"]) == 5
        assert ends_of(harness.repair(undo=True)["undone"]) == MISSING


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("IN_PROGRESS", "its job is not complete (running)"),
        ("ERROR", "its job is not complete (ERROR)"),
        ("CANCELLED", "its job is not complete (CANCELLED)"),
    ],
)
def test_it_is_refused_while_a_job_of_a_pair_is_not_complete_unless_the_user_says_so(
    tmp_path: Path, status: str, said: str
) -> None:
    with RepairHarness(tmp_path).serving(status=status) as harness:
        told = harness.repair()
        assert told["failure"]["code"] == "preflight"
        assert {(each["instance"], each["problem"]) for each in told["problems"]} == {
            ("eu -> us", said),
            ("us -> eu", said),
        }
        assert all("""-e link_repair_jobs=any""" in each["remedy"] for each in told["problems"])
        check_nothing_changed(harness)
        assert harness.calls("bulkfetch") == 0
        assert ends_of(harness.repair(jobs="any")["created"]) == MISSING


def test_it_is_refused_for_a_pair_that_never_had_a_job(harness: RepairHarness) -> None:
    told = harness.repair(orders=[order_of(name, wave="another") for name in ("eu", "us", "ap")])
    assert [each["problem"] for each in told["problems"]] == ["its job is not complete (not scheduled)"] * 2
    check_nothing_changed(harness)
    harness.find([FIRST])
    told = harness.repair(orders=[order_of("eu", destinations=["ap"]), order_of("us")])
    assert [each["instance"] for each in told["problems"]] == ["eu -> us"]


def test_more_links_than_the_bound_need_a_decision(harness: RepairHarness) -> None:
    told = harness.repair(max=4)
    assert told["failure"]["code"] == "invalid_option"
    assert "link_repair_findings has 5 missing links, and link_repair_max is 4" in told["msg"]
    assert """-e '{"link_repair_max": 5}'""" in told["msg"]
    check_nothing_changed(harness)
    assert len(harness.repair(max=5)["created"]) == 5


def test_a_file_of_another_federation_is_refused_before_anything_is_sent(harness: RepairHarness) -> None:
    harness.find([*MISSING, ("eu", "ABC-1", "DEF-40"), ("us", "XYZ-1", "ABC-1"), ("us", "ABC-1", "DEF-1")])
    told = harness.repair()
    assert told["failure"]["code"] == "invalid_option"
    assert "3 lines that the last complete census does not expect: line 7 (ABC-1 -> DEF-40), line 8" in told["msg"]
    check_nothing_changed(harness)
    with harness.store() as store:
        store.delete(None)
    assert harness.repair()["failure"]["code"] == "census_incomplete"


def test_only_missing_links_are_created_whatever_else_the_file_has(harness: RepairHarness) -> None:
    harness.find([FIRST], "us,DEF-3,ABC-3,unanswered,,,", "us,DEF-4,ABC-4,stale,,,")
    assert ends_of(harness.repair()["created"]) == [FIRST]
    assert "Rows about other links are left as they are: 1 unanswered, 1 stale" in harness.listener.lines
    harness.find([])
    assert harness.repair()["text"] == ["link_repair_findings has no missing link: nothing to create"]


def test_an_instance_that_takes_no_part_is_not_touched(harness: RepairHarness) -> None:
    harness.find([*MISSING, ("ap", "GHI-1", "ABC-1")])
    told = harness.repair(orders=[order_of("eu"), order_of("us")])
    assert reasons_of(told["skipped"]) == {("ap", "GHI-1", "ABC-1"): "its instance takes no part in this run"}
    told = harness.repair(orders=[order_of("eu")])
    assert (told["failure"]["code"], told["problems"][0]["instance"]) == ("preflight", "us")
    undone = harness.repair(orders=[order_of("eu")], undo=True)
    assert ends_of(undone["undone"]) == MISSING[:3]
    assert {*reasons_of(undone["skipped"]).values()} == {"its instance takes no part in this run"}


def test_in_check_mode_it_says_what_it_would_do_and_sends_nothing(harness: RepairHarness) -> None:
    told = harness.repair(check=True)
    assert (ends_of(told["created"]), told["changed"]) == (MISSING, True)
    assert told["text"][0] == "Would create 5 of 5 missing links"
    assert told["diff"]["before"] == ""
    assert told["diff"]["after"].startswith("eu ABC-1 -> DEF-1 (blocks) https://us.example.net/browse/DEF-1\n")
    check_nothing_changed(harness)
    created = harness.repair()
    assert told["created"] == created["created"]
    would = harness.repair(check=True, undo=True)
    assert (ends_of(would["undone"]), would["text"][0]) == (MISSING, "Would remove 5 of 5 links of earlier repairs")
    assert (would["diff"]["before"], would["diff"]["after"]) == (told["diff"]["after"], "")
    assert harness.calls("delete remotelink") == 0
    assert {each.state for each in harness.journal()} == {RepairState.CREATED}


def test_a_link_that_was_taken_without_an_answer_is_found_and_not_sent_again(harness: RepairHarness) -> None:
    harness.find([FIRST])
    lost = {"call": "create remotelink", "what": "lost"}
    harness.switch(faults=[lost])
    assert ends_of(harness.repair()["created"]) == [FIRST]
    assert harness.calls("create remotelink") == 1
    harness.repair(undo=True)

    # Neither is there an answer when it looks.
    harness.switch(faults=[lost, {"call": "remotelink", "what": 500, "after": 1, "times": 5}])
    told = harness.repair()
    assert (told["failure"]["code"], ends_of(told["failed_links"])) == ("repair_incomplete", [FIRST])
    assert harness.journal()[-1].state is RepairState.INTENDED
    told = harness.repair()
    assert ends_of(told["created"]) == [FIRST]
    assert harness.calls("create remotelink") == 2
    assert harness.there()[FIRST] == 1
    assert ends_of(harness.repair(undo=True)["undone"]) == [FIRST]


def test_a_request_that_may_have_been_taken_is_sent_again_only_once_nothing_is_there(harness: RepairHarness) -> None:
    harness.find([FIRST])
    harness.switch(faults=[{"call": "create remotelink", "what": "no answer"}])
    told = harness.repair()
    assert (harness.calls("create remotelink"), harness.there()[FIRST]) == (1, 0)
    assert "Run again: it looks first whether the link is there" in told["failed_links"][0]["reason"]
    assert ends_of(harness.repair()["created"]) == [FIRST]
    (repair,) = harness.journal()
    assert (repair.state, repair.link_id) == (RepairState.CREATED, harness.link(*FIRST)["id"])


@pytest.mark.parametrize("is_taken", [True, False])
def test_an_undo_removes_a_link_whose_id_was_never_written_down_if_it_is_there(
    harness: RepairHarness, is_taken: bool
) -> None:
    harness.find([FIRST])
    fault = {"call": "create remotelink", "what": "lost" if is_taken else "no answer"}
    harness.switch(faults=[fault, {"call": "remotelink", "what": 500, "after": 1, "times": 5}])
    harness.repair()
    told = harness.repair(undo=True)
    assert ends_of(told["undone"]) == ([FIRST] if is_taken else [])
    nothing = "No link of an earlier repair is there: nothing to remove"
    assert told["text"][0] == ("Removed 1 of 1 link of earlier repairs" if is_taken else nothing)
    assert [each.state for each in harness.journal()] == [RepairState.UNDONE if is_taken else RepairState.INTENDED]
    # Nobody has removed it on purpose.
    assert ends_of(harness.repair()["created"]) == [FIRST]


def test_a_site_that_is_busy_is_asked_again_later(harness: RepairHarness) -> None:
    harness.switch(faults=[{"call": "create remotelink", "what": 429, "times": 2}])
    assert ends_of(harness.repair()["created"]) == MISSING
    assert harness.calls("create remotelink") == 7


def test_a_refusal_in_the_middle_is_named_and_the_others_are_created(harness: RepairHarness) -> None:
    refused = {"call": "create remotelink", "what": 403, "issue": "ABC-2"}
    harness.switch(faults=[refused])
    told = harness.repair()
    assert ends_of(told["failed_links"]) == [MISSING[1]]
    assert "HTTP 403" in told["failed_links"][0]["reason"]
    assert len(told["created"]) == 4
    assert told["msg"].startswith("1 of 5 links failed: ABC-2 -> DEF-2")
    assert [each.state for each in harness.journal() if each.issue == "ABC-2"] == [RepairState.NOT_CREATED]
    assert ends_of(harness.repair()["created"]) == [MISSING[1]]


def test_a_site_that_does_not_accept_the_account_any_more_is_left_alone(harness: RepairHarness) -> None:
    rows = [("eu", f"ABC-{number}", f"DEF-{number}") for number in range(1, 31)]
    harness.find([*rows, MISSING[3]])
    harness.switch(faults=[{"call": "remotelink", "what": 401, "site": "eu", "times": 1000}])
    told = harness.repair()
    assert ends_of(told["created"]) == [MISSING[3]]
    assert len(told["failed_links"]) == 30
    assert any(each["reason"].startswith("not tried: ") for each in told["failed_links"])
    assert harness.ask("calls")["eu"]["remotelink"] < 30


def test_one_process_at_a_time_repairs(harness: RepairHarness) -> None:
    with harness.store() as store, store.repairs.begin(LEASE):
        told = harness.repair()
        assert told["failure"]["code"] == "ledger"
        assert "another process repairs links" in told["msg"]
        assert harness.repair(undo=True)["failure"]["code"] == "ledger"
        assert harness.calls("create remotelink") == 0
        # Who only looks, may.
        assert ends_of(harness.repair(check=True)["created"]) == MISSING
    assert ends_of(harness.repair()["created"]) == MISSING


def test_an_undo_leaves_what_somebody_has_changed_and_knows_what_is_gone(harness: RepairHarness) -> None:
    harness.repair()
    before = harness.there()
    harness.as_somebody("DELETE", "eu", f"ABC-2/remotelink/{harness.link(*MISSING[1])['id']}")
    # The journal has an id that is another link's now.
    harness.note_created("ABC-20", "DEF-20", "appId=earlier&issueId=1")
    harness.switch(hidden={"eu": ["ABC-3"]})
    told = harness.repair(undo=True)
    assert reasons_of(told["undone"]) == {
        FIRST: "",
        MISSING[3]: "",
        MISSING[4]: "",
    }
    assert reasons_of(told["skipped"]) == {
        ("eu", "ABC-20", "DEF-20"): "somebody changed it",
        MISSING[1]: "somebody has removed it already",
        MISSING[2]: "ABC-3 is not there, or the account does not see it",
    }
    assert harness.there() == before - Counter([FIRST, MISSING[1], MISSING[3], MISSING[4]])
    # What somebody has removed is not created again. What an undo has removed is, as far as both issues are there.
    assert ends_of(harness.repair()["created"]) == [FIRST, MISSING[4]]


def test_an_undo_that_was_refused_goes_on_later(harness: RepairHarness) -> None:
    before = harness.every_link()
    harness.repair()
    faults = [
        {"call": "delete remotelink", "what": 403, "issue": "ABC-2"},
        {"call": "delete remotelink", "what": "lost", "issue": "DEF-3"},
    ]
    harness.switch(faults=faults)
    told = harness.repair(undo=True)
    assert ends_of(told["failed_links"]) == [MISSING[1]]
    assert len(told["undone"]) == 4
    assert ends_of(harness.repair(undo=True)["undone"]) == [MISSING[1]]
    assert harness.every_link() == before


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"findings": None}, "link_repair_findings is not set"),
        ({"max": 0}, "link_repair_max is 0"),
        ({"orders": []}, "orders is empty"),
        ({"findings": "/nowhere/findings.csv"}, "link_repair_findings /nowhere/findings.csv cannot be read"),
    ],
)
def test_wrong_options_are_refused_by_the_names_of_the_variables(
    harness: RepairHarness, options: dict[str, Any], said: str
) -> None:
    assert said in harness.repair(**options)["msg"]
    check_nothing_changed(harness)


def test_no_token_is_in_a_result_a_line_a_file_or_the_store(tmp_path: Path) -> None:
    with RepairHarness(tmp_path).serving_as_real() as harness:
        harness.switch(faults=[{"call": "create remotelink", "what": 403}])
        seen: list[Any] = []
        for options in ({"check": True}, {}, {}, {"undo": True}):
            seen += [harness.repair(**options), harness.listener.lines, harness.listener.warnings]
        assert harness.calls("create remotelink") == 6
        assert harness.calls("delete remotelink") == 5
        harness.switch(api_token="another")
        told = harness.repair()
        assert told["failure"]["code"] == "preflight"
        seen += [told, harness.listener.lines]
    files = [path.read_text("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    encoded = b64encode(f"{EMAIL}:{TOKEN}".encode()).decode()
    for text in (json.dumps(seen, default=str), *files):
        assert TOKEN not in text
        assert encoded not in text


class Stopping(Listener):
    """Stops the work when the second link is created, as a Ctrl-C does."""

    def line(self, text: str, level: Level = Level.INFO) -> None:
        super().line(text, level)
        if sum(each.endswith("  created") for each in self.lines) == 2 and text.endswith("  created"):
            raise KeyboardInterrupt


def test_a_repair_that_is_stopped_says_what_was_created_and_goes_on_later(harness: RepairHarness) -> None:
    listener = Stopping()
    with pytest.raises(KeyboardInterrupt):
        harness.repair(listener=listener)
    created = [each for each in harness.journal() if each.state is RepairState.CREATED]
    assert 2 <= len(created) <= 5
    assert any(each.startswith("Created ") and each.endswith(" of 5 missing links") for each in listener.lines)
    harness.repair()
    assert {**harness.there()} == {**harness.there(), **dict.fromkeys(MISSING, 1)}
