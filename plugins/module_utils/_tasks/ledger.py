# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_ledger) does, from its options to its result."""

from __future__ import annotations

import os
from typing import Any

from .._clock import Clock
from .._errors import InvalidOption
from .._ledger.corrections import adopt, forget
from .._ledger.ledger import Ledger, open_ledger
from .._ledger.listing import entry_of, table_of
from .._model.update import Update, make_update
from .._progress import Reporter
from .._service.links_api import is_job_id
from .task import Options, Result, task


@task
def link_update_ledger(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Show what the ledger has recorded, after forgetting or recording an entry.

    :param options: as the argument spec of the module describes them, complete.
    :param check: forget and record only in what is shown.
    """
    # To look is not to create.
    copy = check or not (options["forget"] or options["record"])
    with open_ledger(options["ledger"], clock, os.environ, copy=copy) as ledger:
        result = _changed(ledger, options)
        entries = [entry_of(attempt) for attempt in ledger.attempts()]
    shown = [entry for entry in entries if options["wave"] in (None, entry["wave"])]
    table = table_of(shown)
    reporter.line("\n".join(table))
    return {**result, "entries": shown, "table": table}


def _changed(ledger: Ledger, options: Options) -> Result:
    """Do what changes the ledger. What the result says of it.

    :raises LinkUpdateError: it cannot be done, and nothing was changed.
    """
    if options["forget"] and options["record"]:
        raise InvalidOption("nothing was changed: forget and record are both set", "do one after the other")
    if options["forget"]:
        return {"changed": True, "diff": {"before": dict(forget(ledger, options["forget"])), "after": {}}}
    if options["record"]:
        recorded = adopt(ledger, *_job_in(options["record"], ledger))
        if recorded:
            return {"changed": True, "diff": {"before": {}, "after": entry_of(recorded)}}
    return {"changed": False}


def _job_in(record: Options, ledger: Ledger) -> tuple[Update, str]:
    """The update and the id of a job that somebody wants recorded.

    :raises InvalidOption: a value cannot be right.
    """
    given: dict[str, Any] = dict(record)
    job_id = given.pop("job_id")
    if not is_job_id(job_id):
        raise InvalidOption(
            f"nothing was recorded: {job_id!r} cannot be the id of a job", "use the id that the service gave"
        )
    try:
        update = make_update(**given)
    except InvalidOption as exc:
        raise exc.amended(about="record") from None
    return update if update.site_id else update.at(_site_of(update, ledger)), job_id


def _site_of(update: Update, ledger: Ledger) -> str:
    """The site of an update's product, as other entries have it; nothing is looked up.

    :raises InvalidOption: they have none, or several.
    """
    others = (attempt.update for attempt in ledger.attempts())
    sites = {other.site_id for other in others if other.product_url == update.product_url}
    if len(sites) != 1:
        raise InvalidOption(
            f"nothing was recorded: the ledger has {len(sites) or 'no'} cloud IDs for {update.product_url}",
            f"add the site_id that {update.product_url}/_edge/tenant_info shows",
        )
    return str(sites.pop())
