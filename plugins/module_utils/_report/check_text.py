# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check has found, for people: how many links are there, which are not, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from .._model.federation import Problem
from .._proof.result import misses_too_many
from .._proof.summary import CheckResult, PairResult
from .._store.checks import CheckedLink
from .._text import capitalized, counted, harmless, names, wrapped
from .check_steps import ASK_THE_REST, Step, steps_of
from .check_words import good_in, label_in, not_there, statement, summary_of
from .matrix import LINKS, Matrix
from .numbers import number, number_of

#: So many findings and pairs are named.
_MOST_FINDINGS, _MOST_PAIRS = 10, 6


def text_of(
    result: CheckResult,
    findings: Sequence[CheckedLink],
    waiting: Mapping[str, str],
    stopped: Sequence[Problem],
    file: str | None,
    *,
    is_rehearsal: bool,
) -> list[str]:
    """A check, as lines: the numbers, the matrix, what was found, and what to do.

    :param findings: the first ones, and one more than are shown where there are more.
    :param waiting: by the label of a pair, where its jobs are, if they are not complete.
    :param stopped: the sites that were not asked for all, and why.
    :param file: where all findings are; None where they are in no file.
    """
    notes = [*_pairs(result), *_waiting(result["pairs"], waiting)]
    return [
        *wrapped(f"Check {result['check']}: {summary_of(result)}", others="  "),
        *(_matrix(result["pairs"]) if result["total"]["expected"] else []),
        *(line for note in notes for line in wrapped(note, others="  ")),
        *_findings(findings, file),
        *_to_do(result, stopped, steps_of(result, file or "FINDINGS", is_rehearsal=is_rehearsal)),
    ]


def _matrix(pairs: Sequence[PairResult]) -> list[str]:
    """In each row the instance that must have the links: how many were found, of those that were checked."""
    links = {(each["instance"], each["destination"]): _found(each) for each in pairs}
    rows = list(dict.fromkeys(each["instance"] for each in pairs))
    columns = list(dict.fromkeys(name for each in pairs for name in (each["instance"], each["destination"])))
    sums: dict[str, dict[str, int | str]] = {}
    for row in rows:
        own = [each for each in pairs if each["instance"] == row]
        good, checked = sum(map(good_in, own)), sum(each["checked"] for each in own)
        sums[row] = {LINKS: f"{number(good)}/{number(checked)}"}
    nothing = dict.fromkeys(links, "")
    return Matrix(rows, columns, words=nothing, letters=nothing, legend="", counts=sums, links=links).lines()


def _found(pair: PairResult) -> str:
    if pair["not_yet"] == pair["expected"]:
        return "not yet" if pair["expected"] else "0"
    return f"{number(good_in(pair))}/{number(pair['checked'])}"


def _pairs(result: CheckResult) -> Iterator[str]:
    """The pairs that may miss too many links, and those that miss some."""
    bad = [each for each in result["pairs"] if not_there(each) or misses_too_many(each, result["max_missing"])]
    for each in bad[:_MOST_PAIRS]:
        yield f"{label_in(each)}: {statement(each, result)}"
    if (more := len(bad) - _MOST_PAIRS) > 0:
        yield f"{counted(more, 'more pair')} with links that are not there"


def _waiting(pairs: Sequence[PairResult], waiting: Mapping[str, str]) -> Iterator[str]:
    """The links whose jobs are not complete."""
    which = [(label_in(each), each["not_yet"]) for each in pairs if each["not_yet"]]
    if which:
        named = [f"{label} ({number_of(count, 'link')}, {waiting.get(label, 'no job')})" for label, count in which]
        yield f"Not checked yet, as the jobs are not complete: {names(named, _MOST_PAIRS)}"


def _findings(findings: Sequence[CheckedLink], file: str | None) -> Iterator[str]:
    for each in findings[:_MOST_FINDINGS]:
        note = f" ({each.note})" if each.note else ""
        yield from wrapped(harmless(f"{each.issue} to {each.target}: {_word(each)}{note}", 500), "- ", "  ")
    if findings[_MOST_FINDINGS:]:
        yield f"All findings: {file}" if file else "More findings are in the files that link_update_report_dir asks for"


def _word(finding: CheckedLink) -> str:
    return finding.verdict.value.replace("_", " ")


def _to_do(result: CheckResult, stopped: Sequence[Problem], steps: Iterable[Step]) -> Iterator[str]:
    """What to do, each thing once. Commands have lines of their own, to be copied."""
    for each in stopped:
        yield from wrapped(f"{each.instance} was not asked for all its links: {each.problem}", "- ", "  ")
        yield from _step(each.remedy) if each.remedy else ()
    for text, command in steps:
        yield from _step(text)
        yield from [f"  {command}"] if command else ()
    if stopped and not result["total"]["unanswered"]:
        yield from _step(ASK_THE_REST)


def _step(text: str) -> list[str]:
    return wrapped(capitalized(text), "To do: ", "  ")
