# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts as they are written: in numbers, with texts only where there is something to say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from .._ledger.store import Row
from .._model.projects import split_key
from .._model.verdicts import Verdict
from .check_projects import CheckedProject, CheckedProjects
from .checks import CheckedLink
from .database import Database
from .insertions import Texts, insertions
from .leased import CHECKS

#: A verdict is written as its place in this list. What was released never moves.
VERDICTS = (
    Verdict.FOUND,
    Verdict.MISSING,
    Verdict.STALE,
    Verdict.DUPLICATE,
    Verdict.SOURCE_ABSENT,
    Verdict.TARGET_ABSENT,
    Verdict.UNANSWERED,
)
_FOUND, _UNANSWERED = VERDICTS.index(Verdict.FOUND), VERDICTS.index(Verdict.UNANSWERED)

#: How many findings are read at once.
_PAGE = 1000
_KEY = "check_number, generation, project, issue, target_project, target"
_VALUES = ("verdict", "is_sampled", "relationship", "url", "note")
_REPLACING = (
    f"({_KEY}) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in _VALUES)}"
    f" WHERE link_check_verdicts.verdict = {_UNANSWERED}"
)
#: The statement that has the unanswered ones asked again.
FORGET_UNANSWERED = (
    f"DELETE FROM link_check_verdicts WHERE check_number = :check_number AND verdict = {_UNANSWERED}"  # noqa: S608
    f" AND {CHECKS.held}"
)
_FINDINGS = (
    "SELECT * FROM link_check_verdicts WHERE check_number = :check_number AND generation = :generation"  # noqa: S608
    " AND project = :project AND (issue, target_project, target) > (:issue, :target_project, :target)"
    f" AND (verdict <> {_FOUND} OR note <> '') ORDER BY issue, target_project, target LIMIT {_PAGE}"
)
_TALLIES = (
    "SELECT generation, project, target_project, verdict, COUNT(*) AS links FROM link_check_verdicts"
    " WHERE check_number = :check_number AND is_sampled GROUP BY generation, project, target_project, verdict"
)


def verdict_insertions(projects: CheckedProjects, links: Sequence[CheckedLink], texts: Texts) -> Iterator[str]:
    """The statements that write verdicts. They replace those that were unanswered, and no others."""
    # The same row twice in one statement is an error.
    rows = {projects.place_of(each): each for each in links}
    return insertions(
        "link_check_verdicts",
        f"{_KEY}, {', '.join(_VALUES)}",
        [f"({', '.join(map(str, place))}, {_values(each, texts)})" for place, each in rows.items()],
        CHECKS.held,
        _REPLACING,
    )


def _values(link: CheckedLink, texts: Texts) -> str:
    """What is written of a link, in SQL. Of one that is plainly found there is nothing to say."""
    is_plain = link.verdict == Verdict.FOUND and not link.note
    said = ("", "", "") if is_plain else (link.relationship, link.url, link.note)
    return f"{VERDICTS.index(link.verdict)}, {str(link.is_sampled).upper()}, {texts.names(said)}"


def tallies(database: Database, check: int, projects: CheckedProjects) -> dict[tuple[str, str, str], Counter[Verdict]]:
    """How often each verdict was given in the sample, by source, instance and destination."""
    found: dict[tuple[str, str, str], Counter[Verdict]] = {}
    for row in database.query(_TALLIES, {"check_number": check}):
        here, there = (projects.projects[row["generation"], row[name]] for name in ("project", "target_project"))
        pair = found.setdefault((here.source, here.product_url, there.product_url), Counter())
        pair[VERDICTS[row["verdict"]]] += row["links"]
    return found


def findings(database: Database, check: int, projects: CheckedProjects) -> Iterator[CheckedLink]:
    """What is not plainly found, by instance, issue and target."""
    in_order = sorted(projects.asked, key=lambda each: (each.project.product_url, each.project.key))
    for each in in_order:
        for _issue, rows in groupby(_finding_rows(database, check, each), key=lambda row: row["issue"]):
            links = [_link_in(row, projects, each) for row in rows]
            yield from sorted(links, key=lambda link: split_key(link.target))


def _finding_rows(database: Database, check: int, project: CheckedProject) -> Iterator[Row]:
    """Those of a project, page by page: of a job that has done nothing there are as many as links."""
    last: Row = {"issue": 0, "target_project": 0, "target": 0}
    while True:
        rows = database.query(_FINDINGS, {**last, **project.key, "check_number": check})
        yield from rows
        if len(rows) < _PAGE:
            return
        last = {name: rows[-1][name] for name in last}


def _link_in(row: Row, projects: CheckedProjects, project: CheckedProject) -> CheckedLink:
    here, there = project.project, projects.projects[project.generation, row["target_project"]]
    return CheckedLink(
        here.source,
        here.product_url,
        there.product_url,
        f"{here.key}-{row['issue']}",
        f"{there.key}-{row['target']}",
        VERDICTS[row["verdict"]],
        row["relationship"],
        row["url"],
        row["note"],
        bool(row["is_sampled"]),
    )
