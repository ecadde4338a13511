# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module C(link_census) does with its option C(delete)."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from .._clock import Clock
from .._errors import InvalidOption
from .._naming import CENSUS
from .._progress import Reporter
from .._store.opening import open_store
from .._text import names, quoted
from .options import naming_of
from .task import Options, Result


def delete_censuses(options: Options, where: Path | str, check: bool, reporter: Reporter, clock: Clock) -> Result:
    """Delete what earlier censuses have counted.

    :param where: the store, see L(store_location).
    :param check: only say what would be deleted.
    :raises LinkUpdateError: there is no such census, or the store cannot be opened.
    """
    given, option = str(options["delete"]).strip().lower(), naming_of(options, CENSUS)("delete")
    if given != "all" and not given.isdecimal():
        raise InvalidOption(
            f"{option} is {quoted(given)}, which is not the number of a census",
            "set it to a number, or to all",
        )
    with closing(open_store(where, clock, copy=check)) as store:
        found = [each.generation for each in store.generations() if given in ("all", str(each.generation))]
        if not found and given != "all":
            raise InvalidOption(f"{option}: there is no census {given} in {store.name}", "correct the number")
        if found and not check:
            store.delete(None if given == "all" else int(given))
    done = f"{'Would delete' if check else 'Deleted'} {'census' if len(found) == 1 else 'censuses'}"
    line = f"{done} {names([*map(str, sorted(found))])} from {store.name}"
    reporter.line(line if found else f"There is no census in {store.name}")
    return {"changed": bool(found), "deleted": sorted(found)}
