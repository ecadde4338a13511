# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a run for each of its instances. Each message says all that its reader needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from .._model.federation import Problem
from .._text import names
from .reasons import most_of
from .results import Diff, InstanceResult, RunResult

#: Where the reason is, for those whose problem it is not.
_ELSEWHERE = "the run stopped. The message of {} has the reason"
_NOT_COMPLETE = "the census is not complete. The message of {} has the reason"
_NOT_COUNTED = "no links were counted. The message of {} has the reason"


@dataclass(frozen=True)
class Outcome:
    """How one instance of a run is shown."""

    failed: bool
    changed: bool
    message: str
    #: The jobs that would be scheduled.
    diff: list[Diff] = field(default_factory=list)


def outcomes_of(result: RunResult, instances: Sequence[str], elsewhere: str = _ELSEWHERE) -> dict[str, Outcome]:
    """The outcome of each instance.

    :param instances: the names of those that took part. The first one has what is about no instance in particular.
    :param elsewhere: what is said to those whose problem it is not.
    """
    results = result.get("instances", {})
    if not result.get("failed"):
        return {name: _of_result(name, results[name]) if name in results else _fine() for name in instances}
    problems = _problems(result)
    if not any(name in problems or (name in results and not results[name]["ok"]) for name in instances):
        # They are about the whole run, or about an instance that did not take part.
        problems = {instances[0]: f"{instances[0]}: {'. '.join(problems.values()) or result['msg']}"}
    return {name: _of_failure(name, results.get(name), problems, elsewhere) for name in instances}


def census_outcomes_of(result: Mapping[str, Any], instances: Sequence[str]) -> dict[str, Outcome]:
    """The outcome of a census for each instance. It is of the whole federation, so all of them have failed, or none.

    :param result: that of C(link_census).
    """
    if result.get("failed"):
        elsewhere = _NOT_COMPLETE if "complete" in result else _NOT_COUNTED
        return outcomes_of(cast(RunResult, result), instances, elsewhere)
    links: Counter[str] = Counter()
    for pair in result.get("pairs", ()):
        links[pair["instance"]] += pair["expected"]
    messages = {name: f"{name}: {count:,} links to other instances" for name, count in links.items()}
    return {name: Outcome(failed=False, changed=False, message=messages.get(name, "")) for name in instances}


def _of_failure(name: str, result: InstanceResult | None, problems: Mapping[str, str], elsewhere: str) -> Outcome:
    if name in problems:
        return Outcome(failed=True, changed=bool(result and result["changed"]), message=problems[name])
    if result:
        return _of_result(name, result)
    message = f"{name}: {elsewhere.format(names(list(problems), 3))}"
    return Outcome(failed=True, changed=False, message=message)


def _of_result(name: str, result: InstanceResult) -> Outcome:
    return Outcome(not result["ok"], result["changed"], f"{name}: {result['message']}", result.get("diff", []))


def _fine() -> Outcome:
    return Outcome(failed=False, changed=False, message="")


def _problems(result: RunResult) -> dict[str, str]:
    """The problems of each instance; the empty name stands for the whole run."""
    problems: dict[str, list[str]] = {}
    for each in (Problem(**each) for each in result.get("problems", [])):
        problems.setdefault(each.instance, []).append(each.message)
    return {name: ". ".join(most_of(messages)) for name, messages in problems.items()}
