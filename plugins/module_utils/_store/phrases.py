# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What links are called, as numbers."""

from __future__ import annotations

from .database import Database


def phrases_in(database: Database, generation: int) -> dict[tuple[str, str], int]:
    """The numbers of all types of a generation, each with what an issue calls it."""
    rows = database.query(
        "SELECT number, type, phrase FROM link_census_phrases WHERE generation = :generation",
        {"generation": generation},
    )
    return {(row["type"], row["phrase"]): row["number"] for row in rows}
