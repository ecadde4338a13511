# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: what was done for a federation, as data. docs/docsite/rst/report.rst documents its fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypedDict

from .._clock import from_text, to_text
from .._ledger.ledger import Ledger
from .._model.desired import DesiredUpdate, Manner, desired_between
from .._model.federation import Member
from .._model.links import Count, CountedLinks
from .._model.policy import Policy
from .._model.settings import Settings
from .._run.times import Seen, times_of
from .._status import PENDING
from .._urls import product_of
from .._version import VERSION
from .app_links import checklist_of
from .past_checks import checks_of
from .recorded import Recorded
from .results import (
    Report,
    ReportedCensus,
    ReportedCount,
    ReportedInstance,
    ReportedRun,
    ReportedUpdate,
    RunResult,
    UpdateResult,
)
from .run_result import update_result
from .verdict import recorded_verdict

SCHEMA: Final = 1


def report_of(settings: Settings, run: RunResult | None, ledger: Ledger, now: datetime) -> Report:
    """Everything that there is to report.

    :param run: what a run has told, if there was one; what it does not tell comes from the ledger.
    """
    told = run or {}
    updates = list(_updates(settings, told, ledger, now))
    return {
        "schema": SCHEMA,
        "rehearsal": settings.connection.is_rehearsal,
        "generated_at": to_text(now),
        "run": _run_of(settings, now) if run else None,
        "wave": ", ".join(sorted({spec.manner.wave for spec in settings.specs})),
        "verdict": told["verdict"] if "verdict" in told else recorded_verdict(updates),
        "instances": list(_instances(settings, told)),
        "updates": updates,
        "app_links": checklist_of(
            (spec.name, each) for spec in settings.specs for each in spec.desired if each.update.recreate_as_remote
        ),
        "census": _census_of(settings.links),
        "checks": checks_of(settings.links.checks),
        "settings": dict(settings.shown),
    }


def _run_of(settings: Settings, now: datetime) -> ReportedRun:
    return {
        "by": settings.run_by,
        "version": VERSION,
        "started_at": to_text(settings.started_at),
        "seconds": round((now - settings.started_at).total_seconds(), 3),
    }


def _instances(settings: Settings, run: RunResult) -> Iterator[ReportedInstance]:
    specs = {spec.name: spec for spec in settings.selected}
    told = run.get("instances", {})
    for name, member in settings.federation.members.items():
        closes = specs[name].window_closes if name in specs else None
        yield {
            "name": name,
            "product_url": member.product_url or "",
            "migrated_from": ", ".join(each.url for each in member.origins),
            "origins": [each.server for each in member.origins],
            "in_run": name in specs,
            "window_closes": to_text(closes) if closes else None,
            "details": told[name]["details"] if name in told else [],
        }


def _updates(settings: Settings, run: RunResult, ledger: Ledger, now: datetime) -> Iterator[ReportedUpdate]:
    told = {update["label"]: update for update in run.get("updates", [])}
    recorded = Recorded(ledger)
    for name, policy, desired in _pairs(settings):
        in_run = desired.label in told
        update = told[desired.label] if in_run else update_result(recorded.state_of(name, desired, now), policy, now)
        yield _reported(update, desired.origin, in_run, settings.links.pairs.get(desired.label), recorded, now)


def _pairs(settings: Settings) -> Iterator[tuple[str, Policy, DesiredUpdate]]:
    """Every update of the federation, and those of the run that are of no pair, such as local links; each with the
    instance that it is of, and with the policy of the run.
    """
    specs = {spec.name: spec for spec in settings.specs}
    for name, member in settings.federation.members.items():
        # An instance that takes no part is taken to be updated like the others.
        spec = specs.get(name, settings.specs[0])
        manner = spec.manner if name in specs else _manner_of(member, spec.manner)
        local = name in specs and any(each.destination == name for each in spec.desired)
        for destination in settings.federation.names:
            if destination != name or local:
                for desired in desired_between(settings.federation, manner, name, destination):
                    yield name, spec.policy, desired


def _manner_of(member: Member, others: Manner) -> Manner:
    """How an instance that takes no part would be updated. Nobody orders a backup of it."""
    return replace(others, product=product_of(member.product_url or ""), backup="never")


def _reported(
    update: UpdateResult, origin: str, in_run: bool, links: int | None, recorded: Recorded, now: datetime
) -> ReportedUpdate:
    wanted = update["wanted"]
    job: Mapping[str, Any] = update["job"] or {}
    history = _history(job, recorded)
    return {
        "instance": update["instance"],
        "destination": update["destination"],
        "origin": origin,
        "label": update["label"],
        "in_run": in_run,
        "state": update["state"],
        "status": job.get("status"),
        "attempt": job.get("attempt"),
        "job_id": job.get("job_id"),
        "site_id": wanted["site_id"],
        "product_url": wanted["product_url"],
        "destination_url": wanted["destination_url"],
        "migrated_from": wanted["migrated_from"],
        "migrated_from_override": wanted["migrated_from_override"],
        "recreate_as_remote": wanted["recreate_as_remote"],
        "create_backup": wanted["create_backup"],
        "submitted_at": job.get("submitted_at"),
        "completed_at": job.get("completed_at"),
        "elapsed": job["elapsed"] if job.get("submitted_at") else None,
        **_times(history, now),
        "held": update["held"],
        "overdue": update["overdue"],
        "failure": update["failure"],
        "links": links,
        "history": [{"status": status, "since": to_text(since)} for status, since in history],
    }


def _census_of(links: CountedLinks) -> ReportedCensus:
    return {
        "counts": [_count_of(each) for each in links.counts],
        "not_counted": [{"source": each.source, "problem": each.problem, "remedy": each.remedy} for each in links.gaps],
    }


def _count_of(count: Count) -> ReportedCount:
    migrations = sorted(count.migrations.items())
    return {
        "source": count.source,
        "read_from": count.read_from,
        "exact": count.is_exact,
        "generation": count.generation,
        "begun_at": to_text(count.begun_at),
        "ended_at": to_text(count.ended_at),
        "links": count.links,
        "migrations": [{"instance": name, "migrated_at": to_text(end) if end else None} for name, end in migrations],
    }


class _PartsOfTime(TypedDict):
    waiting: float | None
    backup: float | None
    running: float | None


def _times(history: Sequence[Seen], now: datetime) -> _PartsOfTime:
    if not history:
        return {"waiting": None, "backup": None, "running": None}
    times = times_of(history, now)
    return {"waiting": round(times.waiting, 3), "backup": round(times.backup, 3), "running": round(times.running, 3)}


def _history(job: Mapping[str, Any], recorded: Recorded) -> list[Seen]:
    """The statuses of a job, each with the moment from when on."""
    if not (job.get("site_id") and job["job_id"] and job["submitted_at"]):
        return []
    return [(PENDING, from_text(job["submitted_at"])), *recorded.history_of(job["site_id"], job["job_id"])]
