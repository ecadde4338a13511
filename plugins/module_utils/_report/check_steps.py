# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about what a check has found: for a terminal, and for the report."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .._naming import CHECK, ROLE
from .._proof.result import misses_too_many
from .._proof.summary import CheckResult, PairResult
from .check_words import label_in, not_there

ASK_THE_REST = "run the same command again: it goes on with the links that were not answered"
#: A command names so many pairs.
_MOST_NAMED = 20
_PLAYBOOK = "ansible-playbook -i INVENTORY jira_cloud.federation"
#: Without it, what a rehearsal advises would be done at the real sites.
_REHEARSED = "-e link_update_rehearsal=true"


class Step(NamedTuple):
    """Something to do."""

    text: str
    #: To be copied; empty where it is not a command.
    command: str = ""


def steps_of(result: CheckResult, file: str, *, is_rehearsal: bool) -> Iterator[Step]:
    """What to do about the links that are not there, each thing once.

    :param file: where all findings are.
    """
    total = result["total"]
    if total["missing"] or total["stale"]:
        pairs = [each for each in result["pairs"] if each["missing"] or each["stale"]]
        yield Step(
            "until 14 days after the migration, run the jobs of these pairs again:",
            _command("link_update", f"{_narrowed_to(pairs)} -e link_update_force=true", is_rehearsal),
        )
    if total["missing"]:
        yield Step(
            "or read the findings, and create the links that are missing:",
            # A rehearsal of a repair has findings of its own.
            _command(
                "link_repair", "" if is_rehearsal else f"-e link_repair_findings={shlex.quote(file)}", is_rehearsal
            ),
        )
    if total["stale"]:
        yield Step("a stale link still leads to the old base URL. A repair does not change it")
    if total["source_absent"] or total["target_absent"]:
        yield Step(
            "absent issues: give the account Browse projects on their projects, and check again. If they were deleted "
            "after the migration, there is nothing to do"
        )
    if total["not_yet"]:
        yield Step(
            "let the jobs that are not complete end, or schedule them with link_update, and check again. To check "
            f"their links all the same: {CHECK.setting('jobs', 'any')}"
        )
    if total["unanswered"]:
        yield Step(ASK_THE_REST)
    elif _is_too_small(result):
        yield Step(
            "the sample is too small to show that no more are missing. Check more links, or all:",
            _command("link_check", "-e link_check_sample=all", is_rehearsal),
        )


def _command(playbook: str, arguments: str, is_rehearsal: bool) -> str:
    return " ".join(filter(None, (f"{_PLAYBOOK}.{playbook}", arguments, _REHEARSED if is_rehearsal else "")))


def _is_too_small(result: CheckResult) -> bool:
    """Whether a sample fails though all its links are there, of a pair or of all."""
    numbers = (*result["pairs"], result["total"])
    return result["sampled"] and any(
        misses_too_many(each, result["max_missing"]) and not not_there(each) for each in numbers
    )


def _narrowed_to(pairs: Sequence[PairResult]) -> str:
    """What has a run be about some pairs; of very many, about their instances."""
    if len(pairs) > _MOST_NAMED:
        return f"--limit {shlex.quote(','.join(dict.fromkeys(each['instance'] for each in pairs)))}"
    return ROLE.setting("only", [label_in(each) for each in pairs])
