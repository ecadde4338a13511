# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger has recorded, for people to read: each attempt as an I(entry) of a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from .._clock import to_text
from .._model.origin import names_of
from .._model.pairs import label_of
from .._text import aligned
from .._urls import short_url
from .attempt import Attempt

#: The status of an attempt whose request is being sent.
SENDING = "SENDING"
#: The status of an attempt whose request may or may not have been taken.
UNKNOWN = "UNKNOWN"

_COLUMNS = ("entry", "wave", "pair", "attempt", "status", "scheduled", "ended", "job")


def entry_of(attempt: Attempt) -> dict[str, Any]:
    """An attempt, in the words of results."""
    return {
        "entry": attempt.reference,
        **attempt.update.as_dict(),
        "attempt": attempt.number,
        "job_id": attempt.job_id,
        "status": attempt.status or (SENDING if attempt.in_flight else UNKNOWN),
        "claimed_at": to_text(attempt.claimed_at),
        "submitted_at": _text(attempt.submitted_at),
        "completed_at": _text(attempt.completed_at),
    }


def table_of(entries: Sequence[dict[str, Any]]) -> list[str]:
    """The entries as lines of a table, with a line that counts them."""
    origins: dict[tuple[str, ...], set[tuple[str, str | None]]] = {}
    for entry in entries:
        origins.setdefault(_pair_in(entry), set()).add(_origin_in(entry))
    named = {pair: names_of(some) for pair, some in origins.items() if len(some) > 1}
    rows = [_cells_of(entry, named.get(_pair_in(entry), {}).get(_origin_in(entry), "")) for entry in entries]
    lines = aligned([_COLUMNS, *rows])
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry["status"]] = counts.get(entry["status"], 0) + 1
    summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return [*lines, f"{len(entries)} entries" + (f": {summary}" if summary else "")]


def _pair_in(entry: Mapping[str, Any]) -> tuple[str, ...]:
    """What has a job for each origin of its destination."""
    return entry["product_url"], entry["destination_url"], entry["wave"]


def _origin_in(entry: Mapping[str, Any]) -> tuple[str, str | None]:
    return entry["migrated_from"], entry["migrated_from_override"]


def _cells_of(entry: Mapping[str, Any], origin: str) -> tuple[str, ...]:
    product, destination = (short_url(entry[key]) for key in ("product_url", "destination_url"))
    return (
        entry["entry"],
        entry["wave"],
        label_of(product, destination, origin),
        str(entry["attempt"]),
        entry["status"],
        _minute(entry["submitted_at"]),
        _minute(entry["completed_at"]),
        entry["job_id"] or "-",
    )


def _text(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None


def _minute(moment: str | None) -> str:
    return f"{moment[:16].replace('T', ' ')}Z" if moment else "-"
