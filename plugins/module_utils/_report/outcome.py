# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run means for each of its instances: the reason stands at the instance that has the problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .._model.federation import Problem
from .._text import names
from .results import Diff, InstanceResult, RunResult

#: So many reasons are told of one instance. It may have one for each of a hundred destinations.
_MOST_REASONS = 6


@dataclass(frozen=True)
class Outcome:
    """What one instance of a run is shown as."""

    failed: bool
    changed: bool
    message: str
    #: The jobs that would be there and are not.
    diff: list[Diff] = field(default_factory=list)


def outcomes_of(result: RunResult, instances: Sequence[str]) -> dict[str, Outcome]:
    """The outcome of each instance.

    :param instances: the names of those that took part. The first one tells what is about no instance in particular.
    """
    told = result.get("instances", {})
    if not result.get("failed"):
        return {name: _of_result(name, told[name]) if name in told else _fine() for name in instances}
    reasons = _reasons(result)
    if not any(name in reasons or (name in told and not told[name]["ok"]) for name in instances):
        # It is about none of them in particular, or about one that stayed away; still somebody has to say it.
        reasons = {instances[0]: f"{instances[0]}: {'. '.join(reasons.values()) or result['msg']}"}
    return {name: _of_failure(name, told.get(name), reasons) for name in instances}


def _of_failure(name: str, told: InstanceResult | None, reasons: Mapping[str, str]) -> Outcome:
    if name in reasons:
        return Outcome(failed=True, changed=bool(told and told["changed"]), message=reasons[name])
    if told:
        return _of_result(name, told)
    return Outcome(failed=True, changed=False, message=f"{name}: nothing was done, see {names(list(reasons))}")


def _of_result(name: str, told: InstanceResult) -> Outcome:
    message = _joined([told["message"], *(told["reasons"] if not told["ok"] else [])])
    return Outcome(not told["ok"], told["changed"], f"{name}: {message}", told.get("diff", []))


def _fine() -> Outcome:
    return Outcome(failed=False, changed=False, message="")


def _reasons(result: RunResult) -> dict[str, str]:
    """What is said of each instance that has a problem; the empty name stands for all of them."""
    problems = [Problem(**each) for each in result.get("problems", [])]
    said: dict[str, list[str]] = {}
    for each in problems:
        said.setdefault(each.instance, []).append(each.message)
    return {name: _joined(messages) for name, messages in said.items()}


def _joined(messages: Sequence[str]) -> str:
    """Messages as one, which stays short: it is a line of Ansible's output."""
    more = len(messages) - _MOST_REASONS
    return ". ".join([*messages[:_MOST_REASONS], *([f"{more} more, see above"] if more > 0 else [])])
