# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search of the stand-in's Data Center, with the traps that are in it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from ._stand_in_documents import Documents
from ._stand_in_issues import Issues, issues_of
from ._stand_in_jql import Hits, JqlError, search
from ._stand_in_reply import Reply, jira_error
from ._stand_in_switches import Guard

_FIELDS = ("jql", "startAt", "maxResults", "fields", "validateQuery", "expand")
#: How many issues a page has where nobody says.
_PAGE = 50


@dataclass(frozen=True)
class Question:
    """What a search asks for."""

    jql: str
    start: int
    size: int
    fields: frozenset[str]
    #: Whether a value that does not exist is an error.
    is_checked: bool

    @classmethod
    def of(cls, given: str | bytes) -> Question:
        """Read a question.

        :param given: a query string, or the body of a POST.
        :raises ValueError: it is none.
        """
        asked: Any
        if isinstance(given, str):
            asked = {name: values if name == "fields" else values[-1] for name, values in parse_qs(given).items()}
        else:
            asked = json.loads(given)
        if not isinstance(asked, dict):
            raise ValueError("Can not deserialize instance of SearchRequestBean")
        for name in asked:
            if name not in _FIELDS and not isinstance(given, str):
                raise ValueError(f'Unrecognized field "{name}" (Class SearchRequestBean), not marked as ignorable')
        return cls(
            jql=str(asked.get("jql") or ""),
            start=int(asked.get("startAt") or 0),
            size=int(asked.get("maxResults", _PAGE)),
            fields=fields_in(asked.get("fields") or []),
            is_checked=str(asked.get("validateQuery")).lower() != "false",
        )


class Search:
    """Answers searches.

    :param counts: what happened, for the report.
    """

    def __init__(self, issues: Issues, documents: Documents, guard: Guard, counts: Counter[str]) -> None:
        self._issues = issues
        #: What anybody sees who is nobody.
        self._nothing = issues_of({})
        self._documents = documents
        self._guard = guard
        self._counts = counts

    def answer(self, given: str | bytes, user: str | None, is_anonymous: bool) -> Reply:
        """The answer to a search.

        :param user: None for somebody who never was known.
        :param is_anonymous: whether it comes from nobody, maybe no longer known.
        """
        number = self._guard.searches
        self._issues.hide(self._guard.switches.deleted_after.pop(str(number), ()))
        self._guard.searches += 1
        try:
            question = Question.of(given)
        except (ValueError, TypeError) as exc:
            return jira_error(400, str(exc))
        try:
            hits = search(self._jql_of(question, number), self._issues if user else self._nothing)
        except JqlError as exc:
            if question.is_checked:
                return jira_error(400, str(exc))
            hits = []  # it looks like the end
        return self._page(question, hits, number, is_anonymous)

    def _jql_of(self, question: Question, number: int) -> str:
        first = self._guard.switches.repeats_after
        return question.jql if first is None or number < first else re.sub(' AND key > "[^"]*"', "", question.jql)

    def _page(self, question: Question, hits: Sequence[Hits], number: int, is_anonymous: bool) -> Reply:
        switches = self._guard.switches
        is_over = question.start >= switches.offset_limit
        if is_over and switches.offset_end == "error":
            return jira_error(500, "Internal server error")
        size = min(question.size, switches.page_limit)
        stop = question.start if is_over or number in switches.empty_page_at else question.start + size
        indexes = _indexes(hits, question.start, min(stop, switches.offset_limit))
        issues = [self._issue(index, question, is_anonymous) for index in indexes]
        if number in switches.upside_down_at:
            issues.reverse()
        total = sum(len(each.numbers) for each in hits)
        page = {
            "expand": "names,schema",
            "startAt": question.start,
            "maxResults": size,
            "total": total,
            "issues": issues,
        }
        if switches.body_limit is not None and len(json.dumps(page)) > switches.body_limit:
            return jira_error(500, "Java heap space")
        self._counts.update(pages=bool(issues), issues=len(issues))
        return Reply(200, page)

    def _issue(self, index: int, question: Question, is_anonymous: bool) -> dict[str, Any]:
        issue = self._documents.issue(index, question.fields, has_links=not is_anonymous)
        if more := self._guard.switches.large_issue.get(issue["key"]):
            issue["fields"]["description"] = "x" * more
        if issue["key"].rpartition("-")[0] in self._guard.switches.hidden_links:
            issue["fields"].pop("issuelinks", None)
        return issue


def fields_in(given: Sequence[str]) -> frozenset[str]:
    """The fields that a request names; all where it names none."""
    names = frozenset(name.strip() for each in given for name in each.split(",") if name.strip())
    return frozenset({"*all"}) if not names or "*navigable" in names else names


def _indexes(hits: Iterable[Hits], start: int, stop: int) -> Iterator[int]:
    """The indexes of the issues that are found at these offsets."""
    for each in hits:
        project = each.project
        for number in each.numbers[max(0, start) : max(0, stop)]:
            index = project.index_of(number)
            if index is not None:
                yield index
        start, stop = start - len(each.numbers), stop - len(each.numbers)
