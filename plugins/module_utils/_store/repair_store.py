# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The journal of all repairs."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from .database import Database
from .holding import Beginning, hold
from .insertions import Texts
from .leased import REPAIRS
from .repairing import Repairing
from .repairs import Repair, latest_of, repairs_in


class RepairStore:
    """The journal of all repairs. May be used by several threads."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, lease: timedelta) -> Repairing:
        """Begin to repair, or to undo. One process at a time does so, whichever sites it is for.

        :param lease: for how long others believe that this process goes on after each of its writes.
        :raises LedgerError: another process repairs.
        """
        return Repairing(self._db, hold(self._db, REPAIRS, Beginning("repair"), lease))

    def every(self, product_urls: Collection[str]) -> list[Repair]:
        """All repairs at these sites, the oldest first."""
        texts = Texts()
        return repairs_in(self._db, f"product_url IN ({texts.names(product_urls)})", texts.parameters)

    def latest(self, product_url: str, issue: str, target: str) -> Repair | None:
        """The newest repair of a link."""
        return latest_of(self._db, product_url, issue, target)
