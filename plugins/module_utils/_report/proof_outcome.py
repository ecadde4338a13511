# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The outcome of a check, a repair or a download for each instance. Each message says all that its reader needs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from .._proof.result import misses_too_many
from .._text import capitalized, counted
from .check_words import good_in
from .outcome import Outcome, outcomes_of
from .results import RunResult

#: Where the reason is, for those whose problem it is not.
_NOT_CHECKED = "the check was not made. The message of {} has the reason"
_NOT_SHOWN = "all links together may miss too many. The message of {} has the reason"
_NOT_REPAIRED = "the repair is not complete. The message of {} has the reason"
_NOT_DOWNLOADED = "not all reports were downloaded. The message of {} has the reason"
#: What has become of links, by where the result has it, and what is said of it in check mode.
_FATES = {
    "created": ("created", "to create"),
    "undone": ("removed", "to remove"),
    "skipped": ("skipped", "to skip"),
    "failed_links": ("failed", "failed"),
}


def check_outcomes_of(result: Mapping[str, Any], instances: Sequence[str]) -> dict[str, Outcome]:
    """The outcome of a check. It has failed for the instances that miss too many links.

    :param result: that of C(link_check).
    """
    missing = {name: _missing(result, name) for name in instances}
    if result.get("failed") and not any(missing.values()):
        others = _NOT_SHOWN if result.get("total", {}).get("checked") else _NOT_CHECKED
        return outcomes_of(cast(RunResult, result), instances, others)
    # In check mode there is nothing to say of an instance.
    said = {name: f"{name}: {missing[name] or _good(result, name)}" if "pairs" in result else "" for name in instances}
    return {name: Outcome(bool(missing[name]), changed=False, message=said[name]) for name in instances}


def with_check(run: Outcome, check: Outcome) -> Outcome:
    """The outcome of a run and of the check after it."""
    if run.failed or not check.message:
        return run
    return replace(run, failed=check.failed, message=f"{run.message}. {capitalized(check.message.partition(': ')[2])}")


def repair_outcomes_of(result: Mapping[str, Any], instances: Sequence[str], *, check: bool) -> dict[str, Outcome]:
    """The outcome of a repair. It has failed for the instances that have a link which could not be created or deleted.

    :param result: that of C(link_repair).
    """
    failed = Counter(each["instance"] for each in result.get("failed_links", ()))
    if result.get("failed") and not any(failed[name] for name in instances):
        return outcomes_of(cast(RunResult, result), instances, _NOT_REPAIRED)
    said = {name: _repaired(result, name, check) for name in instances}
    return {name: Outcome(failed[name] > 0, changed=False, message=f"{name}: {said[name]}") for name in instances}


def reports_outcomes_of(result: Mapping[str, Any], instances: Sequence[str]) -> dict[str, Outcome]:
    """The outcome of a download.

    :param result: that of C(link_reports).
    """
    if result.get("failed"):
        return outcomes_of(cast(RunResult, result), instances, _NOT_DOWNLOADED)
    files = Counter(each["instance"] for each in result.get("files", ()))
    return {
        name: Outcome(failed=False, changed=False, message=f"{name}: {counted(files[name], 'report')} downloaded")
        for name in instances
    }


def _repaired(result: Mapping[str, Any], name: str, check: bool) -> str:
    """What a repair has made of the links of an instance."""
    counts = {fate: sum(each["instance"] == name for each in result.get(fate, ())) for fate in _FATES}
    said = [f"{counted(count, 'link')} {_FATES[fate][check]}" for fate, count in counts.items() if count]
    return ", ".join(said) or "nothing to do"


def _missing(result: Mapping[str, Any], name: str) -> str:
    """The pairs of an instance that miss too many links; empty where there is none."""
    bad = [pair for pair in _pairs(result, name) if misses_too_many(pair, result["max_missing"])]
    said = "; ".join(_lack(pair, is_sampled=result["sampled"]) for pair in bad)
    file = result.get("files", {}).get("findings")
    return said + (f". See {file}" if said and file else "")


def _lack(pair: Mapping[str, Any], *, is_sampled: bool) -> str:
    """How many links of a pair are not there, as far as it is known."""
    due, most = pair["expected"] - pair["not_yet"], pair["missing_at_most"]
    where = f"of {due:,} links to {pair['destination']}"
    if is_sampled:
        return f"{most:,} {where} may be missing"
    unknown = due - pair["checked"] + pair["unanswered"]
    if most == unknown:
        return f"{unknown:,} {where} have no answer"
    return f"{most - unknown:,} {where} are not found" + (f", {unknown:,} have no answer" if unknown else "")


def _good(result: Mapping[str, Any], name: str) -> str:
    pairs = list(_pairs(result, name))
    checked, not_yet = (sum(each[key] for each in pairs) for key in ("checked", "not_yet"))
    found = sum(map(good_in, pairs))
    later = f", {not_yet:,} not yet" if not_yet else ""
    return f"{found:,} of {checked:,} checked links found{later}"


def _pairs(result: Mapping[str, Any], name: str) -> Iterator[Any]:
    return (each for each in result.get("pairs", ()) if each["instance"] == name)
