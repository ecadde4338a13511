# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The query that a DBA runs gives every link of Jira's tables, and the page has it as it is in its file."""

from __future__ import annotations

import csv
import io
import os
import re
import subprocess
from pathlib import Path

import psycopg
import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._census.file import LinkFile
from ansible_collections.jira_cloud.federation.tests.unit.support import COLLECTION

EXAMPLES = COLLECTION / "docs/examples"
PAGE = (COLLECTION / "docs/docsite/rst/how_to_census_file.rst").read_text(encoding="utf-8")
COLUMNS = ("link_id", "source_key", "target_key", "type", "outward", "inward", "pstyle")

#: As Jira makes them in PostgreSQL, without columns that no link depends on.
TABLES = """
CREATE SCHEMA jira;
SET search_path = jira;
CREATE TABLE project (
    id numeric(18) PRIMARY KEY, pname varchar(255), pkey varchar(255), pcounter numeric(18), originalkey varchar(255)
);
CREATE TABLE jiraissue (
    id numeric(18) PRIMARY KEY, pkey varchar(255), issuenum numeric(18), project numeric(18), issuetype varchar(255),
    summary varchar(255), security numeric(18), archived char(1), archivedby varchar(255), archiveddate timestamptz
);
CREATE TABLE issuelinktype (
    id numeric(18) PRIMARY KEY, linkname varchar(255), inward varchar(255), outward varchar(255), pstyle varchar(60)
);
CREATE TABLE issuelink (
    id numeric(18) PRIMARY KEY, linktype numeric(18), source numeric(18), destination numeric(18), sequence numeric(18)
);
"""
#: Their columns: id, key now, key at first.
PROJECTS = [(10000, "EUR", "EUR"), (10001, "USA", "USA"), (10002, "NEW2", "OLD")]
#: Id, project, number, level of security, archived. What is hidden or archived is linked as well.
ISSUES = [
    (20001, 10000, 1, None, None),
    (20002, 10000, 12, None, "N"),
    (20003, 10000, 100000, 10100, None),
    (20004, 10001, 1, None, "Y"),
    (20005, 10001, 2, None, None),
    (20006, 10002, 7, None, None),
]
#: Id, name, inward, outward, style.
TYPES = [
    (10000, "Blocks", "is blocked by", "blocks", None),
    (10001, 'Ursache, "früher"', 'wird, wie "üblich", verursacht', "ist\nUrsache von", None),
    (10002, "Relates", "relates to", "relates to", ""),
    (10100, "jira_subtask_link", "jira_subtask_inward", "jira_subtask_outward", "jira_subtask"),
    (10200, "Epic-Story Link", "has Epic", "is Epic of", "jira_gh_epic_story"),
]
#: Id, type, source, destination. The last one leads to an issue that is no longer there.
LINKS = [
    (30009, 10000, 20001, 20004),
    (30001, 10000, 20001, 20005),
    (30002, 10001, 20005, 20002),
    (30003, 10002, 20003, 20006),
    (30004, 10002, 20001, 20002),
    (30005, 10100, 20001, 20002),
    (30006, 10200, 20006, 20004),
    (30007, 10000, 20001, 29999),
]


@pytest.fixture
def jira(postgresql: str) -> str:
    """The URL of a database with Jira's tables, in a schema of their own."""
    with psycopg.connect(postgresql) as connection, connection.cursor() as cursor:
        cursor.execute(TABLES)
        cursor.executemany("INSERT INTO project (id, pkey, originalkey) VALUES (%s, %s, %s)", PROJECTS)
        cursor.executemany(
            "INSERT INTO jiraissue (id, project, issuenum, security, archived) VALUES (%s, %s, %s, %s, %s)", ISSUES
        )
        cursor.executemany(
            "INSERT INTO issuelinktype (id, linkname, inward, outward, pstyle) VALUES (%s, %s, %s, %s, %s)", TYPES
        )
        cursor.executemany("INSERT INTO issuelink (id, linktype, source, destination) VALUES (%s, %s, %s, %s)", LINKS)
    return postgresql


def expected() -> list[tuple[str, ...]]:
    """Every link between two issues, as nothing but Python finds it."""
    keys = {project: key for project, key, _first in PROJECTS}
    issues = {issue: f"{keys[project]}-{number}" for issue, project, number, *_rest in ISSUES}
    types = {each: texts for each, *texts in TYPES}
    rows = []
    for link, kind, source, target in sorted(LINKS):
        name, inward, outward, style = types[kind]
        if source in issues and target in issues:
            rows.append((str(link), issues[source], issues[target], name, outward, inward, style or ""))
    return rows


def exported_as_the_page_says(database: str, query: str, folder: Path) -> str:
    """The file that the commands of the page write, with tables in the schema that they name."""
    (folder / "link_census_postgresql.sql").write_text(query, encoding="utf-8")
    (commands,) = re.findall(r"^   \$ (export PGOPTIONS.*?\n)\n", PAGE, re.MULTILINE | re.DOTALL)
    typed = commands.replace("\n   $ ", "\n").replace("postgresql://reader@db.example.com/jira", database)
    assert database in typed
    # A client with another encoding makes the same file.
    environment = {**os.environ, "PGCLIENTENCODING": "LATIN1", "HOME": str(folder)}
    subprocess.run(["bash", "-ec", typed], cwd=folder, env=environment, check=True)
    return (folder / "links.csv").read_bytes().decode("utf-8")


def rows_of(text: str) -> list[tuple[str, ...]]:
    header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    assert tuple(header) == COLUMNS
    return [tuple(row) for row in rows]


def test_the_query_gives_every_link_whether_or_not_an_account_sees_its_issues(jira: str, tmp_path: Path) -> None:
    query = (EXAMPLES / "link_census_postgresql.sql").read_text(encoding="utf-8")
    assert rows_of(exported_as_the_page_says(jira, query, tmp_path)) == expected()
    assert len(expected()) == 7


def test_a_census_reads_what_the_query_has_written(jira: str, tmp_path: Path) -> None:
    exported_as_the_page_says(jira, (EXAMPLES / "link_census_postgresql.sql").read_text(encoding="utf-8"), tmp_path)
    ends, relations = set(), set()
    with LinkFile("link_census_file", tmp_path / "links.csv") as file:
        for issue in (each for project in file.projects() for some in file.issues(project) for each in some):
            ends |= {(link.link_id, issue.key, link.other, link.type) for link in issue.links}
            relations |= {(name, issue.key, getattr(issue, name)) for name in ("parent", "epic")}
    rows = expected()
    one_way = {(link, source, target, name) for link, source, target, name, _out, _in, style in rows if not style}
    assert ends == one_way | {(link, target, source, name) for link, source, target, name in one_way}
    assert {each for each in relations if each[2]} == {("parent", "EUR-12", "EUR-1"), ("epic", "USA-1", "NEW2-7")}


@pytest.mark.parametrize(
    ("condition", "left"),
    [
        ("WHERE s.project <> t.project", ["30001", "30002", "30003", "30006", "30009"]),
        (
            "WHERE COALESCE(s.archived, 'N') <> 'Y' AND COALESCE(t.archived, 'N') <> 'Y'",
            ["30001", "30002", "30003", "30004", "30005"],
        ),
    ],
)
def test_a_condition_of_the_page_leaves_out_what_the_page_says(
    condition: str, left: list[str], jira: str, tmp_path: Path
) -> None:
    assert f"   {condition}\n" in PAGE
    query = (EXAMPLES / "link_census_postgresql.sql").read_text(encoding="utf-8")
    shorter = query.replace("ORDER BY", f"{condition}\n  ORDER BY")
    assert [row[0] for row in rows_of(exported_as_the_page_says(jira, shorter, tmp_path))] == left


def test_the_page_has_each_query_as_it_is_in_its_file() -> None:
    blocks = re.findall(r"^\.\. code-block:: sql\n   :caption: (\S+)\n\n((?:   .*\n|\n)+)", PAGE, re.MULTILINE)
    shown = {name: re.sub(r"^   ", "", text, flags=re.MULTILINE).strip() for name, text in blocks}
    files = {path.name: path.read_text(encoding="utf-8").strip() for path in EXAMPLES.glob("link_census_*.sql")}
    assert shown == files


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("link_census_*.sql")), ids=lambda path: path.stem)
def test_every_query_joins_the_same_tables_and_says_whether_it_is_tested(path: Path) -> None:
    query = path.read_text(encoding="utf-8")
    joins = re.findall(r"^ *(?:FROM|JOIN) (?:jiraschema\.)?(.+?);?$", query, re.MULTILINE)
    assert joins == [
        "issuelink l",
        "issuelinktype lt ON lt.id = l.linktype",
        "jiraissue s ON s.id = l.source",
        "project sp ON sp.id = s.project",
        "jiraissue t ON t.id = l.destination",
        "project tp ON tp.id = t.project",
    ]
    assert ("Not tested by the authors" in query) is (path.stem != "link_census_postgresql")
