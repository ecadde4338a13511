# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time of a census beside those of the migrations: links that were added in between are only in one of the two."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from .._text import names

_MOST_NAMED = 12


def migrations_text(ends: Mapping[str, datetime | None], begun: datetime) -> Iterator[str]:
    """What the numbers of a census do not say of links that were added before or after a migration.

    :param ends: when the migration to each instance ended, as far as somebody said so.
    :param begun: when the census was begun.
    """
    before = {name: end for name, end in ends.items() if end and end <= begun}
    after = {name: end for name, end in ends.items() if end and end > begun}
    if before:
        yield (
            f"Migrated before the census: {_days(before)}. Links that were added after the migration are in the "
            "numbers, but are not expected on the site"
        )
    if after:
        yield f"Migrated after the census: {_days(after)}. Links that were added in between are not in the numbers"
    if unknown := [name for name, end in ends.items() if not end]:
        yield f"End of the migration unknown: {names(unknown, _MOST_NAMED)}. Set link_update_migrated_at"


def _days(ends: Mapping[str, datetime]) -> str:
    """The instances by the day of their migration."""
    days: dict[str, list[str]] = {}
    for name, end in sorted(ends.items(), key=lambda each: each[1]):
        days.setdefault(f"{end:%Y-%m-%d}", []).append(name)
    return ", ".join(f"{day} ({names(some, _MOST_NAMED)})" for day, some in days.items())
