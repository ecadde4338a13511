# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run means for each of its instances: the reason stands at the instance that has the problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .._text import names


@dataclass(frozen=True)
class Outcome:
    """What one instance of a run is shown as."""

    failed: bool
    changed: bool
    message: str
    #: The jobs that would be there and are not, in the form of Ansible's diff mode.
    diff: list[Any] = field(default_factory=list)


def outcomes_of(result: Mapping[str, Any], instances: Sequence[str]) -> dict[str, Outcome]:
    """The outcome of each instance.

    :param result: that of C(link_update_run).
    :param instances: the names of those that took part. The first one tells what is about no instance in particular.
    """
    told = result.get("instances", {})
    if not result.get("failed"):
        return {name: _told(name, told[name]) if name in told else _fine() for name in instances}
    reasons = _reasons(result)
    if not any(name in reasons or not told.get(name, {"ok": True})["ok"] for name in instances):
        # It is about none of them in particular, or about one that stayed away; still somebody has to say it.
        all_of_it = [f"{name}: {reason}" if name else reason for name, reason in reasons.items()]
        reasons = {instances[0]: ". ".join(all_of_it or [str(result["msg"])])}
    return {name: _of_failure(name, told.get(name), reasons) for name in instances}


def _of_failure(name: str, told: Mapping[str, Any] | None, reasons: Mapping[str, str]) -> Outcome:
    if name in reasons:
        return Outcome(failed=True, changed=bool(told and told["changed"]), message=f"{name}: {reasons[name]}")
    if told:
        return _told(name, told)
    return Outcome(failed=True, changed=False, message=f"{name}: nothing was done, see {names(list(reasons))}")


def _told(name: str, told: Mapping[str, Any]) -> Outcome:
    message = ". ".join([told["message"], *(told["reasons"] if not told["ok"] else [])])
    changed, diff = told["changed"], told.get("diff", [])
    return Outcome(failed=not told["ok"], changed=changed, message=f"{name}: {message}", diff=diff)


def _fine() -> Outcome:
    return Outcome(failed=False, changed=False, message="")


def _reasons(result: Mapping[str, Any]) -> dict[str, str]:
    """What is said of each instance that has a problem; the empty name stands for all of them."""
    reasons: dict[str, list[str]] = {}
    for each in result.get("problems", []):
        reasons.setdefault(each["instance"], []).append(f"{each['problem']}: {each['remedy']}")
    return {name: "; ".join(said) for name, said in reasons.items()}
