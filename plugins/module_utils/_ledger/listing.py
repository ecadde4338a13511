# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger has recorded, for people to read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from .._text import aligned
from .ledger import Attempt, Row, reference_of

#: Of an attempt whose request is just being sent.
SENDING = "SENDING"
#: Of an attempt whose request may or may not have been taken.
UNKNOWN = "UNKNOWN"

_COLUMNS = ("entry", "wave", "pair", "attempt", "status", "scheduled", "ended", "job")


def entry_of(row: Row, attempt: Attempt) -> dict[str, Any]:
    """One attempt, in the words of results."""
    shown = ("wave", "product", "product_url", "destination_url", "migrated_from", "migrated_from_override", "site_id")
    return {
        "entry": reference_of(row),
        **{name: row[name] for name in shown},
        "recreate_as_remote": bool(row["recreate_as_remote"]),
        "create_backup": attempt.create_backup,
        "attempt": attempt.number,
        "job_id": attempt.job_id,
        "status": attempt.status or (SENDING if attempt.in_flight else UNKNOWN),
        "claimed_at": row["claimed_at"],
        "submitted_at": row["submitted_at"],
        "completed_at": row["completed_at"],
    }


def table_of(entries: Sequence[dict[str, Any]]) -> list[str]:
    """The entries as lines of a table, with a line that counts them."""
    lines = aligned([_COLUMNS, *(_cells_of(entry) for entry in entries)])
    counts: dict[str, int] = {}
    for entry in entries:
        counts[entry["status"]] = counts.get(entry["status"], 0) + 1
    summary = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return [*lines, f"{len(entries)} entries" + (f": {summary}" if summary else "")]


def _cells_of(entry: dict[str, Any]) -> tuple[str, ...]:
    product, destination = (_name_of(entry[key]) for key in ("product_url", "destination_url"))
    return (
        entry["entry"],
        entry["wave"],
        f"{product} -> {destination}",
        str(entry["attempt"]),
        entry["status"],
        _minute(entry["submitted_at"]),
        _minute(entry["completed_at"]),
        entry["job_id"] or "-",
    )


def _name_of(url: str) -> str:
    """A site by its host, or by what tells it from others on the same host."""
    parts = urlsplit(url)
    return f"{parts.netloc}{parts.path}"


def _minute(moment: str | None) -> str:
    return f"{moment[:16].replace('T', ' ')}Z" if moment else "-"
