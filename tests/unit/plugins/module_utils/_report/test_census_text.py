# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a census has found, as people read it and as a file."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._census.summary import CensusResult
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import LinkUpdateError
from ansible_collections.jira_cloud.federation.plugins.module_utils._naming import ROLE
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.census_text import text_of
from ansible_collections.jira_cloud.federation.plugins.module_utils._report.files import (
    CENSUS,
    check_folder,
    write_json,
)

SERVER, OLD = "https://jira.example.com", "https://old.example.com"
THREE = ("eu", "us", "ap")


def census(names: Sequence[str] = THREE, count: int = 1234, **more: Any) -> CensusResult:
    """A complete census; between the first two instances there are no links."""
    none = {tuple(names[:2]), tuple(reversed(names[:2]))}
    pairs = [(pair, 0 if pair in none else count) for pair in permutations(names, 2)]
    result: dict[str, Any] = {
        "complete": True,
        "generation": 3,
        "begun_at": "2026-03-01T12:00:00.000000Z",
        "ended_at": "2026-03-01T12:41:00.000000Z",
        "sources": [source()],
        "pairs": [
            {"instance": one, "destination": two, "expected": number, "by_source": {SERVER: number}}
            for (one, two), number in pairs
        ],
        "outside": {"links": 0, "projects": []},
        "not_covered": {
            "epic_links": {"total": 0, "between_instances": 0},
            "sub_tasks": {"total": 0, "between_instances": 0},
            "issues_over_limit": [],
        },
        "unread": [],
    }
    return {**result, **more}  # type: ignore[typeddict-item]


def source(**more: Any) -> dict[str, Any]:
    read = {"url": SERVER, "read_from": SERVER, "exact": False, "complete": True}
    return {**read, "issues": 48210, "total": 48210, "links": 2468, **more}


def joined(lines: Sequence[str]) -> list[str]:
    """Lines, those that go on below put together again."""
    return "\n".join(lines).replace("\n  ", " ").split("\n")


# -- As lines


def test_a_complete_census_has_its_numbers_in_a_matrix() -> None:
    assert joined(text_of(census())) == [
        "Census 3 of jira.example.com: 48,210 issues, 2,468 links between instances, complete as this account sees it",
        "from \\ to  eu     us     ap",
        "eu         .          0  1,234",
        "us             0  .      1,234",
        "ap         1,234  1,234  .",
        "Remote links that the sites must have: 4,936, one at each end of a link. Several links between the same two "
        "issues count as one",
        "No links: 2 pairs of 6 (eu -> us, us -> eu)",
    ]


def test_a_file_is_exact_and_a_copy_is_named() -> None:
    sources = [source(read_from="/srv/links.csv", exact=True), source(url=OLD, read_from="https://copy.example.com")]
    said = joined(text_of(census(sources=sources)))[:2]
    assert said == [
        "Census 3 of jira.example.com: 48,210 issues, read from /srv/links.csv, 2,468 links between instances, exact",
        "Census 3 of old.example.com: 48,210 issues, read from https://copy.example.com, 2,468 links between "
        "instances, complete as this account sees it",
    ]


def test_what_is_not_in_the_numbers_is_counted_apart() -> None:
    outside = {
        "links": 78,
        "projects": [
            {"source": SERVER, "project": "HR", "links": 0},
            {"source": SERVER, "project": "OPS", "links": 78},
        ],
    }
    not_covered = {
        "epic_links": {"total": 1500, "between_instances": 12},
        "sub_tasks": {"total": 1, "between_instances": 0},
        "issues_over_limit": [{"source": SERVER, "issue": "ABC-1", "links": 2345}],
    }
    lines = joined(text_of(census(outside=outside, not_covered=not_covered)))
    assert lines[-3:] == [
        "Leave the federation, not counted: 78 links. Projects of no instance: OPS (78), HR (0)",
        "No issue links, so counted apart: 1,500 epic links (12 between instances), 1 sub-task (0 between instances)",
        "Over the limit of 2,000 remote links: 1 issue (ABC-1 (2,345)). Not all links of these can be recreated",
    ]


def test_what_keeps_it_from_being_complete_is_said_once_with_what_to_do() -> None:
    what = {"problem": "this account may not browse it", "remedy": "give the account Browse projects"}
    unread = [{"source": SERVER, "project": key, **what} for key in ("ABC", "DEF")]
    unread.append({"source": SERVER, "project": "", "problem": "it asked for a log-in page", "remedy": ""})
    sources = [source(issues=40000, complete=False)]
    lines = joined(text_of(census(complete=False, sources=sources, unread=unread)))
    assert lines[0] == (
        "Census 3 of jira.example.com: 40,000 of 48,210 issues, 2,468 links between instances, NOT complete"
    )
    assert any(line.startswith("Remote links that the sites must have: at least 4,936, one at") for line in lines)
    assert not any(line.startswith("No links") for line in lines), "a pair that was not read may have some"
    assert lines[-3:] == [
        "The census is not complete: 2 problems. The numbers above are too small",
        "- jira.example.com, ABC, DEF: this account may not browse it To do: Give the account Browse projects",
        "- jira.example.com: it asked for a log-in page",
    ]


def test_of_very_many_problems_some_are_shown() -> None:
    unread = [
        {"source": SERVER, "project": f"P{number}", "problem": f"no {number}", "remedy": ""} for number in range(25)
    ]
    assert text_of(census(unread=unread))[-1] == "5 more: link_census.json has all of them"


@pytest.mark.parametrize("count", [2, 3, 8, 12, 20, 50])
def test_every_line_fits_80_columns_with_its_clock_time(count: int) -> None:
    names = [f"instance-{number:02}" for number in range(1, count + 1)]
    lines = text_of(census(names, 1234567))
    assert max(map(len, lines)) <= 70
    assert all(lines)


def test_of_very_many_instances_each_has_its_sum() -> None:
    names = [f"instance-{number:02}" for number in range(1, 21)]
    lines = text_of(census(names, 1234567))
    assert [re.split(" {2,}", line) for line in lines[2:5]] == [
        ["instance", "links"],
        ["instance-01, instance-02", "22,222,206"],
        ["instance-03 and 17 more", "23,456,773"],
    ]


# -- The file


def test_the_file_has_all_of_it_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "of today"
    check_folder(str(folder), ROLE, [CENSUS])
    result = census()
    path = Path(write_json(CENSUS, result, str(folder), ROLE))
    assert (path, json.loads(path.read_text(encoding="utf-8"))) == (folder / "link_census.json", result)
    assert [stat.S_IMODE(each.stat().st_mode) for each in (path, folder)] == [0o600, 0o700]
    assert [each.name for each in folder.iterdir()] == [path.name]


def test_a_folder_where_the_file_should_be_is_found_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "link_census.json").mkdir()
    check_folder(str(tmp_path), ROLE)
    with pytest.raises(LinkUpdateError, match=r"link_census.json is a folder"):
        check_folder(str(tmp_path), ROLE, [CENSUS])
