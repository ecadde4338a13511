# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the ledger tells of the runs that write it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from .._clock import from_text
from .claimant import is_at_work
from .ledger import Ledger


@dataclass(frozen=True)
class Activity:
    """What is known of the runs. When one has polled a job and its status was the same is not recorded."""

    #: When a run last recorded a change; None where none did.
    last_change: datetime | None
    #: Whether a process that scheduled jobs still runs on this machine. A run that only waits leaves no trace.
    at_work: bool


def activity_of(ledger: Ledger, product_urls: Collection[str]) -> Activity:
    """What is known of the runs that updated the links of these products."""
    rows = ledger.query(
        "SELECT product_url, site_id, claimant, MAX(claimed_at) AS claimed, MAX(submitted_at) AS submitted"
        " FROM link_update_attempts GROUP BY product_url, site_id, claimant",
        {},
    )
    ours = [row for row in rows if row["product_url"] in product_urls]
    sites = {row["site_id"] for row in ours}
    seen = ledger.query("SELECT site_id, MAX(since) AS since FROM link_update_statuses GROUP BY site_id", {})
    # As text they sort as the moments do.
    changes = [row[name] for row in ours for name in ("claimed", "submitted")]
    changes += [row["since"] for row in seen if row["site_id"] in sites]
    last = max(filter(None, changes), default=None)
    return Activity(
        from_text(last) if last else None, any(is_at_work(row["claimant"]) for row in ours if row["claimant"])
    )
