# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report: what was done for a federation, as data. docs/docsite/rst/report.rst documents its fields."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from .._clock import from_text, to_text
from .._ledger.ledger import Ledger
from .._model.app_links import checklist_of
from .._model.desired import InstanceSpec
from .._run.reconcile import in_error
from .._run.state import State
from .._secrets import without_passwords
from .._status import COMPLETE, ENDED, ERROR, PENDING
from .._text import names

#: Counts up when a field changes its meaning or goes away.
SCHEMA = 1

#: What of an order is shown: a list, so that nothing is shown only because it was added.
_SETTINGS = (
    "product",
    "product_url",
    "site_id",
    "destinations",
    "migrated_at",
    "recreate_as_remote",
    "create_backup",
    "wave",
    "force",
    "resubmit_failed",
    "unknown_submission",
    "email",
)

_CSV = (
    "instance",
    "destination",
    "state",
    "status",
    "attempt",
    "job_id",
    "submitted_at",
    "completed_at",
    "elapsed",
    "create_backup",
    "in_run",
    "site_id",
    "product_url",
    "destination_url",
    "failure",
)


def report_of(
    *,
    orders: Sequence[InstanceSpec],
    given: Sequence[Mapping[str, Any]],
    instances: Mapping[str, Mapping[str, Any]],
    run: Mapping[str, Any] | None,
    ledger: Ledger,
    settings: Mapping[str, Any],
    rehearsal: bool,
    now: datetime,
) -> dict[str, Any]:
    """Everything that there is to report.

    :param orders: of the instances that this run is about.
    :param instances: the whole federation, normalised.
    :param run: the result of C(link_update_run), where it ran; else the ledger is all there is.
    :param given: the orders as the user gave them.
    :param settings: the run's other variables.
    """
    in_run = {update["label"]: update for update in (run or {}).get("updates", [])}
    recorded = _Recorded(ledger, now)
    updates = []
    for name, destination, order in _pairs(orders, instances):
        label = f"{name} -> {destination}"
        told = in_run.get(label)
        update = _told(told) if told else recorded.update(instances[name], instances[destination], order)
        if update["state"] == State.ERROR.value and not update["failure"]:
            failure = in_error(label, update["job_id"], update["attempt"], order.policy)
            update["failure"] = failure.as_result()
        history = recorded.history(update["site_id"], update)
        updates.append(
            {"instance": name, "destination": destination, "label": label, "in_run": told is not None}
            | update
            | {"history": history}
        )
    closes = {order.name: order.window_closes for order in orders}
    return {
        "schema": SCHEMA,
        "rehearsal": rehearsal,
        "generated_at": to_text(now),
        "wave": ", ".join(sorted({each.update.wave for order in orders for each in order.desired})),
        "verdict": (run or {}).get("verdict") or _verdict_of(updates),
        "instances": [
            {
                "name": name,
                "product_url": instance["product_url"],
                "migrated_from": instance["migrated_from"],
                "in_run": name in closes,
                "window_closes": to_text(end) if (end := closes.get(name)) else None,
                "details": (run or {}).get("instances", {}).get(name, {}).get("details", []),
            }
            for name, instance in instances.items()
        ],
        "updates": updates,
        "app_links": checklist_of(
            (order.name, each) for order in orders for each in order.desired if each.update.recreate_as_remote
        ),
        "settings": settings_of(given, settings),
    }


def csv_of(report: Mapping[str, Any]) -> str:
    """The report's updates, one to a row."""
    text = io.StringIO()
    rows = csv.DictWriter(text, _CSV, extrasaction="ignore", lineterminator="\n")
    rows.writeheader()
    for update in report["updates"]:
        failure = update["failure"]["message"] if update["failure"] else update["held"]
        rows.writerow({key: _harmless(value) for key, value in {**update, "failure": failure}.items()})
    return text.getvalue()


class _Recorded:
    """What the ledger has of updates, whichever run it was."""

    def __init__(self, ledger: Ledger, now: datetime) -> None:
        self._ledger = ledger
        self._now = now
        self._latest: dict[tuple[Any, ...], tuple[Mapping[str, Any], Any]] = {}
        for row, attempt in ledger.attempts():
            key = ("product", "product_url", "destination_url", "recreate_as_remote", "wave")
            self._latest[tuple(_plain(row[name]) for name in key)] = (row, attempt)

    def update(
        self, instance: Mapping[str, Any], destination: Mapping[str, Any], order: InstanceSpec
    ) -> dict[str, Any]:
        """The last attempt at an update, found by its URLs: its site need not be known."""
        like = order.desired[0].update
        urls = (instance["product_url"], destination["product_url"])
        row, attempt = self._latest.get((like.product, *urls, int(like.recreate_as_remote), like.wave), ({}, None))
        status = attempt.status if attempt else None
        ended = attempt.completed_at if attempt else None
        begun = attempt.submitted_at if attempt else None
        return {
            "state": _state_of(status, attempt).value,
            "status": status,
            "attempt": attempt.number if attempt else None,
            "job_id": attempt.job_id if attempt else None,
            "site_id": row.get("site_id"),
            "product_url": urls[0],
            "destination_url": urls[1],
            "create_backup": bool(attempt and attempt.create_backup),
            "submitted_at": to_text(begun) if begun else None,
            "completed_at": to_text(ended) if ended else None,
            "elapsed": round(((ended or self._now) - begun).total_seconds(), 3) if begun else None,
            "held": None,
            "failure": None,
        }

    def history(self, site_id: str | None, update: Mapping[str, Any]) -> list[dict[str, str]]:
        """The statuses of a job, each with the moment from when on."""
        if not (site_id and update["job_id"] and update["submitted_at"]):
            return []
        seen = self._ledger.history(site_id, update["job_id"])
        statuses = [{"status": status, "since": to_text(since)} for status, since in seen]
        return [{"status": PENDING, "since": update["submitted_at"]}, *statuses]


def _pairs(orders: Sequence[InstanceSpec], instances: Mapping[str, Any]) -> Iterable[tuple[str, str, InstanceSpec]]:
    """Every pair of the federation, and those of the run that are none, such as local links; each with the order that
    tells of which product and wave it is.
    """
    order_of = {order.name: order for order in orders}
    for name in instances:
        order = order_of.get(name, orders[0])
        desired = [each.destination for each in order.desired] if name in order_of else []
        for destination in instances:
            if destination != name or destination in desired:
                yield name, destination, order


def _told(told: Mapping[str, Any]) -> dict[str, Any]:
    """One update as its run has told of it."""
    job = told["job"] or {}
    update = told["wanted"]
    return {
        "state": told["state"],
        **{key: job.get(key) for key in ("status", "attempt", "job_id", "submitted_at", "completed_at")},
        **{key: update[key] for key in ("site_id", "product_url", "destination_url", "create_backup")},
        "elapsed": job["elapsed"] if job.get("submitted_at") else None,
        "held": told["held"],
        "failure": told["failure"],
    }


def _state_of(status: str | None, attempt: Any) -> State:
    if attempt is None:
        return State.ABSENT
    if attempt.job_id is None:
        return State.OPEN if attempt.in_flight else State.FAILED
    return {COMPLETE: State.COMPLETE, ERROR: State.ERROR}.get(status or "", State.OPEN)


def _verdict_of(updates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What the ledger alone can tell."""
    counts = Counter(update["state"] for update in updates)
    pairs = {state.value: [each["label"] for each in updates if each["state"] == state.value] for state in State}
    states = [state.value for state in State if counts[state.value]]
    undone = [f"{counts[state]} {state} ({names(pairs[state])})" for state in states]
    return {
        "ok": counts[State.COMPLETE.value] == len(updates),
        "message": f"as the ledger has it, of {len(updates)} pairs: {', '.join(undone)}",
        "counts": {state.value: counts[state.value] for state in State},
        "pairs": pairs,
        "left_out": [],
    }


def segments_of(update: Mapping[str, Any], now: datetime) -> list[tuple[str, datetime, datetime]]:
    """A job's time as (status, from, to)."""
    history = [(each["status"], from_text(each["since"])) for each in update["history"]]
    end = from_text(update["completed_at"]) if update["completed_at"] else now
    ends = [since for status, since in history[1:]] + [end]
    spans = [(status, since, to) for (status, since), to in zip(history, ends, strict=True)]
    return [span for span in spans if span[0] not in ENDED]


def settings_of(given: Sequence[Mapping[str, Any]], settings: Mapping[str, Any]) -> dict[str, Any]:
    """The run's variables less what is secret. Those that differ between instances are told for each."""
    shown: dict[str, Any] = {}
    for key in _SETTINGS:
        values = {order["name"]: order[key] for order in given}
        first = next(iter(values.values()), None)
        value = first if all(each == first for each in values.values()) else values
        # Before ansible-core 2.19, a template makes an empty text of none.
        if value not in (None, "", [""]):
            shown[f"link_update_{key}"] = value
    return shown | {
        name: without_passwords(value, value) if isinstance(value, str) else value for name, value in settings.items()
    }


def _plain(value: Any) -> Any:
    """SQLite has no booleans, PostgreSQL has."""
    return int(value) if isinstance(value, bool) else value


def _harmless(value: Any) -> Any:
    """A cell that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value
