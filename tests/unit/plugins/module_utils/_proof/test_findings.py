# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A file of findings as people give it back: whatever a spreadsheet or an editor has made of it."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._model.verdicts import Verdict
from ansible_collections.jira_cloud.federation.plugins.module_utils._proof.findings import (
    Finding,
    Findings,
    read_findings,
)

HEAD = "instance,issue,target,verdict,relationship,url,note"
ROWS = [
    "eu,ABC-1,DEF-2,missing,blocks,https://us.example.net/browse/DEF-2,",
    'us,DEF-2,ABC-1,missing,is blocked by,https://eu.example.net/browse/ABC-1,"a note, with a comma"',
    "us,DEF-3,ABC-4,stale,relates to,https://jira.example.com/browse/ABC-4,",
]
FINDINGS = Findings(
    (Finding(2, "eu", "ABC-1", "DEF-2"), Finding(3, "us", "DEF-2", "ABC-1")), Counter({Verdict.STALE: 1})
)


def read(path: Path, content: str | bytes) -> Findings:
    file = path / "findings.csv"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_findings("link_repair_findings", file, ["eu", "us"])


def refusal(path: Path, content: str | bytes) -> str:
    with pytest.raises(InvalidOption) as caught:
        read(path, content)
    message = str(caught.value)
    assert message.startswith(f"link_repair_findings {path / 'findings.csv'} ")
    return message.removeprefix(f"link_repair_findings {path / 'findings.csv'} ")


def text_of(*rows: str, head: str = HEAD, end: str = "\n") -> str:
    return "".join(f"{each}{end}" for each in (head, *rows))


def quoted(row: str) -> str:
    """A row whose cells are all in quotes, between semicolons."""
    return ";".join(f'"{each}"' for each in next(csv.reader([row])))


@pytest.mark.parametrize(
    "content",
    [
        text_of(*ROWS),
        text_of(*ROWS).rstrip("\n"),
        text_of(*ROWS, end="\r\n"),
        text_of(*ROWS, end="\r"),
        "\ufeff" + text_of(*ROWS),
        text_of(*ROWS, "", ",,,,,,", " , ,,,,,"),
        text_of(*map(quoted, ROWS), head=HEAD.replace(",", ";")),
        text_of(*map(quoted, ROWS), head=HEAD.replace(",", ";")).replace(";", "\t"),
        text_of(*ROWS).upper().replace("EU,", "eu,").replace("US,", "us,"),
        text_of(*ROWS).replace("eu,ABC-1,", " eu , ABC-1 ,"),
        text_of(*ROWS, ROWS[0], ROWS[2]),
        text_of(*(f"{row},mine" for row in ROWS), head=f"{HEAD},ticket"),
        text_of(
            "ABC-1,missing,DEF-2,eu",
            "DEF-2,missing,ABC-1,us",
            "DEF-3,stale,ABC-4,us",
            head="issue,verdict,target,instance",
        ),
    ],
    ids=[
        "as the check writes it",
        "no line end at the end",
        "line ends of Windows",
        "line ends of an old Mac",
        "byte order mark",
        "rows with nothing in them",
        "semicolons",
        "tabs",
        "capitals",
        "blanks",
        "rows twice",
        "a column more",
        "columns moved and removed",
    ],
)
def test_a_file_is_read_whatever_a_spreadsheet_has_made_of_it(tmp_path: Path, content: str) -> None:
    assert read(tmp_path, content) == FINDINGS


def test_a_row_that_was_deleted_is_not_repaired(tmp_path: Path) -> None:
    assert read(tmp_path, text_of(ROWS[1])) == Findings((Finding(2, "us", "DEF-2", "ABC-1"),), Counter())
    assert read(tmp_path, text_of()) == Findings((), Counter())


def test_the_apostrophe_before_what_looks_like_a_formula_is_no_part_of_it(tmp_path: Path) -> None:
    file = tmp_path / "findings.csv"
    file.write_text(text_of("'-eu,ABC-1,DEF-2,missing,'=blocks,,"))
    assert read_findings("findings", file, ["-eu"]).missing == (Finding(2, "-eu", "ABC-1", "DEF-2"),)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is empty"),
        ("\ufeff \r\n", "is empty"),
        (b"PK\x03\x04...", "is not CSV, but a spreadsheet or an archive. Save it as CSV, in UTF-8"),
        (text_of(*ROWS).encode("utf-16"), "is UTF-16. Save it as CSV, in UTF-8"),
        (text_of(*ROWS, "eu,ABC-9,DEF-9,missing,schließt,,").encode("cp1252"), "is not UTF-8, see line 5"),
        ("a\0b", "is not text"),
        (text_of(*ROWS, head="a;b;c"), "lacks the columns instance, issue, target, verdict in its first line"),
        (text_of(*ROWS, head=HEAD.replace("verdict", "state")), "lacks the column verdict in its first line"),
        (text_of(*ROWS, head=f"{HEAD},issue"), "has the column issue twice in its first line"),
        (text_of(*ROWS, 'eu,"ABC-1'), "line 5 is not CSV"),
        (text_of("eu,ABC-1,DEF-2,gone,,,"), "line 2 has the verdict 'gone', which no check gives"),
        (text_of("eu,ABC-1,DEF-2"), "line 2 has the verdict '', which no check gives"),
        (
            text_of(ROWS[0], "ap,ABC-1,DEF-2,missing,,,"),
            "line 3 has the instance 'ap', which is not in the federation (eu, us)",
        ),
        (text_of("eu,May 05,DEF-2,missing,,,"), "line 2 has 'May 05' as issue, which is not the key of an issue"),
        (text_of("eu,ABC-1,,missing,,,"), "line 2 has '' as target"),
        (text_of("eu,ABC-1,DEF-2,missing,a,b,c,d"), "line 2 has 8 fields instead of 7"),
        (
            text_of(ROWS[0], ROWS[0].replace("missing", "found")),
            "line 3 says found of ABC-1 -> DEF-2, but line 2 says missing",
        ),
        (text_of(*["eu,x,DEF-2,missing,,,"] * 9), "has 9 lines that cannot be used"),
    ],
)
def test_what_cannot_be_used_is_said_once_with_its_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    message = refusal(tmp_path, content)
    assert said in message
    assert "UTF-8" in message or message.endswith("only delete the rows that you do not want")


def test_of_many_lines_that_cannot_be_used_some_are_named(tmp_path: Path) -> None:
    message = refusal(tmp_path, text_of(*[f"eu,x,DEF-{number},missing,,," for number in range(1, 10)]))
    assert message.count("line ") == 5
    assert "line 6 has" in message
    assert "and 4 more" in message


def test_a_folder_a_file_that_is_not_there_and_one_that_is_huge_are_refused(tmp_path: Path) -> None:
    (tmp_path / "huge.csv").touch()
    with (tmp_path / "huge.csv").open("r+b") as file:
        file.truncate(200 * 1024**2)
    for name, said in {".": "Is a directory", "no.csv": "No such file", "huge.csv": "is larger than 128 MiB"}.items():
        with pytest.raises(InvalidOption, match=said):
            read_findings("findings", tmp_path / name, ["eu"])


def test_no_character_of_a_file_reaches_a_terminal_as_it_is(tmp_path: Path) -> None:
    message = refusal(tmp_path, text_of("\x1b[31mred,ABC-1,DEF-2,missing,,,"))
    assert message.isprintable()
