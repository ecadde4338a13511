# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_ledger) does, from its options to its result."""

from __future__ import annotations

import os

from .._clock import Clock
from .._errors import LinkUpdateError
from .._ledger.ledger import open_ledger
from .._ledger.listing import entry_of, table_of
from .._progress import Reporter
from .task import Options, Result, failed


def link_update_ledger(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Show what the ledger has recorded, after forgetting what it is told to forget.

    :param options: as the argument spec of the module describes them, complete.
    :param check: forget only in what is shown.
    """
    try:
        # To look is not to create.
        copy = check or not options["forget"]
        result: Result = {"changed": False}
        with open_ledger(options["ledger"], clock, os.environ, copy=copy) as ledger:
            if options["forget"]:
                forgotten = ledger.forget(options["forget"])
                result["changed"] = True
                result["diff"] = {"before": dict(forgotten), "after": {}}
            entries = [entry_of(attempt) for attempt in ledger.attempts()]
    except LinkUpdateError as exc:
        return {"changed": False, **failed(exc.failure)}
    shown = [entry for entry in entries if options["wave"] in (None, entry["wave"])]
    table = table_of(shown)
    reporter.line("\n".join(table))
    return {**result, "entries": shown, "table": table}
