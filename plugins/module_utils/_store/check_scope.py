# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a check asks: its rows in the store."""

from __future__ import annotations

import json

from .._ledger.store import Row
from .checks import CheckScope, Stratum
from .database import Database
from .holding import Beginning
from .insertions import Texts, insertions
from .leased import CHECKS

#: The highest rank: none is higher.
ALL = 2**63 - 1
_COLUMNS = "check_number, stratum, server, generation, product_url, destination_url, expected, last_rank"


def highest_rank(stratum: Stratum) -> int:
    """The highest rank that is asked, also where all are."""
    return ALL if stratum.last_rank is None else stratum.last_rank


def beginning_of(scope: CheckScope) -> Beginning:
    """What a new check has."""
    texts = Texts()
    rows = [
        f"({number}, {texts.name(each.server)}, {each.generation}, {texts.name(each.product_url)},"
        f" {texts.name(each.destination_url)}, {each.expected}, {highest_rank(each)})"
        for number, each in enumerate(scope.strata, 1)
    ]
    return Beginning(
        scope.digest,
        {"settings": json.dumps(scope.settings)},
        texts.parameters,
        list(insertions("link_check_strata", _COLUMNS, rows, CHECKS.held, "DO NOTHING")),
    )


def strata_of(database: Database, check: int) -> tuple[Stratum, ...]:
    """What a check asks."""
    rows = database.query(
        "SELECT * FROM link_check_strata WHERE check_number = :check_number ORDER BY stratum", {"check_number": check}
    )
    return tuple(database.parsed(_stratum_in, rows))


def _stratum_in(row: Row) -> Stratum:
    return Stratum(
        row["server"],
        row["generation"],
        row["product_url"],
        row["destination_url"],
        row["expected"],
        None if row["last_rank"] == ALL else row["last_rank"],
    )
