# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All checks, and what they have left."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import timedelta

from .._clock import from_text, to_text
from .._ledger.store import Row
from .check_scope import beginning_of
from .checking import Checking
from .checks import CheckScope, Form, PastCheck
from .database import Database
from .holding import hold
from .insertions import Texts
from .leased import CHECKS
from .schema import CHECKS_SINCE

#: For how long the verdicts of a check are kept after its end. Its result stays.
_KEPT = timedelta(days=7)
_FORGET = (
    "DELETE FROM link_check_verdicts WHERE check_number IN (SELECT check_number FROM link_checks"
    " WHERE begun_at < :long_ago AND lease_until < :long_ago AND COALESCE(ended_at, '') < :long_ago)"
)


class CheckStore:
    """All checks. May be used by several threads."""

    def __init__(self, database: Database) -> None:
        self._db = database

    def begin(self, scope: CheckScope, lease: timedelta) -> Checking:
        """Go on with the newest check of a scope, or with a new one if that is complete or begun more than a day ago.

        :param lease: for how long others believe that this process goes on after each of its writes.
        :raises LedgerError: another process makes it.
        """
        self._db.execute(_FORGET, {"long_ago": to_text(self._db.now() - _KEPT)})
        return Checking(self._db, hold(self._db, CHECKS, beginning_of(scope), lease))

    def past(self, product_urls: Collection[str]) -> list[PastCheck]:
        """The checks of these sites that have ended, the newest first."""
        texts = Texts()
        sites = texts.names(product_urls)
        rows = self._db.query_since(
            CHECKS_SINCE,
            "SELECT * FROM link_checks WHERE ended_at IS NOT NULL AND check_number IN (SELECT check_number"  # noqa: S608
            f" FROM link_check_strata WHERE product_url IN ({sites}) OR destination_url IN ({sites}))"
            " ORDER BY check_number DESC",
            texts.parameters,
        )
        return self._db.parsed(_past_in, rows)

    def form(self, product_url: str, destination_url: str) -> Form | None:
        """What the links of an ordered pair look like, as the newest check that has found one says."""
        rows = self._db.query_since(
            CHECKS_SINCE,
            "SELECT * FROM link_check_forms WHERE product_url = :product_url AND destination_url = :destination_url"
            " ORDER BY check_number DESC LIMIT 1",
            {"product_url": product_url, "destination_url": destination_url},
        )
        return next((Form(row["app_id"], row["application_type"], row["application_name"]) for row in rows), None)

    def repairs_made(self) -> int:
        """How often repairs have changed a site: what was checked before is not known any more."""
        rows = self._db.query_since(
            CHECKS_SINCE, "SELECT COUNT(created_at) + COUNT(undone_at) AS made FROM link_repairs", {}
        )
        return sum(row["made"] for row in rows)


def _past_in(row: Row) -> PastCheck:
    return PastCheck(
        row["check_number"],
        from_text(row["begun_at"]),
        from_text(row["ended_at"]),
        bool(row["complete"]),
        json.loads(row["result"]),
    )
