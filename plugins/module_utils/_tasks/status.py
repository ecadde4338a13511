# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_update_status) does, from its options to its result."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .._clock import Clock, to_text
from .._errors import InvalidOption
from .._ledger.location import locate, may_exist, name_of
from .._model.federation import Federation, Problem
from .._model.links import NOT_COUNTED, CountedLinks
from .._model.selection import asks_for_links, selected_labels
from .._naming import MODULE, ROLE
from .._progress import Level, Reporter
from .._report.status import status_of
from .._report.status_text import text_of
from .counted import counted_links
from .options import federation_and_specs, ledger_at
from .task import Options, Result, task

#: What parse_specs reads of each instance, and nobody needs who sends nothing.
_NOT_NEEDED = {"email": None, "api_token": None, "preflight": False}
#: So many problems are shown.
_MOST_PROBLEMS = 6


@task
def link_update_status(options: Options, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Show where the job of each pair is. Nothing is sent, and nothing is written.

    :param options: as the argument spec of the module describes them, complete.
    :param check: makes no difference.
    """
    now = clock.now()
    # Where the inventory was read, messages name its variables.
    named = MODULE if options["problems"] is None else ROLE
    where = locate(options["ledger"], os.environ, named("ledger"))
    federation, specs, found = federation_and_specs(_complete(options), named)
    read = [Problem(**each) for each in options["problems"] or []]
    problems = _each_once([*read, *federation.problems, *found])
    # Where something is wrong, not all pairs there are may be known.
    links = NOT_COUNTED if problems else _links(options, federation, reporter, clock)
    only = None if problems else selected_labels(options["only"], specs, named, links)
    with ledger_at(options["ledger"], clock, copy=True) as ledger:
        status = status_of(federation, specs, only, ledger, now)
    known, place = status.activity.last_change, name_of(where)
    text = text_of(status, place, now, exists=may_exist(where))
    if problems:
        reporter.line("\n".join(_problems_text(problems)), Level.WARNING)
    reporter.line("\n".join(text))
    return {
        "changed": False,
        "pairs": [each.as_result() for each in status.pairs],
        "counts": status.counts(),
        "wave": status.wave,
        "ledger": place,
        "last_change": to_text(known) if known else None,
        "run_at_work": status.is_run_at_work or None,
        "problems": [vars(each) for each in problems],
        "text": text,
    }


def _problems_text(problems: Sequence[Problem]) -> list[str]:
    shown = [each.message for each in problems[:_MOST_PROBLEMS]]
    more = [f"{len(problems) - len(shown)} more"] if problems[_MOST_PROBLEMS:] else []
    return ["Not all pairs can be shown:", *shown, *more]


def _links(options: Options, federation: Federation, reporter: Reporter, clock: Clock) -> CountedLinks:
    """What was counted of the links, where the pairs follow from that."""
    return counted_links(options, federation, reporter, clock) if asks_for_links(options["only"]) else NOT_COUNTED


def _complete(options: Options) -> Options:
    """The options, with what a run is asked for and nobody needs here, who sends nothing.

    :raises InvalidOption: no instance is named.
    """
    if not options["federation"] or not options["orders"]:
        raise InvalidOption("federation or orders is empty", "name the instances, or set neither of the two")
    return {**options, "orders": [{**each, **_NOT_NEEDED} for each in options["orders"]]}


def _each_once(problems: Sequence[Problem]) -> list[Problem]:
    """The first problem with each variable: one that cannot be read is not set either."""
    first: dict[tuple[str, str], Problem] = {}
    for each in problems:
        first.setdefault((each.instance, each.problem.partition(" ")[0]), each)
    return list(first.values())
