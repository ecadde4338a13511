# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of a ledger, in the SQL that all stores speak.

Times are RFC 3339 text in UTC, so that they mean the same wherever they are read.
"""

from __future__ import annotations

#: Counts up with each change of the tables. A ledger of another version is left alone.
VERSION = 1

TABLES = ("link_update_attempts", "link_update_statuses", "link_update_limits")

STATEMENTS = (
    """
    CREATE TABLE link_update_attempts (
        identity TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        site_id TEXT NOT NULL,
        product TEXT NOT NULL,
        product_url TEXT NOT NULL,
        destination_url TEXT NOT NULL,
        migrated_from TEXT NOT NULL,
        migrated_from_override TEXT,
        recreate_as_remote BOOLEAN NOT NULL,
        create_backup BOOLEAN NOT NULL,
        wave TEXT NOT NULL,
        claimant TEXT,
        claimed_at TEXT NOT NULL,
        lease_until TEXT NOT NULL,
        job_id TEXT,
        submitted_at TEXT,
        status TEXT,
        completed_at TEXT,
        PRIMARY KEY (identity, attempt)
    )
    """,
    "CREATE INDEX link_update_attempts_by_job ON link_update_attempts (site_id, job_id)",
    # Each status that a job was seen in, and when it was first seen in it.
    """
    CREATE TABLE link_update_statuses (
        site_id TEXT NOT NULL,
        job_id TEXT NOT NULL,
        status TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (site_id, job_id, since, status)
    )
    """,
    # Until when a client is not to ask a service for anything. Nothing is lost with these rows.
    """
    CREATE TABLE link_update_limits (
        client TEXT NOT NULL PRIMARY KEY,
        quiet_until TEXT NOT NULL
    )
    """,
)
