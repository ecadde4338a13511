# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What to do about what a check has found: for a terminal, and for the report."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from .._model.pairs import label_of
from .._naming import ROLE
from .._proof.summary import CheckResult, PairResult

ASK_THE_REST = "run the same command again: it goes on with the links that were not answered"
#: A command names so many pairs.
_MOST_NAMED = 20
_PLAYBOOK = "ansible-playbook -i INVENTORY jira_cloud.federation"


class Step(NamedTuple):
    """Something to do."""

    text: str
    #: To be copied; empty where it is not a command.
    command: str = ""


def steps_of(result: CheckResult, file: str) -> Iterator[Step]:
    """What to do about the links that are not there, each thing once.

    :param file: where all findings are.
    """
    total = result["total"]
    if total["missing"] or total["stale"]:
        pairs = [each for each in result["pairs"] if each["missing"] or each["stale"]]
        yield Step(
            "until 14 days after the migration, run the jobs of these pairs again:",
            f"{_PLAYBOOK}.link_update {_narrowed_to(pairs)} -e link_update_force=true",
        )
    if total["missing"]:
        yield Step(
            "or read the findings, and create the links that are missing:",
            f"{_PLAYBOOK}.link_repair -e link_repair_findings={shlex.quote(file)}",
        )
    if total["stale"]:
        yield Step("a stale link still leads to the old base URL. A repair does not change it")
    if total["source_absent"] or total["target_absent"]:
        yield Step(
            "absent issues: give the account Browse projects on their projects, and check again. If they were deleted "
            "after the migration, there is nothing to do"
        )
    if total["unanswered"]:
        yield Step(ASK_THE_REST)


def _narrowed_to(pairs: Sequence[PairResult]) -> str:
    """What has a run be about some pairs; of very many, about their instances."""
    if len(pairs) > _MOST_NAMED:
        return f"--limit {shlex.quote(','.join(dict.fromkeys(each['instance'] for each in pairs)))}"
    return ROLE.setting("only", [label_of(each["instance"], each["destination"]) for each in pairs])
