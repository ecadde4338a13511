# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading links from a CSV file."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._census.file import LinkFile
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._service.data_center import Issue, IssueLink

HEAD = "link_id,source_key,target_key,type,outward,inward,pstyle\n"


def opened(folder: Path, text: str | bytes) -> LinkFile:
    path = folder / "links.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return LinkFile("link_census_file", path)


def test_each_link_is_at_both_of_its_ends_with_the_phrase_of_that_end(tmp_path: Path) -> None:
    rows = (
        '10,ABC-2,DEF-1,Blocks,"blocks, hard",is blocked by,\n'
        "9,DEF-1,ABC-2,Relates,relates to,relates to,NULL\n"
        "11,ABC-10,ABC-2,jira_subtask_link,x,y,jira_subtask\n"
        "12,DEF-5,ABC-2,Epic-Story Link,has Epic,is Epic of,jira_gh_epic_story\n"
    )
    with opened(tmp_path, f"\ufeff{HEAD}{rows}\r\n") as file:
        assert file.projects() == ["ABC", "DEF"]
        assert list(file.issues("ABC")) == [
            [
                Issue(
                    "ABC-2",
                    (
                        IssueLink("10", "DEF-1", "Blocks", "blocks, hard"),
                        IssueLink("9", "DEF-1", "Relates", "relates to"),
                    ),
                    # The source of such a link is the parent, or the epic.
                    parent="ABC-10",
                    epic="DEF-5",
                )
            ]
        ]
        assert [each.key for some in file.issues("DEF") for each in some] == ["DEF-1"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "lacks the columns link_id"),
        (HEAD, "has no link"),
        (HEAD.replace(",", ";"), "is not separated by commas"),
        (HEAD.replace("pstyle", "style"), "lacks the columns pstyle"),
        (HEAD + "1,ABC-1\n", "line 2 has 2 fields instead of 7"),
        (HEAD + "1,ABC-1,DEF-1,t,o,i,\n2,10200,DEF-1,t,o,i,\n", "line 3 has '10200' as source_key"),
        (HEAD + "1,ABC-1,DEF-1,t,o,i,\n1,ABC-1,DEF-1,t,o,i,\n", "line 3 has the link_id 1 a second time"),
        (HEAD + "x,ABC-1,DEF-1,t,o,i,\n", "line 2 has 'x' as link_id"),
        (HEAD + '1,ABC-1,DEF-1,"t,o,i,\n', "is not CSV"),
        (HEAD.encode() + b"1,ABC-1,DEF-1,\xe9,o,i,\n", "is not UTF-8"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_its_line(tmp_path: Path, text: str | bytes, problem: str) -> None:
    with pytest.raises(InvalidOption, match="link_census_file") as failure:
        opened(tmp_path, text)
    assert problem in failure.value.failure.what
    assert failure.value.failure.advice


def test_another_export_in_the_place_of_a_file_is_another_one(tmp_path: Path) -> None:
    rows = ["1,ABC-1,DEF-1,t,o,i,\n", "2,ABC-1,DEF-1,t,o,i,\n"]
    with opened(tmp_path, HEAD + rows[0]) as one, opened(tmp_path, HEAD + "".join(rows)) as other:
        assert one.version != other.version


def test_a_file_that_the_temporary_files_have_no_room_for_is_refused_with_what_to_do(tmp_path: Path) -> None:
    text = HEAD + "".join(f"{number},ABC-{number},DEF-{number},Blocks,blocks,is,\n" for number in range(1, 60_000))
    (tmp_path / "links.csv").write_text(text, encoding="utf-8")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # As a disk that is full.
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(InvalidOption) as failure:
            LinkFile("link_census_file", tmp_path / "links.csv")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "cannot be sorted: " in failure.value.failure.what
    assert "has free space" in failure.value.failure.advice
