# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The JQL of the stand-in's Data Center: as much as reading all issues of a project needs."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ._stand_in_issues import Issues, Project

_TOKEN = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w.*-]+|[<>!]=|[=<>~!(),])""")
_QUOTES = "\"'"
#: Some of the words that are no values without quotes.
_RESERVED = frozenset({"and", "or", "not", "in", "is", "was", "empty", "null", "order", "by", "select", "add", "any"})
_ORDER = re.compile(r"\border\s+by\b(?P<fields>.*)$", re.IGNORECASE | re.DOTALL)
_KEY_FIELDS = frozenset({"key", "issuekey", "issue", "id"})


class JqlError(Exception):
    """A query that Jira answers with HTTP 400."""


@dataclass(frozen=True)
class Hits:
    """The issues of one project that a query finds."""

    project: Project
    #: Their numbers, in order.
    numbers: Sequence[int]


def search(jql: str, issues: Issues) -> list[Hits]:
    """What a query finds, in order.

    :raises JqlError: the query is wrong, or a value in it does not exist.
    """
    order = _ORDER.search(jql)
    is_descending = bool(order) and _is_descending(order["fields"] if order else "")
    hits = {project.key: project.found for project in issues.projects.values() if project.is_listed}
    for field, sign, value in _clauses(jql[: order.start()] if order else jql):
        key, numbers = _CLAUSES[field](sign, value, issues)
        hits = {key: _both(hits[key], numbers)} if key in hits else {}
    found = [Hits(issues.projects[key], numbers) for key, numbers in sorted(hits.items()) if numbers]
    return [Hits(each.project, each.numbers[::-1]) for each in reversed(found)] if is_descending else found


def _clauses(text: str) -> Iterator[tuple[str, str, str]]:
    tokens = list(_tokens(text))
    while tokens:
        if len(tokens) < 3:
            raise JqlError(f"Error in the JQL Query: Expecting a field, an operator and a value near '{tokens[0]}'.")
        field, sign, value = tokens[:3]
        name = "key" if field.lower() in _KEY_FIELDS else field.lower()
        if name not in _CLAUSES:
            raise JqlError(f"Field '{field}' does not exist or you do not have permission to view it.")
        if value.lower() in _RESERVED:
            raise JqlError(f"Error in the JQL Query: '{value}' is a reserved JQL word. You must surround it in quotes.")
        yield name, sign, value.strip(_QUOTES)
        more = tokens[3:4]
        if more and (more[0].lower() != "and" or not tokens[4:]):
            raise JqlError(f"Error in the JQL Query: Expecting either 'OR' or 'AND' but got '{more[0]}'.")
        del tokens[:4]


def _tokens(text: str) -> Iterator[str]:
    """The words, signs and values, these in their quotes."""
    position, text = 0, text.rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if not match:
            character = text[position:].lstrip()[0]
            raise JqlError(f"Error in the JQL Query: The character '{character}' is a reserved JQL character.")
        yield match[1]
        position = match.end()


def _is_descending(fields: str) -> bool:
    words = fields.split()
    if not words or words[0].lower() not in _KEY_FIELDS:
        raise JqlError(f"Not able to sort using field '{' '.join(words[:1])}'.")
    direction = [each.lower() for each in words[1:]]
    if direction not in ([], ["asc"], ["desc"]):
        raise JqlError(f"Error in the JQL Query: Expecting either 'ASC' or 'DESC' but got '{words[1]}'.")
    return direction == ["desc"]


def _project_clause(sign: str, value: str, issues: Issues) -> tuple[str, range | None]:
    _check(sign, ("=",), "project")
    project = issues.projects.get(value.upper())
    if project is None or not project.is_listed:
        raise JqlError(f"The value '{value}' does not exist for the field 'project'.")
    return project.key, None


def _key_clause(sign: str, value: str, issues: Issues) -> tuple[str, range | None]:
    """The issues of the project of the value. It stands for an issue, which must exist."""
    _check(sign, ("=", ">", ">=", "<", "<="), "key")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*-[0-9]+", value):
        raise JqlError(f"The issue key '{value}' for field 'key' is invalid.")
    index = issues.find(value.upper())
    if index is None or not issues.sees(index):
        raise JqlError(f"An issue with key '{value}' does not exist for field 'key'.")
    project = issues.project_of(index)
    number, end = int(value.rpartition("-")[2]), project.numbers[-1] + 1
    first = {"=": number, ">": number + 1, ">=": number}.get(sign, 0)
    return project.key, range(first, {"=": number + 1, "<": number, "<=": number + 1}.get(sign, end))


def _check(sign: str, known: tuple[str, ...], field: str) -> None:
    if sign not in known:
        raise JqlError(f"The operator '{sign}' is not supported by the '{field}' field.")


def _both(numbers: Sequence[int], within: range | None) -> Sequence[int]:
    return (
        numbers
        if within is None
        else numbers[bisect_left(numbers, within.start) : bisect_right(numbers, within.stop - 1)]
    )


_CLAUSES = {"project": _project_clause, "key": _key_clause}
